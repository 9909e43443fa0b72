# SPDX-License-Identifier: Apache-2.0
"""What a chart learns from the cluster it is installed in, `.Capabilities` and `lookup`,
beside what each helm tells it."""

import time

import pytest

from release_charts import release, write_chart
from terraform import diagnostics

SHOWN = {
    "version": (
        "{{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Major }} "
        "{{ .Capabilities.KubeVersion.Minor }}"
    ),
    "plain": "{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.GitVersion }}",
    "semver": '{{ semverCompare ">=1.36-0" .Capabilities.KubeVersion.Version }}',
    "apis": "{{ range sortAlpha .Capabilities.APIVersions }}{{ . }} {{ end }}",
    "has": '{{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }} {{ .Capabilities.APIVersions.Has "apps/v9" }}',
    "helm": "{{ .Capabilities.HelmVersion.Version }}",
    "found": '{{ (lookup "v1" "ConfigMap" .Release.Namespace "there").data | toJson }}',
    "typed": (
        '{{ $o := lookup "v1" "Service" .Release.Namespace "there" }}{{ range $o.spec.ports }}{{ kindOf .port }} '
        "{{ .port }}{{ end }}"
    ),
    "missing": '{{ lookup "v1" "ConfigMap" .Release.Namespace "none" | toJson }}',
    "listed": '{{ range (lookup "apps/v1" "Deployment" .Release.Namespace "").items }}{{ .metadata.name }}{{ end }}',
    "list": '{{ (lookup "v1" "Secret" .Release.Namespace "").kind }}',
    "empty": '{{ len (lookup "batch/v1" "Job" .Release.Namespace "").items }}',
    "everywhere": (
        '{{ range (lookup "v1" "Service" "" "").items }}'
        '{{ if eq .metadata.name "kubernetes" }}{{ .metadata.namespace }}{{ end }}{{ end }}'
    ),
    "cluster-scoped": '{{ (lookup "v1" "Namespace" "" "kube-system").metadata.name }} '
    '{{ (lookup "v1" "Namespace" "ignored" "kube-system").metadata.name }}',
    "no-namespace": '{{ lookup "v1" "ConfigMap" "" "there" | toJson }}',
    "items": (
        '{{ with index (lookup "v1" "Service" .Release.Namespace "").items 0 }}{{ .apiVersion }} {{ .kind }}{{ end }}'
    ),
    "no-such-kind": '{{ lookup "v1" "NoSuchKind" "" "x" | toJson }} {{ len (lookup "v1" "NoSuchKind" "" "").items }}',
    "own-kind": '{{ lookup "GROUP/v1" "Gadget" .Release.Namespace "x" | toJson }} '
    '{{ len (lookup "GROUP/v1" "Gadget" "" "").items }} '
    '{{ .Capabilities.APIVersions.Has "GROUP/v1/Gadget" }}',
    "custom": '{{ (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "none.example.com") | toJson }}',
}
THERE = [
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "there"}, "data": {"b": "2", "a": "1"}},
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "there"}, "spec": {"ports": [{"port": 8080}]}},
]
REFUSED = [
    'lookup "no.such/v1" "Thing" "" ""',
    'lookup "no.such/v1" "Thing" "x" "y"',
    'lookup "a/b/c" "Thing" "" ""',
    'lookup "" "Thing" "" "x"',
]
CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.GROUP}
spec:
  group: GROUP
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""


@pytest.fixture(params=["3", "4"])
def profile(request):
    return request.param


@pytest.fixture
def helm(request, profile):
    return request.getfixturevalue(f"helm{profile}")


def probe(tmp_path, templates):
    return write_chart(tmp_path / "chart", {"Chart.yaml": "apiVersion: v2\nname: probe\nversion: 1.0.0\n", **templates})


def test_what_a_chart_learns(terraform, kubectl, helm, profile, namespace, tmp_path):
    group = f"{namespace}.example.com"
    data = "".join(f'  {key}: {{{{ include "{key}" . | quote }}}}\n' for key in SHOWN)
    shown = "".join(f'{{{{ define "{key}" }}}}{text}{{{{ end }}}}\n' for key, text in SHOWN.items())
    chart = probe(
        tmp_path,
        {
            "crds/gadget.yaml": CRD.replace("GROUP", group),
            "templates/_shown.tpl": shown.replace("GROUP", group),
            "templates/map.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shown}}\ndata:\n{data}",
        },
    )
    other = f"{namespace}-helm"
    kubectl("create", "namespace", other)
    for space in (namespace, other):
        kubectl.apply([{**each, "metadata": {**each["metadata"], "namespace": space}} for each in THERE])
    terraform.write(terraform.header() + release(namespace, chart, more=f'profile = "{profile}"'))
    terraform.apply()
    helm("install", "app", chart, "-n", other)
    ours, theirs = (kubectl.json("-n", space, "get", "configmap", "shown")["data"] for space in (namespace, other))
    assert theirs["found"] == '{"a":"1","b":"2"}' and theirs["everywhere"] == "default"
    for key in SHOWN:
        assert ours[key].split() == theirs[key].split(), key
    assert ours == theirs
    kubectl("delete", "namespace", other, "--wait=false")
    kubectl("delete", "crd", f"gadgets.{group}", "--wait=false")


def test_an_api_that_does_not_answer(terraform, kubectl, helm, profile, namespace, tmp_path):
    """An APIService without a backend: its versions are no capabilities."""
    group = f"{namespace}.example.com"
    chart = probe(
        tmp_path,
        {
            "templates/map.yaml": (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shown}\ndata:\n"
                '  has: {{ .Capabilities.APIVersions.Has "GROUP/v1" | quote }}\n'
                '  apis: {{ .Capabilities.APIVersions | join " " | quote }}\n'
            ).replace("GROUP", group)
        },
    )
    other = f"{namespace}-helm"
    kubectl("create", "namespace", other)
    spec = {
        "group": group,
        "version": "v1",
        "groupPriorityMinimum": 100,
        "versionPriority": 10,
        "insecureSkipTLSVerify": True,
        "service": {"namespace": namespace, "name": "none"},
    }
    name = f"v1.{group}"
    kubectl.apply(
        [{"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": name}, "spec": spec}]
    )
    try:
        deadline = time.monotonic() + 60
        while f'"{group}"' not in kubectl("get", "--raw", "/apis") and time.monotonic() < deadline:
            time.sleep(1)
        terraform.write(terraform.header() + release(namespace, chart, more=f'profile = "{profile}"'))
        terraform.apply()
        helm("install", "app", chart, "-n", other)
    finally:
        kubectl("delete", "apiservice", name)
    ours, theirs = (kubectl.json("-n", space, "get", "configmap", "shown")["data"] for space in (namespace, other))
    assert theirs["has"] == ours["has"] == "false"
    assert group not in ours["apis"] and sorted(ours["apis"].split()) == sorted(theirs["apis"].split())
    kubectl("delete", "namespace", other, "--wait=false")


@pytest.mark.parametrize("call", REFUSED)
def test_what_it_may_not_ask(terraform, helm, profile, namespace, tmp_path, call):
    chart = probe(
        tmp_path,
        {
            "templates/map.yaml": (
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shown}\ndata: {a: {{ %s | toJson | quote }}}\n"
            )
            % call
        },
    )
    theirs = helm.run("install", "app", chart, "-n", namespace, expect=(1,)).stderr.strip().splitlines()[-1]
    terraform.write(terraform.header() + release(namespace, chart, more=f'profile = "{profile}"'))
    ours = " ".join(f"{each['summary']} {each['detail']}" for each in diagnostics(terraform.apply_json(expect=(1,))))
    assert theirs.rpartition("error calling lookup: ")[2].removeprefix("Error: ").strip() in " ".join(ours.split())
