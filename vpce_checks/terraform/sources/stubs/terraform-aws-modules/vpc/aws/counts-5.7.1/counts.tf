# Since 5.7.1 there is one IPv6 egress route a private route table, not one a private subnet.

locals {
  largest = max(
    local.sizes.private, local.sizes.public,
    local.sizes.elasticache, local.sizes.database, local.sizes.redshift,
  )

  private_egress_routes = local.has.private ? local.nat_gateway_count : 0
}
