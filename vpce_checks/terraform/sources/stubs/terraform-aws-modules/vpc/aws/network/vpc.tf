# The VPC, its gateways and the defaults that the module adopts, versions 3 to 6.
# The directories beside this one say what differs between versions: local.sizes, local.tables, local.region ...

locals {
  vpc_id = try(aws_vpc.this[0].id, "")
  has    = { for tier, size in local.sizes : tier => local.on && size > 0 }
  nat    = local.on && var.enable_nat_gateway ? local.nat_gateway_count : 0
}

resource "aws_vpc" "this" {
  count                = local.on ? 1 : 0
  region               = local.region
  cidr_block           = local.from_pool ? null : var.cidr
  instance_tenancy     = var.instance_tenancy
  enable_dns_hostnames = var.enable_dns_hostnames
  enable_dns_support   = var.enable_dns_support
  tags                 = merge({ "Name" = var.name }, var.tags, var.vpc_tags)
}

resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count      = local.on ? length(var.secondary_cidr_blocks) : 0
  vpc_id     = local.vpc_id
  cidr_block = var.secondary_cidr_blocks[count.index]
}

resource "aws_vpc_dhcp_options" "this" {
  count = local.on && var.enable_dhcp_options ? 1 : 0
}

resource "aws_default_vpc" "this" {
  count                = var.manage_default_vpc ? 1 : 0
  region               = local.region
  enable_dns_support   = var.default_vpc_enable_dns_support
  enable_dns_hostnames = var.default_vpc_enable_dns_hostnames
  tags                 = merge({ "Name" = coalesce(var.default_vpc_name, "default") }, var.tags, var.default_vpc_tags)
}

resource "aws_default_security_group" "this" {
  count  = local.on && var.manage_default_security_group ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_default_route_table" "default" {
  count                  = local.on && var.manage_default_route_table ? 1 : 0
  default_route_table_id = aws_vpc.this[0].default_route_table_id

  dynamic "route" {
    for_each = var.default_route_table_routes
    content {
      cidr_block             = route.value.cidr_block
      ipv6_cidr_block        = try(route.value.ipv6_cidr_block, null)
      egress_only_gateway_id = try(route.value.egress_only_gateway_id, null)
      gateway_id             = try(route.value.gateway_id, null)
      nat_gateway_id         = try(route.value.nat_gateway_id, null)
      transit_gateway_id     = try(route.value.transit_gateway_id, null)
      vpc_endpoint_id        = try(route.value.vpc_endpoint_id, null)
    }
  }
}

resource "aws_internet_gateway" "this" {
  count  = local.has.public && var.create_igw ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_egress_only_internet_gateway" "this" {
  count  = local.on && var.create_egress_only_igw && var.enable_ipv6 && local.largest > 0 ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_vpc_block_public_access_exclusion" "this" {
  for_each = { for key, exclusion in local.access_exclusions : key => exclusion if local.on }
}

resource "aws_eip" "nat" {
  count = var.reuse_nat_ips ? 0 : local.nat
}

resource "aws_nat_gateway" "this" {
  count     = local.nat
  subnet_id = element(aws_subnet.public[*].id, var.single_nat_gateway ? 0 : count.index)
}

resource "aws_customer_gateway" "this" {
  for_each = var.customer_gateways
}

resource "aws_vpn_gateway" "this" {
  count  = local.on && var.enable_vpn_gateway ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_vpn_gateway_attachment" "this" {
  count          = var.vpn_gateway_id != "" ? 1 : 0
  vpc_id         = local.vpc_id
  vpn_gateway_id = var.vpn_gateway_id
}

resource "aws_flow_log" "this" {
  count  = local.on && var.enable_flow_log ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_cloudwatch_log_group" "flow_log" {
  count = local.on && var.enable_flow_log && var.create_flow_log_cloudwatch_log_group ? 1 : 0
}

resource "aws_iam_role" "vpc_flow_log_cloudwatch" {
  count = local.on && var.enable_flow_log && var.create_flow_log_cloudwatch_iam_role ? 1 : 0
}
