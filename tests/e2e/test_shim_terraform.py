# SPDX-License-Identifier: Apache-2.0
"""The real Terraform and OpenTofu drive a plugin made with go.mod-free-shim/.
Each test is a sentence of go.mod-free-shim/README.md."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

import tools
from shim_host import COOKIE, HANG, clean_environment, environment, wait_until

CONFIG = """
terraform {
  required_providers {
    echo = { source = "example.com/shim/echo" }
  }
}
resource "echo_%s" "it" {
  input = "%s"
}
"""


class Terraform:
    def __init__(self, cli, exe, folder, kind="text"):
        self.executable = str(tools.get(cli))
        self.folder = folder
        self.kind = kind
        self.write("hello")
        rc = folder / "terraformrc"
        rc.write_text(
            'provider_installation {\n  dev_overrides {\n    "example.com/shim/echo" = "%s"\n  }\n}\n'
            % os.path.dirname(exe)
        )
        self.env = {
            **clean_environment(),
            "TF_CLI_CONFIG_FILE": str(rc),
            "CHECKPOINT_DISABLE": "1",
        }

    def write(self, value):
        (self.folder / "main.tf").write_text(CONFIG % (self.kind, value))

    def start(self, *arguments, **env):
        return subprocess.Popen(
            [self.executable, *arguments, "-no-color"],
            cwd=self.folder,
            env={**self.env, **env},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *arguments, expect=0, **env):
        process = self.start(*arguments, **env)
        out, err = process.communicate(timeout=60)
        assert process.returncode == expect, out + err
        return out + err


@pytest.fixture(params=["terraform-1.11", "terraform-1.15", "tofu"])
def make_terraform(request, shim_echo, tmp_path):
    return lambda **options: Terraform(request.param, shim_echo, tmp_path, **options)


@pytest.fixture
def terraform(make_terraform):
    return make_terraform()


@pytest.mark.parametrize(
    "env", [{}, {"TF_DISABLE_PLUGIN_TLS": "1"}, {"SHIM_NETWORK": "tcp"}], ids=["mtls", "plaintext", "tcp"]
)
def test_terraform_plans_applies_and_destroys(terraform, env):
    terraform.run("plan", "-detailed-exitcode", expect=2, **env)
    assert "1 added" in terraform.run("apply", "-auto-approve", **env)
    terraform.run("plan", "-detailed-exitcode", **env)
    terraform.write("changed")
    assert '"hello" -> "changed"' in terraform.run("plan", "-detailed-exitcode", expect=2, **env)
    assert "1 changed" in terraform.run("apply", "-auto-approve", **env)
    assert "1 destroyed" in terraform.run("destroy", "-auto-approve", **env)


def test_terraform_sees_nothing_to_warn_about(terraform):
    log = terraform.run("apply", "-auto-approve", TF_LOG="trace")
    ours = [line for line in log.splitlines() if "terraform-provider-echo" in line]
    assert any("echo applies" in line for line in ours)
    assert not [line for line in log.splitlines() if re.search(r"\[(WARN|ERROR)\]", line)]


@pytest.mark.parametrize("level,shown", [("INFO", True), ("WARN", False)])
def test_terraform_shows_our_lines_at_their_level(terraform, level, shown):
    log = terraform.run("apply", "-auto-approve", TF_LOG_PROVIDER=level)
    found = [line for line in log.splitlines() if "echo applies" in line]
    assert bool(found) == shown
    if shown:
        assert "[INFO]  provider.terraform-provider-echo: echo applies:" in found[0]
        assert "tf_rpc=ApplyResourceChange" in found[0] and "tf_resource_type=echo_text" in found[0]


def test_ctrl_c_interrupts_an_apply_and_state_is_kept(make_terraform, tmp_path):
    terraform = make_terraform(kind="slow")
    process = terraform.start("apply", "-auto-approve", TF_LOG_PROVIDER="info", TF_LOG_PATH=str(tmp_path / "log"))
    assert wait_until(lambda: (tmp_path / "log").exists() and "echo applies" in (tmp_path / "log").read_text())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: terraform and the plugin both get it
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == 1 and "echo was interrupted" in out + err
    assert "plugin crashed" not in out + err


def test_killed_terraform_leaves_no_plugin_behind(make_terraform, tmp_path):
    terraform = make_terraform(kind="slow")
    process = terraform.start(
        "apply", "-auto-approve", TF_LOG_PROVIDER="info", TF_LOG_PATH=str(tmp_path / "log"), TMPDIR=str(tmp_path)
    )
    assert wait_until(lambda: (tmp_path / "log").exists() and "echo applies" in (tmp_path / "log").read_text())

    def plugins():
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, _, rest = entry.read_text().rpartition(")")  # rest: state, parent, group, session
                if "(terraform-provi" in name and rest.split()[3] == str(process.pid) and rest.split()[0] != "Z":
                    found.append(entry.parent.name)
        return found

    assert len(plugins()) == 1
    process.kill()
    process.communicate(timeout=HANG)
    assert wait_until(lambda: not plugins())


def test_debug_mode_serves_terraform_until_ctrl_c(shim_echo, tmp_path, terraform):
    env = {k: v for k, v in environment().items() if k not in COOKIE}
    with subprocess.Popen([shim_echo, "-debug"], env=env, stdout=subprocess.PIPE, text=True) as plugin:
        text = "".join(iter(plugin.stdout.readline, "\n")) + plugin.stdout.readline()
        value = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", text).group(1)
        entry = json.loads(value)["example.com/shim/echo"]
        assert (entry["Pid"], entry["Protocol"], entry["ProtocolVersion"], entry["Test"]) == (
            plugin.pid,
            "grpc",
            6,
            True,
        )
        for _ in range(2):  # the same process serves one terraform after the other
            assert "1 added" in terraform.run("apply", "-auto-approve", TF_REATTACH_PROVIDERS=value)
            assert "1 destroyed" in terraform.run("destroy", "-auto-approve", TF_REATTACH_PROVIDERS=value)
        assert plugin.poll() is None
        plugin.send_signal(signal.SIGINT)
        assert plugin.wait(HANG) == 0
        assert not os.path.exists(entry["Addr"]["String"])
