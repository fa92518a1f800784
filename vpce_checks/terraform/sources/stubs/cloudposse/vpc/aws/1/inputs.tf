# Inputs of versions 0.28 and 1, where the names of version 0 still count.

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

variable "enable_dns_hostnames" {
  type    = bool
  default = null
}

variable "enable_dns_support" {
  type    = bool
  default = null
}

variable "enable_default_security_group_with_custom_rules" {
  type    = bool
  default = null
}

variable "enable_internet_gateway" {
  type    = bool
  default = null
}

variable "cidr_block" {
  type    = string
  default = null
}

variable "additional_cidr_blocks" {
  type    = list(string)
  default = []
}

variable "ipv6_enabled" {
  default = null
}

variable "enable_classiclink" {
  default = null
}

variable "enable_classiclink_dns_support" {
  default = null
}

variable "classiclink_enabled" {
  default = null
}

variable "classiclink_dns_support_enabled" {
  default = null
}

locals {
  cidr_block             = var.ipv4_primary_cidr_block == null ? var.cidr_block : var.ipv4_primary_cidr_block
  dns_hostnames          = coalesce(var.enable_dns_hostnames, var.dns_hostnames_enabled)
  dns_support            = coalesce(var.enable_dns_support, var.dns_support_enabled)
  internet_gateway       = local.enabled && coalesce(var.enable_internet_gateway, var.internet_gateway_enabled)
  egress_only_gateway    = local.enabled && var.ipv6_egress_only_internet_gateway_enabled
  default_security_group = local.enabled && coalesce(var.enable_default_security_group_with_custom_rules, var.default_security_group_deny_all)
  default_route_table    = local.enabled && var.default_route_table_no_routes

  old_blocks        = { for block in var.additional_cidr_blocks : block => block }
  new_blocks        = { for key, block in var.ipv4_additional_cidr_block_associations : key => block.ipv4_cidr_block }
  wanted_blocks     = length(local.old_blocks) > 0 ? local.old_blocks : local.new_blocks
  additional_blocks = { for key, block in local.wanted_blocks : key => block if local.enabled }
}
