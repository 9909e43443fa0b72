# SPDX-License-Identifier: Apache-2.0
"""Every function that a header declares is used by another file: one that is not should be static, or gone."""

import re

import tree

DECLARATION = re.compile(r"^(?![\s#]|typedef|static|return)[^;{}()]*?\b([a-z]\w*)\([^;{]*\)[^;{]*;", re.M)
WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def code_of(path):
    return re.sub(r"//[^\n]*", "", path.read_text())


def run(report):
    code = {path: code_of(path) for path in tree.sources(".c", ".cc", ".h", ".inc")}
    tests = [
        path for path in tree.tracked() if path.is_relative_to(tree.ROOT / "tests") and path.suffix in (".c", ".h")
    ]
    words = {
        path: set(WORD.findall(text)) for path, text in [*code.items(), *((path, code_of(path)) for path in tests)]
    }
    problems = []
    for header in tree.sources(".h"):
        for name in DECLARATION.findall(code[header]):
            users = [path for path, found in words.items() if name in found and path != header]
            in_a_macro = len(re.findall(rf"\b{name}\b", code[header])) > 1
            if len(users) + in_a_macro < 2:
                problems.append(
                    f"{tree.shown(header)}: {name} is used by {tree.shown(users[0]) if users else 'no file'} alone"
                )
    report.case("every function of a header is used by another file", problems)
