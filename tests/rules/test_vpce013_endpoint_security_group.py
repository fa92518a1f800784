"""VPCE013: does an endpoint let its clients in?"""

from __future__ import annotations

import pytest

from tests.reach.filters import GROUP, cidrs, group, ingress, kms, room
from tests.rules.networks import MAIN, declared, findings, gateway, hidden, id_of, ids, interface, verdicts, vpc, words
from vpce_checks.base.record import replace
from vpce_checks.model.network import HostedZone, ZoneRecord
from vpce_checks.model.values import ListValue, Reference
from vpce_checks.testing import scan_files

HOME = vpc(cidrs=cidrs("10.0.0.0/16"))
KMS = "aws_vpc_endpoint.kms"


def test_it_fails_with_the_rules_that_do_not_count() -> None:
    (finding,) = findings("VPCE013", HOME, room("gate"), group(), kms(GROUP), ingress("10.0.0.0/16", ports=80))
    assert finding.status == "fail" and finding.service == "kms" and finding.vpc == MAIN
    assert "does not admit TCP 443" in words(finding)
    assert finding.fix is not None and "TCP 443" in str(finding.fix.value)


def test_it_passes_with_the_rule_that_counts() -> None:
    (finding,) = findings("VPCE013", HOME, room("gate"), group(), kms(GROUP), ingress("10.0.0.0/8"))
    assert finding.status == "pass" and "aws_security_group.it admits TCP 443" in words(finding)


def test_the_default_group_is_in_doubt_for_each_endpoint() -> None:
    endpoints = [interface(short, subnets=ids("aws_subnet.gate")) for short in ("kms", "sqs")]
    assert verdicts("VPCE013", HOME, room("gate"), *endpoints) == {
        "aws_vpc_endpoint.kms": "unknown",
        "aws_vpc_endpoint.sqs": "unknown",
    }


def test_it_says_what_decides_about_the_default_group() -> None:
    (finding,) = findings("VPCE013", HOME, room("gate"), interface("kms", subnets=ids("aws_subnet.gate")))
    wanted = f"give the endpoint a security group with an ingress rule for TCP 443 from the CIDR block of {MAIN}"
    assert finding.fix is not None and finding.fix.value == wanted
    elsewhere = Reference("var.group", (), "variable")
    (finding,) = findings("VPCE013", HOME, interface("kms", security_groups=ListValue((elsewhere,), "set")))
    assert (finding.status, finding.fix) == ("unknown", None)


def test_one_unknown_group_is_reported_once() -> None:
    elsewhere = Reference("var.group", (), "variable")
    endpoints = [interface(short, security_groups=ListValue((elsewhere,), "set")) for short in ("kms", "sqs", "sns")]
    assert verdicts("VPCE013", HOME, *endpoints) == {"aws_vpc_endpoint.kms": "unknown"}


def test_it_is_silent_about_what_it_cannot_judge() -> None:
    theirs = interface("com.amazonaws.vpce.eu-west-1.vpce-svc-1", "aws_vpc_endpoint.theirs")
    abroad = interface("kms", of=Reference("data.aws_vpc.x", ("id",), "data"))
    assert verdicts("VPCE013", HOME, gateway(), theirs, interface(hidden(), "aws_vpc_endpoint.x"), abroad) == {}


def test_a_certain_failure_in_a_vpc_of_elsewhere_is_reported() -> None:
    elsewhere = Reference("data.aws_vpc.x", ("id",), "data")
    abroad, its_group = kms(GROUP, of=elsewhere), group(of=elsewhere)
    assert verdicts("VPCE013", its_group, abroad, ingress("10.0.0.0/16", ports=80)) == {KMS: "fail"}
    own = Reference("data.aws_vpc.x", ("cidr_block",), "data")
    assert verdicts("VPCE013", its_group, abroad, ingress(own)) == {KMS: "pass"}


def test_groups_of_another_vpc_leave_it_open() -> None:
    other = vpc("aws_vpc.other", cidrs=ListValue(("10.9.0.0/16",), "set"))
    foreign = group("aws_security_group.foreign", of=id_of("aws_vpc.other"))
    by_foreign = replace(ingress(), groups=ids("aws_security_group.foreign"))
    assert verdicts("VPCE013", HOME, other, group(), foreign, kms(GROUP), by_foreign) == {KMS: "unknown"}
    admits_all = ingress("0.0.0.0/0", of="aws_security_group.foreign")
    assert verdicts("VPCE013", HOME, other, foreign, kms("aws_security_group.foreign"), admits_all) == {KMS: "unknown"}


def test_a_group_that_is_there_with_the_endpoint_counts() -> None:
    perhaps = hidden("var.on")
    rule = replace(ingress("10.0.0.0/16"), declared=declared("aws_security_group_rule.x", 9, perhaps))
    both = replace(kms(GROUP), declared=declared(KMS, 10, perhaps))
    assert verdicts("VPCE013", HOME, group(), both, rule) == {KMS: "pass"}
    assert verdicts("VPCE013", HOME, group(), kms(GROUP), rule) == {KMS: "unknown"}


def test_the_attribute_of_a_vpc_names_its_default_group() -> None:
    named = interface("kms", security_groups=ListValue((id_of(MAIN, "default_security_group_id"),), "set"))
    assert verdicts("VPCE013", HOME, named) == {KMS: "unknown"}
    adopted = group("aws_default_security_group.it", default=True)
    assert verdicts("VPCE013", HOME, named, adopted) == {KMS: "fail"}
    opened = ingress("10.0.0.0/16", of=id_of(MAIN, "default_security_group_id"))
    assert verdicts("VPCE013", HOME, named, adopted, opened) == {KMS: "pass"}


def test_the_fix_names_the_group_and_where_clients_are() -> None:
    (finding,) = findings("VPCE013", HOME, room("gate"), group(), kms(GROUP), ingress("10.0.0.0/16", ports=80))
    assert finding.fix is not None
    assert finding.fix.value == f"add to {GROUP} an ingress rule for TCP 443 from the CIDR block of {MAIN}"


def test_the_fix_of_a_hub_lets_in_the_spokes() -> None:
    spoke = vpc("aws_vpc.spoke", cidrs=cidrs("10.9.0.0/16"))
    zone = HostedZone(declared("aws_route53_zone.kms"), "kms.eu-west-1.amazonaws.com", ids(MAIN, "aws_vpc.spoke"))
    target = ListValue((Reference(KMS, ("dns_entry", 0, "dns_name")),), "list")
    record = ZoneRecord(declared("aws_route53_record.kms"), id_of("aws_route53_zone.kms", "zone_id"), "", target)
    closed = ingress("10.0.0.0/8", ports=80)
    (finding,) = findings("VPCE013", HOME, spoke, room("gate"), group(), kms(GROUP), closed, zone, record)
    assert finding.status == "fail" and finding.fix is not None
    assert finding.fix.value == (
        f"add to {GROUP} an ingress rule for TCP 443 from the CIDR blocks of {MAIN} and aws_vpc.spoke"
    )


SIX = """
provider "aws" {
  region = "eu-west-1"
}
variable "six" {}
resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
}
resource "aws_subnet" "main" {
  vpc_id          = aws_vpc.main.id
  ipv6_native     = true
  ipv6_cidr_block = %(block)s
}
resource "aws_security_group" "main" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    %(group)s
  }
}
resource "aws_network_acl" "main" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.main.id]
  ingress {
    protocol        = -1
    rule_no         = 100
    action          = "allow"
    from_port       = 0
    to_port         = 0
    %(acl)s
  }
  egress {
    protocol        = -1
    rule_no         = 100
    action          = "allow"
    from_port       = 0
    to_port         = 0
    %(acl)s
  }
}
resource "aws_vpc_endpoint" "main" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  ip_address_type     = "ipv6"
  subnet_ids          = [aws_subnet.main.id]
  security_group_ids  = [aws_security_group.main.id]
}
"""
FOUR, ANY_SIX = 'cidr_block = "0.0.0.0/0"', 'ipv6_cidr_block = "::/0"'
GROUP_FOUR, GROUP_SIX = 'cidr_blocks = ["0.0.0.0/0"]', 'ipv6_cidr_blocks = ["::/0"]'


@pytest.mark.parametrize("block", ["cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 1)", "var.six", '"${var.six}/64"'])
@pytest.mark.parametrize(
    ("group", "acl", "status"),
    [
        (GROUP_SIX, ANY_SIX, "pass"),
        (GROUP_SIX, FOUR, "unknown"),  # which lets in IPv4 alone
        (GROUP_FOUR, ANY_SIX, "fail"),
    ],
)
def test_ipv6_blocks_that_are_not_known_are_still_ipv6(block: str, group: str, acl: str, status: str) -> None:
    found = scan_files({"main.tf": SIX % {"block": block, "group": group, "acl": acl}})
    assert found.of("VPCE013") == {"aws_vpc_endpoint.main": status}


FROM_MODULE = """\
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "20.0.0"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id             = aws_vpc.main.id
  service_name       = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type  = "Interface"
  security_group_ids = [module.eks.cluster_security_group_id, module.eks.node_security_group_id]
}
"""


def test_groups_that_are_outputs_of_a_module_without_code_are_said_to_be() -> None:
    (finding,) = scan_files({"main.tf": FROM_MODULE}).findings("VPCE013")
    step = "the value is an output of module.eks (terraform-aws-modules/eks/aws), whose code was not read: it is not installed"
    assert finding.status == "unknown"
    assert [each.text for each in finding.why][1:] == ["its security groups are not known", step]


HOME_AND_AWAY = """
provider "aws" {{ region = "eu-west-1" }}
resource "aws_vpc" "home" {{
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}}
resource "aws_vpc" "away" {{ cidr_block = "10.1.0.0/16" }}
resource "aws_subnet" "home" {{
  vpc_id     = aws_vpc.home.id
  cidr_block = "10.0.1.0/24"
}}
resource "aws_security_group" "away" {{
  vpc_id = aws_vpc.away.id
  ingress {{
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }}
}}
resource "aws_vpc_endpoint" "kms" {{
  vpc_id              = aws_vpc.home.id
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.home.id]
  security_group_ids  = [aws_security_group.away.id]
}}
{association}
"""

HOME_AND_AWAY_TEMPLATE = """
Resources:
  Home:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  Away:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.1.0.0/16}}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {{VpcId: !Ref Home, CidrBlock: 10.0.1.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: for endpoints
      VpcId: !Ref Away
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}}]
  Association:
    Type: AWS::EC2::SecurityGroupVpcAssociation
    Properties: {{GroupId: !GetAtt Group.GroupId, VpcId: !Ref {vpc}}}
  Kms:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Home
      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.kms
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      SubnetIds: [!Ref Subnet]
      SecurityGroupIds: [!GetAtt Group.GroupId]
"""


@pytest.mark.parametrize(
    ("association", "status"),
    [
        ("", "unknown"),
        (
            'resource "aws_vpc_security_group_vpc_association" "a" {\n'
            "  security_group_id = aws_security_group.away.id\n  vpc_id = aws_vpc.home.id\n}",
            "pass",
        ),
        (
            'resource "aws_vpc_security_group_vpc_association" "a" {\n'
            "  security_group_id = aws_security_group.away.id\n  vpc_id = aws_vpc.away.id\n}",
            "unknown",
        ),
        (
            'variable "vpc" { type = string }\nresource "aws_vpc_security_group_vpc_association" "a" {\n'
            "  security_group_id = aws_security_group.away.id\n  vpc_id = var.vpc\n}",
            "unknown",
        ),
        (
            'resource "awscc_ec2_security_group_vpc_association" "a" {\n'
            "  group_id = aws_security_group.away.id\n  vpc_id = aws_vpc.home.id\n}",
            "pass",
        ),
    ],
)
def test_a_group_of_another_vpc_may_be_associated_with_this_one(association: str, status: str) -> None:
    report = scan_files({"main.tf": HOME_AND_AWAY.format(association=association)})
    assert [each.status for each in report.findings("VPCE013")] == [status]


@pytest.mark.parametrize(("vpc", "status"), [("Home", "pass"), ("Away", "unknown")])
def test_a_stack_may_associate_a_group_with_another_vpc(vpc: str, status: str) -> None:
    report = scan_files({"stack.yaml": HOME_AND_AWAY_TEMPLATE.format(vpc=vpc)})
    assert [each.status for each in report.findings("VPCE013")] == [status]
