# SPDX-License-Identifier: Apache-2.0
"""Values: what a configuration says in HCL, YAML and write-only attributes is what the real helm makes of the same as
files."""

import json

import pytest

from leaks import planted
from release_charts import files, release, write_chart
from terraform import diagnostics

FIRST = "data:\n  number: 1\n  only: first\n  list: [1, 2, 3]\n  text: 0x1F\n  date: 2024-01-02\n  yes: on\n"
SECOND = "data:\n  number: 2\n  second: 1.50\n  list: [4]\n  removed: ~\n"
THIRD = {
    "data": {
        "number": 3,
        "none": None,
        "million": 1000000,
        "large": 9007199254740993,
        "huge": 1e30,
        "tiny": 1e-7,
        "fraction": 2.5,
        "zero": 0,
        "negative": -17,
        "exact": 12345678901234567890,
        "text": "3306",
        "empty": "",
        "nothing": {},
        "list": [],
        "deep": {"a": [None, {"b": True}]},
        "unicode": "wört ☃ 𝄞",
        "html": "<a href='x'>&</a>",
        "lines": "a\n  b\n",
    },
    "annotations": {"large": "9007199254740993"},
}
SECRET = {"data": {"password": planted("chart"), "number": 4}}
BY_DESIGN = "a Helm release holds the values it was made with, and this chart shows them all"


@pytest.fixture
def shown(leaks):
    """Where values that are secret end up in the cluster, by the chart's own doing."""
    for channel in ("^Helm release$", "^object ConfigMap (values|app-settings)$"):
        leaks.allow(channel, BY_DESIGN)


@pytest.fixture
def chart(tmp_path):
    chart = write_chart(tmp_path / "chart")
    (chart / "templates" / "values.yaml").write_text(
        '{{- $said := "" }}{{ range $k, $v := .Values.data }}'
        '{{ $said = printf "%s %s=%v(%T)" $said $k $v $v }}{{ end }}\n'
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\ndata:\n  all: {{ .Values | toYaml | quote }}\n"
        "  json: {{ .Values | toJson | quote }}\n  said: {{ $said | quote }}\n"
        "  int: {{ .Values.data.large | int64 | quote }}\n"
    )
    return chart


def test_values_are_what_helm_makes_of_them(terraform, kubectl, helm3, namespace, chart, tmp_path, shown):
    other = f"{namespace}-helm"
    helm3("install", "app", chart, "-n", other, "--create-namespace", *files(tmp_path, FIRST, SECOND, THIRD, SECRET))
    more = (
        f"values_yaml = [{json.dumps(FIRST)}, {json.dumps(SECOND)}]\n"
        f"  values_wo = jsondecode({json.dumps(json.dumps(SECRET))})"
    )
    terraform.write(terraform.header() + release(namespace, chart, THIRD, more))
    terraform.apply()
    for words in (
        ["values"],
        ["values", "-o", "json"],
        ["values", "--all"],
        ["values", "--all", "-o", "json"],
        ["manifest"],
    ):
        ours, theirs = (helm3("get", *words, "app", "-n", each) for each in (namespace, other))
        assert ours == theirs, words
    ours, theirs = (kubectl.json("-n", each, "get", "configmap", "values")["data"] for each in (namespace, other))
    assert ours == theirs
    plan = terraform.plan()
    assert plan.empty, plan.text
    kubectl("delete", "namespace", other, "--wait=false")


def test_hcl_numbers_are_helms(terraform, helm3, namespace, chart, tmp_path):
    """Written as HCL, not as JSON text: numbers have arbitrary precision there."""
    other = f"{namespace}-helm"
    helm3(
        "install",
        "app",
        chart,
        "-n",
        other,
        "--create-namespace",
        *files(
            tmp_path,
            (
                "data:\n  a: 9007199254740993\n  b: 0.1\n  c: 1e3\n  d: 1.0\n  e: 123456789012345678901234567890\n"
                "  f: 0.30000000000000004\n"
            ),
        ),
    )
    text = release(namespace, chart).replace(
        'chart = "',
        "values = { data = { a = 9007199254740993, b = 0.1, c = 1e3, d = 1.0, "
        'e = 123456789012345678901234567890, f = 0.1 + 0.2 - 0.3 + 0.30000000000000004 } }\n  chart = "',
    )
    terraform.write(terraform.header() + text)
    terraform.apply()
    ours, theirs = (helm3.json("get", "values", "app", "-n", each)["data"] for each in (namespace, other))
    assert ours == theirs
    assert terraform.plan().empty


def test_write_only_values(terraform, helm3, namespace, chart, shown):
    """Sent at every write, noticed when they change, never in state, plan or log."""

    def write(secret, replicas=1):
        more = f'values_wo = {{ data = {{ password = "{secret}" }} }}'
        terraform.write(terraform.header() + release(namespace, chart, {"replicas": replicas}, more))

    def stored():
        return helm3.json("get", "values", "app", "-n", namespace)["data"]["password"]

    write(planted("first"))
    terraform.traced(terraform.apply)
    assert stored() == planted("first")
    plan = terraform.plan()
    assert plan.empty, plan.text
    write(planted("first"), replicas=2)  # an unrelated change must not lose it
    terraform.apply()
    assert stored() == planted("first")
    write(planted("second"), replicas=2)
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    terraform.apply()
    assert stored() == planted("second") and terraform.plan().empty


def test_a_secret_in_an_object_is_masked(terraform, kubectl, namespace, chart, shown):
    (chart / "templates" / "secret.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData:\n"
        "  password: {{ .Values.data.password | quote }}\n"
    )
    terraform.write(
        terraform.header()
        + release(namespace, chart, more=f'values_wo = {{ data = {{ password = "{planted("kept")}" }} }}')
    )
    terraform.apply()
    assert terraform.plan().empty
    kubectl(
        "-n", namespace, "patch", "secret", "login", "-p", json.dumps({"stringData": {"password": planted("other")}})
    )
    plan = terraform.plan()
    assert plan.code == 2 and f"Secret/{namespace}/login" in plan.warnings[0]["detail"]
    terraform.refresh()
    terraform.apply()
    assert terraform.plan().empty


@pytest.mark.parametrize(
    "more, words",
    [
        ('values = "text"', "values must be an object"),
        ("values = [1]", "values must be an object"),
        ('values_yaml = ["a: [b"]', "values_yaml"),
        ('values_yaml = ["- a"]', "values_yaml"),
    ],
)
def test_values_that_are_none(terraform, kubectl, namespace, chart, more, words):
    terraform.write(terraform.header() + release(f"{namespace}-new", chart, more=more))
    errors = diagnostics(terraform.apply_json(expect=(1,)))
    assert words in errors[0]["summary"] + errors[0]["detail"]
    assert kubectl.run("get", "namespace", f"{namespace}-new", expect=(1,)).code == 1


def test_secrets_are_not_imported(terraform, helm3, namespace, chart, tmp_path, leaks):
    leaks.allow("^object ConfigMap (values|app-settings)$", BY_DESIGN)
    values = {"data": {"password": planted("helm"), "plain": "x", "passwordLength": 12}}
    helm3("install", "app", chart, "-n", namespace, *files(tmp_path, values))
    terraform.write(
        terraform.header()
        + release(
            namespace,
            chart,
            {"data": {"plain": "x", "passwordLength": 12}},
            f'values_wo = {{ data = {{ password = "{planted("helm")}" }} }}',
        )
    )
    terraform.import_("wandb_operator.this", f"{namespace}/app")
    imported = terraform.resources()["wandb_operator.this"]
    assert imported["values"] == {"data": {"plain": "x", "passwordLength": 12}}
    assert list(imported["secret_versions"]) == ["data.password"]
    terraform.apply()
    assert helm3.json("get", "values", "app", "-n", namespace) == values
    assert terraform.plan().empty
