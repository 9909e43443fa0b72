# SPDX-License-Identifier: Apache-2.0
"""What other tenants of the cluster can do to an apply: nothing.
Their pods may look like the operator's; their logs are not read."""

import re

import pytest

import scenarios
from terraform import plain

INSTANCE = """
resource "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{namespace}"
  wait_for  = "accepted"
  spec      = {{ values = {{ global = {{ host = "https://wandb.example.com" }} }} }}
  timeouts  = {{ create = "{seconds}s" }}
}}
"""
# what a scanner of logs without an end read past the line
HOSTILE = 'x\t{"a":1}'


@pytest.fixture
def impostor(kubectl, namespace):
    """A pod of another namespace with the name, the label and the container of the operator's."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "wandb-controller-manager-0",
            "namespace": namespace,
            "labels": {"control-plane": "controller-manager"},
        },
        "spec": {"containers": [{"name": "manager", "image": "registry.invalid/impostor"}]},
    }
    kubectl.apply(pod)
    kubectl("-n", namespace, "wait", "pod/wandb-controller-manager-0", "--for=condition=Ready", "--timeout=60s")
    return pod


@pytest.fixture
def impostors_log(cluster):
    """Every simulated container named manager logs it."""
    path = cluster.directory / "pod-logs" / "manager.log"
    path.write_text(f"2026-01-02T03:04:05.000000000Z stderr F {HOSTILE}\n")
    yield
    path.unlink()


def apply_in_vain(terraform, cluster, world, seconds):
    """The text of an apply that waits in vain, and the pods whose logs it asked for, as namespace/name."""
    since = cluster.audit_position()
    terraform.write(terraform.header() + INSTANCE.format(namespace=world.namespace, seconds=seconds))
    result = terraform.apply(expect=(1,))
    asked = [event["requestURI"] for event in cluster.audit("terraform-provider-wandb", since)]
    pods = {
        "/".join(found.groups())
        for found in (re.match(r"/api/v1/namespaces/([^/]+)/pods/([^/]+)/log", uri) for uri in asked)
        if found
    }
    return plain(result.stderr), pods


def test_a_log_of_another_tenant_is_not_read(terraform, cluster, world, impostor, impostors_log):
    world.operator.stop()
    text, pods = apply_in_vain(terraform, cluster, world, 4)
    assert "timed out" in text and "No pod of the operator was found" in text
    assert pods == set()
    assert terraform.resources()["wandb_instance.this"]["uid"] == world.get(scenarios.KIND, "wandb")["metadata"]["uid"]


def test_the_operators_own_log_is_read_beside_it(terraform, cluster, world, impostor):
    world.publish()
    world.offer(chart={"path": "/nonexistent/chart.tgz"})
    text, pods = apply_in_vain(terraform, cluster, world, 30)
    assert f"The operator's log (Pod/{world.namespace}/wandb-controller-manager-" in text
    assert {pod.partition("/")[0] for pod in pods} == {world.namespace}


def test_a_hostile_line_in_the_operators_log_is_passed_over(terraform, cluster, world):
    world.publish()
    world.offer(chart={"path": "/nonexistent/chart.tgz"})
    with open(world.operator.log_path, "ab") as log:
        log.write(f"{HOSTILE}\n".encode())
    text, pods = apply_in_vain(terraform, cluster, world, 30)
    assert f"The operator's log (Pod/{world.namespace}/wandb-controller-manager-" in text and pods
    assert terraform.resources()["wandb_instance.this"]["uid"] == world.get(scenarios.KIND, "wandb")["metadata"]["uid"]
