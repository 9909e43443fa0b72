# The next stage runs what staging handed over. It asks no channel.

variable "release" {
  description = "The release to run: release.auto.tfvars.json, which staging writes and your repository keeps."
  type        = any
}

module "wandb" {
  source    = "../wandb"
  release   = var.release
  host      = var.host
  license   = var.license
  namespace = var.namespace
}
