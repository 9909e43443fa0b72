# SPDX-License-Identifier: Apache-2.0
"""A kubeconfig that acts as somebody else does so with every single request, as the API server's audit log has it."""

import json

import pytest

from resources import instance, operator

AGENT = "terraform-provider-wandb"


@pytest.fixture
def deployers(kubectl, namespace):
    """A group with all rights, which nobody's own credential has."""
    kubectl.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "Group", "name": f"deployers-{namespace}"}],
        }
    )
    yield f"deployers-{namespace}"
    kubectl("delete", "clusterrolebinding", namespace)


def kubeconfig(cluster, folder, **impersonation):
    """The cluster's own, whose user acts as somebody else."""
    config = json.loads(cluster.kubeconfig.read_text())
    for user in config["users"]:
        user["user"].update({key.replace("_", "-"): value for key, value in impersonation.items()})
    path = folder / "kubeconfig-as"
    path.write_text(json.dumps(config))
    return path


def as_whom(cluster, since):
    """{who: requests} of the provider's requests in the audit log, and what they asked for."""
    found, asked = {}, set()
    for event in cluster.audit(AGENT, since):
        found.setdefault(json.dumps(event.get("impersonatedUser"), sort_keys=True), []).append(event["requestURI"])
        asked.add(event["requestURI"].partition("?")[0])
    return found, asked


def test_every_request_acts_as_the_other(make_terraform, cluster, kubectl, tmp_path, namespace, deployers):
    extra = {"scopes": ["view", "deploy"], "example.com/a b%": ["x"]}
    path = kubeconfig(
        cluster,
        tmp_path,
        **{"as": "release-bot", "as_uid": "42", "as_groups": [deployers, "staff"], "as_user_extra": extra},
    )
    who = json.dumps(
        {
            "username": "release-bot",
            "uid": "42",
            "groups": [deployers, "staff", "system:authenticated"],
            "extra": extra,
        },
        sort_keys=True,
    )
    terraform = make_terraform(KUBE_CONFIG_PATH=path)
    waits = instance(namespace, more='depends_on = [wandb_operator.this]\n timeouts = { create = "6s" }').replace(
        '"none"', '"accepted"'
    )
    terraform.write(terraform.header() + operator(namespace) + waits)
    since = cluster.audit_position()
    assert "timed out" in terraform.apply(expect=(1,)).stderr
    terraform.plan(expect=(2,))
    terraform.destroy()
    found, asked = as_whom(cluster, since)
    assert {whom: uris[:5] for whom, uris in found.items() if whom != who} == {}
    # discovery, version, OpenAPI's stead, lists, watches, events, logs, reviews: whatever a run asks for
    for part in (
        "/version",
        "/apis",
        "/apis/apps.wandb.com/v1",
        "/events",
        "/localsubjectaccessreviews",
        "/log",
        f"/namespaces/{namespace}/secrets",
    ):
        assert any(uri.endswith(part) for uri in asked), (part, sorted(asked))
    assert any("watch=true" in uri for uri in found[who])


@pytest.mark.parametrize(
    "impersonation, words",
    [
        ({"as_groups": ["system:masters"]}, "need `as`, the user to act as"),
        ({"as_uid": "1"}, "need `as`, the user to act as"),
        ({"as": "x", "as_groups": "system:masters"}, "as-groups holds a string; a list of texts is needed"),
        ({"as": "x", "as_user_extra": {"k": [1]}}, "holds a number"),
    ],
    ids=["groups", "uid", "type of groups", "type of extra"],
)
def test_what_cannot_be_honoured_is_refused(make_terraform, cluster, tmp_path, impersonation, words):
    terraform = make_terraform(KUBE_CONFIG_PATH=kubeconfig(cluster, tmp_path, **impersonation))
    terraform.write(terraform.header() + 'data "wandb_instance" "this" { name = "wandb" }\n')
    since = cluster.audit_position()
    assert words in " ".join(terraform.run("plan", "-no-color", expect=(1,)).stderr.replace("│", " ").split())
    assert cluster.audit(AGENT, since) == []
