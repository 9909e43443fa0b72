variable "spec" {
  description = "The spec of the custom resource: what a cloud's module of W&B passes, or its output wandb_spec."
  type        = any
}

variable "wandb_namespace" {
  description = "Namespace of the custom resource."
  type        = string
  default     = "default"
}

variable "operator_chart_namespace" {
  description = "Namespace of the operator."
  type        = string
  default     = "wandb"
}

variable "operator_chart_version" {
  description = "Version of the chart operator; \"latest\" for the newest."
  type        = string
  default     = "latest"
}

variable "controller_image_repository" {
  description = "Image of the operator."
  type        = string
  default     = "wandb/controller"
}

variable "controller_image_tag" {
  description = "Its tag."
  type        = string
  default     = "latest"
}

variable "enable_helm_operator" {
  description = "Whether the operator is managed here."
  type        = bool
  default     = true
}

variable "enable_helm_wandb" {
  description = "Whether the instance is managed here."
  type        = bool
  default     = true
}
