# SPDX-License-Identifier: Apache-2.0
"""No function has more than five parameters: what travels together is a struct that has a name.

A function whose signature somebody else's interface gives is exempt when FOREIGN names it with the reason.
"""

import re

import tree

MOST = 5
# a type of functions: `typedef bool name(…)`, or a pointer to one, `(*name)(…)`
TYPE = re.compile(r"^typedef [^;{}()]*?\b(\w+)\(|\(\*\s*(\w+)\)\(", re.M)

# Rooms not yet held to it.
ROOMS_TO_DO = (
    "http",
    "kube",
    "release",
    "wandb",
    "provider",
)

# Functions of other rooms whose callers are in rooms to do.
FUNCTIONS_TO_DO = (
    "gzip_decode",
    "helm_lookup",
    "helm_manifest_split",
    "helm_render",
    "helm_values_compose",
    "msgpack_decode",
    "path_set",
    "yaml_decode",
    "yaml_decode_all",
)

# {function: why it cannot have fewer}
FOREIGN = {}


def wide(path):
    """(name, number of parameters) of the functions of a source, and of their types, that have too many."""
    text = path.read_text()
    found = [(function.name, function.parameters) for function in tree.functions(text)]
    text = re.sub(r"//[^\n]*", "", text)
    found += [(match[1] or match[2], tree.parameters(text[match.end() :])) for match in TYPE.finditer(text)]
    return [(name, len(parameters)) for name, parameters in found if len(parameters) > MOST]


def run(report):
    found = {room: [] for room in tree.layers()}
    for path in tree.sources(".c", ".cc", ".h"):
        for name, count in wide(path):
            found.setdefault(tree.room_of(path), []).append((name, f"{tree.shown(path)}: {name} has {count}"))
    allowed = {*FUNCTIONS_TO_DO, *FOREIGN}
    for room, functions in found.items():
        if room in ROOMS_TO_DO:
            report.note(f"{room} is to do: {len(functions)} functions have more than {MOST} parameters")
            continue
        report.case(
            f"no function of {room} has more than {MOST} parameters",
            [problem for name, problem in functions if name not in allowed],
        )
    names = {name for functions in found.values() for name, _ in functions}
    report.case(
        "every exception to the number of parameters is needed",
        [f"{name} has no more than {MOST} parameters, or is gone" for name in sorted(allowed - names)]
        + [f"{room} has no function to do, or is gone" for room in ROOMS_TO_DO if not found.get(room)],
    )
