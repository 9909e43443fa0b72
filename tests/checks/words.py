# SPDX-License-Identifier: Apache-2.0
"""The project's files name no machine they were written on and no package registry's host,
and leave no note to self."""

import re

import tree

# built from halves, so that this file does not hold what it forbids
RULES = {
    "a path of one machine": r"(?<![\w.$}/-])/(work|tmp/" + r"team|home/\w+|root)/\w|\.\./" + r"shared\b",
    "a package registry's host name": "|".join(
        re.escape(f"{host}.{domain}")
        for host, domain in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("proxy.golang", "org"),
            ("sum.golang", "org"),
            ("crates", "io"),
            ("deb.debian", "org"),
            ("repo1.maven", "org"),
            ("repo.maven.apache", "org"),
        )
    ),
    "a note to self": r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b",
}
SPDX = {".c": "//", ".h": "//", ".cc": "//", ".go": "//", ".proto": "//", ".py": "#", ".cmake": "#"}


def lines_of(path):
    try:
        return path.read_text().splitlines()
    except UnicodeDecodeError:
        return []  # binary test data


def run(report):
    found = {rule: [] for rule in RULES}
    unlicensed, trailing = [], []
    for path in tree.tracked():
        name, lines = tree.shown(path), lines_of(path)
        if name.endswith((".sum", "LICENSE", ".golden.json")):
            continue  # what other programs printed
        for number, line in enumerate(lines, 1):
            for rule, pattern in RULES.items():
                if re.search(pattern, line):
                    found[rule].append(f"{name}:{number}: {line.strip()[:100]}")
        if (
            path.suffix in SPDX
            and "golden" not in name
            and (not lines or "SPDX-License-Identifier: Apache-2.0" not in " ".join(lines[:2]))
        ):
            unlicensed.append(
                f"{name}: the first line should be `{SPDX[path.suffix]} SPDX-License-Identifier: Apache-2.0`"
            )
        if path.suffix in (".c", ".h", ".cc"):
            trailing += [
                f"{name}:{number}: blanks at the end" for number, line in enumerate(lines, 1) if line != line.rstrip()
            ]
    for rule, problems in found.items():
        report.case(f"no file has {rule}", problems)
    report.case("every source has its SPDX line", unlicensed)
    report.case("no C source has blanks at the end of a line", trailing)
