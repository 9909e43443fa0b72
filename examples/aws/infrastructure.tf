# The infrastructure on AWS, as W&B's module builds it, without the two Helm releases that it can also make.

provider "aws" {
  region = var.region
}

module "wandb_infra" {
  source  = "wandb/wandb/aws"
  version = ">= 7.12.4" # has the switches and the output below

  namespace                 = var.namespace
  license                   = var.license
  domain_name               = var.domain_name
  subdomain                 = var.subdomain
  zone_id                   = var.zone_id
  size                      = var.size
  allowed_inbound_cidr      = var.allowed_inbound_cidr
  allowed_inbound_ipv6_cidr = ["::/0"]
  external_dns              = true # writes the records of the load balancer into the zone
  public_access             = true

  eks_cluster_version                     = var.eks_cluster_version
  kubernetes_public_access                = true
  kubernetes_public_access_cidrs          = var.kubernetes_public_access_cidrs
  kubernetes_legacy_cluster_creator_admin = true

  enable_helm_operator = false
  enable_helm_wandb    = false
}

locals {
  cluster = {
    host = module.wandb_infra.cluster_endpoint
    ca   = base64decode(module.wandb_infra.cluster_certificate_authority_data)
    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", module.wandb_infra.cluster_name]
    }
  }
}

provider "wandb" {
  kubernetes = {
    host                   = local.cluster.host
    cluster_ca_certificate = local.cluster.ca
    exec                   = local.cluster.exec
  }
}

# The module installs the load balancer's controller and external-dns with these.
provider "kubernetes" {
  host                   = local.cluster.host
  cluster_ca_certificate = local.cluster.ca
  exec {
    api_version = local.cluster.exec.api_version
    command     = local.cluster.exec.command
    args        = local.cluster.exec.args
  }
}

provider "helm" {
  kubernetes {
    host                   = local.cluster.host
    cluster_ca_certificate = local.cluster.ca
    exec {
      api_version = local.cluster.exec.api_version
      command     = local.cluster.exec.command
      args        = local.cluster.exec.args
    }
  }
}
