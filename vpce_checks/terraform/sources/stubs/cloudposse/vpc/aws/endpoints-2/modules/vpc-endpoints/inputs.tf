# Since version 2 route tables and subnets are associated one by one.

variable "interface_vpc_endpoints" {
  type = map(object({
    name                = string
    policy              = string
    private_dns_enabled = bool
    security_group_ids  = list(string)
    subnet_ids          = list(string)
  }))
  default = {}
}

variable "gateway_vpc_endpoints" {
  type = map(object({
    name            = string
    policy          = string
    route_table_ids = list(string)
  }))
  default = {}
}

variable "post_creation_refresh_delay" {
  default = null
}

locals {
  subnets = { for key, endpoint in local.interface : key => null }

  tables = merge([
    for key, endpoint in local.gateway :
    { for at, table in endpoint.route_table_ids : "${key}[${at}]" => { endpoint = key, table = table } }
  ]...)
  places = merge([
    for key, endpoint in local.interface :
    { for at, subnet in endpoint.subnet_ids : "${key}[${at}]" => { endpoint = key, subnet = subnet } }
  ]...)
}

resource "aws_vpc_endpoint_route_table_association" "gateway" {
  for_each        = local.tables
  route_table_id  = each.value.table
  vpc_endpoint_id = aws_vpc_endpoint.gateway_endpoint[each.value.endpoint].id
}

resource "aws_vpc_endpoint_subnet_association" "interface" {
  for_each        = local.places
  subnet_id       = each.value.subnet
  vpc_endpoint_id = aws_vpc_endpoint.interface_endpoint[each.value.endpoint].id
}

data "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway
  id       = aws_vpc_endpoint.gateway_endpoint[each.key].id
}

data "aws_vpc_endpoint" "interface" {
  for_each = local.interface
  id       = aws_vpc_endpoint.interface_endpoint[each.key].id
}

output "gateway_vpc_endpoints_map" {
  value = data.aws_vpc_endpoint.gateway
}

output "interface_vpc_endpoints_map" {
  value = data.aws_vpc_endpoint.interface
}
