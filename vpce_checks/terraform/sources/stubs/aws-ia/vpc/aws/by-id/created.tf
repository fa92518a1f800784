# Before 4.4.3 the id of a VPC means that none is created.

locals {
  created = var.vpc_id == null
}
