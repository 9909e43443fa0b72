# SPDX-License-Identifier: Apache-2.0
"""The whole path: terraform apply installs the operator and an instance on a real API server."""

import json

import pytest

from leaks import planted
from resources import CHART, instance, operator
from terraform import diagnostics


def live_spec(kubectl, namespace, name="wandb"):
    return kubectl.json("-n", namespace, "get", "weightsandbiases", name)["spec"]


def test_operator_and_instance_in_one_apply(any_terraform, kubectl, helm3, helm4, namespace):
    """Also where the CRD does not exist at plan time: only this test's run may delete it, so it does not try to."""
    terraform = any_terraform
    terraform.write(
        terraform.header() + operator(namespace) + instance(namespace, more="depends_on = [wandb_operator.this]")
    )
    terraform.apply()
    deployment = kubectl.json("-n", namespace, "get", "deployment", f"{namespace}-controller-manager")
    assert deployment["status"]["availableReplicas"] == 1
    assert deployment["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
    assert live_spec(kubectl, namespace)["values"]["global"]["mysql"]["port"] == 3306
    for helm in (helm3, helm4):
        (release,) = helm.json("list", "-n", namespace)
        assert (release["name"], release["status"], release["revision"]) == ("operator", "deployed", "1")
        assert "kind: Deployment" in helm("get", "manifest", "operator", "-n", namespace)
    plan = terraform.plan()
    assert plan.empty, plan.text
    terraform.destroy()
    assert kubectl.run("-n", namespace, "get", "weightsandbiases", "wandb", expect=(1,)).code == 1
    assert helm3.json("list", "-n", namespace) == []


def test_release_is_upgraded_and_uninstalled_by_helm(terraform, kubectl, helm3, namespace):
    terraform.write(terraform.header() + operator(namespace))
    terraform.apply()
    terraform.write(terraform.header() + operator(namespace).replace("1.22.0", "1.23.0"))
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["update"]}
    terraform.apply()
    assert [each["status"] for each in helm3.json("history", "operator", "-n", namespace)] == ["superseded", "deployed"]
    image = kubectl(
        "-n",
        namespace,
        "get",
        "deployment",
        f"{namespace}-controller-manager",
        "-o",
        "jsonpath={.spec.template.spec.containers[0].image}",
    )
    assert image.endswith(":1.23.0")
    helm3("uninstall", "operator", "-n", namespace, "--wait")
    assert kubectl.json("-n", namespace, "get", "deployments")["items"] == []
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["create"]}
    assert "is gone" in plan.text


def test_packed_chart(terraform, helm3, kubectl, namespace, tmp_path):
    helm3("package", CHART, "-d", tmp_path)
    (packed,) = tmp_path.glob("operator-*.tgz")
    terraform.write(terraform.header() + operator(namespace, chart=packed))
    terraform.apply()
    assert terraform.plan().empty
    assert terraform.resources()["wandb_operator.this"]["chart_digest"].startswith("sha256:")


def test_changed_local_chart_is_noticed(terraform, namespace, tmp_path):
    import shutil

    chart = tmp_path / "chart"
    shutil.copytree(CHART, chart)
    terraform.write(terraform.header() + operator(namespace, chart=chart))
    terraform.apply()
    assert terraform.plan().empty
    with open(chart / "templates" / "access.yaml", "a") as template:
        template.write("\n# a change without a new version\n")
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    terraform.apply()
    assert terraform.plan().empty


# ---- drift -----------------------------------------------------------------------------------------

PATCHES = {
    "changed": ({"spec": {"values": {"global": {"size": "large"}}}}, "spec.values.global.size", '"small"', '"large"'),
    "removed": ({"spec": {"values": {"global": {"size": None}}}}, "spec.values.global.size", '"small"', "absent"),
    "added": ({"spec": {"values": {"global": {"debug": True}}}}, "spec.values.global.debug", "absent", "true"),
    "type": (
        {"spec": {"values": {"global": {"mysql": {"port": "3306"}}}}},
        "spec.values.global.mysql.port",
        "3306",
        '"3306"',
    ),
    "list": (
        {"spec": {"values": {"ingress": {"additionalHosts": ["a.example.com"]}}}},
        "spec.values.ingress.additionalHosts[1]",
        '"b.example.com"',
        "absent",
    ),
}


@pytest.mark.parametrize("change", PATCHES)
def test_instance_drift_is_named_and_repaired(terraform, kubectl, crd, namespace, change):
    patch, path, wanted, found = PATCHES[change]
    terraform.write(terraform.header() + instance(namespace))
    terraform.apply()
    before = live_spec(kubectl, namespace)
    kubectl("-n", namespace, "patch", "weightsandbiases", "wandb", "--type", "merge", "-p", json.dumps(patch))
    plan = terraform.plan()
    assert plan.code == 2 and plan.changes == {"wandb_instance.this": ["update"]}
    (warning,) = plan.warnings
    writer = "written by kubectl-patch at 20" if change != "removed" else "by whom the server does not record"
    assert f"{path}: wanted {wanted}, found {found}, {writer}" in warning["detail"]
    text = terraform.plan_text()
    assert "~ spec" in text and path.rsplit(".", 1)[-1].split("[")[0] in text
    terraform.apply()
    assert live_spec(kubectl, namespace) == before
    assert terraform.plan().empty


def test_deleted_instance_is_created_again(terraform, kubectl, crd, namespace):
    terraform.write(terraform.header() + instance(namespace))
    terraform.apply()
    kubectl("-n", namespace, "delete", "weightsandbiases", "wandb")
    plan = terraform.plan()
    assert plan.changes == {"wandb_instance.this": ["create"]}
    assert f"Deleted outside of Terraform: WeightsAndBiases/{namespace}/wandb" in plan.text
    terraform.apply()
    assert terraform.plan().empty


def test_report_only(terraform, kubectl, crd, namespace):
    terraform.write(terraform.header() + instance(namespace, more='drift = "report"'))
    terraform.apply()
    kubectl(
        "-n",
        namespace,
        "patch",
        "weightsandbiases",
        "wandb",
        "--type",
        "merge",
        "-p",
        json.dumps({"spec": {"values": {"global": {"size": "large"}}}}),
    )
    plan = terraform.plan()
    assert plan.code == 0, plan.text
    assert "spec.values.global.size: wanted" in plan.warnings[0]["detail"]


def test_operator_drift(terraform, kubectl, namespace):
    """The controller's image, an added variable, a removed label, the Deployment itself, its service account."""
    terraform.write(terraform.header() + operator(namespace))
    terraform.apply()
    name = f"{namespace}-controller-manager"
    assert terraform.plan().empty
    kubectl("-n", namespace, "set", "image", f"deployment/{name}", "*=wandb/controller:evil")
    plan = terraform.plan()
    assert plan.changes == {"wandb_operator.this": ["update"]}
    (warning,) = plan.warnings
    assert "image: wanted" in warning["detail"] and "written by kubectl-set" in warning["detail"]
    terraform.apply()
    assert terraform.plan().empty
    kubectl("-n", namespace, "set", "env", f"deployment/{name}", "DEBUG=1")
    plan = terraform.plan()
    assert plan.code == 2 and "DEBUG" in plan.warnings[0]["detail"]
    terraform.apply()
    assert "DEBUG" not in kubectl("-n", namespace, "get", "deployment", name, "-o", "yaml")
    kubectl("-n", namespace, "delete", "deployment", name)
    plan = terraform.plan()
    assert (
        plan.code == 2 and f"Deployment/{namespace}/{name}: wanted present, found absent" in plan.warnings[0]["detail"]
    )
    terraform.apply()
    kubectl("-n", namespace, "get", "deployment", name)
    assert terraform.plan().empty


# ---- no drift ---------------------------------------------------------------------------------------

SPELLINGS = {
    "literals": '{ values = { a = "x", b = [1, 2], c = { d = true } } }',
    "yamldecode": 'yamldecode("values:\\n  a: x\\n  b: [1, 2]\\n  c: {d: true}\\n")',
    "jsondecode": 'jsondecode("{\\"values\\":{\\"a\\":\\"x\\",\\"b\\":[1,2],\\"n\\":null}}")',
    "merge": "{ values = merge({ a = 1 }, { b = { c = [] } }) }",
    "tolist": '{ values = { l = tolist(["a", "b"]), n = tolist([1, 2]) } }',
    "toset": '{ values = { s = toset(["b", "a", "c"]) } }',
    "tomap": '{ values = { m = tomap({ x = "1", y = "2" }) } }',
    "nulls": "{ values = { a = null, b = { c = null }, d = [null, 1] } }",
    "empty": '{ values = { l = [], m = {}, s = "" } }',
    "number or string": '{ values = { a = 3306, b = "3306" } }',
    "fraction": "{ values = { a = 0.1, b = 1e3, c = 2.5 } }",
    "2^53+1": "{ values = { a = 9007199254740993 } }",
    "huge": "{ values = { a = 1e30 } }",
    "unicode": '{ values = { "schlüssel" = "wört ☃ 𝄞" } }',
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_drift_however_it_is_written(terraform, crd, namespace, spelling):
    more = 'labels = { team = null, tier = "one" }\n  annotations = {}' if spelling == "nulls" else ""
    terraform.write(terraform.header() + instance(namespace, spec=SPELLINGS[spelling], more=more))
    terraform.apply()
    for _ in range(10 if spelling == "literals" else 2):
        plan = terraform.plan()
        assert plan.empty and not plan.warnings, plan.text


# ---- refusals -----------------------------------------------------------------------------------------


def test_existing_instance_is_not_overwritten(terraform, kubectl, crd, namespace):
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "wandb", "namespace": namespace},
            "spec": {"values": {"mine": True}},
        }
    )
    terraform.write(terraform.header() + instance(namespace))
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "exists already" in error["summary"] + error["detail"] and "adopt = true" in error["detail"]
    assert live_spec(kubectl, namespace) == {"values": {"mine": True}}
    terraform.write(terraform.header() + instance(namespace, more="adopt = true"))
    terraform.apply()
    assert "mine" not in live_spec(kubectl, namespace)["values"]
    assert terraform.plan().empty


def test_import_gives_an_empty_plan(any_terraform, kubectl, crd, namespace):
    terraform = any_terraform
    terraform.write(terraform.header() + instance(namespace))
    spec = {
        "values": {
            "global": {
                "host": "https://wandb.example.com",
                "size": "small",
                "mysql": {"host": "mysql.example.com", "port": 3306},
            },
            "ingress": {"additionalHosts": ["a.example.com", "b.example.com"]},
        }
    }
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "wandb", "namespace": namespace},
            "spec": spec,
        }
    )
    terraform.import_("wandb_instance.this", f"{namespace}/wandb")
    plan = terraform.plan()
    assert not plan.changes or plan.change("wandb_instance.this")["after"]["wait_for"] == "none"


def test_operator_stays_while_instances_exist(terraform, kubectl, namespace):
    terraform.write(terraform.header() + operator(namespace))
    terraform.apply()
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "left", "namespace": namespace, "finalizers": ["finalizer.app.wandb.com"]},
            "spec": {},
        }
    )
    result = terraform.destroy(expect=(1,))
    assert f"{namespace}/left" in result.stdout + result.stderr
    kubectl("-n", namespace, "get", "deployment", f"{namespace}-controller-manager")
    let_go = ["patch", "weightsandbiases", "left", "--type", "merge", "-p", '{"metadata": {"finalizers": null}}']
    kubectl("-n", namespace, *let_go)  # by whoever serves it instead
    terraform.destroy()
    kubectl("-n", namespace, "delete", "weightsandbiases", "left")


def test_secrets_stay_out(terraform, kubectl, crd, namespace):
    secret, other = planted("password"), planted("other")
    more = (
        'license_wo = "%s-license"\n  secret_values_wo = { values = { global = { mysql = { password = "%s" } } } }'
        % (secret, secret)
    )
    terraform.write(terraform.header() + instance(namespace, more=more))
    terraform.traced(terraform.apply)
    values = live_spec(kubectl, namespace)["values"]
    assert values["global"]["license"] == f"{secret}-license" and values["global"]["mysql"]["password"] == secret
    plan = terraform.plan()
    assert plan.empty, plan.text
    terraform.write(terraform.header() + instance(namespace, more=more.replace(secret, other)))
    assert terraform.plan().changes == {"wandb_instance.this": ["update"]}
    terraform.apply()
    assert live_spec(kubectl, namespace)["values"]["global"]["mysql"]["password"] == other
    kubectl(
        "-n",
        namespace,
        "patch",
        "weightsandbiases",
        "wandb",
        "--type",
        "merge",
        "-p",
        json.dumps({"spec": {"values": {"global": {"license": planted("edited")}}}}),
    )
    plan = terraform.plan()
    assert plan.code == 2 and "spec.values.global.license: wanted (sensitive)" in plan.warnings[0]["detail"]
