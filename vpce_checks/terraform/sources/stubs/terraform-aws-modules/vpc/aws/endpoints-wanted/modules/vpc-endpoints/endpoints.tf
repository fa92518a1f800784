# Since 3.14.0 an entry of the map can say that it is not wanted.

locals {
  endpoints = { for key, endpoint in var.endpoints : key => endpoint if var.create && try(endpoint.create, true) }
}
