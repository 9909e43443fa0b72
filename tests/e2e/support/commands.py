# SPDX-License-Identifier: Apache-2.0
"""Command line tools, run without what the caller's shell would have them do."""

import json
import os
import pathlib
import re
import subprocess
import time

# what a caller's shell may hold that would change what the tools do
FOREIGN = re.compile(
    r"(?i)^(TF_.*|KUBE.*|HELM_.*|AWS_.*|GOOGLE_.*|WANDB_(?!PROVIDER$).*|https?_proxy|no_proxy|all_proxy)$"
)


def clean_environment(**extra):
    environment = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    environment.update({name: str(value) for name, value in extra.items() if value is not None})
    return environment


class Failed(AssertionError):
    """A command ended with an exit code that the test did not expect."""


class Result:
    """What a command left: code, stdout, stderr."""

    def __init__(self, command, completed):
        self.command, self.code = command, completed.returncode
        self.stdout, self.stderr = completed.stdout, completed.stderr

    def expected(self, codes):
        """Itself, when it ended with one of these exit codes; None stands for any."""
        if codes is not None and self.code not in codes:
            raise Failed(str(self))
        return self

    def __str__(self):
        return f"`{' '.join(map(str, self.command))}` ended with {self.code}\n{self.stdout}{self.stderr}"


def execute(command, *, env, cwd=None, input=None, expect=(0,), timeout=300):
    """Runs a command to its end; `expect` holds the exit codes that are fine, None any."""
    completed = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        input=input,
        text=True,
        errors="replace",
        stdin=None if input is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=timeout,
    )
    return Result([pathlib.Path(command[0]).name, *command[1:]], completed).expected(expect)


class Tool:
    """A command line tool pointed at a cluster."""

    def __init__(self, executable, environment, words=()):
        self.executable, self.environment, self.words = executable, environment, words
        self.leaks = None  # of the test it belongs to

    def run(self, *words, input=None, expect=(0,), timeout=120):
        return execute(
            [self.executable, *self.words, *words], env=self.environment, input=input, expect=expect, timeout=timeout
        )

    def __call__(self, *words, **options):
        return self.run(*words, **options).stdout

    def json(self, *words, **options):
        return json.loads(self(*words, "-o", "json", **options))

    def apply(self, manifest, *words):
        """kubectl apply of an object, a list of objects, or YAML text."""
        objects = manifest if isinstance(manifest, list) else [manifest]
        text = (
            manifest
            if isinstance(manifest, str)
            else json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        )
        return self("apply", *words, "-f", "-", input=text)

    def established(self, definition):
        """Waits until a CustomResourceDefinition is served; `kubectl wait` fails where it has no conditions yet."""
        deadline = time.monotonic() + 120
        while not any(
            each["type"] == "Established" and each["status"] == "True"
            for each in self.json("get", "crd", definition).get("status", {}).get("conditions") or []
        ):
            assert time.monotonic() < deadline, f"{definition} is not established"
