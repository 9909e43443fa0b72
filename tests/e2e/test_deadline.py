# SPDX-License-Identifier: Apache-2.0
"""A server that never comes to an end ends neither a read nor a plan: there is a deadline, and Ctrl-C."""

import datetime
import re
import signal
import subprocess
import time

import pytest

import hostile
from resources import instance, operator
from terraform import plain


def refused(terraform, *words):
    return plain(terraform.run("plan", "-no-color", *words, expect=(1,)).stderr)


TIMED_OUT = 'It may take 3s, and these are over. Set timeouts = { read = "…" } to allow more.'

# a data source of each kind, pointed at the server
SOURCES = {
    "wandb_instance": lambda url: ('name = "wandb"', {"KUBE_HOST": url, "KUBE_TOKEN": "none"}),
    "wandb_release_channel": lambda url: (f'url = "{url}"', {}),
    "wandb_chart_template": lambda url: (f'chart = "app"\n repository = "{url}"', {}),
}


@pytest.mark.parametrize("kind, behaviour", [*((kind, "trickle") for kind in SOURCES), ("wandb_instance", "pages")])
def test_a_data_source_ends(make_terraform, kind, behaviour):
    with hostile.Hostile(hostile.BEHAVIOURS[behaviour]) as server:
        arguments, variables = SOURCES[kind](server.url)
        terraform = make_terraform(**variables)
        terraform.write(
            terraform.header() + f'data "{kind}" "this" {{\n {arguments}\n timeouts = {{ read = "3s" }}\n}}\n'
        )
        text = refused(terraform)
        assert f"Cannot read {kind}: timed out" in text and TIMED_OUT in text, text
        assert server.seen


def test_a_resource_ends(make_terraform, crd, door, namespace):
    """The deadline is the one that was applied last; -refresh=false applies another."""
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + instance(namespace, more='timeouts = { read = "3s" }'))
    terraform.apply()
    door.judge = lambda number, method, path: (
        hostile.trickle if method == "GET" and "/weightsandbiases/" in path else None
    )
    text = refused(terraform)
    assert "Cannot read wandb_instance: timed out" in text and TIMED_OUT in text and "-refresh=false" in text
    door.judge = lambda number, method, path: None
    terraform.write(terraform.header() + instance(namespace, more='timeouts = { read = "1m" }'))
    terraform.apply("-refresh=false")
    assert terraform.resources()["wandb_instance.this"]["timeouts"]["read"] == "1m"
    assert terraform.plan().empty
    terraform.destroy()


def test_a_release_ends(make_terraform, door, namespace):
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + operator(namespace, more='wait = false\n timeouts = { read = "3s" }'))
    terraform.apply()
    door.judge = lambda number, method, path: hostile.trickle if "/secrets/sh.helm.release" in path else None
    text = refused(terraform)
    assert "Cannot read wandb_operator: timed out" in text and TIMED_OUT in text
    door.judge = lambda number, method, path: None
    terraform.destroy()


def test_a_timeout_that_is_none_is_refused(make_terraform):
    terraform = make_terraform()
    terraform.write(
        terraform.header() + 'data "wandb_instance" "this" {\n name = "wandb"\n timeouts = { read = "soon" }\n}\n'
    )
    assert "timeouts.read" in terraform.validate()["diagnostics"][0]["detail"]


def logged_at(terraform, *words):
    line = [
        line
        for line in terraform.provider_log.read_text(errors="replace").splitlines()
        if all(word in line for word in words)
    ][-1]
    return datetime.datetime.fromisoformat(re.search(r" timestamp=(\S+)", line)[1])


@pytest.mark.parametrize("behaviour", ["trickle", "pages"])
def test_ctrl_c_ends_a_plan(make_terraform, behaviour):
    with hostile.Hostile(hostile.BEHAVIOURS[behaviour]) as server:
        terraform = make_terraform(KUBE_HOST=server.url, KUBE_TOKEN="none")
        terraform.write(terraform.header() + 'data "wandb_instance" "this" { name = "wandb" }\n')
        process = subprocess.Popen(
            [terraform.executable, "plan", "-no-color"],
            cwd=terraform.directory,
            stdin=subprocess.DEVNULL,
            env=terraform.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        while not server.seen and process.poll() is None:
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    answered = logged_at(terraform, "call ends", "tf_rpc=ReadDataSource") - logged_at(
        terraform, "call begins", "tf_rpc=StopProvider"
    )
    assert answered < datetime.timedelta(seconds=2), output
    assert process.returncode == 1 and "interrupted" in plain(output), output
