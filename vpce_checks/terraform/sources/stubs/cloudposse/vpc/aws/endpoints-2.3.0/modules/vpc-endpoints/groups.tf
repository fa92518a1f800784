# Since 2.3 the first security group is an argument of the endpoint, the others are associated.

locals {
  groups = { for key, endpoint in local.interface : key => slice(endpoint.security_group_ids, 0, min(1, length(endpoint.security_group_ids))) }
}

resource "aws_vpc_endpoint_security_group_association" "interface" {
  for_each = merge([
    for key, endpoint in local.interface : {
      for at, group in endpoint.security_group_ids :
      "${key}[${at}]" => { endpoint = key, group = group } if at >= 1
    }
  ]...)
  security_group_id = each.value.group
  vpc_endpoint_id   = aws_vpc_endpoint.interface_endpoint[each.value.endpoint].id
}
