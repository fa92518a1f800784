# The endpoints of one VPC: a gateway or interface endpoint for each entry of var.endpoints.

data "aws_region" "current" {}

locals {
  gateways   = { for name, endpoint in var.endpoints : name => endpoint if endpoint.gateway }
  interfaces = { for name, endpoint in var.endpoints : name => endpoint if !endpoint.gateway }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateways

  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.current.name}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.route_table_ids
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interfaces

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${data.aws_region.current.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [var.security_group_id]
  private_dns_enabled = each.value.private_dns
}
