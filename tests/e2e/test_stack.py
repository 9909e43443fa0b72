# SPDX-License-Identifier: Apache-2.0
"""How deep things may nest is a limit of the provider's, not of the shell's `ulimit -s`. No cluster."""

import json

import pytest

from chart_servers import Charts

SMALL_KIB = 1024
JSON_LEVELS, YAML_LEVELS, ACTION_LEVELS, VALUE_LEVELS = 9990, 990, 980, 200  # just inside what is allowed
CALLS = 9000  # of templates in each other: past the end of a worker's stack, on to the larger one


def nested(levels, middle="1"):
    return "[" * levels + middle + "]" * levels


def deepest_action():
    return "{{ " + "(print " * ACTION_LEVELS + "(len (fromJsonArray .text))" + ")" * ACTION_LEVELS + " }}"


# Every 64th call of the template holds an action as deep as one may be,
# and in it the deepest text that any function decodes.
RECURSION = (
    '{{ define "down" }}{{ if not (mod .left 64) }}{{ $_ := tpl .action . }}{{ end }}'
    '{{ if .left }}{{ template "down" (dict "text" .text "action" .action "left" (sub .left 1)) }}{{ end }}{{ end }}'
)

FILES = {
    "Chart.yaml": "apiVersion: v2\nname: deep\nversion: 1.0.0\n",
    "values.yaml": f"deep: {nested(YAML_LEVELS - 1)}\nkeys: {'{a: ' * (YAML_LEVELS - 1)}1{'}' * (YAML_LEVELS - 1)}\n",
    "values.schema.json": f'{{"properties": {{"deep": {{"default": {nested(YAML_LEVELS - 10)}}}}}}}',
    "files/action": deepest_action(),
    "templates/_down.tpl": RECURSION,
    "templates/map.yaml": f"""\
{{{{- $text := printf "%s%s" (repeat {JSON_LEVELS} "[") (repeat {JSON_LEVELS} "]") }}}}
{{{{- template "down" (dict "text" $text "action" (.Files.Get "files/action") "left" {CALLS}) }}}}
apiVersion: v1
kind: ConfigMap
metadata: {{name: deep}}
data:
  values: {{{{ toJson .Values.deep | len | quote }}}}
  given: {{{{ toJson .Values.given | len | quote }}}}
  yaml: {{{{ fromYamlArray (toJson .Values.deep) | len | quote }}}}
""",
}


@pytest.fixture
def chart(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "deep" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "deep"


@pytest.fixture
def small_stack(provider, tmp_path):
    """The provider as a shell starts it whose threads get a stack of 1 MiB unless they ask for more."""
    script = tmp_path / "small-stack"
    script.write_text(f'#!/bin/sh\nulimit -s {SMALL_KIB}\nexec {provider} "$@"\n')
    script.chmod(0o755)
    return script


@pytest.mark.parametrize("profile", ["3", "4"])
def test_the_deepest_that_is_allowed(make_terraform, small_stack, chart, profile):
    wanted = {"deep": {"chart": chart, "profile": profile, "values": {"given": json.loads(nested(VALUE_LEVELS))}}}
    found = Charts(make_terraform(executable=small_stack)).get(wanted)
    assert f'values: "{2 * (YAML_LEVELS - 1) + 1}"' in found["deep"]["manifest"]
    assert f'given: "{2 * VALUE_LEVELS + 1}"' in found["deep"]["manifest"]


def test_one_level_more_is_refused(make_terraform, small_stack, chart):
    (chart / "values.yaml").write_text(f"deep: {nested(1001)}\n")
    refused = Charts(make_terraform(executable=small_stack)).refused({"deep": {"chart": chart}})
    assert "nested deeper than 1000 levels" in refused["deep"]
