# SPDX-License-Identifier: Apache-2.0
"""Functions, files and headers stay small: a report, and a limit each.

A function's size is its lines from the signature to the closing brace. The limits: no function over 70 lines
but the flat tables listed with their reason in tests/checks/long-functions, no file over 500, no header over 150.
"""

import pathlib
import re

import tree

FUNCTION, FILE, HEADER = 70, 500, 150
ALLOWED = pathlib.Path(__file__).with_name("long-functions")
COMMENT = re.compile(r"\s*(//.*|/\*.*\*/)\s*$")


def functions(text):
    """(name, lines) of every function, by the layout that .clang-format fixes: it starts and ends in column one."""
    start, head = None, ""
    for number, line in enumerate(text.splitlines()):
        line = COMMENT.sub("", line)
        if start is None and re.match(r"[A-Za-z_]", line):
            start, head = number, ""
        if start is None:
            continue
        if "{" not in head:
            head += " " + line
        closed = line.startswith("}") or (number == start and line.count("{") == line.count("}") > 0)
        declared = "{" not in head and line.endswith(";")
        signature = head.split("{")[0]
        if closed and line.endswith("}") and "(" in signature and "=" not in signature:
            yield re.search(r"(\w+)\s*\(", signature)[1], number - start + 1
        if closed or declared:
            start = None


def allowances():
    """{(file, function)} with a reason each; the file's lines are `path function reason...`."""
    entries = set()
    for line in ALLOWED.read_text().splitlines() if ALLOWED.exists() else []:
        if line.strip() and not line.startswith("#"):
            path, name, reason = line.split(maxsplit=2)
            assert reason
            entries.add((path, name))
    return entries


def spread(values):
    ordered = sorted(values) or [0]
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]  # noqa: E731
    return f"median {at(0.5)}, p90 {at(0.9)}, max {ordered[-1]} ({len(values)})"


def run(report):
    allowed, used, sizes, per_room = allowances(), set(), [], {}
    long_functions, files, headers = [], [], []
    for path in tree.sources(".c", ".cc", ".h"):
        text, name = path.read_text(), tree.shown(path)
        count = text.count("\n")
        (headers if path.suffix == ".h" else files).append((count, name))
        for function, lines in functions(text):
            sizes.append(lines)
            per_room.setdefault(tree.room_of(path), []).append(lines)
            if lines > FUNCTION and (name, function) in allowed:
                used.add((name, function))
            elif lines > FUNCTION:
                long_functions.append(f"{name}: {function} has {lines} lines")
    report.note(f"function lines: {spread(sizes)}")
    for room, each in per_room.items():
        report.note(f"  {room:9} {spread(each)}")
    report.note(f"file lines: {spread([count for count, _ in files])}")
    report.note(f"header lines: {spread([count for count, _ in headers])}")
    report.case(f"no function over {FUNCTION} lines", long_functions)
    report.case(f"no file over {FILE} lines", [f"{name} has {count} lines" for count, name in files if count > FILE])
    report.case(
        f"no header over {HEADER} lines", [f"{name} has {count} lines" for count, name in headers if count > HEADER]
    )
    report.case(
        "every entry of tests/checks/long-functions is needed",
        [f"{path} {function} is not over {FUNCTION} lines, or gone" for path, function in sorted(allowed - used)],
    )
