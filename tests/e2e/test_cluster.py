# SPDX-License-Identifier: Apache-2.0
"""The cluster of tests/cluster itself: what the other tests take for granted."""

import json
import pathlib
import subprocess
import time

import pytest

from cluster import kubectl_for, start_cluster, stop_cluster
from commands import Failed
from terraform import CLIS
from tools import TESTS


def pods(name, fail=None, kind="Deployment"):
    """A workload of one container whose pods fail in the given way."""
    labels = {"app": name, **({"wandb-test/fail": fail} if fail else {})}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "example/app:1"}]}}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": template},
        }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    }


def state_of(kubectl, namespace, name, wanted, patience=20):
    """Waits for a pod's container to be in a state that `wanted` accepts, and returns the pod's status."""
    deadline = time.monotonic() + patience
    while True:
        items = kubectl.json("get", "pods", "-n", namespace, "-l", f"app={name}")["items"]
        statuses = [item["status"] for item in items if item["status"].get("containerStatuses")]
        if any(wanted(status["containerStatuses"][0], status) for status in statuses):
            return statuses[0]
        assert time.monotonic() < deadline, json.dumps(statuses, indent=1)
        time.sleep(0.2)


def gone(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_two_clusters_side_by_side_and_down_ends_all_processes(tmp_path):
    began = time.monotonic()
    clusters = [start_cluster(tmp_path / name) for name in ("one", "two")]
    print(f"two clusters up in {time.monotonic() - began:.1f} s")
    try:
        assert clusters[0].server != clusters[1].server
        for number, each in enumerate(clusters):
            kubectl_for(each.kubeconfig, tmp_path)("create", "namespace", f"only-{number}")
        names = [kubectl_for(each.kubeconfig, tmp_path)("get", "namespaces", "-o", "name") for each in clusters]
        assert "only-0" in names[0] and "only-0" not in names[1]
        again = start_cluster(tmp_path / "one")  # finds it running
        assert again.server == clusters[0].server
        processes = [
            process["pid"]
            for each in clusters
            for process in json.loads((each.directory / "state.json").read_text())["processes"]
        ]
        assert len(processes) == 10
    finally:
        stop_cluster(tmp_path / "one")
        assert kubectl_for(clusters[1].kubeconfig, tmp_path)("get", "--raw", "/readyz") == "ok"
        stop_cluster(tmp_path / "two")
    assert all(gone(pid) for pid in processes)
    assert not (tmp_path / "one").exists()


def test_a_deployment_rolls_out(kubectl, namespace):
    kubectl.apply(pods("web"), "-n", namespace)
    kubectl("rollout", "status", "deployment/web", "-n", namespace, "--timeout=120s")
    version = kubectl.json("version")["serverVersion"]
    assert (version["major"], version["minor"]) == ("1", "36")


def test_a_job_completes_and_a_failing_one_fails(kubectl, namespace):
    kubectl.apply([pods("good", kind="Job"), pods("bad", "exit", kind="Job")], "-n", namespace)
    kubectl("wait", "-n", namespace, "--for=condition=complete", "job/good", "--timeout=120s")
    kubectl("wait", "-n", namespace, "--for=condition=failed", "job/bad", "--timeout=120s")


@pytest.mark.parametrize(
    "fail, wanted",
    [
        ("image-pull", lambda container, _: container["state"].get("waiting", {}).get("reason") == "ImagePullBackOff"),
        ("crash-loop", lambda container, _: container["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff"),
        ("unready", lambda container, status: "running" in container["state"] and status["phase"] == "Running"),
    ],
)
def test_pods_fail_as_their_label_says(kubectl, namespace, fail, wanted):
    kubectl.apply(pods("app", fail), "-n", namespace)
    state_of(kubectl, namespace, "app", wanted)
    time.sleep(1)  # and it stays so
    status = state_of(kubectl, namespace, "app", wanted)
    assert not status["containerStatuses"][0]["ready"]
    assert kubectl.json("get", "deployment", "app", "-n", namespace)["status"].get("readyReplicas", 0) == 0


def test_a_stuck_pod_stays_pending(kubectl, namespace):
    kubectl.apply(pods("app", "stuck"), "-n", namespace)
    deadline = time.monotonic() + 120
    while not (found := kubectl.json("get", "pods", "-n", namespace)["items"]) or "nodeName" not in found[0]["spec"]:
        assert time.monotonic() < deadline, found
    time.sleep(1)
    assert kubectl.json("get", "pods", "-n", namespace)["items"][0]["status"]["phase"] == "Pending"


def test_access_is_decided_by_rbac(cluster, kubectl, namespace, tmp_path):
    nobody = kubectl_for(cluster.context("nobody", tmp_path), tmp_path)
    with pytest.raises(Failed, match="(?i)forbidden"):
        nobody("get", "pods", "-n", namespace)
    kubectl("create", "rolebinding", "reader", "--clusterrole=view", "--user=nobody", "-n", namespace)
    deadline = time.monotonic() + 120
    while nobody.run("get", "pods", "-n", namespace, expect=None).code:
        assert time.monotonic() < deadline
    certificate = kubectl_for(cluster.context("certificate", tmp_path), tmp_path)
    assert "system:masters" in certificate("auth", "whoami")


def test_a_service_account_token_is_accepted(cluster, kubectl, namespace, tmp_path):
    kubectl("create", "serviceaccount", "robot", "-n", namespace)
    token = kubectl("create", "token", "robot", "-n", namespace).strip()
    answer = kubectl_for("/dev/null", tmp_path)(
        "--server", cluster.server, "--certificate-authority", cluster.ca, "--token", token, "auth", "whoami"
    )
    assert f"system:serviceaccount:{namespace}:robot" in answer


def test_the_audit_log_tells_requests_by_user_agent(cluster, kubectl, namespace):
    start = cluster.audit_position()
    kubectl("get", "configmaps", "-n", namespace)
    events = cluster.audit("kubectl", since=start)
    assert any(
        event["objectRef"]["resource"] == "configmaps" and event["verb"] == "list"
        for event in events
        if "objectRef" in event
    )


def test_down_without_a_cluster_says_so(tmp_path):
    result = subprocess.run(
        [TESTS / "cluster" / "down", "--dir", tmp_path / "none"], text=True, stderr=subprocess.PIPE, check=True
    )
    assert "no cluster" in result.stderr


def test_helm_takes_its_own_version_of_kubernetes(helm3, helm4, tmp_path):
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: probe\nversion: 1.0.0\n")
    (chart / "templates" / "probe.yaml").write_text("version: {{ .Capabilities.KubeVersion.Version }}\n")
    assert "version: v1.35.0" in helm3("template", "probe", chart)
    assert "version: v1.37.0" in helm4("template", "probe", chart)
    assert helm3("version", "--short").startswith("v3.20.1") and helm4("version", "--short").startswith("v4.3.1")


@pytest.mark.parametrize("cli", CLIS)
def test_the_command_line_interfaces_work_without_a_network(make_terraform, cli):
    terraform = make_terraform(cli, with_provider=False)
    terraform.write(
        'resource "terraform_data" "one" {\n  input = "x"\n}\noutput "o" {\n  value = terraform_data.one.output\n}\n'
    )
    terraform.init()
    plan = terraform.plan()
    assert plan.code == 2 and plan.changes == {"terraform_data.one": ["create"]}
    terraform.apply()
    assert terraform.plan().empty
    assert terraform.outputs() == {"o": "x"} and terraform.resources()["terraform_data.one"]["input"] == "x"
    terraform.destroy()
    version = json.loads(terraform.run("version", "-json").stdout)["terraform_version"]
    assert version.startswith({"terraform-1.11": "1.11.", "terraform-1.15": "1.15.", "tofu": "1.12."}[cli])


def test_two_ups_of_one_cluster_start_it_once(tmp_path):
    command = [TESTS / "cluster" / "up", "--dir", tmp_path / "same"]
    ups = [subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    try:
        said = [up.communicate(timeout=120) for up in ups]
        assert said[0][0] == said[1][0] and all(up.returncode == 0 for up in ups)
        assert sum("already running" in progress for _, progress in said) == 1
    finally:
        stop_cluster(tmp_path / "same")
