# A region of its own since 6.1.0, which rules the look-up of service names out.

locals {
  region                = var.region
  looked_up             = { for key, endpoint in local.endpoints : key => endpoint if var.region == null }
  names                 = { for key, endpoint in local.endpoints : key => try(endpoint.service_endpoint, data.aws_vpc_endpoint_service.this[key].service_name) }
  service_regions       = { for key, endpoint in local.endpoints : key => try(endpoint.service_region, null) }
  dns_options           = { for key, endpoint in local.endpoints : key => try([endpoint.dns_options], []) }
  subnet_configurations = { for key, endpoint in local.endpoints : key => try(endpoint.subnet_configurations, []) }
}

variable "region" {
  type    = string
  default = null
}
