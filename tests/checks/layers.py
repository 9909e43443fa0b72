# SPDX-License-Identifier: Apache-2.0
"""Rooms include only what src/LAYERS allows, and each library is entered by its own room alone."""

import re

import tree

# header pattern -> rooms that may include it ("generated" headers come with protobuf-c)
DOORS = {
    r"curl/": {"http"},
    r"jansson\.h": {"codec"},
    r"yaml\.h": {"codec"},
    r"msgpack(\.h|/)": {"codec"},
    r"z(lib|conf)\.h": {"codec"},
    r"archive(_entry)?\.h": {"codec"},
    r"openssl/": {"crypto", "shim"},  # the shim stands by itself, so it makes its own certificates
    r"crypt\.h": {"crypto"},
    r"re2/": {"go"},
    r"grpc(\+\+|pp)?/": {"shim"},
    r"protobuf-c/": {"shim", "protocol"},
    r"cmocka\.h": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def table_problems(table):
    """The table names known rooms only, and a room comes after all it may include (so there is no cycle)."""
    seen, problems = {"generated"}, []
    for room, allowed in table.items():
        for each in allowed:
            if each not in seen:
                problems.append(f"{room} may include {each}, which stands below it or nowhere: list rooms lowest first")
        seen.add(room)
    return problems


def include_problem(path, room, allowed, quote, header):
    if header.endswith(".pb-c.h"):
        return (
            None
            if "generated" in allowed
            else f"{room} may not include generated code ({header}); src/LAYERS allows it {allowed}"
        )
    if quote == "<":
        for pattern, rooms in DOORS.items():
            if re.match(pattern, header) and room not in rooms:
                return f"<{header}> belongs to {' and '.join(sorted(rooms)) or 'the tests'}; use that room's interface"
        return None
    if "/" not in header or header.startswith("."):
        if room == "shim" and not header.startswith("."):
            return None  # the shim's folder stands by itself
        if header == "shim.h" and room == "main":
            return None
        return f'"{header}": write the room too, as "{room}/{header}"'
    target = header.split("/")[0]
    if target != room and target not in allowed:
        return f'"{header}": {room} may include {" ".join(allowed) or "nothing"} (src/LAYERS)'
    if target != room and header.endswith("private.h"):
        return f'"{header}" is private to {target}'
    return None


def run(report):
    table = tree.layers()
    report.case("src/LAYERS is complete and acyclic", table_problems(table))
    found = {room: [] for room in table}
    for path in tree.sources(".c", ".h", ".cc"):
        room = tree.room_of(path)
        if room not in table:
            found[room] = [f"{tree.shown(path)}: the room {room} has no line in src/LAYERS"]
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = INCLUDE.match(line)
            problem = include and include_problem(path, room, table[room], include[1], include[2])
            if problem:
                found[room].append(f"{tree.shown(path)}:{number}: {problem}")
    for room, problems in found.items():
        report.case(f"includes of {room}", problems)
