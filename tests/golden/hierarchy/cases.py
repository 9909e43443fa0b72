# SPDX-License-Identifier: Apache-2.0
"""Prints the cases of cases.json: levels of values, the highest first; null is a level that has none."""

import itertools
import json

KINDS = {
    "string": "a",
    "empty string": "",
    "int": 1,
    "float": 1.5,
    "big": 12345678901234567890,
    "true": True,
    "false": False,
    "list": ["x"],
    "empty list": [],
    "map": {"k": "v"},
    "empty map": {},
    "null": None,
}


def cases():
    # every kind over every kind, at a leaf
    for (high, a), (low, b) in itertools.product(KINDS.items(), KINDS.items()):
        yield f"{high} over {low}", [{"x": a}, {"x": b}]
    for kind, value in KINDS.items():
        yield f"{kind} alone above", [{"x": value}, {"y": 1}]
        yield f"{kind} alone below", [{"y": 1}, {"x": value}]
        yield f"{kind} inside lists", [{"x": [value]}, {"x": [value, value]}]
    yield "no level", [None, None]
    yield "only the lowest", [None, None, {"a": 1}]
    yield "an empty level is a level", [{}, {"a": 1}, {"a": 2, "b": 3}]
    yield "gap between levels", [{"a": 1}, None, {"a": 2, "b": {"c": 3}}]
    yield (
        "maps recurse",
        [
            {"g": {"a": {"b": {"c": 1}}}},
            {"g": {"a": {"b": {"d": 2}}, "e": 3}},
            {"g": {"a": {"b": {"c": 9, "d": 9, "f": 4}}}},
        ],
    )
    yield "lists of three levels", [{"l": ["cr1"]}, {"l": ["user1", "user2"]}, {"l": ["chan1"]}]
    yield "a list's maps are not merged", [{"l": [{"name": "a", "v": 1}]}, {"l": [{"name": "a", "v": 2}]}]
    yield "int and float are one kind", [{"port": 3306}, {"port": 3306.5}]
    yield "text and number are two", [{"global": {"mysql": {"port": "3306"}}}, {"global": {"mysql": {"port": 3306}}}]
    yield "a mismatch between the lower two", [{"a": 1}, {"b": "x"}, {"b": 1}]
    yield "a mismatch hidden by nothing", [{"b": "top"}, {"b": "x"}, {"b": 1}]
    yield "null between the lower two", [{"a": 1}, {"b": None}, {"b": 1}]
    yield "null in a list is a value", [{"l": [None]}, {"l": [1]}]
    yield (
        "unicode and odd keys",
        [{"schlüssel": {"a.b": "ä", "": "empty", "[0]": 1}}, {"schlüssel": {"a.b": "b", "c/d": "☃"}}],
    )
    yield (
        "as the cloud modules write it",
        [
            {
                "global": {
                    "host": "https://wandb.example.com",
                    "license": "l",
                    "mysql": {"host": "db", "port": 3306},
                    "bucket": {},
                },
                "ingress": {"class": "alb", "additionalHosts": ["a.example.com"]},
            },
            {"global": {"email": {"smtp": {"host": "smtp"}}}, "app": {"extraEnv": {"A": "1"}}},
            {"global": {"size": "small", "bucket": {"provider": "s3"}}, "ingress": {"additionalHosts": []}},
            {"global": {"operator": {"apiVersion": "apps.wandb.com/v1", "namespace": "wandb"}}},
        ],
    )


if __name__ == "__main__":
    print(
        "[\n"
        + ",\n".join(json.dumps({"name": name, "levels": levels}, ensure_ascii=False) for name, levels in cases())
        + "\n]"
    )
