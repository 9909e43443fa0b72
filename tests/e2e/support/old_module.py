# SPDX-License-Identifier: Apache-2.0
"""What the Terraform module of before the operator left in a cluster: recorded objects, and variants of them."""

import base64
import copy
import json

from leaks import planted
from tools import TESTS

OBJECTS = json.loads((TESTS / "e2e" / "legacy" / "module-1.12.0.json").read_text())
MYSQL, LICENSE = planted("legacy-mysql"), planted("legacy-license")


def module(namespace, name="wandb", env=None, secrets=None, config=None):
    """The module's objects with other variables, keys of the Secret and of the ConfigMap;
    None takes a variable away."""
    objects = copy.deepcopy(OBJECTS)
    for each in objects:
        each["metadata"]["namespace"] = namespace
        each["metadata"]["name"] = name
    deployment, config_map, secret = objects
    spec = deployment["spec"]["template"]["spec"]
    spec["priorityClassName"] = ""
    deployment["spec"]["selector"]["matchLabels"]["app"] = deployment["spec"]["template"]["metadata"]["labels"][
        "app"
    ] = name
    container = spec["containers"][0]
    spec["volumes"][0]["configMap"]["name"] = name
    for item in container["env"]:
        if "valueFrom" in item:
            item["valueFrom"]["secretKeyRef"]["name"] = name
    for key, text in (env or {}).items():
        container["env"] = [item for item in container["env"] if item["name"] != key]
        container["env"] += (
            [] if text is None else [{"name": key, **(text if isinstance(text, dict) else {"value": text})}]
        )
    for key, text in (secrets or {}).items():
        if not any(item["name"] == key for item in container["env"]):
            container["env"].append({"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}})
        secret["data"][key] = base64.b64encode(text.encode()).decode()
    config_map["data"].update(config or {})
    return objects
