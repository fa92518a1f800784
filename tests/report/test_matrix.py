"""The states of the matrix that depend on several endpoints for one service."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.run import cli

ENDPOINT = """\
resource "aws_vpc_endpoint" "%s" {
  vpc_id              = aws_vpc.v.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.eu-west-1.%s"
  subnet_ids          = [aws_subnet.s.id]
  security_group_ids  = [aws_security_group.g.id]
  private_dns_enabled = %s
}
"""
HEAD = """\
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "v" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_subnet" "s" {
  vpc_id = aws_vpc.v.id
}
resource "aws_security_group" "g" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}
variable "on" {}
"""


@pytest.mark.parametrize(
    ("other", "state"),
    [
        (ENDPOINT % ("b", "kms", "true"), "interface"),  # it answers for the default hostname
        (ENDPOINT % ("b", "kms", "var.on"), "DNS off"),  # it may not
        (ENDPOINT % ("b", "kms-fips", "true"), "DNS off"),  # it has other names
        (ENDPOINT % ("b", "sqs", "true"), "DNS off"),
    ],
)
def test_private_dns_of_another_endpoint_of_the_vpc_counts(other: str, state: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(HEAD + ENDPOINT % ("a", "kms", "false") + other)
    rows = csv.DictReader(io.StringIO(cli("scan", ".", "--format", "csv", cwd=tmp_path).out))
    assert [row["status"] for row in rows if (row["kind"], row["service"]) == ("coverage", "kms")] == [state]
    words = {"interface": ">interface<", "DNS off": ">private DNS off<"}[state]
    assert words in cli("scan", ".", "--format", "html", cwd=tmp_path).out


def test_a_call_that_nothing_serves_is_missing_though_nobody_requires_it() -> None:
    examples = Path(__file__).parents[2] / "examples"
    arguments = ("--boundary", str(examples), "--format", "csv")
    rows = csv.DictReader(io.StringIO(cli("scan", "terraform/fargate", *arguments, cwd=examples).out))
    cells = {row["service"]: row["status"] for row in rows if row["kind"] == "coverage"}
    assert cells["secretsmanager"] == "missing"
    assert cells["logs"] == "interface"
