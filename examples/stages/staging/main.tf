# The first stage takes a release from the channel, and keeps it.

data "wandb_release_channel" "now" {}

# What was offered when this was made. It takes what is offered now with
#   terraform apply -replace=terraform_data.release
resource "terraform_data" "release" {
  input = {
    id     = data.wandb_release_channel.now.release_id
    chart  = data.wandb_release_channel.now.pin
    values = nonsensitive(data.wandb_release_channel.now.values)
  }

  lifecycle {
    ignore_changes = [input]
    precondition {
      condition     = data.wandb_release_channel.now.pin != null
      error_message = "The channel's offer names no chart version that an instance could be held at."
    }
  }
}

module "wandb" {
  source    = "../wandb"
  release   = terraform_data.release.input
  host      = var.host
  license   = var.license
  namespace = var.namespace
}

# For the next stage: terraform output -json promote > ../production/release.auto.tfvars.json
output "promote" {
  value = { release = terraform_data.release.input }
}

output "chart_versions" {
  value = {
    kept    = terraform_data.release.input.chart.version
    offered = data.wandb_release_channel.now.chart_version
  }
}
