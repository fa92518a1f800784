"""What resources take away that own all rules of a security group, or all records of a zone."""

from __future__ import annotations

import pytest

from tests.work import work
from vpce_checks.model.filters import Exclusive, IngressRule
from vpce_checks.model.network import Declaration, Network
from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, Reference
from vpce_checks.reach.exclusive import without_taken
from vpce_checks.testing import scan_files

HEAD = """\
provider "aws" { region = "eu-west-1" }
variable "unset" { type = any }
resource "aws_vpc" "v" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
"""
GATE = """\
resource "aws_security_group" "gate" { vpc_id = aws_vpc.v.id }
resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.gate.id
  cidr_ipv4         = "10.0.0.0/16"
  ip_protocol       = "-1"
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.v.id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.s.id]
  security_group_ids  = [aws_security_group.gate.id]
}
"""
EXCLUSIVE = """\
resource "aws_vpc_security_group_rules_exclusive" "only" {
  security_group_id = %s
  ingress_rule_ids  = %s
  egress_rule_ids   = []
}
"""
INLINE = """{
  vpc_id = aws_vpc.v.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}"""
OWN = "aws_security_group.gate.id"
LISTED = "[aws_vpc_security_group_ingress_rule.https.id]"


@pytest.mark.parametrize(
    ("group", "kept", "verdict"),
    [
        (OWN, LISTED, "pass"),
        (OWN, "values({ a = aws_vpc_security_group_ingress_rule.https.security_group_rule_id })", "pass"),
        (OWN, "[]", "unknown"),  # each apply undoes the last one
        (OWN, "var.unset", "unknown"),
        (OWN, "concat([], var.unset)", "unknown"),
        (OWN, '["sgr-0123456789abcdef0"]', "unknown"),  # a rule of which nothing is known
        ('"sg-0123456789abcdef0"', "[]", "pass"),  # of another group
    ],
)
def test_rules_that_are_not_listed_are_taken_away(group: str, kept: str, verdict: str) -> None:
    found = scan_files({"main.tf": HEAD + GATE + EXCLUSIVE % (group, kept)})
    assert found.of("VPCE013") == {"aws_vpc_endpoint.kms": verdict}


@pytest.mark.parametrize("kept", ["[]", "var.unset"])
def test_inline_rules_are_never_listed(kept: str) -> None:
    code = GATE.replace("{ vpc_id = aws_vpc.v.id }", INLINE, 1)
    found = scan_files({"main.tf": HEAD + code + EXCLUSIVE % (OWN, kept)})
    assert found.of("VPCE013") == {"aws_vpc_endpoint.kms": "unknown"}


def test_an_exclusive_resource_that_may_not_be_there_is_a_doubt() -> None:
    code = EXCLUSIVE.replace('"only" {', '"only" {\n  count = var.unset') % (OWN, "[]")
    assert scan_files({"main.tf": HEAD + GATE + code}).of("VPCE013") == {"aws_vpc_endpoint.kms": "unknown"}


ZONE = """\
resource "aws_route53_zone" "z" {
  name = "kms.eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.spoke.id }
}
resource "aws_vpc" "spoke" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}
"""
RECORD = """\
resource "aws_route53_record" "kms" {
  zone_id = aws_route53_zone.z.zone_id
  name    = ""
  type    = "A"
  alias {
    name                   = aws_vpc_endpoint.kms.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.kms.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
"""
ALIAS = """{
    name = "kms.eu-west-1.amazonaws.com"
    type = "A"
    alias_target {
      dns_name               = aws_vpc_endpoint.kms.dns_entry[0].dns_name
      hosted_zone_id         = aws_vpc_endpoint.kms.dns_entry[0].hosted_zone_id
      evaluate_target_health = false
    }
  }"""
OTHER = '{\n name = "other"\n type = "A"\n ttl = 60\n resource_records { value = "10.0.1.9" }\n }'
DYNAMIC = 'dynamic "resource_record_set" {\n for_each = var.unset\n content {\n name = resource_record_set.key\n type = "A"\n }\n }'


@pytest.mark.parametrize(
    ("sets", "verdict"),
    [
        (f"resource_record_set {OTHER}", "unknown"),
        (f"resource_record_set {OTHER}\n resource_record_set {ALIAS}", "pass"),
        (DYNAMIC, "unknown"),
        ("", "unknown"),
    ],
)
def test_records_that_are_not_listed_are_taken_away(sets: str, verdict: str) -> None:
    exclusive = f'resource "aws_route53_records_exclusive" "only" {{\n zone_id = aws_route53_zone.z.id\n {sets}\n}}\n'
    gate = GATE.replace("10.0.0.0/16", "10.0.0.0/8").replace("private_dns_enabled = true", "")
    policy = "version: 1\nrequired: {gateway: [], interface: [kms]}\n"
    found = scan_files({"main.tf": HEAD + gate + ZONE + RECORD + exclusive, ".vpce-checks.yaml": policy})
    assert found.of("VPCE003")["aws_vpc.spoke"] == verdict


TASK = """\
resource "aws_route_table" "t" { vpc_id = aws_vpc.v.id }
resource "aws_route_table_association" "t" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
resource "aws_route" "out" {
  route_table_id         = aws_route_table.t.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.i.id
}
resource "aws_internet_gateway" "i" { vpc_id = aws_vpc.v.id }
resource "aws_security_group" "app" { vpc_id = aws_vpc.v.id }
resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.app.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([{
    name             = "app"
    image            = "registry.example.com/app"
    logConfiguration = { logDriver = "awslogs" }
  }])
}
resource "aws_ecs_service" "app" {
  name            = "app"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.app.arn
  network_configuration {
    subnets          = [aws_subnet.s.id]
    security_groups  = [aws_security_group.app.id]
    assign_public_ip = true
  }
}
"""


@pytest.mark.parametrize(
    "kept",
    ["[aws_vpc_security_group_egress_rule.all.id]", "[]", "var.unset"],
)
def test_rules_that_let_workloads_out_may_be_taken_away(kept: str) -> None:
    code = EXCLUSIVE % ("aws_security_group.app.id", "[]")
    code = code.replace("egress_rule_ids   = []", f"egress_rule_ids   = {kept}")
    found = scan_files({"main.tf": HEAD + TASK + code})
    assert "aws_ecs_service.app" not in found.of("VPCE017")


def groups(count: int) -> Network:
    """Return a network with so many groups, each with a rule and what keeps that."""
    place = Span("main.tf", 1)
    rules, kept = [], []
    for number in range(count):
        group = Reference(f"aws_security_group.g{number}", ("id",))
        rule = Reference(f"aws_vpc_security_group_ingress_rule.r{number}", ("id",))
        rules.append(IngressRule(Declaration(rule.address, "rule", place), group, "-1"))
        declared = Declaration(f"aws_vpc_security_group_rules_exclusive.x{number}", "exclusive", place)
        kept.append(Exclusive(declared, "ingress", group, ListValue((rule,), "set")))
    return Network(root="/r", language="terraform", ingress_rules=tuple(rules), exclusives=tuple(kept))


def test_many_groups_are_not_each_compared_with_each() -> None:
    few, many = groups(20), groups(200)
    assert without_taken(many).ingress_rules == many.ingress_rules
    assert work(lambda: without_taken(many)) < 15 * work(lambda: without_taken(few))
