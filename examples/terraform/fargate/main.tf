# A service on Fargate in subnets without a way to the Internet: all that it calls must have an endpoint.

provider "aws" {
  region = "eu-west-1"
}

module "network" {
  source = "../modules/network"

  name               = "orders"
  cidr               = "10.60.0.0/16"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
}

module "endpoints" {
  source = "../modules/endpoints"

  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.private_subnet_ids
  route_table_ids   = module.network.private_route_table_ids
  security_group_id = aws_security_group.endpoints.id

  endpoints = {
    s3        = { gateway = true }
    dynamodb  = { gateway = true }
    logs      = {}
    "ecr.api" = {}
    "ecr.dkr" = {}
  }
}

resource "aws_security_group" "endpoints" {
  name        = "orders-interface-endpoints"
  description = "HTTPS from the tasks to the endpoints"
  vpc_id      = module.network.vpc_id

  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.orders.id]
  }
}
