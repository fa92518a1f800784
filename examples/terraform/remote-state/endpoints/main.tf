# The root of the platform team: the endpoints of the VPC that the network team deploys.

terraform {
  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "endpoints/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "terraform_remote_state" "network" {
  backend = "s3"

  config = {
    bucket = "acme-terraform-state"
    key    = "network/terraform.tfstate"
    region = "eu-west-1"
  }
}

locals {
  network = data.terraform_remote_state.network.outputs
}

module "endpoints" {
  source = "../../modules/endpoints"

  vpc_id            = local.network.vpc_id
  subnet_ids        = local.network.private_subnet_ids
  route_table_ids   = local.network.private_route_table_ids
  security_group_id = aws_security_group.endpoints.id

  endpoints = {
    s3       = { gateway = true }
    dynamodb = { gateway = true }
    logs     = {}
  }
}

resource "aws_security_group" "endpoints" {
  name        = "platform-endpoints"
  description = "HTTPS from the VPC to its endpoints"
  vpc_id      = local.network.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.4.0.0/16"]
  }
}
