# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests stand on: a cluster, the real command line tools, and the provider under test.

Fixtures
  cluster          a Kubernetes cluster for the whole run, one for each process of pytest-xdist
                   (cluster.kubeconfig, cluster.context(...), cluster.ask(...), cluster.audit())
  namespace        a fresh namespace for one test, deleted after it
  kubectl          kubectl("get", "pods") -> stdout; kubectl.json(...) -> object; kubectl.apply(object or text)
  crd              the custom resource definition of instances is there
  world            a namespace with a running operator and a release channel (class World of operator/scenarios.py)
  helm3, helm4     helm3("list", "-A") -> stdout; helm3.json(...) adds -o json
  terraform        a working directory and the real terraform 1.11 in it (class Terraform)
  any_terraform    the same, once for each of terraform 1.11, terraform 1.15 and OpenTofu
  make_terraform   a function that makes more of them: make_terraform("tofu", mirror=True)
  host             a function that starts the tiny provider of tests/shim: host(tls=False, TF_LOG="trace") -> Host
  leaks            what watches all of these for secrets, see leaks.py; leaks.allow(...) where one may show

The environment variables of tests/run: WANDB_PROVIDER names the provider executable (default: the newest below
build/), WANDB_TEST_KUBECONFIG a cluster started by tests/cluster/up to use instead of a fresh one (never any
other cluster: the tests write to it freely).
"""

import os
import pathlib
import secrets
import time

import pytest

import channel as channels
import chart_servers
import running
import scenarios
import tools
from cluster import Cluster, kubectl_for, start_cluster, stop_cluster
from commands import Tool, clean_environment
from durations import Durations
from leaks import Leaks
from predecessors import stand_in
from release_door import Door
from shim_host import Host
from terraform import ADDRESSES, CLIS, Terraform, sanitized
from tools import ROOT


def pytest_configure(config):
    config.pluginmanager.register(Durations(config))


def pytest_collection_modifyitems(config, items):
    if not os.environ.get("WANDB_TEST_FULL"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full")])
        items[:] = [item for item in items if not item.get_closest_marker("full")]


# ---- the cluster ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    if given := os.environ.get("WANDB_TEST_KUBECONFIG"):
        yield Cluster(given)
        return
    directory = tmp_path_factory.mktemp("cluster") / "state"
    yield start_cluster(directory)
    stop_cluster(directory)


@pytest.fixture
def leaks(request):
    """Fails the test when a secret of it shows anywhere; torn down after everything that it looks at."""
    watch = Leaks()
    if "cluster" in request.fixturenames:
        watch.watch_cluster(request.getfixturevalue("cluster"))
    yield watch
    if found := watch.end():
        pytest.fail(found, pytrace=False)


@pytest.fixture
def kubectl(cluster, tmp_path, leaks):
    tool = kubectl_for(cluster.kubeconfig, tmp_path)
    tool.leaks = leaks
    return tool


@pytest.fixture
def namespace(cluster, kubectl, leaks):
    name = f"test-{secrets.token_hex(4)}"
    with cluster.connect() as connection:
        status, answer = cluster.ask(connection, "POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert status == 201, answer
        while cluster.ask(connection, "GET", f"/api/v1/namespaces/{name}/serviceaccounts/default")[0] == 404:
            time.sleep(0.01)  # no pod can be made before
    yield name
    leaks.namespace(name)
    with cluster.connect() as connection:
        kinds, _ = cluster.ask(connection, "GET", "/apis/apps.wandb.com")
        status, answer = cluster.ask(connection, "GET", f"/apis/apps.wandb.com/v1/namespaces/{name}/weightsandbiases")
        if kinds != 404 and (status != 200 or answer["items"]):
            # instances first and for good: an operator that another test destroys refuses to go while any exists
            kubectl.run("-n", name, "delete", "weightsandbiases", "--all", "--timeout=10s", expect=None)
        status, answer = cluster.ask(connection, "DELETE", f"/api/v1/namespaces/{name}")
        assert status in (200, 202, 404, 409), answer


def helm_for(name, cluster, home):
    folders = {f"HELM_{kind}_HOME": home / f"{name}-{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")}
    return Tool(tools.get(name), clean_environment(KUBECONFIG=cluster.kubeconfig, HOME=home, **folders))


@pytest.fixture
def helm3(cluster, tmp_path):
    return helm_for("helm3", cluster, tmp_path)


@pytest.fixture
def helm4(cluster, tmp_path):
    return helm_for("helm4", cluster, tmp_path)


# ---- what is in the cluster ------------------------------------------------------------------------


@pytest.fixture
def crd(cluster, kubectl):
    """The custom resource definition, which all tests of instances share."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/weightsandbiases.apps.wandb.com"
    with cluster.connect() as connection:
        status, answer = cluster.ask(
            connection,
            "PATCH",
            f"{path}?fieldManager=kubectl&force=true",
            running.CRD.read_bytes(),
            "application/apply-patch+yaml",
        )
    assert status in (200, 201), answer
    established = [each["status"] for each in answer["status"]["conditions"] or [] if each["type"] == "Established"]
    if established != ["True"] or "deletionTimestamp" in answer["metadata"]:
        kubectl.established("weightsandbiases.apps.wandb.com")


@pytest.fixture
def world(cluster, kubectl, tmp_path):
    """A namespace with an operator, a release channel and what they need to reconcile an instance."""
    with scenarios.World(kubectl, tools.get("helm4"), cluster.kubeconfig, tmp_path) as world:
        yield world


@pytest.fixture
def repository(tmp_path):
    """A chart repository with two versions of the operators' test chart: its `url`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for version in ("0.43.8", "0.44.0"):
        channels.pack(folder, version)
    chart_servers.helm("helm4", tmp_path)("repo", "index", folder)
    web = chart_servers.Web(folder)
    yield web
    web.close()


# ---- the provider and terraform ------------------------------------------------------------------


@pytest.fixture(scope="session")
def provider():
    """The provider executable under test."""
    if given := os.environ.get("WANDB_PROVIDER"):
        candidates = [pathlib.Path(given)]
    else:
        candidates = sorted(
            ROOT.glob("build/*/terraform-provider-wandb"), key=lambda path: path.stat().st_mtime, reverse=True
        )
    found = next((path for path in candidates if os.access(path, os.X_OK)), None)
    if not found:
        pytest.fail(f"no provider executable ({candidates or 'none below build/'}); `tests/run e2e` builds it")
    return found.resolve()


@pytest.fixture
def door(cluster):
    """An API server in front of the cluster's, for what the real one can not be made to do."""
    door = Door(cluster)
    yield door
    door.shutdown()
    door.server_close()


@pytest.fixture
def sanitizer_log(tmp_path):
    """Where sanitizers write; whatever a sanitized provider reports there fails the test,
    even when terraform hid it."""
    folder = tmp_path / "sanitizers"
    folder.mkdir()
    yield folder
    reports = {path.name: path.read_text(errors="replace") for path in folder.iterdir() if path.stat().st_size}
    if reports:
        pytest.fail("\n".join(f"{name}:\n{text[:6000]}" for name, text in reports.items()), pytrace=False)


@pytest.fixture
def make_terraform(request, tmp_path, sanitizer_log, leaks):
    made = []

    def make(
        cli="terraform-1.11",
        *,
        mirror=False,
        name=None,
        with_provider=True,
        executable=None,
        addresses=ADDRESSES,
        **environment,
    ):
        """`executable` and `addresses` name another provider than the one under test;
        other keywords are environment variables."""
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        directory = tmp_path / (name or f"work{len(made)}")
        variables = sanitized(clean_environment(HOME=home, **environment), sanitizer_log)
        if with_provider and not executable:
            executable = request.getfixturevalue("provider")
        made.append(Terraform(cli, directory, executable, variables, leaks, mirror=mirror, addresses=addresses))
        return made[-1]

    return make


@pytest.fixture
def terraform(make_terraform, cluster):
    return make_terraform(KUBE_CONFIG_PATH=cluster.kubeconfig)


@pytest.fixture(params=CLIS)
def any_terraform(request, make_terraform, cluster):
    return make_terraform(request.param, KUBE_CONFIG_PATH=cluster.kubeconfig)


# ---- the shim alone --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shim_echo():
    path = pathlib.Path(
        os.environ.get("SHIM_ECHO")
        or pathlib.Path(os.environ.get("BUILD_DIR", "build")) / "shim_echo" / "terraform-provider-echo"
    )
    if not path.exists():
        pytest.fail(f"{path} is missing: build the target shim_echo and set BUILD_DIR")
    return str(path.resolve())


@pytest.fixture
def host(shim_echo, tmp_path):
    hosts = []

    def start(**options):
        hosts.append(Host(shim_echo, tmp_path, **options))
        return hosts[-1]

    yield start
    for each in hosts:
        each.close()
        assert "Sanitizer" not in each.stderr, each.stderr


@pytest.fixture
def peers(make_terraform, cluster):
    """A function that makes a working directory whose state may name the other providers."""

    def make(cli="terraform-1.11"):
        return stand_in(make_terraform(cli, KUBE_CONFIG_PATH=cluster.kubeconfig))

    return make
