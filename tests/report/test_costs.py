"""What interface endpoints cost: what is certain is summed, and the rest is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import vpce_checks.report
from tests.cli.run import cli

SCHEMA = json.loads((Path(vpce_checks.report.__file__).parent / "report.schema.json").read_text())

HEAD = """\
provider "aws" {
  region = "REGION"
}

variable "open" {}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "s" {
  count             = 3
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = "REGION${["a", "b", "c"][count.index]}"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.REGION.s3"
}
"""
ENDPOINT = """
resource "aws_vpc_endpoint" "NAME" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.REGION.SERVICE"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = false
  subnet_ids          = SUBNETS
}
"""
ALL = "aws_subnet.s[*].id"


def endpoint(name: str, service: str, subnets: str = ALL) -> str:
    return ENDPOINT.replace("NAME", name).replace("SERVICE", service).replace("SUBNETS", subnets)


def scanned(top: Path, code: str, *options: str, region: str = "eu-west-1") -> str:
    (top / ".git").mkdir(exist_ok=True)
    (top / "main.tf").write_text((HEAD + code).replace("REGION", region))
    return cli("scan", ".", "--costs", *options, cwd=top).out


def costs(top: Path, code: str, region: str = "eu-west-1") -> list[dict[str, Any]]:
    report = json.loads(scanned(top, code, "--format", "json", region=region))
    jsonschema.validate(report, SCHEMA)
    found: list[dict[str, Any]] = report["costs"]
    return found


def test_the_sum_of_a_vpc(tmp_path: Path) -> None:
    (found,) = costs(tmp_path, endpoint("a", "ssm") + endpoint("b", "sqs", "[aws_subnet.s[0].id]"))
    assert found == {
        "root": ".",
        "vpc": "aws_vpc.main",
        "endpoints": 2,
        "interfaces": 4,
        "more": False,
        "usd_a_month": 32.12,
        "prices": {"region": "eu-west-1", "as_of": "2026"},
        "duplicates": [],
    }


def test_a_gateway_costs_nothing(tmp_path: Path) -> None:
    assert costs(tmp_path, "") == []
    assert "interface endpoints cost nothing" in scanned(tmp_path, "")


@pytest.mark.parametrize(
    ("code", "endpoints", "interfaces"),
    [
        (endpoint("a", "ssm", "var.open"), 1, 0),
        (endpoint("a", "ssm", "concat([aws_subnet.s[0].id], var.open)"), 1, 1),
        (endpoint("a", "ssm").replace("{\n", "{\n  count = var.open ? 1 : 0\n", 1), 0, 0),
        (endpoint("a", "ssm").replace("{\n", "{\n  for_each = toset(var.open)\n", 1), 0, 0),
        (endpoint("a", "ssm").replace('"Interface"', "var.open"), 0, 0),
    ],
)
def test_what_is_not_certain_is_not_in_the_sum(tmp_path: Path, code: str, endpoints: int, interfaces: int) -> None:
    (found,) = costs(tmp_path, code)
    assert (found["endpoints"], found["interfaces"], found["more"]) == (endpoints, interfaces, True)
    text = " ".join(scanned(tmp_path, code).split())
    if interfaces:
        assert "cost 7.30 USD a month or more" not in text and "USD a month or more" in text
        assert "1 network interface or more" in text
    else:
        assert "what interface endpoints cost is not known" in text and "0.00 USD" not in text
        assert "network interfaces not known not known" in text


def test_what_is_not_known_is_beside_what_is(tmp_path: Path) -> None:
    text = " ".join(scanned(tmp_path, endpoint("a", "ssm") + endpoint("b", "sqs", "var.open")).split())
    assert "cost 24.09 USD a month or more" in text and "3 network interfaces or more 24.09 USD or more" in text


def test_two_for_one_service(tmp_path: Path) -> None:
    code = endpoint("a", "ssm") + endpoint("b", "ssm") + endpoint("c", "ssm-fips") + endpoint("d", "sqs")
    (found,) = costs(tmp_path, code)
    twice = {"first": "aws_vpc_endpoint.a", "second": "aws_vpc_endpoint.b", "service": "ssm"}
    assert found["duplicates"] == [twice]
    assert "twice: aws_vpc_endpoint.a and aws_vpc_endpoint.b are both for ssm" in scanned(tmp_path, code)


VARIABLES = 'variable "one" {}\n\nvariable "two" {}\n'


@pytest.mark.parametrize(
    ("subnets", "interfaces", "more"),
    [
        ("[var.one]", 1, False),
        ("[var.one, var.one]", 1, False),
        ("[var.one, var.two]", 1, True),
        ('["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]', 2, False),
    ],
)
def test_two_variables_may_name_one_subnet(tmp_path: Path, subnets: str, interfaces: int, more: bool) -> None:
    (found,) = costs(tmp_path, VARIABLES + endpoint("a", "ssm", subnets))
    assert (found["interfaces"], found["more"]) == (interfaces, more)


@pytest.mark.parametrize(
    ("subnets", "interfaces", "more"),
    [
        ("distinct(aws_subnet.s[*].id)", 3, False),
        ("distinct(concat(aws_subnet.s[*].id, [aws_subnet.s[0].id]))", 3, False),
        ("setunion([aws_subnet.s[0].id], [aws_subnet.s[1].id])", 2, False),
        ("distinct([aws_subnet.s[0].id, var.one])", 1, True),
    ],
)
def test_subnets_of_the_code_are_never_one_and_the_same(
    tmp_path: Path, subnets: str, interfaces: int, more: bool
) -> None:
    (found,) = costs(tmp_path, VARIABLES + endpoint("a", "ssm", subnets))
    assert (found["interfaces"], found["more"]) == (interfaces, more)


PUBLISHED = """provider "aws" {
  region = "us-east-1"
}

module "vpc" {
  source          = "terraform-aws-modules/vpc/aws"
  version         = "~> 6.5"
  cidr            = "10.0.0.0/16"
  azs             = ["us-east-1a", "us-east-1b", "us-east-1c"]
  private_subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
}

module "vpc_endpoints" {
  source    = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version   = "~> 6.5"
  vpc_id    = module.vpc.vpc_id
  endpoints = { kms = { service = "kms", subnet_ids = module.vpc.private_subnets } }
}
"""


def test_the_subnets_of_a_published_module_are_counted(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(PUBLISHED)
    (found,) = json.loads(cli("scan", ".", "--costs", "--format", "json", cwd=tmp_path).out)["costs"]
    assert (found["interfaces"], found["more"], found["usd_a_month"]) == (3, False, 21.9)


def test_endpoints_of_unknown_vpcs_are_not_twice_in_one(tmp_path: Path) -> None:
    code = (endpoint("a", "ssm") + endpoint("b", "ssm")).replace(
        "aws_vpc.main.id", 'var.open == "" ? aws_vpc.main.id : var.open'
    )
    (found,) = costs(tmp_path, code)
    assert (found["vpc"], found["endpoints"], found["duplicates"]) == (None, 2, [])
    assert "twice" not in scanned(tmp_path, code)


UNREAD = 'module "x" {\n  source = "git::https://git.example.org/x.git"\n}\n'


def test_code_that_was_not_read_may_cost_more(tmp_path: Path) -> None:
    nothing = "no interface endpoint was found; what was not read may hold some"
    assert nothing in scanned(tmp_path, UNREAD) and nothing not in scanned(tmp_path, "")
    assert "cost 24.09 USD a month or more" in scanned(tmp_path, endpoint("a", "ssm") + UNREAD)
    assert "or more" not in scanned(tmp_path, endpoint("a", "ssm"))


def test_the_prices_of_another_region(tmp_path: Path) -> None:
    (found,) = costs(tmp_path, endpoint("a", "ssm"), region="ap-southeast-2")
    assert (found["prices"]["region"], found["usd_a_month"]) == ("us-east-1", 21.9)
    words = " ".join(scanned(tmp_path, endpoint("a", "ssm"), region="ap-southeast-2").split())
    assert "The prices of us-east-1 stand for those of ap-southeast-2." in words


def test_many_vpcs_are_folded(tmp_path: Path) -> None:
    code = "".join(
        f'resource "aws_vpc" "v{n}" {{\n  cidr_block = "10.0.0.0/16"\n}}\n'
        + endpoint(f"e{n}", "ssm", '["subnet-0123456789abcdef0"]').replace("aws_vpc.main", f"aws_vpc.v{n}")
        for n in range(25)
    )
    assert "5 VPCs more (--verbose lists them)" in scanned(tmp_path, code)
    assert "VPCs more" not in scanned(tmp_path, code, "--verbose")


def test_without_the_option_nothing_is_reckoned(tmp_path: Path) -> None:
    scanned(tmp_path, endpoint("a", "ssm"))
    assert "costs" not in json.loads(cli("scan", ".", "--format", "json", cwd=tmp_path).out)
    assert "USD" not in cli("scan", ".", cwd=tmp_path).out


def test_regions_without_prices_and_unknown_ones_are_told_apart(tmp_path: Path) -> None:
    open_region = 'provider "aws" {\n  alias = "x"\n}\nresource "aws_vpc" "x" {\n  provider = aws.x\n}\n'
    other = endpoint("x", "ssm", '["subnet-0123456789abcdef0"]').replace("aws_vpc.main", "aws_vpc.x")
    code = open_region + other.replace("{\n", "{\n  provider = aws.x\n", 1).replace("REGION", "${var.open}")
    words = " ".join(scanned(tmp_path, endpoint("a", "ssm") + code, region="ap-northeast-1").split())
    assert "stand for those of ap-northeast-1 and those of regions that are not known." in words


@pytest.mark.parametrize("format", ["html", "markdown"])
def test_formats_for_people_have_the_costs(tmp_path: Path, format: str) -> None:
    text = scanned(tmp_path, endpoint("a", "ssm") + endpoint("b", "ssm"), "--format", format)
    assert "Interface endpoints cost 48.18 USD a month." in text and "48.18 USD" in text and "wice: " in text
    assert "USD" not in cli("scan", ".", "--format", format, cwd=tmp_path).out


def test_formats_without_costs_are_said(tmp_path: Path) -> None:
    scanned(tmp_path, endpoint("a", "ssm"))
    done = cli("scan", ".", "--costs", "--format", "csv", "--format", "sarif=x.sarif", cwd=tmp_path)
    assert "vpce-checks: --costs adds nothing to csv, sarif: text, json, html, markdown show costs" in done.err
    assert "--costs" not in cli("scan", ".", "--costs", cwd=tmp_path).err
