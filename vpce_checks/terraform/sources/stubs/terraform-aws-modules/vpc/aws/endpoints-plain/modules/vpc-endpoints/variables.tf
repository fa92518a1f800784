# Inputs of versions 3 to 5.0. An endpoint has no security group of its own.

variable "create" {
  type    = bool
  default = true
}

variable "vpc_id" {
  type    = string
  default = null
}

variable "endpoints" {
  type    = any
  default = {}
}

variable "security_group_ids" {
  type    = list(string)
  default = []
}

variable "subnet_ids" {
  type    = list(string)
  default = []
}

variable "tags" {
  default = {}
}

variable "timeouts" {
  default = {}
}

locals {
  region                = null
  looked_up             = local.endpoints
  names                 = { for key, endpoint in local.endpoints : key => data.aws_vpc_endpoint_service.this[key].service_name }
  service_regions       = { for key, endpoint in local.endpoints : key => null }
  security_group_ids    = var.security_group_ids
  dns_options           = { for key, endpoint in local.endpoints : key => [] }
  subnet_configurations = { for key, endpoint in local.endpoints : key => [] }
}
