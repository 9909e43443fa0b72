# Everything a cluster needs to run W&B: the operator, and one instance.

terraform {
  required_providers {
    wandb = { source = "wandb/wandb" }
  }
}

variable "kubeconfig" {
  description = "kubeconfig file of the cluster"
  type        = string
}

variable "repository" {
  description = "Chart repository; null when `chart` is a path"
  type        = string
  default     = "https://charts.wandb.ai"
}

variable "chart" {
  description = "The operator chart: a name in the repository, or a path"
  type        = string
  default     = "operator"
}

variable "wait_for" {
  description = "What the instance waits for. A simulated cluster runs no containers, so no operator answers there"
  type        = string
  default     = "none"
}

provider "wandb" {
  kubernetes = { config_path = var.kubeconfig }
}

resource "wandb_operator" "this" {
  chart      = var.chart
  repository = var.repository
  values     = { image = { tag = "1.22.0" } }
}

resource "wandb_instance" "this" {
  name     = "wandb"
  wait_for = var.wait_for
  spec = {
    values = {
      global = {
        host  = "https://wandb.example.com"
        mysql = { host = "mysql.example.com", port = 3306, database = "wandb", user = "wandb" }
      }
    }
  }
  secret_values_wo = {
    values = { global = { mysql = { password = "not-in-the-state" } } }
  }
  depends_on = [wandb_operator.this]
}

output "objects" {
  value = wandb_operator.this.objects
}

output "url" {
  value = wandb_instance.this.url
}
