# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on the way: servers that fail, permissions that lack, time that runs out, users who press Ctrl-C."""

import json
import signal
import subprocess
import time

import pytest

from release_charts import release, write_chart
from terraform import diagnostics


@pytest.fixture
def chart(tmp_path):
    return write_chart(tmp_path / "chart")


def message(events):
    (error,) = diagnostics(events)
    return error["summary"] + " " + error["detail"]


# ---- what it was ------------------------------------------------------------------------------------------


def test_what_the_cluster_refuses_is_called_so(terraform, kubectl, namespace, tmp_path):
    """No invalid configuration, no lack of permission: an invalid object, and a namespace that is on its way out."""
    invalid = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {not a key: x}\n"
    files = {"Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n", "templates/a.yaml": invalid}
    terraform.write(terraform.header() + release(namespace, write_chart(tmp_path / "invalid", files)))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert error["summary"].endswith(": refused by the cluster") and "not a key" in error["detail"], error
    leaving = f"{namespace}-leaving"
    kubectl("create", "namespace", leaving)
    kubectl.apply(
        [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "stays", "namespace": leaving, "finalizers": ["example.com/stay"]},
            }
        ]
    )
    kubectl("delete", "namespace", leaving, "--wait=false")
    try:
        terraform.write(terraform.header() + release(leaving, write_chart(tmp_path / "chart"), label="leaving"))
        (error,) = diagnostics(terraform.apply_json(expect=(1,)))
        assert error["summary"].endswith(": refused by the cluster") and "terminated. Wait until" in error["detail"], (
            error
        )
    finally:
        kubectl(
            "-n", leaving, "patch", "configmap", "stays", "--type=merge", "-p", '{"metadata": {"finalizers": null}}'
        )


# ---- only a confirmed 404 removes from the state ---------------------------------------------------------

FAULTS = {
    "record 403": (lambda path: 403 if "/secrets" in path else None, "HTTP 403"),
    "record 500": (lambda path: 500 if "/secrets" in path else None, "HTTP 500"),
    "record 401": (lambda path: 401 if "/secrets" in path else None, "credentials"),
    "object 403": (lambda path: 403 if "deployments" in path else None, "Deployment"),
    "object 500": (lambda path: 500 if "configmaps" in path else None, "ConfigMap"),
    "nothing answers": (lambda path: "drop", ""),
    "record 503": (lambda path: 503 if "/secrets" in path else None, "HTTP 503"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_only_a_confirmed_404_removes_from_the_state(make_terraform, door, kubectl, namespace, chart, fault):
    verdict, words = FAULTS[fault]
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    door.judge = lambda number, method, path: verdict(path) if method == "GET" else None
    plan = terraform.plan(expect=(1,))
    assert words in plan.text
    assert terraform.destroy(expect=None).code == 1
    assert terraform.destroy("-refresh=false", expect=None).code == 1
    door.judge = lambda *_: None
    assert list(terraform.resources()) == ["wandb_operator.this"]
    assert kubectl("-n", namespace, "get", "deployment", "app-web", "-o", "name")
    plan = terraform.plan()
    assert plan.empty or plan.changes == {"wandb_operator.this": ["update"]}, plan.text  # the destroy may have begun
    terraform.apply()
    assert terraform.plan().empty


def test_a_404_that_is_not_the_apis_confirms_nothing(make_terraform, door, namespace, chart):
    """A gateway's page, as a load balancer in front of a dead server sends it."""
    terraform = make_terraform(**door.environment())
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    elsewhere = make_terraform(KUBE_HOST="http://127.0.0.1:9", KUBE_TOKEN="x")
    for name in ("main.tf", "terraform.tfstate"):
        elsewhere.write((terraform.directory / name).read_text(), name)
    assert elsewhere.plan(expect=(1,)).code == 1
    assert list(elsewhere.resources()) == ["wandb_operator.this"]


def test_who_may_do_nothing_loses_nothing(make_terraform, terraform, cluster, namespace, chart, tmp_path):
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    nobody = make_terraform(KUBE_CONFIG_PATH=cluster.context("nobody", tmp_path))
    for name in ("main.tf", "terraform.tfstate"):
        nobody.write((terraform.directory / name).read_text(), name)
    plan = nobody.plan(expect=(1,))
    assert "forbidden" in plan.text and "secrets" in plan.text
    assert nobody.destroy(expect=(1,)).code == 1
    assert list(nobody.resources()) == ["wandb_operator.this"]
    assert terraform.plan().empty


# ---- half-made ---------------------------------------------------------------------------------------------


def test_a_failed_install_is_known_and_repaired(terraform, kubectl, helm3, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, {"badPort": True}))
    assert "99999" in message(terraform.apply_json(expect=(1,)))
    assert list(terraform.resources()) == ["wandb_operator.this"]
    (failed,) = helm3.json("list", "-n", namespace, "--all")
    assert failed["status"] == "failed"
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert terraform.plan().empty
    assert kubectl.json("-n", namespace, "get", "service", "app-web")["spec"]["ports"][0]["port"] == 80


def test_a_failed_atomic_install_leaves_nothing(terraform, kubectl, helm3, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, {"badPort": True}, "atomic = true"))
    text = message(terraform.apply_json(expect=(1,)))
    assert "99999" in text and "uninstalled again" in text
    assert helm3.json("list", "-n", namespace, "--all") == [] and terraform.resources() == {}
    assert kubectl.json("-n", namespace, "get", "deployments")["items"] == []


def test_a_failed_upgrade_is_planned_again(terraform, helm3, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    for badly in ({"badPort": True}, {"replicas": "{{"}, {"data": {"not a key": 1}}):
        terraform.write(terraform.header() + release(namespace, chart, badly))
        terraform.apply_json(expect=(1,))
        plan = terraform.plan()
        assert plan.changes == {"wandb_operator.this": ["update"]}, badly
    terraform.write(terraform.header() + release(namespace, chart, {"replicas": 2}))
    terraform.apply()
    assert terraform.plan().empty
    assert helm3.json("history", "app", "-n", namespace)[-1]["status"] == "deployed"


def test_a_chart_that_does_not_render_changes_nothing(terraform, kubectl, namespace, chart):
    (chart / "templates" / "broken.yaml").write_text('{{ fail "not like this" }}')
    terraform.write(terraform.header() + release(f"{namespace}-new", chart))
    assert "not like this" in message(terraform.apply_json(expect=(1,)))
    assert terraform.resources() == {}
    assert kubectl.run("get", "namespace", f"{namespace}-new", expect=(1,)).code == 1


def test_objects_of_others_are_refused(terraform, kubectl, namespace, chart):
    kubectl("-n", namespace, "create", "configmap", "app-settings", "--from-literal=mine=1")
    terraform.write(terraform.header() + release(namespace, chart))
    text = message(terraform.apply_json(expect=(1,)))
    assert "ConfigMap" in text and "invalid ownership metadata" in text and "adopt = true" in text
    assert kubectl.json("-n", namespace, "get", "deployments")["items"] == [] and terraform.resources() == {}
    terraform.write(terraform.header() + release(namespace, chart, more="adopt = true"))
    terraform.apply()
    assert "mine" not in kubectl.json("-n", namespace, "get", "configmap", "app-settings")["data"]
    assert terraform.plan().empty


def test_objects_that_others_took_are_left(terraform, kubectl, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    kubectl("-n", namespace, "annotate", "--overwrite", "service", "app-web", "meta.helm.sh/release-name=other")
    result = terraform.destroy()
    assert "Object of others left alone: " in result.stdout
    kubectl("-n", namespace, "get", "service", "app-web")


def test_kept_objects_are_named(terraform, kubectl, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, {"keep": True}))
    terraform.apply()
    kubectl("-n", namespace, "annotate", "service", "app-web", "helm.sh/resource-policy=keep")
    result = terraform.destroy()
    assert f"ConfigMap/{namespace}/app-kept stays" in " ".join(result.stdout.split())
    assert f"Service/{namespace}/app-web stays" in " ".join(result.stdout.split())
    kubectl("-n", namespace, "get", "configmap", "app-kept")


# ---- somebody else's pending revision ------------------------------------------------------------------------


def rewrite(kubectl, helm, namespace, status, age):
    """Makes the newest record look as if its writer had stopped there `age` seconds ago."""
    import base64
    import datetime
    import gzip

    secret = kubectl.json("-n", namespace, "get", "secret", "sh.helm.release.v1.app.v1")
    record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
    record["info"].update(status=status, last_deployed=then.isoformat())
    secret["data"]["release"] = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(record).encode()))).decode()
    secret["metadata"]["labels"]["status"] = status
    kubectl("replace", "-f", "-", input=json.dumps(secret))


@pytest.mark.parametrize("age, waits", [(60, True), (3600, False)])
def test_pending_revisions_of_helm(terraform, kubectl, helm3, namespace, chart, age, waits):
    helm3("install", "app", chart, "-n", namespace)
    rewrite(kubectl, helm3, namespace, "pending-upgrade", age)
    terraform.write(terraform.header() + release(namespace, chart, more="adopt = true"))
    if waits:
        text = message(terraform.apply_json(expect=(1,)))
        assert "in progress" in text and "sh.helm.release.v1.app.v1" in text
        return
    events = terraform.apply_json()
    assert f"Interrupted release recovered: Release/{namespace}/app" in [
        each["summary"] for each in diagnostics(events, "warning")
    ]
    assert terraform.plan().empty


# ---- time ----------------------------------------------------------------------------------------------------


def test_timeouts_are_honoured_and_explained(terraform, helm3, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, {"stuck": True}, 'timeouts = { create = "4s" }'))
    text = message(terraform.apply_json(expect=(1,)))
    assert f"Deployment/{namespace}/app-web" in text and "node" in text  # the scheduler's words
    assert helm3.json("list", "-n", namespace, "--all")[0]["status"] == "failed"
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert terraform.plan().empty


def test_untaint_goes_on_from_there(any_terraform, kubectl, helm3, namespace, chart):
    """As the error of an install that timed out promises: nothing is uninstalled, and the next apply waits anew."""
    terraform = any_terraform
    terraform.write(
        terraform.header() + release(namespace, chart, {"stuck": True}, 'timeouts = { create = "4s", update = "4s" }')
    )
    text = message(terraform.apply_json(expect=(1,)))
    assert (
        "The release exists (revision 1, failed)" in text
        and "`terraform untaint ADDRESS` keeps it, and the next apply goes on from there" in text
    )
    uid = kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]["uid"]
    terraform.run("untaint", "wandb_operator.this")
    assert terraform.resources()["wandb_operator.this"]["status"] == "failed"
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    assert f"Deployment/{namespace}/app-web" in message(terraform.apply_json(expect=(1,)))
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert terraform.plan().empty
    assert kubectl.json("-n", namespace, "get", "deployment", "app-web")["metadata"]["uid"] == uid
    assert [each["status"] for each in helm3.json("history", "app", "-n", namespace)] == [
        "failed",
        "failed",
        "deployed",
    ]


def test_an_upgrade_that_timed_out(terraform, helm3, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    terraform.write(terraform.header() + release(namespace, chart, {"stuck": True}, 'timeouts = { update = "4s" }'))
    for _ in range(2):
        assert f"Deployment/{namespace}/app-web" in message(terraform.apply_json(expect=(1,)))
        assert terraform.resources()["wandb_operator.this"]["status"] == "failed"
        assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    terraform.destroy()


def test_interrupted_while_waiting(terraform, kubectl, helm3, namespace, chart):
    """Ctrl-C: it ends at once, and what exists is in the state."""
    terraform.write(terraform.header() + release(namespace, chart, {"stuck": True}))
    running = subprocess.Popen(
        [terraform.executable, "apply", "-no-color", "-auto-approve"],
        cwd=terraform.directory,
        env=terraform.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for _ in range(100):
        if kubectl.run("-n", namespace, "get", "deployment", "app-web", expect=None).code == 0:
            break
        time.sleep(0.2)
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=60)
    assert running.returncode == 1, text
    assert list(terraform.resources()) == ["wandb_operator.this"]
    assert helm3.json("list", "-n", namespace, "--all")[0]["status"] == "failed"
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    assert terraform.plan().empty


def test_without_waiting(terraform, namespace, chart):
    terraform.write(terraform.header() + release(namespace, chart, {"stuck": True}, "wait = false"))
    terraform.apply()
    assert terraform.plan().empty


def test_history_is_limited(terraform, helm3, namespace, chart):
    for replicas in range(1, 6):
        terraform.write(terraform.header() + release(namespace, chart, {"replicas": replicas}, "max_history = 3"))
        terraform.apply()
    assert [each["revision"] for each in helm3.json("history", "app", "-n", namespace)] == [3, 4, 5]


def test_two_at_once(make_terraform, cluster, kubectl, helm3, namespace, chart):
    """The same release from two states: one installs it, the other is told so and harms nothing."""
    runs = []
    for number in range(2):
        terraform = make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig)
        terraform.write(terraform.header() + release(namespace, chart, {"data": {"by": number}}))
        runs.append(
            (
                terraform,
                subprocess.Popen(
                    [terraform.executable, "apply", "-no-color", "-auto-approve"],
                    cwd=terraform.directory,
                    env=terraform.environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                ),
            )
        )
    texts = [process.communicate(timeout=120)[0] for _, process in runs]
    codes = [process.returncode for _, process in runs]
    assert sorted(codes) == [0, 1], texts
    winner, loser = codes.index(0), codes.index(1)
    assert "exist" in texts[loser] or "in progress" in texts[loser]
    assert runs[loser][0].resources() == {} and list(runs[winner][0].resources()) == ["wandb_operator.this"]
    assert [each["status"] for each in helm3.json("history", "app", "-n", namespace)] == ["deployed"]
    assert kubectl.json("-n", namespace, "get", "configmap", "app-settings")["data"]["by"] == str(winner)
    assert runs[winner][0].plan().empty
