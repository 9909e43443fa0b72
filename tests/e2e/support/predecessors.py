# SPDX-License-Identifier: Apache-2.0
"""States that other providers left, as recordings: hashicorp/helm 2.17 and 3.1 with W&B's module, hashicorp/kubernetes
2.38, gavinbunney and alekc kubectl, made with planted secrets (golden/migration).

Terraform starts every provider that a state names, to ask for its schema, and asks it nothing else once its objects
have moved: the provider under test is started in their stead."""

import json
import pathlib

from tools import TESTS

STATES = TESTS / "golden" / "migration"
HELM = {
    "2.17": "helm-2.17.0_terraform-helm-wandb-3.0.0_tf-1.11.4",
    "3.1": "helm-3.1.2_terraform-helm-wandb-4-ported_tf-1.11.4",
}
PROVIDERS = ("hashicorp/helm", "hashicorp/kubernetes", "gavinbunney/kubectl", "alekc/kubectl")


def recorded(name, kind, resource):
    """One resource of a recorded state, and its attributes."""
    state = json.loads((STATES / f"{name}.json").read_text())
    (found,) = (each for each in state["resources"] if (each["type"], each["name"]) == (kind, resource))
    return found, found["instances"][0]["attributes"]


def keep(terraform, *resources):
    """Makes the resources the state of a working directory."""
    state = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "moved", "outputs": {}}
    if terraform.cli == "tofu":
        for resource in resources:
            resource["provider"] = resource["provider"].replace("registry.terraform.io", "registry.opentofu.org")
    (terraform.directory / "terraform.tfstate").write_text(json.dumps({**state, "resources": list(resources)}))


def address(resource):
    index = resource["instances"][0].get("index_key")
    module = f"{resource['module']}." if "module" in resource else ""
    return f"{module}{resource['type']}.{resource['name']}" + ("" if index is None else f"[{json.dumps(index)}]")


def stand_in(terraform):
    """Lets the working directory's Terraform start the provider under test for the others."""
    folder = pathlib.Path(f"{terraform.directory}.provider")
    for name in ("helm", "kubernetes", "kubectl"):
        (folder / f"terraform-provider-{name}").symlink_to(terraform.provider)
    lines = "\n".join(
        f'    "{registry}/{provider}" = "{folder}"'
        for registry in ("registry.terraform.io", "registry.opentofu.org")
        for provider in PROVIDERS
    )
    text = terraform.settings.read_text()
    terraform.settings.write_text(text.replace("dev_overrides {\n", f"dev_overrides {{\n{lines}\n", 1))
    return terraform
