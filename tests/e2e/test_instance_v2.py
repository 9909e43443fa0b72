# SPDX-License-Identifier: Apache-2.0
"""apps.wandb.com/v2: defaults that a webhook fills in are no drift, v1 becomes v2 without replacement, readiness is a condition's."""

import json
import sys
import threading
import time

import pytest

from conftest import TESTS

sys.path.insert(0, str(TESTS / "operator"))
import webhooks  # noqa: E402
from test_instance_ready import plain  # noqa: E402

V2 = "weightsandbiases.v2.apps.wandb.com"

CONFIGURATION = """
resource "wandb_instance" "this" {{
  name        = "wandb"
  namespace   = "{namespace}"
  api_version = "apps.wandb.com/{version}"
  wait_for    = "{wait}"
  spec        = {spec}
  {more}
}}
"""
SPEC_V1 = '{ values = { global = { host = "https://one.example.com" } } }'
SPEC_V2 = '{ wandb = { hostname = "https://one.example.com", version = "0.77.1" } }'


@pytest.fixture
def v2(kubectl, tmp_path):
    with webhooks.V2(kubectl, tmp_path) as v2:
        yield v2


def write(terraform, namespace, version="v2", spec=SPEC_V2, wait="none", more=""):
    return terraform.write(terraform.header() + CONFIGURATION.format(namespace=namespace, version=version, spec=spec, wait=wait, more=more))


def live(kubectl, namespace, kind=V2):
    return kubectl.json("-n", namespace, "get", kind, "wandb")


def set_status(kubectl, namespace, generation, ready="True", version="0.77.1", migrated=True):
    status = {"ready": ready == "True", "wandb": {"migration": {"version": version, "ready": migrated}},
              "conditions": [{"type": "Ready", "status": ready, "reason": "ReconciliationSucceeded" if ready == "True" else "DependenciesNotReady",
                              "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z", "message": ""}]}
    kubectl("-n", namespace, "patch", V2, "wandb", "--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))


def test_defaults_are_no_drift(terraform, kubectl, v2, namespace):
    write(terraform, namespace).apply()
    assert live(kubectl, namespace)["spec"]["size"] == "dev"
    for _ in range(3):
        plan = terraform.plan()
        assert plan.empty and not plan.warnings, plan.text
    assert "manifestRepository" not in (terraform.directory / "terraform.tfstate").read_text()


def test_import_leaves_defaults_out(terraform, kubectl, v2, namespace):
    write(terraform, namespace).apply()
    terraform.run("state", "rm", "wandb_instance.this")
    terraform.write(f'import {{\n  to = wandb_instance.this\n  id = "{namespace}/wandb"\n}}\n', "import.tf")
    plan = terraform.plan()
    change = plan.change("wandb_instance.this")
    assert change["before"]["spec"] == change["after"]["spec"] == {"wandb": {"hostname": "https://one.example.com", "version": "0.77.1"}}


def test_a_changed_default_is_drift(terraform, kubectl, v2, namespace):
    write(terraform, namespace).apply()
    kubectl("-n", namespace, "patch", V2, "wandb", "--type=merge", "-p", '{"spec": {"size": "large"}}')
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    assert 'spec.size: wanted absent, found "large", written by kubectl-patch' in plan.warnings[0]["detail"]
    terraform.apply()
    assert live(kubectl, namespace)["spec"]["size"] == "dev"
    assert terraform.plan().empty


def test_from_v1_to_v2_in_place(terraform, kubectl, v2, namespace):
    write(terraform, namespace, "v1", SPEC_V1).apply()
    before = live(kubectl, namespace)
    plan = terraform.plan()
    assert plan.empty, plan.text
    write(terraform, namespace)
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    terraform.apply()
    after = live(kubectl, namespace)
    assert after["metadata"]["uid"] == before["metadata"]["uid"] and after["spec"]["wandb"]["version"] == "0.77.1"
    assert terraform.plan().empty


def test_v1_edits_that_the_conversion_ignores(terraform, kubectl, v2, namespace):
    write(terraform, namespace, "v1", SPEC_V1).apply()
    kubectl("-n", namespace, "create", "secret", "generic", "wandb-spec-active", "--from-literal=chart=null", "--from-literal=values={}")
    write(terraform, namespace, "v1", SPEC_V1.replace("one", "two"))
    (warning,) = terraform.plan().warnings
    assert warning["summary"] == "Edits may be ignored" and "-spec-active" in warning["detail"]


def apply_in_background(terraform):
    outcome = {}

    def run():
        outcome["result"] = terraform.run("apply", "-no-color", "-auto-approve", expect=None)
    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def wait_for_object(kubectl, namespace):
    for _ in range(100):
        found = kubectl.run("-n", namespace, "get", V2, "wandb", "-o", "json", expect=None)
        if found.code == 0:
            return json.loads(found.stdout)
        time.sleep(0.1)
    raise AssertionError("no object")


def test_ready_is_about_this_generation_and_version(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="ready")
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    for stale in (dict(generation=generation - 1), dict(generation=generation, ready="False"),
                  dict(generation=generation, version="0.70.0"), dict(generation=generation, migrated=False)):
        set_status(kubectl, namespace, **stale)
        time.sleep(0.7)
        assert thread.is_alive(), (stale, outcome)
    set_status(kubectl, namespace, generation)
    thread.join(20)
    assert outcome["result"].code == 0, outcome["result"]
    assert terraform.resources()["wandb_instance.this"]["ready"] is True


def test_accepted(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="accepted")
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    time.sleep(0.7)
    assert thread.is_alive()
    set_status(kubectl, namespace, generation, ready="False", migrated=False)
    thread.join(20)
    assert outcome["result"].code == 0, outcome["result"]


def test_timeout_tells_the_condition(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="ready", more='timeouts = { create = "4s" }')
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    set_status(kubectl, namespace, generation, ready="False")
    thread.join(30)
    assert "the condition Ready is False (DependenciesNotReady)" in plain(outcome["result"].stderr)
