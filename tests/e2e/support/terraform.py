# SPDX-License-Identifier: Apache-2.0
"""The real Terraform or OpenTofu in a directory of its own, and what its runs say."""

import functools
import json
import pathlib
import re
import secrets
import shutil

import tools
from commands import execute

CLIS = ("terraform-1.11", "terraform-1.15", "tofu")
VERSION = "0.1.0"  # the version under which the mirror offers the provider
ADDRESSES = ("registry.terraform.io/wandb/wandb", "registry.opentofu.org/wandb/wandb")


class Plan:
    """What `plan` left: the exit code of -detailed-exitcode, the saved plan, and the diagnostics."""

    def __init__(self, terraform, result, file):
        self.terraform, self.result, self.code, self.file = terraform, result, result.code, file
        self.text, self.events = result.stdout + result.stderr, json_lines(result.stdout)

    @functools.cached_property
    def plan(self):
        """The saved plan as `show -json` prints it, read when it is asked for; {} when there is none."""
        if not self.file.exists() or self.code not in (0, 2):
            return {}
        return json.loads(self.terraform.run("show", "-json", self.file).stdout)

    @property
    def empty(self):
        return self.code == 0

    @property
    def changes(self):
        """{address: actions} of the resources that the plan would change."""
        return {
            each["address"]: each["change"]["actions"]
            for each in self.plan.get("resource_changes", [])
            if each["change"]["actions"] not in (["no-op"], ["read"])
        }

    @property
    def drift(self):
        """{address: change} of what Terraform itself says changed outside of it."""
        return {each["address"]: each["change"] for each in self.plan.get("resource_drift", [])}

    def change(self, address):
        return next(each["change"] for each in self.plan["resource_changes"] if each["address"] == address)

    @property
    def warnings(self):
        """The provider's. Of those with one summary Terraform shows the first alone, so no two may have the same."""
        found = [
            event["diagnostic"]
            for event in self.events
            if event.get("type") == "diagnostic" and event["diagnostic"]["severity"] == "warning" and ours(event)
        ]
        summaries = [warning["summary"] for warning in found]
        assert len(summaries) == len(set(summaries)), summaries
        return found


def ours(event):
    """Whether a diagnostic is the provider's: Terraform itself warns about development overrides and failed checks."""
    return not re.search("development overrides|^Check block assertion failed$", event["diagnostic"]["summary"])


class Terraform:
    """One working directory and one real command line interface in it.

    Methods return a Result (code, stdout, stderr) unless they say otherwise, and raise Failed when the exit code is
    not 0; pass expect=(1,) for a command that must fail. `write` sets the configuration.
    """

    def __init__(self, cli, directory, provider, environment, leaks, *, mirror=False, addresses=ADDRESSES):
        self.cli, self.directory, self.provider, self.addresses = cli, pathlib.Path(directory), provider, addresses
        self.executable = tools.get(cli)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.settings = self.directory.with_name(f"{self.directory.name}.tfrc")
        self.provider_log = self.directory.with_name(f"{self.directory.name}.provider.log")
        self.environment = {
            **environment,
            "TF_CLI_CONFIG_FILE": str(self.settings),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "TF_LOG_PROVIDER": "trace",
            "TF_LOG_PATH": str(self.provider_log),
        }
        self.leaks, self.plans = leaks, 0
        leaks.terraforms.append(self)
        self.settings.write_text(self.mirror_settings() if mirror else self.override_settings())

    def file_name(self):
        return f"terraform-provider-{self.addresses[0].rpartition('/')[2]}"

    def override_settings(self):
        """dev_overrides: the executable as it is built, no `init` needed and no version or checksum asked."""
        folder = self.directory.with_name(f"{self.directory.name}.provider")
        folder.mkdir(exist_ok=True)
        if self.provider:
            (folder / self.file_name()).symlink_to(self.provider)
        lines = "\n".join(f'    "{address}" = "{folder}"' for address in self.addresses)
        return (
            f"provider_installation {{\n  dev_overrides {{\n{lines}\n  }}\n  filesystem_mirror {{\n"
            f'    path = "{folder}"\n  }}\n}}\n'
        )

    def mirror_settings(self):
        """A filesystem mirror: `init` installs the provider as it would from a registry, with a lock file."""
        mirror = self.directory.with_name(f"{self.directory.name}.mirror")
        for address in self.addresses:
            folder = mirror / address / VERSION / "linux_amd64"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.provider, folder / f"{self.file_name()}_v{VERSION}")
        return f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'

    def write(self, text, name="main.tf"):
        """Writes a file of the configuration; several calls with different names add up."""
        self.leaks.configuration(text)
        (self.directory / name).write_text(text)
        return self

    def header(self, provider_block=""):
        """The terraform block that requires the provider, and a provider block."""
        return (
            f'terraform {{\n  required_providers {{\n    wandb = {{\n      source = "{ADDRESSES[0]}"\n    }}\n'
            f"  }}\n}}\n"
            f'provider "wandb" {{\n{provider_block}\n}}\n'
        )

    def run(self, *words, expect=(0,), env=None, timeout=300, input=None):
        result = execute(
            [self.executable, *words],
            cwd=self.directory,
            env={**self.environment, **(env or {})},
            expect=None,
            timeout=timeout,
            input=input,
        )
        self.leaks.command(result.command, result)
        return result.expected(expect)

    def init(self, *words, **options):
        return self.run("init", "-no-color", *words, **options)

    def validate(self, **options):
        """The object that `validate -json` prints."""
        return json.loads(self.run("validate", "-json", expect=(0, 1), **options).stdout)

    def plan(self, *words, expect=(0, 2), **options):
        """Plans with -detailed-exitcode and -json; returns a Plan (code 0: nothing to do, 2: changes, 1: error)."""
        self.plans += 1
        file = self.directory / f"{self.plans}.plan"
        return Plan(
            self,
            self.run("plan", "-json", "-detailed-exitcode", f"-out={file}", *words, expect=expect, **options),
            file,
        )

    def plan_text(self, *words, expect=(0, 2), **options):
        """The plan as a person sees it."""
        return self.run("plan", "-no-color", "-detailed-exitcode", *words, expect=expect, **options).stdout

    def apply(self, *words, **options):
        result = self.run("apply", "-no-color", "-auto-approve", *words, **options)
        return result

    def apply_json(self, *words, expect=(0,), **options):
        """Applies; returns the list of events that -json prints."""
        return json_lines(self.run("apply", "-json", "-auto-approve", *words, expect=expect, **options).stdout)

    def destroy(self, *words, **options):
        return self.run("destroy", "-no-color", "-auto-approve", *words, **options)

    def refresh(self, *words, **options):
        return self.run("apply", "-refresh-only", "-no-color", "-auto-approve", *words, **options)

    def import_(self, address, identifier, *words, **options):
        return self.run("import", "-no-color", *words, address, identifier, **options)

    def show(self):
        """The state as `show -json` prints it."""
        return json.loads(self.run("show", "-json").stdout)

    def resources(self):
        """{address: values} of everything in the root module's state."""
        root = self.show().get("values", {}).get("root_module", {})
        return {each["address"]: each["values"] for each in root.get("resources", [])}

    def outputs(self):
        return {name: each["value"] for name, each in json.loads(self.run("output", "-json").stdout).items()}

    def schema(self):
        return json.loads(self.run("providers", "schema", "-json").stdout)["provider_schemas"]

    def traced(self, method, *words, **options):
        """Calls a method with TF_LOG=trace; returns its result and the log as text."""
        log = self.directory / f"trace-{secrets.token_hex(4)}.log"
        result = method(*words, env={"TF_LOG": "trace", "TF_LOG_PATH": str(log)}, **options)
        return result, log.read_text(errors="replace")


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def diagnostics(events, severity="error"):
    """The diagnostics of one severity among the events of a -json run."""
    return [
        event["diagnostic"]
        for event in events
        if event.get("type") == "diagnostic" and event["diagnostic"]["severity"] == severity
    ]


def plain(text):
    """A diagnostic's text as one line: Terraform wraps it and draws a frame."""
    return " ".join(text.replace("│", " ").split())


def instances(terraform):
    """The instances in the state file as they are stored, deposed ones included."""
    resources = json.loads((terraform.directory / "terraform.tfstate").read_text())["resources"]
    return [each for resource in resources for each in resource["instances"]]


def sanitized(environment, folder):
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
        base = environment.get(name)
        environment[name] = (f"{base}:" if base else "") + f"log_path={folder / name.split('_')[0].lower()}"
    return environment
