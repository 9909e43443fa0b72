# SPDX-License-Identifier: Apache-2.0
"""examples/operator-migration, step by step:
from before the operator to it, with an endpoint behind the Service at every moment.

The old module and the infrastructure need a cloud: recorded objects of the module stand for the one, a local module
with the same outputs for the other. post-operator.tf, check.tf and variables.tf are the example's own.
"""

import json
import os
import re
import threading
import time

import pytest

import channel as channels
import scenarios
import tools
from leaks import planted
from old_module import LICENSE, MYSQL, module
from tools import ROOT

EXAMPLE = ROOT / "examples" / "operator-migration"
GUIDE = ROOT / "docs" / "guides" / "operator-migration.md"
# What of the chart matters here: labels of the pods come from the values, and a Service that selects them by others.
CHART = {
    "templates/workloads.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-app
spec:
  selector: {matchLabels: {app.kubernetes.io/name: app, app.kubernetes.io/instance: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {{ merge (dict "app.kubernetes.io/name" "app" "app.kubernetes.io/instance" .Release.Name) (default dict (default dict .Values.app.pod).labels) | toJson }}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, image: registry.invalid/app}]
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-app
spec:
  selector: {app.kubernetes.io/name: app, app.kubernetes.io/instance: {{ .Release.Name }}}
  ports: [{name: app, port: 8080}]
"""  # noqa: E501
}
INFRA = """variable "password" { sensitive = true }
output "url"                          { value = "https://operator-upgrade.sandbox-aws.wandb.ml" }
output "bucket_name"                  { value = "operator-upgrade-file-storage" }
output "bucket_region"                { value = "us-west-2" }
output "kms_key_arn"                  { value = "arn:aws:kms:us-west-2:1:key/2" }
output "elasticache_connection_string" { value = "master.redis.local:6379" }
output "database_connection_string" {
  value     = "wandb:${var.password}@aurora.cluster.local/wandb_local"
  sensitive = true
}
"""
MAIN = """variable "password" { sensitive = true }
module "wandb_infra" {
  source   = "./infra"
  password = var.password
}
"""


class Probe:
    """Reads every 50 ms how many endpoints behind a Service are ready; `counts` are those since `watch`."""

    def __init__(self, cluster, namespace):
        self.cluster, self.namespace, self.counts, self.service = cluster, namespace, [], None
        self.ended, self.lock = threading.Event(), threading.Lock()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        with self.cluster.connect() as connection:
            while not self.ended.wait(0.05):
                with self.lock:
                    if self.service:
                        self.counts.append(self.ready(connection))

    def ready(self, connection):
        path = (
            f"/apis/discovery.k8s.io/v1/namespaces/{self.namespace}/endpointslices"
            f"?labelSelector=kubernetes.io/service-name={self.service}"
        )
        status, answer = self.cluster.ask(connection, "GET", path)
        assert status == 200, answer
        return sum(
            bool(each["conditions"].get("ready")) for item in answer["items"] for each in item.get("endpoints") or []
        )

    def watch(self, service):
        with self.lock:
            self.service, self.counts = service, []

    def until(self, wanted):
        """Waits until so many endpoints are ready."""
        deadline = time.monotonic() + 60
        while not self.counts or self.counts[-1] != wanted:
            assert time.monotonic() < deadline and self.thread.is_alive(), self.counts[-20:]
            time.sleep(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


@pytest.fixture
def world(cluster, kubectl, tmp_path):
    with scenarios.World(kubectl, tools.get("helm4"), cluster.kubeconfig, tmp_path) as world:
        world.chart = channels.pack(tmp_path, **CHART)
        world.offer()
        yield world


def old(world):
    """The recorded objects with the module's Service; it has no port of the node, which a whole cluster shares."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "wandb", "namespace": world.namespace},
        "spec": {"selector": {"app": "wandb"}, "ports": [{"name": "http", "port": 8080}]},
    }
    return [*module(world.namespace), service]


def take(terraform, *names):
    for name in names:
        terraform.write((EXAMPLE / name).read_text(), name)


@pytest.fixture
def example(terraform, world):
    """The example's configuration with what stands for cloud and old module."""
    terraform.leaks.allow("^plan", "a saved plan holds the values of variables")
    (terraform.directory / "infra").mkdir()
    (terraform.directory / "infra" / "main.tf").write_text(INFRA)
    terraform.write(terraform.header() + MAIN)
    take(terraform, "variables.tf", "post-operator.tf", "check.tf", "terraform.tfvars")
    terraform.write(
        json.dumps(
            {
                "instance_namespace": world.namespace,
                "operator_namespace": world.namespace,
                "operator_repository": None,
                "operator_chart": str(ROOT / "examples" / "charts" / "operator"),
                "operator_values": {"nameOverride": world.namespace},
            }
        ),
        "test.auto.tfvars.json",
    )
    terraform.environment.update({"TF_VAR_wandb_license": LICENSE, "TF_VAR_password": MYSQL})
    terraform.run("get")
    return terraform


def printed(text, world):
    """What of a plan the guide shows: the resources, without what is only known afterwards or not shown,
    with the example's own names."""
    if "Plan: " not in text:
        return re.search(r"^No changes\..*$", text, re.M)[0]
    resources = re.findall(r"^  # wandb_.*?^    \}\n", text, re.M | re.S)
    text = "\n".join([*resources, re.search(r"^Plan: .*$", text, re.M)[0]])
    text = re.sub(r"^ {6}~ \w+ += \{\n(?: {9}.*\n)* {8}\} -> \(known after apply\)\n", "", text, flags=re.M)
    text = re.sub(
        r".*(\(known after apply\)|\(write-only attribute\)|unchanged attributes? hidden\)|nameOverride.*)\n", "", text
    )
    text = re.sub(r" +~ secret_versions += \{\n +\}\n", "", text)  # nothing is left of it
    return text.replace(world.namespace, "default").replace(str(ROOT / "examples" / "charts" / "operator"), "operator")


def in_guide(step, text):
    """The guide shows the plans that are made here; UPDATE_DOCS=1 writes them."""
    page = GUIDE.read_text()
    block = re.compile(rf"(<!-- plan of step {step} -->\n```text\n)(.*?)(```\n)", re.S)
    assert block.search(page), f"the guide has no plan of step {step}"
    if os.environ.get("UPDATE_DOCS"):
        GUIDE.write_text(block.sub(lambda match: match[1] + text + "\n" + match[3], page))
    assert block.search(GUIDE.read_text())[2] == text + "\n", (
        f"{text}\nis not what the guide shows; run with UPDATE_DOCS=1"
    )


def failed_checks(plan):
    found = [event["diagnostic"] for event in plan.events if event.get("type") == "diagnostic"]
    return [each["detail"] for each in found if each["summary"] == "Check block assertion failed"]


def test_step_by_step(example, world, kubectl, cluster):
    example.leaks.allow(
        "^(state|stdout of show)", "what the check reads is in state and plan, secrets of the old deployment too"
    )
    kubectl.apply(old(world))
    with Probe(cluster, world.namespace) as probe:
        probe.watch("wandb")
        probe.until(1)
        probe.watch("wandb")

        # 1: beside it
        plan = example.plan()
        assert plan.changes == {
            "wandb_operator.this": ["create"],
            "wandb_instance.this": ["create"],
        } and not failed_checks(plan), plan.text
        in_guide(1, printed(example.plan_text(), world))
        example.run("apply", "-no-color", plan.file)
        probe.until(2)
        assert world.level("spec-active")["values"]["global"]["mysql"]["password"] == MYSQL
        plan = example.plan()
        assert plan.changes == {} and not failed_checks(plan), plan.text

        # back from 1, and again
        (example.directory / "post-operator.tf").rename(example.directory / "post-operator.off")
        (example.directory / "check.tf").unlink()
        example.apply()
        probe.until(1)
        (example.directory / "post-operator.off").rename(example.directory / "post-operator.tf")
        take(example, "check.tf")
        example.apply()
        probe.until(2)

        # 2: the old module goes, its Service stays
        (example.directory / "check.tf").unlink()
        gone = [each for each in old(world) if each["kind"] != "Service"]
        for each in gone:
            kubectl("-n", world.namespace, "delete", each["kind"], each["metadata"]["name"])
        probe.until(1)
        in_guide(2, printed(example.plan_text(), world))

        # back from 2, and again
        kubectl.apply(gone)
        probe.until(2)
        for each in gone:
            kubectl("-n", world.namespace, "delete", each["kind"], each["metadata"]["name"])
        probe.until(1)
        assert min(probe.counts) == 1, probe.counts

        # 3: traffic goes to the chart's own Service; then label and old Service go
        probe.watch("wandb-app")
        probe.until(1)
        kubectl("-n", world.namespace, "delete", "service", "wandb")
        example.write("keep_old_service = false\n", "step3.auto.tfvars")
        plan = example.plan()
        assert plan.changes == {"wandb_instance.this": ["update"]}, plan.text
        in_guide(3, printed(example.plan_text(), world))
        example.run("apply", "-no-color", plan.file)
        assert (
            "app"
            not in kubectl.json("-n", world.namespace, "get", "deployment", "wandb-app")["spec"]["template"][
                "metadata"
            ]["labels"]
        )
        assert example.plan().empty

        # back from 3
        (example.directory / "step3.auto.tfvars").unlink()
        kubectl.apply(old(world)[-1])
        example.apply()
        assert min(probe.counts) == 1, probe.counts
        probe.watch("wandb")
        probe.until(1)
    every_day(example, world)
    example.destroy()


def every_day(example, world):
    """A value comes and goes, and a secret is rotated."""
    env = {"MINE": "1"}
    for given in (env, {}):
        example.write(json.dumps({"other_wandb_env": given}), "env.auto.tfvars.json")
        assert example.plan().changes == {"wandb_instance.this": ["update"]}
        example.apply()
        assert world.get(scenarios.KIND, "wandb")["spec"]["values"]["global"]["extraEnv"] == given
    example.environment["TF_VAR_password"] = planted("rotated")
    assert example.plan().changes == {"wandb_instance.this": ["update"]}
    example.apply()
    assert world.get(scenarios.KIND, "wandb")["spec"]["values"]["global"]["mysql"]["password"] == planted("rotated")
    assert example.plan().empty


def test_the_check_says_what_differs(example, world, kubectl):
    example.leaks.allow("^object (Deployment|Pod) ", "before the operator the license was a variable of the container")
    warnings = [each["detail"] for each in example.plan().warnings]
    assert any("there is no Deployment" in text for text in warnings), warnings
    kubectl.apply(module(world.namespace, env={"MINE": "x", "LOCAL_RESTORE": "true"}))
    said = failed_checks(example.plan())
    assert len(said) == 2 and any("LOCAL_RESTORE" in text for text in said) and any("MINE" in text for text in said), (
        said
    )


def test_the_files_are_formatted(make_terraform):
    terraform = make_terraform()
    terraform.run("fmt", "-check", "-diff", str(EXAMPLE))
    disabled = (EXAMPLE / "removed.tf.disabled").read_text()
    assert terraform.run("fmt", "-", input=disabled).stdout == disabled
