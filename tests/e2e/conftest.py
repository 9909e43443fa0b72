# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests stand on: a cluster, the real command line tools, and the provider under test.

Fixtures
  cluster          a Kubernetes cluster for the whole run, one for each process of pytest-xdist
                   (cluster.kubeconfig, cluster.context(...), cluster.ask(...), cluster.audit())
  namespace        a fresh namespace for one test, deleted after it
  kubectl          kubectl("get", "pods") -> stdout; kubectl.json(...) -> object; kubectl.apply(object or text)
  helm3, helm4     helm3("list", "-A") -> stdout; helm3.json(...) adds -o json
  terraform        a working directory and the real terraform 1.11 in it (class Terraform)
  any_terraform    the same, once for each of terraform 1.11, terraform 1.15 and OpenTofu
  make_terraform   a function that makes more of them: make_terraform("tofu", mirror=True)
  leaks            what watches all of these for secrets, see leaks.py; leaks.allow(...) where one may show

The environment variables of tests/run: WANDB_PROVIDER names the provider executable (default: the newest below
build/), WANDB_TEST_KUBECONFIG a cluster started by tests/cluster/up to use instead of a fresh one (never any
other cluster: the tests write to it freely).
"""

import contextlib
import functools
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import ssl
import subprocess
import time

import pytest

import tools
from leaks import Leaks, planted  # noqa: F401
from release_door import Door

TESTS = pathlib.Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
# the longest first, so that no worker is left alone with one of them at the end
LONGEST = (
    "test_instance_drift",
    "test_instance_kept",
    "test_instance_replace",
    "test_instance_ready",
    "test_instance_wait",
    "test_release_crash",
    "test_foreign_release",
    "test_release_interop",
    "test_release_documents",
    "test_release_failures",
    "test_instance_v2",
    "test_provider",
    "test_operator_replace",
    "test_operator_kept",
    "test_operator_drift",
    "test_instance_secrets",
    "test_quickstart",
    "test_note",
    "test_instance_plan",
    "test_secrets",
    "test_operator_requests",
    "test_operator_sources",
    "test_operator_migration",
    "test_release_waits",
)
CLIS = ("terraform-1.11", "terraform-1.15", "tofu")
VERSION = "0.1.0"  # the version under which the mirror offers the provider
ADDRESSES = ("registry.terraform.io/wandb/wandb", "registry.opentofu.org/wandb/wandb")
# what a caller's shell may hold that would change what the tools do
FOREIGN = re.compile(
    r"(?i)^(TF_.*|KUBE.*|HELM_.*|AWS_.*|GOOGLE_.*|WANDB_(?!PROVIDER$).*|https?_proxy|no_proxy|all_proxy)$"
)


def clean_environment(**extra):
    environment = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    environment.update({name: str(value) for name, value in extra.items() if value is not None})
    return environment


def pytest_collection_modifyitems(config, items):
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))
    if not os.environ.get("WANDB_TEST_FULL"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full")])
        items[:] = [item for item in items if not item.get_closest_marker("full")]


class Failed(AssertionError):
    """A command ended with an exit code that the test did not expect."""


class Result:
    """What a command left: code, stdout, stderr."""

    def __init__(self, command, completed):
        self.command, self.code = command, completed.returncode
        self.stdout, self.stderr = completed.stdout, completed.stderr

    def expected(self, codes):
        """Itself, when it ended with one of these exit codes; None stands for any."""
        if codes is not None and self.code not in codes:
            raise Failed(str(self))
        return self

    def __str__(self):
        return f"`{' '.join(map(str, self.command))}` ended with {self.code}\n{self.stdout}{self.stderr}"


def execute(command, *, env, cwd=None, input=None, expect=(0,), timeout=300):
    """Runs a command to its end; `expect` holds the exit codes that are fine, None any."""
    completed = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        input=input,
        text=True,
        errors="replace",
        stdin=None if input is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=timeout,
    )
    return Result([pathlib.Path(command[0]).name, *command[1:]], completed).expected(expect)


class Tool:
    """A command line tool pointed at a cluster."""

    def __init__(self, executable, environment, words=()):
        self.executable, self.environment, self.words = executable, environment, words
        self.leaks = None  # of the test it belongs to

    def run(self, *words, input=None, expect=(0,), timeout=120):
        return execute(
            [self.executable, *self.words, *words], env=self.environment, input=input, expect=expect, timeout=timeout
        )

    def __call__(self, *words, **options):
        return self.run(*words, **options).stdout

    def json(self, *words, **options):
        return json.loads(self(*words, "-o", "json", **options))

    def apply(self, manifest, *words):
        """kubectl apply of an object, a list of objects, or YAML text."""
        objects = manifest if isinstance(manifest, list) else [manifest]
        text = (
            manifest
            if isinstance(manifest, str)
            else json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        )
        return self("apply", *words, "-f", "-", input=text)

    def established(self, definition):
        """Waits until a CustomResourceDefinition is served; `kubectl wait` fails where it has no conditions yet."""
        deadline = time.monotonic() + 120
        while not any(
            each["type"] == "Established" and each["status"] == "True"
            for each in self.json("get", "crd", definition).get("status", {}).get("conditions") or []
        ):
            assert time.monotonic() < deadline, f"{definition} is not established"


# ---- the cluster ---------------------------------------------------------------------------------


class Cluster:
    """A cluster of tests/cluster/up: its kubeconfig, and the directory with keys, logs and the audit log."""

    def __init__(self, kubeconfig):
        self.kubeconfig = pathlib.Path(kubeconfig)
        self.directory = self.kubeconfig.parent
        self.config = json.loads(self.kubeconfig.read_text())
        self.server = self.config["clusters"][0]["cluster"]["server"]
        self.ca = self.directory / "keys" / "ca.crt"
        self.tls = ssl.create_default_context(cafile=str(self.ca))

    def token(self, user="admin"):
        return next(each["user"]["token"] for each in self.config["users"] if each["name"] == user)

    def context(self, name, directory):
        """A kubeconfig of its own whose current context is admin, certificate or nobody."""
        path = pathlib.Path(directory) / f"kubeconfig-{name}"
        path.write_text(json.dumps({**self.config, "current-context": name}))
        return path

    def connect(self):
        return contextlib.closing(
            http.client.HTTPSConnection(self.server.removeprefix("https://"), context=self.tls, timeout=60)
        )

    def ask(self, connection, method, path, body=None, content_type="application/json"):
        """One request as admin, for what every test does, where kubectl would take most of its time;
        (status, object or text)."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": content_type}
        connection.request(method, path, body if isinstance(body, (bytes, type(None))) else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if answer.getheader(
            "Content-Type"
        ) == "application/json" else text.decode()

    def audit(self, user_agent="", since=0):
        """The requests in the audit log whose user agent starts so, from the byte `since` on."""
        with open(self.directory / "audit.log", "rb") as log:
            log.seek(since)
            events = [json.loads(line) for line in log.read().splitlines() if line.endswith(b"}")]
        return [event for event in events if event.get("userAgent", "").startswith(user_agent)]

    def audit_position(self):
        return (self.directory / "audit.log").stat().st_size


def start_cluster(directory):
    result = execute([TESTS / "cluster" / "up", "--dir", directory], env=dict(os.environ), timeout=3600)
    print(result.stderr)
    return Cluster(result.stdout.strip().splitlines()[-1].split("=", 1)[1].strip("'"))


def stop_cluster(directory):
    execute([TESTS / "cluster" / "down", "--dir", directory], env=dict(os.environ))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    if given := os.environ.get("WANDB_TEST_KUBECONFIG"):
        yield Cluster(given)
        return
    directory = tmp_path_factory.mktemp("cluster") / "state"
    running = start_cluster(directory)
    yield running
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


def kubectl_for(kubeconfig, home):
    executable = tools.get("control-plane").with_name("kubectl")
    return Tool(executable, clean_environment(KUBECONFIG=kubeconfig, HOME=home))


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


class Plan:
    """What `plan` left: the exit code of -detailed-exitcode, the saved plan, and the diagnostics."""

    def __init__(self, terraform, result, file):
        self.terraform, self.result, self.code, self.file = terraform, result, result.code, file
        self.text, self.events = result.stdout + result.stderr, json_lines(result.stdout)

    @functools.cached_property
    def plan(self):
        """The saved plan as `show -json` prints it, read when it is asked for; {} when there is none."""
        if not self.file.exists() or self.code not in (0, 2):
            return {}
        return json.loads(self.terraform.run("show", "-json", self.file).stdout)

    @property
    def empty(self):
        return self.code == 0

    @property
    def changes(self):
        """{address: actions} of the resources that the plan would change."""
        return {
            each["address"]: each["change"]["actions"]
            for each in self.plan.get("resource_changes", [])
            if each["change"]["actions"] not in (["no-op"], ["read"])
        }

    @property
    def drift(self):
        """{address: change} of what Terraform itself says changed outside of it."""
        return {each["address"]: each["change"] for each in self.plan.get("resource_drift", [])}

    def change(self, address):
        return next(each["change"] for each in self.plan["resource_changes"] if each["address"] == address)

    @property
    def warnings(self):
        """The provider's. Of those with one summary Terraform shows the first alone, so no two may have the same."""
        found = [
            event["diagnostic"]
            for event in self.events
            if event.get("type") == "diagnostic" and event["diagnostic"]["severity"] == "warning" and ours(event)
        ]
        summaries = [warning["summary"] for warning in found]
        assert len(summaries) == len(set(summaries)), summaries
        return found


def ours(event):
    """Whether a diagnostic is the provider's: Terraform itself warns about development overrides and failed checks."""
    return not re.search("development overrides|^Check block assertion failed$", event["diagnostic"]["summary"])


class Terraform:
    """One working directory and one real command line interface in it.

    Methods return a Result (code, stdout, stderr) unless they say otherwise, and raise Failed when the exit code is
    not 0; pass expect=(1,) for a command that must fail. `write` sets the configuration.
    """

    def __init__(self, cli, directory, provider, environment, leaks, *, mirror=False, addresses=ADDRESSES):
        self.cli, self.directory, self.provider, self.addresses = cli, pathlib.Path(directory), provider, addresses
        self.executable = tools.get(cli)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.settings = self.directory.with_name(f"{self.directory.name}.tfrc")
        self.provider_log = self.directory.with_name(f"{self.directory.name}.provider.log")
        self.environment = {
            **environment,
            "TF_CLI_CONFIG_FILE": str(self.settings),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "TF_LOG_PROVIDER": "trace",
            "TF_LOG_PATH": str(self.provider_log),
        }
        self.leaks, self.plans = leaks, 0
        leaks.terraforms.append(self)
        self.settings.write_text(self.mirror_settings() if mirror else self.override_settings())

    def file_name(self):
        return f"terraform-provider-{self.addresses[0].rpartition('/')[2]}"

    def override_settings(self):
        """dev_overrides: the executable as it is built, no `init` needed and no version or checksum asked."""
        folder = self.directory.with_name(f"{self.directory.name}.provider")
        folder.mkdir(exist_ok=True)
        if self.provider:
            (folder / self.file_name()).symlink_to(self.provider)
        lines = "\n".join(f'    "{address}" = "{folder}"' for address in self.addresses)
        return (
            f"provider_installation {{\n  dev_overrides {{\n{lines}\n  }}\n  filesystem_mirror {{\n"
            f'    path = "{folder}"\n  }}\n}}\n'
        )

    def mirror_settings(self):
        """A filesystem mirror: `init` installs the provider as it would from a registry, with a lock file."""
        mirror = self.directory.with_name(f"{self.directory.name}.mirror")
        for address in self.addresses:
            folder = mirror / address / VERSION / "linux_amd64"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.provider, folder / f"{self.file_name()}_v{VERSION}")
        return f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'

    def write(self, text, name="main.tf"):
        """Writes a file of the configuration; several calls with different names add up."""
        self.leaks.configuration(text)
        (self.directory / name).write_text(text)
        return self

    def header(self, provider_block=""):
        """The terraform block that requires the provider, and a provider block."""
        return (
            f'terraform {{\n  required_providers {{\n    wandb = {{\n      source = "{ADDRESSES[0]}"\n    }}\n'
            f"  }}\n}}\n"
            f'provider "wandb" {{\n{provider_block}\n}}\n'
        )

    def run(self, *words, expect=(0,), env=None, timeout=300, input=None):
        result = execute(
            [self.executable, *words],
            cwd=self.directory,
            env={**self.environment, **(env or {})},
            expect=None,
            timeout=timeout,
            input=input,
        )
        self.leaks.command(result.command, result)
        return result.expected(expect)

    def init(self, *words, **options):
        return self.run("init", "-no-color", *words, **options)

    def validate(self, **options):
        """The object that `validate -json` prints."""
        return json.loads(self.run("validate", "-json", expect=(0, 1), **options).stdout)

    def plan(self, *words, expect=(0, 2), **options):
        """Plans with -detailed-exitcode and -json; returns a Plan (code 0: nothing to do, 2: changes, 1: error)."""
        self.plans += 1
        file = self.directory / f"{self.plans}.plan"
        return Plan(
            self,
            self.run("plan", "-json", "-detailed-exitcode", f"-out={file}", *words, expect=expect, **options),
            file,
        )

    def plan_text(self, *words, expect=(0, 2), **options):
        """The plan as a person sees it."""
        return self.run("plan", "-no-color", "-detailed-exitcode", *words, expect=expect, **options).stdout

    def apply(self, *words, **options):
        result = self.run("apply", "-no-color", "-auto-approve", *words, **options)
        return result

    def apply_json(self, *words, expect=(0,), **options):
        """Applies; returns the list of events that -json prints."""
        return json_lines(self.run("apply", "-json", "-auto-approve", *words, expect=expect, **options).stdout)

    def destroy(self, *words, **options):
        return self.run("destroy", "-no-color", "-auto-approve", *words, **options)

    def refresh(self, *words, **options):
        return self.run("apply", "-refresh-only", "-no-color", "-auto-approve", *words, **options)

    def import_(self, address, identifier, *words, **options):
        return self.run("import", "-no-color", *words, address, identifier, **options)

    def show(self):
        """The state as `show -json` prints it."""
        return json.loads(self.run("show", "-json").stdout)

    def resources(self):
        """{address: values} of everything in the root module's state."""
        root = self.show().get("values", {}).get("root_module", {})
        return {each["address"]: each["values"] for each in root.get("resources", [])}

    def outputs(self):
        return {name: each["value"] for name, each in json.loads(self.run("output", "-json").stdout).items()}

    def schema(self):
        return json.loads(self.run("providers", "schema", "-json").stdout)["provider_schemas"]

    def traced(self, method, *words, **options):
        """Calls a method with TF_LOG=trace; returns its result and the log as text."""
        log = self.directory / f"trace-{secrets.token_hex(4)}.log"
        result = method(*words, env={"TF_LOG": "trace", "TF_LOG_PATH": str(log)}, **options)
        return result, log.read_text(errors="replace")


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def diagnostics(events, severity="error"):
    """The diagnostics of one severity among the events of a -json run."""
    return [
        event["diagnostic"]
        for event in events
        if event.get("type") == "diagnostic" and event["diagnostic"]["severity"] == severity
    ]


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


def sanitized(environment, folder):
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
        base = environment.get(name)
        environment[name] = (f"{base}:" if base else "") + f"log_path={folder / name.split('_')[0].lower()}"
    return environment


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
