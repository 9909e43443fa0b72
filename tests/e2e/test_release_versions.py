# SPDX-License-Identifier: Apache-2.0
"""An object whose API version the server no longer serves is where its kind is served: it is compared, upgraded and
deleted there."""

import json

import pytest

from release_charts import crd, release, write_chart
from terraform import diagnostics

HEAD = "apiVersion: v2\nname: app\nversion: {version}\n"
WIDGET = "apiVersion: {group}/{api}\nkind: Widget\nmetadata: {{name: a}}\nspec: {{x: {x}}}\n"


@pytest.fixture
def widgets(terraform, kubectl, namespace, tmp_path):
    """A kind in two versions, and a release with one object in the older; then the older is not served any more."""
    group = f"{namespace}.example.com"
    schema = "schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}"
    more = f"    - name: v1alpha1\n      served: true\n      storage: false\n      {schema}\n"
    kubectl.apply(crd(group) + more)
    kubectl.established(f"widgets.{group}")

    def install(api, x, version, expect=(0,)):
        files = {"Chart.yaml": HEAD, "templates/a.yaml": WIDGET.format(group=group, api=api, x=x)}
        terraform.write(terraform.header() + release(namespace, write_chart(tmp_path / "chart", files, version)))
        return terraform.apply_json(expect=expect)

    install("v1alpha1", 1, "1.0.0")
    patch = [{"op": "replace", "path": "/spec/versions/1/served", "value": False}]
    kubectl("patch", "crd", f"widgets.{group}", "--type", "json", "-p", json.dumps(patch))
    yield install, lambda: kubectl.json("-n", namespace, "get", f"widgets.v1.{group}")["items"]
    kubectl("delete", "crd", f"widgets.{group}")


def test_a_version_that_is_gone(terraform, kubectl, namespace, widgets):
    install, live = widgets
    (before,) = live()
    assert terraform.plan().empty
    (error,) = diagnostics(install("v1alpha1", 2, "1.1.0", expect=(1,)))
    assert f"Widget is served as {namespace}.example.com/v1 now: use a chart that says so" in error["detail"]
    install("v1", 2, "1.2.0")
    (after,) = live()
    assert after["spec"] == {"x": 2} and after["metadata"]["uid"] == before["metadata"]["uid"]
    assert terraform.plan().empty


def test_drift_in_a_version_that_is_gone(terraform, kubectl, namespace, widgets):
    _, live = widgets
    kind = f"widgets.v1.{namespace}.example.com"
    kubectl("-n", namespace, "patch", kind, "a", "--type", "merge", "-p", '{"spec": {"x": 9}}')
    plan = terraform.plan()
    assert f"Widget/{namespace}/a spec.x: wanted 1, found 9" in plan.warnings[0]["detail"]


def test_deleted_in_a_version_that_is_gone(terraform, widgets):
    _, live = widgets
    terraform.destroy()
    assert live() == []
