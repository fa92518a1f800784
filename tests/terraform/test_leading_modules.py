"""Published modules that make no endpoint, and may all the same lead the names of a VPC to one: by a zone or by records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli

HUB = """\
provider "aws" {
  region = "eu-west-1"
}
variable "on" {
  type = bool
}
resource "aws_vpc" "spoke" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_vpc" "hub" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id            = aws_vpc.hub.id
  service_name      = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type = "Interface"
}
"""
ZONE = """\
resource "aws_route53_zone" "kms" {
  name = "kms.eu-west-1.amazonaws.com"
  vpc {
    vpc_id = aws_vpc.spoke.id
  }
}
"""


def status(directory: Path, code: str) -> str:
    (directory / "main.tf").write_text(code)
    report = json.loads(cli("scan", "--require", "kms", "--format", "json", cwd=directory).out)
    found = {(each["rule"], each["vpc"]): each["status"] for each in report["results"]}
    assert found["VPCE001", "aws_vpc.spoke"] == "fail"
    return str(found["VPCE003", "aws_vpc.spoke"])


@pytest.mark.parametrize(
    ("module", "version", "handed", "expected"),
    [
        ("route53", "6.4.0", "vpc = { it = { vpc_id = aws_vpc.spoke.id } }", "unknown"),
        ("route53", "6.4.0", "vpc = { it = { vpc_id = aws_vpc.hub.id } }", "fail"),
        ("s3-bucket", "4.1.0", "bucket = aws_vpc.spoke.id", "fail"),
    ],
)
def test_a_module_that_may_make_a_zone(tmp_path: Path, module: str, version: str, handed: str, expected: str) -> None:
    source = f'  source  = "terraform-aws-modules/{module}/aws"\n  version = "{version}"\n'
    assert status(tmp_path, HUB + f'module "it" {{\n{source}  {handed}\n}}\n') == expected


@pytest.mark.parametrize(
    ("handed", "expected"),
    [
        ('name = "kms.eu-west-1.amazonaws.com"', "unknown"),
        ('zones = { "kms.eu-west-1.amazonaws.com" = {} }', "unknown"),
        ('name = var.on ? "kms.eu-west-1.amazonaws.com" : "corp.internal"', "unknown"),
        ('name = jsonencode({ zone = "kms.eu-west-1.amazonaws.com", on = var.on })', "unknown"),
        ('name = "corp.internal"', "fail"),
    ],
)
def test_a_module_that_may_add_records(tmp_path: Path, handed: str, expected: str) -> None:
    """It finds the zone by its name."""
    module = f'module "it" {{\n  source = "git::https://example.com/records.git"\n  {handed}\n}}\n'
    assert status(tmp_path, HUB + ZONE + module) == expected
