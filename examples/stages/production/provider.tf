terraform {
  required_version = ">= 1.11"
  required_providers {
    wandb = { source = "wandb/wandb" }
  }
}

provider "wandb" {}
