# SPDX-License-Identifier: Apache-2.0
"""Files of a room call each other in one direction; only a recursive descent goes in a circle.

Read from the objects of a build, named by BUILD_DIR: who defines a symbol, and who needs it.
"""

import collections
import os
import pathlib
import subprocess

import tree

# Descents: an expression holds expressions, a schema schemas, a template calls templates.
DESCENTS = {
    "jsonschema": [
        {"array.c", "combine.c", "format.c", "meta.c", "object.c", "resource.c", "scalar.c", "validate.c", "vocab.c"}
    ],
    "template": [
        {"parse.c", "parse_action.c", "parse_pipeline.c"},
        {"exec.c", "exec_call.c", "exec_field.c", "exec_pipeline.c", "include.c", "set.c"},
    ],
}


def symbols(objects):
    """{file: symbols it defines}, {file: symbols it needs}; weak ones are the compiler's and the sanitizers'."""
    defined, needed = collections.defaultdict(set), collections.defaultdict(set)
    text = subprocess.run(
        ["nm", "--print-file-name", "--portability", *map(str, objects)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    for line in text.splitlines():
        where, symbol, kind = line.split()[:3]
        name = pathlib.Path(where.rstrip(":")).name.removesuffix(".o")
        if kind == "U":
            needed[name].add(symbol)
        elif kind in "TDRBC":
            defined[name].add(symbol)
    return defined, needed


def edges(objects):
    """{file: files it needs}"""
    defined, needed = symbols(objects)
    owner = {symbol: name for name, names in defined.items() for symbol in names}
    return {name: {owner[symbol] for symbol in needed[name] if symbol in owner} - {name} for name in needed}


def reachable(graph, start):
    found, pending = set(), [start]
    while pending:
        for name in graph.get(pending.pop(), ()):
            if name not in found:
                found.add(name)
                pending.append(name)
    return found


def circles(graph):
    """The sets of files that all reach each other."""
    reach = {name: reachable(graph, name) for name in graph}
    found = {
        frozenset({other for other in reach[name] if name in reach.get(other, ())} | {name})
        for name in graph
        if name in reach[name]
    }
    return [set(circle) for circle in found]


def run(report):
    build = pathlib.Path(os.environ.get("BUILD_DIR", tree.ROOT / "build" / "develop"))
    for room in tree.layers():
        sources = {path.name for path in tree.sources(".c", ".cc") if tree.room_of(path) == room}
        objects = [
            path
            for path in build.glob(f"CMakeFiles/{room}.dir/src/{room}/*.o")
            if path.name.removesuffix(".o") in sources
        ]
        if not objects and room in ("shim", "main", "chart-template"):
            continue  # an executable, and the shim, which is built in its own folder
        missing = [] if objects else [f"{build} has no objects of it: build first"]
        found = [circle for circle in circles(edges(objects)) if circle not in DESCENTS.get(room, [])]
        report.case(
            f"files of {room} do not need each other in a circle",
            missing + [", ".join(sorted(circle)) for circle in found],
        )
    for room, descents in DESCENTS.items():
        unknown = [name for descent in descents for name in descent if not (tree.SRC / room / name).exists()]
        report.case(f"the descents of {room} are files", unknown)
