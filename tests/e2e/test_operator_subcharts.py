# SPDX-License-Identifier: Apache-2.0
"""CRDs that subcharts bring: applied, compared, repaired, as the chart's own. The words of the report are kept in
tests/golden/release/crds-of-subcharts.txt; UPDATE_GOLDEN=1 writes them anew."""

import json
import os
import re

import pytest

from release_charts import crd, release, write_chart
from terraform import diagnostics, ours
from tools import TESTS

GOLDEN = TESTS / "golden" / "release" / "crds-of-subcharts.txt"
HEAD = "apiVersion: v2\nname: {name}\nversion: 1.0.0\n"
KINDS = {"": "Widget", "charts/child/": "Gadget", "charts/child/charts/grandchild/": "Gizmo"}


def of_kind(group, kind):
    return crd(group).replace("Widget", kind).replace("widget", kind.lower())


def charts_of(directory, group):
    """Three charts in each other, each with a CRD; README.md in crds/ is none."""
    parents = {"": "child", "charts/child/": "grandchild"}
    files = {}
    for place, kind in KINDS.items():
        name = place.rstrip("/").rpartition("/")[2] or "app"
        child = (
            f"dependencies: [{{name: {parents[place]}, version: 1.0.0, condition: {parents[place]}.on}}]\n"
            if place in parents
            else ""
        )
        files[f"{place}Chart.yaml"] = HEAD.format(name=name) + child
        files[f"{place}crds/crd.yaml"] = of_kind(group, kind)
        files[f"{place}crds/README.md"] = "- not: [yaml\n"
        files[f"{place}templates/map.yaml"] = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"
    return write_chart(directory, files)


@pytest.fixture
def group(namespace, kubectl):
    group = f"{namespace}.example.com"
    yield group
    kubectl(
        "delete", "crd", *[f"{kind.lower()}s.{group}" for kind in KINDS.values()], "--ignore-not-found", "--wait=false"
    )


def schema(kubectl, name):
    return kubectl.json("get", "crd", name)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def patch(kubectl, name, *operations):
    kubectl(
        "patch",
        "crd",
        name,
        "--type",
        "json",
        "-p",
        json.dumps([{"op": op, "path": path, "value": value} for op, path, value in operations]),
    )


SCHEMA = "/spec/versions/0/schema/openAPIV3Schema"
CHANGES = {
    "short name added": lambda kubectl, name: patch(kubectl, name, ("add", "/spec/names/shortNames", ["other"])),
    "schema widened": lambda kubectl, name: patch(
        kubectl, name, ("add", f"{SCHEMA}/properties", {"more": {"type": "string"}})
    ),
    "no longer served": lambda kubectl, name: patch(kubectl, name, ("replace", "/spec/versions/0/served", False)),
    "deleted": lambda kubectl, name: kubectl("delete", "crd", name),
}


def test_drift_is_named_and_repaired(terraform, kubectl, namespace, group, tmp_path):
    terraform.write(terraform.header() + release(namespace, charts_of(tmp_path / "chart", group)))
    terraform.apply()
    objects = terraform.resources()["wandb_operator.this"]["objects"]
    assert [each for each in objects if each.startswith("Custom")] == [
        f"CustomResourceDefinition/{kind.lower()}s.{group}" for kind in KINDS.values()
    ]
    assert terraform.plan().empty
    report = []
    for kind in KINDS.values():
        name = f"{kind.lower()}s.{group}"
        before = kubectl.json("get", "crd", name)["spec"]
        for title, change in CHANGES.items():
            change(kubectl, name)
            plan = terraform.plan()
            assert plan.changes == {"wandb_operator.this": ["update"]}, title
            lines = [line.strip() for line in plan.warnings[0]["detail"].splitlines() if ": wanted " in line]
            report += [
                f"{kind}, {title}",
                *(re.sub(r" at \d\S+Z", " at TIME", line.replace(group, "GROUP")) for line in lines),
                "",
            ]
            terraform.apply()
            assert kubectl.json("get", "crd", name)["spec"] == before, title
            assert terraform.plan().empty, title
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(report))
    assert "\n".join(report) == GOLDEN.read_text()


def test_what_takes_no_part_is_not_compared(terraform, kubectl, namespace, group, tmp_path):
    chart = charts_of(tmp_path / "chart", group)
    terraform.write(terraform.header() + release(namespace, chart, {"child": {"on": False}}))
    terraform.apply()
    assert kubectl.run("get", "crd", f"gadgets.{group}", expect=None).code == 1
    assert terraform.plan().empty
    terraform.write(terraform.header() + release(namespace, chart, {"child": {"grandchild": {"on": False}}}))
    terraform.apply()
    kubectl("get", "crd", f"gadgets.{group}")
    assert kubectl.run("get", "crd", f"gizmos.{group}", expect=None).code == 1
    assert terraform.plan().empty


@pytest.mark.parametrize("major", ["helm3", "helm4"])
def test_helm_does_not_mind(request, terraform, namespace, group, tmp_path, major):
    """The record holds them; helm goes on with it."""
    helm = request.getfixturevalue(major)
    chart = charts_of(tmp_path / "chart", group)
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    manifest = helm("get", "manifest", "app", "-n", namespace)
    helm("upgrade", "app", chart, "-n", namespace)
    helm("rollback", "app", "1", "-n", namespace)
    assert helm("get", "manifest", "app", "-n", namespace) == manifest
    assert [each["status"] for each in helm.json("history", "app", "-n", namespace)] == [
        "superseded",
        "superseded",
        "deployed",
    ]


def test_a_record_that_would_be_too_large(terraform, kubectl, namespace, group, tmp_path):
    """Kubernetes stores 1 MiB in a Secret: such CRDs are applied, and a warning says that they are not compared."""
    chart = charts_of(tmp_path / "chart", group)
    noise = "".join(f"# {os.urandom(64).hex()}\n" for _ in range(14000))
    (chart / "charts" / "child" / "crds" / "crd.yaml").write_text(noise + of_kind(group, "Gadget"))
    terraform.write(terraform.header() + release(namespace, chart))
    (warning,) = [each for each in diagnostics(terraform.apply_json(), "warning") if ours({"diagnostic": each})]
    assert (
        warning["summary"] == f"CRDs of subcharts are not compared: Release/{namespace}/app"
        and "(1 MiB)" in warning["detail"]
    )
    kubectl("get", "crd", f"gadgets.{group}")
    assert f"CustomResourceDefinition/gadgets.{group}" not in terraform.resources()["wandb_operator.this"]["objects"]
    assert terraform.plan().empty
