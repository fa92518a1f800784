# Subnet configurations since 5.21.0.

locals {
  region                = null
  looked_up             = local.endpoints
  names                 = { for key, endpoint in local.endpoints : key => try(endpoint.service_endpoint, data.aws_vpc_endpoint_service.this[key].service_name) }
  service_regions       = { for key, endpoint in local.endpoints : key => try(endpoint.service_region, null) }
  dns_options           = { for key, endpoint in local.endpoints : key => try([endpoint.dns_options], []) }
  subnet_configurations = { for key, endpoint in local.endpoints : key => try(endpoint.subnet_configurations, []) }
}
