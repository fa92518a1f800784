"""What version 0.1 wrote and read still works: a baseline and a policy file of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.run import cli
from vpce_checks.rules.baseline import VERSION

POLICY = """\
version: 1
extends: [aws-baseline]
required:
  interface: [logs]
vpcs:
  - match: {name: "sandbox"}
    exempt: {s3: "no workloads"}
rules:
  VPCE006: {severity: low}
ignore:
  - {rule: VPCE002, resource: "Main", reason: "no tables"}
"""
FILES = {
    ".vpce-checks.yaml": POLICY,
    "modules/net/main.tf": """\
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "logs" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id       = aws_vpc.this.id
  service_name = "com.amazonaws.eu-west-1.dynamodb"
}

output "id" {
  value = aws_vpc.this.id
}
""",
    "envs/prod/main.tf": """\
provider "aws" {
  region = "eu-west-1"
}

module "net" {
  source = "../../modules/net"
}

variable "extra" {}

resource "aws_vpc_endpoint" "s3" {
  count        = var.extra ? 1 : 0
  vpc_id       = module.net.id
  service_name = "com.amazonaws.eu-west-1.s3"
}
""",
    "stacks/net.yaml": """\
Parameters:
  Stage:
    Type: String
    AllowedValues: [dev, prod]
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsProd
    Properties: {VpcId: !Ref Main, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3"}
""",
}
RECORDED = (
    ("VPCE001", "unknown", "envs/prod", "module.net.aws_vpc.this", "s3"),
    ("VPCE001", "fail", "stacks/net.yaml", "Main", "s3"),
    ("VPCE003", "fail", "stacks/net.yaml", "Main", "logs"),
    ("VPCE004", "fail", "envs/prod", "module.net.aws_vpc_endpoint.logs", "logs"),
    ("VPCE007", "unknown", "envs/prod", "aws_vpc_endpoint.s3[0]", "s3"),
    ("VPCE007", "fail", "envs/prod", "module.net.aws_vpc_endpoint.dynamodb", "dynamodb"),
    ("VPCE007", "fail", "stacks/net.yaml", "S3", "s3"),
)
"""The entries of the baseline that 0.1 wrote for these files, with all keys that its entries have."""

KEYS = ("rule", "status", "root", "resource", "service")
NEW_RULES = "VPCE011,VPCE012,VPCE013,VPCE014,VPCE015,VPCE016,VPCE017,VPCE018"


def scan(repository: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = cli("scan", ".", "--format", "json", *arguments, cwd=repository)
    results: list[dict[str, Any]] = json.loads(done.out)["results"]
    return done.code, [each for each in results if each["status"] in ("fail", "unknown")]


def test_a_baseline_of_0_1_keeps_what_it_records(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    code, found = scan(tmp_path)
    assert code == 1
    assert {tuple(each[key] for key in KEYS) for each in found if each["rule"] <= "VPCE010"} == set(RECORDED)

    document = {"version": 1, "findings": [dict(zip(KEYS, entry, strict=True)) for entry in RECORDED]}
    (tmp_path / "known.json").write_text(json.dumps(document, indent=1))
    code, found = scan(tmp_path, "--baseline", "known.json")
    assert {each["rule"] for each in found} == {"VPCE013", "VPCE015"}  # which 0.1 did not have
    assert code == 1
    assert scan(tmp_path, "--baseline", "known.json", "--skip-rules", NEW_RULES) == (0, [])
    assert cli("scan", ".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path).code == 0
    assert scan(tmp_path, "--baseline", "known.json") == (0, [])
    assert VERSION == 1
