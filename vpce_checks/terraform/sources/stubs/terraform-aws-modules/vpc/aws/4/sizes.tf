# What version 4 makes of its inputs.

locals {
  none               = null
  on                 = var.create_vpc && var.putin_khuylo
  region             = null
  tables             = { public = 1, private = local.private_tables, intra = 1 }
  access_exclusions  = {}
  private_nat_routes = local.nat

  group_names = {
    database    = coalesce(var.database_subnet_group_name, var.name)
    redshift    = coalesce(var.redshift_subnet_group_name, var.name)
    elasticache = coalesce(var.elasticache_subnet_group_name, var.name)
  }
}
