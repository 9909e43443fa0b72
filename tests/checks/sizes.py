# SPDX-License-Identifier: Apache-2.0
"""Functions, files and headers stay small: a report, and a limit each.

A function's size is its lines from the signature to the closing brace. The limits: no function over 70 lines
but the flat tables listed with their reason in tests/checks/long-functions, no file over 500, no header over 150.
"""

import pathlib

import tree

FUNCTION, FILE, HEADER = 70, 500, 150
ALLOWED = pathlib.Path(__file__).with_name("long-functions")


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
        for function in tree.functions(text):
            sizes.append(function.lines)
            per_room.setdefault(tree.room_of(path), []).append(function.lines)
            if function.lines > FUNCTION and (name, function.name) in allowed:
                used.add((name, function.name))
            elif function.lines > FUNCTION:
                long_functions.append(f"{name}: {function.name} has {function.lines} lines")
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
