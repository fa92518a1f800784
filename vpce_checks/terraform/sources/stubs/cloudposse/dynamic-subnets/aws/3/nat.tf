# Since version 3 the numbers of public and private subnets a zone can differ, and NATs stand in chosen ones.

locals {
  public_per_zone  = coalesce(var.public_subnets_per_az_count, var.subnets_per_az_count)
  private_per_zone = coalesce(var.private_subnets_per_az_count, var.subnets_per_az_count)
  public_names     = var.public_subnets_per_az_names != null ? var.public_subnets_per_az_names : var.subnets_per_az_names

  chosen = (
    var.nat_gateway_public_subnet_names == null ? var.nat_gateway_public_subnet_indices
    : [for name in var.nat_gateway_public_subnet_names : try(index(local.public_names, name), -1)]
  )
  nat_useful = local.private_ipv4 || local.public_dns64 || local.private_dns64
  nat_places = local.nat_useful ? flatten([
    for zone in range(min(length(local.zones), var.max_nats)) : [
      for at in local.chosen : zone * local.public_per_zone + at if at >= 0 && at < local.public_per_zone
    ]
  ]) : []
  nats          = length(local.nat_places)
  nats_per_zone = local.nats > 0 ? length(local.chosen) : 0

  private_nats = [
    for at in range(local.nats > 0 ? local.private_tables : 0) :
    (floor(at / local.private_per_zone) * local.nats_per_zone + (at % local.private_per_zone) % local.nats_per_zone) % local.nats
  ]
  public_nats = [
    for at in range(local.nats > 0 ? local.public_tables : 0) :
    (floor(at / local.public_per_zone) * local.nats_per_zone + (at % local.public_per_zone) % local.nats_per_zone) % local.nats
  ]
}
