# Compares what runs before the migration with what post-operator.tf says. Step 2 removes this file, too.

check "migration" {
  data "wandb_legacy_deployment" "old" {
    namespace = var.instance_namespace
  }

  assert {
    condition     = data.wandb_legacy_deployment.old.ready_to_migrate
    error_message = "The old deployment has what the new one would miss: ${jsonencode(data.wandb_legacy_deployment.old.unmapped)}"
  }

  assert {
    condition     = jsonencode(data.wandb_legacy_deployment.old.values) == jsonencode(local.values)
    error_message = "The values in post-operator.tf are not those of the old deployment: ${jsonencode(data.wandb_legacy_deployment.old.values)}"
  }

  assert {
    condition     = nonsensitive(jsonencode(data.wandb_legacy_deployment.old.secret_values) == jsonencode(local.secret_values))
    error_message = "The secrets in post-operator.tf are not those of the old deployment."
  }
}
