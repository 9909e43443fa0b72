# The infrastructure on Google Cloud, as W&B's module builds it, without the two Helm releases that it can also make.

provider "google" {
  project = var.project_id
  region  = var.region
  zone    = var.zone
}

provider "google-beta" {
  project = var.project_id
  region  = var.region
  zone    = var.zone
}

module "wandb_infra" {
  source  = "wandb/wandb/google"
  version = ">= 10.3.0" # has the switches and the output below

  namespace             = var.namespace
  license               = var.license
  domain_name           = var.domain_name
  subdomain             = var.subdomain
  size                  = var.size
  allowed_inbound_cidrs = var.allowed_inbound_cidrs
  create_redis          = true
  use_internal_queue    = true

  enable_helm_operator = false
  enable_helm_wandb    = false
}

# The name of the server leads to the address of its load balancer.
resource "google_dns_record_set" "wandb" {
  managed_zone = var.dns_zone
  name         = "${var.subdomain}.${var.domain_name}."
  type         = "A"
  ttl          = 300
  rrdatas      = [module.wandb_infra.address]
}

locals {
  cluster = {
    host = "https://${module.wandb_infra.cluster_endpoint}"
    ca   = base64decode(module.wandb_infra.cluster_ca_certificate)
    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "gke-gcloud-auth-plugin"
      args        = []
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

# The module installs what belongs to the cluster itself with these.
provider "kubernetes" {
  host                   = local.cluster.host
  cluster_ca_certificate = local.cluster.ca
  exec {
    api_version = local.cluster.exec.api_version
    command     = local.cluster.exec.command
  }
}

provider "helm" {
  kubernetes {
    host                   = local.cluster.host
    cluster_ca_certificate = local.cluster.ca
    exec {
      api_version = local.cluster.exec.api_version
      command     = local.cluster.exec.command
    }
  }
}
