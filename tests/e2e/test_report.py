# SPDX-License-Identifier: Apache-2.0
"""`terraform-provider-wandb report`: what the command makes of either form in which Terraform prints a plan."""

import html.parser
import json
import re
import subprocess
import xml.etree.ElementTree

import pytest

from leaks import planted
from test_instance_drift import GUIDE

INSTANCE = """
resource "wandb_instance" "this" {{
  name      = "wandb"
  namespace = "{namespace}"
  wait_for  = "none"
  drift     = "{drift}"
  spec      = {{ values = {{ global = {{ host = "https://{host}.example.com", size = "small" }} }} }}
  secret_values_wo = {{ values = {{ global = {{ license = "{license}" }} }} }}
}}
"""
HOSTILE = '</script><b>|`x` @team & "q", found 1, written by me'


def run(provider, text, *words):
    result = subprocess.run(
        [provider, "report", *words], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    return result.returncode, result.stdout, result.stderr


@pytest.fixture
def changed(any_terraform, kubectl, crd, namespace):
    """An instance that others have changed: a value, a key with letters that every format knows, a secret."""

    def write(drift="enforce", host="a"):
        any_terraform.write(
            any_terraform.header()
            + INSTANCE.format(namespace=namespace, drift=drift, host=host, license=planted("license"))
        )
        return any_terraform

    write().apply()
    patch = {"spec": {"values": {"global": {"size": "large", "a|b`c": HOSTILE, "license": planted("other")}}}}
    kubectl("-n", namespace, "patch", "weightsandbiases", "wandb", "--type=merge", "-p", json.dumps(patch))
    return write


def test_both_forms_of_a_plan_tell_the_same(changed, provider):
    terraform = changed(host="b")
    plan = terraform.plan()
    saved = terraform.run("show", "-json", plan.file).stdout
    reports = {}
    for name, text in ("document", saved), ("messages", plan.result.stdout):
        code, out, _ = run(provider, text, "--format", "json")
        assert code == 2
        reports[name] = json.loads(out)
        terraform.leaks.look("report", out)
    document, messages = reports["document"], reports["messages"]
    assert document["drifted"] == 3 and document["to_change"] == 1
    (resource,) = document["resources"]
    assert resource["address"] == "wandb_instance.this" and resource["action"] == "update"
    by_path = {each["path"]: each for each in resource["drift"]}
    assert by_path["spec.values.global.size"]["wanted"] == '"small"'
    assert json.loads(by_path['spec.values.global["a|b`c"]']["found"]) == HOSTILE
    assert "sensitive" in by_path["spec.values.global.license"]["found"]
    assert {
        "path": "spec.values.global.host",
        "before": '"https://a.example.com"',
        "after": '"https://b.example.com"',
    } in (resource["changes"])
    assert messages["resources"][0]["drift"] == resource["drift"]


def test_every_format(changed, provider):
    terraform = changed("report")
    text = terraform.run("show", "-json", terraform.plan().file).stdout
    outputs = {}
    for name in ("text", "markdown", "html", "json", "junit", "sarif"):
        code, outputs[name], errors = run(provider, text, "--format", name)
        assert (code, errors) == (2, "")
        terraform.leaks.look(name, outputs[name])
    assert run(provider, text) == (2, outputs["text"], "")
    assert "<b>" not in outputs["html"] and "<b>" not in outputs["markdown"] and "<script" not in outputs["html"]
    assert not re.search(r"(src|href)=|url\(|@import", outputs["html"])
    cells = [
        line.count(" | ") for line in outputs["markdown"].splitlines() if line.startswith("| <code>WeightsAndBiases/")
    ]
    assert cells == [5, 5, 5]
    suite = xml.etree.ElementTree.fromstring(outputs["junit"])
    assert suite.attrib["failures"] == "1" and HOSTILE in suite.find("testcase/failure").text.replace('\\"', '"')
    (sarif,) = json.loads(outputs["sarif"])["runs"]
    assert len(sarif["results"]) == 3

    class Balanced(html.parser.HTMLParser):
        open = []

        def handle_starttag(self, tag, attributes):
            if tag != "meta":
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    page = Balanced()
    page.feed(outputs["html"])
    assert not page.open


def test_a_postcondition_of_the_guide(changed):
    """It stops the plan while something differs, where drift is only reported, and nothing else does."""
    (block,) = re.findall(r"^  lifecycle \{.*?^  \}$", GUIDE.read_text(), re.S | re.M)
    terraform = changed("report")
    text = (terraform.directory / "main.tf").read_text()
    terraform.write(text.replace('drift     = "report"', f'drift = "report"\n{block}'))
    plan = terraform.plan(expect=(1,))
    assert "Somebody changed the instance" in plan.text
    terraform.write(text.replace('drift     = "report"', f'drift = "enforce"\n{block}'))
    terraform.apply()
    assert terraform.plan().empty


def test_nothing_to_tell(any_terraform, kubectl, crd, namespace, provider):
    any_terraform.write(
        any_terraform.header()
        + INSTANCE.format(namespace=namespace, drift="enforce", host="a", license=planted("license"))
    )
    any_terraform.apply()
    plan = any_terraform.plan()
    code, out, _ = run(provider, any_terraform.run("show", "-json", plan.file).stdout)
    assert code == 0 and "1 resource, 0 paths drifted, 0 to change" in out
    assert run(provider, plan.result.stdout)[0] == 0


def test_a_plan_that_failed(terraform, crd, namespace, provider):
    terraform.write(
        terraform.header()
        + INSTANCE.format(namespace="no-such-namespace!", drift="enforce", host="a", license=planted("license"))
    )
    code, out, _ = run(provider, terraform.plan(expect=(1,)).result.stdout)
    assert code == 1 and "The plan failed: " in out


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("", [], "there is nothing to read"),
        ('{"values": {}}', [], "this is a state"),
        ("{}", ["--format", "pdf"], 'there is no format "pdf". There are text, markdown, html, json, junit and sarif'),
        ("{}", ["plan.json"], "it takes no file"),
        ("{}", ["--formt"], "usage: "),
    ],
)
def test_what_it_refuses(provider, text, words, why):
    code, out, errors = run(provider, text, *words)
    assert code == 1 and out == "" and why in errors


def test_the_guide(changed, provider, tmp_path):
    """The guide's commands, run as they stand, with the plugin where `terraform init` puts it."""
    terraform = changed()
    (block,) = [each for each in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.S) if "report --format" in each]
    place = terraform.directory / ".terraform/providers/registry.terraform.io/wandb/wandb/0.0.0/linux_amd64"
    place.mkdir(parents=True)
    (place / "terraform-provider-wandb_v0.0.0").symlink_to(provider)
    script = block.replace("terraform ", f"{terraform.executable} ")
    result = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=terraform.directory,
        env=terraform.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "spec.values.global" in (terraform.directory / "drift.md").read_text()
    assert (terraform.directory / "drift.html").read_text().startswith("<!doctype html>")
