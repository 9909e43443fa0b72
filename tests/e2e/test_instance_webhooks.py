# SPDX-License-Identifier: Apache-2.0
"""The CRD and the webhooks of v2 that the other tests use answer as recorded:
the stand-in as the real ones, and those as they did."""

import json

import pytest

import conversions
import webhooks
from cluster import kubectl_for
from tools import TESTS


@pytest.fixture(scope="module", params=[webhooks.V2, pytest.param(webhooks.Real, marks=pytest.mark.full)])
def answering(request, cluster, tmp_path_factory):
    """The webhooks, once for all cases."""
    directory = tmp_path_factory.mktemp("webhooks")
    kubectl = kubectl_for(cluster.kubeconfig, directory)
    with request.param(kubectl, cluster.kubeconfig, directory):
        yield kubectl


@pytest.mark.parametrize("name", conversions.CASES)
def test_as_recorded(answering, name):
    recorded = json.loads((TESTS / "operator" / "transcripts" / "v2.json").read_text())
    assert json.loads(json.dumps(conversions.play(name, answering))) == recorded[name]
