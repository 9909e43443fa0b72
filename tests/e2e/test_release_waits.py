# SPDX-License-Identifier: Apache-2.0
"""What `wait` waits for: with profile 3 what Helm 3's --wait does, with profile 4 what Helm 4's does (kstatus).
The real helm of that major installs the same objects beside ours and has to come to the same end."""

import concurrent.futures
import re

import pytest

from release_charts import crd, release, write_chart
from terraform import diagnostics

HEAD = "apiVersion: v2\nname: app\nversion: 1.0.0\n"
SECONDS = 45  # until what is not ready times out


def pods(fail, more="", template=""):
    return (
        f"  {more}\n  selector: {{matchLabels: {{app: NAME}}}}\n  template:\n"
        f'    metadata: {{labels: {{app: NAME, wandb-test/fail: "{fail}"}}}}\n'
        f"    spec: {{{template}containers: [{{name: main, image: example/app}}]}}\n"
    )


def workload(kind, fail="", more=""):
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: NAME}}\nspec:\n" + pods(fail, more)


def widget(status):
    return f"apiVersion: GROUP/v1\nkind: Widget\nmetadata: {{name: NAME}}\nspec: {{size: 3}}\nstatus: {status}\n"


# the object, whether it gets ready by Helm 3's rules and by Helm 4's, and words of ours when it does not
CASES = {
    "rolled-out": (workload("Deployment", more="replicas: 3"), True, True, ""),
    "may-lack-one": (
        workload("Deployment", "unready", "replicas: 1\n  strategy: {rollingUpdate: {maxUnavailable: 1}}"),
        True,
        False,
        "0 of 1 updated replicas are available",
    ),
    "may-lack-none": (workload("Deployment", "unready", "replicas: 1"), False, False, "0 of 1"),
    "paused": (workload("Deployment", "stuck", "paused: true"), True, True, ""),
    "daemons": (workload("DaemonSet"), True, True, ""),
    "set": (workload("StatefulSet", more="replicas: 2"), True, True, ""),
    "set-on-delete": (workload("StatefulSet", "crash-loop", "updateStrategy: {type: OnDelete}"), True, True, ""),
    "set-unready": (workload("StatefulSet", "unready"), False, False, "0 of 1 replicas are ready"),
    "service": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: NAME}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n",
        False,
        True,
        "no load balancer address",
    ),
    "claim": (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: NAME}\n"
        "spec: {storageClassName: none, accessModes: [ReadWriteOnce], "
        "resources: {requests: {storage: 1Gi}}}\n",
        False,
        False,
        "not Bound",
    ),
    "job": (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: NAME}\nspec:\n  suspend: true\n"
        "  template: {spec: {restartPolicy: Never, containers: "
        "[{name: main, image: example/job}]}}\n",
        True,
        False,
        "not started",
    ),
    "pod-that-failed": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME, labels: {wandb-test/fail: exit}}\n"
        "spec: {restartPolicy: Never, containers: "
        "[{name: main, image: example/app}]}\n",
        False,
        True,
        "Ready",
    ),
    "widget": (widget("{}"), True, True, ""),
    "widget-unready": (
        widget("{conditions: [{type: Ready, status: 'False', reason: Waiting}]}"),
        True,
        False,
        "Ready: Waiting",
    ),
    "widget-unseen": (widget("{observedGeneration: 7}"), True, False, "not looked at the change"),
    "widget-stalled": (
        widget("{conditions: [{type: Stalled, status: 'True', message: stuck}]}"),
        True,
        False,
        "condition Stalled: stuck",
    ),
}


@pytest.fixture
def beside(kubectl, namespace):
    """Another namespace, for helm."""
    kubectl("create", "namespace", f"{namespace}-helm")
    yield f"{namespace}-helm"
    kubectl("delete", "namespace", f"{namespace}-helm", "--wait=false")


@pytest.fixture
def charts(kubectl, namespace, tmp_path):
    group = f"{namespace}.example.com"
    kubectl.apply(crd(group))
    kubectl.established(f"widgets.{group}")
    yield {
        name: write_chart(
            tmp_path / name,
            {"Chart.yaml": HEAD, "templates/a.yaml": text.replace("NAME", name).replace("GROUP", group)},
        )
        for name, (text, *_) in CASES.items()
    }
    kubectl("delete", "crd", f"widgets.{group}", "--wait=false")


def apply_all(terraform, namespace, charts, profile):
    """Installs all charts at once; returns {case: error text} of those that did not get ready."""
    more = f'profile = "{profile}"\n  timeouts = {{ create = "{SECONDS}s" }}'
    terraform.write(
        terraform.header()
        + "".join(release(namespace, chart, name=name, label=name, more=more) for name, chart in charts.items())
    )
    failed = diagnostics(terraform.apply_json(f"-parallelism={len(charts)}", expect=(1,)))
    return {each["address"].rpartition(".")[2]: each["summary"] + " " + each["detail"] for each in failed}


@pytest.mark.parametrize("profile", ["3", "4"])
def test_as_helm_does(request, terraform, namespace, beside, charts, profile):
    helm = request.getfixturevalue(f"helm{profile}")

    def install(name):
        return helm.run("install", name, charts[name], "-n", beside, "--wait", "--timeout", f"{SECONDS}s", expect=None)

    with concurrent.futures.ThreadPoolExecutor(len(charts)) as pool:
        theirs = pool.map(install, charts)
        ours = apply_all(terraform, namespace, charts, profile)
        theirs = {name: result.code == 0 for name, result in zip(charts, theirs)}
    wanted = {name: case[1 if profile == "3" else 2] for name, case in CASES.items()}
    assert theirs == wanted
    assert {name: name not in ours for name in charts} == wanted, ours
    for name, text in ours.items():
        assert CASES[name][3] in re.sub(r"\s+", " ", text), text


def test_a_set_whose_pod_crashes_fails(terraform, namespace, tmp_path):
    """Helm 4 does not wait for it any longer once everything else is ready."""
    chart = write_chart(
        tmp_path / "chart",
        {"Chart.yaml": HEAD, "templates/a.yaml": workload("StatefulSet", "crash-loop").replace("NAME", "app")},
    )
    more = 'timeouts = { create = "15s", update = "120s" }\n  profile = "%s"'
    terraform.write(terraform.header() + release(namespace, chart, more=more % 3))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "timed out" in error["summary"] + error["detail"]
    terraform.run("untaint", "wandb_operator.this")
    terraform.write(terraform.header() + release(namespace, chart, more=more % 4))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = re.sub(r"\s+", " ", error["summary"] + " " + error["detail"])
    assert "timed out" not in text and "1 of its pods have failed" in text and "CrashLoopBackOff" in text
