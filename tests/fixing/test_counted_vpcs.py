"""VPCs of a ``count``: what ``fix --write`` adds is right for whatever the count comes to, or a person has to add it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli
from tests.fixing.repositories import fix, report_on, repository
from tests.fixing.test_law import hold

HEAD = 'variable "n" {\n  default = 1\n}\n\nprovider "aws" {\n  region = "eu-west-1"\n}\n\n'
VPC = 'resource "aws_vpc" "v" {\n  count      = %s\n  cidr_block = "10.0.0.0/16"\n}\n\n'
OWN = "aws_vpc.v[count.index].id"
SUBNET = (
    'resource "aws_subnet" "%(name)s" {\n  count             = %(count)s\n  vpc_id            = %(vpc)s\n'
    '  cidr_block        = "10.0.1.0/24"\n  availability_zone = %(zone)s\n}\n\n'
)
TABLE = (
    'resource "aws_route_table" "p" {\n  count  = %(count)s\n  vpc_id = %(vpc)s\n}\n\n'
    'resource "aws_route_table_association" "p" {\n  count          = %(count)s\n'
    "  subnet_id      = aws_subnet.p[count.index].id\n  route_table_id = aws_route_table.p[count.index].id\n}\n\n"
)
ENDPOINT = (
    'resource "aws_vpc_endpoint" "s3" {\n  count           = var.n\n  vpc_id          = %s\n'
    '  service_name    = "com.amazonaws.eu-west-1.s3"\n  route_table_ids = %s\n}\n'
)
BY_INDEX = "[aws_route_table.p[count.index].id]"
NOT_TOLD = "and their route tables and subnets are not told apart"


def subnet(count: str = "var.n", vpc: str = OWN, name: str = "p", zone: str = '"eu-west-1a"') -> str:
    return SUBNET % {"name": name, "count": count, "vpc": vpc, "zone": zone}


def network(count: str = "var.n", tables: str = "var.n", vpc: str = OWN) -> str:
    return HEAD + VPC % count + subnet(tables, vpc) + TABLE % {"count": tables, "vpc": vpc}


def open_with(directory: Path, n: int) -> list[dict[str, Any]]:
    """The results that do not pass where the variable has another value."""
    results = json.loads(cli("scan", ".", "--format", "json", "--var", f"n={n}", cwd=directory).out)["results"]
    return [each for each in results if each["status"] != "pass"]


@pytest.mark.parametrize(
    ("tables", "vpc"),
    [
        ("var.n", OWN),
        ("var.n", "aws_vpc.v.*.id[count.index]"),
        ("var.n", '"${aws_vpc.v[count.index].id}"'),
        ("var.n", "element(aws_vpc.v[*].id, count.index)"),
        ("length(aws_vpc.v)", OWN),
    ],
)
def test_each_endpoint_has_the_tables_of_its_vpc(tables: str, vpc: str, tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": network(tables=tables, vpc=vpc) + ENDPOINT % (OWN, "[]")})
    assert hold(directory)
    text = (directory / "main.tf").read_text()
    assert f"  count             = var.n\n  vpc_id            = {OWN}\n  service_name " in text
    assert f"  route_table_ids   = {BY_INDEX}\n" in text
    assert f"  route_table_ids = {BY_INDEX}\n" in text
    assert open_with(directory, 1) == open_with(directory, 2) == open_with(directory, 0) == []


def test_the_main_table_is_that_of_each_vpc(tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": HEAD + VPC % "var.n" + subnet()})
    assert hold(directory)
    assert "= [aws_vpc.v[count.index].main_route_table_id]\n" in (directory / "main.tf").read_text()
    assert open_with(directory, 2) == []


@pytest.mark.parametrize("count", ["2", "var.n + 1"])
def test_several_vpcs_get_one_block(count: str, tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": network(count, count)})
    assert hold(directory)
    text = (directory / "main.tf").read_text()
    assert text.count(f"  count             = {count}\n  vpc_id            = {OWN}\n  service_name ") == 2
    assert text.count(f"  route_table_ids   = {BY_INDEX}\n") == 2
    assert report_on(directory)["summary"]["fail"] == 0


@pytest.mark.parametrize(
    ("count", "tables", "vpc"),
    [
        ("var.n", "var.n + 0", OWN),
        ("var.n", "2", "aws_vpc.v[0].id"),
        ("var.n", "var.n", "aws_vpc.v[count.index * 2].id"),
        ("min(var.n, 2)", "var.n", OWN),
    ],
)
def test_what_the_index_does_not_tell_is_left_to_a_person(count: str, tables: str, vpc: str, tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": network(count, tables, vpc)})
    assert not hold(directory)
    words = f"aws_vpc.v makes as many VPCs as its count says ({count}), {NOT_TOLD}"
    assert words in " ".join(fix(directory).out.split())
    shown = [each["fix"] for each in report_on(directory)["results"] if each["status"] == "fail"]
    assert all(OWN in each and each.count("# of the VPC with the same index") == 1 for each in shown)
    assert len(shown) == 2


def test_several_vpcs_that_the_index_does_not_tell_apart(tmp_path: Path) -> None:
    """The block in the report is for one of them: with their count it would make two in that one."""
    directory = repository(tmp_path, {"main.tf": network("2", "2 + 0")})
    assert not hold(directory)
    assert f"aws_vpc.v makes 2 VPCs, {NOT_TOLD}" in " ".join(fix(directory).out.split())
    shown = [each["fix"] for each in report_on(directory)["results"] if each["status"] == "fail"]
    assert len(shown) == 4 and not any("count" in each for each in shown)
    assert sum("aws_vpc.v[1].id" in each and "[aws_route_table.p[1].id]" in each for each in shown) == 2


@pytest.mark.parametrize(
    "count",
    ["var.n > 0 ? 1 : 0", "local.on", "min(var.n, 1)", "1", '"1"', "var.n > 5 ? 0 : (var.n > 0 ? 1 : 0)"],
)
def test_a_count_that_is_at_most_one_has_one_vpc(count: str, tmp_path: Path) -> None:
    local = "locals {\n  on = max(0, var.n > 0 ? 1 : 0)\n}\n\n"
    directory = repository(tmp_path, {"main.tf": local + network(count, "2", "aws_vpc.v[0].id")})
    assert hold(directory)
    text = (directory / "main.tf").read_text()
    assert text.count("  vpc_id            = aws_vpc.v[0].id\n  service_name ") == 2
    assert text.count("  route_table_ids   = aws_route_table.p[*].id\n") == 2


def test_a_local_value_of_itself_ends(tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": "locals {\n  on = local.on\n}\n" + network("local.on")})
    fix(directory)


def test_an_endpoint_of_the_first_vpc_has_its_table_alone(tmp_path: Path) -> None:
    endpoint = (ENDPOINT % ("aws_vpc.v[0].id", "[]")).replace("  count           = var.n\n", "")
    directory = repository(tmp_path, {"main.tf": network() + endpoint})
    assert hold(directory)
    assert "  route_table_ids = [aws_route_table.p[0].id]\n" in (directory / "main.tf").read_text()


def test_several_endpoints_of_the_first_vpc_are_left_to_a_person(tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": network() + ENDPOINT % ("aws_vpc.v[0].id", "[]")})
    fix(directory, "--write")
    assert "  route_table_ids = []\n" in (directory / "main.tf").read_text()
    (shown,) = (each["fix"] for each in report_on(directory)["results"] if each["rule"] == "VPCE007" and each["fix"])
    assert shown == "associate the endpoint with every private route table of its VPC"


GROUP = (
    'resource "aws_security_group" "g" {\n  count  = %s\n  vpc_id = %s\n\n  ingress {\n    protocol    = "tcp"\n'
    '    from_port   = 443\n    to_port     = 443\n    cidr_blocks = ["10.0.0.0/16"]\n  }\n}\n\n'
)
SSM = (
    'resource "aws_vpc_endpoint" "ssm" {\n  count               = var.n\n  vpc_id              = aws_vpc.v[count.index].id\n'
    '  service_name        = "com.amazonaws.eu-west-1.ssm"\n  vpc_endpoint_type   = "Interface"\n'
    "  private_dns_enabled = true\n  subnet_ids          = [aws_subnet.p[count.index].id]\n"
    "  security_group_ids  = [aws_security_group.g[%s].id]\n}\n"
)
POLICY = "version: 1\nrequired:\n  interface: [ssm, kms]\n"
DNS = "  enable_dns_hostnames = true\n}\n"


@pytest.mark.parametrize(
    ("group", "vpc", "second", "settled"),
    [
        ("var.n", OWN, "", True),
        ("var.n", OWN, '"eu-west-1b"', True),
        ("var.n", OWN, '["eu-west-1b", "eu-west-1a"][count.index]', False),
        ("1", "aws_vpc.v[0].id", "", False),
    ],
)
def test_interface_endpoints_go_by_the_index(group: str, vpc: str, second: str, settled: bool, tmp_path: Path) -> None:
    head = HEAD + (VPC % "var.n").replace("}\n", DNS)
    subnets = subnet() + (subnet(name="q", zone=second) if second else "")
    index = "count.index" if group == "var.n" else "0"
    code = head + subnets + GROUP % (group, vpc) + SSM % index
    directory = repository(tmp_path, {"main.tf": code, ".vpce-checks.yaml": POLICY})
    out = " ".join(fix(directory, "--rules", "VPCE003", "--write").out.split())
    text = (directory / "main.tf").read_text()
    assert (NOT_TOLD in out) is not settled
    assert text.count("  security_group_ids  = [aws_security_group.g[count.index].id]\n") == (
        2 if settled else index != "0"
    )
    if settled:
        more = ", aws_subnet.q[count.index].id" if second else ""
        assert f"= [aws_subnet.p[count.index].id{more}]\n" in text.partition('"kms"')[2]
        assert [each["message"] for each in open_with(directory, 2) if each["rule"] in ("VPCE003", "VPCE013")] == []
