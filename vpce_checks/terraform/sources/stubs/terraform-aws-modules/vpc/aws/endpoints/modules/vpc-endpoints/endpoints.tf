# The endpoints that the submodule makes of its map, versions 3 to 6.

data "aws_vpc_endpoint_service" "this" {
  for_each     = local.looked_up
  service      = try(each.value.service, null)
  service_name = try(each.value.service_name, null)

  filter {
    name   = "service-type"
    values = [try(each.value.service_type, "Interface")]
  }
}

locals {
  types = { for key, endpoint in local.endpoints : key => try(endpoint.service_type, "Interface") }
  groups = {
    for key, endpoint in local.endpoints : key =>
    distinct(concat(local.security_group_ids, lookup(endpoint, "security_group_ids", [])))
  }
}

resource "aws_vpc_endpoint" "this" {
  for_each          = local.endpoints
  region            = local.region
  vpc_id            = var.vpc_id
  service_name      = local.names[each.key]
  service_region    = local.service_regions[each.key]
  vpc_endpoint_type = local.types[each.key]
  route_table_ids   = local.types[each.key] == "Gateway" ? lookup(each.value, "route_table_ids", null) : null

  subnet_ids = (
    local.types[each.key] == "Interface"
    ? distinct(concat(var.subnet_ids, lookup(each.value, "subnet_ids", []))) : null
  )
  security_group_ids = (
    local.types[each.key] == "Interface"
    ? (length(local.groups[each.key]) > 0 ? local.groups[each.key] : null) : null
  )
  private_dns_enabled = (
    local.types[each.key] == "Interface" ? try(each.value.private_dns_enabled, null) : null
  )

  policy = try(each.value.policy, null)

  dynamic "dns_options" {
    for_each = local.dns_options[each.key]
    content {
      private_dns_only_for_inbound_resolver_endpoint = try(
        dns_options.value.private_dns_only_for_inbound_resolver_endpoint, null
      )
    }
  }

  dynamic "subnet_configuration" {
    for_each = local.subnet_configurations[each.key]
    content {
      subnet_id = try(subnet_configuration.value.subnet_id, null)
    }
  }
}

output "endpoints" {
  value = aws_vpc_endpoint.this
}
