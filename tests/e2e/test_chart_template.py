# SPDX-License-Identifier: Apache-2.0
"""The data source wandb_chart_template beside the real `helm template`, and the function helm_set. No cluster."""

import json
import re

import pytest
import yaml

import chart_servers
from chart_servers import Charts
from tools import ROOT, TESTS

OPERATOR = ROOT / "examples" / "charts" / "operator"
HOOKS = TESTS / "golden" / "charts" / "hooks"

IMAGES = {
    "Chart.yaml": "apiVersion: v2\nname: images\nversion: 3.1.4\nappVersion: 2.7.1\n",
    "values.yaml": "tag: '1'\nreplicas: 1\npassword: default\nreplica: {count: 1000000}\n",
    "crds/things.yaml": """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {containers: [{image: not/an-image:1}]}
""",
    "templates/workloads.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: first, image: "example/init:{{ .Values.tag }}"}]
      containers: [{name: web, image: "example/web:{{ .Values.tag }}"}, {name: side, image: "example/side@sha256:abc"}]
      volumes: [{name: model, image: {reference: "example/model:5"}}, {name: plain, emptyDir: {}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: web, image: "example/web:{{ .Values.tag }}"}, {name: cron, image: example/cron}]}}}}}
""",  # noqa: E501
    "templates/custom.yaml": """\
apiVersion: monitoring.example.com/v1
kind: Prometheus
metadata: {name: custom, labels: {upgrade: "{{ .Release.IsUpgrade }}"}}
spec: {image: not/a-container:1, containers: [{name: proxy, image: example/proxy:2}, {name: patched}]}
""",
    "templates/secret.yaml": (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: secret}\n"
        "stringData: {password: {{ .Values.password }}, count: {{ .Values.replica.count }}}\n"
    ),
    "templates/job.yaml": """\
apiVersion: batch/v1
kind: Job
metadata: {name: before, annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"}}
spec: {template: {spec: {containers: [{name: before, image: "example/hook:3"}]}}}
""",
    "templates/tests/test.yaml": """\
apiVersion: v1
kind: Pod
metadata: {name: probe, annotations: {helm.sh/hook: test}}
spec: {containers: [{name: probe, image: "example/probe:4"}]}
""",
    "templates/NOTES.txt": "Installed {{ .Release.Name }} in {{ .Release.Namespace }} "
    "on {{ .Capabilities.KubeVersion.Version }}"
    '{{ if .Capabilities.APIVersions.Has "example.com/v1" }} with example{{ end }}.\n',
}


@pytest.fixture(params=["3", "4"])
def profile(request):
    return request.param


@pytest.fixture
def helm(profile, tmp_path):
    return chart_servers.helm(f"helm{profile}", tmp_path)


@pytest.fixture
def chart(tmp_path):
    for name, text in IMAGES.items():
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "images"


def test_the_same_stream_as_helm(make_terraform, helm, profile, chart, tmp_path):
    values = tmp_path / "values.yaml"
    values.write_text("tag: '7'\nreplicas: 2\n")
    cases = {
        "plain": ({"chart": chart}, []),
        "named": ({"chart": chart, "name": "mine", "namespace": "there"}, ["-n", "there"]),
        "values": ({"chart": chart, "values_yaml": [values.read_text()]}, ["-f", values]),
        "crds": ({"chart": chart, "include_crds": True}, ["--include-crds"]),
        "upgrade": ({"chart": chart, "is_upgrade": True}, ["--is-upgrade"]),
        "hookless": ({"chart": chart, "no_hooks": True}, ["--no-hooks"]),
        "testless": ({"chart": chart, "skip_tests": True}, ["--skip-tests"]),
        "one": ({"chart": chart, "show_only": ["templates/secret.yaml"]}, ["-s", "templates/secret.yaml"]),
        "some": (
            {"chart": chart, "show_only": ["templates/tests/*", "templates/job.yaml"]},
            ["-s", "templates/tests/*", "-s", "templates/job.yaml"],
        ),
        "versions": (
            {"chart": chart, "kube_version": "1.29.3", "api_versions": ["example.com/v1"]},
            ["--kube-version", "1.29.3", "-a", "example.com/v1"],
        ),
        "hooks": ({"chart": HOOKS}, []),
        "operator": ({"chart": OPERATOR, "include_crds": True}, ["--include-crds"]),
    }
    found = Charts(make_terraform()).get(
        {name: {**attributes, "profile": profile} for name, (attributes, _) in cases.items()}
    )
    for name, (attributes, words) in cases.items():
        theirs = helm("template", attributes.get("name", "release-name"), attributes["chart"], *words)
        assert found[name]["manifest"] == theirs, name
    assert found["versions"]["notes"] == "Installed release-name in default on v1.29.3 with example.\n"


def test_what_is_in_it(make_terraform, chart):
    wanted = {
        "all": {"chart": chart, "values": {"tag": "9", "password": "from-values"}},
        "hookless": {"chart": chart, "no_hooks": True},
        "testless": {"chart": chart, "skip_tests": True},
    }
    terraform = make_terraform()
    found = Charts(terraform).get(wanted)
    seen = found["all"]
    assert seen["images"] == [
        "example/cron",
        "example/hook:3",
        "example/init:9",
        "example/model:5",
        "example/probe:4",
        "example/proxy:2",
        "example/side@sha256:abc",
        "example/web:9",
    ]
    assert "example/probe:4" not in found["testless"]["images"] and "example/hook:3" in found["testless"]["images"]
    assert "example/hook:3" not in found["hookless"]["images"] and found["hookless"]["hooks"] == []
    assert sorted(seen["manifests"]) == [f"images/templates/{name}.yaml" for name in ("custom", "secret", "workloads")]
    assert [each["kind"] for each in yaml.safe_load_all(seen["manifests"]["images/templates/workloads.yaml"])] == [
        "Deployment",
        "CronJob",
    ]
    secret = yaml.safe_load(seen["manifests"]["images/templates/secret.yaml"])
    assert secret["stringData"] == {
        "password": "from-values",
        "count": "1e+06",
    }  # in helm every number of values is a float
    hooks = {each["name"]: each for each in seen["hooks"]}
    assert (
        hooks["before"]["events"] == ["pre-install", "pre-upgrade"]
        and hooks["before"]["weight"] == -5
        and hooks["before"]["kind"] == "Job"
    )
    assert hooks["probe"]["events"] == ["test"] and hooks["probe"]["source"] == "images/templates/tests/test.yaml"
    assert yaml.safe_load(hooks["before"]["manifest"])["metadata"]["name"] == "before"
    assert seen["crds"] == {"images/crds/things.yaml": IMAGES["crds/things.yaml"]}
    assert (seen["chart_version"], seen["app_version"]) == ("3.1.4", "2.7.1") and re.fullmatch(
        "sha256:[0-9a-f]{64}", seen["chart_digest"]
    )
    assert terraform.plan().empty
    schema = next(iter(terraform.schema().values()))["data_source_schemas"]["wandb_chart_template"]["block"][
        "attributes"
    ]
    assert {name for name, each in schema.items() if each.get("sensitive")} == {
        "repository_password",
        "manifest",
        "manifests",
        "hooks",
        "notes",
    }


def test_numbers_are_what_helm_reads(make_terraform, chart, helm, profile):
    """A structured value renders as the same YAML in a values file would."""
    found = Charts(make_terraform()).get(
        {"all": {"chart": chart, "profile": profile, "values": {"replica": {"count": 2000000}}}}
    )
    assert found["all"]["manifest"] == helm("template", chart, "-f", "-", input="replica: {count: 2000000}\n")


def test_refusals(make_terraform, chart, tmp_path):
    broken = tmp_path / "broken"
    (broken / "templates").mkdir(parents=True)
    (broken / "Chart.yaml").write_text("apiVersion: v2\nname: broken\nversion: 1.0.0\n")
    (broken / "templates" / "a.yaml").write_text('a: {{ required "a is needed" .Values.a }}\n')
    library = tmp_path / "library"
    library.mkdir()
    (library / "Chart.yaml").write_text("apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n")
    charts = Charts(make_terraform())
    refused = charts.refused(
        {
            "template": {"chart": broken},
            "library": {"chart": library},
            "empty": {"chart": tmp_path / "nothing"},
            "yaml": {"chart": chart, "values_yaml": ["a: 1", "b: ["]},
            "show": {"chart": chart, "show_only": ["templates/none.yaml"]},
        }
    )
    assert "a is needed" in refused["template"] and "broken/templates/a.yaml:1:" in refused["template"]
    assert "library charts are not installable" in refused["library"] and "no chart at the path" in refused["empty"]
    assert (
        "values_yaml[1]" in refused["yaml"]
        and "could not find template templates/none.yaml in chart" in refused["show"]
    )
    refused = charts.refused(
        {
            "name": {"chart": chart, "name": "a" * 54},
            "version": {"chart": chart, "version": "newest"},
            "kube": {"chart": chart, "kube_version": "one"},
            "profile": {"chart": chart, "profile": "2"},
            "values": {"chart": chart, "values": ["a"]},
            "chart": {"chart": ""},
        }
    )
    assert (
        "54 characters" in refused["name"] and "neither a version" in refused["version"] and "1.31" in refused["kube"]
    )
    assert '"3"' in refused["profile"] and '"4"' in refused["profile"] and "must be an object" in refused["values"]


# ---- helm_set --------------------------------------------------------------------------------------

EXPRESSIONS = [
    "image.tag=1.22.0",
    "replicas=2,wait=true",
    "none=null",
    r"nodeSelector.kubernetes\.io/os=linux",
    "list={a,b,3}",
    "servers[1].port=80",
    r"text=a\,b",
    "version=010",
    'quoted="x"',
    "empty=",
    "big=9007199254740993",
    "fraction=1.5",
]
DUMP = {
    "Chart.yaml": "apiVersion: v2\nname: dump\nversion: 1.0.0\n",
    "templates/all.yaml": "kind: Dump\napiVersion: v1\nmetadata: {name: x}\nvalues: {{ toJson .Values }}\n",
}


def test_helm_set(make_terraform, tmp_path):
    for name, text in DUMP.items():
        (tmp_path / "dump" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dump" / name).write_text(text)
    theirs = chart_servers.helm("helm3", tmp_path)(
        "template", tmp_path / "dump", *[word for each in EXPRESSIONS for word in ("--set", each)]
    )
    theirs = json.loads(re.search(r"^values: (.*)$", theirs, re.M)[1])
    terraform = make_terraform()
    terraform.write(
        terraform.header() + f'output "values" {{\n  value = provider::wandb::helm_set({json.dumps(EXPRESSIONS)})\n}}\n'
        'output "nothing" {\n  value = provider::wandb::helm_set([])\n}\n'
    )
    terraform.apply()
    ours = terraform.outputs()["values"]
    assert ours.pop("none") is None  # helm drops it where it meets the chart's defaults
    theirs.pop("none", None)
    assert ours == theirs and terraform.outputs()["nothing"] == {}
    assert terraform.plan().empty


@pytest.mark.parametrize(
    "expression, words",
    [("a", "key"), ("a[b]=1", "index"), ("a[-1]=1", "negative"), ("a[99999999]=1", "65536"), ("a={b", "list")],
)
def test_helm_set_refuses(make_terraform, expression, words):
    terraform = make_terraform()
    terraform.write(
        terraform.header()
        + f'output "values" {{\n  value = provider::wandb::helm_set(["fine=1", {json.dumps(expression)}])\n}}\n'
    )
    text = re.sub(r"[\s│]+", " ", terraform.run("plan", "-no-color", expect=(1,)).stderr)
    assert "this is not helm's --set syntax" in text and words in text.lower(), text
