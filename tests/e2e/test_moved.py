# SPDX-License-Identifier: Apache-2.0
"""`moved` from what others wrote: a helm_release of W&B's module, kubernetes_manifest, kubectl_manifest.

The states are recordings (support/predecessors.py), put onto objects that the real helm and kubectl make here."""

import json
import os
import pathlib

import pytest
import yaml

from leaks import MARK, planted
from predecessors import HELM, address, keep, recorded
from release_charts import release, write_chart
from terraform import CLIS, diagnostics

KIND = "weightsandbiases.v1.apps.wandb.com"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
SECRETS = {"license": planted("license"), "mysql": planted("mysql")}
SPEC = {
    "values": {
        "global": {"host": "https://w.example.com", "mysql": {"host": "db", "port": 3306}},
        "ingress": {
            "additionalHosts": ["a"],
            "annotations": {"listen": '[{"HTTPS": 443}]', "cidrs": "10.0.0.0/8,11.0.0.0/8"},
        },
        "otel": {"install": False},
    }
}
KUBECTL = {
    "gavinbunney-1.19": "kubectl_manifest_gavinbunney-1.19.0_tf-1.11.4",
    "alekc-2.4": "kubectl_manifest_alekc-2.4.1_tf-1.11.4",
    "alekc-3.0": "kubectl_manifest_alekc-3.0.0-beta3_tf-1.11.4",
}
MANIFEST = "kubernetes_manifest_hashicorp-2.38.0_tf-1.11.4"
CR = """\
apiVersion: apps.wandb.com/v1
kind: WeightsAndBiases
metadata:
  name: {{ .Values.name }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: weightsandbiases
    app.kubernetes.io/instance: wandb
spec: {{ .Values.spec | nindent 2 }}
"""
CHART = {"Chart.yaml": "apiVersion: v2\nname: wandb-cr\nversion: 0.1.0\n", "templates/cr.yaml": CR}


def with_secrets(spec, secrets):
    whole = json.loads(json.dumps(spec))
    whole["values"]["global"]["license"] = secrets["license"]
    whole["values"]["global"]["mysql"]["password"] = secrets["mysql"]
    return whole


def moved(resource, to="wandb_instance.this"):
    return f"moved {{\n  from = {address(resource)}\n  to   = {to}\n}}\n"


def instance(namespace, name="wandb", spec=SPEC, secrets=SECRETS, more="", wait=None):
    given = secrets and (
        f'  license_wo = "{secrets["license"]}"\n'
        f'  secret_values_wo = {{ values = {{ global = {{ mysql = {{ password = "{secrets["mysql"]}" }} }} }} }}\n'
    )
    return (
        f'resource "wandb_instance" "this" {{\n  name = "{name}"\n  namespace = "{namespace}"\n'
        f"  spec = {json.dumps(spec)}\n{given or ''}" + (f'  wait_for = "{wait}"\n' if wait else "") + f"  {more}\n}}\n"
    )


def live(kubectl, namespace, name="wandb"):
    return kubectl.json("-n", namespace, "get", KIND, name, "--show-managed-fields")


def same(before, after):
    keys = ("uid", "generation")
    assert [before["metadata"][key] for key in keys] == [after["metadata"][key] for key in keys]
    assert before["spec"] == after["spec"]


@pytest.fixture(params=CLIS)
def cli(request):
    return request.param


def beside(terraform, source, variable):
    """The real provider at that address, whose executable the variable names, beside ours."""
    folder = pathlib.Path(f"{terraform.directory}.provider")
    (folder / f"terraform-provider-{source.split('/')[1]}").symlink_to(os.environ[variable])
    terraform.environment["TF_LOG_PROVIDER"] = "off"  # they log every value
    line = f'    "registry.terraform.io/{source}" = "{folder}"\n'
    text = terraform.settings.read_text()
    terraform.settings.write_text(text.replace("dev_overrides {\n", f"dev_overrides {{\n{line}", 1))
    return terraform


@pytest.fixture
def unmoved(leaks):
    """The test ends before the move: what the predecessor stored is still in the state."""
    leaks.allow("state|plan", "the predecessor's state holds its secrets in clear")


@pytest.fixture
def wandb_cr(kubectl, helm3, crd, namespace, tmp_path):
    """The release that W&B's module makes for the custom resource, and the custom resource."""
    chart = write_chart(tmp_path / "wandb-cr", CHART)
    values = tmp_path / "values.yaml"

    def install(spec=SPEC, verb="install"):
        values.write_text(json.dumps({"name": "wandb", "spec": yaml.safe_dump(with_secrets(spec, SECRETS))}))
        helm3(verb, "wandb-cr", chart, "-n", namespace, "-f", values)
        return live(kubectl, namespace)

    return install


def helm_state(version, namespace, spec=SPEC, **changed):
    resource, attributes = recorded(HELM[version], "helm_release", "wandb")
    text = yaml.safe_dump(with_secrets(spec, SECRETS))
    attributes["namespace"] = namespace
    metadata = attributes["metadata"][0] if version == "2.17" else attributes["metadata"]
    metadata["namespace"], metadata["values"] = namespace, json.dumps({"name": "wandb", "spec": text})
    attributes["set"] = [
        {"name": "name", "type": "", "value": "wandb"},
        {"name": "spec", "type": "string", "value": text.replace("\\", "\\\\").replace(",", "\\,")},
    ]
    attributes.update(changed)
    return resource


def named(plan):
    """The plan's warnings but that no operator serves the instance here."""
    return [each for each in plan.warnings if not each["summary"].startswith("Not ready:")]


def has_no_secret(terraform, plan=None):
    assert MARK not in (terraform.directory / "terraform.tfstate").read_text()
    assert not plan or MARK not in json.dumps(plan.change("wandb_instance.this"))


def everyday(terraform, kubectl, namespace, name="wandb"):
    """A value changes, a key goes, a secret is rotated, and it is destroyed: all without force."""
    spec = json.loads(json.dumps(SPEC))
    spec["values"]["global"]["host"] = "https://other.example.com"
    del spec["values"]["otel"]
    secrets = {**SECRETS, "mysql": planted("rotated")}
    terraform.write(terraform.header() + instance(namespace, name, spec, secrets, wait="none"))
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    terraform.apply("-backup=-")
    assert live(kubectl, namespace, name)["spec"] == with_secrets(spec, secrets)
    assert terraform.plan().empty
    has_no_secret(terraform)
    terraform.destroy("-backup=-")
    assert name not in kubectl("-n", namespace, "get", KIND, "-o", "name")


@pytest.mark.parametrize("version", HELM)
def test_a_helm_release_of_the_module(peers, kubectl, helm3, wandb_cr, namespace, cli, version):
    """The one thing that the first plan changes is that the release lets go; nothing of the instance moves."""
    before, terraform = wandb_cr(), peers(cli)
    resource = helm_state(version, namespace)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace))
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
    change = plan.change("wandb_instance.this")
    differing = {key for key in change["after"] if change["after"][key] != change["before"][key]}
    assert differing == {"helm_release"}, [(k, change["before"][k], change["after"][k]) for k in differing]
    assert not change["after_unknown"].get("generation"), change
    assert (change["before"]["helm_release"], change["after"]["helm_release"]) == (f"{namespace}/wandb-cr", None)
    assert not any(value is True for value in change["after_unknown"].values()), change["after_unknown"]
    assert named(plan) == [] and MARK not in json.dumps(change)
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    same(before, after)
    assert not {key for key in after["metadata"]["annotations"] if key.startswith("meta.helm.sh/")}
    assert "app.kubernetes.io/managed-by" not in after["metadata"].get("labels", {})
    assert helm3.json("list", "-n", namespace, "--all") == []
    assert {entry["manager"] for entry in after["metadata"]["managedFields"]} == {"terraform-provider-wandb"}
    assert terraform.plan().empty
    has_no_secret(terraform, plan)
    everyday(terraform, kubectl, namespace)


@pytest.mark.parametrize("predecessor", ["helm_release", "kubectl_manifest"])
def test_a_change_in_the_apply_that_moves(peers, kubectl, helm3, crd, wandb_cr, namespace, predecessor):
    """The write takes the object over as well: marks, fields and annotation go, without force."""
    terraform = peers()
    if predecessor == "helm_release":
        before, resource = wandb_cr(), helm_state("2.17", namespace)
    else:
        wanted = manifest(namespace, "wandb")
        kubectl("apply", "-f", "-", input=json.dumps(wanted))
        before = live(kubectl, namespace)
        resource, attributes = recorded(KUBECTL["alekc-3.0"], "kubectl_manifest", "wandb")
        attributes.update(name="wandb", namespace=namespace, yaml_body=yaml.safe_dump(wanted))
    keep(terraform, resource)
    spec = json.loads(json.dumps(SPEC))
    spec["values"]["global"]["host"] = "https://moved.example.com"
    del spec["values"]["otel"]
    labels = 'labels = { team = "ml" }' if predecessor == "kubectl_manifest" else ""
    terraform.write(terraform.header() + moved(resource) + instance(namespace, spec=spec, more=labels, wait="none"))
    assert terraform.plan().changes == {"wandb_instance.this": ["update"]}
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    assert after["spec"] == with_secrets(spec, SECRETS) and after["metadata"]["uid"] == before["metadata"]["uid"]
    assert set(after["metadata"]["annotations"]) == {"terraform-provider-wandb/owner"}
    assert {entry["manager"] for entry in after["metadata"]["managedFields"]} == {"terraform-provider-wandb"}
    assert helm3.json("list", "-n", namespace, "--all") == [] and terraform.plan().empty
    has_no_secret(terraform)


def test_drift_from_before_the_move_is_named(peers, kubectl, helm3, wandb_cr, namespace):
    wandb_cr()
    kubectl(
        "-n",
        namespace,
        "patch",
        KIND,
        "wandb",
        "--type=merge",
        "-p",
        '{"spec":{"values":{"global":{"host":"https://x.example.com"}}}}',
    )
    before, terraform = live(kubectl, namespace), peers()
    resource = helm_state("3.1", namespace)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace, wait="none"))
    plan = terraform.plan()
    (drift,) = named(plan)
    assert "https://x.example.com" in drift["detail"] and "spec.values.global.host" in drift["detail"]
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    assert after["spec"] == with_secrets(SPEC, SECRETS) and after["metadata"]["uid"] == before["metadata"]["uid"]
    assert helm3.json("list", "-n", namespace, "--all") == [] and terraform.plan().empty


def test_reported_drift_stays_when_the_release_lets_go(peers, kubectl, helm3, wandb_cr, namespace):
    wandb_cr()
    patch = {"spec": {"values": {"global": {"host": "https://x.example.com"}}}}
    kubectl("-n", namespace, "patch", KIND, "wandb", "--type=merge", "-p", json.dumps(patch))
    before, terraform = live(kubectl, namespace), peers()
    resource = helm_state("3.1", namespace)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace, more='drift = "report"'))
    terraform.apply("-backup=-")
    same(before, live(kubectl, namespace))
    assert helm3.json("list", "-n", namespace, "--all") == []
    plan = terraform.plan()
    assert plan.empty and "https://x.example.com" in named(plan)[0]["detail"]


def test_secrets_that_are_not_given_stay(peers, kubectl, wandb_cr, namespace):
    before, terraform = wandb_cr(), peers()
    resource = helm_state("2.17", namespace)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace, secrets=None))
    (kept,) = named(terraform.plan())
    assert "values.global.license" in kept["detail"] and "values.global.mysql.password" in kept["detail"]
    terraform.apply("-backup=-")
    same(before, live(kubectl, namespace))
    assert terraform.plan().empty
    has_no_secret(terraform)


@pytest.mark.parametrize("status", ["pending-upgrade", "uninstalling"])
def test_a_release_that_is_busy_is_left_alone(peers, kubectl, wandb_cr, namespace, status):
    before, terraform = wandb_cr(), peers()
    kubectl("-n", namespace, "label", "--overwrite", "secret", "sh.helm.release.v1.wandb-cr.v1", f"status={status}")
    resource = helm_state("3.1", namespace)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace))
    (error,) = diagnostics(terraform.apply_json("-backup=-", expect=(1,)))
    assert "is being changed by something else" in error["detail"] and "helm history" in error["detail"]
    assert live(kubectl, namespace) == before
    kubectl("-n", namespace, "label", "--overwrite", "secret", "sh.helm.release.v1.wandb-cr.v1", "status=deployed")
    terraform.apply("-backup=-")
    same(before, live(kubectl, namespace))
    assert terraform.plan().empty


def test_values_that_the_state_does_not_show(unmoved, peers, kubectl, wandb_cr, namespace):
    """With a write-only value the helm provider stores "{}": then what was configured tells."""
    wandb_cr()
    terraform = peers()
    resource = helm_state("3.1", namespace, set_wo_revision=1)
    resource["instances"][0]["attributes"]["metadata"]["values"] = "{}"
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace))
    change = terraform.plan().change("wandb_instance.this")
    assert change["before"]["spec"] == change["after"]["spec"] == SPEC


# ---- W&B's modules -------------------------------------------------------------------------------------------------

# Their shape: the cloud's module has a switch and the spec as an output, and calls the module of the two releases.
INFRA = """\
variable "enable_helm_wandb" {{ type = bool }}
locals {{
  spec = {spec}
}}
output "wandb_spec" {{
  value     = local.spec
  sensitive = true
}}
module "wandb" {{
  source            = "./wandb"
  spec              = local.spec
  enable_helm_wandb = var.enable_helm_wandb
}}
"""
RELEASES = """\
variable "spec" {{}}
variable "enable_helm_wandb" {{ type = bool }}
terraform {{
  required_providers {{ helm = {{ source = "hashicorp/helm" }} }}
}}
resource "helm_release" "wandb" {{
  count            = var.enable_helm_wandb ? 1 : 0
  name             = "wandb-cr"
  chart            = "{chart}"
  namespace        = "{namespace}"
  force_update     = true
  {sets}
}}
"""
SETS = {  # what the versions of the helm provider call it
    "HELM_PROVIDER_2": """set {
    name  = "name"
    value = "wandb"
  }
  set {
    name  = "spec"
    value = yamlencode(var.spec)
    type  = "string"
  }""",
    "HELM_PROVIDER_3": """set = [
    { name = "name", value = "wandb" },
    { name = "spec", value = yamlencode(var.spec), type = "string" },
  ]""",
}
MODULE = 'module "wandb_infra" {{\n  source            = "./infra"\n  enable_helm_wandb = {on}\n}}\n'
MOVED = """\
locals {{
  wandb = provider::wandb::module_spec(module.wandb_infra.wandb_spec)
}}
resource "wandb_instance" "this" {{
  name             = "wandb"
  namespace        = "{namespace}"
  spec             = nonsensitive(local.wandb.spec)
  secret_values_wo = local.wandb.secret_values
}}
moved {{
  from = module.wandb_infra.module.wandb.helm_release.wandb[0]
  to   = wandb_instance.this
}}
"""
# `set` takes commas and quotes for its own, so the modules escape them (yamlencode leaves texts of many lines alone)
ESCAPED = with_secrets(SPEC, SECRETS)
ESCAPED["values"]["ingress"]["annotations"] = {
    "cidrs": "10.0.0.0/8\\,11.0.0.0/8\n",
    "listen": '[{\\"HTTPS\\": 443}]',
}


@pytest.mark.full
@pytest.mark.parametrize("helm_provider", SETS)
def test_a_module_of_the_cloud(make_terraform, cluster, kubectl, helm3, crd, namespace, tmp_path, leaks, helm_provider):
    """The helm provider makes the release from the module; the switch goes off and the blocks move, in one apply."""
    leaks.allow("^stdout of apply", "the helm provider shows what it is given")
    chart = write_chart(tmp_path / "wandb-cr", CHART)
    terraform = beside(make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig), "hashicorp/helm", helm_provider)
    (terraform.directory / "infra" / "wandb").mkdir(parents=True)
    terraform.write(INFRA.format(spec=json.dumps(ESCAPED)), "infra/main.tf")
    terraform.write(RELEASES.format(chart=chart, namespace=namespace, sets=SETS[helm_provider]), "infra/wandb/main.tf")
    terraform.write(terraform.header() + MODULE.format(on="true"))
    terraform.run("get")
    terraform.apply("-backup=-")
    before, wanted = live(kubectl, namespace), with_secrets(SPEC, SECRETS)
    wanted["values"]["ingress"]["annotations"]["cidrs"] += "\n"
    assert before["spec"] == wanted
    terraform.write(terraform.header() + MODULE.format(on="false") + MOVED.format(namespace=namespace))
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
    change = plan.change("wandb_instance.this")
    assert {key for key in change["after"] if change["after"][key] != change["before"][key]} == {"helm_release"}
    terraform.apply("-backup=-")
    same(before, live(kubectl, namespace))
    assert helm3.json("list", "-n", namespace, "--all") == [] and terraform.plan().empty
    has_no_secret(terraform, plan)
    everyday(terraform, kubectl, namespace)


# ---- manifests -----------------------------------------------------------------------------------------------------


def manifest(namespace, name, spec=SPEC):
    return {
        "apiVersion": "apps.wandb.com/v1",
        "kind": "WeightsAndBiases",
        "metadata": {"name": name, "namespace": namespace, "labels": {"team": "ml"}},
        "spec": with_secrets(spec, SECRETS),
    }


def test_a_kubernetes_manifest(peers, kubectl, crd, namespace, cli):
    """Nothing is left to do; the fields that "Terraform" applied become ours with the first write."""
    wanted = manifest(namespace, "wandb")
    kubectl("apply", "--server-side", "--field-manager", "Terraform", "-f", "-", input=json.dumps(wanted))
    before, terraform = live(kubectl, namespace), peers(cli)
    resource, attributes = recorded(MANIFEST, "kubernetes_manifest", "wandb")
    attributes["manifest"]["value"] = attributes["object"]["value"] = wanted
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace, more='labels = { team = "ml" }'))
    assert terraform.plan().changes == {}
    terraform.apply("-backup=-")
    assert live(kubectl, namespace) == before and terraform.plan().empty
    has_no_secret(terraform)
    terraform.write(terraform.header() + instance(namespace, more='labels = { team = "ml" }', wait="none"))
    terraform.apply("-backup=-")  # of the state alone: the fields are still to become ours
    terraform.write(terraform.header() + instance(namespace, more='labels = { team = "ops" }', wait="none"))
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    assert after["metadata"]["labels"] == {"team": "ops"} and after["spec"] == before["spec"]
    everyday(terraform, kubectl, namespace)


@pytest.mark.parametrize("version", KUBECTL)
@pytest.mark.parametrize("server_side", [False, True], ids=["client-side", "server-side"])
def test_a_kubectl_manifest(peers, kubectl, crd, namespace, version, server_side):
    """kubectl's annotation holds the secrets in clear; it goes with the first apply, which touches nothing else."""
    wanted = manifest(namespace, "wandb")
    kubectl("apply", *(["--server-side"] if server_side else []), "-f", "-", input=json.dumps(wanted))
    before, terraform = live(kubectl, namespace), peers()
    resource, attributes = recorded(KUBECTL[version], "kubectl_manifest", "wandb")
    attributes.update(
        name="wandb", namespace=namespace, yaml_body=yaml.safe_dump(wanted), server_side_apply=server_side
    )
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace, more='labels = { team = "ml" }'))
    plan = terraform.plan()
    change = plan.change("wandb_instance.this")
    differing = {key for key in change["after"] if change["after"][key] != change["before"][key]}
    assert differing == (set() if server_side else {"last_applied_configuration"}), plan.text
    terraform.apply("-backup=-")
    after = live(kubectl, namespace)
    same(before, after)
    assert LAST_APPLIED not in after["metadata"].get("annotations", {}) and after["metadata"]["labels"] == {
        "team": "ml"
    }
    assert terraform.plan().empty
    has_no_secret(terraform, plan)
    everyday(terraform, kubectl, namespace)


REAL = {  # the variable with the executable: where it comes from, and its resource
    "KUBERNETES_PROVIDER": ("hashicorp/kubernetes", "kubernetes_manifest", "manifest = jsondecode({text})"),
    "KUBECTL_PROVIDER_GAVINBUNNEY": ("gavinbunney/kubectl", "kubectl_manifest", "yaml_body = {text}"),
    "KUBECTL_PROVIDER_ALEKC_2": ("alekc/kubectl", "kubectl_manifest", "yaml_body = {text}"),
    "KUBECTL_PROVIDER_ALEKC_3": ("alekc/kubectl", "kubectl_manifest", "yaml_body = {text}"),
}


@pytest.mark.full
@pytest.mark.parametrize("variable", REAL)
def test_what_a_real_provider_made(make_terraform, cluster, kubectl, crd, namespace, leaks, variable):
    leaks.allow("^stdout of apply", "the other provider shows what it is given")
    source, kind, argument = REAL[variable]
    terraform = beside(make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig), source, variable)
    name = source.split("/")[1]
    login = f'  config_path = "{cluster.kubeconfig}"\n' + ("  load_config_file = true\n" if name == "kubectl" else "")
    terraform.write(
        f'terraform {{\n  required_providers {{\n    {name} = {{ source = "{source}" }}\n  }}\n}}\n'
        f'provider "{name}" {{\n{login}}}\n'
        f'resource "{kind}" "wandb" {{\n  '
        + argument.format(text=json.dumps(json.dumps(manifest(namespace, "wandb"))))
        + "\n}\n"
    )
    terraform.apply("-backup=-")
    before = live(kubectl, namespace)
    terraform.write(
        terraform.header()
        + f"moved {{\n  from = {kind}.wandb\n  to   = wandb_instance.this\n}}\n"
        + instance(namespace, more='labels = { team = "ml" }')
    )
    plan = terraform.plan()
    change = plan.change("wandb_instance.this")
    differing = {key for key in change["after"] if change["after"][key] != change["before"][key]}
    assert differing <= {"last_applied_configuration"}, plan.text
    terraform.apply("-backup=-")
    same(before, live(kubectl, namespace))
    assert LAST_APPLIED not in live(kubectl, namespace)["metadata"].get("annotations", {})
    assert terraform.plan().empty
    has_no_secret(terraform, plan)
    everyday(terraform, kubectl, namespace)


def test_what_kubectl_manifest_calls_sensitive(peers, kubectl, crd, namespace):
    """Whatever its name: it is a secret, and stays one."""
    wanted = manifest(namespace, "wandb")
    wanted["spec"]["values"]["ingress"]["note"] = planted("note")
    kubectl("apply", "--server-side", "-f", "-", input=json.dumps(wanted))
    before, terraform = live(kubectl, namespace), peers()
    resource, attributes = recorded(KUBECTL["gavinbunney-1.19"], "kubectl_manifest", "wandb")
    attributes.update(name="wandb", namespace=namespace, yaml_body=yaml.safe_dump(wanted))
    attributes["sensitive_fields"] = ["spec.values.ingress.note", "spec.values.none"]
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace, more='labels = { team = "ml" }'))
    (kept,) = named(terraform.plan())
    assert "spec.values.ingress.note" in kept["detail"]
    terraform.apply("-backup=-")
    same(before, live(kubectl, namespace))
    has_no_secret(terraform)


# ---- what is refused -----------------------------------------------------------------------------------------------


def refusals():
    def other(resource):
        resource["provider"] = 'provider["registry.terraform.io/hashicorp/kubernetes"]'

    def version(number):
        return lambda resource: resource["instances"][0].update(schema_version=number)

    def chart(resource):
        resource["instances"][0]["attributes"]["metadata"]["chart"] = "tiny"

    return {
        "another provider": (other, "A helm_release of registry.terraform.io/hashicorp/kubernetes"),
        "older": (version(0), "(schema version 0)"),
        "newer": (version(3), "(schema version 3)"),
        "another chart": (chart, "is of the chart tiny"),
    }


@pytest.mark.parametrize("case", refusals())
def test_what_cannot_move(unmoved, peers, kubectl, wandb_cr, namespace, case):
    change, words = refusals()[case]
    before, terraform = wandb_cr(), peers()
    resource = helm_state("3.1", namespace)
    change(resource)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource) + instance(namespace))
    plan = terraform.plan(expect=(1,))
    (error,) = diagnostics(plan.events)
    text = " ".join(error["detail"].split())
    assert words in text and "import" in text.lower(), text
    assert live(kubectl, namespace) == before and MARK not in plan.text


# ---- adopting, importing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["adopt", "import"])
def test_a_release_that_is_retired(terraform, kubectl, helm3, wandb_cr, namespace, way):
    """Where nothing of Terraform's has the release, naming it is enough; another name is refused."""
    before = wandb_cr()
    block = f'import {{\n  to = wandb_instance.this\n  id = "{namespace}/wandb"\n}}\n' if way == "import" else ""
    more = "adopt = true\n  " if way == "adopt" else ""
    text = terraform.header() + block
    terraform.write(text + instance(namespace, more=more + f'retire_helm_release = "{namespace}/other"', wait="none"))
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    assert f'retire_helm_release = "{namespace}/wandb-cr"' in " ".join(error["detail"].split())
    terraform.write(
        text + instance(namespace, more=more + f'retire_helm_release = "{namespace}/wandb-cr"', wait="none")
    )
    (said,) = [each for each in terraform.plan().warnings if each["summary"].startswith("Helm release lets go of")]
    assert 'the Helm release "wandb-cr"' in said["detail"] and "destroys no helm_release" in said["detail"]
    terraform.apply()
    same(before, live(kubectl, namespace))
    assert helm3.json("list", "-n", namespace, "--all") == []
    assert terraform.resources()["wandb_instance.this"]["helm_release"] is None
    assert terraform.plan().empty
    everyday(terraform, kubectl, namespace)


def test_a_release_name_is_checked(terraform, namespace):
    terraform.write(terraform.header() + instance(namespace, more='retire_helm_release = "wandb-cr"'))
    (error,) = [each for each in terraform.validate()["diagnostics"] if each["severity"] == "error"]
    assert "NAMESPACE/NAME" in error["detail"] and '"wandb-cr"' in error["detail"]


# ---- the operator's release ----------------------------------------------------------------------------------------

OPERATOR = {
    "Chart.yaml": "apiVersion: v2\nname: operator\nversion: 1.4.2\nappVersion: 1.0.0\n",
    "values.yaml": 'image: {tag: 1.20.0}\ntoken: ""\n',
    "templates/all.yaml": """\
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Secret
metadata: {name: app}
stringData: {token: {{ .Values.token | quote }}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - {name: app, image: "example/app:{{ .Values.image.tag }}", resources: {limits: {cpu: 0.5, memory: 1024Mi}}}
""",
}


@pytest.fixture(params=["helm3", "helm4"])
def operator(request, kubectl, namespace, tmp_path):
    helm = request.getfixturevalue(request.param)
    chart = write_chart(tmp_path / "operator", OPERATOR)
    helm("install", "operator", chart, "-n", namespace, "--set", f"image.tag=1.21.0,token={planted('token')}", "--wait")
    return helm, chart


def operator_state(version, namespace, chart, **changed):
    resource, attributes = recorded(HELM[version], "helm_release", "operator")
    attributes.update(name="operator", namespace=namespace, chart=str(chart), repository=None)
    metadata = attributes["metadata"][0] if version == "2.17" else attributes["metadata"]
    metadata.update(
        namespace=namespace, name="operator", values='{"image":{"tag":"1.21.0"},"token":"(sensitive value)"}'
    )
    attributes["set_sensitive"] = [{"name": "token", "type": "", "value": planted("token")}]
    attributes.update(changed)
    return resource


NOWHERE = "http://127.0.0.1:1/charts"  # planning asks no repository


def of_operator(namespace, chart, more=""):
    body = (
        'version = "1.4.2"\n  values = { image = { tag = "1.21.0" } }\n'
        f'  values_wo = {{ token = "{planted("token")}" }}\n  {more}'
    )
    return release(namespace, chart, more=body).replace('"app"', '"operator"')


def objects(kubectl, namespace):
    found = kubectl.json("-n", namespace, "get", "service,secret,deployment")["items"]
    return {
        (each["kind"], each["metadata"]["name"]): (each["metadata"]["uid"], each["metadata"].get("generation"))
        for each in found
    }


@pytest.mark.parametrize("version", HELM)
def test_the_operators_release(peers, kubectl, operator, namespace, version):
    """No drift that is none, and no second revision: the first plan is empty, and needs no repository."""
    helm, chart = operator
    before, terraform = objects(kubectl, namespace), peers()
    resource = operator_state(version, namespace, "operator", repository=NOWHERE)
    keep(terraform, resource)
    configuration = of_operator(namespace, "operator", f'repository = "{NOWHERE}"')
    terraform.write(terraform.header() + moved(resource, "wandb_operator.this") + configuration)
    plan = terraform.plan()
    assert plan.changes == {} and plan.warnings == [], plan.text
    terraform.apply("-backup=-")
    assert objects(kubectl, namespace) == before and terraform.plan().empty
    assert [each["revision"] for each in helm.json("history", "operator", "-n", namespace)] == [1]
    assert MARK not in (terraform.directory / "terraform.tfstate").read_text()
    terraform.write(terraform.header() + of_operator(namespace, chart, "max_history = 5").replace("1.21.0", "1.22.0"))
    terraform.apply("-backup=-")
    deployment = kubectl.json("-n", namespace, "get", "deployment", "app")
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image.endswith(":1.22.0") and terraform.plan().empty
    terraform.destroy("-backup=-")
    assert objects(kubectl, namespace) == {}


def test_a_folder_that_the_release_was_made_of(peers, helm3, operator, namespace):
    """Its digest is not known to the predecessor: it is noted, and what changes in the folder from then on is seen."""
    helm, chart = operator
    terraform = peers()
    resource = operator_state("3.1", namespace, chart)
    keep(terraform, resource)
    terraform.write(terraform.header() + moved(resource, "wandb_operator.this") + of_operator(namespace, chart))
    change = terraform.plan().change("wandb_operator.this")
    assert {key for key in change["after"] if change["after"][key] != change["before"][key]} == {"chart_digest"}
    terraform.apply("-backup=-")
    assert [each["revision"] for each in helm.json("history", "operator", "-n", namespace)] == [1]
    assert terraform.plan().empty
    (chart / "templates" / "more.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n")
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}


def test_an_edit_from_before_is_found(terraform, kubectl, operator, namespace):
    """Also by an import: what the server filled in is no drift, what somebody changed or added is."""
    helm, chart = operator
    patch = {
        "spec": {
            "replicas": 1,
            "template": {"spec": {"containers": [{"name": "app", "image": "example/app:mine", "tty": True}]}},
        }
    }
    kubectl("-n", namespace, "patch", "deployment", "app", "-p", json.dumps(patch))
    kubectl("-n", namespace, "patch", "service", "app", "-p", '{"spec":{"sessionAffinity":"ClientIP"}}')
    block = f'import {{\n  to = wandb_operator.this\n  id = "{namespace}/operator"\n}}\n'
    terraform.write(terraform.header() + block + of_operator(namespace, chart))
    plan = terraform.plan()
    found = {item["path"] for item in plan.change("wandb_operator.this")["before"]["drift_found"]}
    assert found == {
        "spec.template.spec.containers[0].image",
        "spec.template.spec.containers[0].tty",
        "spec.sessionAffinity",
        "spec.sessionAffinityConfig",
    }, found


def test_importing_a_release_of_others_changes_nothing(terraform, kubectl, operator, namespace):
    helm, _ = operator
    before = objects(kubectl, namespace)
    block = f'import {{\n  to = wandb_operator.this\n  id = "{namespace}/operator"\n}}\n'
    text = of_operator(namespace, "operator").replace('version = "1.4.2"', "")
    terraform.write(terraform.header() + block + text)
    plan = terraform.plan()
    assert plan.changes == {}, plan.text
    terraform.apply()
    assert objects(kubectl, namespace) == before and terraform.plan().empty
    assert [each["revision"] for each in helm.json("history", "operator", "-n", namespace)] == [1]


def test_the_wrong_resource(unmoved, peers, wandb_cr, namespace, tmp_path):
    terraform = peers()
    resource = helm_state("3.1", namespace)
    keep(terraform, resource)
    terraform.write(
        terraform.header() + moved(resource, "wandb_operator.this") + of_operator(namespace, tmp_path / "none")
    )
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    assert "it becomes a wandb_instance" in " ".join(error["detail"].split())
