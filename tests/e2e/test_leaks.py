# SPDX-License-Identifier: Apache-2.0
"""The watch of leaks.py sees: a secret is let out in each of its channels, and every form of one is known.

`leaks.allow` fails a test in which nothing shows where it may, so each allowance here is a proof.
"""

import base64
import json
import urllib.parse

import pytest

from leaks import Leaks, planted
from release_charts import release, write_chart
from resources import instance

HERE = "it is let out here, to see that it is found"


def finds(text):
    watch = Leaks()
    watch.look("here", text)
    return bool(watch.report())


@pytest.mark.parametrize("before", ["", "x", "xy"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text,
        lambda text: json.dumps(text),
        lambda text: urllib.parse.quote(text),
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
        lambda text: json.dumps({"private": base64.b64encode(json.dumps({"of": text}).encode()).decode()}),
    ],
)
def test_every_form_is_found(encode, before):
    assert finds(f"… {encode(before + planted('form') + ' and more')} …")
    assert not finds(f"… {encode(f'{before}plants, and more')} …")


def test_secrets_without_the_mark():
    watch = Leaks()
    watch.plant('0123-token-"quoted"')
    watch.look("one", r'{"text": "0123-token-\"quoted\""}')
    watch.look("two", base64.b64encode(b'Bearer 0123-token-"quoted"'))
    assert "shows in one" in watch.report() and "shows in two" in watch.report()


def test_what_is_allowed_must_show():
    watch = Leaks()
    watch.allow("^state", HERE)
    assert "none shows there" in watch.report()
    watch.look("state x", planted("x"))
    assert watch.report() == ""
    watch.look("stdout of state", planted("x"))
    assert "shows in stdout of state" in watch.report()


def test_write_only_attributes_are_given_what_can_be_seen():
    watch = Leaks()
    watch.configuration(f'license_wo = "{planted("license")}"\n')
    watch.configuration('license_wo = var.license\nsecret_values_wo = {\n  a = { b = local.password }\n}\nother = "x"')
    for text in (
        'license_wo = "hidden"\nother = "pl4nted-elsewhere"',
        'values_wo = {\n  a = ["hidden"]\n}\nx = var.y',
        '{ password_wo = "hidden", x = "pl4nted-y" }',
    ):
        with pytest.raises(AssertionError, match="watch of leaks"):
            watch.configuration(text)


def test_what_terraform_says_and_keeps(terraform, crd, namespace, leaks):
    """A secret in an annotation, which is none."""
    for channel in (
        "^stdout of plan",
        "^stdout of show -json",
        "^state terraform.tfstate$",
        "^plan 1.plan$",
        "^object WeightsAndBiases wandb$",
    ):
        leaks.allow(channel, HERE)
    terraform.write(
        terraform.header() + instance(namespace, more=f'annotations = {{ note = "{planted("annotation")}" }}')
    )
    terraform.plan_text()
    plan = terraform.plan()
    assert plan.changes
    terraform.apply(plan.file)


def test_errors(terraform, crd, namespace, leaks):
    for channel in ("^stderr of apply", "^stdout of validate"):
        leaks.allow(channel, HERE)
    terraform.write(terraform.header() + instance(namespace).replace('"none"', f'"{planted("word")}"'))
    terraform.validate()
    terraform.apply(expect=(1,))


@pytest.mark.parametrize("traced", [False, True])
def test_logs(terraform, crd, namespace, leaks, traced):
    """The URL of a request, always logged."""
    for channel in (
        "^provider log",
        "^request",
        "^stdout of apply",
        "^state terraform.tfstate$",
        "^object WeightsAndBiases",
    ):
        leaks.allow(channel, HERE)
    terraform.write(terraform.header() + instance(namespace, name=planted("name")))
    terraform.traced(terraform.apply) if traced else terraform.apply()
    assert terraform.provider_log.exists() != traced


def test_private_state(terraform, crd, namespace, leaks):
    """The path of a write-only value is no secret, and is noted."""
    leaks.allow("^private state terraform.tfstate$", HERE)
    leaks.allow("^state terraform.tfstate$", HERE)
    leaks.allow("^object WeightsAndBiases wandb$", "managedFields name the paths that were written")
    terraform.write(
        terraform.header()
        + instance(
            namespace, more=f'secret_values_wo = {{ values = {{ "{planted("path")}" = "{planted("value")}" }} }}'
        )
    )
    terraform.apply()


def test_helm_release(terraform, namespace, tmp_path, leaks):
    for channel in ("^Helm release", "^stdout of apply", "^state terraform.tfstate$", "^object ConfigMap"):
        leaks.allow(channel, HERE)
    chart = write_chart(tmp_path / "chart")
    (chart / "templates" / "map.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {text: {{ .Values.text | b64enc }}}\n"
    )
    terraform.write(terraform.header() + release(namespace, chart, {"text": planted("chart")}))
    terraform.apply()


def test_cluster(terraform, cluster, kubectl, namespace, leaks):
    for channel in ("^object Event", "^object Secret", "^object Namespace", "^request"):
        leaks.allow(channel, HERE)
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "event", "namespace": namespace},
            "reason": "Said",
            "type": "Normal",
            "message": cluster.token("nobody"),
            "involvedObject": {"kind": "Pod", "name": "pod", "namespace": namespace},
        }
    )
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "secret", "namespace": namespace},
            "stringData": {planted("key"): "x"},
        }
    )
    kubectl("annotate", "namespace", namespace, f"note={planted('namespace')}")
    kubectl("-n", namespace, "get", "pods", "-l", f"label={planted('selector')}")
