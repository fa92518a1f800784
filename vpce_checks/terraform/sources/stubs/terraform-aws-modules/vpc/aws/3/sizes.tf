# What version 3 makes of its inputs.

locals {
  none      = ""
  on        = var.create_vpc && var.putin_khuylo
  region    = null
  dns64     = false
  from_pool = var.use_ipam_pool
  native    = {}

  sizes = {
    public      = length(var.public_subnets)
    private     = length(var.private_subnets)
    database    = length(var.database_subnets)
    redshift    = length(var.redshift_subnets)
    elasticache = length(var.elasticache_subnets)
    intra       = length(var.intra_subnets)
    outpost     = length(var.outpost_subnets)
  }
  largest           = max(local.sizes.private, local.sizes.elasticache, local.sizes.database, local.sizes.redshift)
  nat_gateway_count = var.single_nat_gateway ? 1 : var.one_nat_gateway_per_az ? length(var.azs) : local.largest

  tables = {
    public  = 1
    private = local.on && local.largest > 0 ? local.nat_gateway_count : 0
    intra   = 1
  }
  access_exclusions     = {}
  private_nat_routes    = local.nat
  private_egress_routes = local.sizes.private
  nat_destination       = var.nat_gateway_destination_cidr_block

  group_names = {
    database    = coalesce(var.database_subnet_group_name, var.name)
    redshift    = coalesce(var.redshift_subnet_group_name, var.name)
    elasticache = coalesce(var.elasticache_subnet_group_name, var.name)
  }
}
