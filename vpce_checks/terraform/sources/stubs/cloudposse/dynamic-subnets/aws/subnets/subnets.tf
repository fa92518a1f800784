# Subnets, public and private, and their route tables, since version 2.

locals {
  enabled = local.wanted && (var.public_subnets_enabled || var.private_subnets_enabled) && (var.ipv4_enabled || var.ipv6_enabled)
  public  = local.enabled && var.public_subnets_enabled
  private = local.enabled && var.private_subnets_enabled

  # A zone given by its id has a name that only AWS knows.
  named_zones = [for id in var.availability_zone_ids : terraform_data.label.output]
  all_zones   = local.enabled ? sort(data.aws_availability_zones.default[0].names) : []
  possible_zones = (
    length(var.availability_zone_ids) > 0 ? local.named_zones
    : length(var.availability_zones) > 0 ? var.availability_zones : local.all_zones
  )
  zones = !local.enabled ? [] : (
    var.max_subnet_count == 0 || var.max_subnet_count >= length(local.possible_zones)
    ? local.possible_zones : slice(local.possible_zones, 0, var.max_subnet_count)
  )
  public_zones  = local.public ? flatten([for zone in local.zones : [for at in range(local.public_per_zone) : zone]]) : []
  private_zones = local.private ? flatten([for zone in local.zones : [for at in range(local.private_per_zone) : zone]]) : []

  public_ipv4  = local.public && var.ipv4_enabled
  public_ipv6  = local.public && var.ipv6_enabled
  private_ipv4 = local.private && var.ipv4_enabled
  private_ipv6 = local.private && var.ipv6_enabled

  public_dns64  = local.public_ipv6 && var.public_dns64_nat64_enabled
  private_dns64 = local.private_ipv6 && (var.private_dns64_nat64_enabled == null ? local.public_ipv4 : var.private_dns64_nat64_enabled)

  public_table_per_subnet = var.public_route_table_per_subnet_enabled == null ? local.public_dns64 : var.public_route_table_per_subnet_enabled
  public_tables = (
    !local.public ? 0
    : length(var.public_route_table_ids) > 0 ? length(var.public_route_table_ids)
    : !var.public_route_table_enabled ? 0
    : local.public_table_per_subnet ? length(local.public_zones) : 1
  )
  own_public_tables = local.public && var.public_route_table_enabled && length(var.public_route_table_ids) == 0
  public_table_ids  = local.own_public_tables ? aws_route_table.public[*].id : var.public_route_table_ids
  private_tables    = local.private && var.private_route_table_enabled ? length(local.private_zones) : 0

  nat_by_gateway = (
    (local.private_ipv4 || local.public_dns64 || local.private_dns64) &&
    (var.nat_instance_enabled == true ? var.nat_gateway_enabled == true : var.nat_gateway_enabled != false)
  )
  nat_by_instance = local.private_ipv4 && !(
    var.nat_instance_enabled == true ? var.nat_gateway_enabled == true : var.nat_gateway_enabled != false
  ) && var.nat_instance_enabled == true
}

data "aws_availability_zones" "default" {
  count = local.enabled ? 1 : 0

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

resource "aws_subnet" "public" {
  count                   = length(local.public_zones)
  vpc_id                  = var.vpc_id
  availability_zone       = local.public_zones[count.index]
  map_public_ip_on_launch = local.public_ipv4 ? var.map_public_ip_on_launch : null
}

resource "aws_subnet" "private" {
  count             = length(local.private_zones)
  vpc_id            = var.vpc_id
  availability_zone = local.private_zones[count.index]
}

resource "aws_route_table" "public" {
  count  = local.own_public_tables ? local.public_tables : 0
  vpc_id = var.vpc_id
}

resource "aws_route_table" "private" {
  count  = local.private_tables
  vpc_id = var.vpc_id
}

resource "aws_route_table_association" "public" {
  count          = local.public && var.public_route_table_enabled ? length(local.public_zones) : 0
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = element(local.public_table_ids, count.index)
}

resource "aws_route_table_association" "private" {
  count          = local.private && var.private_route_table_enabled ? length(local.private_zones) : 0
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = element(aws_route_table.private[*].id, count.index)
}

resource "aws_route" "public" {
  count                  = local.public_ipv4 && length(var.igw_id) > 0 ? local.public_tables : 0
  route_table_id         = local.public_table_ids[count.index]
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = var.igw_id[0]
}

resource "aws_route" "public6" {
  count                       = local.public_ipv6 && length(var.igw_id) > 0 ? local.public_tables : 0
  route_table_id              = local.public_table_ids[count.index]
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = var.igw_id[0]
}

resource "aws_route" "private6" {
  count                       = local.enabled && var.ipv6_enabled && length(var.ipv6_egress_only_igw_id) > 0 ? local.private_tables : 0
  route_table_id              = aws_route_table.private[count.index].id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = var.ipv6_egress_only_igw_id[0]
}

resource "aws_nat_gateway" "default" {
  count     = local.nat_by_gateway ? local.nats : 0
  subnet_id = aws_subnet.public[local.nat_places[count.index]].id
}

resource "aws_instance" "nat_instance" {
  count = local.nat_by_instance ? local.nats : 0
}

resource "aws_security_group" "nat_instance" {
  count  = local.nat_by_instance ? 1 : 0
  vpc_id = var.vpc_id
}

resource "aws_route" "nat4" {
  count                  = local.nat_by_gateway && local.private_ipv4 ? local.private_tables : 0
  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = element(aws_nat_gateway.default[*].id, local.private_nats[count.index])
}

resource "aws_route" "private_nat64" {
  count                       = local.nat_by_gateway && local.private_dns64 ? local.private_tables : 0
  route_table_id              = aws_route_table.private[count.index].id
  destination_ipv6_cidr_block = "64:ff9b::/96"
  nat_gateway_id              = element(aws_nat_gateway.default[*].id, local.private_nats[count.index])
}

resource "aws_route" "public_nat64" {
  count                       = local.nat_by_gateway && local.public_dns64 ? local.public_tables : 0
  route_table_id              = local.public_table_ids[count.index]
  destination_ipv6_cidr_block = "64:ff9b::/96"
  nat_gateway_id              = element(aws_nat_gateway.default[*].id, local.public_nats[count.index])
}

resource "aws_route" "nat_instance" {
  count                  = local.nat_by_instance ? local.private_tables : 0
  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
}

resource "aws_network_acl" "public" {
  count  = local.public && var.public_open_network_acl_enabled ? 1 : 0
  vpc_id = var.vpc_id
}

resource "aws_network_acl" "private" {
  count  = local.private && var.private_open_network_acl_enabled ? 1 : 0
  vpc_id = var.vpc_id
}
