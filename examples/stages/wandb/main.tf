# One stage: the operator, and an instance that runs the release it is given, and no other.

terraform {
  required_version = ">= 1.11"
  required_providers {
    wandb = { source = "wandb/wandb" }
  }
}

variable "release" {
  description = "The release to run, { id, chart, values }, as staging's output `promote` has it."
  type        = any
}

variable "host" {
  description = "Address of the server."
  type        = string
}

variable "license" {
  description = "W&B license; it is in no state and no plan."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "namespace" {
  description = "Namespace of the instance and its operator."
  type        = string
  default     = "default"
}

resource "wandb_operator" "this" {
  namespace = var.namespace
  version   = "1.4.8"
  # Asks no release channel: chart and values of the release are in the spec, and nothing else comes in.
  values = { airgapped = true }
}

resource "wandb_instance" "this" {
  name      = "wandb"
  namespace = var.namespace
  spec = {
    chart = var.release.chart
    # what this stage says, over what the release says
    values = provider::wandb::merge_spec(
      { global = { host = var.host } },
      var.release.values,
    )
  }
  license_wo = var.license
  depends_on = [wandb_operator.this]
}

output "running" {
  description = "The chart that is installed."
  value       = wandb_instance.this.active_chart
}
