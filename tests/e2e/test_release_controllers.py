# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes gives to a controller belongs to the controller: it is no drift, and every apply leaves it."""

import json

import pytest

from release_charts import release, write_chart

HEAD = "apiVersion: v2\nname: app\nversion: 1.0.0\n"
SETTINGS = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: {{ .Values.a | default 1 | quote }}}\n"
)
WEBHOOK = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: "{{ .Release.Namespace }}"%s}
webhooks:
  - name: a.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {service: {name: none, namespace: "{{ .Release.Namespace }}"}%s}
    rules: [{apiGroups: [none.example.com], apiVersions: [v1], operations: [CREATE], resources: [nothing]}]
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: main, image: example}]}
{{- if not .Values.alone }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  minReplicas: 1
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
{{- end }}
"""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  ttlSecondsAfterFinished: %s
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: example}]}}
"""


@pytest.fixture
def installed(terraform, namespace, tmp_path):
    """Installs templates; calling it again upgrades with other values."""

    def install(template=None, **values):
        if template:
            files = {"Chart.yaml": HEAD, "templates/settings.yaml": SETTINGS, "templates/a.yaml": template}
            write_chart(tmp_path / "chart", files)
        terraform.write(terraform.header() + release(namespace, tmp_path / "chart", values, "wait = false"))
        terraform.apply()
        assert terraform.plan().empty

    return install


ANNOTATION = ', annotations: {cert-manager.io/inject-ca-from: "{{ .Release.Namespace }}/none"}'


@pytest.mark.parametrize(
    "annotations,given",
    [(ANNOTATION, ""), (ANNOTATION, ", caBundle: Cg=="), ("", ""), ("", ', caBundle: ""')],
)
def test_a_ca_that_is_injected(terraform, kubectl, namespace, installed, annotations, given):
    installed(WEBHOOK % (annotations, given))
    ca = [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "b25l"}]
    kubectl(
        *("patch", "validatingwebhookconfiguration", namespace, "--type", "json", "-p", json.dumps(ca)),
        *("--field-manager", "cert-manager-cainjector"),
    )
    assert terraform.plan().empty
    installed(a="2")
    (webhook,) = kubectl.json("get", "validatingwebhookconfiguration", namespace)["webhooks"]
    assert webhook["clientConfig"]["caBundle"] == "b25l"


def test_a_restart_is_an_order(terraform, kubectl, namespace, installed):
    installed(WORKLOAD)
    kubectl("-n", namespace, "rollout", "restart", "deployment/app")
    ordered = kubectl.json("-n", namespace, "get", "deployment", "app")
    assert terraform.plan().empty
    installed(a="2")
    live = kubectl.json("-n", namespace, "get", "deployment", "app")
    assert "kubectl.kubernetes.io/restartedAt" in live["spec"]["template"]["metadata"]["annotations"]
    assert live["metadata"]["generation"] == ordered["metadata"]["generation"]


def test_replicas_are_the_autoscalers(terraform, kubectl, namespace, installed):
    """While it lasts: with it goes what it set."""

    def replicas():
        return kubectl.json("-n", namespace, "get", "deployment", "app")["spec"]["replicas"]

    installed(WORKLOAD)
    kubectl("-n", namespace, "scale", "deployment/app", "--replicas=3")
    assert terraform.plan().empty
    installed(a="2")
    assert replicas() == 3
    installed(alone=True)
    assert replicas() == 1
    kubectl("-n", namespace, "scale", "deployment/app", "--replicas=3")
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}


@pytest.mark.parametrize("ttl,gone", [("60", "done"), ("null", "missing")])
def test_a_job_that_went_by_itself(terraform, kubectl, namespace, installed, ttl, gone):
    installed(JOB % ttl)
    kubectl("-n", namespace, "delete", "job", "once")
    assert terraform.plan().empty == (gone == "done")
