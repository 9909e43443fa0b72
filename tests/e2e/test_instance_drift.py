# SPDX-License-Identifier: Apache-2.0
"""Every way in which somebody can change an instance's object:
what the plan says of it, word for word, and that apply mends it.

The words are kept in tests/golden/drift/; UPDATE_GOLDEN=1 writes them anew, and the table in
docs/guides/drift-report.md with them.
"""

import json
import os
import re
import subprocess
import time

import pytest

from leaks import planted
from terraform import diagnostics, plain
from tools import ROOT, TESTS

GOLDEN = TESTS / "golden" / "drift"
GUIDE = ROOT / "docs" / "guides" / "drift-report.md"
UPDATE = os.environ.get("UPDATE_GOLDEN")
KIND = "weightsandbiases.v1.apps.wandb.com"

BASE = """
resource "wandb_instance" "this" {{
  name        = "wandb"
  namespace   = "{namespace}"
  wait_for    = "none"
  labels      = {{ team = "ml" }}
  annotations = {{ "example.com/owner" = "me" }}
  spec = {{
    values = {{
      global  = {{ host = "https://wandb.example.com", size = "small", mysql = {{ host = "db", port = 3306 }}, bucket = {{}} }}
      ingress = {{ additionalHosts = ["a.example.com", "b.example.com"] }}
    }}
  }}
  {more}
}}
"""  # noqa: E501


class Cluster:
    """One namespace's instance, changed in every way that somebody may."""

    def __init__(self, kubectl, namespace, directory):
        self.kubectl, self.namespace, self.directory = kubectl, namespace, directory

    def __call__(self, *words, **options):
        return self.kubectl("-n", self.namespace, *words, **options)

    def live(self):
        return json.loads(self("get", KIND, "wandb", "-o", "json", "--show-managed-fields"))

    def merge(self, patch, *words):
        self("patch", KIND, "wandb", "--type=merge", "-p", json.dumps(patch), *words)

    def values(self, **values):
        self.merge({"spec": {"values": values}})

    def json(self, *operations, **options):
        words = [word for name, text in options.items() for word in (f"--{name}", text)]
        self("patch", KIND, "wandb", "--type=json", "-p", json.dumps(operations), *words)

    def edit(self, before, after):
        editor = self.directory / "editor"
        editor.write_text(f"#!/bin/sh\nexec sed -i 's|{before}|{after}|' \"$1\"\n")
        editor.chmod(0o755)
        subprocess.run(
            [self.kubectl.executable, "-n", self.namespace, "edit", KIND, "wandb"],
            check=True,
            capture_output=True,
            env={**self.kubectl.environment, "KUBE_EDITOR": str(editor)},
        )

    def manifest(self, change):
        object = self.live()
        object["metadata"] = {key: object["metadata"][key] for key in ("name", "namespace", "labels", "annotations")}
        object.pop("status", None)
        change(object)
        return json.dumps(object)

    def replace(self, change):
        object = self.live()
        change(object)
        self("replace", "-f", "-", input=json.dumps(object))


def larger(object):
    object["spec"]["values"]["global"]["size"] = "large"


SIZE = "/spec/values/global/size"
HOSTS = "/spec/values/ingress/additionalHosts"

# name: what somebody does
DRIFTS = {
    "value changed": lambda c: c.values(**{"global": {"size": "large"}}),
    "value changed by kubectl edit": lambda c: c.edit("size: small", "size: large"),
    "value changed by kubectl apply": lambda c: c("apply", "-f", "-", input=c.manifest(larger)),
    "value changed by kubectl replace": lambda c: c.replace(larger),
    "value changed by a controller": lambda c: c.json(
        {"op": "replace", "path": SIZE, "value": "large"}, **{"field-manager": "some-controller"}
    ),
    "only white space changed": lambda c: c.values(**{"global": {"size": "small "}}),
    "value added": lambda c: c.values(**{"global": {"debug": True}}),
    "object added": lambda c: c.values(weave={"install": True, "env": {"A": "1"}}),
    "value removed": lambda c: c.json({"op": "remove", "path": SIZE}),
    "object removed": lambda c: c.json({"op": "remove", "path": "/spec/values/global/mysql"}),
    "all values removed": lambda c: c.json({"op": "remove", "path": "/spec/values"}),
    "list reordered": lambda c: c.values(ingress={"additionalHosts": ["b.example.com", "a.example.com"]}),
    "list grown": lambda c: c.json({"op": "add", "path": f"{HOSTS}/-", "value": "c.example.com"}),
    "list grown in front": lambda c: c.json({"op": "add", "path": f"{HOSTS}/0", "value": "c.example.com"}),
    "list shortened": lambda c: c.json({"op": "remove", "path": f"{HOSTS}/1"}),
    "number to text": lambda c: c.values(**{"global": {"mysql": {"port": "3306"}}}),
    "text to number": lambda c: c.values(**{"global": {"mysql": {"host": 1}}}),
    "object to text": lambda c: c.json({"op": "replace", "path": "/spec/values/global/mysql", "value": "gone"}),
    "null for a value": lambda c: c.json({"op": "replace", "path": SIZE, "value": None}),
    "null added": lambda c: c.json({"op": "add", "path": "/spec/values/app", "value": None}),
    "empty object": lambda c: c.json({"op": "replace", "path": "/spec/values/global/mysql", "value": {}}),
    "empty list": lambda c: c.json({"op": "replace", "path": HOSTS, "value": []}),
    "empty object filled": lambda c: c.values(**{"global": {"bucket": {"name": "b"}}}),
    "unicode": lambda c: c.values(**{"global": {"host": "https://wört ☃ 𝄞"}}),
    "odd key": lambda c: c.values(**{"global": {"a.b/c": 1}}),
    "a value of 1 MiB": lambda c: c("patch", KIND, "wandb", "--type=merge", "--patch-file", write_big(c)),
    "chart added": lambda c: c.merge({"spec": {"chart": {"version": "1.2.3"}}}),
    "label changed": lambda c: c("label", KIND, "wandb", "team=other", "--overwrite"),
    "label removed": lambda c: c("label", KIND, "wandb", "team-"),
    "annotation changed": lambda c: c("annotate", KIND, "wandb", "example.com/owner=you", "--overwrite"),
    "annotation removed": lambda c: c("annotate", KIND, "wandb", "example.com/owner-"),
    "several at once": lambda c: (
        c.values(**{"global": {"size": "large", "debug": True}}),
        c.edit("port: 3306", "port: 3307"),
        c("label", KIND, "wandb", "team=other", "--overwrite"),
    ),
}

# what has a test of its own
TOLD = (
    "secret added",
    "secret changed",
    "value changed by server-side apply",
    "value changed, with drift = report",
    "deleted",
    "deleted and created again by others",
    "kind removed",
    "API out of reach",
    "reading forbidden",
)

# name: what somebody does that is none of ours
NO_DRIFTS = {
    "status": lambda c: c.merge({"status": {"phase": "Loading"}}, "--subresource=status"),
    "finalizer added": lambda c: c.merge({"metadata": {"finalizers": ["example.com/hold"]}}),
    "label of others": lambda c: c("label", KIND, "wandb", "other=x"),
    "annotation of others": lambda c: c("annotate", KIND, "wandb", "example.com/other=x"),
    "same value written by others": lambda c: c.values(**{"global": {"size": "small"}}),
    "server-side apply of the same": lambda c: c(
        "apply", "--server-side", "--field-manager=other", "-f", "-", input=c.manifest(lambda object: None)
    ),
}


def write_big(cluster):
    path = cluster.directory / "big.json"
    path.write_text(json.dumps({"spec": {"values": {"global": {"host": "x" * (1 << 20)}}}}))
    return path


@pytest.fixture
def instance(terraform, kubectl, crd, namespace, tmp_path):
    terraform.write(terraform.header() + BASE.format(namespace=namespace, more=""))
    terraform.apply()
    cluster = Cluster(kubectl, namespace, tmp_path)
    yield cluster
    found = kubectl.run(
        "-n", namespace, "patch", KIND, "wandb", "--type=merge", "-p", '{"metadata":{"finalizers":null}}', expect=None
    )
    assert found.code == 0 or "NotFound" in found.stderr


def stable(text, cluster):
    text = text.replace(cluster.namespace, "NAMESPACE")
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)


def drift_lines(detail):
    return [line.strip() for line in detail.splitlines() if ": wanted " in line]


def shown(plan, text, cluster):
    """The warning, and what Terraform shows of our resource; unchanged lines and long ones cut."""
    (warning,) = plan.warnings
    lines = (
        text[text.index("  # wandb_instance.this will be") : text.index("\nPlan:")].splitlines()
        if "\nPlan:" in text
        else []
    )
    kept = [
        line if len(line) < 200 else f"{line[:120]}…"
        for line in lines
        if re.match(r"\s*[~+-] ", line) and "known after apply" not in line
    ]
    return stable(warning["detail"] + "\n\n" + "\n".join(kept) + "\n", cluster)


def told(plan, cluster):
    """What a plan says that is no list of paths: each warning or error, and what would be done."""
    said = [
        f"{each['severity']}: {each['summary']}\n{each['detail']}"
        for each in [*diagnostics(plan.events), *plan.warnings]
    ]
    done = [f"{action} {address}" for address, actions in plan.changes.items() for action in actions]
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UID", "\n".join([*said, *done]))
    text = re.sub(
        r"could not connect \([^)]*\)", "could not connect (…)", re.sub(r"kubeconfig \S+,", "kubeconfig PATH,", text)
    )
    return stable(text, cluster) + "\n"


def golden_path(name):
    return GOLDEN / f"{re.sub('[^A-Za-z0-9]+', '-', name)}.txt"


def check_golden(name, text):
    path = golden_path(name)
    if UPDATE:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", DRIFTS)
def test_drift(terraform, instance, name):
    before = instance.live()
    DRIFTS[name](instance)
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
    text = terraform.plan_text()
    check_golden(name, shown(plan, text, instance))
    terraform.apply()
    after = instance.live()
    assert after["spec"] == before["spec"]
    assert {key: after["metadata"].get(key) for key in ("labels", "annotations", "uid")} == {
        key: before["metadata"].get(key) if key != "annotations" else after["metadata"]["annotations"]
        for key in ("labels", "annotations", "uid")
    }
    assert after["metadata"]["annotations"]["example.com/owner"] == "me"
    again = terraform.plan()
    assert again.empty and not again.warnings, again.text


def test_a_secret_that_others_add(terraform, instance):
    """It is none of the configuration's: named, and left where it is."""
    instance.values(**{"global": {"mysql": {"password": planted("password")}}})
    plan = terraform.plan()
    assert plan.empty, plan.text
    check_golden("secret added", told(plan, instance))
    terraform.apply()
    assert instance.live()["spec"]["values"]["global"]["mysql"]["password"] == planted("password")


def test_a_secret_that_others_change(terraform, instance, namespace):
    terraform.write(
        terraform.header() + BASE.format(namespace=namespace, more=f'license_wo = "{planted("license")}"')
    ).apply()
    instance.values(**{"global": {"license": planted("other")}})
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
    check_golden("secret changed", shown(plan, terraform.plan_text(), instance))
    terraform.apply()
    assert instance.live()["spec"]["values"]["global"]["license"] == planted("license")
    again = terraform.plan()
    assert again.empty and not again.warnings, again.text


@pytest.mark.parametrize("name", NO_DRIFTS)
def test_no_drift(terraform, instance, name):
    NO_DRIFTS[name](instance)
    kept = instance.live()
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    terraform.apply()
    assert instance.live()["metadata"].get("finalizers") == kept["metadata"].get("finalizers")


def test_repair_keeps_finalizers_and_what_others_own(terraform, instance):
    instance.merge({"metadata": {"finalizers": ["example.com/hold"], "labels": {"other": "x"}}})
    instance.values(**{"global": {"size": "large"}})
    terraform.apply()
    live = instance.live()
    assert live["metadata"]["finalizers"] == ["example.com/hold"] and live["metadata"]["labels"] == {
        "team": "ml",
        "other": "x",
    }
    assert live["spec"]["values"]["global"]["size"] == "small"


def test_another_manager_that_applies(terraform, instance, namespace):
    """Somebody declares the field as theirs: a conflict that names them, and `force` decides it."""
    instance(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=argocd",
        "-f",
        "-",
        input=json.dumps(
            {
                "apiVersion": "apps.wandb.com/v1",
                "kind": "WeightsAndBiases",
                "metadata": {"name": "wandb", "namespace": namespace},
                "spec": {"values": {"global": {"size": "large"}}},
            }
        ),
    )
    plan = terraform.plan()
    assert 'found "large", written by argocd at' in plan.warnings[0]["detail"]
    check_golden("value changed by server-side apply", shown(plan, terraform.plan_text(), instance))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert (
        "argocd" in error["detail"]
        and "spec.values.global.size" in error["detail"]
        and "force = true" in error["detail"]
    )
    assert instance.live()["spec"]["values"]["global"]["size"] == "large"
    terraform.write(terraform.header() + BASE.format(namespace=namespace, more="force = true"))
    terraform.apply()
    assert instance.live()["spec"]["values"]["global"]["size"] == "small"
    assert terraform.plan().empty


def test_report_only(terraform, instance, namespace):
    terraform.write(terraform.header() + BASE.format(namespace=namespace, more='drift = "report"'))
    terraform.apply()
    instance.values(**{"global": {"size": "large"}})
    plan = terraform.plan()
    assert plan.code == 0 and not plan.changes
    (warning,) = plan.warnings
    assert (
        warning["summary"] == about("Drift in", instance, 1)
        and 'spec.values.global.size: wanted "small", found "large"' in warning["detail"]
    )
    check_golden("value changed, with drift = report", told(plan, instance))
    assert instance.live()["spec"]["values"]["global"]["size"] == "large"


def versions(instance):
    """What a write of the object would change."""
    return instance.live()["metadata"]["resourceVersion"]


def test_report_is_believed_at_once(any_terraform, kubectl, crd, namespace, tmp_path):
    """From the first plan with drift = "report" on: what others changed stays as it is."""
    terraform = any_terraform.write(any_terraform.header() + BASE.format(namespace=namespace, more=""))
    terraform.apply()
    instance = Cluster(kubectl, namespace, tmp_path)
    DRIFTS["several at once"](instance)
    drifted = versions(instance)
    terraform.write(terraform.header() + BASE.format(namespace=namespace, more='drift = "report"'))
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
    assert "puts it back" not in plan.text.replace('With drift = \\"enforce\\" the next apply puts it back', "")
    stays = warned(plan)[about("Drift stays in", instance, 4)]
    assert 'drift = "report"' in stays and drift_lines(stays) == drift_lines(
        warned(plan)[about("Drift in", instance, 4)]
    )
    result = terraform.apply()
    assert versions(instance) == drifted, result
    assert terraform.resources()["wandb_instance.this"]["spec"]["values"]["global"]["size"] == "small"
    assert len(terraform.resources()["wandb_instance.this"]["drift_found"]) == 4
    plan = terraform.plan()
    assert plan.empty and list(warned(plan)) == [about("Drift in", instance, 4)], plan.text
    instance("delete", KIND, "wandb")


def test_enforce_is_believed_at_once(any_terraform, kubectl, crd, namespace, tmp_path):
    terraform = any_terraform.write(any_terraform.header() + BASE.format(namespace=namespace, more='drift = "report"'))
    terraform.apply()
    instance = Cluster(kubectl, namespace, tmp_path)
    before = instance.live()
    DRIFTS["several at once"](instance)
    assert terraform.plan().empty
    terraform.write(terraform.header() + BASE.format(namespace=namespace, more=""))
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    assert 'drift = "enforce"' in warned(plan)[about("Drift is put back in", instance, 4)]
    terraform.apply()
    after = instance.live()
    assert after["spec"] == before["spec"] and after["metadata"]["labels"] == before["metadata"]["labels"]
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    instance("delete", KIND, "wandb")


def test_report_and_a_change(terraform, instance, namespace):
    """A write for another reason sets the whole spec: the plan says that it puts the drift back."""
    configuration = terraform.header() + BASE.format(namespace=namespace, more='drift = "report"')
    instance.values(**{"global": {"debug": True}})
    terraform.write(configuration.replace('"db"', '"database"'))
    plan = terraform.plan()
    assert "for another reason" in warned(plan)[about("Drift is put back in", instance, 1)]
    terraform.apply()
    live = instance.live()["spec"]["values"]["global"]
    assert live["mysql"]["host"] == "database" and "debug" not in live
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_report_and_a_value_of_ones_own(terraform, instance, namespace):
    """What the configuration says anew at the very path that others changed is wanted, not reported."""
    instance.values(**{"global": {"size": "large"}})
    terraform.write(
        terraform.header() + BASE.format(namespace=namespace, more='drift = "report"').replace('"small"', '"medium"')
    )
    terraform.apply()
    assert instance.live()["spec"]["values"]["global"]["size"] == "medium"
    assert terraform.plan().empty


def test_an_apply_says_it_once(terraform, instance, namespace):
    """Terraform plans twice for one apply."""
    ignoring(terraform, namespace, "spec.values.global.size")
    DRIFTS["several at once"](instance)
    events = terraform.apply_json()
    summaries = [
        each["summary"] for each in diagnostics(events, "warning") if "development overrides" not in each["summary"]
    ]
    assert sorted(summaries) == [about("Drift in", instance, 4), about("Drift stays in", instance, 1)]


def test_every_instance_is_shown(any_terraform, kubectl, crd, namespace, tmp_path):
    """Terraform and OpenTofu show one of several warnings with the same summary, and count the others."""
    names = ("one", "two", "three")
    terraform = any_terraform.write(
        any_terraform.header()
        + "".join(
            BASE.format(namespace=namespace, more="").replace('"this"', f'"{name}"').replace('"wandb"', f'"{name}"')
            for name in names
        )
    )
    terraform.apply()
    for name in names:
        kubectl(
            "-n",
            namespace,
            "patch",
            KIND,
            name,
            "--type=merge",
            "-p",
            json.dumps({"spec": {"values": {"global": {"size": "large", "from": name}}}}),
        )
    text = plain(terraform.plan_text())
    for name in names:
        assert f"Drift in WeightsAndBiases/{namespace}/{name}: 2 paths" in text
        assert f'WeightsAndBiases/{namespace}/{name} spec.values.global.from: wanted absent, found "{name}"' in text
    assert "similar warning" not in text
    kubectl("-n", namespace, "delete", KIND, "--all")


def test_hundreds_of_paths(terraform, instance):
    instance.values(many={f"key{number:03}": number for number in range(250)}, **{"global": {"size": "large"}})
    instance.values(**{f"top{number:03}": number for number in range(150)})
    detail = terraform.plan().warnings[0]["detail"]
    lines = [line for line in detail.splitlines() if ": wanted " in line]
    assert len(lines) == 100 and lines == sorted(lines) and "… and 52 more" in detail
    terraform.apply()
    assert terraform.plan().empty


# ---- what the configuration ignores ----------------------------------------------------------------


def ignoring(terraform, namespace, *attributes, more=""):
    return terraform.write(
        terraform.header()
        + BASE.format(namespace=namespace, more=f"lifecycle {{ ignore_changes = [{', '.join(attributes)}] }}\n  {more}")
    )


def warned(plan):
    return {warning["summary"]: warning["detail"] for warning in plan.warnings}


def about(what, cluster, count):
    return f"{what} WeightsAndBiases/{cluster.namespace}/wandb: {count} path{'s' if count != 1 else ''}"


IGNORED = {
    "value changed": ["spec"],
    "value added": ["spec"],
    "object removed": ["spec"],
    "list shortened": ["spec"],
    "object to text": ["spec"],
    "null for a value": ["spec"],
    "label removed": ['labels["team"]'],
    "annotation changed": ["annotations"],
    "several at once": ["spec.values.global", "labels"],
}


@pytest.mark.parametrize("name", IGNORED)
def test_ignored(terraform, instance, namespace, name):
    """Nothing is planned for it, now or ever; no write puts it back; and the warning does not promise that."""
    ignoring(terraform, namespace, *IGNORED[name])
    DRIFTS[name](instance)
    drifted = instance.live()
    for _ in range(2):
        plan = terraform.plan()
        count = len(drift_lines(next(iter(warned(plan).values()))))
        assert plan.empty and sorted(warned(plan)) == [
            about("Drift in", instance, count),
            about("Drift stays in", instance, count),
        ], plan.text
        assert "ignore_changes" in warned(plan)[about("Drift stays in", instance, count)]
        lines = [drift_lines(detail) for detail in warned(plan).values()]
        assert lines[0] == lines[1] != []
    terraform.apply()
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    other = "annotations" if "label" in name or name == "several at once" else "labels"
    terraform.write(
        (terraform.directory / "main.tf")
        .read_text()
        .replace(
            '{ team = "ml" }' if other == "labels" else '"me"',
            '{ team = "changed" }' if other == "labels" else '"changed"',
        )
    )
    terraform.apply()
    live = instance.live()
    assert "changed" in live["metadata"][other].values() and live["spec"] == drifted["spec"]
    assert terraform.plan().empty


def test_ignored_in_part(terraform, instance, namespace):
    ignoring(terraform, namespace, "spec.values.global.size")
    DRIFTS["several at once"](instance)
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    (left,) = drift_lines(warned(plan)[about("Drift stays in", instance, 1)])
    assert 'spec.values.global.size: wanted "small", found "large", written by kubectl-patch at' in left
    terraform.apply()
    live = instance.live()
    assert live["spec"]["values"]["global"] == {
        "host": "https://wandb.example.com",
        "size": "large",
        "mysql": {"host": "db", "port": 3306},
        "bucket": {},
    }
    assert live["metadata"]["labels"] == {"team": "ml"}
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_what_a_state_does_not_show_is_not_ignored(terraform, instance, namespace):
    """A secret that is given and a null never get into the state, so that Terraform cannot hand back what is there."""
    ignoring(terraform, namespace, "spec", more=f'license_wo = "{planted("license")}"')
    terraform.apply()
    for change in (lambda c: c.values(**{"global": {"license": planted("other")}}), DRIFTS["null added"]):
        change(instance)
        assert terraform.plan().changes == {"wandb_instance.this": ["update"]}
        terraform.apply()
        plan = terraform.plan()
        assert plan.empty and not plan.warnings, plan.text


def test_the_configuration_follows(terraform, instance, namespace):
    """Who agrees with what somebody did, writes it into the configuration: nothing is left to do."""
    instance.values(**{"global": {"size": "large"}})
    terraform.write(terraform.header() + BASE.format(namespace=namespace, more="").replace('"small"', '"large"'))
    plan = terraform.plan()
    assert plan.empty and sorted(warned(plan)) == [
        about("Drift in", instance, 1),
        about("Drift stays in", instance, 1),
    ], plan.text
    terraform.apply()
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


# ---- gone, replaced, out of reach ------------------------------------------------------------------


def test_deleted(terraform, instance):
    instance("delete", KIND, "wandb")
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["create"]}
    assert list(warned(plan)) == [f"Deleted outside of Terraform: WeightsAndBiases/{instance.namespace}/wandb"]
    check_golden("deleted", told(plan, instance))
    terraform.apply()
    assert terraform.plan().empty


def test_deleted_and_created_again_by_others(terraform, instance):
    before = instance.live()
    instance("delete", KIND, "wandb")
    instance(
        "create",
        "-f",
        "-",
        input=json.dumps(
            {
                "apiVersion": "apps.wandb.com/v1",
                "kind": "WeightsAndBiases",
                "spec": before["spec"],
                "metadata": {key: before["metadata"][key] for key in ("name", "labels", "annotations")},
            }
        ),
    )
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    assert f'metadata.uid: wanted "{before["metadata"]["uid"]}"' in plan.warnings[0]["detail"]
    check_golden("deleted and created again by others", told(plan, instance))
    terraform.apply()
    assert (
        terraform.resources()["wandb_instance.this"]["uid"]
        == instance.live()["metadata"]["uid"]
        != before["metadata"]["uid"]
    )
    assert terraform.plan().empty


def test_api_out_of_reach(terraform, instance):
    before = terraform.resources()
    plan = terraform.plan(expect=(1,), env={"KUBE_HOST": "https://127.0.0.1:1"})
    assert "127.0.0.1:1" in plan.text
    check_golden("API out of reach", told(plan, instance))
    assert terraform.resources() == before
    assert terraform.plan().empty


def test_forbidden(terraform, instance, cluster, tmp_path, namespace):
    plan = terraform.plan(expect=(1,), env={"KUBE_CONFIG_PATH": str(cluster.context("nobody", tmp_path))})
    (error,) = diagnostics(plan.events)
    text = error["summary"] + error["detail"]
    assert "get" in text and "weightsandbiases" in text and namespace in text and "forbidden" in text.lower()
    check_golden("reading forbidden", told(plan, instance))
    assert "wandb_instance.this" in terraform.resources()
    assert terraform.plan().empty


def test_kind_removed(terraform, instance, kubectl, cluster):
    """Last of the file that needs it: all instances of the cluster go with it."""
    kubectl("delete", "crd", "weightsandbiases.apps.wandb.com")
    with cluster.connect() as connection:
        while cluster.ask(connection, "GET", "/apis/apps.wandb.com/v1")[0] != 404:
            time.sleep(0.01)  # the server goes on to name the group for a moment
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["create"]}
    check_golden("kind removed", told(plan, instance))
    text = terraform.apply(expect=(1,)).stderr
    assert "WeightsAndBiases" in text and "apps.wandb.com" in text
    kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        ROOT / "examples" / "charts" / "operator" / "crds" / "weightsandbiases.yaml",
    )
    kubectl.established("weightsandbiases.apps.wandb.com")
    terraform.apply()
    assert terraform.plan().empty


# ---- the guide -------------------------------------------------------------------------------------

BEGIN, END = "<!-- from tests/golden/drift: UPDATE_GOLDEN=1 tests/run e2e -k instance_drift -->\n", "<!-- end -->\n"


def cell(lines):
    cut = [line if len(line) < 180 else line[:180] + "…" for line in map(str.strip, lines) if line.strip()]
    return "<br>".join(
        "`" + line.replace("WeightsAndBiases/NAMESPACE/wandb ", "").replace("|", "\\|") + "`" for line in cut
    )


def table():
    rows = ["| What somebody did | What the plan says |", "|---|---|"]
    for name in (*DRIFTS, *TOLD):
        text = golden_path(name).read_text()
        rows.append(
            f"| {name} | {cell([line for line in text.splitlines() if ': wanted ' in line] or text.splitlines()[1:])} |"
        )
    rows += [f"| {name} | nothing: an empty plan |" for name in NO_DRIFTS]
    return "\n".join(rows) + "\n"


def test_guide_says_what_the_tests_saw():
    text = GUIDE.read_text()
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    wanted = head + BEGIN + table() + END + tail
    if UPDATE:
        GUIDE.write_text(wanted)
    assert GUIDE.read_text() == wanted
