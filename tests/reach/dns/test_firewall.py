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


GROUP = "aws_route53_resolver_firewall_rule_group.g"
PRIORITY = 'action                  = "BLOCK"'
BLOCK = rule("r", '["*"]')
ALLOW = rule("ok", '["*.amazonaws.com"]', "ALLOW", 1)
MODULE = f'module "more" {{\n  source = "git::https://example.com/more.git"\n  group  = {GROUP}.id\n}}\n'
OF_PROFILE = f"""
resource "aws_route53profiles_profile" "p" {{ name = "p" }}

resource "aws_route53profiles_resource_association" "g" {{
  profile_id   = aws_route53profiles_profile.p.id
  resource_arn = {GROUP}.arn
}}

resource "aws_route53profiles_association" "hub" {{
  profile_id  = aws_route53profiles_profile.p.id
  resource_id = aws_vpc.hub.id
}}
"""
WITHOUT_ASSOCIATION = NETWORK[: NETWORK.index('resource "aws_route53_resolver_firewall_rule_group_association"')]
SECOND = NETWORK[NETWORK.index('resource "aws_route53_resolver_firewall_rule_group_association"') :].replace(
    '"a"', '"b"'
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (NETWORK + rule("ok", "var.names", "ALLOW", 1) + BLOCK, "unknown"),
        (NETWORK + rule("ok", '["x.example", var.unknown]', "ALLOW", 1) + BLOCK, "unknown"),
        (NETWORK + rule("ok", '["x.example"]', "ALLOW", 1) + BLOCK, "fail"),
        (NETWORK + rule("ok", '["*.amazonaws.com"]', "ALLOW", 1, "count = var.number") + BLOCK, "unknown"),
        (
            NETWORK + ALLOW.replace("aws_route53_resolver_firewall_domain_list.ok.id", '"rslvr-fdl-1"') + BLOCK,
            "unknown",
        ),
        (NETWORK + rule("ok", "var.names", "ALERT", 1) + BLOCK, "fail"),
        (NETWORK + BLOCK.replace(PRIORITY, f'{PRIORITY}\n  q_type = "TXT"'), None),
        (NETWORK + BLOCK.replace(PRIORITY, f'{PRIORITY}\n  q_type = "A"'), "fail"),
        (NETWORK + BLOCK.replace(PRIORITY, f"{PRIORITY}\n  q_type = var.unknown"), "unknown"),
        (NETWORK + BLOCK.replace(PRIORITY, f'{PRIORITY}\n  block_response = "OVERRIDE"'), "unknown"),
        (NETWORK + BLOCK + MODULE, "unknown"),
        (NETWORK + BLOCK + SECOND.replace(f"{GROUP}.id", "var.unknown").replace("101", "100"), "unknown"),
        (NETWORK + BLOCK + SECOND.replace(f"{GROUP}.id", "var.unknown").replace("101", "102"), "fail"),
        (NETWORK.replace(f"{GROUP}.id", '"rslvr-frg-1"'), None),
        (
            NETWORK.replace(
                "aws_vpc.hub.id\n  priority", "(var.number > 1 ? aws_vpc.hub.id : aws_vpc.b.id)\n  priority"
            )
            + BLOCK
            + 'resource "aws_vpc" "b" {\n  cidr_block = "10.2.0.0/16"\n}\n',
            "unknown",
        ),
        (WITHOUT_ASSOCIATION + BLOCK + OF_PROFILE, "fail"),
        (WITHOUT_ASSOCIATION + BLOCK + ALLOW + OF_PROFILE, "unknown"),
        (WITHOUT_ASSOCIATION + BLOCK, None),
    ],
)
def test_what_may_let_the_name_through(tmp_path: Path, code: str, expected: str | None) -> None:
    assert verdict(tmp_path, code) == expected


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


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        ('["kms.eu-west-1.amazonaws.com", "*.vpce.amazonaws.com"]', {"VPCE003": "pass"}),
        ('["kms.eu-west-1.amazonaws.com"]', {"VPCE003": "unknown", "VPCE012": "unknown"}),
    ],
)
def test_a_cname_asks_for_the_name_of_the_endpoint(tmp_path: Path, domains: str, expected: dict[str, str]) -> None:
    code = (
        NETWORK.replace("private_dns_enabled = true", "private_dns_enabled = false")
        + """
resource "aws_route53_zone" "aws" {
  name = "eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.hub.id }
}

resource "aws_vpc" "spoke" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_route53_zone_association" "spoke" {
  zone_id = aws_route53_zone.aws.zone_id
  vpc_id  = aws_vpc.spoke.id
}

resource "aws_route53_record" "kms" {
  zone_id = aws_route53_zone.aws.zone_id
  name    = "kms"
  type    = "CNAME"
  ttl     = 60
  records = [aws_vpc_endpoint.kms.dns_entry[0].dns_name]
}
""".replace("\n\n", "\n")
    )
    code = code.replace("vpc_id                 = aws_vpc.hub.id", "vpc_id = aws_vpc.spoke.id")
    shadows(tmp_path, code + rule("ok", domains, "ALLOW", 1) + BLOCK)
    report = json.loads(cli("scan", "--format", "json", cwd=tmp_path).out)
    found = {each["rule"]: each["status"] for each in report["results"] if each["resource"] == "aws_vpc.spoke"}
    assert {rule: found[rule] for rule in ("VPCE003", "VPCE012") if rule in found} == expected


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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Priority: 30", "Priority: 30", "fail"),
        ("Priority: 30", "Priority: 10", None),
        ("BlockResponse: NODATA", "BlockResponse: OVERRIDE", "unknown"),
        ("BlockResponse: NODATA", "BlockResponse: NODATA, Qtype: AAAA", None),
        ("Domains: ['*.amazonaws.com']", "DomainFileUrl: s3://lists/aws.txt", "fail"),
        ("- {Action: ALLOW, Priority: 30, FirewallDomainListId: !Ref Aws}", "- !Ref Unknown", "unknown"),
    ],
)
def test_templates(tmp_path: Path, old: str, new: str, expected: str | None) -> None:
    parameter = "Parameters: {Unknown: {Type: String}}\n"
    assert verdict(tmp_path, parameter + TEMPLATE.replace(old, new), "net.yaml") == expected
