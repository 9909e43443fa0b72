# SPDX-License-Identifier: Apache-2.0
"""Secret values that a release has and a configuration does not give:
named in every plan, kept by every upgrade, until a null lets them go."""

import json

import pytest

from leaks import planted
from release_charts import files, release, write_chart

PASSWORD, TOKEN = planted("password"), planted("token")
LOGIN = {"login": {"user": "a", "password": PASSWORD}}
NAMED = {"login.password": "values_wo"}
GIVEN = f'values_wo = {{ login = {{ password = "{PASSWORD}" }} }}'


@pytest.fixture
def chart(tmp_path, leaks):
    leaks.allow("^Helm release$", "a Helm release holds the values it was made with")
    return write_chart(tmp_path / "chart")


def write(terraform, namespace, chart, values=None, more="", block=""):
    return terraform.write(
        terraform.header()
        + release(namespace, chart, {"login": {"user": "a"}} if values is None else values, more)
        + block
    )


@pytest.fixture
def installed(helm3, namespace, chart, tmp_path):
    """By helm."""
    helm3("install", "app", chart, "-n", namespace, *files(tmp_path, LOGIN))
    return namespace


def values(helm3, namespace):
    return helm3.json("get", "values", "app", "-n", namespace)


def kept(plan, namespace, what="kept in"):
    """{path: attribute} of what a plan says it keeps; the summary names the release and counts."""
    warnings = [each for each in plan.warnings if each["summary"].startswith("Secrets ")]
    if not warnings:
        return {}
    (warning,) = warnings
    found = {
        path: attribute.strip("()")
        for path, attribute in (line.split() for line in warning["detail"].splitlines() if line.startswith("  "))
    }
    assert warning["summary"] == f"Secrets {what} Release/{namespace}/app: {len(found)} path{'s' * (len(found) != 1)}"
    return found


def versions(terraform):
    return terraform.resources()["wandb_operator.this"]["secret_versions"]


@pytest.mark.parametrize("how", ["id", "block"])
def test_import(any_terraform, helm3, installed, chart, how):
    terraform, block = any_terraform, f'import {{\n  to = wandb_operator.this\n  id = "{installed}/app"\n}}\n'
    write(terraform, installed, chart, {"login": {"user": "a"}, "replicas": 2}, block=block if how == "block" else "")
    if how == "id":
        terraform.import_("wandb_operator.this", f"{installed}/app")
        assert terraform.resources()["wandb_operator.this"]["values"] == {"login": {"user": "a"}}
    plan = terraform.plan()
    assert kept(plan, installed) == NAMED, plan.text
    terraform.apply()
    assert values(helm3, installed) == {**LOGIN, "replicas": 2}
    plan = terraform.plan()
    assert plan.empty and kept(plan, installed) == NAMED and versions(terraform) == {"login.password": 1}


def test_import_of_a_list_that_holds_some(terraform, helm3, namespace, chart, tmp_path):
    """It is one secret as a whole, stays out of the state, and is kept as helm reads it, numbers as well."""
    users = [{"name": "a", "password": PASSWORD, "uid": 1000000}, {"name": "b"}]
    helm3("install", "app", chart, "-n", namespace, *files(tmp_path, {"users": users, "replicas": 1}))
    write(terraform, namespace, chart, {"replicas": 2})
    terraform.import_("wandb_operator.this", f"{namespace}/app")
    assert terraform.resources()["wandb_operator.this"]["values"] == {"replicas": 1}
    assert kept(terraform.plan(), namespace) == {"users": "values_wo"}
    terraform.apply()
    assert values(helm3, namespace) == {"users": users, "replicas": 2} and terraform.plan().empty


def test_adoption(any_terraform, helm3, installed, chart):
    terraform = write(any_terraform, installed, chart, {"login": {"user": "a"}, "replicas": 2}, "adopt = true")
    plan = terraform.plan()
    assert kept(plan, installed) == NAMED, plan.text
    terraform.apply()
    assert values(helm3, installed) == {**LOGIN, "replicas": 2}
    plan = terraform.plan()
    assert plan.empty and kept(plan, installed) == NAMED


def test_removed_from_the_configuration(any_terraform, helm3, namespace, chart):
    """Attribute, and the object around it: kept until null says otherwise, in values, values_yaml or values_wo."""
    terraform = write(any_terraform, namespace, chart, more=GIVEN)
    terraform.apply()
    assert versions(terraform) == {"login.password": 1}
    write(terraform, namespace, chart)
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == NAMED, plan.text
    write(terraform, namespace, chart, {"replicas": 2})
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == NAMED
    terraform.apply()
    assert values(helm3, namespace) == {"login": {"password": PASSWORD}, "replicas": 2} and terraform.plan().empty
    write(terraform, namespace, chart, {"replicas": 2}, "values_wo = { login = { password = null } }")
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == {}
    change = plan.change("wandb_operator.this")
    assert (change["before"]["secret_versions"], change["after"]["secret_versions"]) == ({"login.password": 1}, {})
    terraform.apply()
    assert (values(helm3, namespace).get("login") or {}).get("password") is None
    plan = terraform.plan()
    assert plan.empty and not plan.warnings and versions(terraform) == {}


@pytest.mark.parametrize(
    "more, given",
    [
        ("", {"login": None}),
        ("", {"login": {"password": None}}),
        ('values_yaml = ["login: {password: ~}"]', {"replicas": 1}),
    ],
)
def test_a_null_in_what_is_plain(terraform, helm3, namespace, chart, more, given):
    write(terraform, namespace, chart, more=GIVEN).apply()
    write(terraform, namespace, chart, given, more)
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == {}, plan.text
    terraform.apply()
    assert (values(helm3, namespace).get("login") or {}).get("password") is None
    assert terraform.plan().empty


@pytest.mark.parametrize(
    "before, after",
    [
        ({"values": {"login": {"user": "a", "password": "pl4in"}}}, {"values": {"login": {"user": "a"}}}),
        ({"more": 'values_yaml = ["login: {password: pl4in}"]'}, {"more": ""}),
    ],
)
def test_moved_out_of_what_is_plain(terraform, helm3, namespace, chart, leaks, before, after):
    leaks.allowed.clear()  # nothing that is planted
    write(terraform, namespace, chart, **before).apply()
    write(terraform, namespace, chart, **after)
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == NAMED, plan.text
    assert plan.change("wandb_operator.this")["after"]["secret_versions"] == {"login.password": 1}
    terraform.apply()
    assert values(helm3, namespace) == {"login": {"user": "a", "password": "pl4in"}}
    assert terraform.plan().empty


def test_a_plan_says_which_secrets_change(terraform, namespace, chart):
    write(terraform, namespace, chart, more=GIVEN).apply()
    write(terraform, namespace, chart, more=f'values_wo = {{ login = {{ password = "{TOKEN}" }}, other = "{TOKEN}" }}')
    change = terraform.plan().change("wandb_operator.this")
    assert (change["before"]["secret_versions"], change["after"]["secret_versions"]) == (
        {"login.password": 1},
        {"login.password": 2, "other": 1},
    )
    terraform.apply()
    assert versions(terraform) == {"login.password": 2, "other": 1}


def test_what_helm_adds(terraform, helm3, namespace, chart, tmp_path):
    """An upgrade by hand is put back, but for the secrets that it brought."""
    write(terraform, namespace, chart, more=GIVEN).apply()
    helm3(
        "upgrade",
        "app",
        chart,
        "-n",
        namespace,
        *files(tmp_path, {"login": {"password": PASSWORD, "token": TOKEN}, "replicas": 3}),
    )
    plan = terraform.plan()
    assert plan.code == 2 and kept(plan, namespace) == {"login.token": "values_wo"}, plan.text
    terraform.apply()
    assert values(helm3, namespace) == {"login": {"user": "a", "password": PASSWORD, "token": TOKEN}}
    plan = terraform.plan()
    assert plan.empty and kept(plan, namespace) == {"login.token": "values_wo"}


def test_after_an_upgrade_that_failed(terraform, helm3, namespace, chart, tmp_path):
    """What works is the revision before, and its secrets are kept too."""
    write(terraform, namespace, chart, more=GIVEN).apply()
    helm3("upgrade", "app", chart, "-n", namespace, *files(tmp_path, {"badPort": True}), expect=(1,))
    write(terraform, namespace, chart)
    terraform.apply()
    assert values(helm3, namespace) == LOGIN and terraform.plan().empty


def test_a_replacement_names_what_goes(terraform, namespace, chart):
    write(terraform, namespace, chart, more=GIVEN).apply()
    write(terraform, namespace, chart)
    terraform.run("taint", "wandb_operator.this")
    plan = terraform.plan()
    assert kept(plan, namespace, "go with") == NAMED, plan.text
    terraform.run("untaint", "wandb_operator.this")
    terraform.write((terraform.directory / "main.tf").read_text().replace('name = "app"', 'name = "other"'))
    plan = terraform.plan()
    assert kept(plan, namespace, "go with") == NAMED, plan.text
    terraform.write((terraform.directory / "main.tf").read_text().replace('name = "other"', 'name = "app"'))
    assert terraform.plan().empty


def test_a_state_of_an_earlier_version(terraform, namespace, chart):
    """It knows neither secret_versions nor owner."""
    write(terraform, namespace, chart, more=GIVEN).apply()
    path = terraform.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    state["serial"] += 1
    for name in ("secret_versions", "owner"):
        del state["resources"][0]["instances"][0]["attributes"][name]
    path.write_text(json.dumps(state))
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_a_change_of_how_we_work_beside_write_only_values(terraform, helm3, namespace, chart):
    """Nothing is written for it, so the numbers of the secrets are known."""
    write(terraform, namespace, chart, more=GIVEN)
    terraform.apply()
    before = versions(terraform)
    write(terraform, namespace, chart, more=GIVEN + "\n  max_history = 3")
    terraform.apply()
    assert versions(terraform) == before and terraform.plan().empty
    assert [each["revision"] for each in helm3.json("history", "app", "-n", namespace)] == [1]
