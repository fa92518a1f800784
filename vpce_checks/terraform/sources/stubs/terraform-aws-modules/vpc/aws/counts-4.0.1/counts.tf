# Since 4.0.1 the number of NAT gateways and private route tables follows the largest of these tiers.

locals {
  largest = max(
    local.sizes.private, local.sizes.public, local.sizes.intra,
    local.sizes.elasticache, local.sizes.database, local.sizes.redshift,
  )

  private_egress_routes = local.sizes.private
}
