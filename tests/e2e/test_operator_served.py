# SPDX-License-Identifier: Apache-2.0
"""Which instances keep an operator's release from being destroyed: those that it serves, and no others."""

import json

import pytest

from release_charts import release, write_chart
from resources import operator

HELD = ["finalizer.app.wandb.com"]


@pytest.fixture
def elsewhere(kubectl, namespace, crd):
    """An instance of another namespace that waits for an operator."""
    other = f"{namespace}-other"
    kubectl("create", "namespace", other)
    kubectl.apply(
        {
            "apiVersion": "apps.wandb.com/v1",
            "kind": "WeightsAndBiases",
            "metadata": {"name": "theirs", "namespace": other, "finalizers": HELD},
            "spec": {},
        }
    )
    yield other
    let_go = ["patch", "weightsandbiases", "theirs", "--type", "merge", "-p", '{"metadata": {"finalizers": null}}']
    kubectl("-n", other, *let_go)
    kubectl("delete", "namespace", other, "--wait=false")


def test_an_operator_of_all_namespaces_stays(terraform, namespace, elsewhere):
    terraform.write(terraform.header() + operator(namespace))
    terraform.apply()
    result = terraform.destroy(expect=(1,))
    assert f"{elsewhere}/theirs" in result.stdout + result.stderr
    assert "terraform untaint" in " ".join((result.stdout + result.stderr).replace("│", " ").split())


def test_an_isolated_operator_goes(terraform, namespace, elsewhere):
    isolated = "namespaceIsolation = { enabled = true }\n    image ="
    terraform.write(terraform.header() + operator(namespace).replace("image =", isolated))
    terraform.apply()
    terraform.destroy()


def test_a_chart_that_is_no_operator_goes(terraform, namespace, elsewhere, tmp_path):
    terraform.write(terraform.header() + release(namespace, write_chart(tmp_path / "chart"), more="wait = false"))
    terraform.apply()
    terraform.destroy()


def test_who_may_act_in_one_namespace_destroys_what_they_installed(
    make_terraform, cluster, kubectl, namespace, elsewhere, tmp_path
):
    kubectl.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "tenant", "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "name": f"tenant-{namespace}"}],
        }
    )
    config = json.loads(cluster.kubeconfig.read_text())
    for user in config["users"]:
        user["user"]["as"] = f"tenant-{namespace}"
    path = tmp_path / "kubeconfig-as"
    path.write_text(json.dumps(config))
    terraform = make_terraform(KUBE_CONFIG_PATH=path)
    isolated = "namespaceIsolation = { enabled = true }\n    image ="
    more = 'create_namespace = false\n  crds = "skip"'
    terraform.write(terraform.header() + operator(namespace, more).replace("image =", isolated))
    terraform.apply()
    terraform.destroy()
