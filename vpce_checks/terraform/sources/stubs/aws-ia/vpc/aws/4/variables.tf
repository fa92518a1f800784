# Inputs of version 4.

variable "name" {
  type = string
}

variable "cidr_block" {
  type    = string
  default = null
}

variable "vpc_id" {
  type    = string
  default = null
}

variable "create_vpc" {
  type    = bool
  default = true
}

variable "az_count" {
  type    = number
  default = null
}

variable "azs" {
  type    = list(string)
  default = null
}

variable "vpc_enable_dns_hostnames" {
  type    = bool
  default = true
}

variable "vpc_secondary_cidr" {
  type    = bool
  default = false
}

variable "vpc_secondary_cidr_natgw" {
  type    = any
  default = {}
}

variable "vpc_enable_dns_support" {
  type    = bool
  default = true
}

variable "vpc_instance_tenancy" {
  type    = string
  default = "default"
}

variable "vpc_egress_only_internet_gateway" {
  type    = bool
  default = false
}

variable "subnets" {
  type = any
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "vpc_flow_logs" {
  type = object({
    name_override   = optional(string, "")
    log_destination = optional(string)
    iam_role_arn    = optional(string)
    kms_key_id      = optional(string)

    log_destination_type               = string
    log_format                         = optional(string)
    retention_in_days                  = optional(number)
    log_bucket_lifecycle_filter_prefix = optional(string, null)
    tags                               = optional(map(string))
    traffic_type                       = optional(string, "ALL")

    destination_options = optional(object({
      file_format                = optional(string, "plain-text")
      hive_compatible_partitions = optional(bool, false)
      per_hour_partition         = optional(bool, false)
      }),
      {
        file_format                = "plain-text"
        hive_compatible_partitions = false
        per_hour_partition         = false
    })
  })
  default = {
    log_destination_type = "none"
  }
}

variable "transit_gateway_id" {
  type    = string
  default = null
}

variable "transit_gateway_routes" {
  type    = any
  default = {}
}

variable "transit_gateway_ipv6_routes" {
  type    = any
  default = {}
}

variable "core_network" {
  type = object({
    id  = string
    arn = string
  })
  default = {
    id  = null
    arn = null
  }
}

variable "core_network_routes" {
  type    = any
  default = {}
}

variable "core_network_ipv6_routes" {
  type    = any
  default = {}
}

variable "vpc_lattice" {
  type    = any
  default = {}
}

# Without influence on the network:

variable "vpc_ipv4_ipam_pool_id" {
  default = null
}

variable "vpc_ipv4_netmask_length" {
  default = null
}

variable "vpc_assign_generated_ipv6_cidr_block" {
  default = null
}

variable "vpc_ipv6_ipam_pool_id" {
  default = null
}

variable "vpc_ipv6_cidr_block" {
  default = null
}

variable "vpc_ipv6_netmask_length" {
  default = null
}

variable "optimize_subnet_cidr_ranges" {
  default = null
}
