# Inputs of version 5.

variable "create_vpc" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "cidr" {
  type    = string
  default = "10.0.0.0/16"
}

variable "secondary_cidr_blocks" {
  type    = list(string)
  default = []
}

variable "instance_tenancy" {
  type    = string
  default = "default"
}

variable "azs" {
  type    = list(string)
  default = []
}

variable "enable_dns_hostnames" {
  type    = bool
  default = true
}

variable "enable_dns_support" {
  type    = bool
  default = true
}

variable "use_ipam_pool" {
  type    = bool
  default = false
}

variable "enable_ipv6" {
  type    = bool
  default = false
}

variable "vpc_tags" {
  type    = map(string)
  default = {}
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "vpc_block_public_access_exclusions" {
  type    = map(any)
  default = {}
}

variable "enable_dhcp_options" {
  type    = bool
  default = false
}

variable "public_subnets" {
  type    = list(string)
  default = []
}

variable "create_multiple_public_route_tables" {
  type    = bool
  default = false
}

variable "public_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "public_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "map_public_ip_on_launch" {
  type    = bool
  default = false
}

variable "public_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "private_subnets" {
  type    = list(string)
  default = []
}

variable "private_subnet_enable_dns64" {
  type    = bool
  default = true
}

variable "private_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "private_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "create_private_nat_gateway_route" {
  type    = bool
  default = true
}

variable "private_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "database_subnets" {
  type    = list(string)
  default = []
}

variable "database_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "database_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "create_database_subnet_route_table" {
  type    = bool
  default = false
}

variable "create_database_internet_gateway_route" {
  type    = bool
  default = false
}

variable "create_database_nat_gateway_route" {
  type    = bool
  default = false
}

variable "create_database_subnet_group" {
  type    = bool
  default = true
}

variable "database_subnet_group_name" {
  type    = string
  default = null
}

variable "database_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "redshift_subnets" {
  type    = list(string)
  default = []
}

variable "redshift_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "redshift_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "enable_public_redshift" {
  type    = bool
  default = false
}

variable "create_redshift_subnet_route_table" {
  type    = bool
  default = false
}

variable "create_redshift_subnet_group" {
  type    = bool
  default = true
}

variable "redshift_subnet_group_name" {
  type    = string
  default = null
}

variable "redshift_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "elasticache_subnets" {
  type    = list(string)
  default = []
}

variable "elasticache_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "elasticache_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "create_elasticache_subnet_route_table" {
  type    = bool
  default = false
}

variable "create_elasticache_subnet_group" {
  type    = bool
  default = true
}

variable "elasticache_subnet_group_name" {
  type    = string
  default = null
}

variable "elasticache_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "intra_subnets" {
  type    = list(string)
  default = []
}

variable "create_multiple_intra_route_tables" {
  type    = bool
  default = false
}

variable "intra_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "intra_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "intra_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "outpost_subnets" {
  type    = list(string)
  default = []
}

variable "outpost_az" {
  type    = string
  default = null
}

variable "outpost_subnet_ipv6_prefixes" {
  type    = list(string)
  default = []
}

variable "outpost_subnet_ipv6_native" {
  type    = bool
  default = false
}

variable "outpost_dedicated_network_acl" {
  type    = bool
  default = false
}

variable "create_igw" {
  type    = bool
  default = true
}

variable "create_egress_only_igw" {
  type    = bool
  default = true
}

variable "enable_nat_gateway" {
  type    = bool
  default = false
}

variable "nat_gateway_destination_cidr_block" {
  type    = string
  default = "0.0.0.0/0"
}

variable "single_nat_gateway" {
  type    = bool
  default = false
}

variable "one_nat_gateway_per_az" {
  type    = bool
  default = false
}

variable "reuse_nat_ips" {
  type    = bool
  default = false
}

variable "external_nat_ips" {
  type    = list(string)
  default = []
}

variable "customer_gateways" {
  type    = map(map(any))
  default = {}
}

variable "enable_vpn_gateway" {
  type    = bool
  default = false
}

variable "vpn_gateway_id" {
  type    = string
  default = ""
}

variable "manage_default_vpc" {
  type    = bool
  default = false
}

variable "default_vpc_name" {
  type    = string
  default = null
}

variable "default_vpc_enable_dns_support" {
  type    = bool
  default = true
}

variable "default_vpc_enable_dns_hostnames" {
  type    = bool
  default = true
}

variable "default_vpc_tags" {
  type    = map(string)
  default = {}
}

variable "manage_default_security_group" {
  type    = bool
  default = true
}

variable "manage_default_route_table" {
  type    = bool
  default = true
}

variable "default_route_table_routes" {
  type    = list(map(string))
  default = []
}

variable "enable_flow_log" {
  type    = bool
  default = false
}

variable "flow_log_destination_type" {
  type    = string
  default = "cloud-watch-logs"
}

variable "flow_log_destination_arn" {
  type    = string
  default = ""
}

variable "create_flow_log_cloudwatch_log_group" {
  type    = bool
  default = false
}

variable "create_flow_log_cloudwatch_iam_role" {
  type    = bool
  default = false
}

variable "flow_log_cloudwatch_iam_role_arn" {
  type    = string
  default = ""
}

variable "putin_khuylo" {
  type    = bool
  default = true
}

# Without influence on the network:

variable "enable_network_address_usage_metrics" {
  default = null
}

variable "ipv4_ipam_pool_id" {
  default = null
}

variable "ipv4_netmask_length" {
  default = null
}

variable "ipv6_cidr" {
  default = null
}

variable "ipv6_ipam_pool_id" {
  default = null
}

variable "ipv6_netmask_length" {
  default = null
}

variable "ipv6_cidr_block_network_border_group" {
  default = null
}

variable "vpc_block_public_access_options" {
  default = null
}

variable "dhcp_options_domain_name" {
  default = null
}

variable "dhcp_options_domain_name_servers" {
  default = null
}

variable "dhcp_options_ntp_servers" {
  default = null
}

variable "dhcp_options_netbios_name_servers" {
  default = null
}

variable "dhcp_options_netbios_node_type" {
  default = null
}

variable "dhcp_options_ipv6_address_preferred_lease_time" {
  default = null
}

variable "dhcp_options_tags" {
  default = null
}

variable "public_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "public_subnet_enable_dns64" {
  default = null
}

variable "public_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "public_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "public_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "public_subnet_names" {
  default = null
}

variable "public_subnet_suffix" {
  default = null
}

variable "public_subnet_tags" {
  default = null
}

variable "public_subnet_tags_per_az" {
  default = null
}

variable "public_route_table_tags" {
  default = null
}

variable "public_inbound_acl_rules" {
  default = null
}

variable "public_outbound_acl_rules" {
  default = null
}

variable "public_acl_tags" {
  default = null
}

variable "private_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "private_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "private_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "private_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "private_subnet_names" {
  default = null
}

variable "private_subnet_suffix" {
  default = null
}

variable "private_subnet_tags" {
  default = null
}

variable "private_subnet_tags_per_az" {
  default = null
}

variable "private_route_table_tags" {
  default = null
}

variable "private_inbound_acl_rules" {
  default = null
}

variable "private_outbound_acl_rules" {
  default = null
}

variable "private_acl_tags" {
  default = null
}

variable "database_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "database_subnet_enable_dns64" {
  default = null
}

variable "database_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "database_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "database_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "database_subnet_names" {
  default = null
}

variable "database_subnet_suffix" {
  default = null
}

variable "database_route_table_tags" {
  default = null
}

variable "database_subnet_tags" {
  default = null
}

variable "database_subnet_group_tags" {
  default = null
}

variable "database_inbound_acl_rules" {
  default = null
}

variable "database_outbound_acl_rules" {
  default = null
}

variable "database_acl_tags" {
  default = null
}

variable "redshift_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "redshift_subnet_enable_dns64" {
  default = null
}

variable "redshift_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "redshift_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "redshift_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "redshift_subnet_names" {
  default = null
}

variable "redshift_subnet_suffix" {
  default = null
}

variable "redshift_route_table_tags" {
  default = null
}

variable "redshift_subnet_tags" {
  default = null
}

variable "redshift_subnet_group_tags" {
  default = null
}

variable "redshift_inbound_acl_rules" {
  default = null
}

variable "redshift_outbound_acl_rules" {
  default = null
}

variable "redshift_acl_tags" {
  default = null
}

variable "elasticache_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "elasticache_subnet_enable_dns64" {
  default = null
}

variable "elasticache_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "elasticache_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "elasticache_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "elasticache_subnet_names" {
  default = null
}

variable "elasticache_subnet_suffix" {
  default = null
}

variable "elasticache_subnet_tags" {
  default = null
}

variable "elasticache_route_table_tags" {
  default = null
}

variable "elasticache_subnet_group_tags" {
  default = null
}

variable "elasticache_inbound_acl_rules" {
  default = null
}

variable "elasticache_outbound_acl_rules" {
  default = null
}

variable "elasticache_acl_tags" {
  default = null
}

variable "intra_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "intra_subnet_enable_dns64" {
  default = null
}

variable "intra_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "intra_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "intra_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "intra_subnet_names" {
  default = null
}

variable "intra_subnet_suffix" {
  default = null
}

variable "intra_subnet_tags" {
  default = null
}

variable "intra_route_table_tags" {
  default = null
}

variable "intra_inbound_acl_rules" {
  default = null
}

variable "intra_outbound_acl_rules" {
  default = null
}

variable "intra_acl_tags" {
  default = null
}

variable "outpost_subnet_assign_ipv6_address_on_creation" {
  default = null
}

variable "customer_owned_ipv4_pool" {
  default = null
}

variable "outpost_subnet_enable_dns64" {
  default = null
}

variable "outpost_subnet_enable_resource_name_dns_aaaa_record_on_launch" {
  default = null
}

variable "outpost_subnet_enable_resource_name_dns_a_record_on_launch" {
  default = null
}

variable "map_customer_owned_ip_on_launch" {
  default = null
}

variable "outpost_arn" {
  default = null
}

variable "outpost_subnet_private_dns_hostname_type_on_launch" {
  default = null
}

variable "outpost_subnet_names" {
  default = null
}

variable "outpost_subnet_suffix" {
  default = null
}

variable "outpost_subnet_tags" {
  default = null
}

variable "outpost_inbound_acl_rules" {
  default = null
}

variable "outpost_outbound_acl_rules" {
  default = null
}

variable "outpost_acl_tags" {
  default = null
}

variable "igw_tags" {
  default = null
}

variable "external_nat_ip_ids" {
  default = null
}

variable "nat_gateway_tags" {
  default = null
}

variable "nat_eip_tags" {
  default = null
}

variable "customer_gateway_tags" {
  default = null
}

variable "amazon_side_asn" {
  default = null
}

variable "vpn_gateway_az" {
  default = null
}

variable "propagate_intra_route_tables_vgw" {
  default = null
}

variable "propagate_private_route_tables_vgw" {
  default = null
}

variable "propagate_public_route_tables_vgw" {
  default = null
}

variable "vpn_gateway_tags" {
  default = null
}

variable "default_security_group_name" {
  default = null
}

variable "default_security_group_ingress" {
  default = null
}

variable "default_security_group_egress" {
  default = null
}

variable "default_security_group_tags" {
  default = null
}

variable "manage_default_network_acl" {
  default = null
}

variable "default_network_acl_name" {
  default = null
}

variable "default_network_acl_ingress" {
  default = null
}

variable "default_network_acl_egress" {
  default = null
}

variable "default_network_acl_tags" {
  default = null
}

variable "default_route_table_name" {
  default = null
}

variable "default_route_table_propagating_vgws" {
  default = null
}

variable "default_route_table_tags" {
  default = null
}

variable "vpc_flow_log_iam_role_name" {
  default = null
}

variable "vpc_flow_log_iam_role_use_name_prefix" {
  default = null
}

variable "vpc_flow_log_permissions_boundary" {
  default = null
}

variable "vpc_flow_log_iam_policy_name" {
  default = null
}

variable "vpc_flow_log_iam_policy_use_name_prefix" {
  default = null
}

variable "flow_log_max_aggregation_interval" {
  default = null
}

variable "flow_log_traffic_type" {
  default = null
}

variable "flow_log_log_format" {
  default = null
}

variable "flow_log_deliver_cross_account_role" {
  default = null
}

variable "flow_log_file_format" {
  default = null
}

variable "flow_log_hive_compatible_partitions" {
  default = null
}

variable "flow_log_per_hour_partition" {
  default = null
}

variable "vpc_flow_log_tags" {
  default = null
}

variable "flow_log_cloudwatch_iam_role_conditions" {
  default = null
}

variable "flow_log_cloudwatch_log_group_name_prefix" {
  default = null
}

variable "flow_log_cloudwatch_log_group_name_suffix" {
  default = null
}

variable "flow_log_cloudwatch_log_group_retention_in_days" {
  default = null
}

variable "flow_log_cloudwatch_log_group_kms_key_id" {
  default = null
}

variable "flow_log_cloudwatch_log_group_skip_destroy" {
  default = null
}

variable "flow_log_cloudwatch_log_group_class" {
  default = null
}
