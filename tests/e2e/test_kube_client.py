# SPDX-License-Identifier: Apache-2.0
"""The C client (src/kube) against the cluster: its own cmocka programs."""

import os
import pathlib

import pytest

from commands import clean_environment, execute


@pytest.mark.parametrize("program", ["unit_kube_cluster", "unit_kube_wait"])
def test_client(program, cluster):
    build = pathlib.Path(os.environ.get("BUILD_DIR") or pathlib.Path(os.environ.get("WANDB_PROVIDER", "/")).parent)
    executable = build / "tests" / program
    assert executable.exists(), f"{executable} is not there; a build with -DDEVELOP=ON has it"
    environment = clean_environment(WANDB_TEST_KUBECONFIG=cluster.kubeconfig)
    result = execute([executable], env=environment, expect=None, timeout=300)
    assert result.code == 0, str(result)
