# Before 3.14.0 every entry of the map is an endpoint.

locals {
  endpoints = { for key, endpoint in var.endpoints : key => endpoint if var.create }
}
