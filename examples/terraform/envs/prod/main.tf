provider "aws" {
  region = "eu-west-1"
}

module "network" {
  source = "../../modules/network"

  name               = "prod"
  cidr               = "10.10.0.0/16"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
}

module "endpoints" {
  source = "../../modules/endpoints"

  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.private_subnet_ids
  route_table_ids   = module.network.private_route_table_ids
  security_group_id = module.network.endpoint_security_group_id
  endpoints         = merge(local.gateways, local.interfaces)
}
