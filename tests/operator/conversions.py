# SPDX-License-Identifier: Apache-2.0
"""What the webhooks of v2 make of what is written:
cases, each played in a namespace of its own, and noted as clients see it.

The notes of the real ones are kept in transcripts/v2.json (tests/operator/record-v2); ours have to give the same.
"""

import base64
import json
import re
import secrets

import webhooks

WANDB = {"hostname": "https://one.example.com", "version": "0.77.1"}
GLOBAL = {
    "host": "https://one.example.com",
    "license": "license-text",
    "size": "small",
    "imageRegistry": webhooks.REGISTRY,
}
VALUES = {"global": GLOBAL, "app": {"image": {"tag": "0.77.1"}}}


def ref(name):
    return {"name": name, "key": "k"}


def v1(**spec):
    return ("apps.wandb.com/v1", {"chart": {}, **spec})


def v2(**spec):
    return ("apps.wandb.com/v2", spec)


# name: what is written one after another; a dict is the active spec's values
CASES = {
    "the smallest": [v2(wandb=WANDB)],
    "a size": [v2(wandb=WANDB, size="small")],
    "stores of one's own": [
        v2(
            wandb=WANDB,
            mysql={"default": {"externalMysql": {"host": ref("db"), "port": ref("db"), "password": ref("db")}}},
            redis={"default": {"externalRedis": {"host": ref("r"), "port": ref("r")}}},
            objectStore={"default": {"externalObjectStore": {"bucket": ref("b")}}},
        )
    ],
    "some defaults said": [
        v2(
            wandb={
                **WANDB,
                "features": {"weave": True},
                "license": "license-text",
                "serviceAccount": {"create": False},
            },
            retentionPolicy={"onDelete": "purge"},
            tolerations=[{"key": "gpu", "operator": "Exists"}],
        )
    ],
    "a repository without a scheme": [v2(wandb={**WANDB, "manifestRepository": "registry.example.com/manifest"})],
    "a registry": [v2(wandb=WANDB, **{"global": {"imageRegistry": "registry.example.com"}})],
    "changed": [v2(wandb=WANDB), v2(wandb={**WANDB, "hostname": "https://two.example.com"})],
    "a size that needs another redis": [v2(wandb=WANDB, size="small"), v2(wandb=WANDB)],
    "v1": [v1(values=VALUES)],
    "v1 with a chart": [
        v1(values=VALUES, chart={"url": "https://charts.example.com", "name": "operator-wandb", "version": "1.2.3"})
    ],
    "v1 with an ingress": [
        v1(
            values={
                **VALUES,
                "ingress": {"class": "alb", "additionalHosts": ["two.example.com"], "annotations": {"a": "b"}},
            }
        )
    ],
    "v1 without one": [v1(values={**VALUES, "ingress": {"install": False}})],
    "v1 with a database": [
        v1(values={**VALUES, "global": {**GLOBAL, "mysql": {"host": "db", "port": 3306, "password": "hunter2"}}})
    ],
    "v1 changed": [v1(values=VALUES), v1(values={**VALUES, "global": {**GLOBAL, "host": "https://two.example.com"}})],
    "v1 changed under an active spec": [
        {**VALUES, "global": {**GLOBAL, "host": "https://active.example.com"}},
        v1(values=VALUES),
        v1(values={**VALUES, "global": {**GLOBAL, "host": "https://two.example.com"}}),
    ],
    "from v1 to v2": [v1(values=VALUES), v2(wandb=WANDB)],
    "from v2 to v1": [v2(wandb=WANDB), v1(values=VALUES)],
    "no version": [v2(wandb={"hostname": "https://one.example.com"})],
    "the latest version": [v2(wandb={**WANDB, "version": "latest"})],
    "no hostname": [v2(wandb={"version": "0.77.1"})],
    "no such size": [v2(wandb=WANDB, size="huge")],
    "no such member": [v2(wandb={**WANDB, "hostnme": "https://one.example.com"})],
    "a version of another kind": [v2(wandb={**WANDB, "version": 77})],
    "v1 without a chart": [("apps.wandb.com/v1", {"values": VALUES})],
    "v1 without a version": [v1(values={"global": GLOBAL})],
    "v1 of no such size": [v1(values={**VALUES, "global": {**GLOBAL, "size": "huge"}})],
    "v1 with no such member": [v1(values=VALUES, vlaues={})],
}


def noted(text, namespace):
    object = json.loads(text.replace(namespace, "NAMESPACE"))
    meta = object["metadata"]
    annotations = {key: value for key, value in meta.get("annotations", {}).items()}
    return {"spec": object.get("spec"), "annotations": annotations, "generation": meta["generation"]}


def refused(text, namespace):
    """Which fields a refusal is about; its words are not ours to hold."""
    return {"refused": sorted(set(re.findall(r"\.?(spec(?:\.[\w\[\]]+)+)", text.replace(namespace, "NAMESPACE"))))}


def play(name, kubectl):
    """Plays one case; returns what was to be seen after each write, in both versions."""
    namespace = f"case-{secrets.token_hex(4)}"
    kubectl("create", "namespace", namespace)
    transcript = []
    for step in CASES[name]:
        if isinstance(step, dict):
            kubectl.apply(
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": "wandb-spec-active", "namespace": namespace},
                    "data": {
                        key: base64.b64encode(json.dumps(value).encode()).decode()
                        for key, value in {"chart": None, "values": step}.items()
                    },
                }
            )
            continue
        version, spec = step
        done = kubectl.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=case",
            "-f",
            "-",
            expect=None,
            input=json.dumps(
                {
                    "apiVersion": version,
                    "kind": "WeightsAndBiases",
                    "metadata": {"name": "wandb", "namespace": namespace},
                    "spec": spec,
                }
            ),
        )
        if done.code:
            transcript.append(refused(done.stderr, namespace))
        else:
            transcript.append(
                {
                    short: noted(
                        kubectl(
                            "-n", namespace, "get", f"weightsandbiases.{short}.apps.wandb.com", "wandb", "-o", "json"
                        ),
                        namespace,
                    )
                    for short in ("v1", "v2")
                }
            )
    kubectl("-n", namespace, "delete", "weightsandbiases.v2.apps.wandb.com", "--all", "--timeout=20s")
    kubectl("delete", "namespace", namespace, "--wait=false")
    return transcript
