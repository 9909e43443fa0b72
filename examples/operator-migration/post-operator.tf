# W&B as it runs after the migration.

locals {
  database = regex("^(?P<user>[^:]+):(?P<password>[^@]+)@(?P<host>[^:/]+)/(?P<name>.+)$", module.wandb_infra.database_connection_string)
  redis    = split(":", module.wandb_infra.elasticache_connection_string)

  values = {
    global = {
      host = module.wandb_infra.url
      bucket = {
        provider = "s3"
        name     = module.wandb_infra.bucket_name
        region   = module.wandb_infra.bucket_region
        kmsKey   = module.wandb_infra.kms_key_arn
      }
      mysql = {
        host     = nonsensitive(local.database.host)
        port     = 3306
        user     = nonsensitive(local.database.user)
        database = nonsensitive(local.database.name)
      }
      redis = {
        host   = local.redis[0]
        port   = tonumber(local.redis[1])
        params = { tls = "true" }
      }
      extraEnv = var.other_wandb_env
    }
    mysql = { install = false }
    redis = { install = false }
  }
  secret_values = {
    global = {
      license = var.wandb_license
      mysql   = { password = local.database.password }
    }
  }

  # The Service from before the operator selects app = wandb: with this label it reaches the new pods, too.
  traffic = var.keep_old_service ? { app = { pod = { labels = { app = "wandb" } } } } : {}
}

resource "wandb_operator" "this" {
  namespace  = var.operator_namespace
  repository = var.operator_repository
  chart      = var.operator_chart
  values     = merge({ image = { tag = "1.22.0" } }, var.operator_values)
}

resource "wandb_instance" "this" {
  name             = "wandb"
  namespace        = var.instance_namespace
  wait_for         = "ready"
  spec             = { values = provider::wandb::merge_spec(local.values, local.traffic) }
  secret_values_wo = { values = local.secret_values }
  depends_on       = [wandb_operator.this]
}
