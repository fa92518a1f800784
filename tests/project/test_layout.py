"""How calls leave the subnets of a VPC, as the page draws it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.execution.scan import scan
from vpce_checks.project.layout import Layout, SubnetsRow
from vpce_checks.project.options import ScanOptions

NETWORK = """
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}
resource "aws_nat_gateway" "main" {
  subnet_id     = aws_subnet.public.id
  allocation_id = "eipalloc-0aaaaaaaaaaaaaaaa"
}
resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_subnet" "private" {
  for_each          = toset(["a", "b"])
  vpc_id            = aws_vpc.main.id
  cidr_block        = each.key == "a" ? "10.0.1.0/24" : "10.0.2.0/24"
  availability_zone = "eu-west-1${each.key}"
}
resource "aws_subnet" "database" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.3.0/24"
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
resource "aws_route_table" "private" {
  for_each = toset(["a", "b"])
  vpc_id   = aws_vpc.main.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main.id
  }
}
resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}
resource "aws_route_table_association" "private" {
  for_each       = toset(["a", "b"])
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [for each in aws_route_table.private : each.id]
}
resource "aws_vpc_endpoint" "logs" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.database.id]
}
"""

PUBLIC = SubnetsRow(
    "aws_subnet.public",
    1,
    (),
    "public",
    "aws_route_table.public",
    ("aws_route_table.public",),
    "internet gateway aws_internet_gateway.main",
    (),
    (),
)
PRIVATE = SubnetsRow(
    "aws_subnet.private",
    2,
    ("eu-west-1a", "eu-west-1b"),
    "private",
    "aws_route_table.private",
    ('aws_route_table.private["a"]', 'aws_route_table.private["b"]'),
    "NAT gateway aws_nat_gateway.main",
    ("s3",),
    (),
)
DATABASE = SubnetsRow("aws_subnet.database", 1, (), "isolated", "", (), None, (), (("logs", False),))


def layouts(directory: Path, text: str, **options: bool) -> dict[str, Layout]:
    (directory / "main.tf").write_text(text)
    (root,) = scan(ScanOptions(paths=(str(directory),), **options)).roots
    return dict(root.layouts)


def test_subnets_by_the_way_that_calls_take(tmp_path: Path) -> None:
    (found,) = layouts(tmp_path, NETWORK, layouts=True, networks=False).values()
    assert found == Layout((PUBLIC, PRIVATE, DATABASE))


def test_nothing_is_looked_at_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert layouts(tmp_path, NETWORK) == {}


@pytest.mark.parametrize(
    ("change", "tier"),
    [
        (("aws_internet_gateway.main.id\n  }", "var.gateway\n  }"), "unknown"),
        (("route_table_id = aws_route_table.public.id", "route_table_id = var.gateway"), "unknown"),
        (('cidr_block = "0.0.0.0/0"\n    gateway_id', "cidr_block = var.gateway\n    gateway_id"), "unknown"),
        (('cidr_block = "0.0.0.0/0"\n    gateway_id', 'cidr_block = "10.9.0.0/16"\n    gateway_id'), "isolated"),
        (("gateway_id = aws_internet_gateway.main.id", 'transit_gateway_id = "tgw-1"'), "private"),
    ],
)
def test_what_is_not_known_of_a_way_is_not_drawn(tmp_path: Path, change: tuple[str, str], tier: str) -> None:
    text = NETWORK.replace(*change)
    assert text != NETWORK
    (found,) = layouts(tmp_path, f'{text}variable "gateway" {{}}\n', layouts=True).values()
    (row,) = (each for each in found.subnets if each.name == "aws_subnet.public")
    assert row.tier == tier


def test_how_many_subnets_there_are_may_not_be_known(tmp_path: Path) -> None:
    text = NETWORK.replace(
        'cidr_block = "10.0.3.0/24"', "count = length(var.more)\n  cidr_block = var.more[count.index]"
    )
    text = text.replace("[aws_subnet.database.id]", "aws_subnet.database[*].id")
    (found,) = layouts(tmp_path, f'{text}variable "more" {{}}\n', layouts=True).values()
    assert [row.count for row in found.subnets if row.name == "aws_subnet.database"] == [None]


def test_the_first_scenario_is_drawn_and_named(tmp_path: Path) -> None:
    template = """
    Parameters:
      Stage: {Type: String, AllowedValues: [dev, prod]}
    Conditions:
      IsProd: !Equals [!Ref Stage, prod]
    Resources:
      Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
      Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
      Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
      Association:
        Type: AWS::EC2::SubnetRouteTableAssociation
        Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
      S3:
        Type: AWS::EC2::VPCEndpoint
        Condition: IsProd
        Properties: {VpcId: !Ref Vpc, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Table]}
    """
    (tmp_path / "template.yaml").write_text(template)
    (root,) = scan(ScanOptions(paths=(str(tmp_path),), layouts=True)).roots
    layout = root.layouts["Vpc"]
    assert (layout.when, layout.subnets[0].gateways) in ((("Stage is dev",), ()), (("Stage is prod",), ("s3",)))


def test_a_cache_keeps_layouts_apart_from_scans_without(tmp_path: Path) -> None:
    from vpce_checks.execution.backend import engine

    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text(NETWORK)
    found = []
    for is_wanted in (False, True, True, False):
        with engine(1, str(tmp_path / "cache"), None, None) as scan_with_cache:
            (made,) = scan_with_cache(ScanOptions(paths=(str(root),), networks=False, layouts=is_wanted)).roots
        found.append(dict(made.layouts))
    assert found[0] == found[3] == {}
    assert found[1] == found[2] == {"aws_vpc.main": Layout((PUBLIC, PRIVATE, DATABASE))}
