# SPDX-License-Identifier: Apache-2.0
"""What an operator is made to go through, and what is noted after each step.

A scenario is a list of steps (name, function of a World). After each step the world is observed until it stands still;
what a client can see of it becomes one entry of the transcript. Transcripts hold no times, names of tests, or versions
of objects.
"""

import base64
import json
import secrets
import threading
import time
import urllib.parse

import channel as channels
import running
from cluster import Cluster

KIND = "weightsandbiases"
WEDGES = {
    "type not match": "mismatch",
    "Observed a panic": "panic",
    "does not have a `release` key": "no release key",
    "release: not found": "release not found",
    "release: no release provided": "release not found",
}
PATHS = {
    KIND: "/apis/apps.wandb.com/v1",
    "secret": "/api/v1",
    "event": "/api/v1",
    "deployment": "/apis/apps/v1",
    "statefulset": "/apis/apps/v1",
    "daemonset": "/apis/apps/v1",
    "job": "/apis/batch/v1",
}
STILL, AT_MOST = 1.5, 40.0
RETRIES = 12.0  # five tries of the deployer, two seconds apart, while nothing else is to be seen


class World:
    """One namespace, one operator, one channel, one instance named wandb."""

    def __init__(self, kubectl, helm, kubeconfig, directory):
        self.kubectl, self.directory, self.cluster = kubectl, directory, Cluster(kubeconfig)
        self.logs = self.cluster.directory / "pod-logs"
        self.namespace = f"operator-{secrets.token_hex(4)}"
        self.channel = channels.Channel()
        self.chart = channels.pack(directory)
        self.channel.offer = {"chart": {"path": str(self.chart)}, "values": {}}
        self.operator = running.Operator(kubeconfig, [self.namespace], self.channel, helm, directory)
        self.publisher = None

    def __enter__(self):
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(running.CRD))
        self.kubectl.established("weightsandbiases.apps.wandb.com")
        self.kubectl("create", "namespace", self.namespace)
        self.channel.__enter__()
        self.operator.start()
        return self

    def __exit__(self, *_):
        self.operator.stop()
        self.unpublish()
        self.channel.__exit__()
        if self.kubectl.leaks:
            self.kubectl.leaks.namespace(self.namespace)
        for name in self.kubectl("-n", self.namespace, "get", KIND, "-o", "name").split():
            self.kubectl(
                "-n",
                self.namespace,
                "patch",
                name,
                "--type=merge",
                "-p",
                '{"metadata":{"finalizers":null}}',
                expect=(0, 1),
            )
        self.kubectl("-n", self.namespace, "delete", KIND, "--all", "--timeout=20s")
        self.kubectl("delete", "namespace", self.namespace, "--wait=false")

    # ---- what a scenario does

    def offer(self, **level):
        self.channel.offer = {"chart": {"path": str(self.chart)}, **level}

    def apply(self, **spec):
        self.kubectl(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=scenario",
            "-f",
            "-",
            input=json.dumps(
                {
                    "apiVersion": "apps.wandb.com/v1",
                    "kind": "WeightsAndBiases",
                    "metadata": {"name": "wandb", "namespace": self.namespace},
                    "spec": spec,
                }
            ),
        )

    def patch(self, *operations):
        self.kubectl("-n", self.namespace, "patch", KIND, "wandb", "--type=json", "-p", json.dumps(operations))

    def console(self, values, **others):
        """What the System Console does: it writes <name>-spec-user."""
        data = {
            key: base64.b64encode(json.dumps(value).encode()).decode()
            for key, value in {"values": values, **others}.items()
        }
        self.kubectl(
            "-n", self.namespace, "patch", "secret", "wandb-spec-user", "--type=merge", "-p", json.dumps({"data": data})
        )

    def delete(self):
        self.kubectl("-n", self.namespace, "delete", KIND, "wandb", "--wait=false")

    # ---- the operator's pod: it runs outside of the cluster, so a simulated pod stands for it, with its log

    def publish(self):
        """Makes the pod that its chart would have made, and what the operator logs from now on the log of that pod."""
        labels, api = {"control-plane": "controller-manager"}, "rbac.authorization.k8s.io"
        account = {"kind": "ServiceAccount", "name": "wandb-manager", "namespace": self.namespace}
        self.kubectl.apply(
            [
                {
                    "apiVersion": "v1",
                    "kind": "ServiceAccount",
                    "metadata": {"name": "wandb-manager", "namespace": self.namespace},
                },
                {
                    "apiVersion": f"{api}/v1",
                    "kind": "Role",
                    "metadata": {"name": "wandb-manager-role", "namespace": self.namespace},
                    "rules": [
                        {
                            "apiGroups": ["apps.wandb.com"],
                            "resources": ["weightsandbiases", "weightsandbiases/status"],
                            "verbs": ["get", "list", "watch", "update", "patch"],
                        }
                    ],
                },
                {
                    "apiVersion": f"{api}/v1",
                    "kind": "RoleBinding",
                    "metadata": {"name": "wandb-manager-rolebinding", "namespace": self.namespace},
                    "roleRef": {"apiGroup": api, "kind": "Role", "name": "wandb-manager-role"},
                    "subjects": [account],
                },
                {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "metadata": {"name": "wandb-controller-manager", "namespace": self.namespace},
                    "spec": {
                        "selector": {"matchLabels": labels},
                        "template": {
                            "metadata": {"labels": labels},
                            "spec": {
                                "serviceAccountName": "wandb-manager",
                                "terminationGracePeriodSeconds": 0,
                                "containers": [{"name": "manager", "image": "registry.invalid/manager"}],
                            },
                        },
                    },
                },
            ]
        )
        self.kubectl("-n", self.namespace, "rollout", "status", "deployment/wandb-controller-manager", "--timeout=60s")
        self.ending = threading.Event()
        self.publisher = threading.Thread(target=self.copy_log, daemon=True)
        self.publisher.start()

    def copy_log(self):
        while not self.ending.wait(0.1):
            now = time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime())
            new = self.logs / "manager.log.new"
            new.write_text("".join(f"{now} stderr F {line}\n" for line in self.operator.log.splitlines()))
            new.rename(self.logs / "manager.log")

    def unpublish(self):
        if self.publisher:
            self.ending.set()
            self.publisher.join()
            (self.logs / "manager.log").unlink(missing_ok=True)

    # ---- what is noted

    def get(self, kind, name="", **query):
        """An object, "kind/name" or by its name, or those that a query selects; None for what is not there."""
        kind, _, inner = kind.partition("/")
        path = f"{PATHS[kind]}/namespaces/{self.namespace}/{kind.rstrip('s')}s/{name or inner}".rstrip("/")
        with self.cluster.connect() as connection:
            status, answer = self.cluster.ask(connection, "GET", f"{path}?{urllib.parse.urlencode(query)}")
        assert status in (200, 404), answer
        return answer if status == 200 else None

    def level(self, suffix):
        secret = self.get("secret", f"wandb-{suffix}")
        if secret is None:
            return None
        level = {key: json.loads(base64.b64decode(text)) for key, text in sorted((secret.get("data") or {}).items())}
        if (level.get("chart") or {}).get("path") == str(self.chart):
            level["chart"]["path"] = "CHART"
        return level

    def observe(self):
        instance = self.get(KIND, "wandb")
        events = self.get("event", fieldSelector="involvedObject.kind=WeightsAndBiases") or {"items": []}
        releases = self.get("secret", labelSelector="owner=helm") or {"items": []}
        seen = {
            "exists": instance is not None,
            "deleting": bool(instance and instance["metadata"].get("deletionTimestamp")),
            "phase": ((instance or {}).get("status") or {}).get("phase"),
            "finalizers": (instance or {"metadata": {}})["metadata"].get("finalizers", []),
            "spec": json.loads(json.dumps((instance or {}).get("spec")).replace(str(self.chart), "CHART")),
            "console": self.level("spec-user"),
            "channel": self.level("latest-cached-release"),
            "active": self.level("spec-active"),
            "events": sorted({event["reason"] for event in events["items"]}),
            "event_types": sorted({event["type"] for event in events["items"]}),
            "releases": sorted(
                f"{each['metadata']['labels']['version']} {each['metadata']['labels']['status']}"
                for each in releases["items"]
            ),
            "deployment": self.get("deployment", "wandb-app") is not None,
            "wedged": sorted({word for text, word in WEDGES.items() if text in self.operator.log[self.mark :]}),
            "asked": sorted(
                {f"{each['path']} {each['user']}:{each['license']}" for each in self.channel.requests[self.asked :]}
            ),
        }
        # whether one more try of a failing reconcile fell between deletion and end is chance
        return seen if instance else {**seen, "wedged": [], "asked": []}

    def settle(self, step, recorded=None):
        """Does a step and waits until what there is to see stands still, as recorded when that is given."""
        self.mark, self.asked, self.still = len(self.operator.log), len(self.channel.requests), STILL
        step(self)
        began = since = time.monotonic()
        seen = None
        # on a busy machine an operator at work can look still: then what was recorded is still to come
        while (
            time.monotonic() - since < self.still or recorded not in (None, seen)
        ) and time.monotonic() - began < AT_MOST:
            now = self.observe()
            if now["wedged"] and recorded and not recorded["wedged"]:
                self.mark = len(self.operator.log)  # a try that was under way when the step was done
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.1)
        return seen


BASE = {"global": {"host": "https://wandb.example.com", "license": "license-text"}}


def values(**more):
    return {**BASE, **more}


SCENARIOS = {
    "install": [
        ("create", lambda w: w.apply(values=values())),
        ("nothing changes", lambda w: w.kubectl("-n", w.namespace, "annotate", KIND, "wandb", "a=b")),
        ("change a value", lambda w: w.apply(values=values(app={"replicas": 2}))),
        ("delete", lambda w: w.delete()),
    ],
    "levels": [
        (
            "create",
            lambda w: (
                w.offer(
                    values={
                        "global": {"size": "small", "host": "from the channel"},
                        "ingress": {"additionalHosts": ["chan1"]},
                    },
                    metadata={"id": "1"},
                ),
                w.apply(values=values(ingress={"additionalHosts": ["cr1"]})),
            ),
        ),
        (
            "the console adds",
            lambda w: w.console(
                {"global": {"size": "large", "extraEnv": {"A": "1"}}, "ingress": {"additionalHosts": ["user1"]}}
            ),
        ),
        (
            "the console pins a release",
            lambda w: (
                w.channel.releases.update(
                    {"77": {"chart": {"path": str(w.chart)}, "values": {"app": {"replicas": 2}}}}
                ),
                w.console({"_releaseId": "77"}),
            ),
        ),
        (
            "the channel is down",
            lambda w: (w.channel.failures.extend([503] * 5), w.console({}), setattr(w, "still", RETRIES)),
        ),
        ("delete", lambda w: w.delete()),
    ],
    "license by reference": [
        (
            "create",
            lambda w: (
                w.kubectl(
                    "-n", w.namespace, "create", "secret", "generic", "lic", "--from-literal=key=from-the-secret"
                ),
                w.apply(values={"global": {"licenseSecret": {"name": "lic", "key": "key"}}}),
            ),
        ),
        ("delete", lambda w: w.delete()),
    ],
    "kind mismatch": [
        ("create", lambda w: (w.offer(values={"global": {"mysql": {"port": 3306}}}), w.apply(values=values()))),
        (
            "write a text over a number",
            lambda w: w.apply(values={"global": {**BASE["global"], "mysql": {"port": "3306"}}}),
        ),
        ("delete", lambda w: w.delete()),
        ("mend it", lambda w: w.patch({"op": "replace", "path": "/spec/values/global/mysql/port", "value": 3306})),
    ],
    "kind mismatch from the start": [
        ("create", lambda w: (w.offer(values={"app": {"replicas": 1}}), w.apply(values=values(app={"replicas": "1"})))),
        ("delete", lambda w: w.delete()),
    ],
    "null in the custom resource": [
        ("create", lambda w: (w.offer(values={"app": {"replicas": 1}}), w.apply(values=values()))),
        ("null over a value", lambda w: w.patch({"op": "add", "path": "/spec/values/app", "value": None})),
        ("delete", lambda w: w.delete()),
        ("mend it", lambda w: w.patch({"op": "remove", "path": "/spec/values/app"})),
    ],
    "null in the console": [
        ("create", lambda w: (w.offer(values={"app": {"replicas": 1}}), w.apply(values=values()))),
        ("null over a value", lambda w: w.console({"app": None})),
        ("mend it", lambda w: w.console({})),
    ],
    "no chart anywhere": [
        ("create", lambda w: (setattr(w.channel, "offer", {"chart": None, "values": {}}), w.apply(values=values()))),
        ("delete", lambda w: w.delete()),
    ],
    "a chart that is not there": [
        ("create", lambda w: w.apply(chart={"path": "/nonexistent/chart.tgz"}, values=values())),
        ("delete", lambda w: w.delete()),
    ],
    "a chart of no form": [
        ("create", lambda w: w.apply(chart={"version": "1.2.3"}, values=values())),
        ("delete", lambda w: w.delete()),
    ],
    "a chart that fails": [
        ("create", lambda w: w.apply(values=values(app={"replicas": "many"}))),
        ("mend it", lambda w: w.apply(values=values(app={"replicas": 1}))),
        ("delete", lambda w: w.delete()),
    ],
    "a broken console Secret": [
        (
            "create",
            lambda w: (
                w.kubectl(
                    "-n", w.namespace, "create", "secret", "generic", "wandb-spec-user", "--from-literal=values={}"
                ),
                w.apply(values=values()),
            ),
        ),
        ("delete", lambda w: w.delete()),
    ],
}


def play(name, kubectl, helm, kubeconfig, directory, transcript=None):
    """Plays a scenario in a world of its own; returns its transcript. `transcript` is the one it is expected to be."""
    awaited = {
        entry["step"]: {key: value for key, value in entry.items() if key != "step"} for entry in transcript or []
    }
    with World(kubectl, helm, kubeconfig, directory) as world:
        return [{"step": step, **world.settle(action, awaited.get(step))} for step, action in SCENARIOS[name]]


def encode(transcript):
    return json.dumps(transcript, indent=1, sort_keys=True) + "\n"


def file_name(name):
    return name.replace(" ", "-") + ".json"
