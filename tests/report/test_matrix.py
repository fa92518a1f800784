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
    cli("scan", ".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path)
    rows = csv.DictReader(
        io.StringIO(cli("scan", ".", "--baseline", "known.json", "--format", "csv", cwd=tmp_path).out)
    )
    known = "known" if state == "DNS off" else state
    assert [row["status"] for row in rows if (row["kind"], row["service"]) == ("coverage", "kms")] == [known]
    words = {"interface": ">interface<", "DNS off": ">private DNS off<"}[state]
    assert words in cli("scan", ".", "--format", "html", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("other", "state"),
    [
        ("", "DNS off"),
        (ENDPOINT % ("b", "kms", "true"), "interface"),
        (ENDPOINT % ("b", "kms", "var.on"), "interface"),
        (ENDPOINT % ("b", "kms-fips", "true"), "interface"),
        (ENDPOINT % ("b", "sqs", "true"), "DNS off"),
    ],
)
def test_the_only_endpoint_is_that_of_a_fips_variant(other: str, state: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(HEAD + ENDPOINT % ("a", "kms-fips", "false") + other)
    rows = csv.DictReader(io.StringIO(cli("scan", ".", "--require", "kms", "--format", "csv", cwd=tmp_path).out))
    assert [row["status"] for row in rows if (row["kind"], row["service"]) == ("coverage", "kms")] == [state]


GATEWAY = """\
resource "aws_vpc_endpoint" "%s" {
  vpc_id          = aws_vpc.v.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = %s
}
"""
TABLES = """\
resource "aws_route_table" "r" {
  vpc_id = aws_vpc.v.id
}
resource "aws_route_table_association" "r" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.r.id
}
"""
ALL_TABLES = "[aws_route_table.r.id, aws_vpc.v.main_route_table_id]"
GOOD = TABLES + GATEWAY % ("gateway", ALL_TABLES)
PUBLIC = """\
resource "aws_internet_gateway" "i" {
  vpc_id = aws_vpc.v.id
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.v.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.i.id
  }
}
"""
OTHER_SUBNET = 'resource "aws_subnet" "other" {\n  vpc_id = aws_vpc.v.id\n}\n'
REFUSES = "  policy = jsonencode({ Statement = [] })\n}\n"
OFF, ON, OPEN, KMS = (
    ENDPOINT % ("a", *rest) for rest in (("s3", "false"), ("s3", "true"), ("s3", "var.on"), ("kms", "true"))
)
NOWHERE = ("[aws_subnet.s.id]", "[]")
CLOSED = ("[aws_security_group.g.id]", "[aws_security_group.none.id]")
NONE = 'resource "aws_security_group" "none" {\n  vpc_id = aws_vpc.v.id\n}\n'
ZONE = """\
resource "aws_route53_zone" "z" {
  name = "s3.eu-west-1.amazonaws.com"
  vpc {
    vpc_id = aws_vpc.v.id
  }
}
resource "aws_route53_record" "z" {
  zone_id = aws_route53_zone.z.id
  name    = "s3.eu-west-1.amazonaws.com"
  type    = "A"
  alias {
    name                   = aws_vpc_endpoint.a.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.a.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
"""


@pytest.mark.parametrize(
    ("code", "state"),
    [
        # No name leads to an interface endpoint that cannot work: calls take the gateway.
        (GOOD + OFF.replace(*NOWHERE), "gateway"),
        (GOOD + NONE + OFF.replace(*CLOSED), "gateway"),
        (GOOD + OFF, "both"),
        # The gateway endpoint is in one of two route tables, and nothing else is wrong.
        (TABLES + GATEWAY % ("gateway", "[aws_route_table.r.id]") + OTHER_SUBNET, "partial"),
        (
            TABLES
            + (GATEWAY % ("gateway", "[aws_route_table.r.id]") + OTHER_SUBNET).replace("]\n}", f"]\n{REFUSES}", 1),
            "broken",
        ),
        # It is in the table of nobody.
        (TABLES + PUBLIC + GATEWAY % ("gateway", "[aws_route_table.public.id]"), "broken"),
        # Beside it, an interface endpoint that no name leads to lets nobody in.
        (
            TABLES + GATEWAY % ("gateway", "[aws_route_table.r.id]") + OTHER_SUBNET + NONE + OFF.replace(*CLOSED),
            "partial",
        ),
        # Names lead, or may lead, to it.
        (GOOD + NONE + ON.replace(*CLOSED), "broken"),
        (GOOD + NONE + OPEN.replace(*CLOSED), "broken"),
        (GOOD + ZONE + OFF.replace(*NOWHERE), "broken"),
        # The other endpoint may not be there, or fails too.
        (
            GOOD.replace("{\n  vpc_id          ", "{\n  count = var.on ? 1 : 0\n  vpc_id          ")
            + OFF.replace(*NOWHERE),
            "broken",
        ),
        (TABLES + GATEWAY % ("gateway", "[]") + OFF.replace(*NOWHERE), "broken"),
        # Of two gateways, the second one is refused, or has a table of its own.
        (GOOD + GATEWAY % ("again", ALL_TABLES), "gateway"),
        (GOOD + GATEWAY % ("empty", "[]"), "gateway"),
        (GOOD + PUBLIC + GATEWAY % ("again", "[aws_route_table.public.id]"), "gateway"),
        (GOOD + PUBLIC + (GATEWAY % ("again", "[aws_route_table.public.id]"))[:-2] + REFUSES, "broken"),
        # Private DNS for S3 may be for clients elsewhere, so the gateway counts.
        (TABLES + GATEWAY % ("gateway", "[]") + ON, "broken"),
    ],
)
def test_an_endpoint_that_cannot_work_counts_where_it_takes_the_calls(code: str, state: str, tmp_path: Path) -> None:
    assert cell(tmp_path, HEAD + code, "s3") == state
    cli("scan", ".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path)
    known = "known" if state in ("broken", "partial") else state
    assert cell(tmp_path, HEAD + code, "s3", "--baseline", "known.json") == known


def cell(top: Path, code: str, service: str, *arguments: str) -> str:
    (top / "main.tf").write_text(code)
    rows = csv.DictReader(io.StringIO(cli("scan", ".", "--format", "csv", *arguments, cwd=top).out))
    (found,) = (row["status"] for row in rows if (row["kind"], row["service"]) == ("coverage", service))
    return found


@pytest.mark.parametrize(
    ("second", "state"),
    [
        ((ENDPOINT % ("b", "kms", "false")).replace(*NOWHERE), "interface"),
        ((ENDPOINT % ("b", "kms", "true")).replace(*NOWHERE), "broken"),
        ((ENDPOINT % ("b", "kms", "true")).replace('"Interface"', '"Gateway"'), "interface"),
    ],
)
def test_private_dns_decides_between_two_interface_endpoints(second: str, state: str, tmp_path: Path) -> None:
    assert cell(tmp_path, HEAD + KMS + second, "kms") == state


def test_a_call_that_nothing_serves_is_missing_though_nobody_requires_it() -> None:
    examples = Path(__file__).parents[2] / "examples"
    arguments = ("--boundary", str(examples), "--format", "csv")
    rows = csv.DictReader(io.StringIO(cli("scan", "terraform/fargate", *arguments, cwd=examples).out))
    cells = {row["service"]: row["status"] for row in rows if row["kind"] == "coverage"}
    assert cells["secretsmanager"] == "missing"
    assert cells["logs"] == "interface"


CALLER = """\
resource "aws_security_group" "all" {
  vpc_id = aws_vpc.v.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_redshift_subnet_group" "g" {
  name       = "g"
  subnet_ids = [aws_subnet.other.id]
}
resource "aws_redshift_cluster" "c" {
  cluster_identifier        = "c"
  node_type                 = "ra3.xlplus"
  cluster_subnet_group_name = aws_redshift_subnet_group.g.name
  publicly_accessible       = false
  enhanced_vpc_routing      = true
  vpc_security_group_ids    = [aws_security_group.all.id]
}
"""


def test_a_caller_that_a_gateway_endpoint_misses_leaves_it_partial(tmp_path: Path) -> None:
    code = HEAD + TABLES + GATEWAY % ("gateway", "[aws_route_table.r.id]") + OTHER_SUBNET + CALLER
    assert cell(tmp_path, code, "s3") == "partial"
    failed = cli("scan", ".", "--format", "concise", cwd=tmp_path).out
    assert "VPCE007" in failed and "VPCE017" in failed


@pytest.mark.parametrize(("count", "state"), [("", "interface"), ("  count = var.on ? 1 : 0\n", "unknown")])
def test_an_endpoint_that_goes_with_its_vpc_is_there(count: str, state: str, tmp_path: Path) -> None:
    """Both are there in the same workspaces, whichever these are."""
    (tmp_path / "net").mkdir()
    endpoint = (ENDPOINT % ("a", "kms", "true")).replace("{\n", "{\n" + count, 1)
    (tmp_path / "net" / "main.tf").write_text(HEAD + endpoint)
    call = 'module "net" {\n  source = "./net"\n  count  = terraform.workspace == "prod" ? 1 : 0\n  on     = var.on\n}\nvariable "on" {}\n'
    (tmp_path / "main.tf").write_text(call)
    rows = csv.DictReader(io.StringIO(cli("scan", ".", "--format", "csv", cwd=tmp_path).out))
    assert [row["status"] for row in rows if (row["kind"], row["service"]) == ("coverage", "kms")] == [state]


HUB = """\
resource "aws_vpc" "spoke" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id             = aws_vpc.v.id
  vpc_endpoint_type  = "Interface"
  service_name       = "com.amazonaws.eu-west-1.kms"
  subnet_ids         = %s
  security_group_ids = [aws_security_group.all.id]
  policy             = %s
}
resource "aws_security_group" "all" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
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
DENIED = 'jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "*", Resource = "*" }] })'


@pytest.mark.parametrize(
    ("subnets", "policy", "state"),
    [
        ("[aws_subnet.s.id]", "null", "central"),
        ("[aws_subnet.s.id]", DENIED, "broken"),
        ("[]", "null", "broken"),
    ],
)
def test_an_endpoint_of_the_hub_that_cannot_work_serves_no_spoke(
    subnets: str, policy: str, state: str, tmp_path: Path
) -> None:
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nrequired: {gateway: [], interface: [kms]}\n")
    (tmp_path / "main.tf").write_text(HEAD + HUB % (subnets, policy))
    rows = list(csv.DictReader(io.StringIO(cli("scan", ".", "--format", "csv", cwd=tmp_path).out)))
    assert [row["status"] for row in rows if row["vpc"] == "aws_vpc.spoke" and row["kind"] == "coverage"] == [state]
    cli("scan", ".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path)
    rows = list(
        csv.DictReader(io.StringIO(cli("scan", ".", "--baseline", "known.json", "--format", "csv", cwd=tmp_path).out))
    )
    known = "known" if state == "broken" else state
    assert [row["status"] for row in rows if row["vpc"] == "aws_vpc.spoke" and row["kind"] == "coverage"] == [known]
