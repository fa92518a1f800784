# The VPC, or the one that it adds to, with its gateways. Version 4.

locals {
  azs     = var.az_count != null ? slice(data.aws_availability_zones.current.names, 0, var.az_count) : var.azs != null ? sort(var.azs) : data.aws_availability_zones.current.names
  tiers   = keys(var.subnets)
  private = setsubtract(local.tiers, ["public", "transit_gateway", "core_network"])
  vpc     = local.created ? aws_vpc.main[0] : data.aws_vpc.main[0]
  blocks  = var.cidr_block == null ? local.vpc.cidr_block : var.cidr_block

  public_zones  = contains(local.tiers, "public") ? toset(local.azs) : toset([])
  transit_zones = contains(local.tiers, "transit_gateway") ? toset(local.azs) : toset([])
  core_zones    = contains(local.tiers, "core_network") ? toset(local.azs) : toset([])

  # One private subnet a tier and zone, under the key TIER/ZONE.
  private_places = length(local.private) == 0 ? [] : flatten([for zone in local.azs : [for tier in local.private : "${tier}/${zone}"]])

  by_nat    = [for tier in local.private : tier if try(var.subnets[tier].connect_to_public_natgw == true, false)]
  by_egress = [for tier in local.private : tier if try(var.subnets[tier].connect_to_eigw == true, false)]
}

data "aws_availability_zones" "current" {
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_vpc" "main" {
  count = local.created ? 0 : 1
  id    = var.vpc_id
}

resource "aws_vpc" "main" {
  count                = local.created ? 1 : 0
  cidr_block           = var.cidr_block
  enable_dns_hostnames = var.vpc_enable_dns_hostnames
  enable_dns_support   = var.vpc_enable_dns_support
  instance_tenancy     = var.vpc_instance_tenancy
  tags                 = merge({ "Name" = var.name }, var.tags)
}

resource "aws_internet_gateway" "main" {
  count  = contains(local.tiers, "public") ? 1 : 0
  vpc_id = local.vpc.id
}

resource "aws_egress_only_internet_gateway" "eigw" {
  count  = var.vpc_egress_only_internet_gateway ? 1 : 0
  vpc_id = local.vpc.id
}

locals {
  nat_setting = try(length(var.subnets.public.nat_gateway_configuration), 0) != 0 ? var.subnets.public.nat_gateway_configuration : "none"
  nat_choices = { all_azs = local.azs, single_az = slice(local.azs, 0, 1), none = [] }
  nat_zones   = contains(local.tiers, "public") ? local.nat_choices[local.nat_setting] : []

  own_nats = {
    for zone in local.azs :
    zone => { id = try(aws_nat_gateway.main[zone].id, aws_nat_gateway.main[local.nat_zones[0]].id) }
    if local.nat_setting != "none"
  }
  given_nats = var.vpc_secondary_cidr ? var.vpc_secondary_cidr_natgw : {}
  nats       = contains(local.tiers, "public") && !var.vpc_secondary_cidr ? local.own_nats : local.given_nats
}

resource "aws_nat_gateway" "main" {
  for_each  = toset(local.nat_zones)
  subnet_id = aws_subnet.public[each.key].id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "tgw" {
  count  = contains(local.tiers, "transit_gateway") ? 1 : 0
  vpc_id = local.vpc.id
}

resource "aws_networkmanager_vpc_attachment" "cwan" {
  count = contains(local.tiers, "core_network") ? 1 : 0
}

resource "aws_vpclattice_service_network_vpc_association" "vpc_lattice_service_network_association" {
  count = length(keys(var.vpc_lattice)) > 0 ? 1 : 0
}

resource "terraform_data" "flow_log" {
  count = try(var.vpc_flow_logs.log_destination_type, "none") == "none" ? 0 : 1
}
