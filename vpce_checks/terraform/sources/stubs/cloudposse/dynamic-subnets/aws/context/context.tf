# The inputs that all of Cloud Posse's modules share; of them only whether the module is on matters here.

variable "context" {
  type    = any
  default = {}
}

variable "enabled" {
  type    = bool
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

variable "attributes" {
  default = null
}

variable "tags" {
  default = null
}

variable "labels_as_tags" {
  default = null
}

variable "additional_tag_map" {
  default = null
}

variable "label_order" {
  default = null
}

variable "regex_replace_chars" {
  default = null
}

variable "id_length_limit" {
  default = null
}

variable "label_key_case" {
  default = null
}

variable "label_value_case" {
  default = null
}

variable "descriptor_formats" {
  default = null
}

locals {
  wanted = var.enabled != null ? var.enabled : try(var.context.enabled, null) != null ? var.context.enabled : true
}

# Names and tags are put together from the context in ways that matter to no verdict.
resource "terraform_data" "label" {}
