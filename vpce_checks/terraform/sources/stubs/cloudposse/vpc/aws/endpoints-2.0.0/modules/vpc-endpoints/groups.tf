# In 2.0 and 2.1 security groups are associated one by one.

locals {
  groups = { for key, endpoint in local.interface : key => null }
}

resource "aws_vpc_endpoint_security_group_association" "interface" {
  for_each = merge([
    for key, endpoint in local.interface : {
      for at, group in endpoint.security_group_ids :
      "${key}[${at}]" => { endpoint = key, group = group } if at >= 0
    }
  ]...)
  security_group_id = each.value.group
  vpc_endpoint_id   = aws_vpc_endpoint.interface_endpoint[each.value.endpoint].id
}
