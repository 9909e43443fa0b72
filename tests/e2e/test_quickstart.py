# SPDX-License-Identifier: Apache-2.0
"""examples/quickstart/run, as a stranger runs it."""

import os
import signal
import subprocess

import pytest

from commands import execute
from tools import ROOT

RUN = ROOT / "examples" / "quickstart" / "run"


def surroundings(**more):
    return {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KUBE", "WANDB_"))} | more


def quickstart(*words, expect=(0,), **environment):
    return execute([RUN, *words], env=surroundings(**environment), expect=expect, timeout=1800)


def test_quickstart():
    text = quickstart().stdout
    assert "Apply complete! Resources: 2 added, 0 changed, 0 destroyed." in text
    assert "No changes. Your infrastructure matches the configuration." in text
    assert 'spec.values.global.host: wanted "https://wandb.example.com", found "https://elsewhere.example.com"' in text
    assert "written by kubectl-patch at" in text
    assert "Apply complete! Resources: 0 added, 1 changed, 0 destroyed." in text
    assert '"host":"https://wandb.example.com"' in text and '"debug"' not in text.split("jsonpath")[1].split("\n")[1]
    assert "operator-" in text and "deployed" in text
    assert "Destroy complete! Resources: 2 destroyed." in text


def interrupt_after(line):
    """Ctrl-C in a terminal reaches every process of the run; returns the exit code and what was said from then on."""
    # a shell's background jobs ignore SIGINT
    process = subprocess.Popen(
        ["env", "--default-signal=INT", RUN],
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    for said in process.stdout:
        if said.startswith(line):
            os.killpg(process.pid, signal.SIGINT)
            break
    rest = process.stdout.read()
    return process.wait(), rest


def test_an_interrupted_run_goes_on():
    code, rest = interrupt_after("== Nothing changed")
    assert code == 130
    assert (
        "What it made is still there: examples/quickstart/run goes on, examples/quickstart/run --destroy removes it."
        in rest
    )
    text = quickstart("--keep").stdout
    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in text
    assert "Apply complete! Resources: 0 added, 1 changed, 0 destroyed." in text
    assert "Remove it with examples/quickstart/run --destroy" in text
    result = quickstart("--destroy")
    assert "Destroy complete! Resources: 2 destroyed." in result.stdout and "ended the cluster" in result.stderr


@pytest.mark.parametrize("variable", ["KUBECONFIG", "KUBE_CONFIG_PATH"])
def test_a_cluster_that_does_not_answer(tmp_path, variable):
    dead = tmp_path / "dead"
    dead.write_text("""apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: c, context: {cluster: c, user: ""}}]
current-context: c
""")
    result = quickstart("--use-kubeconfig", expect=(1,), **{variable: str(dead)})
    assert "127.0.0.1:1" in result.stderr
    assert f"the cluster of {dead} does not answer (above is what kubectl says); nothing was changed" in result.stderr


def test_no_cluster_of_ones_own(tmp_path):
    result = quickstart("--use-kubeconfig", expect=(1,), KUBECONFIG=str(tmp_path / "missing"))
    assert "neither KUBE_CONFIG_PATH nor KUBECONFIG names a file that exists" in result.stderr


def test_a_wrong_word():
    result = quickstart("--kepe", expect=(2,))
    assert "usage: examples/quickstart/run" in result.stderr
