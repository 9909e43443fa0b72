# SPDX-License-Identifier: Apache-2.0
"""The resources that many tests write: wandb_operator with the chart of the examples, and a wandb_instance that waits
for nobody, since nobody reconciles it."""

import json

from tools import ROOT

CHART = ROOT / "examples" / "charts" / "operator"
KIND = "weightsandbiases.v1.apps.wandb.com"

OPERATOR = """
resource "wandb_operator" "this" {{
  name      = "{name}"
  namespace = "{namespace}"
  chart     = "{chart}"
  values = {{
    nameOverride = "{namespace}" # cluster-wide objects of several tests must not share a name
    image = {{ tag = "1.22.0" }}
  }}
  {more}
}}
"""

INSTANCE = """
resource "wandb_instance" "this" {{
  name      = "{name}"
  namespace = "{namespace}"
  wait_for  = "none"
  spec = {spec}
  {more}
}}
"""

SPEC = """{
    values = {
      global = {
        host  = "https://wandb.example.com"
        size  = "small"
        mysql = { host = "mysql.example.com", port = 3306 }
      }
      ingress = { additionalHosts = ["a.example.com", "b.example.com"] }
    }
  }"""


def operator(namespace, more="", name="operator", chart=CHART):
    return OPERATOR.format(name=name, namespace=namespace, chart=chart, more=more)


def instance(namespace, spec=SPEC, more="", name="wandb"):
    return INSTANCE.format(name=name, namespace=namespace, spec=spec, more=more)


def live(kubectl, namespace, name="wandb"):
    """The instance as the cluster has it, None when there is none."""
    found = kubectl.run("-n", namespace, "get", KIND, name, "-o", "json", "--ignore-not-found").stdout
    return json.loads(found) if found else None
