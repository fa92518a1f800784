# What version 6 makes of its inputs.

locals {
  none   = null
  on     = var.create_vpc && var.putin_khuylo
  region = var.region

  tables = {
    public  = var.create_multiple_public_route_tables ? local.sizes.public : 1
    private = local.private_tables
    intra   = var.create_multiple_intra_route_tables ? local.sizes.intra : 1
  }
  access_exclusions  = var.vpc_block_public_access_exclusions
  private_nat_routes = var.create_private_nat_gateway_route ? local.nat : 0

  group_names = {
    database    = coalesce(var.database_subnet_group_name, var.name)
    redshift    = coalesce(var.redshift_subnet_group_name, var.name)
    elasticache = coalesce(var.elasticache_subnet_group_name, var.name)
  }
}
