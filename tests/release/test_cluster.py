# SPDX-License-Identifier: Apache-2.0
"""Releases at work on a real Kubernetes API server:
an upgrade between two, the other machine's executable, the quickstart."""

import shlex
import shutil

import layout
import pytest
from conftest import CHART, NEW, OLD, ROOT, TESTS, environment, execute

CONFIGURATION = """
terraform {
  required_providers {
    wandb = {
      source  = "wandb/wandb"
      version = "%(version)s"
    }
  }
}
provider "wandb" { kubernetes = { config_path = "%(kubeconfig)s" } }
resource "wandb_operator" "this" {
  name  = "%(name)s"
  chart = "%(chart)s"
  namespace = "%(name)s"
}
resource "wandb_instance" "this" {
  name       = "%(name)s"
  wait_for   = "none"
  spec       = { values = { global = { host = "https://wandb.example.com" } } }
  license_wo = "not stored"
  depends_on = [wandb_operator.this]
}
"""


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    said = execute([TESTS / "cluster" / "up", "--dir", folder]).stdout
    yield shlex.split(said.strip().removeprefix("export "))[0].split("=", 1)[1]
    execute([TESTS / "cluster" / "down", "--dir", folder])


@pytest.fixture
def configure(kubeconfig):
    def write(cli, name, version=NEW):
        text = CONFIGURATION % {"version": version, "kubeconfig": kubeconfig, "chart": CHART, "name": name}
        (cli.folder / "main.tf").write_text(text)

    return write


def test_state_survives_an_upgrade_and_the_way_back(make_cli, registry, configure):
    cli = make_cli("terraform-1.11")
    cli.settings.write_text(registry.host(cli.host))
    configure(cli, "upgraded", OLD)
    cli.run("init")
    cli.run("apply", "-auto-approve")
    for version in (NEW, OLD):
        configure(cli, "upgraded", version)
        cli.run("init", "-upgrade")
        assert "No changes." in cli.run("plan", "-detailed-exitcode")
    assert "Destroy complete! Resources: 2 destroyed." in cli.run("destroy", "-auto-approve")


def test_arm64_plans_and_applies(make_cli, builds, configure, tmp_path):
    """The executable for linux_arm64, whole, through an emulator of that machine."""
    foreign = tmp_path / "foreign" / layout.NAME
    foreign.parent.mkdir()
    foreign.write_text(
        f'#!/bin/sh\nexec {shutil.which("qemu-aarch64-static")} {builds / NEW / "linux_arm64" / layout.NAME} "$@"\n'
    )
    foreign.chmod(0o755)
    cli = make_cli("terraform-1.11")
    cli.settings.write_text(
        f'provider_installation {{\n  dev_overrides {{\n    "wandb/wandb" = "{foreign.parent}"\n  }}\n}}\n'
    )
    configure(cli, "foreign")
    assert "Plan: 2 to add" in cli.run("plan")
    assert "Apply complete! Resources: 2 added" in cli.run("apply", "-auto-approve")
    assert "No changes." in cli.run("plan", "-detailed-exitcode")
    assert "Destroy complete! Resources: 2 destroyed." in cli.run("destroy", "-auto-approve")


def test_the_quickstart_on_a_release(releases):
    said = execute(
        [ROOT / "examples" / "quickstart" / "run", "--mirror", releases[NEW].filesystem],
        env=environment(),
        timeout=1800,
    ).stdout
    assert f"Installed wandb/wandb v{NEW} (unauthenticated)" in said
    assert (
        "Apply complete! Resources: 2 added, 0 changed, 0 destroyed." in said
        and "Destroy complete! Resources: 2 destroyed." in said
    )
