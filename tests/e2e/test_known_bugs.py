# SPDX-License-Identifier: Apache-2.0
"""tests/known-bugs.md names tests that exist."""

import ast
import importlib
import re

import pytest

from tools import TESTS

TABLE = (TESTS / "known-bugs.md").read_text()
ROWS = [
    line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| What users", "| Change |"))
]
NAMED = sorted(set(re.findall(r"`([\w./]+)::(\w+)(?:\[(.*?)\])?`", TABLE)))


def names_of(value):
    """What a table of cases is keyed by."""
    return set(value) if isinstance(value, (dict, list, tuple)) else set()


@pytest.mark.parametrize(
    "file, function, case", NAMED, ids=["::".join(each[:2]) + (f"[{each[2]}]" if each[2] else "") for each in NAMED]
)
def test_exists(file, function, case):
    if file.endswith(".c"):
        assert re.search(rf"(?:cmocka_unit_test|\b(?:\w+_)?TEST)\({function}\)", (TESTS / file).read_text())
        return
    path = TESTS / "e2e" / f"{file}.py"
    functions = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
    assert function in functions
    if case:
        module = importlib.import_module(file)
        cases = set().union(*(names_of(value) for name, value in vars(module).items() if name.isupper()))
        assert case.removeprefix("own-") in cases


def test_every_row_names_one():
    assert len(ROWS) == 42 + 15
    assert [row for row in ROWS if "::" not in row] == []
