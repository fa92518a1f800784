# Two VPCs, one transit gateway. The interface endpoints are in the hub, and the spoke uses them.

provider "aws" {
  region = "eu-west-1"
}

locals {
  zones = ["eu-west-1a", "eu-west-1b"]
}

module "hub" {
  source = "../modules/network"

  name               = "hub"
  cidr               = "10.50.0.0/16"
  availability_zones = local.zones
}

module "spoke" {
  source = "../modules/network"

  name               = "spoke"
  cidr               = "10.51.0.0/16"
  availability_zones = local.zones
}

locals {
  vpcs = { hub = module.hub, spoke = module.spoke }
}

# Gateway endpoints cannot be shared: each VPC has its own.
module "gateways" {
  source   = "../modules/endpoints"
  for_each = local.vpcs

  vpc_id            = each.value.vpc_id
  subnet_ids        = each.value.private_subnet_ids
  route_table_ids   = each.value.private_route_table_ids
  security_group_id = each.value.endpoint_security_group_id
  endpoints         = { s3 = { gateway = true }, dynamodb = { gateway = true } }
}

resource "aws_ec2_transit_gateway" "main" {
  description = "Between hub and spoke"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  for_each = local.vpcs

  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = each.value.vpc_id
  subnet_ids         = each.value.private_subnet_ids
}

resource "aws_route" "hub" {
  count = length(local.zones)

  route_table_id         = module.hub.private_route_table_ids[count.index]
  destination_cidr_block = "10.51.0.0/16"
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
}

resource "aws_route" "spoke" {
  count = length(local.zones)

  route_table_id         = module.spoke.private_route_table_ids[count.index]
  destination_cidr_block = "10.50.0.0/16"
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
}
