variable "host" {
  description = "Address of the server."
  type        = string
  default     = "https://wandb.staging.example.com"
}

variable "license" {
  description = "W&B license."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "namespace" {
  description = "Namespace of the instance and its operator."
  type        = string
  default     = "default"
}
