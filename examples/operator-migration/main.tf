# The infrastructure, and how to reach its cluster. This file stays as it is through the migration.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws        = { source = "hashicorp/aws" }
    kubernetes = { source = "hashicorp/kubernetes" } # until step 2 is done
    wandb      = { source = "wandb/wandb" }
  }
}

provider "aws" {
  region = "us-west-2"
}

module "wandb_infra" {
  source  = "wandb/wandb/aws"
  version = "1.16.10"

  namespace          = var.namespace
  domain_name        = var.domain_name
  zone_id            = var.zone_id
  subdomain          = var.subdomain
  public_access      = true
  external_dns       = true
  use_internal_queue = true
}

data "aws_eks_cluster" "app" {
  name = module.wandb_infra.cluster_id
}

provider "wandb" {
  kubernetes = {
    host                   = data.aws_eks_cluster.app.endpoint
    cluster_ca_certificate = base64decode(data.aws_eks_cluster.app.certificate_authority[0].data)
    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", data.aws_eks_cluster.app.name]
    }
  }
}
