# SPDX-License-Identifier: Apache-2.0
"""The protocol as real command lines speak it: schema, validation, configuration, functions. No cluster is asked."""

import base64
import json

import pytest

CLIS = ("terraform-1.11", "terraform-1.15", "tofu")
# Terraform asks a provider about its block only when something uses the provider.
USE = """
  resource "wandb_instance" "this" {
    name = "wandb"
    spec = { values = { global = { host = "https://wandb.example.com" } } }
  }
"""


@pytest.fixture(params=CLIS)
def cli(request, make_terraform):
    return make_terraform(request.param)


def license_of(claims):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()  # noqa: E731
    return f"{part({'alg': 'none'})}.{part(claims)}.c2lnbmF0dXJl"


def errors(validation):
    return [each for each in validation["diagnostics"] if each["severity"] == "error"]


def test_schema(cli):
    schema = next(iter(cli.write(cli.header()).schema().values()))
    kubernetes = schema["provider"]["block"]["attributes"]["kubernetes"]["nested_type"]["attributes"]
    assert {"host", "token", "exec", "config_path", "config_paths", "cluster_ca_certificate"} <= kubernetes.keys()
    secrets = {name for name, attribute in kubernetes.items() if attribute.get("sensitive")}
    assert secrets == {"password", "token", "client_key"}
    assert kubernetes["exec"]["nested_type"]["attributes"].keys() == {"api_version", "command", "args", "env"}
    assert schema["functions"]["decode_license"]["return_type"] == [
        "object",
        {"claims": "dynamic", "deployment_id": "string", "expires_at": "string"},
    ]
    for kind in ("resource_schemas", "data_source_schemas"):
        for name, each in schema.get(kind, {}).items():
            assert name.startswith("wandb_")
            for attribute in each["block"]["attributes"].values():
                assert attribute["description"]
            assert "block_types" not in each["block"]


def test_function(cli):
    claims = {
        "deploymentId": "d-1",
        "maxUsers": 10,
        "expiresAt": "2030-01-02T03:04:05Z",
        "flags": ["a", "b"],
        "big": 2**63,
    }
    cli.write(
        cli.header()
        + f"""
      locals {{ license = provider::wandb::decode_license(" {license_of(claims)}\\n") }}
      output "claims"  {{ value = local.license.claims }}
      output "expires" {{ value = local.license.expires_at }}
      output "later"   {{ value = timecmp(local.license.expires_at, "2029-12-31T00:00:00Z") }}
      output "epoch"   {{ value = provider::wandb::decode_license("{license_of({"exp": 1893553445})}") }}
    """
    )
    cli.apply()
    outputs = cli.outputs()
    assert outputs["claims"] == claims
    assert outputs["expires"] == "2030-01-02T03:04:05Z"
    assert outputs["later"] == 1
    assert outputs["epoch"] == {
        "claims": {"exp": 1893553445},
        "deployment_id": None,
        "expires_at": "2030-01-02T03:04:05Z",
    }
    assert cli.plan().empty


@pytest.mark.parametrize("text", ["", "secret-stuff", "a.b", "a..c", "a.c2VjcmV0LXN0dWZm.c", "a.WzFd.c"])
def test_function_refuses_without_showing_the_license(make_terraform, text):
    terraform = make_terraform()
    terraform.write(terraform.header() + f'output "l" {{ value = provider::wandb::decode_license("{text}") }}')
    plan = terraform.plan(expect=(1,))
    diagnostic = next(
        event["diagnostic"]
        for event in plan.events
        if event.get("type") == "diagnostic" and event["diagnostic"]["severity"] == "error"
    )
    said = diagnostic["detail"].replace("\n", " ")
    assert "license" in said and "copy the whole license" in said.lower()
    assert "secret-stuff" not in said
    # Terraform names the argument that the provider blames.
    assert 'parameter "license"' in said or "license" in diagnostic["summary"] + said


@pytest.mark.parametrize(
    "block, path, texts",
    [
        ('deployer_url = "deploy.wandb.ai"', "deployer_url", ["deploy.wandb.ai", "https://"]),
        (
            'kubernetes = { cluster_ca_certificate = base64encode("-----BEGIN CERTIFICATE-----") }',
            "kubernetes",
            ["base64 of PEM", "base64decode()"],
        ),
        # never the line of a secret: Terraform would quote it
        ('kubernetes = { client_key = "hush-hush" }', 'provider "wandb"', ["kubernetes.client_key", "PEM"]),
        (
            'kubernetes = { exec = { api_version = "v1", command = "aws" } }',
            "kubernetes",
            ["client.authentication.k8s.io/v1beta1", 'found "v1"'],
        ),
        ('kubernetes = { config_path = "a", config_paths = ["b"] }', "kubernetes", ["both set"]),
        (
            'registries = [{ url = "ghcr.io", username = "u", password = "p" }]',
            "registries",
            ["oci://", 'found "ghcr.io"'],
        ),
    ],
)
def test_provider_block_is_checked(make_terraform, block, path, texts):
    terraform = make_terraform()
    terraform.write(terraform.header(block) + USE)
    validation = terraform.validate()
    assert not validation["valid"]
    (error,) = errors(validation)
    for text in texts:
        assert text in error["detail"]
    assert path in error["snippet"]["code"]  # the diagnostic points at the attribute's line
    assert "hush-hush" not in error["detail"] + error["snippet"]["code"]


def test_diagnostics_find_the_line_inside_an_object(make_terraform):
    terraform = make_terraform()
    terraform.write(
        terraform.header("""kubernetes = {
      host       = "https://k"
      client_key = "hush-hush"
      exec = {
        api_version = "v1"
        command     = "aws"
      }
    }""")
        + USE
    )
    places = sorted(each["snippet"]["code"].split("=")[0].strip() for each in errors(terraform.validate()))
    assert places == ["exec", 'provider "wandb" {']


def test_every_problem_is_reported_at_once(make_terraform):
    terraform = make_terraform()
    registries = 'registries = [{ url = "ghcr.io", username = "u", password = "p" }]'
    block = f'deployer_url = "x"\n{registries}\nkubernetes = {{ client_certificate = "y" }}'
    terraform.write(terraform.header(block) + USE)
    assert len(errors(terraform.validate())) == 3


def test_unknown_configuration_is_accepted(cli):
    """What the cluster's address is made from may be created in the same apply."""
    block = 'kubernetes = { host = "https://${terraform_data.cluster.id}", token = terraform_data.cluster.id }'
    cli.write(cli.header(block) + 'resource "terraform_data" "cluster" {}' + USE)
    assert not errors(cli.validate())
    assert cli.plan().changes == {"terraform_data.cluster": ["create"], "wandb_instance.this": ["create"]}


def test_nothing_in_the_log_above_info(make_terraform):
    terraform = make_terraform()
    terraform.write(
        terraform.header() + f'output "l" {{ value = provider::wandb::decode_license("{license_of({})}").claims }}'
    )
    _, log = terraform.traced(terraform.apply)
    lines = [line for line in log.splitlines() if "provider.terraform-provider-wandb" in line]
    assert any("tf_rpc=CallFunction" in line and "tf_req_id=" in line for line in lines)
    assert any("@module=wandb.protocol" in line for line in lines)
    assert not [line for line in lines if "[WARN]" in line or "[ERROR]" in line]


def test_no_tls_when_the_user_says_so(make_terraform):
    terraform = make_terraform(TF_DISABLE_PLUGIN_TLS="1")
    terraform.write(
        terraform.header()
        + f'output "l" {{ value = provider::wandb::decode_license("{license_of({"a": 1})}").claims }}'
    )
    terraform.apply()
    assert terraform.outputs() == {"l": {"a": 1}}
