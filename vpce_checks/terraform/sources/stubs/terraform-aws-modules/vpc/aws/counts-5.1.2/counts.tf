# Since 5.1.2 intra subnets have no say in the number of NAT gateways and private route tables.

locals {
  largest = max(
    local.sizes.private, local.sizes.public,
    local.sizes.elasticache, local.sizes.database, local.sizes.redshift,
  )

  private_egress_routes = local.sizes.private
}
