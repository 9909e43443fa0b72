# The infrastructure on Azure, as W&B's module builds it, without the two Helm releases that it can also make.

provider "azurerm" {
  subscription_id = var.subscription_id
  features {}
}

provider "azapi" {
  subscription_id = var.subscription_id
}

module "wandb_infra" {
  source  = "wandb/wandb/azurerm"
  version = ">= 7.3.0" # has the switches and the output below

  namespace           = var.namespace
  location            = var.location
  license             = var.license
  domain_name         = var.domain_name
  subdomain           = var.subdomain
  size                = var.size
  create_redis        = true
  use_internal_queue  = true
  node_pool_num_zones = 2

  enable_helm_operator = false
  enable_helm_wandb    = false
}

# The name of the server leads to the address of its application gateway.
resource "azurerm_dns_a_record" "wandb" {
  zone_name           = var.domain_name
  resource_group_name = var.dns_resource_group
  name                = var.subdomain
  ttl                 = 300
  records             = [module.wandb_infra.address]
}

locals {
  cluster = {
    host        = module.wandb_infra.cluster_host
    ca          = base64decode(module.wandb_infra.cluster_ca_certificate)
    certificate = base64decode(module.wandb_infra.cluster_client_certificate)
    key         = base64decode(module.wandb_infra.cluster_client_key)
  }
}

provider "wandb" {
  kubernetes = {
    host                   = local.cluster.host
    cluster_ca_certificate = local.cluster.ca
    client_certificate     = local.cluster.certificate
    client_key             = local.cluster.key
  }
}

# The module installs what belongs to the cluster itself with these.
provider "kubernetes" {
  host                   = local.cluster.host
  cluster_ca_certificate = local.cluster.ca
  client_certificate     = local.cluster.certificate
  client_key             = local.cluster.key
}

provider "helm" {
  kubernetes {
    host                   = local.cluster.host
    cluster_ca_certificate = local.cluster.ca
    client_certificate     = local.cluster.certificate
    client_key             = local.cluster.key
  }
}
