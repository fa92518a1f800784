# The flow log of a VPC, of which nothing matters to the network.

variable "create" {
  type    = bool
  default = true
}

variable "region" {
  default = null
}

variable "tags" {
  default = null
}

variable "name" {
  default = null
}

variable "deliver_cross_account_role" {
  default = null
}

variable "destination_options" {
  default = null
}

variable "eni_id" {
  default = null
}

variable "log_destination_type" {
  type    = string
  default = "cloud-watch-logs"
}

variable "log_destination" {
  default = null
}

variable "log_format" {
  default = null
}

variable "max_aggregation_interval" {
  default = null
}

variable "subnet_id" {
  default = null
}

variable "traffic_type" {
  default = null
}

variable "transit_gateway_attachment_id" {
  default = null
}

variable "transit_gateway_id" {
  default = null
}

variable "vpc_id" {
  default = null
}

variable "flow_log_tags" {
  default = null
}

variable "create_cloudwatch_log_group" {
  type    = bool
  default = true
}

variable "cloudwatch_log_group_name" {
  default = null
}

variable "cloudwatch_log_group_use_name_prefix" {
  default = null
}

variable "cloudwatch_log_group_class" {
  default = null
}

variable "cloudwatch_log_group_retention_in_days" {
  default = null
}

variable "cloudwatch_log_group_kms_key_id" {
  default = null
}

variable "cloudwatch_log_group_tags" {
  default = null
}

variable "create_iam_role" {
  type    = bool
  default = true
}

variable "iam_role_arn" {
  default = null
}

variable "iam_role_name" {
  default = null
}

variable "iam_role_use_name_prefix" {
  default = null
}

variable "iam_role_path" {
  default = null
}

variable "iam_role_description" {
  default = null
}

variable "iam_role_permissions_boundary" {
  default = null
}

variable "iam_role_tags" {
  default = null
}

variable "iam_role_trust_policy_permissions" {
  default = null
}

variable "iam_role_permissions" {
  default = null
}

variable "kinesis_data_firehose_arn" {
  default = null
}

locals {
  by_cloudwatch = var.create && var.log_destination_type == "cloud-watch-logs"
}

resource "aws_flow_log" "this" {
  count = var.create ? 1 : 0
}

resource "aws_cloudwatch_log_group" "this" {
  count = local.by_cloudwatch && var.create_cloudwatch_log_group ? 1 : 0
}

resource "aws_iam_role" "this" {
  count = var.create && var.log_destination_type != "s3" && var.create_iam_role ? 1 : 0
}

output "id" {
  value = try(aws_flow_log.this[0].id, null)
}

output "arn" {
  value = try(aws_flow_log.this[0].arn, null)
}

output "cloudwatch_log_group_name" {
  value = try(aws_cloudwatch_log_group.this[0].name, null)
}

output "cloudwatch_log_group_arn" {
  value = try(aws_cloudwatch_log_group.this[0].arn, null)
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, null)
}
