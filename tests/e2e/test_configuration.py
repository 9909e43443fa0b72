# SPDX-License-Identifier: Apache-2.0
"""Every way to name a cluster and to authenticate, through the real terraform; and what a log of it shows."""

import json
import os
import pathlib
import stat
import subprocess

import pytest

from resources import instance
from terraform import diagnostics


@pytest.fixture
def files(cluster):
    keys = cluster.directory / "keys"
    return {
        "ca": cluster.ca.read_text(),
        "cert": (keys / "admin.crt").read_text(),
        "key": (keys / "admin.key").read_text(),
    }


def here(text):
    return json.dumps(text).replace("${", "$${")


def works(terraform, namespace):
    terraform.write(instance(namespace), "instance.tf")
    terraform.apply()
    plan = terraform.plan()
    assert plan.empty, plan.text


def test_host_ca_and_token(make_terraform, cluster, crd, files, namespace):
    terraform = make_terraform()
    terraform.write(
        terraform.header(f'''  kubernetes = {{
    host = "{cluster.server}"
    cluster_ca_certificate = {here(files["ca"])}
    token = "{cluster.token()}"
  }}''')
    )
    works(terraform, namespace)
    state = (terraform.directory / "terraform.tfstate").read_text()
    assert cluster.token() not in state


def test_client_certificate(make_terraform, cluster, crd, files, namespace):
    terraform = make_terraform()
    terraform.write(
        terraform.header(f'''  kubernetes = {{
    host = "{cluster.server}"
    cluster_ca_certificate = {here(files["ca"])}
    client_certificate = {here(files["cert"])}
    client_key = {here(files["key"])}
  }}''')
    )
    works(terraform, namespace)


def test_config_path_and_context(make_terraform, cluster, crd, namespace):
    terraform = make_terraform()
    terraform.write(
        terraform.header(f'  kubernetes = {{ config_path = "{cluster.kubeconfig}", config_context = "certificate" }}')
    )
    works(terraform, namespace)


def test_config_paths_are_merged(make_terraform, cluster, crd, namespace, tmp_path):
    other = tmp_path / "other"
    other.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": []}))
    terraform = make_terraform()
    terraform.write(terraform.header(f'  kubernetes = {{ config_paths = ["{other}", "{cluster.kubeconfig}"] }}'))
    works(terraform, namespace)


@pytest.mark.parametrize("variable", ["KUBECONFIG", "KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS"])
def test_kubeconfig_from_the_environment(make_terraform, cluster, crd, namespace, variable):
    terraform = make_terraform(**{variable: cluster.kubeconfig})
    terraform.write(terraform.header())
    works(terraform, namespace)


def test_host_from_the_environment(make_terraform, cluster, crd, files, namespace):
    terraform = make_terraform(
        KUBE_HOST=cluster.server, KUBE_TOKEN=cluster.token(), KUBE_CLUSTER_CA_CERT_DATA=files["ca"]
    )
    terraform.write(terraform.header())
    works(terraform, namespace)


def plugin(tmp_path, token, version="v1beta1", code=0):
    """A credential plugin as `aws eks get-token` is one."""
    path = tmp_path / "get-token"
    answer = json.dumps(
        {"kind": "ExecCredential", "apiVersion": f"client.authentication.k8s.io/{version}", "status": {"token": token}}
    )
    path.write_text(
        f'#!/bin/sh\necho asked "$@" >> {tmp_path}/asked\n'
        f"[ {code} = 0 ] || {{ echo 'no such profile' >&2; exit {code}; }}\ncat <<'E'\n{answer}\nE\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def exec_block(cluster, files, command, version="v1beta1"):
    return f'''  kubernetes = {{
    host = "{cluster.server}"
    cluster_ca_certificate = {here(files["ca"])}
    exec = {{ api_version = "client.authentication.k8s.io/{version}", command = "{command}", args = ["eks", "get-token"] }}
  }}'''  # noqa: E501


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_credential_plugin(make_terraform, cluster, crd, files, namespace, tmp_path, version):
    terraform = make_terraform()
    terraform.write(terraform.header(exec_block(cluster, files, plugin(tmp_path, cluster.token(), version), version)))
    works(terraform, namespace)
    assert "asked eks get-token" in (tmp_path / "asked").read_text()


def test_failing_credential_plugin_says_why(make_terraform, cluster, files, namespace, tmp_path):
    terraform = make_terraform()
    terraform.write(terraform.header(exec_block(cluster, files, plugin(tmp_path, "x", code=3))))
    terraform.write(instance(namespace), "instance.tf")
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    text = error["summary"] + error["detail"]
    assert "get-token" in text and "exit code 3" in text and "no such profile" in text


def test_configuration_that_is_unknown_while_planning(any_terraform, cluster, crd, namespace):
    """The cluster is made in the same apply: planning must not need it."""
    terraform = any_terraform
    terraform.environment.pop("KUBE_CONFIG_PATH")
    terraform.write(terraform.header("  kubernetes = { config_path = terraform_data.cluster.output }"))
    terraform.write(f'resource "terraform_data" "cluster" {{ input = "{cluster.kubeconfig}" }}\n', "cluster.tf")
    terraform.write(instance(namespace), "instance.tf")
    assert terraform.plan().changes["wandb_instance.this"] == ["create"]
    terraform.apply()
    assert terraform.plan().empty


def test_no_cluster_named(make_terraform, namespace):
    terraform = make_terraform()
    terraform.write(terraform.header())
    terraform.write(instance(namespace), "instance.tf")
    assert terraform.plan().changes == {"wandb_instance.this": ["create"]}
    (error,) = diagnostics(terraform.apply_json(expect=(1,)))
    assert "config_path" in error["detail"] and "KUBECONFIG" in error["detail"]


ACCOUNT = pathlib.Path("/run/secrets/kubernetes.io/serviceaccount")


@pytest.fixture
def in_a_pod(tmp_path):
    """A function that makes a command see a folder where a pod has its service account."""
    ways = (
        "unshare --mount",
        "unshare --mount --map-root-user",
    )  # as root, or as anyone where user namespaces are allowed
    way = next(
        (way for way in ways if not subprocess.run([*way.split(), "true"], capture_output=True).returncode), None
    )

    def make(account, command):
        if not way:  # a container that allows neither: its own folder, then
            ACCOUNT.parent.mkdir(parents=True, exist_ok=True)
            ACCOUNT.symlink_to(account)
            return command
        inside = tmp_path / "inside"
        inside.write_text(
            f"#!/bin/sh\nexec {way} sh -c 'mount -t tmpfs none /run && mkdir -p {ACCOUNT} && "
            f'mount --bind {account} {ACCOUNT} && exec "$@"\' sh {command} "$@"\n'
        )
        inside.chmod(0o755)
        return inside

    yield make
    if not way:
        ACCOUNT.unlink()


def test_in_cluster(make_terraform, cluster, crd, namespace, tmp_path, in_a_pod):
    """The pod's service account is looked for at a fixed path, so terraform runs where that path is a folder of
    ours."""
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(cluster.token())
    (account / "ca.crt").write_text(cluster.ca.read_text())
    (account / "namespace").write_text(namespace)
    host, port = cluster.server.removeprefix("https://").split(":")
    terraform = make_terraform(KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port)
    terraform.executable = in_a_pod(account, terraform.executable)
    terraform.write(terraform.header())
    assert os.path.realpath("/var/run") == "/run"
    works(terraform, namespace)


def test_a_trace_shows_no_complaint_of_the_plugin(terraform, crd, namespace):
    terraform.write(terraform.header() + instance(namespace))
    _, log = terraform.traced(terraform.apply)
    complaints = [line for line in log.splitlines() if ("[WARN]" in line or "[ERROR]" in line) and "provider" in line]
    ours = [
        line for line in complaints if "terraform-provider-wandb" in line or "plugin process" in line or "stdio" in line
    ]
    # Terraform warns of every development override, and of providers that leave computed values to it
    assert not [line for line in ours if "development override" not in line], "\n".join(ours)
