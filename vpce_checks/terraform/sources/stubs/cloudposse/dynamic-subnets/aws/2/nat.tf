# In version 2 there is one NAT a zone, and as many public subnets as private ones.

locals {
  public_per_zone  = var.subnets_per_az_count
  private_per_zone = var.subnets_per_az_count
  nats             = min(max(length(local.public_zones), length(local.private_zones)), var.max_nats)
  nat_places       = range(local.nats)
  private_nats     = range(local.private_tables)
  public_nats      = range(local.public_tables)
}
