# SPDX-License-Identifier: Apache-2.0
"""apps.wandb.com/v2: defaults that a webhook fills in are no drift, v1 becomes v2 without replacement,
readiness is a condition's.

Every test runs with the stand-in's CRD and webhooks, which test_instance_webhooks.py holds to what the real ones
answered, and in `tests/run full` with those of wandb/operator's branch main themselves (WANDB_OPERATOR_MAIN).
"""

import json
import re
import threading
import time

import pytest

import webhooks
from leaks import planted
from terraform import plain
from tools import ROOT

V2 = "weightsandbiases.v2.apps.wandb.com"

CONFIGURATION = """
resource "wandb_instance" "this" {{
  name        = "wandb"
  namespace   = "{namespace}"
  api_version = "apps.wandb.com/{version}"
  wait_for    = "{wait}"
  spec        = {spec}
  {more}
}}
"""
SPEC_V1 = f"""{{ chart = {{}}, values = {{ app = {{ image = {{ tag = "0.77.1" }} }}, global = {{
  host = "https://one.example.com", size = "small", imageRegistry = "{webhooks.REGISTRY}" }} }} }}"""
SPEC_V2 = '{ wandb = { hostname = "https://one.example.com", version = "0.77.1" } }'


@pytest.fixture(params=[webhooks.V2, pytest.param(webhooks.Real, marks=pytest.mark.full)])
def v2(request, kubectl, cluster, tmp_path):
    with request.param(kubectl, cluster.kubeconfig, tmp_path) as v2:
        yield v2


def write(terraform, namespace, version="v2", spec=SPEC_V2, wait="none", more=""):
    return terraform.write(
        terraform.header() + CONFIGURATION.format(namespace=namespace, version=version, spec=spec, wait=wait, more=more)
    )


def live(kubectl, namespace, kind=V2):
    return kubectl.json("-n", namespace, "get", kind, "wandb")


def set_status(kubectl, namespace, generation, ready="True", version="0.77.1", migrated=True):
    status = {
        "ready": ready == "True",
        "observedGeneration": generation,
        "wandb": {"hostname": "https://one.example.com", "migration": {"version": version, "ready": migrated}},
        "conditions": [
            {
                "type": "Ready",
                "status": ready,
                "reason": "ReconciliationSucceeded" if ready == "True" else "DependenciesNotReady",
                "observedGeneration": generation,
                "lastTransitionTime": "2026-01-01T00:00:00Z",
                "message": "",
            }
        ],
    }
    kubectl(
        "-n",
        namespace,
        "patch",
        V2,
        "wandb",
        "--subresource=status",
        "--type=merge",
        "-p",
        json.dumps({"status": status}),
    )


def test_defaults_are_no_drift(terraform, kubectl, v2, namespace):
    write(terraform, namespace).apply()
    assert live(kubectl, namespace)["spec"]["size"] == "dev"
    for _ in range(3):
        plan = terraform.plan()
        assert plan.empty and not plan.warnings, plan.text
    assert "manifestRepository" not in (terraform.directory / "terraform.tfstate").read_text()


def test_import_leaves_defaults_out(terraform, kubectl, v2, namespace):
    write(terraform, namespace).apply()
    terraform.run("state", "rm", "wandb_instance.this")
    terraform.write(f'import {{\n  to = wandb_instance.this\n  id = "{namespace}/wandb"\n}}\n', "import.tf")
    plan = terraform.plan()
    change = plan.change("wandb_instance.this")
    assert (
        change["before"]["spec"]
        == change["after"]["spec"]
        == {"wandb": {"hostname": "https://one.example.com", "version": "0.77.1"}}
    )


def test_a_changed_default_is_drift(terraform, kubectl, v2, namespace):
    write(terraform, namespace).apply()
    kubectl(
        "-n",
        namespace,
        "patch",
        V2,
        "wandb",
        "--type=merge",
        "-p",
        '{"spec": {"wandb": {"manifestRepository": "oci://other"}}}',
    )
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    assert (
        'spec.wandb.manifestRepository: wanted absent, found "oci://other", written by kubectl-patch'
        in plan.warnings[0]["detail"]
    )
    terraform.apply()
    assert live(kubectl, namespace)["spec"]["wandb"]["manifestRepository"].endswith("/wandb/server-manifest")
    assert terraform.plan().empty


def test_from_v1_to_v2_in_place(terraform, kubectl, v2, namespace):
    write(terraform, namespace, "v1", SPEC_V1).apply()
    before = live(kubectl, namespace)
    plan = terraform.plan()
    assert plan.empty, plan.text
    write(terraform, namespace)
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}
    terraform.apply()
    after = live(kubectl, namespace)
    assert after["metadata"]["uid"] == before["metadata"]["uid"] and after["spec"]["wandb"]["version"] == "0.77.1"
    plan = terraform.plan()
    assert plan.empty, plan.text


def test_nothing_is_left_of_v1(terraform, kubectl, v2, namespace):
    """What the conversion made of v1's values is nobody's any more; the spec is as if it had been v2 from the start."""
    write(terraform, namespace).apply()
    fresh = live(kubectl, namespace)["spec"]
    terraform.destroy()
    write(terraform, namespace, "v1", SPEC_V1.replace("small", "dev")).apply()
    kubectl(
        "-n",
        namespace,
        "patch",
        V2,
        "wandb",
        "--type=merge",
        "-p",
        '{"metadata": {"finalizers": ["example.com/hold"]}}',
    )
    assert live(kubectl, namespace)["spec"]["networking"] == {"mode": "ingress"}
    write(terraform, namespace).apply()
    after = live(kubectl, namespace)
    assert after["spec"] == fresh and after["metadata"]["finalizers"] == ["example.com/hold"]
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    kubectl("-n", namespace, "patch", V2, "wandb", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')


def test_what_v1_said_has_to_be_said_again(terraform, kubectl, v2, namespace):
    """The operator refuses to take the redis of a small instance away;
    the error says why it thinks that somebody wants that."""
    write(terraform, namespace, "v1", SPEC_V1).apply()
    kubectl(
        "-n", namespace, "annotate", V2, "wandb", "a=b"
    )  # any write of v2, as the operator's own, fills the defaults in
    before = live(kubectl, namespace)
    write(terraform, namespace)
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "sentinel" in text and "written as apps.wandb.com/v1 before" in text and 'size is "small"' in text
    assert live(kubectl, namespace)["spec"] == before["spec"]
    write(terraform, namespace, spec=SPEC_V2.replace("{ wandb", '{ size = "small", wandb')).apply()
    assert terraform.plan().empty


def test_v1_without_a_chart(terraform, v2, namespace):
    """The conversion cannot say that there is none; the API server's words alone would not tell what to do."""
    write(terraform, namespace, "v1", SPEC_V1.replace("chart = {}, ", ""))
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "spec.chart" in text and "chart = {}" in text


REFUSED = {
    "a member that is none": ('{ wandb = { hostnme = "https://one.example.com", version = "0.77.1" } }', "hostnme"),
    "a version that is none": (
        '{ wandb = { hostname = "https://one.example.com", version = "latest" } }',
        "spec.wandb.version",
    ),
    "no hostname": ('{ wandb = { version = "0.77.1" } }', "spec.wandb.hostname"),
    "a size that is none": (
        '{ size = "huge", wandb = { hostname = "https://one.example.com", version = "0.77.1" } }',
        "spec.size",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_field(terraform, kubectl, v2, namespace, name):
    spec, field = REFUSED[name]
    write(terraform, namespace, spec=spec)
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert field in text and "Plugin" not in text
    assert kubectl.run("-n", namespace, "get", V2, "wandb", expect=None).code == 1
    assert "wandb_instance.this" not in terraform.resources()


def test_v1_edits_that_the_conversion_ignores(terraform, kubectl, v2, namespace):
    write(terraform, namespace, "v1", SPEC_V1).apply()
    kubectl(
        "-n",
        namespace,
        "create",
        "secret",
        "generic",
        "wandb-spec-active",
        "--from-literal=chart=null",
        "--from-literal=values={}",
    )
    write(terraform, namespace, "v1", SPEC_V1.replace("one", "two"))
    (warning,) = [
        each
        for each in terraform.plan().warnings
        if each["summary"] == f"Edits may be ignored: WeightsAndBiases/{namespace}/wandb"
    ]
    assert "-spec-active" in warning["detail"]


def test_v1_values_are_kept_in_annotations(terraform, kubectl, v2, namespace, leaks):
    """By the conversion, secrets among them: whoever writes v1 to such a cluster is told."""
    leaks.allow("^object WeightsAndBiases wandb$", "the conversion is the operator's")
    write(terraform, namespace, "v1", SPEC_V1, more=f'license_wo = "{planted("license")}"')
    (warning,) = [
        each
        for each in terraform.plan().warnings
        if each["summary"] == f"Secrets in annotations: WeightsAndBiases/{namespace}/wandb"
    ]
    assert "legacy.operator.wandb.com" in warning["detail"]
    terraform.apply()
    assert (
        planted("license") in live(kubectl, namespace)["metadata"]["annotations"]["legacy.operator.wandb.com/v1-values"]
    )
    plan = terraform.plan()
    assert plan.empty, plan.text


def apply_in_background(terraform):
    outcome = {}

    def run():
        outcome["result"] = terraform.run("apply", "-no-color", "-auto-approve", expect=None)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def wait_for_object(kubectl, namespace):
    for _ in range(100):
        found = kubectl.run("-n", namespace, "get", V2, "wandb", "-o", "json", expect=None)
        if found.code == 0:
            return json.loads(found.stdout)
        time.sleep(0.1)
    raise AssertionError("no object")


def test_ready_is_about_this_generation_and_version(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="ready")
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    for stale in (
        dict(generation=generation - 1),
        dict(generation=generation, ready="False"),
        dict(generation=generation, version="0.70.0"),
        dict(generation=generation, migrated=False),
    ):
        set_status(kubectl, namespace, **stale)
        time.sleep(0.7)
        assert thread.is_alive(), (stale, outcome)
    set_status(kubectl, namespace, generation)
    thread.join(20)
    assert outcome["result"].code == 0, outcome["result"]
    assert terraform.resources()["wandb_instance.this"]["ready"] is True


def test_v1_waits_for_an_operator_of_v2(terraform, kubectl, v2, namespace):
    """It writes no active spec; the status says how far it is, whichever version the object is written in."""
    write(terraform, namespace, "v1", SPEC_V1, wait="ready")
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    time.sleep(0.7)
    assert thread.is_alive()
    set_status(kubectl, namespace, generation)
    thread.join(20)
    assert outcome["result"].code == 0, outcome["result"]
    assert terraform.plan().empty


def workload(kubectl, namespace, **pod):
    """A Deployment that the instance owns."""
    instance = live(kubectl, namespace)
    owner = {key: instance[key] for key in ("apiVersion", "kind")} | {
        key: instance["metadata"][key] for key in ("name", "uid")
    }
    kubectl.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "api", "namespace": namespace, "ownerReferences": [owner]},
            "spec": {
                "selector": {"matchLabels": {"app": "api"}},
                "template": {
                    "metadata": {"labels": {"app": "api", **pod}},
                    "spec": {"containers": [{"name": "api", "image": "registry.invalid/api"}]},
                },
            },
        }
    )


def test_ready_waits_for_what_runs(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="ready", more='timeouts = { create = "8s" }')
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    workload(kubectl, namespace, **{"wandb-test/fail": "image-pull"})
    set_status(kubectl, namespace, generation)
    thread.join(60)
    text = plain(outcome["result"].stderr)
    assert outcome["result"].code == 1 and "Deployment" in text and "ImagePullBackOff" in text, text


def test_timeout_names_stores_and_workloads(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="ready", more='timeouts = { create = "6s" }')
    thread, outcome = apply_in_background(terraform)
    wait_for_object(kubectl, namespace)
    workload(kubectl, namespace, **{"wandb-test/fail": "crash-loop"})
    kubectl(
        "-n",
        namespace,
        "patch",
        V2,
        "wandb",
        "--subresource=status",
        "--type=merge",
        "-p",
        json.dumps(
            {
                "status": {
                    "ready": False,
                    "observedGeneration": 0,
                    "wandb": {"hostname": ""},
                    "kafkaStatus": {"ready": True},
                    "mysqlStatus": {"default": {"ready": False, "state": "Creating"}},
                }
            }
        ),
    )
    thread.join(60)
    text = plain(outcome["result"].stderr)
    assert "not ready: mysql/default (Creating)" in text and "kafka" not in text, text
    assert f"Deployment/{namespace}/api" in text and "CrashLoopBackOff" in text


def test_accepted(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="accepted")
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    time.sleep(0.7)
    assert thread.is_alive()
    set_status(kubectl, namespace, generation, ready="False", migrated=False)
    thread.join(20)
    assert outcome["result"].code == 0, outcome["result"]


def test_timeout_tells_the_condition(terraform, kubectl, v2, namespace):
    write(terraform, namespace, wait="ready", more='timeouts = { create = "4s" }')
    thread, outcome = apply_in_background(terraform)
    generation = wait_for_object(kubectl, namespace)["metadata"]["generation"]
    set_status(kubectl, namespace, generation, ready="False")
    thread.join(30)
    assert "the condition Ready is False (DependenciesNotReady)" in plain(outcome["result"].stderr)


def test_the_guide(terraform, kubectl, v2, namespace):
    """docs/guides/operator-v2.md as it stands: what it says of v1 and of the conversion, then the cutover in place."""
    guide = (ROOT / "docs" / "guides" / "operator-v2.md").read_text()
    first, data, second = (
        block.replace('name       = "wandb"', f'name = "wandb"\n namespace = "{namespace}"').replace(
            'name        = "wandb"', f'name = "wandb"\n namespace = "{namespace}"'
        )
        for block in re.findall(r"```hcl\n(.*?)```", guide, re.S)
    )
    registry = f'imageRegistry = "{webhooks.REGISTRY}", host'
    first = first.replace("global = { host", f"global = {{ {registry}").replace('"accepted"', '"none"')
    terraform.write(terraform.header() + first)
    terraform.apply()
    before = live(kubectl, namespace)
    terraform.write(terraform.header() + first + data)
    terraform.apply()
    converted = terraform.outputs()["converted"]
    assert converted["wandb"]["hostname"] == "https://wandb.example.com" and converted["size"] == "small"
    assert converted["wandb"]["version"] == "0.77.1"
    terraform.write(terraform.header() + second)
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
    thread, outcome = apply_in_background(terraform)
    while (after := live(kubectl, namespace))["metadata"]["generation"] == before["metadata"]["generation"]:
        assert thread.is_alive(), outcome
        time.sleep(0.1)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    set_status(kubectl, namespace, after["metadata"]["generation"], version="0.70.0")
    time.sleep(0.7)
    assert thread.is_alive(), outcome
    set_status(kubectl, namespace, after["metadata"]["generation"])
    thread.join(30)
    assert outcome["result"].code == 0, outcome["result"]
    assert terraform.plan().empty
    terraform.destroy()
    assert live(kubectl, namespace)["metadata"]["uid"] == before["metadata"]["uid"]


@pytest.mark.full
def test_with_the_real_controllers(make_terraform, cluster, kubectl, namespace, tmp_path):
    """They hold the object by their finalizer and write into it; none of that is drift. Without the operators of
    its stores, which are no part of it, it never becomes ready and never lets the object go: both are said."""
    terraform = make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig)
    (tmp_path / "0.77.1.yaml").write_text("features: {}\napplications: {}\n")
    spec = SPEC_V2.replace("version =", f'manifestRepository = "file://{tmp_path}", version =')
    with webhooks.Real(kubectl, cluster.kubeconfig, tmp_path, namespace=namespace):
        timeouts = 'timeouts = { update = "10s", delete = "10s" }'
        write(terraform, namespace, spec=spec, wait="none", more=timeouts).apply()
        deadline = time.monotonic() + 60
        while (
            "wandb.apps.wandb.com/cleanup" not in live(kubectl, namespace)["metadata"].get("finalizers", [])
            and time.monotonic() < deadline
        ):
            time.sleep(0.2)
        assert live(kubectl, namespace)["metadata"]["finalizers"] == ["wandb.apps.wandb.com/cleanup"]
        plan = terraform.plan()
        assert plan.empty and not plan.warnings, plan.text
        write(terraform, namespace, spec=spec, wait="ready", more=timeouts)
        text = plain(terraform.apply(expect=(1,)).stderr)
        assert "timed out" in text and "Ready" in text
        kubectl(
            "-n",
            namespace,
            "patch",
            V2,
            "wandb",
            "--type=merge",
            "-p",
            '{"spec": {"wandb": {"features": {"x": true}}}}',
        )
        assert terraform.plan().changes == {"wandb_instance.this": ["update"]}
        text = plain(terraform.destroy(expect=(1,)).stderr)
        assert "wandb.apps.wandb.com/cleanup" in text and "wandb_instance.this" in terraform.resources()
