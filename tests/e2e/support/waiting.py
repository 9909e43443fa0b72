# SPDX-License-Identifier: Apache-2.0
"""A wandb_instance that an operator reconciles (the fixture `world`): its configuration, its state, and a command that
is interrupted while it waits."""

import datetime
import re
import signal
import subprocess
import time

from terraform import plain

INSTANCE = """
resource "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{namespace}"
  spec = {{ {chart} values = merge({{ global = {{ host = "https://wandb.example.com", license = "text" }} }}, {values}) }}
  {more}
}}
"""  # noqa: E501


def write(terraform, world, values="{}", more="", chart=""):
    terraform.write(
        terraform.header() + INSTANCE.format(namespace=world.namespace, values=values, more=more, chart=chart)
    )
    return terraform


def timeouts(seconds):
    return f'timeouts = {{ create = "{seconds}s", update = "{seconds}s", delete = "{seconds}s" }}'


def state(terraform):
    return terraform.resources()["wandb_instance.this"]


def logged_at(terraform, *words):
    """When the provider last logged a line with these words, by its own clock."""
    line = [
        line
        for line in terraform.provider_log.read_text(errors="replace").splitlines()
        if all(word in line for word in words)
    ][-1]
    return datetime.datetime.fromisoformat(re.search(r" timestamp=(\S+)", line)[1])


def interrupt(terraform, command, reached):
    """Runs a command, interrupts it once `reached` says so, and returns its output;
    the provider has two seconds to answer."""
    process = subprocess.Popen(
        [terraform.executable, command, "-no-color", "-auto-approve"],
        cwd=terraform.directory,
        stdin=subprocess.DEVNULL,
        env=terraform.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    deadline = time.monotonic() + 60
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    terraform.leaks.look("stdout of an interrupted command", output)
    answered = logged_at(terraform, "call ends", "tf_rpc=ApplyResourceChange") - logged_at(
        terraform, "call begins", "tf_rpc=StopProvider"
    )
    assert answered < datetime.timedelta(seconds=2), output
    assert process.returncode == 1 and "interrupted" in plain(output), output
    return output
