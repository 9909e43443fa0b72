# SPDX-License-Identifier: Apache-2.0
"""Secrets are in every write and in nothing else:
not in state, plan, log, warning, error, annotation or managedFields."""

import base64
import json

import pytest

import scenarios
import tools
from leaks import planted
from resources import CHART
from terraform import diagnostics

KIND = "weightsandbiases.v1.apps.wandb.com"
PLANTED = {name: planted(name) for name in ("license", "password", "list", "odd", "other")}

CONFIGURATION = """
variable "license"  {{ ephemeral = true }}
variable "password" {{ ephemeral = true }}
resource "wandb_instance" "this" {{
  name       = "wandb"
  namespace  = "{namespace}"
  wait_for   = "{wait}"
  spec       = {{ {chart} values = {{ global = {{ host = "{host}" }} {more} }} }}
  license_wo = var.license
  secret_values_wo = {{
    values = {{
      global = {{ mysql = {{ password = var.password }} }}
      app    = {{ extraEnv = {{ "ODD.KEY" = "{odd}" }}, list = ["{list}"] }}
    }}
  }}
  {attributes}
}}
"""


class Watch:
    """Runs terraform with full tracing and looks into everything that it leaves."""

    def __init__(self, terraform, namespace, **secrets):
        self.terraform, self.namespace, self.texts, self.secrets = terraform, namespace, [], {**PLANTED, **secrets}

    def write(self, host="https://wandb.example.com", more="", attributes="", wait="none", chart=""):
        self.terraform.write(
            self.terraform.header()
            + CONFIGURATION.format(
                namespace=self.namespace,
                host=host,
                more=more,
                attributes=attributes,
                wait=wait,
                chart=chart,
                odd=PLANTED["odd"],
                list=PLANTED["list"],
            )
        )

    def run(self, *words, expect=(0,), **env):
        log = self.terraform.directory / "trace.log"
        log.unlink(missing_ok=True)
        variables = {"TF_VAR_license": self.secrets["license"], "TF_VAR_password": self.secrets["password"]}
        result = self.terraform.run(
            *words, expect=expect, env={"TF_LOG": "trace", "TF_LOG_PATH": str(log), **variables, **env}
        )
        # Terraform itself logs the configuration's literals; what it says of the provider and what the provider says
        # counts
        lines = [line for line in log.read_text(errors="replace").splitlines() if "provider" in line]
        self.texts += [result.stdout, result.stderr, "\n".join(lines)]
        return result

    def apply(self, expect=(0,), **env):
        return self.run("apply", "-no-color", "-auto-approve", expect=expect, **env)

    def plan(self, expect=(0, 2)):
        result = self.run("plan", "-no-color", "-detailed-exitcode", "-out=plan.out", expect=expect)
        if result.code in (0, 2):
            self.texts.append(self.terraform.run("show", "-json", "plan.out").stdout)
        return result

    def check(self, *extra):
        for path in self.terraform.directory.glob("terraform.tfstate*"):
            self.texts.append(path.read_text())
        # private state is base64 in the state file
        for resource in json.loads((self.terraform.directory / "terraform.tfstate").read_text())["resources"]:
            self.texts += [base64.b64decode(each.get("private", "")).decode() for each in resource["instances"]]
        for secret in (*self.secrets.values(), *extra):
            assert [
                text[max(0, text.index(secret) - 300) : text.index(secret) + 100]
                for text in self.texts
                if secret in text
            ] == []


@pytest.fixture
def watch(terraform, crd, namespace):
    return Watch(terraform, namespace)


def values(kubectl, namespace):
    return kubectl.json("-n", namespace, "get", KIND, "wandb")["spec"]["values"]


def is_written(kubectl, namespace, **changed):
    secrets, found = {**PLANTED, **changed}, values(kubectl, namespace)
    assert (
        found["global"]["license"] == secrets["license"] and found["global"]["mysql"]["password"] == secrets["password"]
    )
    assert found["app"] == {"extraEnv": {"ODD.KEY": secrets["odd"]}, "list": [secrets["list"]]}


def test_every_write_has_them_and_nothing_else(watch, kubectl, namespace):
    watch.write()
    watch.apply()
    is_written(kubectl, namespace)
    assert watch.plan().code == 0
    watch.write(host="https://b.example.com", more=', ingress = { class = "alb" }')
    assert watch.plan().code == 2
    watch.apply()
    is_written(kubectl, namespace)
    object = kubectl.json("-n", namespace, "get", KIND, "wandb", "--show-managed-fields")
    watch.texts.append(json.dumps(object["metadata"]))
    watch.check()


def test_a_change_of_secrets_alone(watch, kubectl, namespace):
    watch.write()
    watch.apply()
    watch.secrets["password"] = "pl4nted-new-password"
    result = watch.plan()
    assert result.code == 2
    watch.apply()
    is_written(kubectl, namespace, password="pl4nted-new-password")
    assert watch.plan().code == 0
    watch.check(PLANTED["password"])


@pytest.mark.parametrize(
    "patch",
    [
        {"global": {"license": "pl4nted-by-hand"}},
        {"global": {"mysql": {"password": None}}},
        {"app": {"list": ["pl4nted-by-hand"]}},
        {"app": {"extraEnv": {"ODD.KEY": "pl4nted-by-hand"}}},
    ],
)
def test_edited_in_the_cluster(watch, kubectl, namespace, patch):
    watch.write()
    watch.apply()
    kubectl("-n", namespace, "patch", KIND, "wandb", "--type=merge", "-p", json.dumps({"spec": {"values": patch}}))
    result = watch.plan()
    assert result.code == 2 and "sensitive" in result.stdout
    watch.apply()
    is_written(kubectl, namespace)
    assert watch.plan().code == 0
    watch.check("pl4nted-by-hand")


def test_added_in_the_cluster(watch, kubectl, namespace):
    """A secret that nobody gave is somebody else's: it stays, unseen."""
    watch.write()
    watch.apply()
    kubectl(
        "-n",
        namespace,
        "patch",
        KIND,
        "wandb",
        "--type=merge",
        "-p",
        json.dumps({"spec": {"values": {"global": {"email": {"smtp": {"password": "pl4nted-by-hand"}}}}}}),
    )
    result = watch.plan()
    assert result.code == 0 and "spec.values.global.email.smtp.password (secret_values_wo)" in result.stdout
    watch.write(host="https://b.example.com")
    watch.apply()
    is_written(kubectl, namespace)
    assert values(kubectl, namespace)["global"]["email"] == {"smtp": {"password": "pl4nted-by-hand"}}
    assert watch.plan().code == 0
    watch.check("pl4nted-by-hand")


def test_removed_from_the_configuration(watch, kubectl, namespace):
    watch.write()
    watch.apply()
    watch.terraform.write(
        watch.terraform.header()
        + f'''
resource "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{namespace}"
  wait_for  = "none"
  spec      = {{ values = {{ global = {{ host = "https://wandb.example.com" }} }} }}
}}
'''
    )
    assert watch.plan().code == 0
    is_written(kubectl, namespace)  # kept: see test_instance_kept.py
    watch.terraform.write(
        watch.terraform.directory.joinpath("main.tf")
        .read_text()
        .replace('example.com" } }', 'example.com", license = null, mysql = null }, app = null }')
    )
    assert watch.plan().code == 2
    watch.apply()
    found = values(kubectl, namespace)
    assert not any(found["global"].get(name) or found.get(name) for name in ("license", "mysql", "app"))
    assert watch.plan().code == 0
    watch.check()


def test_both_sources(watch):
    watch.write(more=', app = { list = ["plain"] }')
    result = watch.plan(expect=(1,))
    assert "write-only" in result.stderr
    watch.texts = [text.replace(PLANTED["list"], "") for text in watch.texts]
    assert not any(PLANTED["license"] in text or PLANTED["password"] in text for text in watch.texts)


def test_refused_by_the_api(watch, kubectl):
    watch.write(attributes='labels = { "not a label!" = "x" }')
    result = watch.apply(expect=(1,))
    assert "label" in result.stderr
    assert not any(secret in text for text in watch.texts for secret in watch.secrets.values())


def test_out_of_reach(watch):
    watch.write()
    watch.apply(expect=(1,), KUBE_HOST="https://127.0.0.1:1")
    assert not any(secret in text for text in watch.texts for secret in watch.secrets.values())


def test_with_the_operator(terraform, cluster, kubectl, tmp_path):
    """The operator merges the secrets into its active spec; waits and their errors compare with it."""
    with scenarios.World(kubectl, tools.get("helm4"), cluster.kubeconfig, tmp_path) as world:
        watch = Watch(terraform, world.namespace)
        watch.write(wait="ready")
        watch.apply()
        assert world.level("spec-active")["values"]["global"]["license"] == PLANTED["license"]
        assert watch.plan().code == 0
        world.operator.stop()
        watch.secrets["license"] = "pl4nted-next-license"
        watch.write(wait="accepted", attributes='timeouts = { update = "3s" }')
        result = watch.apply(expect=(1,))
        assert "values.global.license" in result.stderr
        world.console({"global": {"mysql": 1}})
        watch.write(wait="accepted", host="https://c.example.com")
        assert watch.plan(expect=(1,)).code == 1
        watch.check(PLANTED["license"])
        world.console({})
        world.operator.start()
        watch.apply()
        assert world.channel.requests[-1]["license"] == "pl4nted-next-license"
        watch.check(PLANTED["license"])


WORDS = (
    "is a write-only attribute, and this version of Terraform does not support these. "
    "Use Terraform 1.11 or later or OpenTofu 1.11 or later, "
    "or remove the attribute."
)
NOT_KNOWN = """
variable "license" {{ sensitive = true }}
resource "wandb_instance" "this" {{
  name       = "wandb"
  namespace  = "{namespace}"
  wait_for   = "none"
  spec       = {{ values = {{ global = {{ host = "https://wandb.example.com" }} }} }}
  depends_on = [wandb_operator.this]
  {secrets}
}}
resource "wandb_operator" "this" {{
  namespace  = "{namespace}"
  chart      = "{chart}"
  values     = {{ nameOverride = "{namespace}" }}
  {values}
}}
"""


@pytest.mark.parametrize("cli", ["terraform-1.10", pytest.param("tofu-1.10", marks=pytest.mark.full)])
def test_where_write_only_is_not_known(make_terraform, cluster, kubectl, crd, namespace, leaks, cli):
    """The newest clients without write-only attributes take them for ordinary ones, and would store them:
    each is refused by name."""
    leaks.allow(
        r"^plan \d+\.plan$",
        "a saved plan holds the values of variables, but of ephemeral ones, which some of these do not know",
    )
    terraform = make_terraform(cli, KUBE_CONFIG_PATH=cluster.kubeconfig, TF_VAR_license=PLANTED["license"])

    def write(secrets, values):
        return terraform.write(
            terraform.header() + NOT_KNOWN.format(namespace=namespace, chart=CHART, secrets=secrets, values=values)
        )

    def refused(*names):
        for events in (terraform.plan(expect=(1,)).events, terraform.apply_json(expect=(1,))):
            details = [each["detail"] for each in diagnostics(events)]
            assert sorted(detail.split()[0] for detail in details) == sorted(names), details
            assert all(WORDS in detail for detail in details)

    write("license_wo = var.license", "").validate()  # what a variable holds is not known yet
    refused("license_wo")
    write(f'license_wo = "{PLANTED["license"]}"\n  secret_values_wo = {{ values = {{ a = var.license }} }}', "")
    refused("license_wo", "secret_values_wo")
    write("", "values_wo = { b = var.license }")
    refused("values_wo")
    assert not (terraform.directory / "terraform.tfstate").exists()
    assert kubectl("-n", namespace, "get", "weightsandbiases,deployments", "-o", "name") == ""
    write("", "").apply()  # all the rest works with them
    assert terraform.plan().empty
    terraform.destroy()
