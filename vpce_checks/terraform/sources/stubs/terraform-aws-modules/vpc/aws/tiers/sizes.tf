# How many subnets there are of each tier since version 4: IPv4 blocks or IPv6 prefixes, whichever are more.

locals {
  dns64     = var.enable_ipv6 && var.private_subnet_enable_dns64
  from_pool = var.use_ipam_pool

  native = {
    public      = var.public_subnet_ipv6_native
    private     = var.private_subnet_ipv6_native
    database    = var.database_subnet_ipv6_native
    redshift    = var.redshift_subnet_ipv6_native
    elasticache = var.elasticache_subnet_ipv6_native
    intra       = var.intra_subnet_ipv6_native
    outpost     = var.outpost_subnet_ipv6_native
  }
  sizes = {
    public      = max(length(var.public_subnets), length(var.public_subnet_ipv6_prefixes))
    private     = max(length(var.private_subnets), length(var.private_subnet_ipv6_prefixes))
    database    = max(length(var.database_subnets), length(var.database_subnet_ipv6_prefixes))
    redshift    = max(length(var.redshift_subnets), length(var.redshift_subnet_ipv6_prefixes))
    elasticache = max(length(var.elasticache_subnets), length(var.elasticache_subnet_ipv6_prefixes))
    intra       = max(length(var.intra_subnets), length(var.intra_subnet_ipv6_prefixes))
    outpost     = max(length(var.outpost_subnets), length(var.outpost_subnet_ipv6_prefixes))
  }
  nat_gateway_count = var.single_nat_gateway ? 1 : var.one_nat_gateway_per_az ? length(var.azs) : local.largest
  nat_destination   = var.nat_gateway_destination_cidr_block

  private_tables = local.has.private && local.largest > 0 ? local.nat_gateway_count : 0
}
