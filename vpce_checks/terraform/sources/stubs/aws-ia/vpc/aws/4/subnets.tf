# Subnets and their route tables, one of each a tier and zone, and the routes of those.

locals {
  public_ipv6_only  = can(var.subnets.public.ipv6_native)
  public_dual_stack = !local.public_ipv6_only && (can(var.subnets.public.assign_ipv6_cidr) || can(var.subnets.public.ipv6_cidrs))
  to_internet       = try(var.subnets.public.connect_to_igw, true) ? local.public_zones : toset([])
  ipv6_only         = [for tier, subnet in var.subnets : tier if can(subnet.ipv6_native)]

  core_accepted = !try(var.subnets.core_network.require_acceptance, false) || try(var.subnets.core_network.accept_attachment, true)
}

resource "aws_subnet" "public" {
  for_each                = local.public_zones
  vpc_id                  = local.vpc.id
  availability_zone       = each.key
  map_public_ip_on_launch = try(var.subnets.public.map_public_ip_on_launch, local.public_ipv6_only ? null : true)
}

resource "aws_subnet" "private" {
  for_each                = toset(local.private_places)
  vpc_id                  = local.vpc.id
  availability_zone       = split("/", each.key)[1]
  map_public_ip_on_launch = contains(local.ipv6_only, split("/", each.key)[0]) ? null : false
}

resource "aws_subnet" "tgw" {
  for_each          = local.transit_zones
  vpc_id            = local.vpc.id
  availability_zone = each.key
}

resource "aws_subnet" "cwan" {
  for_each          = local.core_zones
  vpc_id            = local.vpc.id
  availability_zone = each.key
}

resource "aws_route_table" "public" {
  for_each = local.public_zones
  vpc_id   = local.vpc.id
}

resource "aws_route_table_association" "public" {
  for_each       = local.public_zones
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[each.key].id
}

resource "aws_route_table" "private" {
  for_each = toset(local.private_places)
  vpc_id   = local.vpc.id
}

resource "aws_route_table_association" "private" {
  for_each       = toset(local.private_places)
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_route_table" "tgw" {
  for_each = local.transit_zones
  vpc_id   = local.vpc.id
}

resource "aws_route_table_association" "tgw" {
  for_each       = local.transit_zones
  subnet_id      = aws_subnet.tgw[each.key].id
  route_table_id = aws_route_table.tgw[each.key].id
}

resource "aws_route_table" "cwan" {
  for_each = local.core_zones
  vpc_id   = local.vpc.id
}

resource "aws_route_table_association" "cwan" {
  for_each       = local.core_zones
  subnet_id      = aws_subnet.cwan[each.key].id
  route_table_id = aws_route_table.cwan[each.key].id
}

resource "aws_route" "public_to_igw" {
  for_each               = local.public_ipv6_only ? toset([]) : local.to_internet
  route_table_id         = aws_route_table.public[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main[0].id
}

resource "aws_route" "public_ipv6_to_igw" {
  for_each                    = local.public_ipv6_only || local.public_dual_stack ? local.to_internet : toset([])
  route_table_id              = aws_route_table.public[each.key].id
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.main[0].id
}

resource "aws_route" "private_to_nat" {
  for_each               = toset(length(local.by_nat) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.by_nat : "${tier}/${zone}"]]))
  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = local.nats[split("/", each.key)[1]].id
}

resource "aws_route" "private_to_egress_only" {
  for_each                    = toset(length(local.by_egress) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.by_egress : "${tier}/${zone}"]]))
  route_table_id              = aws_route_table.private[each.key].id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.eigw[0].id
}

resource "aws_route" "tgw_to_nat" {
  for_each               = try(var.subnets.transit_gateway.connect_to_public_natgw == true, false) && contains(local.tiers, "public") ? local.transit_zones : toset([])
  route_table_id         = aws_route_table.tgw[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = local.nats[each.key].id
}

resource "aws_route" "cwan_to_nat" {
  for_each               = try(var.subnets.core_network.connect_to_public_natgw == true, false) && contains(local.tiers, "public") ? local.core_zones : toset([])
  route_table_id         = aws_route_table.cwan[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = local.nats[each.key].id
}

resource "aws_route" "public_to_tgw" {
  for_each                   = contains(keys(var.transit_gateway_routes), "public") ? local.public_zones : toset([])
  route_table_id             = aws_route_table.public[each.key].id
  destination_cidr_block     = can(regex("^pl-", var.transit_gateway_routes["public"])) ? null : var.transit_gateway_routes["public"]
  destination_prefix_list_id = can(regex("^pl-", var.transit_gateway_routes["public"])) ? var.transit_gateway_routes["public"] : null
  transit_gateway_id         = var.transit_gateway_id
}

resource "aws_route" "private_to_tgw" {
  for_each                   = toset(length(setintersection(keys(var.transit_gateway_routes), local.private)) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.private : "${tier}/${zone}" if contains(keys(var.transit_gateway_routes), tier)]]))
  route_table_id             = aws_route_table.private[each.key].id
  destination_cidr_block     = can(regex("^pl-", var.transit_gateway_routes[split("/", each.key)[0]])) ? null : var.transit_gateway_routes[split("/", each.key)[0]]
  destination_prefix_list_id = can(regex("^pl-", var.transit_gateway_routes[split("/", each.key)[0]])) ? var.transit_gateway_routes[split("/", each.key)[0]] : null
  transit_gateway_id         = var.transit_gateway_id
}

resource "aws_route" "ipv6_public_to_tgw" {
  for_each                    = contains(keys(var.transit_gateway_ipv6_routes), "public") ? local.public_zones : toset([])
  route_table_id              = aws_route_table.public[each.key].id
  destination_ipv6_cidr_block = can(regex("^pl-", var.transit_gateway_ipv6_routes["public"])) ? null : var.transit_gateway_ipv6_routes["public"]
  destination_prefix_list_id  = can(regex("^pl-", var.transit_gateway_ipv6_routes["public"])) ? var.transit_gateway_ipv6_routes["public"] : null
  transit_gateway_id          = var.transit_gateway_id
}

resource "aws_route" "ipv6_private_to_tgw" {
  for_each                    = toset(length(setintersection(keys(var.transit_gateway_ipv6_routes), local.private)) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.private : "${tier}/${zone}" if contains(keys(var.transit_gateway_ipv6_routes), tier)]]))
  route_table_id              = aws_route_table.private[each.key].id
  destination_ipv6_cidr_block = can(regex("^pl-", var.transit_gateway_ipv6_routes[split("/", each.key)[0]])) ? null : var.transit_gateway_ipv6_routes[split("/", each.key)[0]]
  destination_prefix_list_id  = can(regex("^pl-", var.transit_gateway_ipv6_routes[split("/", each.key)[0]])) ? var.transit_gateway_ipv6_routes[split("/", each.key)[0]] : null
  transit_gateway_id          = var.transit_gateway_id
}

resource "aws_route" "public_to_cwan" {
  for_each                   = contains(keys(var.core_network_routes), "public") && local.core_accepted ? local.public_zones : toset([])
  route_table_id             = aws_route_table.public[each.key].id
  destination_cidr_block     = can(regex("^pl-", var.core_network_routes["public"])) ? null : var.core_network_routes["public"]
  destination_prefix_list_id = can(regex("^pl-", var.core_network_routes["public"])) ? var.core_network_routes["public"] : null
  core_network_arn           = var.core_network.arn
}

resource "aws_route" "private_to_cwan" {
  for_each                   = toset(length(setintersection(keys(var.core_network_routes), local.private)) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.private : "${tier}/${zone}" if contains(keys(var.core_network_routes), tier) && local.core_accepted]]))
  route_table_id             = aws_route_table.private[each.key].id
  destination_cidr_block     = can(regex("^pl-", var.core_network_routes[split("/", each.key)[0]])) ? null : var.core_network_routes[split("/", each.key)[0]]
  destination_prefix_list_id = can(regex("^pl-", var.core_network_routes[split("/", each.key)[0]])) ? var.core_network_routes[split("/", each.key)[0]] : null
  core_network_arn           = var.core_network.arn
}

resource "aws_route" "ipv6_public_to_cwan" {
  for_each                    = contains(keys(var.core_network_ipv6_routes), "public") && local.core_accepted ? local.public_zones : toset([])
  route_table_id              = aws_route_table.public[each.key].id
  destination_ipv6_cidr_block = can(regex("^pl-", var.core_network_ipv6_routes["public"])) ? null : var.core_network_ipv6_routes["public"]
  destination_prefix_list_id  = can(regex("^pl-", var.core_network_ipv6_routes["public"])) ? var.core_network_ipv6_routes["public"] : null
  core_network_arn            = var.core_network.arn
}

resource "aws_route" "ipv6_private_to_cwan" {
  for_each                    = toset(length(setintersection(keys(var.core_network_ipv6_routes), local.private)) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.private : "${tier}/${zone}" if contains(keys(var.core_network_ipv6_routes), tier) && local.core_accepted]]))
  route_table_id              = aws_route_table.private[each.key].id
  destination_ipv6_cidr_block = can(regex("^pl-", var.core_network_ipv6_routes[split("/", each.key)[0]])) ? null : var.core_network_ipv6_routes[split("/", each.key)[0]]
  destination_prefix_list_id  = can(regex("^pl-", var.core_network_ipv6_routes[split("/", each.key)[0]])) ? var.core_network_ipv6_routes[split("/", each.key)[0]] : null
  core_network_arn            = var.core_network.arn
}
