"""Blocks that count the instances of other blocks."""

from __future__ import annotations

import pytest

from vpce_checks.terraform.config.counts import counted_block
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.testing import scan_files

CODE = """\
variable "zones" {
  type = list(string)
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "private" {
  count      = SUBNETS
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "private" {
  count          = ASSOCIATIONS
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
"""
POLICY = "version: 1\nrequired: {gateway: [s3]}\n"


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("length(aws_subnet.private)", ("aws_subnet", "private")),
        ("length(aws_subnet.private[*].id)", ("aws_subnet", "private")),
        ("length(aws_subnet.private.*.id)", ("aws_subnet", "private")),
        ('"${length(aws_subnet.private.*.id)}"', ("aws_subnet", "private")),
        ("core::length(aws_subnet.private)", ("aws_subnet", "private")),
        ("length(aws_subnet.private) + 1", None),
        ("length(aws_subnet.private[0].tags)", None),
        ("length(aws_subnet.private.ids)", None),
        ("length(data.aws_subnets.private)", None),
        ("length(aws_subnet.private...)", None),
        ("max(aws_subnet.private)", None),
        ("3", None),
    ],
)
def test_whose_instances_are_counted(text: str, block: tuple[str, str] | None) -> None:
    assert counted_block(parse_expression(text, "test")) == block


def status(subnets: str, associations: str) -> str:
    code = CODE.replace("SUBNETS", subnets).replace("ASSOCIATIONS", associations)
    return scan_files({"main.tf": code, ".vpce-checks.yaml": POLICY}).of("VPCE007")["aws_vpc_endpoint.s3"]


@pytest.mark.parametrize(
    ("subnets", "associations", "expected"),
    [
        ("length(var.zones)", "length(aws_subnet.private)", "pass"),
        ("max(length(var.zones), 2)", "length(aws_subnet.private)", "pass"),
        ("length(var.zones)", "length(aws_subnet.private) - 1", "unknown"),
        ("length(var.zones)", "length(aws_subnet.private) > 1 ? 2 : 0", "unknown"),
        ("3", "length(aws_subnet.private)", "pass"),
        ("3", "length(aws_subnet.private) - 1", "fail"),
    ],
)
def test_each_instance_meets_the_one_it_is_counted_for(subnets: str, associations: str, expected: str) -> None:
    assert status(subnets, associations) == expected


@pytest.mark.parametrize(
    ("tables", "associations", "table", "expected"),
    [
        ("length(var.zones)", "length(var.zones)", "count.index", "pass"),
        ("length(var.zones)", "length(aws_route_table.private)", "count.index", "pass"),
        ("length(var.zones)", "length(var.others)", "count.index", "unknown"),
        ("length(var.zones)", "length(var.zones) - 1", "count.index", "unknown"),
        ("length(var.zones)", "length(var.zones)", "0", "unknown"),
        ("var.on ? 1 : 0", "var.on ? 1 : 0", "0", "pass"),
        ("var.on ? 1 : 0", "var.on ? 0 : 1", "0", "unknown"),
        ("var.on ? 1 : 0", "1", "0", "pass"),
    ],
)
def test_each_table_meets_the_association_of_the_endpoint(
    tables: str, associations: str, table: str, expected: str
) -> None:
    code = ASSOCIATED.replace("TABLES", tables).replace("ASSOCIATIONS", associations).replace("TABLE", table)
    found = scan_files({"main.tf": code, ".vpce-checks.yaml": POLICY}).of("VPCE007")
    assert found == {"aws_vpc_endpoint.s3": expected}


ASSOCIATED = """\
variable "zones" {
  type = list(string)
}
variable "others" {
  type = list(string)
}
variable "on" {
  type = bool
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "first" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.255.0/24"
}
resource "aws_route_table" "first" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "first" {
  subnet_id      = aws_subnet.first.id
  route_table_id = aws_route_table.first.id
}
resource "aws_subnet" "private" {
  count      = TABLES
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}
resource "aws_route_table" "private" {
  count  = TABLES
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "private" {
  count          = TABLES
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
}
resource "aws_vpc_endpoint_route_table_association" "first" {
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.first.id
}
resource "aws_vpc_endpoint_route_table_association" "s3" {
  count           = ASSOCIATIONS
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.private[TABLE].id
}
"""


def test_blocks_that_count_each_other_end() -> None:
    """Terraform refuses them, so that no verdict is wrong."""
    assert status("length(aws_route_table_association.private)", "length(aws_subnet.private)") != "fail"


ZONES = """\
data "aws_availability_zones" "all" {
  ARGUMENTS
}
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "fail"),
        ('state = "available"', "fail"),
        ('filter {\n    name   = "opt-in-status"\n    values = ["opt-in-not-required"]\n  }', "fail"),
        ('filter {\n    name   = "zone-type"\n    values = ["availability-zone", "local-zone"]\n  }', "fail"),
        ('filter {\n    name   = "zone-type"\n    values = ["local-zone"]\n  }', "unknown"),
        ('filter {\n    name   = "zone-name"\n    values = ["eu-west-1a"]\n  }', "unknown"),
        ("filter {\n    name   = var.zones[0]\n    values = var.zones\n  }", "unknown"),
        ('state = "impaired"', "unknown"),
        ('exclude_names = ["eu-west-1a"]', "unknown"),
    ],
)
def test_a_region_has_two_zones_at_least(arguments: str, expected: str) -> None:
    """One subnet has an association. There is a second one wherever all zones are found."""
    code = CODE.replace("SUBNETS", "length(data.aws_availability_zones.all.names)").replace("ASSOCIATIONS", "1")
    files = {"main.tf": code + ZONES.replace("ARGUMENTS", arguments), ".vpce-checks.yaml": POLICY}
    assert scan_files(files).of("VPCE007") == {"aws_vpc_endpoint.s3": expected}
