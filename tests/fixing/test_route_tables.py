"""Gateway endpoints and route tables: what ``fix --write`` names is what the finding misses, and no verdict gets worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixing.repositories import fix, report_on, repository
from tests.fixing.test_law import hold
from vpce_checks.report.fixes.edits.edit import RefusedError
from vpce_checks.report.fixes.edits.id_lists import joined

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n\n'
VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n\n'
SUBNET = 'resource "aws_subnet" "%s" {\n  vpc_id     = %s\n  cidr_block = "10.0.1.0/24"\n}\n\n'
TABLE = (
    'resource "aws_route_table" "%(name)s" {\n  vpc_id = %(vpc)s\n}\n\n'
    'resource "aws_route_table_association" "%(name)s" {\n  subnet_id      = aws_subnet.%(name)s.id\n'
    "  route_table_id = aws_route_table.%(name)s.id\n}\n\n"
)
ENDPOINT = (
    'resource "aws_vpc_endpoint" "%s" {\n  vpc_id          = aws_vpc.main.id\n'
    '  service_name    = "com.amazonaws.eu-west-1.%s"\n  route_table_ids = %s\n}\n'
)
EACH = (
    'resource "aws_subnet" "p" {\n  for_each = toset(["1", "2"])\n  vpc_id   = aws_vpc.main.id\n}\n\n'
    'resource "aws_route_table" "p" {\n  for_each = toset(["1", "2"])\n  vpc_id   = aws_vpc.main.id\n}\n\n'
    'resource "aws_route_table_association" "p" {\n  for_each       = aws_route_table.p\n'
    "  subnet_id      = aws_subnet.p[each.key].id\n  route_table_id = each.value.id\n}\n\n"
)
ON_MAIN = PROVIDER + VPC + SUBNET % ("a", "aws_vpc.main.id")
OWN_TABLE = SUBNET % ("b", "aws_vpc.main.id") + TABLE % {"name": "b", "vpc": "aws_vpc.main.id"}


def both(tables: str) -> str:
    return ENDPOINT % ("s3", "s3", tables) + "\n" + ENDPOINT % ("dynamodb", "dynamodb", tables)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(ON_MAIN, "= [aws_vpc.main.main_route_table_id]\n", id="a new endpoint"),
        pytest.param(
            ON_MAIN + OWN_TABLE, "= [aws_route_table.b.id, aws_vpc.main.main_route_table_id]\n", id="beside a table"
        ),
        pytest.param(
            ON_MAIN + OWN_TABLE + both("[aws_route_table.b.id]"),
            "= [aws_route_table.b.id, aws_vpc.main.main_route_table_id]\n",
            id="a list without the main table",
        ),
        pytest.param(
            ON_MAIN + OWN_TABLE + both("[\n    aws_route_table.b.id, # own\n  ]"),
            "    aws_route_table.b.id, # own\n    aws_vpc.main.main_route_table_id,\n  ]\n",
            id="a list of several lines",
        ),
        pytest.param(ON_MAIN + both("[]"), "= [aws_vpc.main.main_route_table_id]\n", id="an empty list"),
        pytest.param(ON_MAIN + both("null"), "= [aws_vpc.main.main_route_table_id]\n", id="null"),
        pytest.param(
            PROVIDER + VPC + EACH + both('[aws_route_table.p["1"].id]'),
            "= values(aws_route_table.p)[*].id\n",
            id="one of a map",
        ),
        pytest.param(
            ON_MAIN + EACH + both('[aws_route_table.p["1"].id]'),
            "= concat([aws_vpc.main.main_route_table_id], values(aws_route_table.p)[*].id)\n",
            id="one of a map, and the main one",
        ),
        pytest.param(
            PROVIDER + VPC.replace("{\n", "{\n  count      = 1\n", 1) + SUBNET % ("a", "aws_vpc.main[0].id"),
            "= [aws_vpc.main[0].main_route_table_id]\n",
            id="a counted VPC",
        ),
    ],
)
def test_all_private_tables_are_named(code: str, expected: str, tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": code})
    assert hold(directory)
    assert report_on(directory)["summary"]["fail"] == 0
    assert (directory / "main.tf").read_text().count(expected) == 2


def test_a_main_table_that_nothing_uses_is_not_named(tmp_path: Path) -> None:
    code = PROVIDER + VPC + OWN_TABLE
    adopted = 'resource "aws_default_route_table" "main" {\n  default_route_table_id = aws_vpc.main.default_route_table_id\n}\n'
    for name, text in (("made", code), ("adopted", code + adopted)):
        directory = repository(tmp_path / name, {"main.tf": text})
        assert hold(directory)
        assert (directory / "main.tf").read_text().count("= [aws_route_table.b.id]\n") == 2


def test_a_table_that_the_code_there_cannot_name_is_left_to_a_person(tmp_path: Path) -> None:
    """The endpoint is beside the VPC, the table it misses in a module."""
    inner = 'variable "vpc" {}\n' + (SUBNET % ("b", "var.vpc") + TABLE % {"name": "b", "vpc": "var.vpc"})
    call = 'module "m" {\n  source = "./m"\n  vpc    = aws_vpc.main.id\n}\n'
    code = ON_MAIN + both("[aws_vpc.main.main_route_table_id]") + call
    directory = repository(tmp_path, {"main.tf": code, "m/main.tf": inner})
    assert not hold(directory)
    shown = {each["rule"]: each["fix"] for each in report_on(directory)["results"] if each["status"] == "fail"}
    assert shown == {"VPCE007": "associate the endpoint with every private route table of its VPC"}


MODULE = (
    'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n\n  cidr = "10.0.0.0/16"\n'
    '  azs  = ["eu-west-1a", "eu-west-1b"]\n%s}\n'
)
PRIVATE = '  private_subnets = ["10.0.1.0/24", "10.0.2.0/24"]\n'
INTRA = '  intra_subnets = ["10.0.3.0/24", "10.0.4.0/24"]\n'
DATABASE = '  database_subnets = ["10.0.5.0/24", "10.0.6.0/24"]\n'
IN_VPC = SUBNET % ("own", "module.vpc.vpc_id")


@pytest.mark.parametrize(
    ("inputs", "more", "expected"),
    [
        (PRIVATE, "", "module.vpc.private_route_table_ids"),
        (INTRA, "", "module.vpc.intra_route_table_ids"),
        (PRIVATE + INTRA, "", "concat(module.vpc.private_route_table_ids, module.vpc.intra_route_table_ids)"),
        (PRIVATE + DATABASE, "", "module.vpc.private_route_table_ids"),
        (
            PRIVATE + DATABASE + "  create_database_subnet_route_table = true\n",
            "",
            "concat(module.vpc.private_route_table_ids, module.vpc.database_route_table_ids)",
        ),
        (INTRA, IN_VPC, "concat([module.vpc.default_route_table_id], module.vpc.intra_route_table_ids)"),
        (
            INTRA,
            IN_VPC + TABLE % {"name": "own", "vpc": "module.vpc.vpc_id"},
            "concat([aws_route_table.own.id], module.vpc.intra_route_table_ids)",
        ),
    ],
)
def test_the_outputs_of_a_published_module_are_those_of_its_tables(
    inputs: str, more: str, expected: str, tmp_path: Path
) -> None:
    directory = repository(tmp_path, {"main.tf": PROVIDER + MODULE % inputs, "own.tf": more})
    fix(directory, "--write")
    assert (directory / "main.tf").read_text().count(f"  route_table_ids   = {expected}\n") == 2
    assert report_on(directory)["summary"]["fail"] == 0


def test_an_endpoint_beside_a_published_module_gets_the_outputs_that_it_misses(tmp_path: Path) -> None:
    endpoints = both("module.vpc.private_route_table_ids").replace("aws_vpc.main.id", "module.vpc.vpc_id")
    directory = repository(tmp_path, {"main.tf": PROVIDER + MODULE % (PRIVATE + INTRA) + endpoints})
    fix(directory, "--write")
    expected = "= concat(module.vpc.private_route_table_ids, module.vpc.intra_route_table_ids)\n"
    assert (directory / "main.tf").read_text().count(expected) == 2
    assert report_on(directory)["summary"]["fail"] == 0


TEMPLATE = (
    "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n"
    "  A:\n    Type: AWS::EC2::Subnet\n    Properties:\n      VpcId: !Ref Main\n      CidrBlock: 10.0.1.0/24\n"
)
GATEWAY = (
    "  S3:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: !Ref Main\n"
    "      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3\n"
)


@pytest.mark.parametrize(
    ("template", "shown", "left"),
    [
        (
            TEMPLATE,
            "RouteTableIds: [] # its subnets without a route table use the main one",
            "a person has to fill in a route table of",
        ),
        (TEMPLATE + GATEWAY, "a template cannot name the main one", "to do by hand: give the subnets that use"),
    ],
)
def test_a_template_cannot_name_the_main_table(template: str, shown: str, left: str, tmp_path: Path) -> None:
    directory = repository(tmp_path, {"t.yaml": template})
    assert not hold(directory)
    fixes = [each["fix"] for each in report_on(directory)["results"] if each["rule"] in ("VPCE001", "VPCE007")]
    assert all(shown in each for each in fixes if each)
    assert left in " ".join(fix(directory, "--rules", "VPCE001,VPCE007").out.split())


def test_a_table_of_a_gateway_gets_no_endpoint(tmp_path: Path) -> None:
    """AWS takes no route to a gateway endpoint in the table for what comes in by an internet gateway."""
    edge = (
        'resource "aws_internet_gateway" "it" {\n  vpc_id = aws_vpc.main.id\n}\n\n'
        'resource "aws_route_table" "edge" {\n  vpc_id = aws_vpc.main.id\n}\n\n'
        'resource "aws_route_table_association" "edge" {\n  gateway_id     = aws_internet_gateway.it.id\n'
        "  route_table_id = aws_route_table.edge.id\n}\n\n"
    )
    directory = repository(tmp_path, {"main.tf": PROVIDER + VPC + edge + OWN_TABLE})
    assert hold(directory)
    assert (directory / "main.tf").read_text().count("= [aws_route_table.b.id]\n") == 2


SEVERAL = (
    'locals {\n  vpcs = { a = "10.1.0.0/16", b = "10.2.0.0/16" }\n}\n\n'
    'resource "aws_vpc" "it" {\n  for_each   = local.vpcs\n  cidr_block = each.value\n}\n\n'
    'resource "aws_subnet" "p" {\n  for_each   = aws_vpc.it\n  vpc_id     = each.value.id\n  cidr_block = each.value.cidr_block\n}\n\n'
)
BY_KEY = (
    'resource "aws_route_table" "p" {\n  for_each = aws_vpc.it\n  vpc_id   = each.value.id\n}\n\n'
    'resource "aws_route_table_association" "p" {\n  for_each       = aws_subnet.p\n'
    "  subnet_id      = each.value.id\n  route_table_id = aws_route_table.p[each.key].id\n}\n\n"
)


@pytest.mark.parametrize(
    ("tables", "expected"),
    [(BY_KEY, "[aws_route_table.p[each.key].id]"), ("", "[each.value.main_route_table_id]")],
)
def test_each_vpc_of_a_block_gets_its_own_tables(tables: str, expected: str, tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": PROVIDER + SEVERAL + tables})
    assert hold(directory)
    assert report_on(directory)["summary"]["fail"] == 0
    text = (directory / "main.tf").read_text()
    assert text.count("  for_each          = aws_vpc.it\n  vpc_id            = each.value.id\n") == 2
    assert text.count(f"  route_table_ids   = {expected}\n") == 2


def test_tables_with_other_keys_are_named_one_by_one(tmp_path: Path) -> None:
    """A list of all of them would have tables of other VPCs, which AWS refuses."""
    tables = BY_KEY.replace(
        "for_each = aws_vpc.it\n", 'for_each = { for key, vpc in aws_vpc.it : "${key}-1" => vpc }\n'
    )
    tables = tables.replace("aws_route_table.p[each.key]", 'aws_route_table.p["${each.key}-1"]')
    directory = repository(tmp_path, {"main.tf": PROVIDER + SEVERAL + tables})
    shown = [each["fix"] for each in report_on(directory)["results"] if each["rule"] == "VPCE001"]
    assert [f'[aws_route_table.p["{key}-1"].id]' in fix for key, fix in zip("ab", shown, strict=True)] == [True, True]
    assert ['"s3_a"' in shown[0], '"s3_b"' in shown[1]] == [True, True]


def test_tables_of_two_vpcs_from_one_block_are_told_apart(tmp_path: Path) -> None:
    two = VPC + VPC.replace('"main"', '"other"')
    tables = (
        'resource "aws_route_table" "t" {\n'
        "  for_each = { main = aws_vpc.main.id, other = aws_vpc.other.id }\n  vpc_id   = each.value\n}\n"
    )
    directory = repository(tmp_path, {"main.tf": PROVIDER + two + tables})
    assert hold(directory)
    text = (directory / "main.tf").read_text()
    assert text.count('= [aws_route_table.t["main"].id]\n') == text.count('= [aws_route_table.t["other"].id]\n') == 2


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ("local.tables", "concat([aws_route_table.b.id, aws_vpc.main.main_route_table_id], local.tables)"),
        (
            "concat(\n    local.tables,\n    [aws_route_table.b.id],\n  )",
            "concat([aws_route_table.b.id, aws_vpc.main.main_route_table_id], local.tables)",
        ),
    ],
)
def test_what_a_computed_list_has_stays_in_it(present: str, expected: str, tmp_path: Path) -> None:
    public = (
        'resource "aws_internet_gateway" "it" {\n  vpc_id = aws_vpc.main.id\n}\n\n'
        'resource "aws_route_table" "public" {\n  vpc_id = aws_vpc.main.id\n\n'
        '  route {\n    cidr_block = "0.0.0.0/0"\n    gateway_id = aws_internet_gateway.it.id\n  }\n}\n\n'
    )
    tables = "locals {\n  tables = [aws_route_table.public.id]\n}\n\n"
    code = ON_MAIN + OWN_TABLE + public + tables + both(present)
    directory = repository(tmp_path, {"main.tf": code})
    shown = [each["fix"] for each in report_on(directory)["results"] if each["rule"] == "VPCE007"]
    assert all(expected in fix for fix in shown) and len(shown) == 2
    assert hold(directory)
    assert (directory / "main.tf").read_text().count(f"= {expected}\n") == 2


def test_a_set_is_not_put_into_a_list(tmp_path: Path) -> None:
    directory = repository(tmp_path, {"main.tf": ON_MAIN + OWN_TABLE + both("toset([aws_route_table.b.id])")})
    assert not hold(directory)
    (shown,) = {each["fix"] for each in report_on(directory)["results"] if each["rule"] == "VPCE007"}
    assert shown == "associate the endpoint with every private route table of its VPC"


def firewall_vpc(zones: str) -> str:
    """A VPC for inspection: its firewall's subnets, whose table leads to a transit gateway, and those of the attachment."""
    each = (
        'resource "aws_subnet" "%(name)s" {\n  for_each          = local.%(name)s\n  vpc_id            = aws_vpc.main.id\n'
        "  cidr_block        = each.value\n  availability_zone = each.key\n}\n\n"
        'resource "aws_route_table" "%(name)s" {\n  vpc_id = aws_vpc.main.id\n}\n\n'
        'resource "aws_route_table_association" "%(name)s" {\n  for_each       = local.%(name)s\n'
        "  subnet_id      = aws_subnet.%(name)s[each.key].id\n  route_table_id = aws_route_table.%(name)s.id\n}\n\n"
    )
    return (
        PROVIDER
        + VPC
        + 'data "aws_availability_zones" "all" {}\n\nresource "aws_ec2_transit_gateway" "main" {}\n\n'
        + f"locals {{\n  zones = {zones}\n"
        + '  out   = { for i, cidr in ["10.0.0.0/28", "10.0.0.16/28"] : local.zones[i] => cidr }\n'
        + '  in    = { for i, cidr in ["10.0.0.32/28", "10.0.0.48/28"] : local.zones[i] => cidr }\n}\n\n'
        + each % {"name": "out"}
        + each % {"name": "in"}
        + 'resource "aws_route" "out" {\n  route_table_id         = aws_route_table.out.id\n'
        '  destination_cidr_block = "0.0.0.0/0"\n  transit_gateway_id     = aws_ec2_transit_gateway.main.id\n}\n\n'
        'resource "aws_networkfirewall_firewall" "main" {\n  vpc_id = aws_vpc.main.id\n'
        '  subnet_mapping {\n    subnet_id = aws_subnet.out["eu-west-1a"].id\n  }\n'
        '  subnet_mapping {\n    subnet_id = aws_subnet.out["eu-west-1b"].id\n  }\n}\n\n'
        'resource "aws_ec2_transit_gateway_vpc_attachment" "in" {\n  transit_gateway_id = aws_ec2_transit_gateway.main.id\n'
        "  vpc_id             = aws_vpc.main.id\n  subnet_ids         = [for each in aws_subnet.in : each.id]\n}\n"
    )


FIREWALL_MODULE = (
    PROVIDER + VPC + SUBNET % ("guard", "aws_vpc.main.id") + TABLE % {"name": "guard", "vpc": "aws_vpc.main.id"}
) + (
    'module "firewall" {\n  source  = "terraform-aws-modules/network-firewall/aws"\n  version = "1.0.2"\n'
    "  vpc_id  = aws_vpc.main.id\n  subnet_mapping = { a = { subnet_id = aws_subnet.guard.id } }\n}\n\n"
    'resource "aws_route" "guard" {\n  route_table_id         = aws_route_table.guard.id\n'
    '  destination_cidr_block = "0.0.0.0/0"\n  transit_gateway_id     = "tgw-1"\n}\n\n'
)
SMALL = (SUBNET % ("t", "aws_vpc.main.id") + TABLE % {"name": "t", "vpc": "aws_vpc.main.id"}).replace("/24", "/28")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(firewall_vpc('["eu-west-1a", "eu-west-1b"]'), id="known zones"),
        pytest.param(firewall_vpc("data.aws_availability_zones.all.names"), id="zones from a data source"),
        pytest.param(FIREWALL_MODULE, id="a module of firewalls"),
        pytest.param(FIREWALL_MODULE + SMALL, id="a module of firewalls, and a small subnet"),
        pytest.param(
            PROVIDER + VPC + OWN_TABLE.replace('" "b"', '" "firewall"').replace(".b.", ".firewall."), id="a name"
        ),
    ],
)
def test_tables_of_firewalls_are_left_to_a_person(code: str, tmp_path: Path) -> None:
    """Gateway endpoints do not serve what a firewall passes on from other VPCs."""
    done = fix(repository(tmp_path, {"main.tf": code}), "--rules", "VPCE001")
    assert "this code shows only those of firewalls and attachments" in " ".join(done.out.split())
    assert "+++" not in done.out


def test_tables_of_callers_beside_a_firewall_are_named(tmp_path: Path) -> None:
    code = FIREWALL_MODULE + SMALL + OWN_TABLE
    done = fix(repository(tmp_path, {"main.tf": code}), "--rules", "VPCE001", "--write")
    assert "settled 1 failure" in done.out
    assert "route_table_ids   = [aws_route_table.b.id]\n" in (tmp_path / "main.tf").read_text()
    assert report_on(tmp_path)["summary"]["fail"] == 1  # DynamoDB


def test_concat_of_one_list_is_not_repeated_and_one_of_a_list_of_lists_is_left(tmp_path: Path) -> None:
    """Nothing may stand behind an argument with ``...``."""
    code = PROVIDER + VPC + EACH + ENDPOINT % ("s3", "s3", "concat(values(aws_route_table.p)[*].id)")
    done = fix(repository(tmp_path / "one", {"main.tf": code}), "--write")
    assert "settled 1 failure" in done.out
    assert "route_table_ids   = values(aws_route_table.p)[*].id\n" in (tmp_path / "one" / "main.tf").read_text()
    several = ON_MAIN + EACH + ENDPOINT % ("s3", "s3", "concat([values(aws_route_table.p)[*].id]...)")
    left = fix(repository(tmp_path / "several", {"main.tf": several}), "--rules", "VPCE007")
    assert "left 1 failure" in left.out
    with pytest.raises(RefusedError):
        joined("concat(local.lists...)", "[aws_route_table.p.id]")
