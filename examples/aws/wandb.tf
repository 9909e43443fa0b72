# W&B on it: the operator, one instance, and where both were before.

terraform {
  required_version = ">= 1.11"
  required_providers {
    wandb = { source = "wandb/wandb" }
  }
}

locals {
  # without what Helm's --set made of it, and with the secrets apart
  wandb = provider::wandb::module_spec(module.wandb_infra.wandb_spec)
}

resource "wandb_operator" "this" {
  version = var.operator_chart_version
}

resource "wandb_instance" "this" {
  name             = "wandb"
  spec             = nonsensitive(local.wandb.spec)
  secret_values_wo = local.wandb.secret_values
  depends_on       = [wandb_operator.this]
}

# Where the module's own releases ran W&B until now; elsewhere these blocks do nothing.
moved {
  from = module.wandb_infra.module.wandb.helm_release.operator[0]
  to   = wandb_operator.this
}

moved {
  from = module.wandb_infra.module.wandb.helm_release.wandb[0]
  to   = wandb_instance.this
}

output "url" {
  value = wandb_instance.this.url
}
