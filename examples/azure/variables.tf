variable "namespace" {
  description = "What the names of the infrastructure begin with."
  type        = string
}

variable "license" {
  description = "W&B license; the module needs it for its output."
  type        = string
  sensitive   = true
}

variable "domain_name" {
  description = "Domain of the server, whose zone exists."
  type        = string
}

variable "subdomain" {
  description = "Name of the server in the domain."
  type        = string
}

variable "size" {
  description = "Size of the deployment: small, medium, large, …"
  type        = string
  default     = "small"
}

variable "operator_chart_version" {
  description = "Version of the chart operator: what runs now while moving, newer afterwards."
  type        = string
  default     = "1.4.2"
}

variable "subscription_id" {
  type = string
}

variable "location" {
  type    = string
  default = "East US"
}

variable "dns_resource_group" {
  description = "Resource group of the domain's zone."
  type        = string
}
