# Since 5.1.0 the submodule makes a security group on request.

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

variable "create_security_group" {
  type    = bool
  default = false
}

variable "security_group_name" {
  default = null
}

variable "security_group_name_prefix" {
  default = null
}

variable "security_group_description" {
  default = null
}

variable "security_group_rules" {
  default = {}
}

variable "security_group_tags" {
  default = {}
}

variable "tags" {
  default = {}
}

variable "timeouts" {
  default = {}
}

locals {
  security_group_ids = concat(var.security_group_ids, aws_security_group.this[*].id)
}

resource "aws_security_group" "this" {
  count  = var.create && var.create_security_group ? 1 : 0
  region = local.region
  vpc_id = var.vpc_id
}

resource "aws_security_group_rule" "this" {
  for_each                 = { for key, rule in var.security_group_rules : key => rule if var.create && var.create_security_group }
  security_group_id        = aws_security_group.this[0].id
  type                     = try(each.value.type, "ingress")
  protocol                 = try(each.value.protocol, "tcp")
  from_port                = try(each.value.from_port, 443)
  to_port                  = try(each.value.to_port, 443)
  cidr_blocks              = lookup(each.value, "cidr_blocks", null)
  ipv6_cidr_blocks         = lookup(each.value, "ipv6_cidr_blocks", null)
  prefix_list_ids          = lookup(each.value, "prefix_list_ids", null)
  self                     = try(each.value.self, null)
  source_security_group_id = lookup(each.value, "source_security_group_id", null)
}

output "security_group_arn" {
  value = try(aws_security_group.this[0].arn, null)
}

output "security_group_id" {
  value = try(aws_security_group.this[0].id, null)
}
