locals {
  gateways = {
    dynamodb = { gateway = true }
  }

  interfaces = {
    for name in ["ec2", "logs"] : name => {}
  }
}
