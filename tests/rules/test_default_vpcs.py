"""Default VPCs that the code adopts: of low severity, together, and easy to leave out, unless the code uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli, root

ADOPTED = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_default_vpc" "this" {}
"""
LINE = "vpcs: [{match: {default: true}, gateway: []}]"
ELSEWHERE = """\
resource "aws_vpc" "own" {
  cidr_block = "10.0.0.0/16"
}
"""


def found(directory: Path, *options: str) -> list[dict[str, Any]]:
    results = json.loads(cli("scan", "--format", "json", *options, cwd=directory).out)["results"]
    return [item for item in results if "aws_default_vpc.this" in item["resource"]]


def severities(directory: Path) -> set[str]:
    return {item["severity"] for item in found(directory)}


TIDY = [
    "",
    'resource "aws_default_subnet" "a" {\n  availability_zone = "eu-west-1a"\n}\n',
    'resource "aws_default_security_group" "this" {\n  vpc_id = aws_default_vpc.this.id\n}\n',
    'resource "aws_default_route_table" "this" {\n  default_route_table_id = aws_default_vpc.this.default_route_table_id\n}\n',
    ELSEWHERE + 'resource "aws_subnet" "own" {\n  vpc_id = aws_vpc.own.id\n  cidr_block = "10.0.0.0/24"\n}\n',
    ELSEWHERE + 'resource "aws_subnet" "own" {\n  vpc_id = aws_vpc.own.id\n  cidr_block = "10.0.0.0/24"\n}\n'
    'resource "aws_instance" "web" {\n  ami = "ami-1"\n  subnet_id = aws_subnet.own.id\n}\n',
    ELSEWHERE + 'resource "aws_security_group" "own" {\n  vpc_id = aws_vpc.own.id\n}\n',
]
USED = [
    'resource "aws_instance" "web" {\n  ami = "ami-1"\n}\n',
    'resource "aws_default_subnet" "a" {\n  availability_zone = "eu-west-1a"\n}\n'
    'resource "aws_instance" "web" {\n  ami = "ami-1"\n  subnet_id = aws_default_subnet.a.id\n}\n',
    'resource "aws_default_subnet" "a" {\n  availability_zone = "eu-west-1a"\n}\nresource "aws_lambda_function" "f" {\n'
    '  function_name = "f"\n  role = "arn:aws:iam::111122223333:role/r"\n'
    "  vpc_config {\n    subnet_ids = [aws_default_subnet.a.id]\n    security_group_ids = []\n  }\n}\n",
    'resource "aws_subnet" "more" {\n  vpc_id = aws_default_vpc.this.id\n  cidr_block = "172.31.96.0/20"\n}\n',
    'resource "aws_security_group" "web" {\n  vpc_id = aws_default_vpc.this.id\n}\n',
    'resource "aws_route_table" "more" {\n  vpc_id = aws_default_vpc.this.id\n}\n',
    'resource "aws_vpc_endpoint" "kms" {\n  vpc_id = aws_default_vpc.this.id\n  vpc_endpoint_type = "Interface"\n'
    '  service_name = "com.amazonaws.eu-west-1.kms"\n}\n',
    'resource "aws_default_subnet" "a" {\n  availability_zone = "eu-west-1a"\n}\n'
    'resource "aws_nat_gateway" "a" {\n  subnet_id = aws_default_subnet.a.id\n}\n',
    'variable "own" {\n  type = bool\n}\n' + ELSEWHERE + 'resource "aws_security_group" "web" {\n'
    "  vpc_id = var.own ? aws_vpc.own.id : aws_default_vpc.this.id\n}\n",
]


@pytest.mark.parametrize("more", TIDY)
def test_a_default_vpc_that_is_only_tidied_up(tmp_path: Path, more: str) -> None:
    results = found(root(tmp_path, ADOPTED + more))
    assert [(item["rule"], item["status"], item["severity"]) for item in results] == [
        ("VPCE001", "fail", "low"),
        ("VPCE002", "fail", "low"),
    ]
    assert all(LINE in item["message"] for item in results)


@pytest.mark.parametrize("more", USED)
def test_a_default_vpc_that_is_used(tmp_path: Path, more: str) -> None:
    results = found(root(tmp_path, ADOPTED + more))
    assert [(item["rule"], item["severity"]) for item in results[:2]] == [("VPCE001", "high"), ("VPCE002", "medium")]
    assert not any(LINE in item["message"] for item in results)


def test_the_module_that_adopts_it(tmp_path: Path) -> None:
    call = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n  create_vpc = false\n'
    assert severities(root(tmp_path, call + "  manage_default_vpc = true\n}\n")) == {"low"}
    assert severities(root(tmp_path, call + "}\n")) == set()


def test_the_line_of_the_message_leaves_them_out(tmp_path: Path) -> None:
    root(tmp_path, ADOPTED + ELSEWHERE)
    (tmp_path / ".vpce-checks.yaml").write_text(f"version: 1\n{LINE}\n")
    assert found(tmp_path) == []
    results = json.loads(cli("scan", "--format", "json", cwd=tmp_path).out)["results"]
    assert {item["resource"] for item in results} == {"aws_vpc.own"}
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nvpcs: [{match: {default: false}, gateway: []}]\n")
    assert {item["rule"] for item in found(tmp_path)} == {"VPCE001", "VPCE002"}


def test_the_policy_sets_the_severity(tmp_path: Path) -> None:
    root(tmp_path, ADOPTED)
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nrules: {VPCE001: {severity: high}}\n")
    assert [item["severity"] for item in found(tmp_path)] == ["high", "low"]


def test_reports_for_people_show_them_together(tmp_path: Path) -> None:
    more = 'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\nresource "aws_default_vpc" "us" {\n  provider = aws.us\n}\n'
    root(tmp_path, ADOPTED + more)
    for format in ("text", "markdown"):
        text = cli("scan", "--format", format, cwd=tmp_path).out
        assert text.count(LINE) == 1
        assert text.count("default VPCs that the code adopts and nothing in it uses") == 1
        assert text.count("aws_default_vpc.us") >= 2
