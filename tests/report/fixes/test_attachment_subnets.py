"""A proposed gateway endpoint goes into no route table of subnets that hold attachments to transit gateways alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli

HEAD = """\
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
"""

SUBNET = """\
resource "aws_subnet" "%(name)s" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.%(block)s"
}
resource "aws_route_table" "%(name)s" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "%(name)s" {
  subnet_id      = aws_subnet.%(name)s.id
  route_table_id = aws_route_table.%(name)s.id
}
"""

PRIVATE = SUBNET % {"name": "private", "block": "1.0/24"}
LARGE = SUBNET % {"name": "attached", "block": "2.0/24"}
SMALL = SUBNET % {"name": "attached", "block": "2.0/28"}

ATTACHED = """\
resource "aws_ec2_transit_gateway" "hub" {}
resource "aws_ec2_transit_gateway_vpc_attachment" "main" {
  vpc_id             = aws_vpc.main.id
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  subnet_ids         = [aws_subnet.attached.id]
}
"""

CLOUD_WAN = """\
resource "aws_networkmanager_vpc_attachment" "main" {
  vpc_arn         = aws_vpc.main.arn
  core_network_id = "core-network-0123"
  subnet_arns     = [aws_subnet.attached.arn]
}
"""

TO_HUB = """\
resource "aws_route" "hub" {
  route_table_id         = aws_route_table.attached.id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
}
"""

TO_CORE = """\
resource "aws_route" "core" {
  route_table_id         = aws_route_table.attached.id
  destination_cidr_block = "10.0.0.0/8"
  core_network_arn       = "arn:aws:networkmanager::111122223333:core-network/core-network-0123"
}
"""

INSTANCE = """\
resource "aws_instance" "app" {
  ami           = "ami-0123"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.attached.id
}
"""

INTERFACE = """\
resource "aws_vpc_endpoint" "logs" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.attached.id]
}
"""

MAIN = """\
resource "aws_subnet" "attached" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}
"""

NAMED_BY_KEY = """\
resource "aws_subnet" "tgw" {
  for_each   = toset(["10.0.2.0/24"])
  vpc_id     = aws_vpc.main.id
  cidr_block = each.key
}
resource "aws_route_table" "tgw" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "tgw" {
  for_each       = aws_subnet.tgw
  subnet_id      = each.value.id
  route_table_id = aws_route_table.tgw.id
}
"""

BOTH = "[aws_route_table.private.id, aws_route_table.attached.id]"
ONE = "[aws_route_table.private.id]"


def tables(directory: Path, *parts: str, command: str = "scan") -> set[str]:
    """The lists of route tables of what is proposed."""
    (directory / "main.tf").write_text("".join((HEAD, *parts)))
    out = cli(command, ".", "--rules", "VPCE001", cwd=directory).out
    return {line.partition("=")[2].strip() for line in out.splitlines() if "route_table_ids" in line}


@pytest.mark.parametrize(
    ("parts", "listed"),
    [
        ((LARGE, ATTACHED), ONE),
        ((SMALL, ATTACHED), ONE),
        ((LARGE, CLOUD_WAN), ONE),
        ((MAIN, ATTACHED), ONE),
        ((LARGE.replace("attached", "tgw_attachment"),), ONE),  # the attachment is in other code
        ((LARGE.replace("attached", "transit_gateway"),), ONE),
        ((NAMED_BY_KEY,), ONE),
        ((LARGE,), BOTH),
        ((LARGE.replace("attached", "transit"),), BOTH.replace("attached", "transit")),
        ((LARGE, ATTACHED, TO_HUB), BOTH),  # what comes in from the hub is not sent back there
        ((LARGE, CLOUD_WAN, TO_CORE), BOTH),
        ((LARGE, ATTACHED, INSTANCE), BOTH),
        ((LARGE, ATTACHED, INTERFACE), BOTH),
    ],
)
def test_tables_of_attachments_are_left_out(tmp_path: Path, parts: tuple[str, ...], listed: str) -> None:
    assert tables(tmp_path, PRIVATE, *parts) == {listed}
    assert tables(tmp_path, PRIVATE, *parts, command="fix") == {listed}


def test_a_table_that_others_follow_too(tmp_path: Path) -> None:
    more = LARGE.replace('"attached"', '"more"').replace("aws_subnet.attached", "aws_subnet.more")
    more = (
        more.partition('resource "aws_route_table" ')[0]
        + 'resource "aws_route_table_association" '
        + (more.partition('resource "aws_route_table_association" ')[2])
    )
    assert tables(tmp_path, PRIVATE, LARGE, ATTACHED, more) == {BOTH}


@pytest.mark.parametrize("parts", [(LARGE, ATTACHED), (SMALL, ATTACHED), (LARGE.replace("attached", "tgw"),)])
def test_where_only_such_tables_are_there(tmp_path: Path, parts: tuple[str, ...]) -> None:
    wanted = "# the route tables of subnets with callers: this code shows only those of firewalls and attachments"
    assert tables(tmp_path, *parts) == {f"[] {wanted}"}
    result = cli("fix", ".", "--diff", "--rules", "VPCE001", cwd=tmp_path)
    assert "a person has to fill in the route tables of subnets with callers" in " ".join(result.out.split())


def test_a_template(tmp_path: Path) -> None:
    attached = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  TransitSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24}}
  TransitTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  TransitAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref TransitSubnet, RouteTableId: !Ref TransitTable}
  Attachment:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {VpcId: !Ref Vpc, TransitGatewayId: tgw-0123, SubnetIds: [!Ref TransitSubnet]}
"""
    private = """\
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Association:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
"""
    (tmp_path / "net.yaml").write_text(attached)
    assert "RouteTableIds: [] # the route tables of subnets with callers" in cli("scan", cwd=tmp_path).out
    (tmp_path / "net.yaml").write_text(attached + private)
    assert "RouteTableIds: [!Ref Table]" in cli("scan", cwd=tmp_path).out


def test_a_proposal_for_an_endpoint_without_tables(tmp_path: Path) -> None:
    endpoint = (
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id       = aws_vpc.main.id\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    )
    (tmp_path / "main.tf").write_text("".join((HEAD, PRIVATE, LARGE, ATTACHED, endpoint)))
    out = cli("scan", "--rules", "VPCE007", cwd=tmp_path).out
    assert f"route_table_ids = {ONE}" in out
    (tmp_path / "main.tf").write_text("".join((HEAD, LARGE, ATTACHED, endpoint)))
    out = cli("scan", "--rules", "VPCE007", cwd=tmp_path).out
    assert "FAIL VPCE007" in out and "route_table_ids" not in out
