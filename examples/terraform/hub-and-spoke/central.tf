# The central endpoints. A private zone leads the host name of each service to its endpoint, so private DNS is off.

locals {
  central = toset(["logs", "kms"])
}

resource "aws_security_group" "central" {
  name        = "central-endpoints"
  description = "HTTPS from hub and spoke to the central endpoints"
  vpc_id      = module.hub.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.50.0.0/16", "10.51.0.0/16"]
  }
}

resource "aws_vpc_endpoint" "central" {
  for_each = local.central

  vpc_id              = module.hub.vpc_id
  service_name        = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = module.hub.private_subnet_ids
  security_group_ids  = [aws_security_group.central.id]
  private_dns_enabled = false
}

resource "aws_route53_zone" "central" {
  for_each = local.central

  name = "${each.key}.eu-west-1.amazonaws.com"

  vpc {
    vpc_id = module.hub.vpc_id
  }
}

resource "aws_route53_record" "central" {
  for_each = local.central

  zone_id = aws_route53_zone.central[each.key].zone_id
  name    = aws_route53_zone.central[each.key].name
  type    = "A"

  alias {
    name                   = aws_vpc_endpoint.central[each.key].dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.central[each.key].dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_zone_association" "spoke" {
  for_each = toset(["kms"])

  zone_id = aws_route53_zone.central[each.key].zone_id
  vpc_id  = module.spoke.vpc_id
}
