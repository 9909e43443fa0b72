# SPDX-License-Identifier: Apache-2.0
"""What is changed behind Terraform's back in the operator's release and its instance:
each change alone makes a plan that is not empty and a warning that names it, applying repairs it, and the plan after
that is empty. The helm provider sees one of these changes, the deleted release; the kubectl provider two.

On the project's own chart, and with WANDB_OPERATOR_CHART=/path on the operator chart of W&B.
"""

import json
import os

import pytest

from tools import ROOT

CHARTS = {"own": ROOT / "examples" / "charts" / "operator"}
if "WANDB_OPERATOR_CHART" in os.environ:
    CHARTS["W&B's"] = os.environ["WANDB_OPERATOR_CHART"]
CRD = "weightsandbiases.apps.wandb.com"


class Place:
    """The operator and an instance, applied."""

    def __init__(self, terraform, kubectl, namespace, chart):
        self.terraform, self.kubectl, self.namespace = terraform, kubectl, namespace
        terraform.write(
            terraform.header()
            + f"""
resource "wandb_operator" "this" {{
  namespace = "{namespace}"
  chart     = "{chart}"
  values    = {{ nameOverride = "{namespace}", image = {{ tag = "1.22.0" }} }}
}}
resource "wandb_instance" "this" {{
  name       = "wandb"
  namespace  = "{namespace}"
  wait_for   = "none"
  spec       = {{ values = {{ global = {{ host = "https://wandb.example.com", size = "small" }} }} }}
  depends_on = [wandb_operator.this]
}}
"""
        )
        terraform.apply()
        (deployment,) = self.get("deployments")["items"]
        self.deployment = deployment["metadata"]["name"]

    def get(self, *words):
        return self.kubectl.json("-n", self.namespace, "get", *words)

    def do(self, *words):
        self.kubectl("-n", self.namespace, *words)

    def patch(self, spec):
        self.do("patch", "weightsandbiases", "wandb", "--type", "merge", "-p", json.dumps({"spec": spec}))

    def content(self):
        """Everything that a change could have spoilt."""
        deployment, instance = self.get("deployment", self.deployment), self.get("weightsandbiases", "wandb")
        crd = self.kubectl.json("get", "crd", CRD)
        return {
            "pod": deployment["spec"],
            "label": deployment["metadata"]["labels"],
            "instance": instance["spec"],
            "crd": [each["schema"] for each in crd["spec"]["versions"]],
            "account": self.names("serviceaccounts"),
            "roles": [each["rules"] for each in self.get("roles")["items"]],
        }

    def names(self, kind):
        return sorted(each["metadata"]["name"] for each in self.get(kind)["items"])


@pytest.fixture(params=CHARTS)
def place(request, terraform, kubectl, namespace):
    yield Place(terraform, kubectl, namespace, CHARTS[request.param])
    terraform.run("destroy", "-no-color", "-auto-approve", expect=None)


OPERATOR, INSTANCE = "wandb_operator.this", "wandb_instance.this"

# what is done, which resources the plan touches, and what the warnings say
ROWS = {
    "value of the custom resource changed": (
        lambda p: p.patch({"values": {"global": {"size": "large"}}}),
        {INSTANCE: ["update"]},
        ['spec.values.global.size: wanted "small", found "large", written by kubectl-patch'],
    ),
    "key added to the custom resource": (
        lambda p: p.patch({"values": {"global": {"debug": True}}}),
        {INSTANCE: ["update"]},
        ["spec.values.global.debug: wanted absent, found true, written by kubectl-patch"],
    ),
    "controller's image changed": (
        lambda p: p.do("set", "image", f"deployment/{p.deployment}", "*=evil/image:1"),
        {OPERATOR: ["update"]},
        ["Deployment/{namespace}/{deployment}", "image: wanted", 'found "evil/image:1", written by kubectl-set'],
    ),
    "variable added to the controller": (
        lambda p: p.do("set", "env", f"deployment/{p.deployment}", "DEBUG=1"),
        {OPERATOR: ["update"]},
        ["Deployment/{namespace}/{deployment}", "DEBUG", "written by kubectl-set"],
    ),
    "controller scaled to nothing": (
        lambda p: p.do("scale", f"deployment/{p.deployment}", "--replicas=0"),
        {OPERATOR: ["update"]},
        ["spec.replicas: wanted 1, found 0"],
    ),
    "label of the Deployment removed": (
        lambda p: p.do("label", f"deployment/{p.deployment}", "app.kubernetes.io/managed-by-"),
        {OPERATOR: ["update"]},
        ['metadata.labels["app.kubernetes.io/managed-by"]: wanted "Helm", found absent'],
    ),
    "permissions changed": (
        lambda p: p.do(
            "patch",
            "role",
            next(name for name in p.names("roles")),
            "--type",
            "json",
            "-p",
            '[{"op": "replace", "path": "/rules", "value": []}]',
        ),
        {OPERATOR: ["update"]},
        ["Role/{namespace}/", "rules: wanted", "found absent"],
    ),
    "Deployment deleted": (
        lambda p: p.do("delete", "deployment", p.deployment),
        {OPERATOR: ["update"]},
        ["Deployment/{namespace}/{deployment}: wanted present, found absent"],
    ),
    "service account deleted": (
        lambda p: p.do("delete", "serviceaccount", next(n for n in p.names("serviceaccounts") if n != "default")),
        {OPERATOR: ["update"]},
        ["ServiceAccount/{namespace}/", "wanted present, found absent"],
    ),
    "custom resource deleted": (
        lambda p: p.do("delete", "weightsandbiases", "wandb"),
        {INSTANCE: ["create"]},
        ["wandb"],
    ),
    "CRD deleted": (
        lambda p: p.kubectl("delete", "crd", CRD),
        {OPERATOR: ["update"], INSTANCE: ["create"]},
        [f"CustomResourceDefinition/{CRD}: wanted present, found absent"],
    ),
    "CRD changed": (
        lambda p: p.kubectl(
            "patch",
            "crd",
            CRD,
            "--type",
            "json",
            "-p",
            '[{"op": "add", "path": "/spec/names/shortNames", "value": ["other"]}]',
        ),
        {OPERATOR: ["update"]},
        [f"CustomResourceDefinition/{CRD}", "spec.names.shortNames", "written by kubectl-patch"],
    ),
    "release Secret deleted": (
        lambda p: p.do("delete", "secret", "sh.helm.release.v1.operator.v1"),
        {OPERATOR: ["create"]},
        ['The Helm release "operator" is gone from namespace {namespace}'],
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_every_change_is_named_and_repaired(place, row):
    change, resources, words = ROWS[row]
    terraform = place.terraform
    before = place.content()
    assert terraform.plan().empty
    change(place)
    plan = terraform.plan()
    assert plan.code == 2 and plan.changes == resources, plan.text
    text = "\n".join(f"{each['summary']}: {each['detail']}" for each in plan.warnings)
    for word in words:
        assert word.format(namespace=place.namespace, deployment=place.deployment) in text
    if row == "release Secret deleted":
        terraform.write(
            place.terraform.directory.joinpath("main.tf")
            .read_text()
            .replace("  values    =", "  adopt     = true\n  values    =")
        )
    terraform.apply()
    assert place.content() == before
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_report_is_believed_at_once(place):
    """With the first plan that says drift = "report", what others changed stays;
    and a plan that upgrades says that it puts it back."""
    terraform = place.terraform
    text = terraform.directory.joinpath("main.tf").read_text()
    place.do("set", "image", f"deployment/{place.deployment}", "*=evil/image:1")
    reported = text.replace("  chart     =", '  drift     = "report"\n  chart     =')
    terraform.write(reported)
    plan = terraform.plan()
    (warning,) = plan.warnings
    count = len([line for line in warning["detail"].splitlines() if ": wanted " in line])
    assert warning["summary"] == f"Drift in Release/{place.namespace}/operator: {count} path{'s' if count > 1 else ''}"
    assert "Applying this plan" not in warning["detail"] and plan.changes == {OPERATOR: ["update"]}
    revision = terraform.resources()[OPERATOR]["revision"]
    terraform.apply()
    assert (
        place.get("deployment", place.deployment)["spec"]["template"]["spec"]["containers"][0]["image"]
        == "evil/image:1"
    )
    assert terraform.resources()[OPERATOR]["revision"] == revision and terraform.plan().empty
    terraform.write(reported.replace("  chart     =", "  max_history = 5\n  chart     ="))
    terraform.apply()
    assert terraform.resources()[OPERATOR]["revision"] == revision
    terraform.write(text)
    assert terraform.plan().changes == {OPERATOR: ["update"]}
    terraform.apply()
    assert terraform.plan().empty


def test_reported_only(place):
    terraform = place.terraform
    text = terraform.directory.joinpath("main.tf").read_text()
    terraform.write(text.replace("  chart     =", '  drift     = "report"\n  chart     ='))
    terraform.apply()
    place.do("set", "image", f"deployment/{place.deployment}", "*=evil/image:1")
    plan = terraform.plan()
    assert plan.empty and 'found "evil/image:1"' in plan.warnings[0]["detail"]
    terraform.refresh()
    (found,) = terraform.resources()[OPERATOR]["drift_found"]
    assert found["object"] == f"Deployment/{place.namespace}/{place.deployment}" and found["manager"] == "kubectl-set"
