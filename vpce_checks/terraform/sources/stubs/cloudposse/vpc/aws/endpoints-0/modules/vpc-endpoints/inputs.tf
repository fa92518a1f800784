# Before version 2 subnets and security groups are arguments of the endpoint; route tables are the caller's affair.

variable "interface_vpc_endpoints" {
  type = map(object({
    name                = string
    policy              = string
    private_dns_enabled = bool
    security_group_ids  = list(string)
    subnet_ids          = list(string)
  }))
  default = {}
}

variable "gateway_vpc_endpoints" {
  type = map(object({
    name   = string
    policy = string
  }))
  default = {}
}

locals {
  subnets = { for key, endpoint in local.interface : key => endpoint.subnet_ids }
  groups  = { for key, endpoint in local.interface : key => endpoint.security_group_ids }
}

output "gateway_vpc_endpoints" {
  value = values(aws_vpc_endpoint.gateway_endpoint)
}

output "interface_vpc_endpoints" {
  value = values(aws_vpc_endpoint.interface_endpoint)
}
