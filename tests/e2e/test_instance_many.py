# SPDX-License-Identifier: Apache-2.0
"""Many instances in one configuration: a plan asks once for each, and a repair mends them all."""

import base64
import collections
import gzip
import json
import os

import pytest

COUNT = 1000 if os.environ.get("WANDB_TEST_FULL") else 100  # terraform itself takes minutes for a thousand


@pytest.mark.timeout(5400)  # five runs of terraform, which itself takes most of it
def test_one_request_each(terraform, kubectl, crd, cluster, namespace):
    terraform.write(
        terraform.header()
        + f"""
resource "wandb_instance" "this" {{
  count     = {COUNT}
  name      = "wandb-${{count.index}}"
  namespace = "{namespace}"
  wait_for  = "none"
  labels    = {{ team = "ml" }}
  spec      = {{ values = {{ global = {{ host = "https://${{count.index}}.example.com" }} }} }}
}}
"""
    )
    terraform.apply("-parallelism=50", timeout=1500)
    position = cluster.audit_position()
    assert terraform.plan("-parallelism=50", timeout=1000).empty
    asked = [
        event
        for event in cluster.audit("terraform-provider-wandb", since=position)
        if event["stage"] == "ResponseComplete"
    ]
    reads = [event for event in asked if event.get("objectRef", {}).get("resource") == "weightsandbiases"]
    assert len(reads) == COUNT and len(asked) - COUNT <= 5, [
        event["requestURI"] for event in asked if event not in reads
    ]
    kubectl("-n", namespace, "label", "weightsandbiases", "--all", "team=other", "--overwrite", timeout=1000)
    plan = terraform.plan("-parallelism=50", timeout=1000)
    assert len(plan.changes) == COUNT and len(plan.warnings) == COUNT
    terraform.apply("-parallelism=50", timeout=1500)
    labels = {
        each["metadata"]["labels"]["team"]
        for each in kubectl.json("-n", namespace, "get", "weightsandbiases", timeout=120)["items"]
    }
    assert labels == {"ml"}
    assert terraform.plan("-parallelism=50", timeout=1000).empty


RUNNING = 30
KINDS = ("deployments", "statefulsets", "daemonsets", "jobs")


def encoded(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


def level(namespace, number):
    """What an operator would have written once it has taken the spec."""
    values = {
        "global": {
            "host": f"https://{number}.example.com",
            "operator": {"apiVersion": "apps.wandb.com/v1", "namespace": "wandb"},
        }
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"wandb-{number}-spec-active", "namespace": namespace},
        "data": {"values": encoded(values), "chart": encoded(None), "metadata": encoded(None)},
    }


def record(namespace, number):
    """The Helm release of an operator, which installed nothing that runs."""
    name = f"wandb-{number}"
    text = json.dumps(
        {
            "name": name,
            "namespace": namespace,
            "version": 1,
            "info": {"status": "deployed"},
            "manifest": "",
            "chart": {"metadata": {"apiVersion": "v2", "name": "operator-wandb", "version": "0.1.0"}},
        }
    )
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {
            "name": f"sh.helm.release.v1.{name}.v1",
            "namespace": namespace,
            "labels": {"name": name, "owner": "helm", "status": "deployed", "version": "1"},
        },
        "data": {"release": base64.b64encode(base64.b64encode(gzip.compress(text.encode()))).decode()},
    }


def count(cluster, position):
    """How often each resource was asked for by a plan."""
    asked = [
        event
        for event in cluster.audit("terraform-provider-wandb", since=position)
        if event["stage"] == "ResponseComplete"
    ]
    return collections.Counter((event.get("objectRef") or {}).get("resource", event["requestURI"]) for event in asked)


def test_ready_is_measured_for_all_at_once(terraform, kubectl, crd, cluster, namespace):
    """The lower bound of a plan that measures: each custom resource once, since it may have changed,
    and what runs in the namespace once by kind, since workloads change without it. Levels and Helm releases are read
    when the resource moved, and no more."""
    terraform.write(
        terraform.header()
        + f"""
resource "wandb_instance" "this" {{
  count     = {RUNNING}
  name      = "wandb-${{count.index}}"
  namespace = "{namespace}"
  wait_for  = "accepted"
  spec      = {{ values = {{ global = {{ host = "https://${{count.index}}.example.com" }} }} }}
}}
"""
    )
    kubectl.apply([each(namespace, number) for number in range(RUNNING) for each in (level, record)])
    terraform.apply("-parallelism=30", timeout=1000)
    position = cluster.audit_position()
    assert terraform.plan("-parallelism=30", timeout=1000).empty
    asked = count(cluster, position)
    assert asked.pop("weightsandbiases") == RUNNING and {kind: asked.pop(kind, 0) for kind in KINDS} == dict.fromkeys(
        KINDS, 1
    ), asked
    assert not asked.keys() & {"secrets", "pods"} and sum(asked.values()) <= 5, asked
    states = [values for values in terraform.resources().values()]
    assert all(values["ready"] is True for values in states)
    kubectl("-n", namespace, "annotate", "weightsandbiases", "wandb-7", "moved=1")
    position = cluster.audit_position()
    assert terraform.plan("-parallelism=30", timeout=1000).empty
    asked = count(cluster, position)
    assert asked["weightsandbiases"] == RUNNING and asked["secrets"] == 5, (
        asked
    )  # of one: three levels, and the list of releases for its chart and for its workloads
    assert {kind: asked[kind] for kind in KINDS} == dict.fromkeys(KINDS, 1)
