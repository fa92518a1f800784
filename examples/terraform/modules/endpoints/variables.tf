variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "route_table_ids" {
  type = list(string)
}

variable "security_group_id" {
  type = string
}

variable "endpoints" {
  description = "Short service names, e.g. { s3 = { gateway = true }, logs = {} }"
  type = map(object({
    gateway     = optional(bool, false)
    private_dns = optional(bool, true)
  }))
}
