# SPDX-License-Identifier: Apache-2.0
"""What the release tests share: two releases made by release/make, servers that offer them,
and command lines to install them with.

`tests/run release` builds the executables first and names their folder in WANDB_RELEASE_BUILDS: OLD/linux_amd64,
NEW/linux_amd64 and NEW/linux_arm64 below it.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

import layout
import loopback
import servers
import tools

TESTS = pathlib.Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
OLD, NEW = "1.0.0", "1.1.0"
PLATFORMS = ("linux_amd64", "linux_arm64")
CLIS = ("terraform-1.11", "terraform-1.15", "tofu")
CHART = ROOT / "examples" / "charts" / "operator"
FOREIGN = re.compile(r"(?i)^(TF_.*|KUBE.*|HELM_.*|WANDB_(?!RELEASE_BUILDS$).*|SSL_CERT_.*|OPENSSL_.*|XDG_.*|.*_proxy)$")
CHANGELOG = f"# Changes\n\n## {NEW} (2026-11-28)\n\n- Something new.\n\n## {OLD}\n\n- The first.\n"


def environment(**more):
    return {name: value for name, value in os.environ.items() if not FOREIGN.match(name)} | {
        name: str(value) for name, value in more.items()
    }


class Failed(AssertionError):
    """A command ended with an exit code that the test did not expect."""


def execute(command, *, expect=(0,), env=None, cwd=None, stdin=None, timeout=600):
    """Runs a command to its end; `expect` holds the exit codes that are fine, None any.
    The result has `said`: both outputs."""
    result = subprocess.run(
        [str(word) for word in command],
        env=env or environment(),
        cwd=cwd,
        input=stdin,
        stdin=None if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )
    result.said = result.stdout + result.stderr
    if expect is not None and result.returncode not in expect:
        raise Failed(f"`{' '.join(map(str, command))}` ended with {result.returncode}\n{result.said}")
    return result


@pytest.fixture(scope="session")
def builds():
    return pathlib.Path(os.environ["WANDB_RELEASE_BUILDS"])


@pytest.fixture(scope="session")
def executable(builds):
    return builds / NEW / "linux_amd64" / layout.NAME


def make_key(name, kind="rsa2048"):
    """(private, public), armored."""
    with layout.Keyring() as keyring:
        keyring.run("--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", name, kind, "sign", "1d")
        return tuple(
            keyring.run("--pinentry-mode", "loopback", "--passphrase", "", "--armor", words).stdout.decode()
            for words in ("--export-secret-keys", "--export")
        )


@pytest.fixture(scope="session")
def key():
    return make_key("release of a test")


def make_release(place, version, builds, private, expect=(0,), platforms=PLATFORMS):
    changelog = place.with_name(f"{place.name}.CHANGELOG.md")
    changelog.write_text(CHANGELOG)
    given = [word for platform in platforms for word in ("--built", builds / version / platform)]
    return execute(
        [ROOT / "release" / "make", "--version", version, "--out", place, "--changelog", changelog, *given],
        env=environment(WANDB_RELEASE_KEY=private),
        expect=expect,
    )


@pytest.fixture(scope="session")
def releases(builds, key, tmp_path_factory):
    """{version: layout.Release}"""
    folder, found = tmp_path_factory.mktemp("releases"), {}
    for version, platforms in ((OLD, PLATFORMS[:1]), (NEW, PLATFORMS)):
        make_release(folder / version, version, builds, key[0], platforms=platforms)
        found[version] = layout.Release(folder / version, version)
    return found


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return loopback.certificates(tmp_path_factory.mktemp("tls") / "ca", "IP:127.0.0.1,DNS:localhost,DNS:*.wandb.test")


@pytest.fixture
def registry(releases, key, certificates):
    with servers.Registry(certificates, key[1]) as server:
        server.offer(releases[OLD])
        server.offer(releases[NEW])
        yield server


CONFIGURATION = """
terraform {
  required_providers {
    wandb = {
      source  = "wandb/wandb"
      version = "%(version)s"
    }
  }
}
data "wandb_chart_template" "operator" {
  chart = "%(chart)s"
}
output "images" {
  value = data.wandb_chart_template.operator.images
}
"""


class Cli:
    """terraform or tofu in a folder of its own, with a home that is empty."""

    def __init__(self, name, folder, certificates):
        self.name, self.folder, self.home = name, folder / "work", folder / "home"
        self.executable = tools.get(name)
        self.host = layout.HOSTS[1] if name.startswith("tofu") else layout.HOSTS[0]
        self.folder.mkdir(parents=True)
        self.home.mkdir()
        self.settings = folder / "cli.tfrc"
        self.settings.write_text("")
        self.environment = environment(
            TF_CLI_CONFIG_FILE=self.settings,
            TF_IN_AUTOMATION=1,
            TF_INPUT=0,
            CHECKPOINT_DISABLE=1,
            HOME=self.home,
            SSL_CERT_FILE=certificates[0],
        )

    def installation(self, method):
        self.settings.write_text(f"provider_installation {{\n{method}\n}}\n")

    def configure(self, version=NEW, chart=CHART):
        (self.folder / "main.tf").write_text(CONFIGURATION % {"version": version, "chart": chart})

    def run(self, *words, expect=(0,), **more):
        return execute(
            [self.executable, *words, *([] if words[0] in ("version", "providers") else ["-no-color"])],
            env=self.environment | more,
            cwd=self.folder,
            expect=expect,
        ).said

    def lock(self):
        return (self.folder / ".terraform.lock.hcl").read_text()

    def hashes(self):
        return set(re.findall(r'"((?:h1|zh):[^"]+)"', self.lock()))

    def installed(self, platform="linux_amd64"):
        return self.folder / ".terraform" / "providers" / self.host / layout.ADDRESS / NEW / platform

    def used(self):
        """Validates and plans: what was installed really runs."""
        self.run("validate")
        return self.run("plan")


@pytest.fixture
def make_cli(tmp_path, certificates):
    made = []

    def make(name):
        made.append(name)
        return Cli(name, tmp_path / f"{name}-{len(made)}", certificates)

    return make


@pytest.fixture(params=CLIS)
def cli(request, make_cli):
    made = make_cli(request.param)
    made.configure()
    return made


@pytest.fixture
def copy(releases, tmp_path):
    """The newer release, to be broken."""
    place = tmp_path / "release"
    shutil.copytree(releases[NEW].folder, place, symlinks=True)
    return layout.Release(place, NEW)
