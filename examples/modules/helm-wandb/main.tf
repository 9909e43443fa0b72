# In the place of the module wandb/wandb/helm: the same inputs, this provider instead of two helm_releases.
# Give your module block this source, keep its name, and plan: the releases move.

terraform {
  required_version = ">= 1.11"
  required_providers {
    wandb = { source = "wandb/wandb" }
  }
}

locals {
  wandb = provider::wandb::module_spec(var.spec)
}

resource "wandb_operator" "this" {
  count     = var.enable_helm_operator ? 1 : 0
  namespace = var.operator_chart_namespace
  version   = var.operator_chart_version == "latest" ? null : var.operator_chart_version
  values    = { image = { repository = var.controller_image_repository, tag = var.controller_image_tag } }
}

resource "wandb_instance" "this" {
  count            = var.enable_helm_wandb ? 1 : 0
  name             = "wandb"
  namespace        = var.wandb_namespace
  spec             = nonsensitive(local.wandb.spec)
  secret_values_wo = local.wandb.secret_values
  depends_on       = [wandb_operator.this]
}

moved {
  from = helm_release.operator
  to   = wandb_operator.this
}

moved {
  from = helm_release.wandb
  to   = wandb_instance.this
}
