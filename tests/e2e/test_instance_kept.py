# SPDX-License-Identifier: Apache-2.0
"""Secrets that a live object has and a configuration does not give:
named in every plan, kept by every write, until a null lets them go."""

import json
import re

import pytest

import webhooks
from leaks import planted
from resources import live
from terraform import instances

KIND = "weightsandbiases.v1.apps.wandb.com"
OWNER = "terraform-provider-wandb/owner"
LICENSE, PASSWORD, OTHER = planted("license"), planted("password"), planted("other")
GLOBAL = {
    "host": "https://wandb.example.com",
    "license": LICENSE,
    "mysql": {"host": "db", "port": 3306, "password": PASSWORD},
}
HOST, MYSQL = 'host = "https://wandb.example.com"', 'mysql = { host = "db", port = 3306 }'
GIVEN = (
    f'license_wo = "{LICENSE}"\n'
    f'  secret_values_wo = {{ values = {{ global = {{ mysql = {{ password = "{PASSWORD}" }} }} }} }}'
)
PATHS = {"spec.values.global.license": "license_wo", "spec.values.global.mysql.password": "secret_values_wo"}

CONFIGURATION = """
resource "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{namespace}"
  {wait}
  spec      = {{ values = {{ {values} }} }}
  {more}
}}
"""


NO_WAIT = 'wait_for  = "none"'  # nobody reconciles the objects of these tests


def write(terraform, namespace, more="", values=f"global = {{ {HOST}, {MYSQL} }}", block="", wait=NO_WAIT):
    return terraform.write(
        terraform.header() + CONFIGURATION.format(namespace=namespace, more=more, values=values, wait=wait) + block
    )


def make(kubectl, namespace, values=None):
    """The custom resource as somebody else made it."""
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "wandb", "namespace": namespace},
            "spec": {"values": values or {"global": GLOBAL}},
        }
    )


@pytest.fixture
def existing(kubectl, crd, namespace):
    make(kubectl, namespace)
    return namespace


def values(kubectl, namespace):
    return live(kubectl, namespace)["spec"]["values"]


def patch(kubectl, namespace, values, *words):
    kubectl(
        "-n", namespace, "patch", KIND, "wandb", "--type=merge", "-p", json.dumps({"spec": {"values": values}}), *words
    )


def kept(plan, namespace, what="kept in"):
    """{path: attribute} of what a plan says it keeps; the summary names the object and counts."""
    warnings = [each for each in plan.warnings if each["summary"].startswith("Secrets ")]
    if not warnings:
        return {}
    (warning,) = warnings
    lines = [line.split() for line in warning["detail"].splitlines() if line.startswith("  ")]
    found = {path: attribute.strip("()") for path, attribute in lines}
    assert (
        warning["summary"]
        == f"Secrets {what} WeightsAndBiases/{namespace}/wandb: {len(found)} path{'s' * (len(found) != 1)}"
    )
    assert "null" in warning["detail"] or what != "kept in"
    return found


def versions(terraform):
    return terraform.resources()["wandb_instance.this"]["secret_versions"]


# ---- import ----


def test_import_with_a_generated_configuration(any_terraform, kubectl, existing):
    """The whole way of somebody who imports, and looks into nothing."""
    terraform = any_terraform
    terraform.write(terraform.header() + f'import {{\n  to = wandb_instance.this\n  id = "{existing}/wandb"\n}}\n')
    plan = terraform.plan("-generate-config-out=generated.tf")
    assert kept(plan, existing) == PATHS, plan.text
    before = values(kubectl, existing)
    terraform.apply()
    assert values(kubectl, existing) == before == {"global": GLOBAL}
    plan = terraform.plan()
    assert plan.empty and kept(plan, existing) == PATHS
    generated = terraform.directory / "generated.tf"
    text = generated.read_text().replace('host = "https://wandb.example.com"', 'host = "https://two.example.com"')
    text = re.sub(r"\n +wait_for +=.*", "", text)
    generated.write_text(re.sub(r"\n( +spec +=)", rf"\n  {NO_WAIT}\n\1", text))
    terraform.apply()
    assert values(kubectl, existing) == {"global": {**GLOBAL, "host": "https://two.example.com"}}
    assert terraform.plan().empty


@pytest.mark.parametrize("how", ["id", "block", "identity"])
def test_import_and_change(make_terraform, cluster, kubectl, existing, how):
    terraform = make_terraform("terraform-1.15", KUBE_CONFIG_PATH=cluster.kubeconfig)
    identity = {
        "block": f'id = "{existing}/wandb"',
        "identity": f'identity = {{ name = "wandb", namespace = "{existing}" }}',
    }
    block = f"import {{\n  to = wandb_instance.this\n  {identity[how]}\n}}\n" if how != "id" else ""
    values_ = f'global = {{ {HOST}, {MYSQL}, size = "small" }}'
    write(terraform, existing, values=values_, block=block)
    if how == "id":
        terraform.import_("wandb_instance.this", f"{existing}/wandb")
    plan = terraform.plan()
    assert kept(plan, existing) == PATHS and plan.code == 2, plan.text
    terraform.apply()
    assert values(kubectl, existing) == {"global": {**GLOBAL, "size": "small"}}
    plan = terraform.plan()
    assert plan.empty and kept(plan, existing) == PATHS


def test_an_import_that_gives_them_has_nothing_to_do(any_terraform, kubectl, existing):
    terraform = write(any_terraform, existing, GIVEN, wait="")  # as what is imported
    terraform.import_("wandb_instance.this", f"{existing}/wandb")
    plan = terraform.plan()
    assert plan.empty and kept(plan, existing) == {}, plan.text
    write(terraform, existing, GIVEN)
    assert versions(terraform) == {"values.global.license": 1, "values.global.mysql.password": 1}
    patch(kubectl, existing, {"global": {"license": OTHER}})  # from now on they are held to the configuration
    plan = terraform.plan()
    assert plan.code == 2 and "spec.values.global.license: wanted (sensitive), found" in plan.text
    terraform.apply()
    assert values(kubectl, existing) == {"global": GLOBAL} and terraform.plan().empty


def test_import_of_a_list_that_holds_some(terraform, kubectl, crd, namespace):
    """It is one secret as a whole, and stays out of the state."""
    users = [{"name": "a", "password": PASSWORD}, {"name": "b"}]
    make(kubectl, namespace, {"global": {"host": "https://wandb.example.com"}, "app": {"users": users, "hosts": ["x"]}})
    write(terraform, namespace, values=f'global = {{ {HOST} }}, app = {{ hosts = ["y"] }}')
    terraform.import_("wandb_instance.this", f"{namespace}/wandb")
    assert terraform.resources()["wandb_instance.this"]["spec"]["values"]["app"] == {"hosts": ["x"]}
    assert kept(terraform.plan(), namespace) == {"spec.values.app.users": "secret_values_wo"}
    terraform.apply()
    assert values(kubectl, namespace)["app"] == {"users": users, "hosts": ["y"]}
    write(
        terraform,
        namespace,
        f"secret_values_wo = {{ values = {{ app = {{ users = jsondecode({json.dumps(json.dumps(users))}) }} }} }}",
        values=f'global = {{ {HOST} }}, app = {{ hosts = ["y"] }}',
    )
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    # a list in spec says all that is in it: the plan shows that the secret goes
    write(terraform, namespace, values=f'global = {{ {HOST} }}, app = {{ hosts = ["y"], users = [{{ name = "b" }}] }}')
    plan = terraform.plan()
    assert set(plan.change("wandb_instance.this")["before"]["secret_versions"]) == {"values.app.users"}
    assert plan.change("wandb_instance.this")["after"]["secret_versions"] == {}
    terraform.apply()
    assert values(kubectl, namespace)["app"]["users"] == [{"name": "b"}] and terraform.plan().empty


# ---- adoption ----


def test_adoption_names_and_keeps(any_terraform, kubectl, existing):
    terraform = write(any_terraform, existing, "adopt = true", values=f'global = {{ {HOST}, {MYSQL}, size = "small" }}')
    plan = terraform.plan()
    assert kept(plan, existing) == PATHS, plan.text
    terraform.apply()
    assert values(kubectl, existing) == {"global": {**GLOBAL, "size": "small"}}
    plan = terraform.plan()
    assert plan.empty and kept(plan, existing) == PATHS and set(versions(terraform)) == {path[5:] for path in PATHS}


def test_adoption_from_another_instance(make_terraform, cluster, kubectl, crd, namespace):
    """Which applied them with the same field manager."""
    one, two = (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))
    write(one, namespace, GIVEN).apply()
    write(two, namespace, "adopt = true")
    plan = two.plan()
    assert [each["summary"] for each in plan.warnings if "kept in" in each["summary"]] == [
        f"Secrets kept in WeightsAndBiases/{namespace}/wandb: 2 paths"
    ]
    assert all(path in plan.text for path in PATHS)
    two.apply()
    assert values(kubectl, namespace) == {"global": GLOBAL}
    plan = two.plan()
    assert plan.empty and kept(plan, namespace) == PATHS


def test_detach_and_adopt(any_terraform, kubectl, crd, namespace):
    """What is detached is nobody's, so whoever adopts it sees what that changes."""
    terraform = write(any_terraform, namespace, GIVEN + '\n  on_destroy = "detach"')
    terraform.apply()
    assert "Instance detached" in terraform.destroy().stdout
    assert OWNER not in live(kubectl, namespace)["metadata"].get("annotations", {})
    write(terraform, namespace, "adopt = true", values=f'global = {{ {HOST}, {MYSQL}, size = "small" }}')
    plan = terraform.plan()
    assert kept(plan, namespace) == PATHS
    assert any('spec.values.global.size: wanted "small", found absent' in each["detail"] for each in plan.warnings), (
        plan.text
    )
    terraform.apply()
    assert values(kubectl, namespace) == {"global": {**GLOBAL, "size": "small"}}
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == PATHS


def test_adoption_with_a_null(terraform, kubectl, existing):
    """The configuration lets one go: the plan says so, and keeps the other."""
    write(terraform, existing, "adopt = true\n  secret_values_wo = { values = { global = { license = null } } }")
    plan = terraform.plan()
    assert kept(plan, existing) == {"spec.values.global.mysql.password": "secret_values_wo"}
    assert "spec.values.global.license: wanted absent, found (sensitive)" in plan.text
    terraform.apply()
    assert values(kubectl, existing) == {"global": {key: value for key, value in GLOBAL.items() if key != "license"}}
    assert terraform.plan().empty


# ---- detach ----


def test_detach_where_nothing_answers(terraform, kubectl, crd, namespace):
    write(terraform, namespace, 'on_destroy = "detach"').apply()
    text = terraform.run(
        "destroy", "-no-color", "-auto-approve", "-refresh=false", env={"KUBE_HOST": "https://127.0.0.1:1"}
    ).stdout
    assert "Instance detached" in text and OWNER in text and "could not be taken away" in " ".join(text.split())
    assert terraform.resources() == {} and OWNER in live(kubectl, namespace)["metadata"]["annotations"]


def test_detach_of_what_another_has(make_terraform, cluster, kubectl, crd, namespace):
    one, two = (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))
    write(one, namespace, 'on_destroy = "detach"').apply()
    write(two, namespace, "adopt = true").apply()
    one.destroy()
    assert live(kubectl, namespace)["metadata"]["annotations"][OWNER] == instances(two)[0]["attributes"]["owner"]
    kubectl("-n", namespace, "annotate", KIND, "wandb", f"{OWNER}-")  # and where there is nothing to take away
    write(two, namespace, 'on_destroy = "detach"').apply()
    two.destroy()
    assert live(kubectl, namespace)


# ---- what is not given any more ----


def test_removed_from_the_configuration(any_terraform, kubectl, crd, namespace):
    """Attribute, key, and the object around it: kept until null says otherwise, in either attribute."""
    terraform = write(any_terraform, namespace, GIVEN)
    terraform.apply()
    write(terraform, namespace)
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == PATHS, plan.text
    write(terraform, namespace, values=f"global = {{ {HOST} }}")  # the object around the password
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == PATHS
    terraform.apply()
    assert values(kubectl, namespace) == {
        "global": {"host": GLOBAL["host"], "license": LICENSE, "mysql": {"password": PASSWORD}}
    }
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == PATHS
    write(
        terraform,
        namespace,
        "secret_values_wo = { values = { global = { license = null } } }",
        values=f"global = {{ {HOST} }}",
    )
    plan = terraform.plan()
    change = plan.change("wandb_instance.this")
    assert set(change["before"]["secret_versions"]) - set(change["after"]["secret_versions"]) == {
        "values.global.license"
    }
    terraform.apply()
    assert values(kubectl, namespace) == {"global": {"host": GLOBAL["host"], "mysql": {"password": PASSWORD}}}
    write(terraform, namespace, values=f"global = {{ {HOST}, mysql = null }}")
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == {}
    terraform.apply()
    assert values(kubectl, namespace)["global"].get("mysql") is None
    plan = terraform.plan()
    assert plan.empty and not plan.warnings and versions(terraform) == {}


def test_moved_out_of_spec(terraform, kubectl, crd, namespace):
    """A secret that was plain: whoever removes it from spec keeps it, whoever moves it gives it on."""
    plain = f'global = {{ {HOST}, mysql = {{ host = "db", port = 3306, password = var.password }} }}'
    terraform.write('variable "password" { default = "pl4inpassword" }\n', "variables.tf")
    write(terraform, namespace, values=plain).apply()
    write(terraform, namespace)
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == {"spec.values.global.mysql.password": "secret_values_wo"}
    assert plan.change("wandb_instance.this")["after"]["secret_versions"] == {"values.global.mysql.password": 1}
    terraform.apply()
    assert values(kubectl, namespace)["global"]["mysql"]["password"] == "pl4inpassword"
    write(terraform, namespace, "secret_values_wo = { values = { global = { mysql = { password = var.password } } } }")
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_a_plan_says_which_secrets_change(terraform, kubectl, crd, namespace):
    """By their paths: changed, added, removed; never by their values."""

    def plan_of(more):
        change = write(terraform, namespace, more).plan().change("wandb_instance.this")
        return change["before"]["secret_versions"], change["after"]["secret_versions"]

    write(terraform, namespace, GIVEN).apply()
    before, after = plan_of(
        GIVEN.replace(LICENSE, OTHER).replace("values = { global = {", 'values = { new = "' + OTHER + '", global = {')
    )
    assert before == {"values.global.license": 1, "values.global.mysql.password": 1}
    assert after == {"values.global.license": 2, "values.new": 1}  # what is the same now may be another at apply
    terraform.apply()
    assert versions(terraform) == {"values.global.license": 2, "values.global.mysql.password": 1, "values.new": 1}
    before, after = plan_of(f'license_wo = "{OTHER}"\n  secret_values_wo = {{ values = {{ new = null }} }}')
    assert after == {"values.global.mysql.password": 1}
    terraform.apply()
    assert versions(terraform) == {
        "values.global.license": 2,
        "values.global.mysql.password": 1,
    } and "new" not in values(kubectl, namespace)


def test_another_value_at_apply(any_terraform, kubectl, crd, namespace):
    """An ephemeral value may be another one when the plan is applied; that is what is written."""
    terraform = any_terraform
    terraform.write('variable "license" { ephemeral = true }\n', "variables.tf")
    terraform.environment["TF_VAR_license"] = LICENSE
    write(terraform, namespace, "license_wo = var.license").apply()
    write(terraform, namespace, "license_wo = var.license", values=f"global = {{ {HOST} }}")
    plan = terraform.plan()
    terraform.run("apply", "-no-color", plan.file, env={"TF_VAR_license": OTHER})
    assert values(kubectl, namespace)["global"]["license"] == OTHER and versions(terraform) == {
        "values.global.license": 2
    }
    terraform.environment["TF_VAR_license"] = OTHER
    assert terraform.plan().empty


# ---- others ----


@pytest.mark.parametrize("how", ["patch", "apply"])
def test_a_secret_that_another_adds(any_terraform, kubectl, crd, namespace, how):
    """It is theirs: named, kept, and theirs to change."""

    def theirs(secret):
        if how == "patch":
            return patch(kubectl, namespace, {"global": {"slack": {"secret": secret}}}, "--field-manager=rotator")
        return kubectl(
            "apply",
            "--server-side",
            "--field-manager=rotator",
            "-f",
            "-",
            input=json.dumps(
                {
                    "apiVersion": "apps.wandb.com/v1",
                    "kind": "WeightsAndBiases",
                    "metadata": {"name": "wandb", "namespace": namespace},
                    "spec": {"values": {"global": {"slack": {"secret": secret}}}},
                }
            ),
        )

    terraform = write(any_terraform, namespace)
    terraform.apply()
    theirs(planted("first"))
    named = {"spec.values.global.slack.secret": "secret_values_wo"}
    for _ in range(2):
        plan = terraform.plan()
        assert plan.empty and kept(plan, namespace) == named, plan.text
    write(terraform, namespace, values=f'global = {{ {HOST}, {MYSQL}, size = "small" }}').apply()
    assert values(kubectl, namespace)["global"]["slack"] == {"secret": planted("first")}
    theirs(planted("second"))  # no conflict: the write did not make it ours
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == named
    terraform.refresh()
    assert versions(terraform) == {"values.global.slack.secret": 2}
    write(terraform, namespace, values=f'global = {{ {HOST}, {MYSQL}, size = "large" }}').apply()
    assert values(kubectl, namespace)["global"]["slack"] == {"secret": planted("second")}
    write(terraform, namespace, "secret_values_wo = { values = { global = { slack = null } } }")
    terraform.apply()
    assert "secret" not in (values(kubectl, namespace)["global"].get("slack") or {})
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_a_kept_secret_that_another_changes(terraform, kubectl, crd, namespace):
    """The configuration says nothing of it, so it is no drift; and the next write has the new value."""
    write(terraform, namespace, GIVEN).apply()
    write(terraform, namespace, values=f'global = {{ {HOST}, {MYSQL}, size = "small" }}').apply()
    patch(kubectl, namespace, {"global": {"license": OTHER, "mysql": {"password": None}}})
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == {"spec.values.global.license": "license_wo"}, plan.text
    assert [each["summary"] for each in plan.warnings] == [
        f"Secrets kept in WeightsAndBiases/{namespace}/wandb: 1 path"
    ]
    terraform.refresh()
    assert versions(terraform) == {"values.global.license": 2}
    write(terraform, namespace).apply()
    assert values(kubectl, namespace) == {
        "global": {"host": GLOBAL["host"], "license": OTHER, "mysql": {"host": "db", "port": 3306}}
    }


def test_one_that_is_repaired_beside_it(terraform, kubectl, crd, namespace):
    """Drift is put back, what another added under a secret's name stays."""
    write(terraform, namespace, GIVEN).apply()
    patch(
        kubectl,
        namespace,
        {
            "global": {
                "host": "https://other.example.com",
                "license": OTHER,
                "email": {"smtp": {"password": PASSWORD, "port": 25}},
            }
        },
    )
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == {"spec.values.global.email.smtp.password": "secret_values_wo"}
    terraform.apply()
    assert values(kubectl, namespace) == {"global": {**GLOBAL, "email": {"smtp": {"password": PASSWORD}}}}
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == {"spec.values.global.email.smtp.password": "secret_values_wo"}


@pytest.mark.parametrize("more", ['drift = "report"', "lifecycle { ignore_changes = [spec] }"])
def test_where_drift_is_left(terraform, kubectl, crd, namespace, more):
    write(terraform, namespace, f"{GIVEN}\n  {more}").apply()
    write(terraform, namespace, more)
    patch(kubectl, namespace, {"global": {"size": "large", "slack": {"secret": OTHER}}})
    named = {**PATHS, "spec.values.global.slack.secret": "secret_values_wo"}
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == named, plan.text
    write(terraform, namespace, f'labels = {{ team = "ml" }}\n  {more}').apply()
    found = values(kubectl, namespace)["global"]
    assert (found["license"], found["mysql"]["password"], found["slack"]) == (LICENSE, PASSWORD, {"secret": OTHER})


def test_another_machine(make_terraform, cluster, kubectl, crd, namespace):
    """Which has the state alone, and no memory of the process that wrote."""
    one, two = (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))
    write(one, namespace, GIVEN).apply()
    (two.directory / "terraform.tfstate").write_text((one.directory / "terraform.tfstate").read_text())
    write(two, namespace, f'license_wo = "{LICENSE}"')
    plan = two.plan()
    assert plan.empty and kept(plan, namespace) == {"spec.values.global.mysql.password": "secret_values_wo"}
    write(two, namespace, f'license_wo = "{LICENSE}"', values=f"global = {{ {HOST} }}").apply()
    assert values(kubectl, namespace)["global"]["mysql"] == {"password": PASSWORD}


def test_a_state_of_an_earlier_version(terraform, kubectl, crd, namespace):
    """It knows no secret_versions, and no secret that nobody gave."""
    write(terraform, namespace, GIVEN).apply()
    path = terraform.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    state["serial"] += 1
    del state["resources"][0]["instances"][0]["attributes"]["secret_versions"]
    path.write_text(json.dumps(state))
    patch(kubectl, namespace, {"global": {"slack": {"secret": OTHER}}})
    plan = terraform.plan()
    assert plan.empty and set(kept(plan, namespace)) == {"spec.values.global.slack.secret"}, plan.text
    terraform.refresh()
    assert versions(terraform) == {
        "values.global.license": 1,
        "values.global.mysql.password": 1,
        "values.global.slack.secret": 1,
    }


def test_a_replacement_names_what_goes(any_terraform, kubectl, crd, namespace):
    """What is destroyed takes its secrets along."""
    terraform = write(any_terraform, namespace, GIVEN)
    terraform.apply()
    write(terraform, namespace)
    terraform.run("taint", "wandb_instance.this")
    plan = terraform.plan()
    assert kept(plan, namespace, "go with") == PATHS, plan.text
    write(terraform, namespace, GIVEN)
    assert kept(terraform.plan(), namespace) == {}


def test_a_plan_asks_nothing_more(terraform, kubectl, crd, cluster, namespace):
    write(terraform, namespace, GIVEN).apply()
    write(terraform, namespace)
    position = cluster.audit_position()
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == PATHS
    asked = [
        event
        for event in cluster.audit("terraform-provider-wandb", since=position)
        if event["stage"] == "ResponseComplete"
    ]
    assert len([event for event in asked if event.get("objectRef", {}).get("resource") == "weightsandbiases"]) == 1


# ---- v2 ----

V2 = "weightsandbiases.v2.apps.wandb.com"
CONFIGURATION_V2 = """
resource "wandb_instance" "this" {{
  name        = "wandb"
  namespace   = "{namespace}"
  api_version = "apps.wandb.com/{version}"
  wait_for    = "none"
  spec        = {spec}
  {more}
}}
"""
SPEC_V1 = f"""{{ chart = {{}}, values = {{ app = {{ image = {{ tag = "0.77.1" }} }}, global = {{
  host = "https://one.example.com", size = "dev", imageRegistry = "{webhooks.REGISTRY}" }} }} }}"""
SPEC_V2 = '{ wandb = { hostname = "https://one.example.com", version = "0.77.1"%s } }'


@pytest.fixture
def v2(kubectl, cluster, tmp_path, leaks):
    leaks.allow(
        "^object WeightsAndBiases wandb$", "the conversion, which is the operator's, keeps v1's values in annotations"
    )
    with webhooks.V2(kubectl, cluster.kubeconfig, tmp_path) as v2:
        yield v2


def write_version(terraform, namespace, version, spec, more=""):
    return terraform.write(
        terraform.header() + CONFIGURATION_V2.format(namespace=namespace, version=version, spec=spec, more=more)
    )


def license_of(kubectl, namespace):
    return kubectl.json("-n", namespace, "get", V2, "wandb")["spec"]["wandb"].get("license")


def test_v2_and_the_way_to_it(terraform, kubectl, v2, namespace):
    """The license stands elsewhere there, and is kept all the same."""
    write_version(terraform, namespace, "v1", SPEC_V1, f'license_wo = "{LICENSE}"').apply()
    write_version(terraform, namespace, "v2", SPEC_V2 % "")
    plan = terraform.plan()
    assert kept(plan, namespace) == {"spec.wandb.license": "license_wo"}, plan.text
    terraform.apply()
    assert license_of(kubectl, namespace) == LICENSE
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == {"spec.wandb.license": "license_wo"}, plan.text
    write_version(terraform, namespace, "v2", SPEC_V2 % ', additionalHostnames = ["two.example.com"]').apply()
    assert license_of(kubectl, namespace) == LICENSE and set(versions(terraform)) == {"wandb.license"}
    write_version(terraform, namespace, "v2", SPEC_V2 % "", f'license_wo = "{OTHER}"').apply()
    assert license_of(kubectl, namespace) == OTHER and terraform.plan().empty
    write_version(terraform, namespace, "v2", SPEC_V2 % ", license = null").apply()
    assert license_of(kubectl, namespace) is None
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
