# Inputs of version 2.

variable "vpc_id" {
  type = string
}

variable "igw_id" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "ipv6_egress_only_igw_id" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "max_subnet_count" {
  type     = number
  default  = 0
  nullable = false
}

variable "max_nats" {
  type     = number
  default  = 999
  nullable = false
}

variable "private_subnets_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "public_subnets_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "ipv4_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "ipv6_enabled" {
  type     = bool
  default  = false
  nullable = false
}

variable "availability_zones" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "availability_zone_ids" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "nat_gateway_enabled" {
  type    = bool
  default = null
}

variable "nat_instance_enabled" {
  type    = bool
  default = null
}

variable "map_public_ip_on_launch" {
  type     = bool
  default  = true
  nullable = false
}

variable "private_dns64_nat64_enabled" {
  type    = bool
  default = null
}

variable "public_dns64_nat64_enabled" {
  type     = bool
  default  = false
  nullable = false
}

variable "private_open_network_acl_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "public_open_network_acl_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "private_route_table_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "public_route_table_ids" {
  type     = list(string)
  default  = []
  nullable = false
}

variable "public_route_table_enabled" {
  type     = bool
  default  = true
  nullable = false
}

variable "public_route_table_per_subnet_enabled" {
  type    = bool
  default = null
}

variable "subnets_per_az_count" {
  type     = number
  default  = 1
  nullable = false
}

# Without influence on the network:

variable "private_label" {
  default = null
}

variable "public_label" {
  default = null
}

variable "ipv4_cidr_block" {
  default = null
}

variable "ipv6_cidr_block" {
  default = null
}

variable "ipv4_cidrs" {
  default = null
}

variable "ipv6_cidrs" {
  default = null
}

variable "availability_zone_attribute_style" {
  default = null
}

variable "nat_elastic_ips" {
  default = null
}

variable "private_assign_ipv6_address_on_creation" {
  default = null
}

variable "public_assign_ipv6_address_on_creation" {
  default = null
}

variable "ipv4_private_instance_hostname_type" {
  default = null
}

variable "ipv4_private_instance_hostnames_enabled" {
  default = null
}

variable "ipv6_private_instance_hostnames_enabled" {
  default = null
}

variable "ipv4_public_instance_hostname_type" {
  default = null
}

variable "ipv4_public_instance_hostnames_enabled" {
  default = null
}

variable "ipv6_public_instance_hostnames_enabled" {
  default = null
}

variable "open_network_acl_ipv4_rule_number" {
  default = null
}

variable "open_network_acl_ipv6_rule_number" {
  default = null
}

variable "route_create_timeout" {
  default = null
}

variable "route_delete_timeout" {
  default = null
}

variable "subnet_create_timeout" {
  default = null
}

variable "subnet_delete_timeout" {
  default = null
}

variable "private_subnets_additional_tags" {
  default = null
}

variable "public_subnets_additional_tags" {
  default = null
}

variable "subnets_per_az_names" {
  default = null
}

variable "nat_instance_type" {
  default = null
}

variable "nat_instance_ami_id" {
  default = null
}

variable "nat_instance_cpu_credits_override" {
  default = null
}

variable "metadata_http_endpoint_enabled" {
  default = null
}

variable "metadata_http_put_response_hop_limit" {
  default = null
}

variable "metadata_http_tokens_required" {
  default = null
}

variable "nat_instance_root_block_device_encrypted" {
  default = null
}

variable "aws_route_create_timeout" {
  default = null
}

variable "aws_route_delete_timeout" {
  default = null
}

variable "subnet_type_tag_key" {
  default = null
}

variable "subnet_type_tag_value_format" {
  default = null
}

variable "root_block_device_encrypted" {
  default = null
}
