# Inputs of versions 0.14 to 0.27.

variable "cidr_block" {
  type = string
}

variable "instance_tenancy" {
  type    = string
  default = "default"
}

variable "enable_dns_hostnames" {
  type    = bool
  default = true
}

variable "enable_dns_support" {
  type    = bool
  default = true
}

variable "enable_default_security_group_with_custom_rules" {
  type    = bool
  default = true
}

variable "enable_internet_gateway" {
  type    = bool
  default = true
}

variable "additional_cidr_blocks" {
  type    = list(string)
  default = null
}

variable "enable_classiclink" {
  default = null
}

variable "enable_classiclink_dns_support" {
  default = null
}

variable "assign_generated_ipv6_cidr_block" {
  default = null
}

locals {
  cidr_block             = var.cidr_block
  dns_hostnames          = var.enable_dns_hostnames
  dns_support            = var.enable_dns_support
  internet_gateway       = local.enabled && var.enable_internet_gateway
  egress_only_gateway    = false
  default_security_group = local.enabled && var.enable_default_security_group_with_custom_rules
  default_route_table    = false
  additional_ipv6_blocks = {}
  additional_blocks      = { for block in coalesce(var.additional_cidr_blocks, []) : block => block if local.enabled }
}
