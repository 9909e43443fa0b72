# SPDX-License-Identifier: Apache-2.0
"""The operator that the other tests use behaves as recorded: the stand-in as the real one, and the real one as it did."""

import json
import sys

import pytest

from conftest import TESTS, tools

sys.path.insert(0, str(TESTS / "operator"))
import scenarios  # noqa: E402


@pytest.mark.parametrize("name", scenarios.SCENARIOS)
def test_transcript(cluster, kubectl, tmp_path, name):
    recorded = json.loads((TESTS / "operator" / "transcripts" / scenarios.file_name(name)).read_text())
    played = scenarios.play(name, kubectl, tools.get("helm4"), cluster.kubeconfig, tmp_path)
    assert json.loads(scenarios.encode(played)) == recorded
