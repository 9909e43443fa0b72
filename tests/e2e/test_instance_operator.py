# SPDX-License-Identifier: Apache-2.0
"""The operator that the other tests use behaves as recorded:
the stand-in as the real one, and the real one as it did."""

import concurrent.futures
import json

import pytest

import scenarios
import tools
from cluster import kubectl_for
from tools import TESTS

AT_ONCE = 3  # they mostly wait


def recorded(name):
    return json.loads((TESTS / "operator" / "transcripts" / scenarios.file_name(name)).read_text())


@pytest.fixture(scope="module")
def played(request, cluster, tmp_path_factory):
    """{name: future of its transcript} of the scenarios that this run asks for,
    each in a namespace with an operator of its own."""
    names = [item.callspec.params["name"] for item in request.session.items if item.module is request.module]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:

        def play(name):
            directory = tmp_path_factory.mktemp("scenario")
            return scenarios.play(
                name,
                kubectl_for(cluster.kubeconfig, directory),
                tools.get("helm4"),
                cluster.kubeconfig,
                directory,
                recorded(name),
            )

        yield {name: pool.submit(play, name) for name in names}


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_transcript(played, name):
    assert json.loads(scenarios.encode(played[name].result())) == recorded(name)
