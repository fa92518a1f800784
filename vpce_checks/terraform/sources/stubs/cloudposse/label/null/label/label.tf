# Labels: names and tags put together from a context, and whether the module that asks is on.

variable "context" {
  type    = any
  default = {}
}

variable "enabled" {
  type    = bool
  default = null
}

variable "attributes" {
  type    = list(string)
  default = null
}

variable "tags" {
  type    = map(string)
  default = null
}

variable "additional_tag_map" {
  default = {}
}

variable "descriptor_formats" {
  default = {}
}

variable "labels_as_tags" {
  default = null
}

variable "namespace" {
  default = null
}

variable "tenant" {
  default = null
}

variable "environment" {
  default = null
}

variable "stage" {
  default = null
}

variable "name" {
  default = null
}

variable "delimiter" {
  default = null
}

variable "regex_replace_chars" {
  default = null
}

variable "label_key_case" {
  default = null
}

variable "label_value_case" {
  default = null
}

variable "id_length_limit" {
  default = null
}

variable "label_order" {
  default = null
}

locals {
  given = {
    namespace           = var.namespace == null ? try(var.context.namespace, null) : var.namespace
    tenant              = var.tenant == null ? try(var.context.tenant, null) : var.tenant
    environment         = var.environment == null ? try(var.context.environment, null) : var.environment
    stage               = var.stage == null ? try(var.context.stage, null) : var.stage
    name                = var.name == null ? try(var.context.name, null) : var.name
    delimiter           = var.delimiter == null ? try(var.context.delimiter, null) : var.delimiter
    regex_replace_chars = var.regex_replace_chars == null ? try(var.context.regex_replace_chars, null) : var.regex_replace_chars
    label_key_case      = var.label_key_case == null ? try(var.context.label_key_case, null) : var.label_key_case
    label_value_case    = var.label_value_case == null ? try(var.context.label_value_case, null) : var.label_value_case
    id_length_limit     = var.id_length_limit == null ? try(var.context.id_length_limit, null) : var.id_length_limit
    label_order         = var.label_order == null ? try(var.context.label_order, null) : var.label_order
  }
  enabled = var.enabled != null ? var.enabled : try(var.context.enabled, null) != null ? var.context.enabled : true

  attributes = compact(distinct(concat(
    try(var.context.attributes, null) == null ? [] : var.context.attributes,
    var.attributes == null ? [] : var.attributes,
  )))
  own_tags  = merge(try(var.context.tags, null), var.tags)
  delimiter = local.given.delimiter == null ? "-" : local.given.delimiter
  left_out  = local.given.regex_replace_chars == null ? "/[^-a-zA-Z0-9]/" : local.given.regex_replace_chars
  case      = local.given.label_value_case == null ? "lower" : local.given.label_value_case

  plain = merge(
    { for key in ["namespace", "tenant", "environment", "stage", "name"] : key => replace(local.given[key], local.left_out, "") if local.given[key] != null },
    { attributes = join(local.delimiter, local.shown_attributes) },
  )
  parts = {
    for key, text in local.plain :
    key => key == "attributes" || local.case == "none" ? text : local.case == "title" ? title(lower(text)) : local.case == "upper" ? upper(text) : lower(text)
  }
  plain_attributes = compact(distinct([for attribute in local.attributes : replace(attribute, local.left_out, "")]))
  shown_attributes = compact(distinct([
    for text in local.plain_attributes :
    local.case == "none" ? text : local.case == "title" ? title(lower(text)) : local.case == "upper" ? upper(text) : lower(text)
  ]))
  order = try(length(local.given.label_order), 0) > 0 ? local.given.label_order : ["namespace", "environment", "stage", "name", "attributes"]
  id    = join(local.delimiter, [for key in local.order : local.parts[key] if try(local.parts[key], "") != ""])
  limit = local.given.id_length_limit == null ? 0 : local.given.id_length_limit

  full_context = merge(try(var.context, {}), local.given, {
    enabled    = local.enabled
    attributes = local.attributes
    tags       = local.own_tags
    # Of no account here:
    additional_tag_map = terraform_data.label.output
    descriptor_formats = terraform_data.label.output
    labels_as_tags     = terraform_data.label.output
  })
}

# A name cut to a limit ends in a hash; tags follow further settings.
resource "terraform_data" "label" {}

output "enabled" {
  value = local.enabled
}

output "id" {
  value = !local.enabled ? "" : local.limit > 0 && length(local.id) > local.limit ? terraform_data.label.output : local.id
}

output "id_full" {
  value = local.enabled ? local.id : ""
}

output "attributes" {
  value = local.enabled ? local.shown_attributes : []
}

output "delimiter" {
  value = local.enabled ? local.delimiter : ""
}

output "tags" {
  value = terraform_data.label.output
}

output "context" {
  value = local.full_context
}

output "normalized_context" {
  value = terraform_data.label.output
}

output "label_order" {
  value = local.order
}

output "namespace" {
  value = local.enabled ? try(local.parts.namespace, "") : ""
}

output "tenant" {
  value = local.enabled ? try(local.parts.tenant, "") : ""
}

output "environment" {
  value = local.enabled ? try(local.parts.environment, "") : ""
}

output "stage" {
  value = local.enabled ? try(local.parts.stage, "") : ""
}

output "name" {
  value = local.enabled ? try(local.parts.name, "") : ""
}

output "additional_tag_map" {
  value = terraform_data.label.output
}

output "regex_replace_chars" {
  value = terraform_data.label.output
}

output "id_length_limit" {
  value = terraform_data.label.output
}

output "tags_as_list_of_maps" {
  value = terraform_data.label.output
}

output "descriptors" {
  value = terraform_data.label.output
}
