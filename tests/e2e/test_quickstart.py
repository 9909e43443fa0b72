# SPDX-License-Identifier: Apache-2.0
"""examples/quickstart/run, as a stranger runs it."""

import os

from conftest import ROOT, execute


def test_quickstart(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KUBE", "WANDB_"))}
    result = execute([ROOT / "examples" / "quickstart" / "run"], env=environment, timeout=1800)
    text = result.stdout
    assert "Apply complete! Resources: 2 added, 0 changed, 0 destroyed." in text
    assert "No changes. Your infrastructure matches the configuration." in text
    assert 'spec.values.global.host: wanted "https://wandb.example.com", found "https://elsewhere.example.com"' in text
    assert "written by kubectl-patch at" in text
    assert "Apply complete! Resources: 0 added, 1 changed, 0 destroyed." in text
    assert '"host":"https://wandb.example.com"' in text and '"debug"' not in text.split("jsonpath")[1].split("\n")[1]
    assert "operator-" in text and "deployed" in text
    assert "Destroy complete! Resources: 2 destroyed." in text
