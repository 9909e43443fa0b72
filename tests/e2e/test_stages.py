# SPDX-License-Identifier: Apache-2.0
"""examples/stages: staging keeps what the release channel served on one day, and production runs the same."""

import json
import shutil

import pytest

import scenarios
from leaks import planted
from terraform import diagnostics
from tools import ROOT

EXAMPLE = ROOT / "examples" / "stages"
# what a test has other than a user: the operator's chart in a folder, with names of its own
OVERRIDE = """\
resource "wandb_operator" "this" {{
  chart      = "{chart}"
  repository = null
  version    = null
  values     = {{ nameOverride = var.namespace }}
}}
"""


@pytest.fixture
def stage(make_terraform, cluster, tmp_path):
    """A function that makes a stage of the example beside the module that all of them share."""
    shutil.copytree(EXAMPLE / "wandb", tmp_path / "wandb")
    override = OVERRIDE.format(chart=ROOT / "examples" / "charts" / "operator")
    (tmp_path / "wandb" / "test_override.tf").write_text(override)

    def make(name, namespace, provider=""):
        terraform = make_terraform(name=name, KUBE_CONFIG_PATH=cluster.kubeconfig)
        for file in ("main.tf", "variables.tf"):
            terraform.write((EXAMPLE / name / file).read_text(), file)
        terraform.write(terraform.header(provider), "provider.tf")
        terraform.environment.update(TF_VAR_namespace=namespace, TF_VAR_license=planted("license"))
        terraform.run("get")
        return terraform

    return make


def offer(world, repository, version, release):
    world.channel.offer = {
        "chart": {"url": repository.url, "name": "operator-wandb", "version": version},
        "values": {"app": {"extraEnv": {"RELEASE": release}}},
        "metadata": {"releaseId": release},
    }


def test_what_staging_ran_runs_in_production(stage, world, repository, kubectl, namespace, tmp_path):
    offer(world, repository, "0.43.8", "r1")
    staging = stage("staging", world.namespace, f'deployer_url = "{world.channel.url}"')
    assert not diagnostics(staging.apply_json())
    spec = world.get(scenarios.KIND, "wandb")["spec"]
    assert spec["chart"] == {"url": repository.url, "name": "operator-wandb", "version": "0.43.8"}
    assert spec["values"]["app"] == {"extraEnv": {"RELEASE": "r1"}}
    assert staging.outputs()["chart_versions"] == {"kept": "0.43.8", "offered": "0.43.8"}

    # The channel goes on, staging does not.
    offer(world, repository, "0.44.0", "r2")
    plan = staging.plan()
    assert not plan.changes, plan.text
    staging.apply()
    assert staging.outputs()["chart_versions"] == {"kept": "0.43.8", "offered": "0.44.0"}

    # It takes what is offered now when it is told to; what runs in production is what ran here.
    promoted = staging.run("output", "-json", "promote").stdout
    plan = staging.plan("-replace=terraform_data.release")
    assert set(plan.changes) == {"terraform_data.release", "module.wandb.wandb_instance.this"}, plan.text
    staging.run("apply", "-no-color", plan.file)
    assert staging.outputs()["promote"]["release"]["id"] == "r2"
    active = world.level("spec-active")
    assert active["chart"]["version"] == "0.44.0" and active["values"]["app"]["extraEnv"] == {"RELEASE": "r2"}

    (tmp_path / "wandb" / "wait_override.tf").write_text('resource "wandb_instance" "this" {\n  wait_for = "none"\n}\n')
    production = stage("production", namespace)
    production.write(promoted, "release.auto.tfvars.json")
    production.apply()
    there = kubectl.json("-n", namespace, "get", scenarios.KIND, "wandb")["spec"]
    assert there["chart"] == spec["chart"] and there["values"]["app"] == spec["values"]["app"]
    assert there["values"]["global"]["host"] != spec["values"]["global"]["host"]
    assert production.plan().empty


@pytest.mark.parametrize("name", ("staging", "production"))
def test_the_example_as_it_stands(make_terraform, tmp_path, name):
    shutil.copytree(EXAMPLE / "wandb", tmp_path / "wandb")
    terraform = make_terraform(name=name)
    for file in sorted((EXAMPLE / name).glob("*.tf")):
        terraform.write(file.read_text(), file.name)
    terraform.run("get")
    assert json.loads(terraform.run("validate", "-json").stdout)["valid"]
