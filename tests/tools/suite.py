# SPDX-License-Identifier: Apache-2.0
"""Builds the provider with sanitizers and runs its tests.

Parts (default: checks, unit and e2e):
  checks   the tree itself: include table, headers, sizes, words
  unit     cmocka tests, through ctest
  e2e      pytest: real terraform and OpenTofu against a real Kubernetes API server
  fuzz     every fuzzer for --seconds each, starting from its corpus
  tsan     unit tests, and the end-to-end tests where threads meet, in a build with ThreadSanitizer
  release  builds releases in a clean Debian root, installs them, and runs them where users run terraform (needs root)
  full     all of these, and the tests against other projects' executables: needs them built, and says where it
           looks for them

What is missing is installed or built first and kept outside the checkout, in
${XDG_CACHE_HOME:-~/.cache}/terraform-provider-wandb/. The last line is `N passed, N failed`: every check,
every cmocka test, every pytest test and every fuzzer counts once. The exit code is 1 when something failed
or nothing ran.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

sys.dont_write_bytecode = True
import tools  # noqa: E402

sys.path.insert(0, str(tools.TESTS / "checks"))
import tree  # noqa: E402

ROOT = tools.ROOT
PARTS = ("checks", "unit", "e2e", "fuzz", "tsan", "release")
E2E_TOOLS = (
    "control-plane",
    "kwok",
    "terraform-1.11",
    "terraform-1.15",
    "terraform-1.10",
    "helm3",
    "helm4",
    "tofu",
    "registry",
)  # in the order of PATH
THREADED = [
    "test_provider",
    "test_kube_client",
    "test_instance_many",
    "test_shim",
]  # many calls at once, one client, one watch
RELEASES = (
    ("1.0.0", "linux_amd64"),
    ("1.1.0", "linux_amd64"),
    ("1.1.0", "linux_arm64"),
)  # an upgrade from one to the other, and both machines
RELEASE_TOOLS = ("terraform-1.11", "terraform-1.15", "tofu", "registry", "tfplugindocs", "control-plane", "kwok")
WORKERS = 4  # the tests wait more than they compute


class Failure(Exception):
    """A part could not run at all."""


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def add(self, passed=0, failed=0):
        self.passed, self.failed = self.passed + passed, self.failed + failed

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed"


def headline(text):
    print(f"== {text}", flush=True)


def stream(command, *, cwd=None, env=None, log=None, filtered=lambda line: True):
    """Runs a command, passing on the lines that `filtered` lets through; returns its exit code and all it said."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if filtered(line):
            print(line, end="", flush=True)
    text = "".join(lines)
    if log:
        log.write_text(text)
    return process.wait(), text


# ---- build ---------------------------------------------------------------------------------------


def build(directory, options, tally, targets=()):
    """Configures when needed and builds.
    What does not build is shown and counts as one failure; the rest is still tested."""
    headline(f"build {directory}")
    began = time.monotonic()
    if not (directory / "build.ninja").exists():
        code, text = stream(
            ["cmake", "-S", ROOT, "-B", directory, "-G", "Ninja", *options], filtered=lambda line: False
        )
        if code:
            print(text)
            raise Failure(f"cmake could not configure {directory}")
    # many lines on a terminal are noise; a line every ten seconds tells that it lives
    last = [time.monotonic()]

    def sparse(line):
        if time.monotonic() - last[0] < 10:
            return False
        last[0] = time.monotonic()
        return True

    code, text = stream(["ninja", "-C", directory, "-k", "0", *targets], filtered=sparse, log=directory / "build.log")
    if code:
        print("\n".join(line for line in text.splitlines() if not line.startswith("["))[-8000:])
        print(f"FAILED build of {directory}", flush=True)
        tally.add(failed=1)
    print(f"   built in {tools.clock(time.monotonic() - began)}", flush=True)


def sanitizer_options(suppressions="/dev/null"):
    """Every finding ends the process, so that it can not go unnoticed."""
    return {
        "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
        "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        # it can not see how gRPC's threads agree
        "TSAN_OPTIONS": "ignore_noninstrumented_modules=1:second_deadlock_stack=1",
    }


# ---- the parts -----------------------------------------------------------------------------------


def run_checks(arguments, tally):
    names = [
        name
        for name in tree.CHECKS
        if name not in tree.OF_A_BUILD and (not arguments.k or any(k in name for k in arguments.k))
    ]
    if not names:
        return
    headline("checks")
    _, text = stream([sys.executable, "-B", tools.TESTS / "checks" / "run", *names])
    found = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M)
    if not found:
        raise Failure("tests/checks/run did not finish")
    tally.add(*map(int, found[-1]))


CTEST_RESULT = re.compile(r"^\s*\d+/\d+ Test +#(\d+): (\S+) \.*\s*(\**\w[\w ]*?)\s+[\d.]+ sec", re.M)


def count_ctest(text, tally):
    """Counts cmocka's tests one by one, a skipped one as failed;
    a test program that is not cmocka's, or that died, counts once."""
    for number, name, result in CTEST_RESULT.findall(text):
        said = re.findall(rf"^{number}: (.*)$", text, re.M)
        passed = sum(int(n) for line in said for n in re.findall(r"^\[  PASSED  \] (\d+) test", line))
        failed = sum(int(n) for line in said for n in re.findall(r"^\[  FAILED  \] (\d+) test", line))
        failed += sum(int(n) for line in said for n in re.findall(r"^\[  SKIPPED \] (\d+) test", line))
        if result == "Passed":
            tally.add(passed or (0 if failed else 1), failed)
        else:
            tally.add(passed, failed or 1)
            print(f"--- {name}: {result.strip('*')}")
            print("\n".join(line for line in said if not re.match(r"\[( RUN|       OK)", line))[-6000:], flush=True)


def run_unit(arguments, tally):
    build(arguments.build_dir, ["-DDEVELOP=ON"], tally)
    place = (
        arguments.build_dir if (arguments.build_dir / "CTestTestfile.cmake").exists() else arguments.build_dir / "tests"
    )
    if not (place / "CTestTestfile.cmake").exists():
        raise Failure(f"{arguments.build_dir} was configured without tests; it needs -DDEVELOP=ON")
    headline("unit tests")
    pattern = ["-R", "|".join(arguments.k)] if arguments.k else []
    _, text = stream(
        ["ctest", "--test-dir", place, "-V", "-j2", "--timeout", "300", *pattern],
        env={**os.environ, **sanitizer_options()},
        log=arguments.build_dir / "unit.log",
        filtered=lambda line: re.match(r"\s*\d+/\d+ Test", line),
    )
    count_ctest(text, tally)


def pytest(arguments, tally, tests, report, environment, workers=()):
    """Runs the tests of a folder and counts them."""
    report.unlink(missing_ok=True)
    python = tools.venv("pytest", "-r", tools.TESTS / "requirements.txt") / "bin" / "python"
    pattern = ["-k", " or ".join(arguments.k)] if arguments.k else []
    stream(
        [
            python,
            "-m",
            "pytest",
            tests,
            "-v",
            *workers,
            "--color=no",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
            *pattern,
        ],
        cwd=tools.TESTS,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
    )
    if not report.exists():
        raise Failure("pytest did not finish")
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        # nothing may be skipped: what a test needs is installed, or it is marked for `full`
        failed = sum(int(suite.get(kind)) for kind in ("failures", "errors", "skipped"))
        tally.add(max(0, int(suite.get("tests")) - failed), failed)


def run_e2e(arguments, tally):
    directory = arguments.build_dir
    if arguments.release:
        directory = ROOT / "build" / "static"
        build(directory, ["-DSTATIC=ON", "-DCMAKE_BUILD_TYPE=Release"], tally)
    else:
        build(directory, ["-DDEVELOP=ON"], tally)
    headline("tools")
    places = [str(tools.get(name).parent) for name in E2E_TOOLS]
    headline("end-to-end tests")
    # terraform and kubectl by name are those of the table, whatever else the machine has
    environment = {
        **os.environ,
        **sanitizer_options(tools.TESTS / "tools" / "lsan.supp"),
        "PATH": os.pathsep.join([*places, os.environ["PATH"]]),
        "BUILD_DIR": str(directory),
        "WANDB_PROVIDER": str(directory / "terraform-provider-wandb"),
    }
    # the tests of a file in one process, each process with a cluster of its own:
    # they change what a whole cluster shares
    workers = (
        []
        if os.environ.get("WANDB_TEST_KUBECONFIG") or arguments.k
        else ["-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"]
    )
    pytest(arguments, tally, tools.TESTS / "e2e", directory / "e2e.xml", environment, workers)


# ---- release -------------------------------------------------------------------------------------


def build_release(folder, version, platform):
    """One executable as release/build makes it, kept by version:
    the next one is built in the same place, where little is left to compile."""
    place, script = folder / version / platform, ROOT / "release" / "build"
    words = [script, "--arch", platform.split("_")[1], "--version", version]
    code, text = stream(words, filtered=lambda line: line.startswith("  "))
    if code:
        raise Failure(f"release/build of {platform} failed:\n{text}")
    place.mkdir(parents=True, exist_ok=True)
    for name in ("terraform-provider-wandb", "chart-template", "terraform-provider-wandb.map", "bom.json"):
        shutil.copy2(pathlib.Path(text.splitlines()[-1]) / name, place)


def run_release(arguments, tally):
    folder = ROOT / "build" / "releases"
    headline("build releases")
    for version, platform in RELEASES:
        build_release(folder, version, platform)
    headline("tools")
    for name in RELEASE_TOOLS:
        tools.get(name)
    headline("release tests")
    pytest(
        arguments,
        tally,
        tools.TESTS / "release",
        folder / "release.xml",
        {**os.environ, "WANDB_RELEASE_BUILDS": str(folder)},
    )


def run_fuzz(arguments, tally):
    directory = ROOT / "build" / "fuzz"
    build(
        directory,
        [
            "-DDEVELOP=ON",
            "-DCMAKE_C_COMPILER=clang",
            "-DCMAKE_CXX_COMPILER=clang++",
            "-DSANITIZE=address,undefined,fuzzer-no-link",
        ],
        tally,
        ["fuzz"],
    )
    fuzzers = sorted(path for path in directory.rglob("fuzz_*") if path.is_file() and os.access(path, os.X_OK))
    fuzzers = [path for path in fuzzers if not arguments.k or any(k in path.name for k in arguments.k)]
    cores = os.cpu_count() or 1
    headline(f"{len(fuzzers)} fuzzers, {arguments.seconds} s each, {cores} at once")
    with concurrent.futures.ThreadPoolExecutor(cores) as pool:
        for code in pool.map(lambda fuzzer: fuzz(fuzzer, directory, arguments.seconds), fuzzers):
            tally.add(code == 0, code != 0)


def fuzz(fuzzer, directory, seconds):
    """Runs one fuzzer, starting from its corpus and from what it found before; returns its exit code."""
    name = fuzzer.name.removeprefix("fuzz_")
    work, corpus = directory / "corpus" / name, tools.TESTS / "fuzz" / "corpus" / name
    work.mkdir(parents=True, exist_ok=True)
    code, text = stream(
        [
            fuzzer,
            f"-max_total_time={seconds}",
            "-timeout=10",
            "-rss_limit_mb=2048",
            f"-artifact_prefix={directory}/{name}-",
            "-print_final_stats=1",
            work,
            *([corpus] if corpus.is_dir() else []),
        ],
        env={**os.environ, **sanitizer_options()},
        filtered=lambda line: False,
    )
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    print(
        f"   {name}: {'ok' if code == 0 else 'FAILED'}, {runs[1] if runs else 'no'} runs"
        + (f"\n{text[-4000:]}" if code else ""),
        flush=True,
    )
    return code


def run_tsan(arguments, tally):
    directory = ROOT / "build" / "tsan"
    build(directory, ["-DDEVELOP=ON", "-DSANITIZE=thread"], tally)
    run_unit(argparse.Namespace(**{**vars(arguments), "build_dir": directory}), tally)
    run_e2e(
        argparse.Namespace(
            **{**vars(arguments), "build_dir": directory, "release": False, "k": arguments.k or THREADED}
        ),
        tally,
    )


# what `full` tests against beside the rest: the executables and the chart of other projects' repositories
PEERS = {
    "WANDB_OPERATOR": "/path/to/wandb-operator-1.22.0",
    "HELM_PROVIDER_2": "/path/to/terraform-provider-helm-2.17.0",
    "HELM_PROVIDER_3": "/path/to/terraform-provider-helm-3.1.2",
    "KUBERNETES_PROVIDER": "/path/to/terraform-provider-kubernetes-2.38.0",
    "KUBECTL_PROVIDER_GAVINBUNNEY": "/path/to/gavinbunney/terraform-provider-kubectl-1.19.0",
    "KUBECTL_PROVIDER_ALEKC_2": "/path/to/alekc/terraform-provider-kubectl-2.4.1",
    "KUBECTL_PROVIDER_ALEKC_3": "/path/to/alekc/terraform-provider-kubectl-3.0.0-beta3",
    "WANDB_OPERATOR_CHART": "/path/to/helm-charts/charts/operator",
    "WANDB_OPERATOR_MAIN": "/path/to/a/clone/of/wandb/operator/main where go built bin/manager",
}

RUNNERS = {
    "checks": run_checks,
    "unit": run_unit,
    "e2e": run_e2e,
    "fuzz": run_fuzz,
    "tsan": run_tsan,
    "release": run_release,
}


def main():
    parser = argparse.ArgumentParser(
        prog="tests/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)} or full")
    parser.add_argument("-k", nargs="+", default=[], metavar="name", help="only tests whose name contains one of these")
    parser.add_argument(
        "--release",
        action="store_true",
        help="run e2e against a static build instead of the sanitizer build (tests/setup static first)",
    )
    parser.add_argument(
        "--build-dir",
        type=pathlib.Path,
        default=ROOT / "build" / "develop",
        help="the sanitizer build (default: build/develop)",
    )
    parser.add_argument("--seconds", type=int, default=60, help="how long each fuzzer runs (default: 60)")
    arguments = parser.parse_args()
    parts = list(PARTS) if "full" in arguments.parts else arguments.parts or ["checks", "unit", "e2e"]
    if unknown := [part for part in parts if part not in RUNNERS]:
        parser.error(f"no part is called {unknown[0]!r}; there are {', '.join(PARTS)} and full")
    if "full" in arguments.parts and (
        missing := [f"{name}={what}" for name, what in PEERS.items() if not os.environ.get(name)]
    ):
        parser.error(
            f"full needs parts that no package registry serves; clone and build them and set {', '.join(missing)}"
        )
    if "full" in arguments.parts:
        os.environ["WANDB_TEST_FULL"] = "1"
    arguments.build_dir = arguments.build_dir.resolve()
    total, began = Tally(), time.monotonic()
    for part in parts:
        tally = Tally()
        try:
            RUNNERS[part](arguments, tally)
        except (Failure, tools.ToolError) as error:
            print(f"FAILED {part}: {error}", flush=True)
            tally.add(failed=1)
        print(f"== {part}: {tally} ({tools.clock(time.monotonic() - began)} since the start)", flush=True)
        total.add(tally.passed, tally.failed)
    if not total.passed and not total.failed:
        print("nothing ran", flush=True)
    print(total, flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ntests/run: interrupted")
