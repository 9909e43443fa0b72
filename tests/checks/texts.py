# SPDX-License-Identifier: Apache-2.0
"""What value_get_string and value_dig_string give is NULL where something else than a text came from outside:
it never goes to a function that takes texts for granted. value_is_text compares, value_text_or has a text for every
case."""

import re

import tree

NULLABLE = r"value_(?:get|dig)_string"
# of string.h, strings.h, stdlib.h, and of our own what begins with one of these
TAKERS = (
    r"(?:str(?:n?cmp|n?casecmp|n?len|r?chr|chrnul|str|casestr|c?spn|pbrk|tol|toll|toul|toull|tod|tof|n?dup|n?cpy|n?cat)"
    r"|mem(?:cmp|chr|mem|cpy)|ato[ifl]l?|quote_of|buf_str|value_string(?:_ref)?)"
)
CALL = re.compile(rf"\b({TAKERS})\(")
ASSIGNED = re.compile(rf"(?<![\w.>])(\w+) = (?:[^;]*[?:]\s*)?{NULLABLE}\(")
QUOTED = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*')


def arguments(text, start):
    """What stands between the parentheses of which the first is before `start`."""
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return text[start:at]
    return text[start:]


def functions(text):
    """(number of its first line, its text) of every function, with what stands before it:
    up to a "}" at a line's start."""
    number = 1
    for each in text.split("\n}\n"):
        yield number, each
        number += each.count("\n") + 2


def problems_of(name, text):
    text = QUOTED.sub(lambda match: '"' * 2 if match[0][0] != "/" else "", text)
    for first, body in functions(text):
        taken = set(ASSIGNED.findall(body))
        for call in CALL.finditer(body):
            given = arguments(body, call.end())
            direct = re.search(rf"\b{NULLABLE}\(", given)
            held = [word for word in re.findall(r"(?<![\w.>])(\w+)\b(?!\()", given) if word in taken]
            if direct or held:
                line = first + body[: call.start()].count("\n")
                yield (
                    f"{name}:{line}: {call[1]}({held[0] if held else '…value_…_string(…'}): this may be NULL; "
                    "compare with value_is_text, or take value_text_or"
                )


def run(report):
    problems = [problem for path in tree.sources(".c") for problem in problems_of(tree.shown(path), path.read_text())]
    report.case("no text that may be NULL goes where one is taken for granted", problems)
