# The endpoints of the two maps.

variable "vpc_id" {
  type = string
}

locals {
  enabled   = local.wanted && length(var.gateway_vpc_endpoints) + length(var.interface_vpc_endpoints) > 0
  gateway   = { for key, endpoint in var.gateway_vpc_endpoints : key => endpoint if local.enabled }
  interface = { for key, endpoint in var.interface_vpc_endpoints : key => endpoint if local.enabled }
}

data "aws_vpc_endpoint_service" "gateway_endpoint_service" {
  for_each     = local.gateway
  service      = each.value.name
  service_type = "Gateway"
}

data "aws_vpc_endpoint_service" "interface_endpoint_service" {
  for_each     = local.interface
  service      = each.value.name
  service_type = "Interface"
}

resource "aws_vpc_endpoint" "gateway_endpoint" {
  for_each          = local.gateway
  vpc_id            = var.vpc_id
  service_name      = data.aws_vpc_endpoint_service.gateway_endpoint_service[each.key].service_name
  vpc_endpoint_type = data.aws_vpc_endpoint_service.gateway_endpoint_service[each.key].service_type
}

resource "aws_vpc_endpoint" "interface_endpoint" {
  for_each            = local.interface
  vpc_id              = var.vpc_id
  service_name        = data.aws_vpc_endpoint_service.interface_endpoint_service[each.key].service_name
  vpc_endpoint_type   = data.aws_vpc_endpoint_service.interface_endpoint_service[each.key].service_type
  private_dns_enabled = each.value.private_dns_enabled
  subnet_ids          = local.subnets[each.key]
  security_group_ids  = local.groups[each.key]
}
