# SPDX-License-Identifier: Apache-2.0
"""What the checks know of the tree: its rooms, its sources, and how a check reports."""

import collections
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
SHIM = ROOT / "go.mod-free-shim"


CHECKS = ("layers", "headers", "exports", "texts", "sizes", "parameters", "words", "format", "circles")
OF_A_BUILD = ("circles",)  # read the objects in BUILD_DIR; the others need the sources alone


class Report:
    """Counts the findings of one check: every `case` passes or fails with its reasons."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def case(self, what, problems):
        if not problems:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {self.name}: {what}")
        for problem in problems:
            print(f"    {problem}")

    def note(self, text):
        print(f"  {text}")


def shown(path):
    return str(path.relative_to(ROOT))


def layers():
    """{room: rooms it may include}, in the order of src/LAYERS."""
    table = {}
    for number, line in enumerate((SRC / "LAYERS").read_text().splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        found = re.fullmatch(r"([a-z-]+)\s*:\s*([a-z ]*)", line)
        if not found:
            raise SystemExit(f"src/LAYERS:{number}: {line!r} is not `room : room room ...`")
        table[found[1]] = found[2].split()
    return table


def room_of(path):
    """The room a source file belongs to: its folder in src/, its own name for an executable,
    `shim` for the shim's folder."""
    if path.is_relative_to(SHIM):
        return "shim"
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else path.stem


def sources(*suffixes):
    """The files of src/ and the shim with one of these suffixes."""
    return sorted(
        path
        for folder in (SRC, SHIM)
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix in suffixes and path.is_file()
    )


COMMENT = re.compile(r"\s*(//.*|/\*.*\*/)\s*$")
Function = collections.namedtuple("Function", "name parameters lines")


def functions(text):
    """The functions a source defines, by the layout that .clang-format fixes: one starts and ends in column one."""
    start, head = None, ""
    for number, line in enumerate(text.splitlines()):
        line = COMMENT.sub("", line)
        if start is None and re.match(r"[A-Za-z_]", line):
            start, head = number, ""
        if start is None:
            continue
        if "{" not in head:
            head += " " + re.sub(r"//.*|/\*.*?\*/", "", line)
        closed = line.startswith("}") or (number == start and line.count("{") == line.count("}") > 0)
        declared = "{" not in head and line.endswith(";")
        signature = re.sub(r"__attribute__\(\(.*?\)\)", "", head.split("{")[0])
        if closed and line.endswith("}") and "(" in signature and "=" not in signature:
            found = re.search(r"(\w+)\s*\(", signature)
            yield Function(found[1], parameters(signature[found.end() :]), number - start + 1)
        if closed or declared:
            start = None


def parameters(text):
    """The parameters in front of the parenthesis that closes their list."""
    found, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if depth < 0:
            break
        if character == "," and not depth:
            found.append("")
        else:
            found[-1] += character
    words = [each.strip() for each in found]
    return [] if words in ([""], ["void"]) else words


def tracked():
    """Every text file that belongs to the project (tracked, or new and not ignored)."""
    names = (
        subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        .stdout.decode()
        .split("\0")
    )
    return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})
