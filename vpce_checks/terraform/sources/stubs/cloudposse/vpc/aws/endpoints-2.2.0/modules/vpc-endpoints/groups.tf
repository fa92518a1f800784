# In 2.2 security groups are an argument of the endpoint.

locals {
  groups = { for key, endpoint in local.interface : key => endpoint.security_group_ids }
}
