# SPDX-License-Identifier: Apache-2.0
"""examples/aws, google and azure, and the module helm-wandb: beside the infrastructure there is this provider alone.

W&B's modules, which need an account of their cloud, are replaced by one with the same outputs (golden/migration/specs
has what they pass): infrastructure.tf goes, the other files are run as they are."""

import json
import shutil

import pytest
import yaml

from leaks import MARK, planted
from predecessors import HELM, keep, recorded
from release_charts import write_chart
from tools import ROOT

EXAMPLES = ROOT / "examples"
SPECS = ROOT / "tests" / "golden" / "migration" / "specs"
CLOUDS = ("aws", "google", "azure")
KIND = "weightsandbiases.v1.apps.wandb.com"
# the values that stand in the specs for secrets
PLANTED = {"LIC": "license", "PW": "mysql", "RP": "redis", "AK": "key", "S": "oidc"}
CR = """\
apiVersion: apps.wandb.com/v1
kind: WeightsAndBiases
metadata: {name: {{ .Values.name }}}
spec: {{ .Values.spec | nindent 2 }}
"""
SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: operator}
data: {image: {{ .Values.image | toJson | quote }}}
"""
CHART = {"Chart.yaml": "apiVersion: v2\nname: wandb-cr\nversion: 0.1.0\n", "templates/cr.yaml": CR}
OPERATOR = {
    "Chart.yaml": "apiVersion: v2\nname: operator\nversion: 1.4.2\nappVersion: 1.0.0\n",
    "values.yaml": "image: {repository: wandb/controller, tag: latest}\n",
    "templates/a.yaml": SETTINGS,
}
OUTPUT = 'output "wandb_spec" {{\n  sensitive = true\n  value     = {spec}\n}}\n'
INFRASTRUCTURE = 'module "wandb_infra" {\n  source = "./infra"\n}\nprovider "wandb" {}\n'
# what a test has other than a user: a namespace of its own, no operator that makes the instance ready
OVERRIDE = """\
resource "wandb_operator" "this" {{
  namespace  = "{namespace}"
  chart      = "{operator}"
}}
resource "wandb_instance" "this" {{
  namespace = "{namespace}"
}}
"""


def spec_of(cloud):
    def put(value):
        if isinstance(value, dict):
            return {key: put(each) for key, each in value.items()}
        return planted(PLANTED[value]) if isinstance(value, str) and value in PLANTED else value

    return {"values": put(yaml.safe_load((SPECS / f"{cloud}.yaml").read_text()))}


def live(kubectl, namespace):
    return kubectl.json("-n", namespace, "get", KIND, "wandb")


def release_state(name, namespace, module, values, **changed):
    resource, attributes = recorded(HELM["2.17"], "helm_release", name)
    resource["module"] = module
    attributes.update(namespace=namespace, **changed)
    attributes["metadata"][0].update(namespace=namespace, values=json.dumps(values))
    return resource


@pytest.fixture
def releases(kubectl, helm3, crd, namespace, tmp_path):
    """Both of the module's releases, as helm makes them: a function that makes their states, and their charts."""
    charts = {name: write_chart(tmp_path / name, files) for name, files in (("cr", CHART), ("operator", OPERATOR))}

    def install(spec, module):
        instance = {"name": "wandb", "spec": json.dumps(spec)}
        image = {"image": {"repository": "wandb/controller", "tag": "latest"}}
        values = tmp_path / "values.yaml"
        values.write_text(json.dumps(instance))
        helm3("install", "wandb-cr", charts["cr"], "-n", namespace, "-f", values)
        values.write_text(json.dumps(image))
        helm3("install", "operator", charts["operator"], "-n", namespace, "-f", values)
        return [
            release_state("wandb", namespace, module, instance),
            release_state("operator", namespace, module, image, chart=str(charts["operator"]), repository=None),
        ]

    install.charts = charts
    return install


def prepare(terraform, cloud, namespace, operator, spec):
    for name in ("wandb.tf", "variables.tf"):
        terraform.write((EXAMPLES / cloud / name).read_text(), name)
    (terraform.directory / "infra").mkdir()
    terraform.write(OUTPUT.format(spec=json.dumps(spec)), "infra/main.tf")
    terraform.write(INFRASTRUCTURE, "infrastructure.tf")
    terraform.write(OVERRIDE.format(namespace=namespace, operator=operator), "test_override.tf")
    names = [
        line.split('"')[1]
        for line in (EXAMPLES / cloud / "variables.tf").read_text().splitlines()
        if line.startswith("variable")
    ]
    given = {name: [] if "cidr" in name else "x" for name in names if name != "operator_chart_version"}
    (terraform.directory / "terraform.tfvars.json").write_text(json.dumps(given))
    terraform.run("get")


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_new_server(peers, kubectl, crd, namespace, tmp_path, cloud):
    terraform, spec = peers(), spec_of(cloud)
    prepare(terraform, cloud, namespace, write_chart(tmp_path / "operator", OPERATOR), spec)
    terraform.write('resource "wandb_instance" "this" {\n  wait_for = "none"\n}\n', "wait_override.tf")
    assert not [each for each in terraform.validate()["diagnostics"] if each["severity"] == "error"]
    terraform.apply("-backup=-")
    assert live(kubectl, namespace)["spec"] == spec
    assert MARK not in (terraform.directory / "terraform.tfstate").read_text()
    assert terraform.plan().empty


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_server_that_the_module_ran(peers, kubectl, helm3, releases, namespace, cloud):
    terraform, spec = peers(), spec_of(cloud)
    states = releases(spec, "module.wandb_infra.module.wandb")
    keep(terraform, *states)
    before = live(kubectl, namespace)
    prepare(terraform, cloud, namespace, releases.charts["operator"], spec)
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"], "wandb_operator.this": ["update"]}, plan.text
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    assert after["spec"] == before["spec"] and after["metadata"]["generation"] == before["metadata"]["generation"]
    assert [each["name"] for each in helm3.json("list", "-n", namespace, "--all")] == ["operator"]
    assert MARK not in (terraform.directory / "terraform.tfstate").read_text()
    assert terraform.plan().empty


def test_the_module_in_its_place(peers, kubectl, helm3, releases, namespace):
    """Who calls wandb/wandb/helm changes the source of that block."""
    terraform, spec = peers(), spec_of("google")
    keep(terraform, *releases(spec, "module.wandb"))
    before = live(kubectl, namespace)
    shutil.copytree(EXAMPLES / "modules" / "helm-wandb", terraform.directory / "helm-wandb")
    override = f'resource "wandb_operator" "this" {{\n  chart = "{releases.charts["operator"]}"\n}}\n'
    terraform.write(override, "helm-wandb/test_override.tf")
    terraform.write(
        terraform.header() + f'module "wandb" {{\n  source = "./helm-wandb"\n  spec = {json.dumps(spec)}\n'
        f'  wandb_namespace = "{namespace}"\n  operator_chart_namespace = "{namespace}"\n'
        '  operator_chart_version = "1.4.2"\n}\n'
    )
    terraform.run("get")
    plan = terraform.plan()
    addresses = [f"module.wandb.wandb_{kind}.this[0]" for kind in ("instance", "operator")]
    assert plan.changes == {address: ["update"] for address in addresses}, plan.text
    instance, operator = (
        {key for key in change["after"] if change["after"][key] != change["before"][key]}
        for change in map(plan.change, addresses)
    )
    assert instance == {"helm_release"} and operator == {"chart_digest"}  # a folder stands for the repository's chart
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    assert after["spec"] == before["spec"] and after["metadata"]["uid"] == before["metadata"]["uid"]
    assert [each["revision"] for each in helm3.json("history", "operator", "-n", namespace)] == [1]
    assert MARK not in (terraform.directory / "terraform.tfstate").read_text()
    assert terraform.plan().empty
