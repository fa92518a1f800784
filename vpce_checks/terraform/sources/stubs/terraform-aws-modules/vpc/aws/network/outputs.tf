# What callers see of it.

output "vpc_id" {
  value = try(aws_vpc.this[0].id, local.none)
}

output "vpc_arn" {
  value = try(aws_vpc.this[0].arn, local.none)
}

output "vpc_cidr_block" {
  value = try(aws_vpc.this[0].cidr_block, local.none)
}

output "default_security_group_id" {
  value = try(aws_vpc.this[0].default_security_group_id, local.none)
}

output "default_network_acl_id" {
  value = try(aws_vpc.this[0].default_network_acl_id, local.none)
}

output "default_route_table_id" {
  value = try(aws_vpc.this[0].default_route_table_id, local.none)
}

output "vpc_instance_tenancy" {
  value = try(aws_vpc.this[0].instance_tenancy, local.none)
}

output "vpc_enable_dns_support" {
  value = try(aws_vpc.this[0].enable_dns_support, local.none)
}

output "vpc_enable_dns_hostnames" {
  value = try(aws_vpc.this[0].enable_dns_hostnames, local.none)
}

output "vpc_main_route_table_id" {
  value = try(aws_vpc.this[0].main_route_table_id, local.none)
}

output "vpc_ipv6_association_id" {
  value = try(aws_vpc.this[0].ipv6_association_id, local.none)
}

output "vpc_ipv6_cidr_block" {
  value = try(aws_vpc.this[0].ipv6_cidr_block, local.none)
}

output "vpc_owner_id" {
  value = try(aws_vpc.this[0].owner_id, local.none)
}

output "vpc_secondary_cidr_blocks" {
  value = compact(aws_vpc_ipv4_cidr_block_association.this[*].cidr_block)
}

output "dhcp_options_id" {
  value = try(aws_vpc_dhcp_options.this[0].id, local.none)
}

output "igw_id" {
  value = try(aws_internet_gateway.this[0].id, local.none)
}

output "igw_arn" {
  value = try(aws_internet_gateway.this[0].arn, local.none)
}

output "public_subnet_objects" {
  value = aws_subnet.public
}

output "public_subnets" {
  value = aws_subnet.public[*].id
}

output "public_subnet_arns" {
  value = aws_subnet.public[*].arn
}

output "public_subnets_cidr_blocks" {
  value = compact(aws_subnet.public[*].cidr_block)
}

output "public_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.public[*].ipv6_cidr_block)
}

output "public_network_acl_id" {
  value = try(aws_network_acl.public[0].id, local.none)
}

output "public_network_acl_arn" {
  value = try(aws_network_acl.public[0].arn, local.none)
}

output "public_route_table_association_ids" {
  value = aws_route_table_association.public[*].id
}

output "private_subnet_objects" {
  value = aws_subnet.private
}

output "private_subnets" {
  value = aws_subnet.private[*].id
}

output "private_subnet_arns" {
  value = aws_subnet.private[*].arn
}

output "private_subnets_cidr_blocks" {
  value = compact(aws_subnet.private[*].cidr_block)
}

output "private_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.private[*].ipv6_cidr_block)
}

output "private_network_acl_id" {
  value = try(aws_network_acl.private[0].id, local.none)
}

output "private_network_acl_arn" {
  value = try(aws_network_acl.private[0].arn, local.none)
}

output "private_route_table_association_ids" {
  value = aws_route_table_association.private[*].id
}

output "database_subnet_objects" {
  value = aws_subnet.database
}

output "database_subnets" {
  value = aws_subnet.database[*].id
}

output "database_subnet_arns" {
  value = aws_subnet.database[*].arn
}

output "database_subnets_cidr_blocks" {
  value = compact(aws_subnet.database[*].cidr_block)
}

output "database_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.database[*].ipv6_cidr_block)
}

output "database_network_acl_id" {
  value = try(aws_network_acl.database[0].id, local.none)
}

output "database_network_acl_arn" {
  value = try(aws_network_acl.database[0].arn, local.none)
}

output "database_route_table_association_ids" {
  value = aws_route_table_association.database[*].id
}

output "redshift_subnet_objects" {
  value = aws_subnet.redshift
}

output "redshift_subnets" {
  value = aws_subnet.redshift[*].id
}

output "redshift_subnet_arns" {
  value = aws_subnet.redshift[*].arn
}

output "redshift_subnets_cidr_blocks" {
  value = compact(aws_subnet.redshift[*].cidr_block)
}

output "redshift_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.redshift[*].ipv6_cidr_block)
}

output "redshift_network_acl_id" {
  value = try(aws_network_acl.redshift[0].id, local.none)
}

output "redshift_network_acl_arn" {
  value = try(aws_network_acl.redshift[0].arn, local.none)
}

output "redshift_route_table_association_ids" {
  value = aws_route_table_association.redshift[*].id
}

output "elasticache_subnet_objects" {
  value = aws_subnet.elasticache
}

output "elasticache_subnets" {
  value = aws_subnet.elasticache[*].id
}

output "elasticache_subnet_arns" {
  value = aws_subnet.elasticache[*].arn
}

output "elasticache_subnets_cidr_blocks" {
  value = compact(aws_subnet.elasticache[*].cidr_block)
}

output "elasticache_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.elasticache[*].ipv6_cidr_block)
}

output "elasticache_network_acl_id" {
  value = try(aws_network_acl.elasticache[0].id, local.none)
}

output "elasticache_network_acl_arn" {
  value = try(aws_network_acl.elasticache[0].arn, local.none)
}

output "elasticache_route_table_association_ids" {
  value = aws_route_table_association.elasticache[*].id
}

output "intra_subnet_objects" {
  value = aws_subnet.intra
}

output "intra_subnets" {
  value = aws_subnet.intra[*].id
}

output "intra_subnet_arns" {
  value = aws_subnet.intra[*].arn
}

output "intra_subnets_cidr_blocks" {
  value = compact(aws_subnet.intra[*].cidr_block)
}

output "intra_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.intra[*].ipv6_cidr_block)
}

output "intra_network_acl_id" {
  value = try(aws_network_acl.intra[0].id, local.none)
}

output "intra_network_acl_arn" {
  value = try(aws_network_acl.intra[0].arn, local.none)
}

output "intra_route_table_association_ids" {
  value = aws_route_table_association.intra[*].id
}

output "outpost_subnet_objects" {
  value = aws_subnet.outpost
}

output "outpost_subnets" {
  value = aws_subnet.outpost[*].id
}

output "outpost_subnet_arns" {
  value = aws_subnet.outpost[*].arn
}

output "outpost_subnets_cidr_blocks" {
  value = compact(aws_subnet.outpost[*].cidr_block)
}

output "outpost_subnets_ipv6_cidr_blocks" {
  value = compact(aws_subnet.outpost[*].ipv6_cidr_block)
}

output "outpost_network_acl_id" {
  value = try(aws_network_acl.outpost[0].id, local.none)
}

output "outpost_network_acl_arn" {
  value = try(aws_network_acl.outpost[0].arn, local.none)
}

output "public_route_table_ids" {
  value = aws_route_table.public[*].id
}

output "private_route_table_ids" {
  value = aws_route_table.private[*].id
}

output "intra_route_table_ids" {
  value = aws_route_table.intra[*].id
}

output "redshift_public_route_table_association_ids" {
  value = aws_route_table_association.redshift_public[*].id
}

output "database_route_table_ids" {
  value = try(coalescelist(aws_route_table.database[*].id, aws_route_table.private[*].id), [])
}

output "elasticache_route_table_ids" {
  value = try(coalescelist(aws_route_table.elasticache[*].id, aws_route_table.private[*].id), [])
}

output "redshift_route_table_ids" {
  value = try(coalescelist(aws_route_table.redshift[*].id, var.enable_public_redshift ? aws_route_table.public[*].id : aws_route_table.private[*].id), [])
}

output "public_internet_gateway_route_id" {
  value = try(aws_route.public_internet_gateway[0].id, local.none)
}

output "public_internet_gateway_ipv6_route_id" {
  value = try(aws_route.public_internet_gateway_ipv6[0].id, local.none)
}

output "private_nat_gateway_route_ids" {
  value = aws_route.private_nat_gateway[*].id
}

output "private_ipv6_egress_route_ids" {
  value = aws_route.private_ipv6_egress[*].id
}

output "database_internet_gateway_route_id" {
  value = try(aws_route.database_internet_gateway[0].id, local.none)
}

output "database_nat_gateway_route_ids" {
  value = aws_route.database_nat_gateway[*].id
}

output "database_ipv6_egress_route_id" {
  value = try(aws_route.database_ipv6_egress[0].id, local.none)
}

output "database_subnet_group" {
  value = try(aws_db_subnet_group.database[0].id, local.none)
}

output "database_subnet_group_name" {
  value = try(aws_db_subnet_group.database[0].name, local.none)
}

output "redshift_subnet_group" {
  value = try(aws_redshift_subnet_group.redshift[0].id, local.none)
}

output "elasticache_subnet_group" {
  value = try(aws_elasticache_subnet_group.elasticache[0].id, local.none)
}

output "elasticache_subnet_group_name" {
  value = try(aws_elasticache_subnet_group.elasticache[0].name, local.none)
}

output "nat_ids" {
  value = aws_eip.nat[*].id
}

output "nat_public_ips" {
  value = var.reuse_nat_ips ? var.external_nat_ips : aws_eip.nat[*].public_ip
}

output "natgw_ids" {
  value = aws_nat_gateway.this[*].id
}

output "natgw_interface_ids" {
  value = aws_nat_gateway.this[*].network_interface_id
}

output "egress_only_internet_gateway_id" {
  value = try(aws_egress_only_internet_gateway.this[0].id, local.none)
}

output "cgw_ids" {
  value = [for gateway in aws_customer_gateway.this : gateway.id]
}

output "cgw_arns" {
  value = [for gateway in aws_customer_gateway.this : gateway.arn]
}

output "this_customer_gateway" {
  value = aws_customer_gateway.this
}

output "vgw_id" {
  value = try(aws_vpn_gateway.this[0].id, aws_vpn_gateway_attachment.this[0].vpn_gateway_id, local.none)
}

output "vgw_arn" {
  value = try(aws_vpn_gateway.this[0].arn, local.none)
}

output "default_vpc_id" {
  value = try(aws_default_vpc.this[0].id, local.none)
}

output "default_vpc_arn" {
  value = try(aws_default_vpc.this[0].arn, local.none)
}

output "default_vpc_cidr_block" {
  value = try(aws_default_vpc.this[0].cidr_block, local.none)
}

output "default_vpc_default_security_group_id" {
  value = try(aws_default_vpc.this[0].default_security_group_id, local.none)
}

output "default_vpc_default_network_acl_id" {
  value = try(aws_default_vpc.this[0].default_network_acl_id, local.none)
}

output "default_vpc_default_route_table_id" {
  value = try(aws_default_vpc.this[0].default_route_table_id, local.none)
}

output "default_vpc_instance_tenancy" {
  value = try(aws_default_vpc.this[0].instance_tenancy, local.none)
}

output "default_vpc_enable_dns_support" {
  value = try(aws_default_vpc.this[0].enable_dns_support, local.none)
}

output "default_vpc_enable_dns_hostnames" {
  value = try(aws_default_vpc.this[0].enable_dns_hostnames, local.none)
}

output "default_vpc_main_route_table_id" {
  value = try(aws_default_vpc.this[0].main_route_table_id, local.none)
}

output "vpc_flow_log_id" {
  value = try(aws_flow_log.this[0].id, local.none)
}

output "vpc_flow_log_destination_arn" {
  value = try(aws_cloudwatch_log_group.flow_log[0].arn, var.flow_log_destination_arn)
}

output "vpc_flow_log_destination_type" {
  value = var.flow_log_destination_type
}

output "vpc_flow_log_cloudwatch_iam_role_arn" {
  value = try(aws_iam_role.vpc_flow_log_cloudwatch[0].arn, var.flow_log_cloudwatch_iam_role_arn)
}

output "vpc_flow_log_deliver_cross_account_role" {
  value = try(aws_flow_log.this[0].deliver_cross_account_role, local.none)
}

output "vpc_block_public_access_exclusions" {
  value = { for key, exclusion in aws_vpc_block_public_access_exclusion.this : key => exclusion.id }
}

output "azs" {
  value = var.azs
}

output "name" {
  value = var.name
}
