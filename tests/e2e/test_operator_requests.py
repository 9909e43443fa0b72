# SPDX-License-Identifier: Apache-2.0
"""How many requests a plan, an apply and a destroy of one operator release make, and that none of them is a large one.

The numbers are the documentation: a no-op plan reads the release's newest record, asks whether there is a newer one,
and reads each object and CRD once. The helm provider makes four requests and sees none of the objects.
"""

import collections

import pytest

from release_charts import release, write_chart
from release_door import WRITES
from tools import ROOT


@pytest.fixture
def requests(door):
    """What a command of terraform asked the API server, as "VERB path" without the query, each with its count."""

    def count(method, *words):
        door.log = []
        result = method(*words)
        return collections.Counter(f"{verb} {path.split('?')[0]}" for verb, path in door.log), result

    return count


def test_a_plan_without_changes(make_terraform, door, requests, namespace):
    terraform = make_terraform(**door.environment())
    chart = ROOT / "examples" / "charts" / "operator"
    terraform.write(terraform.header() + release(namespace, chart, {"nameOverride": namespace}, name="operator"))
    terraform.apply()
    objects = terraform.resources()["wandb_operator.this"]["objects"]
    made, plan = requests(terraform.plan)
    assert plan.empty
    record = f"/api/v1/namespaces/{namespace}/secrets/sh.helm.release.v1.operator.v"
    others = [path for path in made if not path.startswith(f"GET {record}")]
    assert made[f"GET {record}1"] == made[f"GET {record}2"] == 1
    assert len(others) == len(objects) and set(made.values()) == {1}, made
    assert not [path for path in made if path.startswith("GET /apis/apps/v1") and path.endswith("/v1")]  # no discovery
    assert not [path for path in others if "secrets" in path], made
    terraform.destroy()


def test_upgrading_and_destroying(make_terraform, door, requests, namespace, tmp_path):
    """The rest in order of magnitude: discovery once, each object a handful of times, records listed once."""
    terraform = make_terraform(**door.environment())
    chart = write_chart(tmp_path / "chart")
    terraform.write(terraform.header() + release(namespace, chart))
    made, _ = requests(terraform.apply)
    writes = sum(count for path, count in made.items() if path.split()[0] in WRITES)
    assert writes == 6, made  # namespace, record, three objects, record
    assert sum(made.values()) <= 25, made
    terraform.write(terraform.header() + release(namespace, chart, {"replicas": 2}))
    made, _ = requests(terraform.apply)
    writes = sum(count for path, count in made.items() if path.split()[0] in WRITES)
    assert writes == 6, made  # record, three objects, record, the older record
    assert sum(made.values()) <= 25, made
    assert made[f"GET /api/v1/namespaces/{namespace}/secrets"] == 1
    made, _ = requests(terraform.destroy)
    writes = sum(count for path, count in made.items() if path.split()[0] in WRITES)
    assert writes == 6, made  # record, three objects, two records


@pytest.mark.parametrize(
    "more",
    [
        'timeouts = { update = "3m" }',
        "wait = false",
        "atomic = true",
        "adopt = true",
        "max_history = 3",
        'drift = "report"',
        'version = "^1.0"',
        'repository = "https://charts.example.com"',
    ],
)
def test_how_we_work_is_no_reason_to_write(make_terraform, door, requests, helm3, namespace, tmp_path, more):
    """What only Terraform needs to know makes no revision."""
    terraform = make_terraform(**door.environment())
    chart = write_chart(tmp_path / "chart")
    terraform.write(terraform.header() + release(namespace, chart))
    terraform.apply()
    terraform.write(terraform.header() + release(namespace, chart, more=more))
    assert terraform.plan().changes == {"wandb_operator.this": ["update"]}
    made, _ = requests(terraform.apply)
    assert not [path for path in made if path.split()[0] in WRITES], made
    assert terraform.plan().empty
    assert len(helm3.json("history", "app", "-n", namespace)) == 1
    terraform.write(terraform.header() + release(namespace, chart, {"replicas": 2}, more))
    terraform.apply()
    assert terraform.plan().empty
    assert len(helm3.json("history", "app", "-n", namespace)) == 2
