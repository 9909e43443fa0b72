# SPDX-License-Identifier: Apache-2.0
"""A wait that did not come to its end is gone on with, and `ready` in the state says what was measured."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

import scenarios
from terraform import plain
from waiting import interrupt, state, timeouts, write

ADDRESS = "wandb_instance.this"
UNREADY = '{ app = { fail = "unready" } }'
UPDATE = {ADDRESS: ["update"]}


def name_of(world):
    return f"WeightsAndBiases/{world.namespace}/wandb"


def warned(plan):
    return {each["summary"]: each["detail"] for each in plan.warnings}


def written(cluster, world, position):
    """The writes of the custom resource by the provider since then."""
    return [
        event["verb"]
        for event in cluster.audit("terraform-provider-wandb", since=position)
        if event["stage"] == "ResponseComplete"
        and (event.get("objectRef") or {}).get("resource") == "weightsandbiases"
        and event["verb"] in ("patch", "update", "create", "delete")
    ]


def mend(world):
    """Lets the pods of the Deployment become ready, without anything being written by Terraform or the operator."""
    world.kubectl(
        "-n",
        world.namespace,
        "patch",
        "deployment",
        "wandb-app",
        "--type=json",
        "-p",
        '[{"op": "remove", "path": "/spec/template/metadata/labels/wandb-test~1fail"}]',
    )
    world.kubectl("-n", world.namespace, "rollout", "status", "deployment/wandb-app", "--timeout=60s")


def broken(terraform, world):
    """An instance whose update timed out: its Deployment does not become ready."""
    write(terraform, world, more=timeouts(60)).apply()
    write(terraform, world, UNREADY, timeouts(5))
    assert "timed out" in plain(terraform.apply(expect=(1,)).stderr)
    return terraform


# ---- an update that timed out ------------------------------------------------------------------------


def test_an_update_that_timed_out(any_terraform, world, cluster):
    terraform = broken(any_terraform, world)
    assert state(terraform)["ready"] is False
    plan = terraform.plan()
    assert plan.changes == UPDATE and plan.change(ADDRESS)["before"]["ready"] is False, plan.text
    detail = warned(plan)[f"Not ready: {name_of(world)}"]
    assert f"Deployment/{world.namespace}/wandb-app: " in detail and "goes on waiting" in detail
    position = cluster.audit_position()
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "timed out" in text and f"Deployment/{world.namespace}/wandb-app" in text
    assert written(cluster, world, position) == []
    assert terraform.plan().changes == UPDATE
    mend(world)
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    terraform.refresh()
    assert state(terraform)["ready"] is True and written(cluster, world, position) == []


def test_the_next_apply_waits_to_the_end(terraform, world, cluster):
    """The operator was away; its phase goes on saying Completed, of the spec before."""
    write(terraform, world, more=timeouts(60)).apply()
    world.operator.stop()
    write(terraform, world, "{ app = { replicas = 2 } }", timeouts(5))
    terraform.apply(expect=(1,))
    now = state(terraform)
    assert now["phase"] == "Completed" and now["ready"] is False
    plan = terraform.plan()
    assert plan.changes == UPDATE
    assert "values.app" in warned(plan)[f"Not ready: {name_of(world)}"]
    position = cluster.audit_position()
    world.operator.start()
    write(terraform, world, "{ app = { replicas = 2 } }", timeouts(60)).apply()
    assert written(cluster, world, position) == []
    assert world.get("deployment/wandb-app")["status"]["readyReplicas"] == 2
    assert state(terraform)["ready"] is True
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


def test_untaint_goes_on_waiting(any_terraform, world, cluster):
    """As the error of a create that timed out promises."""
    terraform = write(any_terraform, world, UNREADY, timeouts(5))
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "`terraform untaint ADDRESS` keeps it, and the next apply goes on waiting" in text
    terraform.run("untaint", ADDRESS)
    uid = state(terraform)["uid"]
    plan = terraform.plan()
    assert plan.changes == UPDATE, plan.text
    position = cluster.audit_position()
    assert "timed out" in plain(terraform.apply(expect=(1,)).stderr)
    mend(world)
    terraform.apply()
    assert (
        written(cluster, world, position) == [] and state(terraform)["ready"] is True and state(terraform)["uid"] == uid
    )
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


# ---- an update that was ended ------------------------------------------------------------------------


def test_an_interrupted_update(terraform, world):
    write(terraform, world, more=timeouts(60)).apply()
    write(terraform, world, UNREADY)
    interrupt(
        terraform,
        "apply",
        lambda: (world.level("spec-active") or {}).get("values", {}).get("app") == {"fail": "unready"},
    )
    assert terraform.plan().changes == UPDATE
    mend(world)
    assert terraform.plan().empty


@pytest.mark.parametrize("who", ["provider", "terraform"])
def test_a_killed_update(make_terraform, world, door, who):
    """Nobody was left to note anything; that this spec was never seen ready is enough."""
    terraform = make_terraform(**door.environment())
    write(terraform, world, more=timeouts(60)).apply()
    write(terraform, world, UNREADY, timeouts(60))
    patched, dead = [], []

    def judge(number, method, path):
        if method == "PATCH" and "/weightsandbiases/" in path:
            patched.append(path)
        elif patched and not dead and "watch=" in path:
            dead.append(path)
            if who == "terraform":
                kill_terraform(terraform)
            door.kill_provider()
            return "drop"
        return None

    door.judge = judge
    terraform.apply(expect=None)
    door.judge = lambda *_: None
    assert dead
    (terraform.directory / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    deadline = time.monotonic() + 60
    while (world.level("spec-active") or {}).get("values", {}).get("app") != {
        "fail": "unready"
    } and time.monotonic() < deadline:
        time.sleep(0.1)
    plan = terraform.plan()
    assert plan.changes == UPDATE and f"Not ready: {name_of(world)}" in warned(plan), plan.text
    mend(world)
    assert terraform.plan().empty


def kill_terraform(terraform):
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd") == str(terraform.directory) and os.readlink(process / "exe") == str(
                pathlib.Path(terraform.executable).resolve()
            ):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue


# ---- who does not want to wait -----------------------------------------------------------------------


def test_none_plans_nothing_for_it(terraform, world, cluster):
    broken(terraform, world)
    position = cluster.audit_position()
    write(terraform, world, UNREADY, 'wait_for = "none"')
    plan = terraform.plan()
    assert plan.changes == UPDATE and not plan.warnings, plan.text  # the word itself
    terraform.apply()
    assert written(cluster, world, position) == [] and state(terraform)["ready"] is False
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    write(terraform, world, UNREADY, timeouts(5))
    assert "goes on waiting" in warned(terraform.plan())[f"Not ready: {name_of(world)}"]
    assert "timed out" in plain(terraform.apply(expect=(1,)).stderr)
    assert written(cluster, world, position) == []


def test_accepted_waits_for_that_alone(terraform, world, cluster):
    write(terraform, world, more='wait_for = "accepted"').apply()
    world.operator.stop()
    more = f'wait_for = "accepted"\n  {timeouts(5)}'
    write(terraform, world, UNREADY, more)
    terraform.apply(expect=(1,))
    plan = terraform.plan()
    assert plan.changes == UPDATE
    assert "values.app" in warned(plan)[f"Not accepted: {name_of(world)}"]
    world.operator.start()
    write(terraform, world, UNREADY, more.replace("5s", "60s"))
    terraform.apply()
    assert state(terraform)["ready"] is False
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text


# ---- what cannot be waited for -----------------------------------------------------------------------


def test_what_the_operator_refuses_stays_an_error(terraform, world, cluster):
    """Each apply says so again, at once and without writing; the instance can be destroyed all the same."""
    write(terraform, world, more=timeouts(60)).apply()
    write(terraform, world, chart='chart = { path = "/nonexistent/chart.tgz" },', more=timeouts(60))
    for turn in range(3):
        position = cluster.audit_position()
        began = time.monotonic()
        text = plain(terraform.apply(expect=(1,)).stderr)
        assert "the operator refused the spec (phase Invalid Config)" in text and time.monotonic() - began < 50
        assert bool(written(cluster, world, position)) == (turn == 0)
        plan = terraform.plan()
        assert plan.changes == UPDATE and "phase Invalid Config" in warned(plan)[f"Not ready: {name_of(world)}"]
    terraform.destroy()
    assert world.get(scenarios.KIND, "wandb") is None


def test_levels_that_do_not_merge_stay_an_error(terraform, world, cluster):
    """The channel moved to another kind after the plan was made, so that only the wait can find it;
    and finds it each time."""
    write(terraform, world, more=timeouts(60)).apply()
    world.offer(values={"app": {"replicas": 1}})
    write(terraform, world, '{ app = { replicas = "1" } }', timeouts(60))
    for turn in range(2):
        position = cluster.audit_position()
        assert "the operator cannot merge spec.values.app.replicas" in plain(terraform.apply(expect=(1,)).stderr)
        assert bool(written(cluster, world, position)) == (turn == 0)
        plan = terraform.plan()
        assert (
            plan.changes == UPDATE
            and "cannot merge spec.values.app.replicas" in warned(plan)[f"Not ready: {name_of(world)}"]
        )
    world.offer(values={})
    # an operator that fails asks the channel again after ever longer pauses, and until then the old answer holds
    deadline = time.monotonic() + 300
    while "app" in (world.level("latest-cached-release") or {}).get("values", {}) and time.monotonic() < deadline:
        time.sleep(0.5)
    terraform.apply()
    assert state(terraform)["ready"] is True and terraform.plan().empty


# ---- ready is measured -------------------------------------------------------------------------------


def test_ready_follows_the_workloads(terraform, world):
    """Also long after the wait: the plan says what is missing, and plans nothing for it."""
    write(terraform, world, "{ weave = { install = true } }", timeouts(60)).apply()
    assert state(terraform)["ready"] is True
    deployment = f"Deployment/{world.namespace}/wandb-app"
    world.kubectl("-n", world.namespace, "delete", "deployment", "wandb-app")
    plan = terraform.plan()
    assert plan.empty, plan.text
    detail = warned(plan)[f"Not ready: {name_of(world)}"]
    assert f"{deployment}: does not exist" in detail and "goes on waiting" not in detail
    terraform.refresh()
    now = state(terraform)
    assert now["ready"] is False and now["phase"] == "Completed"
    world.kubectl("-n", world.namespace, "delete", "statefulset", "wandb-weave")
    detail = warned(terraform.plan())[f"Not ready: {name_of(world)}"]
    assert deployment in detail and f"StatefulSet/{world.namespace}/wandb-weave" in detail
    world.console({"global": {"email": "a@example.com"}})  # the operator installs anew
    deadline = time.monotonic() + 60
    while not terraform.plan().warnings == [] and time.monotonic() < deadline:
        time.sleep(1)
    terraform.refresh()
    assert state(terraform)["ready"] is True


def test_data_source_says_the_same(terraform, world):
    write(
        terraform,
        world,
        more=timeouts(60)
        + f"""
}}
data "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{world.namespace}"
  depends_on = [wandb_instance.this]
}}
output "ready" {{
  value = data.wandb_instance.this.ready""",
    ).apply()
    assert terraform.outputs()["ready"] is True
    world.kubectl("-n", world.namespace, "delete", "deployment", "wandb-app")
    terraform.refresh()
    assert terraform.outputs()["ready"] is False


ROLE = [
    {"apiGroups": ["apps.wandb.com"], "resources": ["weightsandbiases"], "verbs": ["*"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]},
]


def test_who_may_not_look_does_not_claim(terraform, world, cluster, tmp_path):
    write(terraform, world, more=timeouts(60)).apply()
    world.kubectl.apply(
        [
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "instances", "namespace": world.namespace},
                "rules": ROLE,
            },
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "instances", "namespace": world.namespace},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "instances"},
                "subjects": [{"kind": "User", "name": "nobody"}],
            },
        ]
    )
    nobody = {"KUBE_CONFIG_PATH": str(cluster.context("nobody", tmp_path))}
    plan = terraform.plan(env=nobody)
    assert plan.empty, plan.text
    (warning,) = plan.warnings
    assert warning["summary"] == f"Readiness not measured: {name_of(world)}"
    assert (
        "forbidden" in warning["detail"]
        and "list Job objects" in warning["detail"]
        and "ready is false" in warning["detail"]
    )
    terraform.refresh(env=nobody)
    assert state(terraform)["ready"] is False
    terraform.refresh()
    assert state(terraform)["ready"] is True


def test_a_cluster_that_does_not_answer_in_time(make_terraform, world, door):
    terraform = make_terraform(**door.environment())
    write(terraform, world, more=timeouts(60)).apply()
    asked = []

    def judge(number, method, path):
        if path.startswith("/apis/apps/v1") and not asked:
            asked.append(path)
            time.sleep(8)

    door.judge = judge
    plan = terraform.plan()
    door.judge = lambda *_: None
    assert plan.empty and asked, plan.text
    (warning,) = plan.warnings
    assert warning["summary"] == f"Readiness not measured: {name_of(world)}" and "timed out" in warning["detail"]


# ---- once per plan -----------------------------------------------------------------------------------


def test_an_apply_warns_once(terraform, world):
    """Terraform plans twice for one apply: what a plan says is said when it is shown."""
    broken(terraform, world)
    events = terraform.apply_json(expect=(1,))
    summaries = [
        event["diagnostic"]["summary"]
        for event in events
        if event.get("type") == "diagnostic" and event["diagnostic"]["severity"] == "warning"
    ]
    assert [each for each in summaries if "development overrides" not in each] == [f"Not ready: {name_of(world)}"]


# ---- what a former instance left -----------------------------------------------------------------------


def patch_active(world, metadata):
    world.kubectl(
        "-n",
        world.namespace,
        "patch",
        "secret",
        "wandb-spec-active",
        "--type=merge",
        "-p",
        json.dumps({"metadata": metadata}),
    )


def test_a_new_instance_waits_for_what_a_former_one_left(terraform, world):
    """The operator takes an instance for installed whose spec is that of the Secret,
    though it uninstalled the chart."""
    write(terraform, world, more=timeouts(60)).apply()
    patch_active(world, {"finalizers": ["example.com/hold"]})
    terraform.destroy()
    assert world.level("spec-active") is not None
    running = subprocess.Popen(
        [terraform.executable, "apply", "-no-color", "-auto-approve"],
        cwd=terraform.directory,
        env=terraform.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    time.sleep(3)
    assert (
        running.poll() is None and world.kubectl("-n", world.namespace, "get", "weightsandbiases", "-o", "name") == ""
    )
    patch_active(world, {"finalizers": None})
    text, _ = running.communicate(timeout=90)
    assert running.returncode == 0, text
    assert world.get("deployment/wandb-app")["status"]["readyReplicas"] == 1


def test_completed_without_a_release_is_not_ready(terraform, world):
    """Here the Secret has no owner, so nobody collects it."""
    write(terraform, world, more=timeouts(60)).apply()
    patch_active(world, {"ownerReferences": None})
    terraform.destroy()
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert (
        f'there is no Helm release "wandb" in namespace {world.namespace}' in text
        and "Delete that Secret and restart the operator" in text
    )
    assert state(terraform)["ready"] is False
    terraform.run("untaint", ADDRESS)
    world.kubectl("-n", world.namespace, "delete", "secret", "wandb-spec-active")
    world.operator.stop()  # it hears of no Secret that is not an instance's
    world.operator.start()
    terraform.apply()
    assert state(terraform)["ready"] is True and world.get("deployment/wandb-app")["status"]["readyReplicas"] == 1
