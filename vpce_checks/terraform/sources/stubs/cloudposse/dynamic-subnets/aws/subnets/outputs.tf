# What callers see of it.

output "availability_zones" {
  value = local.zones
}

output "availability_zone_ids" {
  value = length(var.availability_zone_ids) > 0 ? var.availability_zone_ids : terraform_data.label.output
}

output "public_subnet_ids" {
  value = aws_subnet.public[*].id
}

output "public_subnet_arns" {
  value = aws_subnet.public[*].arn
}

output "public_subnet_cidrs" {
  value = local.public_ipv4 ? aws_subnet.public[*].cidr_block : []
}

output "public_subnet_ipv6_cidrs" {
  value = local.public_ipv6 ? aws_subnet.public[*].ipv6_cidr_block : []
}

output "public_route_table_ids" {
  value = aws_route_table.public[*].id
}

output "public_network_acl_id" {
  value = try(aws_network_acl.public[0].id, null)
}

output "az_public_subnets_map" {
  value = { for zone in local.zones : zone => [for subnet in aws_subnet.public : subnet.id if subnet.availability_zone == zone] }
}

output "az_public_route_table_ids_map" {
  value = terraform_data.label.output
}

output "named_public_subnets_map" {
  value = terraform_data.label.output
}

output "named_public_route_table_ids_map" {
  value = terraform_data.label.output
}

output "named_public_subnets_stats_map" {
  value = terraform_data.label.output
}

output "private_subnet_ids" {
  value = aws_subnet.private[*].id
}

output "private_subnet_arns" {
  value = aws_subnet.private[*].arn
}

output "private_subnet_cidrs" {
  value = local.private_ipv4 ? aws_subnet.private[*].cidr_block : []
}

output "private_subnet_ipv6_cidrs" {
  value = local.private_ipv6 ? aws_subnet.private[*].ipv6_cidr_block : []
}

output "private_route_table_ids" {
  value = aws_route_table.private[*].id
}

output "private_network_acl_id" {
  value = try(aws_network_acl.private[0].id, null)
}

output "az_private_subnets_map" {
  value = { for zone in local.zones : zone => [for subnet in aws_subnet.private : subnet.id if subnet.availability_zone == zone] }
}

output "az_private_route_table_ids_map" {
  value = terraform_data.label.output
}

output "named_private_subnets_map" {
  value = terraform_data.label.output
}

output "named_private_route_table_ids_map" {
  value = terraform_data.label.output
}

output "named_private_subnets_stats_map" {
  value = terraform_data.label.output
}

output "nat_gateway_ids" {
  value = aws_nat_gateway.default[*].id
}

output "nat_gateway_private_ips" {
  value = aws_nat_gateway.default[*].private_ip
}

output "nat_instance_ids" {
  value = aws_instance.nat_instance[*].id
}

output "nat_instance_ami_id" {
  value = terraform_data.label.output
}

output "nat_ips" {
  value = terraform_data.label.output
}

output "nat_eip_allocation_ids" {
  value = terraform_data.label.output
}

output "nat_gateway_public_ips" {
  value = terraform_data.label.output
}
