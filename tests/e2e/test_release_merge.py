# SPDX-License-Identifier: Apache-2.0
"""Objects that the API server does not take by server-side apply: either-or fields whose other half somebody else
holds, and what has no typed form. Each is written in one apply, and the plan after it is empty."""

import base64
import json

import pytest

from release_charts import crd, release, write_chart
from terraform import diagnostics

HEAD = "apiVersion: v2\nname: app\nversion: {version}\n"
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app}}
spec:
  replicas: 0
  {strategy}
  selector: {{matchLabels: {{app: app}}}}
  template:
    metadata: {{labels: {{app: app}}}}
    spec:
      volumes: [{{name: files, {volume}}}]
      containers:
        - name: main
          image: example
          env: [{env}]
          livenessProbe: {{{probe}}}
          volumeMounts: [{{name: files, mountPath: /files}}]
"""
PARTS = {
    "strategy": "",
    "volume": "emptyDir: {}",
    "env": '{name: A, value: x}, {name: B, value: "2"}',
    "probe": "exec: {command: ['true']}",
}
TEMPLATE = ("spec", "template", "spec")
REFERENCE = {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}

# what the manifest says, what somebody makes of it (a strategic merge patch that takes our half away)
FOREIGN = {
    "env": {"containers": [{"name": "main", "env": [{"name": "A", "value": None, **REFERENCE}]}]},
    "probe": {
        "containers": [{"name": "main", "livenessProbe": {"exec": None, "tcpSocket": {"port": 80}}}],
    },
    "volume": {"volumes": [{"name": "files", "emptyDir": None, "configMap": {"name": "theirs"}}]},
}

# what a chart's next version says instead
NEXT = {
    "strategy": "strategy: {type: Recreate}",
    "env": '{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: B, value: "2"}',
    "probe": "tcpSocket: {port: 80}",
    "volume": "secret: {secretName: ours}",
}


def pod(**parts):
    return {"Chart.yaml": HEAD, "templates/pod.yaml": POD.format(**{**PARTS, **parts})}


def chart(tmp_path, files, version="1.0.0"):
    return write_chart(tmp_path / "chart", files, version)


@pytest.fixture
def deployment(kubectl, namespace):
    """What the pods of the Deployment are to be, and its strategy."""

    def get():
        spec = kubectl.json("-n", namespace, "get", "deployment", "app")["spec"]
        return {"strategy": spec["strategy"], **spec["template"]["spec"]}

    return get


@pytest.mark.parametrize("part", FOREIGN)
def test_their_half_is_drift_and_goes(terraform, kubectl, namespace, tmp_path, deployment, part):
    terraform.write(terraform.header() + release(namespace, chart(tmp_path, pod()), more="wait = false"))
    terraform.apply()
    assert terraform.plan().empty
    before = deployment()
    patch = {"spec": {"template": {"spec": FOREIGN[part]}}}
    kubectl("-n", namespace, "patch", "deployment", "app", "-p", json.dumps(patch))
    assert deployment() != before
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    terraform.apply()
    assert deployment() == before
    assert terraform.plan().empty


@pytest.mark.parametrize("installer", ["ours", "helm"])
@pytest.mark.parametrize("part", NEXT)
def test_an_upgrade_to_the_other_half(terraform, kubectl, helm3, namespace, tmp_path, deployment, part, installer):
    """From a default of the server, and from a former installer's half in the apply that adopts the release."""
    directory = chart(tmp_path, pod())
    if installer == "helm":
        helm3("install", "app", directory, "-n", namespace)
    else:
        terraform.write(terraform.header() + release(namespace, directory, more="wait = false"))
        terraform.apply()
    chart(tmp_path, pod(**{part: NEXT[part]}), "1.1.0")
    terraform.write(terraform.header() + release(namespace, directory, more="wait = false\n  adopt = true"))
    terraform.apply()
    text = json.dumps(deployment())
    assert {"strategy": "rollingUpdate", "env": '"value": "x"', "probe": '"exec"', "volume": "emptyDir"}[
        part
    ] not in text
    assert {"strategy": "Recreate", "env": "fieldRef", "probe": "tcpSocket", "volume": "secretName"}[part] in text
    assert terraform.plan().empty


def test_a_definition_leaves_webhook_conversion(terraform, cluster, kubectl, namespace, tmp_path):
    """Though somebody else has written the CA into it."""
    group = f"{namespace}.example.com"
    webhook = (
        "  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: "
        "{url: 'https://example.com'}}}\n"
    )
    directory = chart(tmp_path, {"Chart.yaml": HEAD, "crds/widgets.yaml": crd(group) + webhook})
    terraform.write(terraform.header() + release(namespace, directory))
    terraform.apply()
    name = f"widgets.{group}"
    certificate = base64.b64encode(cluster.ca.read_bytes()).decode()
    ca = {"spec": {"conversion": {"webhook": {"clientConfig": {"caBundle": certificate}}}}}
    kubectl("patch", "crd", name, "--type", "merge", "-p", json.dumps(ca), "--field-manager", "cainjector")
    for more in ("  conversion: {strategy: None}\n", ""):
        chart(tmp_path, {"crds/widgets.yaml": crd(group) + more}, "1.1.0")
        terraform.apply()
        assert kubectl.json("get", "crd", name)["spec"]["conversion"] == {"strategy": "None"}
        assert terraform.plan().empty
    kubectl("delete", "crd", name)


ODD = {
    "two entries of one key": (
        pod(env="{name: MODE, value: base}, {name: MODE, value: mine}"),
        'env: duplicate entries for key [name="MODE"]',
    ),
    "a field that the schema does not have": (
        pod(strategy="replica: 3"),
        ".spec.replica: field not declared in schema",
    ),
    "a field of the server's": (
        {
            "Chart.yaml": HEAD,
            "templates/pod.yaml": POD.format(**PARTS).replace(
                "{name: app}\nspec", "{name: app, uid: 2f2f2f2f-0000-0000-0000-000000000000}\nspec"
            ),
        },
        "metadata.uid may only be written by the server",
    ),
}


@pytest.mark.parametrize("row", ODD)
def test_what_helm_3_installs_we_install(terraform, kubectl, helm3, namespace, tmp_path, deployment, row):
    """The same Deployment as helm's, a warning with the reason; then drift is drift, and an upgrade goes through."""
    files, reason = ODD[row]
    directory = chart(tmp_path, files)
    helm3("install", "app", directory, "-n", namespace)
    theirs = deployment()
    helm3("uninstall", "app", "-n", namespace)
    terraform.write(terraform.header() + release(namespace, directory, more="wait = false"))
    warnings = {each["summary"]: each["detail"] for each in diagnostics(terraform.apply_json(), "warning")}
    assert reason in warnings.get(f"Written as helm 3 does: Deployment/{namespace}/app", ""), warnings
    assert deployment() == theirs
    assert terraform.plan().empty
    kubectl("-n", namespace, "set", "image", "deployment/app", "main=other")
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["update"]} and any(
        'found "other"' in each["detail"] for each in plan.warnings
    )
    terraform.apply()
    assert deployment() == theirs
    assert terraform.plan().empty
    chart(tmp_path, pod(), "1.1.0")
    terraform.apply()
    assert [each["name"] for each in deployment()["containers"][0]["env"]] == ["A", "B"]
    assert terraform.plan().empty


@pytest.mark.parametrize("row", ODD)
def test_what_helm_4_refuses_we_refuse(terraform, namespace, tmp_path, row):
    files, reason = ODD[row]
    terraform.write(
        terraform.header() + release(namespace, chart(tmp_path, files), more='wait = false\n  profile = "4"')
    )
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert reason in error["detail"] and 'set profile = "3"' in error["detail"]


def test_what_the_chart_drops_goes_whoever_changed_it(terraform, kubectl, namespace, tmp_path):
    """Labels and annotations as data; what others added stays."""
    marks = "labels: {a: '1', b: '2'}, annotations: {c: '3', d: '4'}"
    settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, {}}}\ndata: {{{}}}\n"
    full = {"Chart.yaml": HEAD, "templates/a.yaml": settings.format(marks, "e: '5', f: '6'")}
    terraform.write(terraform.header() + release(namespace, chart(tmp_path, full)))
    terraform.apply()
    theirs = {
        "metadata": {"labels": {"a": "9", "x": "9"}, "annotations": {"c": "9", "y": "9"}},
        "data": {"e": "9"},
    }
    kubectl("-n", namespace, "patch", "configmap", "settings", "--type", "merge", "-p", json.dumps(theirs))
    less = settings.format("labels: {b: '2'}, annotations: {d: '4'}", "f: '6'")
    chart(tmp_path, {"templates/a.yaml": less}, "1.1.0")
    terraform.apply()
    live = kubectl.json("-n", namespace, "get", "configmap", "settings")
    assert {key for key in live["metadata"]["labels"] if "/" not in key} == {"b", "x"}
    assert {key for key in live["metadata"]["annotations"] if "/" not in key} == {"d", "y"}
    assert live["data"] == {"f": "6"}
    assert terraform.plan().empty
