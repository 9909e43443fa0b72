variable "namespace" {
  description = "Prefix of the names of the infrastructure"
  type        = string
}

variable "domain_name" {
  description = "Domain of the Route 53 zone"
  type        = string
}

variable "zone_id" {
  description = "Id of the Route 53 zone"
  type        = string
}

variable "subdomain" {
  description = "Name of W&B below the domain"
  type        = string
}

variable "wandb_license" {
  description = "License of this deployment"
  type        = string
  sensitive   = true
}

variable "wandb_version" {
  description = "Version that runs before the migration; afterwards the release channel decides"
  type        = string
}

variable "other_wandb_env" {
  description = "More environment variables of the server"
  type        = map(string)
  default     = {}
}

variable "instance_namespace" {
  description = "Namespace that W&B runs in, before and after"
  type        = string
  default     = "default"
}

variable "operator_namespace" {
  description = "Namespace of the operator"
  type        = string
  default     = "wandb"
}

variable "operator_repository" {
  description = "Chart repository; null when operator_chart is a path"
  type        = string
  default     = "https://charts.wandb.ai"
}

variable "operator_chart" {
  description = "The operator's chart: a name in the repository, or a path"
  type        = string
  default     = "operator"
}

variable "operator_values" {
  description = "More values of the operator's chart"
  type        = any
  default     = {}
}

variable "keep_old_service" {
  description = "Whether the Service from before the operator reaches the new pods; false in step 3, when traffic goes another way"
  type        = bool
  default     = true
}
