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

variable "region" {
  type    = string
  default = "us-west-2"
}

variable "zone_id" {
  description = "Route 53 zone of the domain."
  type        = string
}

variable "allowed_inbound_cidr" {
  description = "Who may reach the server."
  type        = list(string)
}

variable "eks_cluster_version" {
  type = string
}

variable "kubernetes_public_access_cidrs" {
  description = "Who may reach the API server of the cluster."
  type        = list(string)
}
