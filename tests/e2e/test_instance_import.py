# SPDX-License-Identifier: Apache-2.0
"""Instances that somebody else made: import by id, block and identity gives an empty plan;
`adopt` shows the difference first."""

import json

import pytest

from terraform import diagnostics

KIND = "weightsandbiases.v1.apps.wandb.com"
SPEC = {
    "values": {
        "global": {
            "host": "https://wandb.example.com",
            "size": "small",
            "mysql": {"host": "db", "port": 3306, "password": "pl4nted"},
        },
        "ingress": {"additionalHosts": ["a.example.com"]},
        "empty": {},
        "none": [],
    }
}

CONFIGURATION = """
resource "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{namespace}"
  wait_for  = "none"
  spec = {{ values = {{
    global  = {{ host = "https://wandb.example.com", size = "{size}", mysql = {{ host = "db", port = 3306 }} }}
    ingress = {{ additionalHosts = ["a.example.com"] }}
    empty   = {{}}
    none    = []
  }} }}
  secret_values_wo = {{ values = {{ global = {{ mysql = {{ password = "pl4nted" }} }} }} }}
  {more}
}}
"""


@pytest.fixture
def existing(kubectl, crd, namespace):
    """Made by kubectl, with everything that a server adds."""
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "wandb", "namespace": namespace},
            "spec": SPEC,
        }
    )
    return namespace


def write(terraform, namespace, size="small", more="", block=""):
    return terraform.write(terraform.header() + CONFIGURATION.format(namespace=namespace, size=size, more=more) + block)


def written_by_apply(plan):
    """What the plan would change in the cluster: nothing, when only settings of the resource are filled in."""
    change = plan.change("wandb_instance.this")
    computed = {
        "generation",
        "phase",
        "ready",
        "active_chart",
        "overrides",
        "drift_found",
        "wait_for",
        "secret_versions",
    }
    return {key for key, value in change["after"].items() if value != (change["before"] or {}).get(key)} - computed


def test_import_by_id(any_terraform, existing):
    terraform = write(any_terraform, existing)
    terraform.import_("wandb_instance.this", f"{existing}/wandb")
    assert terraform.resources()["wandb_instance.this"]["spec"]["values"]["global"] == {
        "host": "https://wandb.example.com",
        "size": "small",
        "mysql": {"host": "db", "port": 3306},
    }
    assert "pl4nted" not in (terraform.directory / "terraform.tfstate").read_text()
    plan = terraform.plan()
    assert plan.empty or written_by_apply(plan) == set(), plan.text


def test_import_block(any_terraform, existing, kubectl):
    terraform = write(
        any_terraform, existing, block=f'import {{\n  to = wandb_instance.this\n  id = "{existing}/wandb"\n}}\n'
    )
    before = kubectl.json("-n", existing, "get", KIND, "wandb")
    terraform.apply()
    assert kubectl.json("-n", existing, "get", KIND, "wandb")["spec"] == before["spec"]
    assert terraform.plan().empty


def test_import_by_identity(make_terraform, existing, cluster):
    terraform = make_terraform("terraform-1.15", KUBE_CONFIG_PATH=cluster.kubeconfig)
    write(
        terraform,
        existing,
        block=(
            f'import {{\n  to = wandb_instance.this\n  identity = {{ name = "wandb", namespace = "{existing}" }}\n}}\n'
        ),
    )
    terraform.apply()
    assert terraform.plan().empty


def test_import_of_what_is_not_there(terraform, crd, namespace):
    write(terraform, namespace)
    text = terraform.import_("wandb_instance.this", f"{namespace}/wandb", expect=(1,)).stderr
    assert "Cannot import non-existent remote object" in text
    assert "NAMESPACE/NAME" in terraform.import_("wandb_instance.this", "wandb", expect=(1,)).stderr


def test_existing_is_refused(terraform, existing, kubectl):
    write(terraform, existing, size="large")
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert (
        "exists already" in error["detail"]
        and "adopt = true" in error["detail"]
        and f"terraform import ADDRESS {existing}/wandb" in error["detail"]
    )
    assert kubectl.json("-n", existing, "get", KIND, "wandb")["spec"] == SPEC


def test_adopt_shows_the_difference_first(terraform, existing, kubectl):
    write(terraform, existing, size="large", more='adopt = true\n  labels = { team = "ml" }')
    plan = terraform.plan()
    (warning,) = plan.warnings
    assert warning["summary"] == f"Existing instance is taken over: WeightsAndBiases/{existing}/wandb: 2 paths"
    assert (
        'spec.values.global.size: wanted "large", found "small", written by kubectl-client-side-apply at'
        in warning["detail"]
    )
    assert 'metadata.labels.team: wanted "ml", found absent' in warning["detail"] and "pl4nted" not in plan.text
    uid = kubectl.json("-n", existing, "get", KIND, "wandb")["metadata"]["uid"]
    terraform.apply()
    live = kubectl.json("-n", existing, "get", KIND, "wandb")
    assert live["metadata"]["uid"] == uid and live["spec"]["values"]["global"]["size"] == "large"
    assert terraform.plan().empty


@pytest.mark.parametrize("manager", ["helm", "wandb-controller-manager"])
def test_adopt_from_server_side_apply(terraform, crd, kubectl, namespace, manager):
    """helm 4 and wsm apply: their fields are taken over with force."""
    kubectl(
        "apply",
        "--server-side",
        "--field-manager",
        manager,
        "-f",
        "-",
        input=json.dumps(
            {
                "apiVersion": "apps.wandb.com/v1",
                "kind": "WeightsAndBiases",
                "metadata": {"name": "wandb", "namespace": namespace},
                "spec": SPEC,
            }
        ),
    )
    write(terraform, namespace, size="large", more="adopt = true")
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert manager in error["detail"] and "force = true" in error["detail"]
    write(terraform, namespace, size="large", more="adopt = true\n  force = true")
    terraform.apply()
    assert terraform.plan().empty
