# SPDX-License-Identifier: Apache-2.0
"""C as clang-format leaves it (.clang-format), Python as ruff does (ruff.toml), and nothing that ruff's linter finds.

`tests/format` brings everything into this form.
"""

import pathlib
import subprocess
import sys

import tree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import tools  # noqa: E402

VERSIONS = ("clang-format==14.0.6", "ruff==0.17.6")


def programs():
    return tools.venv("format", *VERSIONS) / "bin"


def is_python(path):
    with open(path, "rb") as file:
        first = file.readline()
    return path.suffix == ".py" or (not path.suffix and first.startswith(b"#!") and b"python" in first)


def sources():
    """(the C sources, the Python sources) of the project."""
    paths = [path for path in tree.tracked() if not path.is_symlink()]
    return [path for path in paths if path.suffix in (".c", ".h", ".cc")], [path for path in paths if is_python(path)]


def complaints(command, paths):
    done = subprocess.run([*map(str, command), *map(str, paths)], cwd=tree.ROOT, capture_output=True, text=True)
    said = (line.replace(f"{tree.ROOT}/", "") for line in (done.stdout + done.stderr).splitlines())
    return [line for line in said if line.strip()] if done.returncode else []


def run(report):
    folder, (c, python) = programs(), sources()
    found = complaints([folder / "clang-format", "--dry-run", "-Werror"], c)
    report.case("C is formatted (tests/format does it)", [line for line in found if ": error: " in line])
    report.case("Python is formatted (tests/format)", complaints([folder / "ruff", "format", "--check", "-q"], python))
    report.case("ruff finds nothing", complaints([folder / "ruff", "check", "-q", "--output-format=concise"], python))


def fix():
    folder, (c, python) = programs(), sources()
    subprocess.run([folder / "clang-format", "-i", *c], check=True)
    subprocess.run([folder / "ruff", "format", "-q", *python], check=True)
