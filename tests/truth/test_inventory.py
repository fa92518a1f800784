"""What moto answers through boto3, printed as the AWS CLI prints it, is an inventory that gives the right verdicts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.run import cli
from tests.truth import environment

ACCOUNT = "123456789012"
"""The account of everything that moto makes."""

CODE = """
provider "aws" {{
  region              = "eu-west-1"
  allowed_account_ids = ["{account}"]
}}

provider "aws" {{
  alias               = "us"
  region              = "us-east-1"
  allowed_account_ids = ["{account}"]
}}

variable "vpc_id" {{
  default = "{vpc}"
}}

data "aws_vpc" "spoke" {{
  tags = {{ Name = "spoke" }}
}}

data "aws_vpc" "us" {{
  provider = aws.us
  tags     = {{ Name = "spoke" }}
}}

data "aws_route_table" "private" {{
  subnet_id = "{private_subnet}"
}}

resource "aws_vpc_endpoint" "kms" {{
  for_each = {{ variable = var.vpc_id, name = data.aws_vpc.spoke.id, us = data.aws_vpc.us.id, hub = "{hub_vpc}" }}

  vpc_id              = each.value
  service_name        = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}}

resource "aws_vpc_endpoint" "s3" {{
  for_each = {{
    both = ["{private_table}", "{served_table}"]
    one  = [data.aws_route_table.private.id]
  }}

  vpc_id          = var.vpc_id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = each.value
}}

resource "aws_vpc_endpoint" "dynamodb" {{
  vpc_id          = var.vpc_id
  service_name    = "com.amazonaws.eu-west-1.dynamodb"
  route_table_ids = ["{private_table}"]
}}

resource "aws_vpc" "app" {{
  cidr_block           = "10.9.0.0/16"
  enable_dns_hostnames = true
}}

resource "aws_route53_zone_association" "app" {{
  zone_id = "{zone}"
  vpc_id  = aws_vpc.app.id
}}
"""
POLICY = """
version: 1
required: {{gateway: [], interface: [ssm, logs]}}
inventory:
- {{file: vpcs.json, region: eu-west-1, as_of: 2026-11-01}}
- endpoints.json
- subnets.json
- tables.json
- groups.json
- enableDnsSupport.json
- enableDnsHostnames.json
- zones.json
- zone.json
- {{file: records.json, zone: {zone}}}
"""


@pytest.mark.slow
def test_what_moto_answers(tmp_path: Path) -> None:
    try:
        python = environment.tools().python
    except environment.Unavailable as reason:
        pytest.skip(str(reason))
    dump = Path(__file__).with_name("inventory_dump.py")
    printed = subprocess.run([python, dump, tmp_path], capture_output=True, text=True, check=True, timeout=300)
    ids = json.loads(printed.stdout)
    (tmp_path / "main.tf").write_text(CODE.format(**ids, account=ACCOUNT))
    (tmp_path / ".vpce-checks.yaml").write_text(POLICY.format(**ids))
    result = cli("scan", "--boundary", ".", "--format", "json", cwd=tmp_path)
    report = json.loads(result.out)
    assert [item for root in report["roots"] for item in root["diagnostics"]] == []
    found = {(each["rule"], each["resource"], each["service"]): each for each in report["results"]}

    def status(rule: str, resource: str, service: str | None) -> str:
        each = found.get((rule, resource, service))
        return "" if each is None else each["status"]

    assert status("VPCE005", 'aws_vpc_endpoint.kms["variable"]', "kms") == "fail"
    assert status("VPCE005", 'aws_vpc_endpoint.kms["name"]', "kms") == "fail"
    assert status("VPCE005", 'aws_vpc_endpoint.kms["us"]', "kms") == ""
    assert status("VPCE005", 'aws_vpc_endpoint.kms["hub"]', "kms") == "unknown"  # nobody asked for its attributes
    assert status("VPCE007", 'aws_vpc_endpoint.s3["both"]', "s3") == "pass"
    assert status("VPCE007", "aws_vpc_endpoint.dynamodb", "dynamodb") == "unknown"  # the one there may be this one
    assert status("VPCE003", "aws_vpc.app", "ssm") == "pass"
    assert status("VPCE003", "aws_vpc.app", "logs") == "fail"
    assert ids["hub_endpoint"] in "".join(found["VPCE003", "aws_vpc.app", "ssm"]["why"])
    homes = {each["address"]: (each["vpc"], each.get("vpc_root")) for each in report["endpoints"]}
    assert homes['aws_vpc_endpoint.kms["name"]'] == (ids["vpc"], "vpcs.json")
    assert homes['aws_vpc_endpoint.kms["us"]'] == ("data.aws_vpc.us", None)
