# SPDX-License-Identifier: Apache-2.0
"""Releases of ours in the hands of the real helm, and helm's releases in ours: Helm 3, and Helm 4 with client-side and
with server-side apply. With HELM_PROVIDER_3 naming an executable of the hashicorp/helm provider, its releases too."""

import json
import os
import pathlib

import pytest

from release_charts import release, write_chart
from terraform import diagnostics

FIRST = {
    "env": {"OLD": "x", "BOTH": "1"},
    "annotations": {"old": "yes", "both": "1"},
    "data": {"removed": None, "old": "here"},
}
SECOND = {"env": {"BOTH": "2", "NEW": "y"}, "annotations": {"both": "2"}, "data": {"removed": None, "new": "there"}}


@pytest.fixture
def chart(tmp_path):
    return write_chart(tmp_path / "chart")


@pytest.fixture(params=["helm3", "helm4"])
def helm(request):
    return request.getfixturevalue(request.param)


def values_file(tmp_path, values):
    path = tmp_path / "values.json"
    path.write_text(json.dumps(values))
    return path


def container(kubectl, namespace):
    return kubectl.json("-n", namespace, "get", "deployment", "app-web")["spec"]["template"]["spec"]["containers"][0]


def assert_is(kubectl, namespace, values):
    """The objects are what these values render, and nothing of other values is left in them."""
    wanted = {"ALWAYS": "1", **values["env"]}
    assert {each["name"]: each.get("value") for each in container(kubectl, namespace)["env"]} == wanted
    settings = kubectl.json("-n", namespace, "get", "configmap", "app-settings")
    for names in (("old", "new"),):
        assert [name for name in names if name in settings["data"]] == [
            name for name in names if name in values["data"]
        ]
    for metadata in (settings["metadata"], kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]):
        ours = {key: value for key, value in metadata["annotations"].items() if key in ("old", "both", "new")}
        assert ours == values["annotations"]
        assert metadata["annotations"]["meta.helm.sh/release-name"] == "app"
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "Helm"


def assert_nothing_left(kubectl, namespace):
    for kind in ("deployments", "services", "configmaps", "secrets"):
        left = [
            each["metadata"]["name"]
            for each in kubectl.json("-n", namespace, "get", kind)["items"]
            if "deletionTimestamp" not in each["metadata"]
        ]
        assert [name for name in left if name not in ("kube-root-ca.crt", "kubernetes")] == []


def statuses(helm, namespace):
    return [each["status"] for each in helm.json("history", "app", "-n", namespace)]


# ---- ours, then helm --------------------------------------------------------------------------------


def test_helm_reads_ours_as_its_own(terraform, kubectl, helm3, helm, namespace, chart, tmp_path):
    """What `helm get` says of our release is what it says of helm 3's own of the same chart and values,
    to the letter."""
    values = {**FIRST, "hooks": True}
    kubectl("create", "namespace", f"{namespace}-helm")
    helm3("install", "app", chart, "-n", f"{namespace}-helm", "-f", values_file(tmp_path, values), "--wait")
    terraform.write(terraform.header() + release(namespace, chart, values))
    terraform.apply()
    for words in (["manifest"], ["values"], ["values", "--all"], ["hooks"], ["notes"]):
        ours, theirs = (helm("get", *words, "app", "-n", each) for each in (namespace, f"{namespace}-helm"))
        assert ours == theirs, words
    (listed,) = helm.json("list", "-n", namespace)
    assert (listed["name"], listed["revision"], listed["status"], listed["chart"], listed["app_version"]) == (
        "app",
        "1",
        "deployed",
        "app-1.0.0",
        "9",
    )
    status = helm.json("status", "app", "-n", namespace)
    assert status["info"]["description"] == "Install complete" and status["info"]["notes"].startswith("Installed app")
    kubectl("delete", "namespace", f"{namespace}-helm", "--wait=false")


def test_helm_goes_on_with_ours(terraform, kubectl, helm, namespace, chart, tmp_path):
    terraform.write(terraform.header() + release(namespace, chart, FIRST))
    terraform.apply()
    assert_is(kubectl, namespace, FIRST)
    helm("upgrade", "app", chart, "-n", namespace, "-f", values_file(tmp_path, SECOND), "--wait")
    assert_is(kubectl, namespace, SECOND)
    assert statuses(helm, namespace) == ["superseded", "deployed"]
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["update"]} and "helm.revision: wanted 1, found 2" in plan.text
    helm("rollback", "app", "1", "-n", namespace, "--wait")
    assert_is(kubectl, namespace, FIRST)
    terraform.apply()
    assert_is(kubectl, namespace, FIRST)
    assert terraform.plan().empty
    assert statuses(helm, namespace) == ["superseded"] * 3 + ["deployed"]
    helm("uninstall", "app", "-n", namespace, "--wait")
    assert_nothing_left(kubectl, namespace)
    assert terraform.plan().changes == {"wandb_operator.this": ["create"]}


def test_helm_uninstalls_ours_and_keeps_its_history(terraform, kubectl, helm, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, FIRST))
    terraform.apply()
    helm("uninstall", "app", "-n", namespace, "--wait", "--keep-history")
    assert terraform.plan().code == 2
    terraform.apply()
    assert_is(kubectl, namespace, FIRST)
    assert terraform.plan().empty
    terraform.destroy()
    assert_nothing_left(kubectl, namespace)


# ---- helm, then ours --------------------------------------------------------------------------------

HELMS = {
    "helm3": ("helm3", []),
    "helm4-ssa": ("helm4", ["--server-side=true"]),
    "helm4-csa": ("helm4", ["--server-side=false"]),
}


@pytest.fixture(params=HELMS)
def installed(request, namespace, chart, tmp_path):
    """A release that helm installed with the values FIRST, and upgraded once."""
    name, words = HELMS[request.param]
    helm = request.getfixturevalue(name)
    helm("install", "app", chart, "-n", namespace, *words, "--wait")
    helm("upgrade", "app", chart, "-n", namespace, "-f", values_file(tmp_path, FIRST), *words, "--wait")
    return helm


def goes_on(terraform, kubectl, helm, namespace, chart):
    """From a release in the state to its end: an empty plan, an upgrade, a rollback, the real helm's view,
    uninstalling."""
    assert_is(kubectl, namespace, SECOND)
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    changed = {**SECOND, "env": {"LAST": "z"}, "withService": False}
    terraform.write(terraform.header() + release(namespace, chart, changed, "adopt = true"))
    terraform.apply()
    assert_is(kubectl, namespace, changed)
    assert kubectl.run("-n", namespace, "get", "service", "app-web", expect=(1,)).code == 1
    broken = {**changed, "env": {"BROKEN": "1"}, "withService": True, "badPort": True}
    terraform.write(terraform.header() + release(namespace, chart, broken, "adopt = true\n  atomic = true"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "99999" in error["summary"] + error["detail"] and "rolled back" in error["summary"] + error["detail"]
    assert_is(kubectl, namespace, changed)
    assert statuses(helm, namespace)[-2:] == ["failed", "deployed"]
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}  # what was wanted is still wanted
    terraform.write(terraform.header() + release(namespace, chart, changed, "adopt = true"))
    terraform.apply()
    assert terraform.plan().empty
    helm("get", "manifest", "app", "-n", namespace)
    terraform.destroy()
    assert_nothing_left(kubectl, namespace)


def test_ours_adopts_helms(terraform, kubectl, installed, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, SECOND))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert (
        "exists already" in error["summary"] + error["detail"] and "adopt = true" in error["summary"] + error["detail"]
    )
    assert_is(kubectl, namespace, FIRST)
    terraform.write(terraform.header() + release(namespace, chart, SECOND, "adopt = true"))
    terraform.apply()
    assert statuses(installed, namespace) == ["superseded", "superseded", "deployed"]
    goes_on(terraform, kubectl, installed, namespace, chart)


def test_ours_imports_helms(terraform, kubectl, installed, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, SECOND))
    terraform.import_("wandb_operator.this", f"{namespace}/app")
    state = terraform.resources()["wandb_operator.this"]
    assert state["values"]["env"] == FIRST["env"] and state["chart_version"] == "1.0.0" and state["revision"] == 2
    terraform.apply()
    goes_on(terraform, kubectl, installed, namespace, chart)


def test_a_failed_adoption_leaves_what_was_there(terraform, kubectl, installed, namespace, chart):
    """It must not become a tainted resource, which the next apply would destroy."""
    broken = {**SECOND, "badPort": True}
    terraform.write(terraform.header() + release(namespace, chart, broken, "adopt = true\n  atomic = true"))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "99999" in error["summary"] + error["detail"]
    assert_is(kubectl, namespace, FIRST)
    terraform.write(terraform.header() + release(namespace, chart, SECOND, "adopt = true"))
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["create"]}
    uid = kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]["uid"]
    terraform.apply()
    assert kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]["uid"] == uid
    assert_is(kubectl, namespace, SECOND)
    assert terraform.plan().empty


def test_adopting_the_same_changes_nothing(terraform, kubectl, installed, namespace, chart):
    """Same chart, same values: no pod is restarted."""
    before = kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]
    terraform.write(terraform.header() + release(namespace, chart, FIRST, "adopt = true"))
    terraform.apply()
    after = kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]
    assert (after["uid"], after["generation"]) == (before["uid"], before["generation"])
    assert terraform.plan().empty


# ---- the hashicorp/helm provider, then ours -----------------------------------------------------------


@pytest.mark.full
def test_ours_adopts_the_helm_providers(make_terraform, terraform, cluster, kubectl, helm3, namespace, chart):
    peer = make_terraform(
        executable=pathlib.Path(os.environ["HELM_PROVIDER_3"]),
        addresses=("registry.terraform.io/hashicorp/helm",),
        name="peer",
        KUBE_CONFIG_PATH=cluster.kubeconfig,
    )
    values = json.dumps(json.dumps(FIRST))
    peer.write(
        'terraform {\n  required_providers {\n    helm = { source = "hashicorp/helm" }\n  }\n}\n'
        f'resource "helm_release" "app" {{\n  name = "app"\n  namespace = "{namespace}"\n  chart = "{chart}"\n'
        f"  values = [{values}]\n}}\n"
    )
    peer.apply()
    assert_is(kubectl, namespace, FIRST)
    terraform.write(terraform.header() + release(namespace, chart, SECOND, "adopt = true"))
    terraform.apply()
    goes_on(terraform, kubectl, helm3, namespace, chart)
