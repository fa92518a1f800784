# The VPC and its gateways.

resource "aws_vpc" "default" {
  count                = local.enabled ? 1 : 0
  cidr_block           = local.cidr_block
  instance_tenancy     = var.instance_tenancy
  enable_dns_hostnames = local.dns_hostnames
  enable_dns_support   = local.dns_support
  tags                 = terraform_data.label.output
}

resource "aws_internet_gateway" "default" {
  count  = local.internet_gateway ? 1 : 0
  vpc_id = aws_vpc.default[0].id
}

resource "aws_egress_only_internet_gateway" "default" {
  count  = local.egress_only_gateway ? 1 : 0
  vpc_id = aws_vpc.default[0].id
}

resource "aws_default_security_group" "default" {
  count  = local.default_security_group ? 1 : 0
  vpc_id = aws_vpc.default[0].id
}

resource "aws_default_route_table" "default" {
  count                  = local.default_route_table ? 1 : 0
  default_route_table_id = aws_vpc.default[0].default_route_table_id
}

resource "aws_vpc_ipv4_cidr_block_association" "default" {
  for_each   = local.additional_blocks
  vpc_id     = aws_vpc.default[0].id
  cidr_block = each.value
}

output "vpc_id" {
  value = join("", aws_vpc.default[*].id)
}

output "vpc_arn" {
  value = join("", aws_vpc.default[*].arn)
}

output "vpc_cidr_block" {
  value = join("", aws_vpc.default[*].cidr_block)
}

output "vpc_main_route_table_id" {
  value = join("", aws_vpc.default[*].main_route_table_id)
}

output "vpc_default_network_acl_id" {
  value = join("", aws_vpc.default[*].default_network_acl_id)
}

output "vpc_default_security_group_id" {
  value = join("", aws_vpc.default[*].default_security_group_id)
}

output "vpc_default_route_table_id" {
  value = join("", aws_vpc.default[*].default_route_table_id)
}

output "vpc_ipv6_association_id" {
  value = join("", aws_vpc.default[*].ipv6_association_id)
}

output "vpc_ipv6_cidr_block" {
  value = join("", aws_vpc.default[*].ipv6_cidr_block)
}

output "ipv6_cidr_block" {
  value = join("", aws_vpc.default[*].ipv6_cidr_block)
}

output "ipv6_cidr_block_network_border_group" {
  value = join("", aws_vpc.default[*].ipv6_cidr_block_network_border_group)
}

output "igw_id" {
  value = join("", aws_internet_gateway.default[*].id)
}

output "ipv6_egress_only_igw_id" {
  value = join("", aws_egress_only_internet_gateway.default[*].id)
}

output "additional_cidr_blocks" {
  value = [for block in aws_vpc_ipv4_cidr_block_association.default : block.cidr_block]
}

output "additional_cidr_blocks_to_association_ids" {
  value = { for block in aws_vpc_ipv4_cidr_block_association.default : block.cidr_block => block.id }
}

resource "aws_vpc_ipv6_cidr_block_association" "default" {
  for_each        = local.additional_ipv6_blocks
  vpc_id          = aws_vpc.default[0].id
  ipv6_cidr_block = each.value
}

output "additional_ipv6_cidr_blocks" {
  value = [for block in aws_vpc_ipv6_cidr_block_association.default : block.ipv6_cidr_block]
}

output "additional_ipv6_cidr_blocks_to_association_ids" {
  value = { for block in aws_vpc_ipv6_cidr_block_association.default : block.ipv6_cidr_block => block.id }
}
