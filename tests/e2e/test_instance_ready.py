# SPDX-License-Identifier: Apache-2.0
"""wandb_instance waits for what the operator really did, says why it is not there, and gets an instance deleted."""

import collections
import re
import time

import pytest

import channel as channels
import scenarios
from leaks import planted
from terraform import plain
from waiting import interrupt, state, timeouts, write

# ---- waiting ---------------------------------------------------------------------------------------


def test_ready(terraform, world):
    write(terraform, world, "{ weave = { install = true }, node = { install = true }, migration = { install = true } }")
    terraform.apply()
    now = state(terraform)
    assert now["phase"] == "Completed" and now["ready"] is True and now["url"] == "https://wandb.example.com"
    assert world.level("spec-active")["values"]["weave"] == {"install": True}
    for workload in ("deployment/wandb-app", "statefulset/wandb-weave"):
        assert world.get(workload)["status"]["readyReplicas"] == 1
    assert world.get("daemonset/wandb-node")["status"]["numberReady"] == 1
    assert world.get("job/wandb-migration")["status"]["succeeded"] == 1
    assert terraform.plan().empty
    terraform.destroy()
    assert world.get("deployment", "wandb-app") is None and world.get(scenarios.KIND, "wandb") is None


def test_progress_is_in_the_log(terraform, world):
    write(terraform, world, "{ migration = { install = true } }")
    _, log = terraform.traced(terraform.apply)
    told = [line for line in log.splitlines() if "waiting for" in line]
    assert any("[INFO]" in line and "the operator has not written its active spec yet" in line for line in told), (
        "\n".join(told)
    )
    write(terraform, world, '{ app = { fail = "unready", replicas = 2 } }', timeouts(5))
    _, log = terraform.traced(terraform.apply, expect=(1,))
    assert any(
        "[INFO]" in line and f"Deployment/{world.namespace}/wandb-app" in line
        for line in log.splitlines()
        if "waiting for" in line
    )


def test_accepted_does_not_wait_for_pods(terraform, world):
    write(terraform, world, '{ app = { fail = "stuck" } }', 'wait_for = "accepted"')
    terraform.apply()
    assert world.level("spec-active")["values"]["app"] == {"fail": "stuck"}
    assert terraform.plan().empty


def test_an_update_waits_for_its_own_spec(terraform, world):
    write(terraform, world)
    terraform.apply()
    write(terraform, world, "{ app = { replicas = 2 } }")
    terraform.apply()
    assert world.level("spec-active")["values"]["app"] == {"replicas": 2}
    assert world.get("deployment/wandb-app")["status"]["readyReplicas"] == 2


FAILURES = {
    "image-pull": (
        '{ app = { fail = "image-pull" } }',
        ["Deployment", "wandb-app", "ImagePullBackOff", "registry.invalid/app"],
    ),
    "crash-loop": ('{ app = { fail = "crash-loop" } }', ["Deployment", "wandb-app", "CrashLoopBackOff"]),
    "unready": ('{ app = { fail = "unready" } }', ["Deployment", "wandb-app"]),
    "stuck": ('{ weave = { install = true, fail = "stuck" } }', ["StatefulSet", "wandb-weave"]),
    "unschedulable": (
        '{ app = { nodeSelector = { disk = "none" } } }',
        ["Deployment", "wandb-app", "0/1 nodes are available", "event FailedScheduling"],
    ),
    "migration": (
        '{ migration = { install = true, fail = "exit" } }',
        ["Job", "wandb-migration", "last lines of its log", "migration 0042: duplicate column"],
    ),
}


@pytest.fixture
def migration_log(cluster):
    path = cluster.directory / "pod-logs" / "migration.log"
    path.write_text(
        "".join(
            f"2026-01-02T03:04:05.000000000Z stderr F {line}\n"
            for line in ("connecting", "migration 0042: duplicate column")
        )
    )
    yield
    path.unlink()


@pytest.mark.parametrize("failure", FAILURES)
def test_timeout_says_why(terraform, world, migration_log, failure):
    values, words = FAILURES[failure]
    write(terraform, world, values, timeouts(12))
    began = time.monotonic()
    result = terraform.apply(expect=(1,))
    assert failure == "migration" or time.monotonic() - began >= 12  # a failed Job stays failed
    text = plain(result.stderr)
    assert [word for word in words if word not in text] == [], text
    assert "but not every workload is ready" in text and "terraform untaint" in text
    assert state(terraform)["uid"] == world.get(scenarios.KIND, "wandb")["metadata"]["uid"]


def test_watches_instead_of_asking_again(terraform, world, cluster):
    """However long a wait takes, nothing is read twice for it but at its end, to say what is missing.
    The object is looked for before it, too: twice by the plan and once by the create."""
    write(terraform, world, '{ app = { fail = "stuck" } }', timeouts(20))
    position = cluster.audit_position()
    terraform.apply(expect=(1,))
    asked = [
        event
        for event in cluster.audit("terraform-provider-wandb", since=position)
        if event["stage"] == "ResponseComplete"
    ]
    watched = {event["objectRef"]["resource"] for event in asked if event["verb"] == "watch"}
    assert {"weightsandbiases", "secrets", "deployments"} <= watched, watched
    counts = collections.Counter((event["verb"], event["requestURI"]) for event in asked if event["verb"] != "watch")
    before = {uri: 2 for verb, uri in counts if uri.endswith("/weightsandbiases/wandb")}
    assert all(count - before.get(uri, 0) <= 3 for (verb, uri), count in counts.items()), counts.most_common(5)


def test_no_operator(terraform, world):
    world.operator.stop()
    write(terraform, world, more=timeouts(4))
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "the operator has not written its active spec yet" in text and "does its controller-manager run?" in text
    terraform.run("untaint", "wandb_instance.this")
    world.operator.start()
    write(terraform, world, more=timeouts(60))
    terraform.apply()


def test_refused_chart(terraform, world):
    """The operator would try again in an hour; waiting for that says nothing."""
    write(terraform, world, chart='chart = { path = "/nonexistent/chart.tgz" },')
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "the operator refused the spec (phase Invalid Config)" in text and "no Helm release" in text


def test_chart_that_the_operator_passes_over(terraform, world):
    write(terraform, world, chart='chart = { version = "1.2.3" },')
    assert f"Chart is not one the operator knows: WeightsAndBiases/{world.namespace}/wandb" in [
        each["summary"] for each in terraform.plan().warnings
    ]
    terraform.apply()
    assert state(terraform)["active_chart"] == {"name": "operator-wandb", "version": "0.43.8"}


def test_chart_that_does_not_install(terraform, world):
    world.publish()
    write(terraform, world, '{ app = { replicas = "many" } }')
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert "the operator refused the spec" in text
    assert (
        f"The operator's log (Pod/{world.namespace}/wandb-controller-manager-" in text
        and "Failed to apply config changes" in text
    )


def test_interrupt_keeps_the_object(terraform, world):
    write(terraform, world, '{ app = { fail = "stuck" } }')
    interrupt(terraform, "apply", lambda: world.level("spec-active") is not None)
    assert state(terraform)["uid"] == world.get(scenarios.KIND, "wandb")["metadata"]["uid"]


def test_interrupt_of_a_destroy_keeps_the_state(terraform, world):
    write(terraform, world)
    terraform.apply()
    world.operator.stop()
    interrupt(terraform, "destroy", lambda: "deletionTimestamp" in world.get(scenarios.KIND, "wandb")["metadata"])
    assert state(terraform)["uid"] == world.get(scenarios.KIND, "wandb")["metadata"]["uid"]
    world.operator.start()
    terraform.destroy()
    assert world.get(scenarios.KIND, "wandb") is None


# ---- an operator that cannot go on -----------------------------------------------------------------


@pytest.mark.parametrize(
    "values, problem",
    [
        (
            '{ app = { replicas = "1" } }',
            (
                "the operator cannot merge spec.values.app.replicas: it is a string in the custom resource and a "
                "number in the release channel"
            ),
        ),
        (
            "{ app = { replicas = null } }",
            (
                "the operator cannot merge spec.values.app.replicas: it is a null in the custom resource and a number "
                "in the release channel"
            ),
        ),
    ],
    ids=["mismatch", "null"],
)
def test_wedged_while_waiting(terraform, world, values, problem):
    """The channel moved to another kind after the plan was made, so that only the wait can find it."""
    world.publish()
    world.offer(values={"app": {"replicas": 1}})
    write(terraform, world, values)
    text = plain(terraform.apply(expect=(1,)).stderr)
    assert problem in text
    assert world.get(scenarios.KIND, "wandb")["metadata"]["name"] == "wandb"


def test_wedged_at_destroy(terraform, world):
    write(terraform, world)
    terraform.apply()
    world.console({"global": {"host": 1}})
    text = plain(terraform.destroy(expect=(1,)).stderr)
    assert "the operator will never finish" in text and "spec.values.global.host" in text
    assert "a string in the custom resource and a number in the System Console" in text and "on_destroy_stuck" in text
    world.console({})
    terraform.destroy()
    assert world.get(scenarios.KIND, "wandb") is None


@pytest.mark.parametrize(
    "console, says", [({"global": {"host": 1}}, "type not match"), ({"global": {"host": None}}, "panic")]
)
def test_wedged_at_destroy_in_the_operators_words(terraform, world, console, says):
    """Status and events go on saying that all is well; only its log does not."""
    world.publish()
    write(terraform, world)
    terraform.apply()
    world.console(console)
    text = plain(terraform.destroy(expect=(1,)).stderr)
    log = text[text.index(f"The operator's log (Pod/{world.namespace}/wandb-controller-manager-") :]
    assert says in log and "spec.values.global.host" in text and "event " in text
    world.console({})
    terraform.destroy()


def test_an_operators_log_that_may_not_be_read(terraform, world, cluster, tmp_path):
    world.publish()
    write(terraform, world)
    terraform.apply()
    world.kubectl.apply(
        [
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": {"name": "instances", "namespace": world.namespace},
                "rules": [
                    {"apiGroups": ["apps.wandb.com"], "resources": ["weightsandbiases"], "verbs": ["*"]},
                    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]},
                ],
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
    world.console({"global": {"host": 1}})
    result = terraform.destroy(expect=(1,), env={"KUBE_CONFIG_PATH": str(cluster.context("nobody", tmp_path))})
    text = plain(result.stderr)
    assert "the operator will never finish" in text and "spec.values.global.host" in text
    assert "The operator's log could not be read" in text and "pods" in text and "forbidden" in text.lower()
    world.console({})
    terraform.destroy()


def test_wedged_at_destroy_finished_by_us(terraform, world):
    write(terraform, world)
    terraform.apply()
    world.console({"global": {"host": 1}})
    terraform.destroy(expect=(1,))
    write(terraform, world, more='on_destroy_stuck = "remove_finalizer"')
    terraform.apply()
    result = terraform.destroy()
    assert "Finalizer removed" in result.stdout
    assert world.get(scenarios.KIND, "wandb") is None and world.get("deployment", "wandb-app") is None


def test_chart_never_installed(terraform, world):
    write(terraform, world, chart='chart = { path = "/nonexistent/chart.tgz" },', more='wait_for = "none"')
    terraform.apply()
    deadline = time.monotonic() + 30
    while (world.get(scenarios.KIND, "wandb").get("status") or {}).get(
        "phase"
    ) != "Invalid Config" and time.monotonic() < deadline:
        time.sleep(0.1)
    text = plain(terraform.destroy(expect=(1,)).stderr)
    assert 'there is no Helm release "wandb"' in text and "on_destroy_stuck" in text
    write(
        terraform,
        world,
        chart='chart = { path = "/nonexistent/chart.tgz" },',
        more='wait_for = "none"\n on_destroy_stuck = "remove_finalizer"',
    )
    terraform.apply()
    assert "Finalizer removed" in terraform.destroy().stdout
    assert world.get(scenarios.KIND, "wandb") is None


def test_destroy_without_operator_explains_the_finalizer(terraform, world):
    write(terraform, world, more=timeouts(20))
    terraform.apply()
    world.operator.stop()
    text = plain(terraform.destroy(expect=(1,)).stderr)
    assert "finalizer.app.wandb.com" in text and "controller-manager" in text
    assert "wandb_instance.this" in terraform.resources()
    world.operator.start()
    terraform.destroy()


def test_detach(terraform, world):
    write(terraform, world, more='on_destroy = "detach"')
    terraform.apply()
    assert "keeps running" in terraform.destroy().stdout
    assert world.get(scenarios.KIND, "wandb") and world.get("deployment", "wandb-app")


# What operator-wandb 0.43.8 makes of the session key and of a CA: the one is kept, the other goes.
KEPT = """
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}-gorilla-session-key
  annotations: {"helm.sh/resource-policy": keep}
stringData: {GORILLA_SESSION_KEY: {{ .Values.global.sessionKey }}}
---
apiVersion: v1
kind: Secret
metadata: {name: "{{ .Release.Name }}-mysql-ca-cert"}
stringData: {MYSQL_CA_CERT: {{ .Values.global.sessionKey }}}
"""


def test_destroy_names_the_secrets_that_stay(terraform, world):
    key = planted("session-key")
    world.chart = channels.pack(world.directory, **{"templates/secrets.yaml": KEPT})
    world.offer(values={"global": {"sessionKey": key}})
    write(terraform, world)
    terraform.apply()
    world.kubectl("-n", world.namespace, "create", "secret", "generic", "others", "--from-literal=key=x")
    text = plain(terraform.destroy().stdout)
    assert f"Secrets stay in the cluster: WeightsAndBiases/{world.namespace}/wandb: 1 Secret" in text
    assert re.findall(r"Secret/\S+", text) == [f"Secret/{world.namespace}/wandb-gorilla-session-key"]
    assert world.get("secret", "wandb-gorilla-session-key") and world.get("secret", "wandb-mysql-ca-cert") is None
    assert key not in text


def test_destroy_that_leaves_nothing_names_nothing(terraform, world):
    write(terraform, world)
    terraform.apply()
    assert "Secrets stay" not in terraform.destroy().stdout
