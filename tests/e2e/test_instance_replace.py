# SPDX-License-Identifier: Apache-2.0
"""Two resources that name one object: a replacement with create_before_destroy, an adoption by another configuration.
Whatever is done about the one that lost it, the object stays."""

import base64
import json

import pytest

from resources import KIND, live
from terraform import diagnostics, instances, plain

OWNER = "terraform-provider-wandb/owner"
BEFORE = "lifecycle { create_before_destroy = true }"

CONFIGURATION = """
resource "wandb_instance" "{address}" {{
  name      = "{name}"
  namespace = "{namespace}"
  wait_for  = "none"
  spec      = {{ values = {{ global = {{ host = "https://{host}.example.com" }} }} }}
  {more}
}}
"""


def block(namespace, more="", *, name="wandb", host="one", address="this"):
    return CONFIGURATION.format(address=address, name=name, namespace=namespace, host=host, more=more)


def write(terraform, namespace, more="", **options):
    return terraform.write(terraform.header() + block(namespace, more, **options))


def uid(kubectl, namespace):
    return live(kubectl, namespace)["metadata"]["uid"]


def replace(terraform, how, **options):
    """Has Terraform replace the instance: by -replace, or since it is tainted."""
    if how == "taint":
        terraform.run("taint", "wandb_instance.this")
        return terraform.apply(**options)
    return terraform.apply("-replace=wandb_instance.this", **options)


def settled(terraform):
    plan = terraform.plan()
    return plan.empty and not plan.warnings


def holds(terraform, kubectl, namespace, name="wandb"):
    """The state holds one instance, and the live object is that one and belongs to it; a second plan is empty."""
    (instance,) = instances(terraform)
    state, metadata = instance["attributes"], live(kubectl, namespace, name)["metadata"]
    assert "deposed" not in instance and instance.get("status") != "tainted"
    assert (state["name"], state["uid"]) == (name, metadata["uid"])
    assert state["owner"] and state["owner"] == metadata["annotations"][OWNER]
    return settled(terraform)


@pytest.mark.parametrize("how", ["replace", "taint"])
def test_a_replacement_before_the_destroy_is_refused(any_terraform, kubectl, crd, namespace, how):
    """The name is taken by what is to be replaced; nothing is written, and the error says what is in the way."""
    terraform = write(any_terraform, namespace, BEFORE)
    terraform.apply()
    before = live(kubectl, namespace)
    text = plain(replace(terraform, how, expect=(1,)).stderr)
    assert "exists already" in text and "create_before_destroy" in text and "Nothing was changed" in text
    assert live(kubectl, namespace) == before
    if how == "taint":
        terraform.run("untaint", "wandb_instance.this")
    assert holds(terraform, kubectl, namespace)


@pytest.mark.parametrize("how", ["replace", "taint"])
def test_what_was_adopted_is_not_destroyed(any_terraform, kubectl, crd, namespace, how):
    """The replacement takes the object over; the destroy of the old half must not take it away."""
    terraform = write(any_terraform, namespace, f"adopt = true\n  {BEFORE}")
    terraform.apply()
    before = live(kubectl, namespace)
    write(terraform, namespace, f"adopt = true\n  {BEFORE}", host="two")
    result = replace(terraform, how)
    assert "Instance kept" in result.stdout and "create_before_destroy" in plain(result.stdout)
    after = live(kubectl, namespace)
    assert after["metadata"]["uid"] == before["metadata"]["uid"] == terraform.resources()["wandb_instance.this"]["uid"]
    assert after["spec"]["values"]["global"]["host"] == "https://two.example.com"
    assert holds(terraform, kubectl, namespace)
    terraform.destroy()
    assert live(kubectl, namespace) is None


def test_a_deposed_half_is_not_destroyed_later(any_terraform, kubectl, crd, namespace):
    """The run ended between the two halves: what remains in the state is destroyed by another process."""
    terraform = write(any_terraform, namespace, f"adopt = true\n  {BEFORE}")
    terraform.apply()
    (old,) = instances(terraform)
    replace(terraform, "replace")
    path = terraform.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    state["serial"] += 1
    state["resources"][0]["instances"].append({**old, "deposed": "0badc0de"})
    path.write_text(json.dumps(state))
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["delete"]}, plan.text  # the deposed one
    assert "Instance kept" in terraform.apply().stdout
    assert holds(terraform, kubectl, namespace)


def test_a_deposed_object_of_a_failed_destroy(any_terraform, kubectl, crd, namespace):
    """What could not be deleted stays in the state as deposed, and the next run deletes it."""
    terraform = write(any_terraform, namespace, f'timeouts = {{ delete = "2s" }}\n  {BEFORE}')
    terraform.apply()
    kubectl(
        "-n",
        namespace,
        "patch",
        KIND,
        "wandb",
        "--type=merge",
        "-p",
        '{"metadata":{"finalizers":["example.com/hold"]}}',
    )
    write(terraform, namespace, f'timeouts = {{ delete = "2s" }}\n  {BEFORE}', name="other")
    assert "example.com/hold" in plain(terraform.apply(expect=(1,)).stderr)
    assert sorted(each["attributes"]["name"] for each in instances(terraform)) == ["other", "wandb"]
    kubectl("-n", namespace, "patch", KIND, "wandb", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    terraform.apply()
    assert live(kubectl, namespace) is None and holds(terraform, kubectl, namespace, "other")


@pytest.mark.parametrize("adopt", ["", "adopt = true\n  "])
def test_another_name_is_replaced_as_ever(terraform, kubectl, crd, namespace, adopt):
    write(terraform, namespace, adopt + BEFORE)
    terraform.apply()
    write(terraform, namespace, adopt + BEFORE, name="other")
    terraform.apply()
    assert live(kubectl, namespace) is None and live(kubectl, namespace, "other")
    assert settled(terraform)


@pytest.mark.parametrize("more", ["", "adopt = true"])
@pytest.mark.parametrize("how", ["replace", "taint"])
def test_a_replacement_after_the_destroy(any_terraform, kubectl, crd, namespace, how, more):
    """For what is tainted Terraform hands the destroy the private state of what replaces it: nothing."""
    terraform = write(any_terraform, namespace, more)
    terraform.apply()
    before = instances(terraform)[0]["attributes"]
    assert "Instance kept" not in replace(terraform, how).stdout
    after = instances(terraform)[0]["attributes"]
    assert after["uid"] != before["uid"] and after["owner"] != before["owner"]
    assert holds(terraform, kubectl, namespace)
    terraform.destroy()
    assert live(kubectl, namespace) is None


@pytest.mark.parametrize("refresh", ["-refresh=true", "-refresh=false"])
def test_a_create_that_timed_out_is_made_anew(any_terraform, kubectl, crd, namespace, refresh):
    """Nobody reconciles the object, so it is never ready;
    it is in the state, tainted, and a plain apply replaces it."""

    def write_wait(wait):
        text = block(namespace, 'timeouts = { create = "2s" }').replace('"none"', f'"{wait}"')
        return any_terraform.write(any_terraform.header() + text)

    terraform = write_wait("accepted")
    assert "timed out" in plain(terraform.apply(expect=(1,)).stderr)
    (made,) = instances(terraform)
    assert made["status"] == "tainted" and made["attributes"]["uid"] == uid(kubectl, namespace)
    write_wait("none").apply(refresh)
    assert uid(kubectl, namespace) != made["attributes"]["uid"] and holds(terraform, kubectl, namespace)


def test_a_create_that_was_not_answered(make_terraform, door, kubectl, crd, namespace):
    """The object was made all the same; it is in the state, and the next run goes on from there."""
    door.judge = lambda number, method, path: "lose" if method == "PATCH" else None
    terraform = write(make_terraform(**door.environment()), namespace)
    terraform.apply(expect=(1,))
    (made,) = instances(terraform)
    assert made["status"] == "tainted" and made["attributes"]["uid"] == uid(kubectl, namespace)
    door.judge = lambda number, method, path: None
    terraform.run("untaint", "wandb_instance.this")
    assert holds(terraform, kubectl, namespace)
    terraform.destroy()
    assert live(kubectl, namespace) is None


def as_earlier(terraform):
    """The state as versions wrote it that knew no attribute `owner`: the token in private state."""
    path = terraform.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    state["serial"] += 1
    (instance,) = state["resources"][0]["instances"]
    private = json.loads(base64.b64decode(instance.get("private", "")) or "{}")
    private["owner"] = instance["attributes"].pop("owner")
    instance["private"] = base64.b64encode(json.dumps(private).encode()).decode()
    path.write_text(json.dumps(state))
    return private["owner"]


def test_a_state_of_an_earlier_version(any_terraform, kubectl, crd, namespace):
    terraform = write(any_terraform, namespace)
    terraform.apply()
    token = as_earlier(terraform)
    plan = terraform.plan()
    assert plan.empty and not plan.warnings, plan.text
    write(terraform, namespace, host="two").apply()
    assert instances(terraform)[0]["attributes"]["owner"] == token and holds(terraform, kubectl, namespace)
    as_earlier(terraform)
    terraform.destroy()
    assert live(kubectl, namespace) is None


@pytest.mark.parametrize("refresh", ["-refresh=true", "-refresh=false"])
def test_a_tainted_state_of_an_earlier_version(terraform, kubectl, crd, namespace, refresh):
    write(terraform, namespace).apply()
    as_earlier(terraform)
    terraform.run("taint", "wandb_instance.this")
    assert "Instance kept" not in terraform.apply(refresh).stdout
    assert holds(terraform, kubectl, namespace)


def test_a_tainted_one_that_another_took_over(make_terraform, cluster, kubectl, crd, namespace):
    """It is kept, although its own state says that it has to go."""
    one, two = (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))
    write(one, namespace).apply()
    write(two, namespace, "adopt = true").apply()
    one.run("taint", "wandb_instance.this")
    result = one.apply(expect=(1,))
    assert "Instance kept" in result.stdout and "exists already" in plain(result.stderr)
    assert holds(two, kubectl, namespace)


def test_another_configuration_takes_it_over(make_terraform, cluster, kubectl, crd, namespace):
    one, two = (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))
    write(one, namespace).apply()
    write(two, namespace, "adopt = true").apply()
    (warning,) = one.plan().warnings
    assert (
        warning["summary"] == f"Instance belongs to another resource: WeightsAndBiases/{namespace}/wandb"
        and "terraform state rm" in warning["detail"]
    )
    assert "Instance kept" in one.destroy().stdout
    assert uid(kubectl, namespace) == two.resources()["wandb_instance.this"]["uid"]
    assert settled(two)
    two.destroy()
    assert live(kubectl, namespace) is None


def test_who_wrote_last_has_it(make_terraform, cluster, kubectl, crd, namespace):
    """Also when the other one imported it, from its first write on."""
    one, two = (make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig, name=name) for name in ("one", "two"))
    write(one, namespace).apply()
    write(two, namespace).import_("wandb_instance.this", f"{namespace}/wandb")
    assert settled(one)
    write(two, namespace, host="two").apply()
    assert "Instance kept" in one.destroy().stdout and live(kubectl, namespace)
    two.destroy()
    assert live(kubectl, namespace) is None


def test_import_and_destroy(terraform, kubectl, crd, namespace):
    """Moved between states without a write: it is the importer's."""
    write(terraform, namespace).apply()
    terraform.run("state", "rm", "wandb_instance.this")
    terraform.import_("wandb_instance.this", f"{namespace}/wandb")
    assert "Instance kept" not in terraform.destroy().stdout
    assert live(kubectl, namespace) is None


def test_a_removed_token_changes_nothing(terraform, kubectl, crd, namespace):
    write(terraform, namespace).apply()
    kubectl("-n", namespace, "annotate", KIND, "wandb", f"{OWNER}-")
    assert settled(terraform)
    terraform.destroy()
    assert live(kubectl, namespace) is None


def test_the_token_is_in_object_and_state(terraform, kubectl, crd, namespace):
    def token():
        assert holds(terraform, kubectl, namespace)
        return instances(terraform)[0]["attributes"]["owner"]

    write(terraform, namespace).apply()
    first = token()
    write(terraform, namespace, host="two")
    assert terraform.plan().change("wandb_instance.this")["after"]["owner"] == first
    terraform.apply()
    assert token() == first
    write(terraform, namespace, f'annotations = {{ "{OWNER}" = "x" }}')
    (error,) = diagnostics(terraform.plan(expect=(1,)).events)
    assert f"{OWNER} is this provider's own" in error["detail"]


@pytest.mark.parametrize("adopt", ["true", "false"])
def test_what_is_being_deleted_is_not_adopted(terraform, kubectl, crd, namespace, adopt):
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "spec": {"values": {}},
            "metadata": {"name": "wandb", "namespace": namespace, "finalizers": ["example.com/hold"]},
        }
    )
    kubectl("-n", namespace, "delete", KIND, "wandb", "--wait=false")
    write(terraform, namespace, f"adopt = {adopt}")
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "is being deleted" in error["detail"]
    kubectl("-n", namespace, "patch", KIND, "wandb", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    terraform.apply()
    assert settled(terraform)
