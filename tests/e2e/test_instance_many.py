# SPDX-License-Identifier: Apache-2.0
"""Many instances in one configuration: a plan asks once for each, and a repair mends them all."""

import os

import pytest

from test_provider import crd  # noqa: F401

COUNT = 1000 if os.environ.get("WANDB_TEST_FULL") else 100  # terraform itself takes minutes for a thousand


@pytest.mark.timeout(1800)  # five runs of terraform, which itself takes most of it
def test_one_request_each(terraform, kubectl, crd, cluster, namespace):  # noqa: F811
    terraform.write(terraform.header() + f"""
resource "wandb_instance" "this" {{
  count     = {COUNT}
  name      = "wandb-${{count.index}}"
  namespace = "{namespace}"
  wait_for  = "none"
  labels    = {{ team = "ml" }}
  spec      = {{ values = {{ global = {{ host = "https://${{count.index}}.example.com" }} }} }}
}}
""")
    terraform.apply("-parallelism=50", timeout=500)
    position = cluster.audit_position()
    assert terraform.plan("-parallelism=50", timeout=300).empty
    asked = [event for event in cluster.audit("terraform-provider-wandb", since=position) if event["stage"] == "ResponseComplete"]
    reads = [event for event in asked if event.get("objectRef", {}).get("resource") == "weightsandbiases"]
    assert len(reads) == COUNT and len(asked) - COUNT <= 5, [event["requestURI"] for event in asked if event not in reads]
    kubectl("-n", namespace, "label", "weightsandbiases", "--all", "team=other", "--overwrite", timeout=300)
    plan = terraform.plan("-parallelism=50", timeout=300)
    assert len(plan.changes) == COUNT and len(plan.warnings) == COUNT
    terraform.apply("-parallelism=50", timeout=500)
    labels = {each["metadata"]["labels"]["team"] for each in kubectl.json("-n", namespace, "get", "weightsandbiases", timeout=120)["items"]}
    assert labels == {"ml"}
    assert terraform.plan("-parallelism=50", timeout=300).empty
