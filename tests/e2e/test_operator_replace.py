# SPDX-License-Identifier: Apache-2.0
"""A release that is replaced: tainted, with -replace, before or after the destroy, after an install that failed.
The release that lives is the one that the state holds, and it belongs to that resource."""

import json

import pytest

from release_charts import release, write_chart
from terraform import instances, plain

BEFORE = "lifecycle { create_before_destroy = true }"
OWNER = "terraform-provider-wandb/owner"


@pytest.fixture
def chart(tmp_path):
    return write_chart(tmp_path / "chart")


def write(terraform, namespace, chart, more="", values=None, name="app"):
    return terraform.write(terraform.header() + release(namespace, chart, values, more, name))


def records(kubectl, namespace, name="app"):
    """The release's records, oldest first: (revision, status, owner)."""
    found = [
        each["metadata"]["labels"]
        for each in kubectl.json("-n", namespace, "get", "secret", "-l", f"owner=helm,name={name}")["items"]
    ]
    return sorted((int(each["version"]), each["status"], each.get(OWNER)) for each in found)


def web(kubectl, namespace, name="app"):
    """The UID of the release's Deployment, None when there is none."""
    found = kubectl.run("-n", namespace, "get", "deployment", f"{name}-web", "-o", "json", "--ignore-not-found").stdout
    return json.loads(found)["metadata"]["uid"] if found else None


def settled(terraform):
    plan = terraform.plan()
    return plan.empty and not plan.warnings


def holds(terraform, kubectl, namespace, name="app"):
    """The state holds one release, and the newest record is that one and belongs to it; a second plan is empty."""
    (instance,) = instances(terraform)
    assert "deposed" not in instance and instance.get("status") != "tainted"
    state, (revision, status, owner) = instance["attributes"], records(kubectl, namespace, name)[-1]
    assert (
        (state["name"], state["revision"], state["status"]) == (name, revision, status) == (name, revision, "deployed")
    )
    assert state["owner"] and state["owner"] == owner and web(kubectl, namespace, name)
    return settled(terraform)


def replace(terraform, how, **options):
    if how == "taint":
        terraform.run("taint", "wandb_operator.this")
        return terraform.apply(**options)
    return terraform.apply("-replace=wandb_operator.this", **options)


@pytest.mark.parametrize("how", ["replace", "taint"])
def test_after_the_destroy(any_terraform, kubectl, namespace, chart, how):
    terraform = write(any_terraform, namespace, chart)
    terraform.apply()
    before, owner = web(kubectl, namespace), instances(terraform)[0]["attributes"]["owner"]
    assert "kept" not in replace(terraform, how).stdout
    assert web(kubectl, namespace) != before and instances(terraform)[0]["attributes"]["owner"] != owner
    assert len(records(kubectl, namespace)) == 1 and holds(terraform, kubectl, namespace)
    terraform.destroy()
    assert web(kubectl, namespace) is None and records(kubectl, namespace) == []


@pytest.mark.parametrize("how", ["replace", "taint"])
def test_before_the_destroy_is_refused(any_terraform, kubectl, namespace, chart, how):
    terraform = write(any_terraform, namespace, chart, BEFORE)
    terraform.apply()
    before, stored = web(kubectl, namespace), records(kubectl, namespace)
    text = plain(replace(terraform, how, expect=(1,)).stderr)
    assert "exists already" in text and "create_before_destroy" in text and "Nothing was changed" in text
    assert web(kubectl, namespace) == before and records(kubectl, namespace) == stored
    if how == "taint":
        terraform.run("untaint", "wandb_operator.this")
    assert holds(terraform, kubectl, namespace)


@pytest.mark.parametrize("how", ["replace", "taint"])
def test_what_was_adopted_is_not_uninstalled(any_terraform, kubectl, namespace, chart, how):
    """The replacement takes the release over; the destroy of the old half must not take it away."""
    more = f"adopt = true\n  {BEFORE}"
    terraform = write(any_terraform, namespace, chart, more)
    terraform.apply()
    before = web(kubectl, namespace)
    write(terraform, namespace, chart, more, {"replicas": 2})
    text = plain(replace(terraform, how).stdout)
    assert f"Release kept: Release/{namespace}/app" in text and "create_before_destroy" in text
    assert web(kubectl, namespace) == before and [each[:2] for each in records(kubectl, namespace)] == [
        (1, "superseded"),
        (2, "deployed"),
    ]
    assert holds(terraform, kubectl, namespace)
    terraform.destroy()
    assert web(kubectl, namespace) is None and records(kubectl, namespace) == []


def test_a_deposed_half_is_not_uninstalled_later(any_terraform, kubectl, namespace, chart):
    """The run ended between the two halves: what remains in the state is destroyed by another process."""
    terraform = write(any_terraform, namespace, chart, f"adopt = true\n  {BEFORE}")
    terraform.apply()
    (old,) = instances(terraform)
    replace(terraform, "replace")
    path = terraform.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    state["serial"] += 1
    state["resources"][0]["instances"].append({**old, "deposed": "0badc0de"})
    path.write_text(json.dumps(state))
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["delete"]}, plan.text  # the deposed one
    assert f"Release kept: Release/{namespace}/app" in terraform.apply().stdout
    assert holds(terraform, kubectl, namespace)


def test_a_deposed_release_of_a_failed_destroy(any_terraform, kubectl, namespace, chart):
    """What could not be uninstalled stays in the state as deposed, and the next run uninstalls it."""
    more = f'timeouts = {{ delete = "3s" }}\n  {BEFORE}'
    terraform = write(any_terraform, namespace, chart, more)
    terraform.apply()
    kubectl(
        "-n",
        namespace,
        "patch",
        "configmap",
        "app-settings",
        "--type=merge",
        "-p",
        '{"metadata":{"finalizers":["example.com/hold"]}}',
    )
    write(terraform, namespace, chart, more, name="other")
    assert "app-settings" in plain(terraform.apply(expect=(1,)).stderr)
    assert sorted(each["attributes"]["name"] for each in instances(terraform)) == ["app", "other"]
    kubectl(
        "-n", namespace, "patch", "configmap", "app-settings", "--type=merge", "-p", '{"metadata":{"finalizers":null}}'
    )
    terraform.apply()
    assert (
        web(kubectl, namespace) is None
        and records(kubectl, namespace) == []
        and holds(terraform, kubectl, namespace, "other")
    )


def test_an_install_that_timed_out_is_made_anew(any_terraform, kubectl, namespace, chart):
    terraform = write(any_terraform, namespace, chart, 'timeouts = { create = "4s" }', {"stuck": True})
    assert "timed out" in plain(terraform.apply(expect=(1,)).stderr)
    (made,) = instances(terraform)
    ((_, status, owner),) = records(kubectl, namespace)
    assert made["status"] == "tainted" and status == "failed" and made["attributes"]["owner"] == owner
    before = web(kubectl, namespace)
    write(terraform, namespace, chart, 'timeouts = { create = "60s" }').apply()
    assert (
        web(kubectl, namespace) != before
        and len(records(kubectl, namespace)) == 1
        and holds(terraform, kubectl, namespace)
    )


def two_of(make_terraform, cluster):
    return (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))


def test_another_configuration_takes_it_over(make_terraform, cluster, kubectl, namespace, chart):
    one, two = two_of(make_terraform, cluster)
    write(one, namespace, chart).apply()
    write(two, namespace, chart, "adopt = true").apply()
    assert f"Release belongs to another resource: Release/{namespace}/app" in [
        each["summary"] for each in one.plan().warnings
    ]
    one.run("taint", "wandb_operator.this")
    result = one.apply(expect=(1,))
    assert f"Release kept: Release/{namespace}/app" in result.stdout and "exists already" in plain(result.stderr)
    assert holds(two, kubectl, namespace)
    two.destroy()
    assert web(kubectl, namespace) is None and records(kubectl, namespace) == []


def test_an_adoption_that_failed_takes_nothing(make_terraform, cluster, kubectl, namespace, chart):
    """Its revisions came to nothing, whether they were rolled back or not, so the release is still the first one's."""
    one, two = two_of(make_terraform, cluster)
    write(one, namespace, chart).apply()
    for atomic in ("false", "true"):
        write(two, namespace, chart, f"adopt = true\n  atomic = {atomic}", {"badPort": True}).apply(expect=(1,))
        assert instances(two) == []
    assert "kept" not in one.destroy().stdout
    assert web(kubectl, namespace) is None and records(kubectl, namespace) == []


def test_helm_hands_the_token_on(make_terraform, cluster, kubectl, helm3, helm4, namespace, chart):
    """Whoever upgrades with helm takes nothing from the resource that has the release."""
    one, two = two_of(make_terraform, cluster)
    write(one, namespace, chart).apply()
    write(two, namespace, chart, "adopt = true").apply()
    for helm in (helm3, helm4):
        helm("upgrade", "app", chart, "-n", namespace)
        assert records(kubectl, namespace)[-1][2] == instances(two)[0]["attributes"]["owner"]
    assert f"Release kept: Release/{namespace}/app" in one.destroy().stdout and web(kubectl, namespace)


def test_import_and_destroy(terraform, kubectl, namespace, chart):
    """Moved between states without a write: it is the importer's; its first write gives it a token of its own."""
    write(terraform, namespace, chart).apply()
    token = instances(terraform)[0]["attributes"]["owner"]
    for change in (False, True):
        terraform.run("state", "rm", "wandb_operator.this")
        terraform.import_("wandb_operator.this", f"{namespace}/app")
        assert instances(terraform)[0]["attributes"]["owner"] == token
        if not change:
            write(terraform, namespace, chart, values={"replicas": 2}).apply()
            assert instances(terraform)[0]["attributes"]["owner"] != token and holds(terraform, kubectl, namespace)
            token = instances(terraform)[0]["attributes"]["owner"]
    assert "kept" not in terraform.destroy().stdout
    assert web(kubectl, namespace) is None and records(kubectl, namespace) == []
