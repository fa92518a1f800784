"""What a proposal takes over from an endpoint that is there, and what it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli

HEAD = 'provider "aws" {\n  region = "eu-west-1"\n}\nvariable "on" {\n  default = true\n}\n'
VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
TABLE = 'resource "aws_route_table" "%s" {\n  %s\n  vpc_id = aws_vpc.main.id\n}\n'
ENDPOINT = (
    'resource "aws_vpc_endpoint" "%s" {\n  %s\n  vpc_id          = aws_vpc.main.id\n'
    '  service_name    = "com.amazonaws.eu-west-1.%s"\n  route_table_ids = %s\n}\n'
)


USED = (
    'resource "aws_subnet" "%s" {\n  vpc_id     = aws_vpc.main.id\n  cidr_block = "10.0.%s.0/24"\n}\n'
    'resource "aws_route_table_association" "%s" {\n  subnet_id      = aws_subnet.%s.id\n'
    "  route_table_id = aws_route_table.%s.id\n}\n"
)


def said(directory: Path, *parts: str, command: str = "scan") -> str:
    (directory / "main.tf").write_text("".join(parts))
    return cli(command, ".", cwd=directory).out


def test_tables_that_are_there_with_a_count_alone(tmp_path: Path) -> None:
    """A new endpoint without the count would name an instance that may not be there."""
    count = "count  = var.on ? 1 : 0"
    out = said(
        tmp_path,
        HEAD,
        VPC,
        TABLE % ("p", count),
        ENDPOINT % ("dynamodb", count, "dynamodb", "[aws_route_table.p[0].id]"),
    )
    block = out.partition('+resource "aws_vpc_endpoint"')[0].partition('resource "aws_vpc_endpoint" "s3"')[2]
    assert "[aws_route_table.p[0].id]" not in block or "count" in block.partition("}")[0]


@pytest.mark.parametrize(
    "tables",
    [
        "values({\n    a = aws_route_table.a.id\n    b = aws_route_table.b.id\n  })",
        "[\n    for each in [aws_route_table.a, aws_route_table.b] : each.id\n  ]",
    ],
)
def test_line_ends_that_divide_are_kept(tmp_path: Path, tables: str) -> None:
    """On one line, such an expression is a syntax error."""
    parts = (HEAD, VPC, TABLE % ("a", ""), TABLE % ("b", ""), ENDPOINT % ("dynamodb", "", "dynamodb", tables))
    out = said(tmp_path, *parts)
    assert "values({ a" not in out and "concat([for" not in out


@pytest.mark.parametrize(
    "tables",
    [
        "values({\n    a = aws_route_table.a.id\n  })",
        "[\n    for each in [aws_route_table.a] : each.id\n  ]",
        "aws_vpc_endpoint.dynamodb.route_table_ids",
        "var.on ? [aws_route_table.a.id] : null",
        "var.on ? toset([aws_route_table.a.id]) : toset([])",
    ],
)
def test_what_may_be_no_list_is_not_joined(tmp_path: Path, tables: str) -> None:
    parts = (HEAD, VPC, *(TABLE % (name, "") + USED % (name, at, name, name, name) for at, name in enumerate("ab")))
    ends = (
        ENDPOINT % ("s3", "", "s3", tables),
        ENDPOINT % ("dynamodb", "", "dynamodb", "[aws_route_table.a.id]"),
    )
    out = said(tmp_path, *parts, *ends)
    assert "FAIL VPCE007" in out
    for wrong in ("values({ a", "each.id,", "aws_vpc_endpoint.dynamodb.route_table_ids)", "null)", "toset([]))"):
        assert wrong not in out.partition("fix:")[2], out


def test_the_provider_that_a_call_passes(tmp_path: Path) -> None:
    """Beside the call of the endpoint's module, the new one needs the provider of that call."""
    module = tmp_path / "ep"
    module.mkdir()
    (module / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
        'variable "vpc" {}\nvariable "tables" {}\n'
        'resource "aws_vpc_endpoint" "dynamodb" {\n  vpc_id          = var.vpc\n'
        '  service_name    = "com.amazonaws.eu-west-1.dynamodb"\n  route_table_ids = var.tables\n}\n'
    )
    out = said(
        tmp_path,
        HEAD,
        'provider "aws" {\n  alias  = "other"\n  region = "eu-west-1"\n}\n',
        VPC.replace("{\n", "{\n  provider = aws.other\n", 1),
        (TABLE % ("p", "provider = aws.other")),
        'module "ep" {\n  source    = "./ep"\n  providers = { aws = aws.other }\n  vpc       = aws_vpc.main.id\n'
        "  tables    = [aws_route_table.p.id]\n}\n",
    )
    block = out.partition('resource "aws_vpc_endpoint" "s3" {')[2].partition("}")[0]
    assert "provider" in block and "aws.other" in block


TEMPLATE = """\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsOn: !Equals [!Ref Stage, prod]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Table:
    Type: AWS::EC2::RouteTable
    Condition: IsOn
    Properties: {VpcId: !Ref Vpc}
  DynamoDB:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsOn
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.dynamodb
      RouteTableIds: [!Ref Table]
"""


def test_a_condition_of_the_other_endpoint_is_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    out = cli("scan", ".", cwd=tmp_path).out
    block = out.partition("S3Endpoint:")[2].partition("\n\n")[0]
    assert block and "[!Ref Table]" not in block


def test_subnets_of_one_zone_are_left_to_a_person(tmp_path: Path) -> None:
    code = (
        HEAD
        + VPC.replace("}", "  enable_dns_hostnames = true\n}")
        + 'resource "aws_subnet" "a" {\n  count             = 4\n  vpc_id            = aws_vpc.main.id\n'
        + '  availability_zone = element(["eu-west-1a", "eu-west-1b"], count.index)\n}\n'
    )
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nrequired: {gateway: [], interface: [logs]}\n")
    assert "AWS refuses two of one" in said(tmp_path, code)
    assert '"fixes"' not in cli("scan", ".", "--format", "sarif", cwd=tmp_path).out
