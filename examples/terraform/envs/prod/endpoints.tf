locals {
  gateways = {
    for name in ["s3", "dynamodb"] : name => { gateway = true }
  }

  interfaces = {
    ec2  = {}
    logs = { private_dns = false } # switched off while the old proxy was in use
  }
}
