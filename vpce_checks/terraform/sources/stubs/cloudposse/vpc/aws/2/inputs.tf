# Inputs since version 2.

variable "ipv4_primary_cidr_block" {
  type    = string
  default = null
}

variable "ipv4_additional_cidr_block_associations" {
  type = map(object({
    ipv4_cidr_block     = string
    ipv4_ipam_pool_id   = string
    ipv4_netmask_length = number
  }))
  default = {}
}

variable "instance_tenancy" {
  type    = string
  default = "default"
}

variable "dns_hostnames_enabled" {
  type    = bool
  default = true
}

variable "dns_support_enabled" {
  type    = bool
  default = true
}

variable "default_security_group_deny_all" {
  type    = bool
  default = true
}

variable "default_route_table_no_routes" {
  type    = bool
  default = false
}

variable "internet_gateway_enabled" {
  type    = bool
  default = true
}

variable "ipv6_egress_only_internet_gateway_enabled" {
  type    = bool
  default = false
}

variable "ipv6_additional_cidr_block_associations" {
  type = map(object({
    ipv6_cidr_block     = string
    ipv6_ipam_pool_id   = string
    ipv6_netmask_length = number
  }))
  default = {}
}

locals {
  additional_ipv6_blocks = {
    for key, block in var.ipv6_additional_cidr_block_associations : key => block.ipv6_cidr_block if local.enabled
  }
}

variable "default_network_acl_deny_all" {
  default = null
}

variable "ipv4_primary_cidr_block_association" {
  default = null
}

variable "ipv4_cidr_block_association_timeouts" {
  default = null
}

variable "assign_generated_ipv6_cidr_block" {
  default = null
}

variable "ipv6_primary_cidr_block_association" {
  default = null
}

variable "ipv6_cidr_block_association_timeouts" {
  default = null
}

variable "ipv6_cidr_block_network_border_group" {
  default = null
}

variable "network_address_usage_metrics_enabled" {
  default = null
}

locals {
  cidr_block             = var.ipv4_primary_cidr_block
  dns_hostnames          = var.dns_hostnames_enabled
  dns_support            = var.dns_support_enabled
  internet_gateway       = local.enabled && var.internet_gateway_enabled
  egress_only_gateway    = local.enabled && var.ipv6_egress_only_internet_gateway_enabled
  default_security_group = local.enabled && var.default_security_group_deny_all
  default_route_table    = local.enabled && var.default_route_table_no_routes

  additional_blocks = {
    for key, block in var.ipv4_additional_cidr_block_associations : key => block.ipv4_cidr_block if local.enabled
  }
}
