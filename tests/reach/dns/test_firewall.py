"""DNS Firewall: which rule decides about a name, before zones and private DNS are asked. Both languages read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli

NETWORK = """
provider "aws" { region = "eu-west-1" }

variable "unknown" { type = string }
variable "number" { type = number }
variable "names" { type = list(string) }

resource "aws_vpc" "hub" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.hub.id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}

resource "aws_route53_resolver_firewall_rule_group" "g" { name = "g" }

resource "aws_route53_resolver_firewall_rule_group_association" "a" {
  name                   = "a"
  firewall_rule_group_id = aws_route53_resolver_firewall_rule_group.g.id
  vpc_id                 = aws_vpc.hub.id
  priority               = 101
}
"""


def rule(name: str, domains: str, action: str = "BLOCK", priority: object = 10, more: str = "") -> str:
    return f"""
resource "aws_route53_resolver_firewall_domain_list" "{name}" {{
  name    = "{name}"
  domains = {domains}
}}

resource "aws_route53_resolver_firewall_rule" "{name}" {{
  {more}
  name                    = "{name}"
  action                  = {action if "." in action else json.dumps(action)}
  firewall_domain_list_id = aws_route53_resolver_firewall_domain_list.{name}.id
  firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.g.id
  priority                = {priority}
}}
"""


def shadows(directory: Path, text: str, name: str = "main.tf") -> list[dict[str, Any]]:
    (directory / ".git").mkdir()
    (directory / ".vpce-checks.yaml").write_text("version: 1\nextends: []\nrequired: {interface: [kms]}\n")
    (directory / name).write_text(text)
    report = json.loads(cli("scan", "--format", "json", cwd=directory).out)
    return [each for each in report["results"] if each["rule"] == "VPCE012"]


def verdict(directory: Path, text: str, name: str = "main.tf") -> str | None:
    found = shadows(directory, text, name)
    return found[0]["status"] if found else None


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        ('["kms.eu-west-1.amazonaws.com"]', "fail"),
        ('["KMS.eu-west-1.amazonaws.com."]', "fail"),
        ('["*.amazonaws.com"]', "fail"),
        ('["*"]', "fail"),
        ('["*."]', "fail"),
        ('["*.kms.eu-west-1.amazonaws.com"]', None),
        ('["amazonaws.com", "kms.eu-west-2.amazonaws.com", "evil.example"]', None),
        ("[]", None),
        ("var.names", None),
        ("[var.unknown]", None),
        ('concat(["*"], var.names)', "fail"),
        ('["kms.${var.unknown}.amazonaws.com"]', "unknown"),
        ('["x.${var.unknown}.amazonaws.com"]', None),
    ],
)
def test_domains(tmp_path: Path, domains: str, expected: str | None) -> None:
    assert verdict(tmp_path, NETWORK + rule("r", domains)) == expected


def test_the_finding_names_the_rule(tmp_path: Path) -> None:
    (found,) = shadows(tmp_path, NETWORK + rule("r", '["*.amazonaws.com"]'))
    assert (found["resource"], found["service"], found["severity"]) == ("aws_vpc.hub", "kms", "high")
    assert found["message"] == (
        "calls from aws_vpc.hub to kms fail: DNS Firewall blocks kms.eu-west-1.amazonaws.com there by "
        "aws_route53_resolver_firewall_rule.r"
    )
    assert any("aws_route53_resolver_firewall_rule_group_association.a associates" in step for step in found["why"])


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (rule("ok", '["*.amazonaws.com"]', "ALLOW", 1) + rule("r", '["*"]'), None),
        (rule("ok", '["*.amazonaws.com"]', "ALERT", 1) + rule("r", '["*"]'), None),
        (rule("ok", '["*.amazonaws.com"]', "ALLOW", 20) + rule("r", '["*"]'), "fail"),
        (rule("ok", '["*.amazonaws.com"]', "ALLOW", "var.number") + rule("r", '["*"]'), "unknown"),
        (rule("r", '["*"]', "var.unknown"), "unknown"),
        (rule("r", '["*"]', more="count = var.number"), "unknown"),
        (
            rule("r", '["*"]').replace(
                "aws_route53_resolver_firewall_domain_list.r.id", '"rslvr-fdl-2c46f2ecbfec4dcc"'
            ),
            None,
        ),
        (rule("r", '["*"]').replace("aws_route53_resolver_firewall_rule_group.g.id", '"rslvr-frg-1"'), None),
    ],
)
def test_order_and_what_is_not_known(tmp_path: Path, rules: str, expected: str | None) -> None:
    assert verdict(tmp_path, NETWORK + rules) == expected


def test_a_zone_does_not_answer_a_blocked_spoke(tmp_path: Path) -> None:
    spoke = """
resource "aws_vpc" "spoke" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_route53_zone" "kms" {
  name = "kms.eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.spoke.id }
}

resource "aws_route53_record" "kms" {
  zone_id = aws_route53_zone.kms.zone_id
  name    = ""
  type    = "A"
  alias {
    name                   = aws_vpc_endpoint.kms.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.kms.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
"""
    code = (NETWORK + spoke).replace("vpc_id                 = aws_vpc.hub.id", "vpc_id = aws_vpc.spoke.id")
    statuses = []
    for at, rules in enumerate(("", rule("r", '["*"]'))):
        directory = tmp_path / str(at)
        directory.mkdir()
        shadows(directory, code + rules)
        report = json.loads(cli("scan", "--format", "json", cwd=directory).out)
        statuses.append({each["resource"]: each["status"] for each in report["results"] if each["rule"] == "VPCE003"})
    assert [each["aws_vpc.spoke"] for each in statuses] == ["pass", "fail"]
    assert [each["aws_vpc.hub"] for each in statuses] == ["pass", "pass"]


TEMPLATE = """
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}
  List:
    Type: AWS::Route53Resolver::FirewallDomainList
    Properties: {Domains: ['*']}
  Aws:
    Type: AWS::Route53Resolver::FirewallDomainList
    Properties: {Domains: ['*.amazonaws.com']}
  Group:
    Type: AWS::Route53Resolver::FirewallRuleGroup
    Properties:
      FirewallRules:
        - {Action: BLOCK, BlockResponse: NODATA, Priority: 20, FirewallDomainListId: !Ref List}
        - {Action: ALLOW, Priority: 30, FirewallDomainListId: !Ref Aws}
  Link:
    Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
    Properties: {FirewallRuleGroupId: !Ref Group, VpcId: !Ref Vpc, Priority: 101}
"""


@pytest.mark.parametrize(("priority", "expected"), [("30", "fail"), ("10", None)])
def test_templates(tmp_path: Path, priority: str, expected: str | None) -> None:
    text = TEMPLATE.replace("Priority: 30", f"Priority: {priority}")
    assert verdict(tmp_path, text, "net.yaml") == expected
