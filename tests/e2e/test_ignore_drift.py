# SPDX-License-Identifier: Apache-2.0
"""ignore_drift: what a user's own controllers write is no drift, and every write leaves it as it is, until the
configuration no longer says so."""

import json

import pytest

from leaks import planted
from release_charts import release, write_chart
from terraform import plain

OPERATOR, INSTANCE = "wandb_operator.this", "wandb_instance.this"

# ---- the operator's release ----

TEMPLATES = {
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
    "templates/settings.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: {{ .Values.a | default 1 | quote }}}\n"
    ),
    "templates/app.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  labels: {team: ml}
  annotations: {example.com/size: small, example.org/note: ours}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}, annotations: {version: "{{ .Values.a | default 1 }}"}}
    spec:
      containers:
        - {name: main, image: "example:1", env: [{name: A, value: "1"}], resources: {requests: {cpu: 100m}}}
        - {name: side, image: "side:1"}
""",
}
IGNORED = (
    "Deployment/app spec.replicas",
    "Deployment/{namespace}/app spec.template.spec.containers[*].resources",
    "Deployment.apps/* spec.template.spec.containers[1].image",
    'Deployment/app metadata.annotations["example.com/*"]',
    "ConfigMap/settings data.added",
)


class Release:
    def __init__(self, terraform, kubectl, namespace, directory):
        self.terraform, self.kubectl, self.namespace, self.chart = terraform, kubectl, namespace, directory / "chart"
        write_chart(self.chart, TEMPLATES)

    def write(self, *ignored, more="", **values):
        patterns = json.dumps([each.replace("{namespace}", self.namespace) for each in ignored])
        arguments = f"wait = false\nignore_drift = {patterns}\n{more}"
        self.terraform.write(self.terraform.header() + release(self.namespace, self.chart, values, arguments))

    def patch(self, object, patch, *words):
        self.kubectl(
            "-n", self.namespace, "patch", *object.split("/"), "--type=strategic", "-p", json.dumps(patch), *words
        )

    def meddle(self, *words):
        """What IGNORED names, all of it."""
        containers = [
            {"name": "main", "resources": {"limits": {"cpu": "2"}, "requests": {"cpu": "900m"}}},
            {"name": "side", "image": "side:2", "resources": {"requests": {"cpu": "1"}}},
        ]
        annotations = {"example.com/size": "large", "example.com/more": "1"}
        self.patch(
            "deployment/app",
            {
                "metadata": {"annotations": annotations},
                "spec": {"replicas": 3, "template": {"spec": {"containers": containers}}},
            },
            *words,
        )
        self.kubectl("-n", self.namespace, "patch", "configmap", "settings", "-p", '{"data":{"added":"x"}}', *words)

    def seen(self):
        app = self.kubectl.json("-n", self.namespace, "get", "deployment", "app")
        main, side = app["spec"]["template"]["spec"]["containers"]
        notes = app["metadata"]["annotations"]
        return {
            "replicas": app["spec"]["replicas"],
            "requests": [each.get("resources", {}).get("requests") for each in (main, side)],
            "limits": main.get("resources", {}).get("limits"),
            "images": [main["image"], side["image"]],
            "notes": {key: notes[key] for key in sorted(notes) if key.startswith("example.")},
            "pods": app["spec"]["template"]["metadata"]["annotations"].get("version"),
            "generation": app["metadata"]["generation"],
            "data": self.kubectl.json("-n", self.namespace, "get", "configmap", "settings")["data"],
        }


@pytest.fixture
def app(terraform, kubectl, namespace, tmp_path):
    yield Release(terraform, kubectl, namespace, tmp_path)
    terraform.run("destroy", "-no-color", "-auto-approve", expect=None)


LEFT = {
    "replicas": 3,
    "requests": [{"cpu": "900m"}, {"cpu": "1"}],
    "limits": {"cpu": "2"},
    "images": ["example:1", "side:2"],
    "notes": {"example.com/more": "1", "example.com/size": "large", "example.org/note": "ours"},
}


@pytest.mark.parametrize("profile", ["3", "4"])
def test_is_no_drift_and_stays(app, profile):
    more = f'profile = "{profile}"'
    app.write(*IGNORED, more=more)
    app.terraform.apply()
    app.meddle()
    before = app.seen()
    plan = app.terraform.plan()
    assert plan.empty and not plan.warnings
    # an upgrade writes the rest alone
    app.write(*IGNORED, more=more, a=2)
    app.terraform.apply()
    after = app.seen()
    assert {key: after[key] for key in LEFT} == LEFT
    assert after["pods"] == "2" and after["data"] == {"a": "2", "added": "x"}
    assert after["generation"] == before["generation"] + 1
    assert app.terraform.plan().empty
    # what drifts beside it is put back, and nothing else
    app.patch("deployment/app", {"metadata": {"annotations": {"example.org/note": "theirs"}, "labels": {"team": "x"}}})
    plan = app.terraform.plan()
    (warning,) = plan.warnings
    assert warning["summary"].endswith(": 2 paths"), warning
    app.terraform.apply()
    assert {key: app.seen()[key] for key in LEFT} == LEFT
    assert app.terraform.plan().empty


def test_what_nobody_has_changed_stays_ours(app):
    app.write(*IGNORED)
    app.terraform.apply()
    before = app.seen()
    app.write(*IGNORED, a=2)
    app.terraform.apply()
    after = app.seen()
    assert {**after, "pods": "1", "data": {"a": "1"}, "generation": before["generation"]} == before
    # and who takes it over later, by applying without force, is not in our way
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": app.namespace},
        "data": {"added": "applied"},
    }
    app.kubectl("apply", "--server-side", "--field-manager=theirs", "-f", "-", input=json.dumps(manifest))
    app.write(*IGNORED, a=3)
    app.terraform.apply()
    assert app.seen()["data"] == {"a": "3", "added": "applied"}
    manifest["data"]["added"] = "again"
    app.kubectl("apply", "--server-side", "--field-manager=theirs", "-f", "-", input=json.dumps(manifest))
    assert app.terraform.plan().empty


def test_begins_and_ends(app):
    app.write()
    app.terraform.apply()
    app.meddle()
    before = app.seen()
    assert app.terraform.plan().changes == {OPERATOR: ["update"]}
    # saying so is nothing to write for, even where the state has the drift
    app.write(*IGNORED)
    plan = app.terraform.plan()
    change = plan.change(OPERATOR)
    assert change["after"]["revision"] == 1 and change["after"]["drift_found"] == []
    app.terraform.apply()
    assert app.seen() == before and app.terraform.plan().empty
    # and once it is said no more, it is drift, those of the configuration's and those that others added
    app.write()
    app.terraform.apply()
    plan = app.terraform.plan()
    paths = {each["path"] for each in plan.change(OPERATOR)["before"]["drift_found"]}
    assert {
        "spec.replicas",
        "spec.template.spec.containers[0].resources.limits",
        "spec.template.spec.containers[0].resources.requests.cpu",
        "spec.template.spec.containers[1].image",
        'metadata.annotations["example.com/size"]',
        "data.added",
    } <= paths
    app.terraform.apply()
    after = app.seen()
    assert after["replicas"] == 1 and after["images"] == ["example:1", "side:1"] and after["data"] == {"a": "1"}
    assert after["limits"] is None and app.terraform.plan().empty


def test_a_rollback_leaves_it(app):
    app.write(*IGNORED, more="atomic = true")
    app.terraform.apply()
    app.meddle()
    broken = {
        **TEMPLATES,
        "templates/b.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {ports: []}\n",
    }
    write_chart(app.chart, broken)
    app.write(*IGNORED, more="atomic = true", a=2)
    result = app.terraform.apply(expect=(1,))
    assert "rolled back, as atomic = true asks" in plain(result.stdout + result.stderr)
    after = app.seen()
    assert {key: after[key] for key in LEFT} == LEFT
    assert after["pods"] == "1" and after["data"] == {"a": "1", "added": "x"}
    write_chart(app.chart, TEMPLATES)


def test_adopting_from_helm(app, helm3):
    write_chart(app.chart, TEMPLATES)
    helm3("install", "app", app.chart, "-n", app.namespace)
    app.meddle()
    app.write(*IGNORED, more="adopt = true", a=2)
    app.terraform.apply()
    after = app.seen()
    assert {key: after[key] for key in LEFT} == LEFT
    assert after["pods"] == "2" and app.terraform.plan().empty


def test_adopting_what_helm_alone_wrote(app, helm3):
    helm3("install", "app", app.chart, "-n", app.namespace)
    before = app.seen()
    app.write(*IGNORED, more="adopt = true")
    app.terraform.apply()
    after = app.seen()
    assert {**after, "generation": before["generation"]} == before and app.terraform.plan().empty


# ---- the instance ----

BASE = """
resource "wandb_instance" "this" {{
  name         = "wandb"
  namespace    = "{namespace}"
  wait_for     = "none"
  labels       = {labels}
  ignore_drift = {ignored}
  spec         = {{ values = {values} }}
  {more}
}}
"""
VALUES = {
    "app": {"resources": {"cpu": 1}, "size": "small"},
    "list": [{"a": 1, "b": 1}],
    "global": {"host": "https://a"},
}
LEAVES = (
    "WeightsAndBiases/wandb spec.values.app.resources",
    "WeightsAndBiases/*/* spec.values.list[*].b",
    "WeightsAndBiases/wandb spec.values.added",
    "WeightsAndBiases/wandb metadata.labels.team",
)
MEDDLED = {"app": {"resources": {"cpu": 2, "memory": 1}}, "list": [{"a": 1, "b": 2}], "added": {"x": 1}}


class Instance:
    def __init__(self, terraform, kubectl, namespace):
        self.terraform, self.kubectl, self.namespace = terraform, kubectl, namespace

    def write(self, *ignored, values=VALUES, labels=None, more=""):
        labels = labels if labels is not None else {"team": "ml", "stage": "one"}
        self.terraform.write(
            self.terraform.header()
            + BASE.format(
                namespace=self.namespace,
                ignored=json.dumps(ignored),
                values=json.dumps(values),
                labels=json.dumps(labels),
                more=more,
            )
        )

    def patch(self, patch, *words):
        self.kubectl(
            "-n", self.namespace, "patch", "weightsandbiases", "wandb", "--type=merge", "-p", json.dumps(patch), *words
        )

    def meddle(self):
        self.patch({"metadata": {"labels": {"team": "theirs"}}, "spec": {"values": MEDDLED}})

    @property
    def live(self):
        return self.kubectl.json("-n", self.namespace, "get", "weightsandbiases.v1.apps.wandb.com", "wandb")

    def is_left(self, **more):
        labels, values = self.live["metadata"]["labels"], self.live["spec"]["values"]
        assert labels == {"team": "theirs", "stage": "one"}
        assert values == {
            "app": {"resources": {"cpu": 2, "memory": 1}, "size": "small"},
            "list": [{"a": 1, "b": 2}],
            "added": {"x": 1},
            "global": {"host": "https://a"},
            **more,
        }


@pytest.fixture
def instance(terraform, kubectl, crd, namespace):
    return Instance(terraform, kubectl, namespace)


def test_of_an_instance_it_is_no_drift_and_stays(instance):
    instance.write(*LEAVES)
    instance.terraform.apply()
    instance.meddle()
    plan = instance.terraform.plan()
    assert plan.empty and not plan.warnings
    values = {**VALUES, "global": {"host": "https://b"}}
    instance.write(*LEAVES, values=values)
    plan = instance.terraform.plan()
    assert not plan.warnings
    instance.terraform.apply()
    instance.is_left(**{"global": {"host": "https://b"}})
    assert instance.terraform.plan().empty
    # beside it there is drift
    instance.patch({"spec": {"values": {"app": {"size": "large"}, "more": 1}}})
    plan = instance.terraform.plan()
    (warning,) = plan.warnings
    assert "spec.values.app.size" in warning["detail"] and "spec.values.more" in warning["detail"]
    assert "resources" not in warning["detail"]
    instance.terraform.apply()
    instance.is_left(**{"global": {"host": "https://b"}})
    # what the configuration says at such a place is not written, and the plan says so
    values["app"] = {"resources": {"cpu": 7}, "size": "small"}
    instance.write(*LEAVES, values=values)
    plan = instance.terraform.plan()
    (warning,) = plan.warnings
    assert warning["summary"] == f"Left to others in WeightsAndBiases/{instance.namespace}/wandb: 1 path"
    assert "\n  spec.values.app.resources.cpu\n" in warning["detail"]
    generation = instance.live["metadata"]["generation"]
    instance.terraform.apply()
    instance.is_left(**{"global": {"host": "https://b"}})
    assert instance.live["metadata"]["generation"] == generation and instance.terraform.plan().empty


def test_of_an_instance_it_begins_and_ends(instance):
    instance.write()
    instance.terraform.apply()
    instance.meddle()
    instance.write(*LEAVES)
    plan = instance.terraform.plan()
    assert plan.change(INSTANCE)["after"]["drift_found"] == []
    said = [warning["summary"].partition(" in ")[0] for warning in plan.warnings]
    assert sorted(said) == ["Drift", "Drift stays", "Left to others"], plan.warnings
    generation = instance.live["metadata"]["generation"]
    instance.terraform.apply()
    instance.is_left()
    assert instance.live["metadata"]["generation"] == generation
    plan = instance.terraform.plan()
    assert plan.empty and not plan.warnings
    instance.write()
    instance.terraform.apply()
    assert instance.terraform.plan().changes == {INSTANCE: ["update"]}
    instance.terraform.apply()
    assert instance.live["spec"]["values"] == VALUES
    assert instance.live["metadata"]["labels"] == {"team": "ml", "stage": "one"}
    assert instance.terraform.plan().empty


def test_what_another_applies_is_in_nobodys_way(instance):
    instance.write(*LEAVES)
    instance.terraform.apply()
    theirs = {
        "apiVersion": "apps.wandb.com/v1",
        "kind": "WeightsAndBiases",
        "metadata": {"name": "wandb", "namespace": instance.namespace},
        "spec": {"values": {"added": {"by": "them"}, "app": {"resources": {"cpu": 5}}}},
    }
    instance.kubectl(
        "apply", "--server-side", "--force-conflicts", "--field-manager=theirs", "-f", "-", input=json.dumps(theirs)
    )
    assert instance.terraform.plan().empty
    instance.write(*LEAVES, values={**VALUES, "global": {"host": "https://b"}})
    instance.terraform.apply()
    values = instance.live["spec"]["values"]
    assert values["added"] == {"by": "them"} and values["app"]["resources"] == {"cpu": 5}
    theirs["spec"]["values"]["app"]["resources"]["cpu"] = 6
    instance.kubectl("apply", "--server-side", "--field-manager=theirs", "-f", "-", input=json.dumps(theirs))
    assert instance.terraform.plan().empty


def test_adopting_leaves_it(instance):
    instance.kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "wandb", "namespace": instance.namespace, "labels": {"team": "theirs"}},
            "spec": {"values": {**MEDDLED, "global": {"host": "https://old"}}},
        }
    )
    instance.write(*LEAVES, more="adopt = true")
    plan = instance.terraform.plan()
    (warning,) = [each for each in plan.warnings if "taken over" in each["summary"]]
    assert "resources" not in warning["detail"] and "added" not in warning["detail"]
    instance.terraform.apply()
    instance.is_left()
    assert instance.terraform.plan().empty


def test_reported_drift_leaves_it_out(instance):
    instance.write(*LEAVES, more='drift = "report"')
    instance.terraform.apply()
    instance.meddle()
    instance.patch({"spec": {"values": {"app": {"size": "large"}}}})
    plan = instance.terraform.plan()
    assert plan.empty
    (warning,) = plan.warnings
    assert warning["summary"].endswith(": 1 path") and "spec.values.app.size" in warning["detail"]


REFUSED = {
    "no object": ('["spec.values"]', "ignore_drift[0]", "it names no object"),
    "no path": ('["WeightsAndBiases/wandb spec.a", "WeightsAndBiases/wandb"]', "ignore_drift[1]", "path is missing"),
    "name": ('["WeightsAndBiases/wandb metadata.name"]', "ignore_drift[0]", "only labels and annotations"),
    "status": ('["WeightsAndBiases/wandb status.phase"]', "ignore_drift[0]", "not one that is compared"),
    "another object": ('["Deployment/wandb-app spec.replicas"]', "ignore_drift[0]", "not this resource's object"),
    "another name": ('["WeightsAndBiases/other spec.a"]', "ignore_drift[0]", "not this resource's object"),
    "a secret that is given": (
        '["WeightsAndBiases/wandb spec.values.global"]',
        "ignore_drift",
        "leaves spec.values.global.license to others, and a write-only attribute gives it",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_patterns(instance, case):
    patterns, place, words = REFUSED[case]
    instance.write(more=f'license_wo = "{planted("license")}"' if case.startswith("a secret") else "")
    text = (
        (instance.terraform.directory / "main.tf")
        .read_text()
        .replace("ignore_drift = []", f"ignore_drift = {patterns}")
    )
    instance.terraform.write(text)
    (error,) = [each for each in instance.terraform.validate()["diagnostics"] if each["severity"] == "error"]
    assert place in error["detail"] and words in " ".join(error["detail"].split()), error


def test_a_label_that_somebody_changed_goes_when_it_is_dropped(instance):
    """Applying alone would leave it to whoever changed it, and helm 3 would take it away."""
    instance.write(labels={"team": "ml", "stage": "one", "mine": "1"})
    instance.terraform.apply()
    instance.patch({"metadata": {"labels": {"team": "theirs", "own": "theirs"}}})
    instance.write(labels={"stage": "one"})
    instance.terraform.apply()
    assert instance.live["metadata"]["labels"] == {"stage": "one", "own": "theirs"}
    assert instance.terraform.plan().empty


def test_patterns_are_known_at_validate(terraform, namespace):
    terraform.write(
        terraform.header()
        + f'resource "wandb_operator" "this" {{\n  namespace = "{namespace}"\n'
        + '  ignore_drift = ["Deployment spec"]\n}\n'
    )
    (error,) = [each for each in terraform.validate()["diagnostics"] if each["severity"] == "error"]
    assert "ignore_drift[0]" in error["detail"] and "it names no object" in error["detail"]
