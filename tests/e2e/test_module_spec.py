# SPDX-License-Identifier: Apache-2.0
"""provider::wandb::module_spec with outputs as W&B's cloud modules make them, in Terraform 1.11, 1.15 and OpenTofu."""

import pytest

from leaks import planted
from terraform import diagnostics
from tools import ROOT

# What the modules have of every kind: joined annotations with the escapes of helm's --set in heredocs,
# a quoted JSON text, conditions # that leave null or another shape, numbers in quotes.
MODULE = """variable "license" { sensitive = true }
variable "password" { sensitive = true }
variable "token" { sensitive = true }
variable "cidrs" { default = ["10.0.0.0/8", "192.168.0.0/16"] }
variable "identity" { default = false }
variable "redis_host" { default = "redis.example.com" }

locals {
  spec = {
    values = {
      global = {
        host     = "https://wandb.example.com"
        license  = var.license
        bucket   = {}
        extraEnv = merge({ GORILLA_A = "b" }, { OIDC_SECRET = var.token })
        mysql    = { host = "db", port = 3306, password = var.password }
        redis    = { host = var.redis_host, port = "6379", password = "", external = false, params = { master = "" } }
      }
      ingress = {
        additionalHosts = concat(["a.example.com"], [])
        annotations = merge({
          "example.com/inbound-cidrs" = <<-EOF
            ${join("\\\\,", var.cidrs)}
          EOF
          "example.com/listen-ports"  = "[{\\\\\\"HTTPS\\\\\\": 443}]"
        }, length(var.cidrs) > 0 ? { "example.com/subnets" = "none" } : {})
      }
      weave = { serviceAccount = var.identity ? { name = "sa", annotations = { a = "b" } } : { name = null, annotations = {} } }
      tools = { hooks = [{ name = "X_TOKEN", value = var.token }, { name = "plain", value = "1" }] }
    }
  }
}
output "wandb_spec" {
  value     = local.spec
  sensitive = true
}
"""  # noqa: E501
USE = """variable "license" { sensitive = true }
variable "password" { sensitive = true }
variable "token" { sensitive = true }
module "wandb_infra" {
  source   = "./infra"
  license  = var.license
  password = var.password
  token    = var.token
}
"""
LOCALS = "locals { wandb = provider::wandb::module_spec(module.wandb_infra.wandb_spec) }\n"
SECRETS = {
    "license": planted("module-license"),
    "password": planted("module-password"),
    "token": planted("module-token"),
}


@pytest.fixture
def module(any_terraform):
    """The terraform with the module in ./infra and its secrets in the environment."""
    (any_terraform.directory / "infra").mkdir()
    (any_terraform.directory / "infra" / "main.tf").write_text(MODULE)
    any_terraform.environment.update({f"TF_VAR_{name}": value for name, value in SECRETS.items()})
    any_terraform.write(any_terraform.header() + USE)
    return any_terraform


def test_the_result_is_what_helm_makes_of_it(module):
    """Compared with the same way through yamlencode, --set and YAML that terraform-helm-wandb goes."""
    module.write(
        LOCALS
        + """
output "same" {
  value = nonsensitive(provider::wandb::merge_spec(local.wandb.spec, local.wandb.secret_values) ==
    yamldecode(provider::wandb::helm_set(["spec=${yamlencode(module.wandb_infra.wandb_spec)}"]).spec))
}
output "secrets" {
  value = nonsensitive(local.wandb.secret_values == { values = {
    global = { license = var.license, extraEnv = { OIDC_SECRET = var.token }, mysql = { password = var.password }, redis = { password = "" } }
    tools  = { hooks = [{ name = "X_TOKEN", value = var.token }, { name = "plain", value = "1" }] }
  } })
}
output "spec" { value = nonsensitive(local.wandb.spec) }
""",  # noqa: E501
        "outputs.tf",
    )
    module.run("get")
    module.apply()
    outputs = module.outputs()
    assert outputs["same"] is True and outputs["secrets"] is True
    values = outputs["spec"]["values"]
    assert values["ingress"]["annotations"] == {
        "example.com/inbound-cidrs": "10.0.0.0/8,192.168.0.0/16\n",
        "example.com/listen-ports": '[{"HTTPS": 443}]',
        "example.com/subnets": "none",
    }
    assert values["weave"] == {"serviceAccount": {"name": None, "annotations": {}}}
    assert values["tools"] == {} and values["global"]["extraEnv"] == {"GORILLA_A": "b"}
    assert values["global"]["redis"] == {
        "host": "redis.example.com",
        "port": "6379",
        "external": False,
        "params": {"master": ""},
    }


def example(namespace):
    """What the page of the function shows, in a namespace of the test."""
    page = (ROOT / "docs" / "functions" / "module_spec.md").read_text()
    text = page.split("```terraform\n")[1].split("```")[0]
    return text.replace(
        'name             = "wandb"', f'name             = "wandb"\n  namespace = "{namespace}"\n  wait_for = "none"'
    )


def test_an_instance_while_the_infrastructure_is_not_there(module, crd, kubectl, namespace, leaks):
    """Parts that are known after apply only are planned, applied as planned, and stay out of the state where secret."""
    leaks.allow("^plan", "a saved plan holds the values of variables")
    module.write(
        module.header()
        + USE.replace("= var.password", '= terraform_data.infra.id != "" ? var.password : ""').replace(
            "  token ", '  redis_host = "r${terraform_data.infra.id}"\n  token '
        )
        + 'resource "terraform_data" "infra" {}\n'
    )
    module.write(example(namespace), "example.tf")
    module.run("get")
    plan = module.plan()
    change = plan.change("wandb_instance.this")
    values = change["after"]["spec"]["values"]
    assert "host" not in values["global"]["redis"] and change["after_unknown"]["spec"]["values"]["global"]["redis"] == {
        "host": True,
        "params": {},
    }
    assert values["global"]["mysql"] == {"host": "db", "port": 3306}
    module.run("apply", "-no-color", plan.file)
    live = kubectl.json("-n", namespace, "get", "weightsandbiases", "wandb")["spec"]["values"]
    assert live["global"]["mysql"] == {"host": "db", "port": 3306, "password": SECRETS["password"]}
    assert (
        live["global"]["extraEnv"]["OIDC_SECRET"] == SECRETS["token"]
        and live["global"]["license"] == SECRETS["license"]
    )
    assert live["tools"]["hooks"][0] == {"name": "X_TOKEN", "value": SECRETS["token"]}
    assert module.plan().empty
    module.destroy()


@pytest.mark.parametrize("argument, found", [("[]", "a list"), ('"a: b"', "a string"), ("12", "a number")])
def test_what_is_no_spec_is_refused(terraform, argument, found):
    terraform.write(terraform.header() + f'output "x" {{ value = provider::wandb::module_spec({argument}) }}\n')
    errors = diagnostics(terraform.apply_json(expect=(1,)))
    assert found in errors[0]["detail"] and "wandb_spec" in errors[0]["detail"], errors


def test_a_secret_at_a_name_that_does_not_say_so_stays_in_the_spec(terraform):
    """What the page says: names and forms are all there is to go by."""
    terraform.write(
        terraform.header()
        + """output "x" {
  value = provider::wandb::module_spec({ values = { a = { magic = "s3cr3t", url = "redis://:pw@host" } } })
}
"""
    )
    terraform.apply()
    assert terraform.outputs()["x"] == {
        "spec": {"values": {"a": {"magic": "s3cr3t"}}},
        "secret_values": {"values": {"a": {"url": "redis://:pw@host"}}},
    }
