# Since 4.4.3 an input of its own tells whether a VPC is created.

locals {
  created = var.create_vpc
}
