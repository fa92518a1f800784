"""Data sources that find an object of another root by its tags or its CIDR block, in either language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.estate.estates import NETWORK, PROVIDER, REMOTE, endpoint, remote_state, report, verdicts
from vpce_checks.model import network

TEMPLATE = """Parameters: {Stage: {Type: String}}
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      Tags: [{Key: Name, Value: core}, {Key: Stage, Value: !Sub "${Stage}-network"}, {Key: stage-id, Value: "7"}]
  Private:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.1.0/24
      Tags: [{Key: Name, Value: private}]
"""
TAGGED = NETWORK.replace('{ Name = "core" }', '{ Name = "core", Stage = "prod-network", stage-id = "7" }') + (
    'resource "aws_subnet" "private" {\n  vpc_id     = aws_vpc.core.id\n  cidr_block = "10.0.1.0/24"\n'
    '  tags       = { Name = "private" }\n}\n'
)
NETWORKS = {"net:aws_vpc.core": ("net/main.tf", TAGGED), "net/net.yaml:Vpc": ("net/net.yaml", TEMPLATE)}


def _filter(name: str, *values: str) -> str:
    listed = ", ".join(f'"{value}"' for value in values)
    return f'filter {{\n    name   = "{name}"\n    values = [{listed}]\n  }}'


@pytest.mark.parametrize("vpc", NETWORKS)
@pytest.mark.parametrize(
    ("search", "status"),
    [
        ('tags = { Name = "core" }', "unknown"),
        ('tags = { Name = "other" }', "fail"),
        ('tags = { Stage = "prod-network" }', "unknown"),
        ('tags = { Stage = "prod-other" }', "fail"),
        ('cidr_block = "10.0.0.0/16"', "unknown"),
        ('cidr_block = "10.9.0.0/16"', "fail"),
        (_filter("tag:Name", "co*"), "unknown"),
        (_filter("tag:Name", "web", "core"), "unknown"),
        (_filter("cidr", "10.0.0.0/16"), "unknown"),
        ('tags = { stage-id = "7" }', "unknown"),
        ('tags = { stage-id = "8" }', "fail"),
        (_filter("tag:Name", "core") + "\n  " + _filter("owner-id", "111122223333"), "unknown"),
        (_filter("vpc-id", "vpc-0123456789abcdef0"), "fail"),
        (_filter("tag-key", "Stage"), "unknown"),
        (_filter("tag-key", "Team", "Stage"), "unknown"),
        (_filter("tag-key", "Team"), "fail"),
        ("", "fail"),
        (_filter("is-default", "false"), "fail"),
        (_filter("dhcp-options-id", "dopt-0123456789abcdef0"), "fail"),
    ],
)
def test_a_vpc_that_another_root_finds(tmp_path: Path, vpc: str, search: str, status: str) -> None:
    path, code = NETWORKS[vpc]
    found = f'data "aws_vpc" "core" {{\n  {search}\n}}\n' + endpoint("data.aws_vpc.core.id")
    assert verdicts(report(tmp_path, {path: code, "ep/main.tf": found})) == {vpc: status}


def test_what_many_roots_find_is_named_once_for_each_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size, named = 5, []
    find = network._link_of_several
    monkeypatch.setattr(network, "_link_of_several", lambda value: named.append(value) or find(value))
    found = 'data "aws_vpc" "any" {\n  tags = { Name = "core" }\n}\n' + endpoint("data.aws_vpc.any.id")
    files = {f"{kind}{n}/main.tf": text for n in range(size) for kind, text in (("net", NETWORK), ("ep", found))}
    assert set(verdicts(report(tmp_path, files)).values()) == {"unknown"}
    assert len({id(value) for value in named}) == len(named)
    assert len(named) <= size * (size + 2)  # as each root with a VPC sees them, their own root, and the others


@pytest.mark.parametrize("own", ["", '  tags = { Team = "x" }\n'])
@pytest.mark.parametrize(("name", "status"), [("core", "unknown"), ("other", "fail")])
def test_a_tag_that_a_resource_of_its_own_gives(tmp_path: Path, own: str, name: str, status: str) -> None:
    tag = f'resource "aws_ec2_tag" "n" {{\n  resource_id = aws_vpc.core.id\n  key = "Name"\n  value = "{name}"\n}}\n'
    code = NETWORK.replace('  tags       = { Name = "core" }\n', own) + tag
    found = 'data "aws_vpc" "core" {\n  tags = { Name = "core" }\n}\n' + endpoint("data.aws_vpc.core.id")
    assert verdicts(report(tmp_path, {"net/main.tf": code, "ep/main.tf": found})) == {"net:aws_vpc.core": status}


@pytest.mark.parametrize("vpc", NETWORKS)
@pytest.mark.parametrize(("name", "status"), [("private", "unknown"), ("public", "fail")])
def test_the_vpc_of_a_subnet_that_another_root_finds(tmp_path: Path, vpc: str, name: str, status: str) -> None:
    path, code = NETWORKS[vpc]
    found = f'data "aws_subnet" "one" {{\n  tags = {{ Name = "{name}" }}\n}}\n' + endpoint("data.aws_subnet.one.vpc_id")
    assert verdicts(report(tmp_path, {path: code, "ep/main.tf": found})) == {vpc: status}


def test_a_template_in_another_region_is_not_found(tmp_path: Path) -> None:
    found = 'data "aws_vpc" "core" {\n  tags = { Name = "core" }\n}\n' + endpoint("data.aws_vpc.core.id")
    policy = "version: 1\nextends: [aws-baseline]\nroots:\n  net.yaml: {region: us-east-1}\n"
    files = {"net.yaml": TEMPLATE, "ep/main.tf": found, ".vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path, files)) == {"net.yaml:Vpc": "fail"}


@pytest.mark.parametrize("root", ["net", "ep"])
def test_one_of_several_subnets_that_are_found(tmp_path: Path, root: str) -> None:
    """In another root, and in the same one."""
    found = (
        'data "aws_subnets" "all" {\n  tags = { Name = "private" }\n}\n'
        'data "aws_subnet" "one" {\n  id = data.aws_subnets.all.ids[0]\n}\n'
    )
    code = found + endpoint("data.aws_subnet.one.vpc_id")
    files = {"net/main.tf": TAGGED, f"{root}/endpoint.tf": code.replace(PROVIDER, "") if root == "net" else code}
    assert verdicts(report(tmp_path, files)) == {"net:aws_vpc.core": "unknown"}


def test_a_name_that_further_tags_may_override(tmp_path: Path) -> None:
    net = 'variable "tags" {\n  type = map(string)\n}\n' + TAGGED.replace("{ Name", "merge({ Name", 1).replace(
        '"7" }', '"7" }, var.tags)', 1
    )
    for name, status in (("core", "unknown"), ("other", "fail")):
        found = f'data "aws_vpc" "core" {{\n  tags = {{ Name = "{name}" }}\n}}\n' + endpoint("data.aws_vpc.core.id")
        assert verdicts(report(tmp_path, {"net/main.tf": net, "ep/main.tf": found})) == {"net:aws_vpc.core": status}


@pytest.mark.parametrize("name", ["is-default", "isDefault"])
@pytest.mark.parametrize(
    ("type", "vpc"), [("aws_vpc", "data.aws_vpc.one.id"), ("aws_vpcs", "data.aws_vpcs.one.ids[0]")]
)
@pytest.mark.parametrize(("value", "status"), [("true", "fail"), ("false", "unknown")])
def test_the_default_vpc_by_a_filter(tmp_path: Path, name: str, type: str, vpc: str, value: str, status: str) -> None:
    code = f'data "{type}" "one" {{\n  {_filter(name, value)}\n}}\n' + endpoint(vpc).replace(PROVIDER, "")
    assert verdicts(report(tmp_path, {"net/main.tf": TAGGED + code})) == {"net:aws_vpc.core": status}


PRIVATE = (
    TAGGED
    + """
resource "aws_route_table" "found" {
  vpc_id = aws_vpc.core.id
  tags   = { Name = "found" }
}
resource "aws_route_table_association" "found" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.found.id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.core.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
"""
)
OUTER = 'data "aws_vpc" "core" {\n  tags = { Name = "core" }\n}\n'
OF_STATE = remote_state("local", path='"${path.module}/../net/terraform.tfstate"')
FOUND = 'tags = { Name = "found" }'
VPC_ID = "vpc_id = data.aws_vpc.core.id"
BY_VPC = _filter("vpc-id", "VPC").replace('"VPC"', "data.aws_vpc.core.id")
ONE, EACH = "data.aws_route_table.found.id", "tolist(data.aws_route_tables.found.ids)[0]"


@pytest.mark.parametrize(
    ("outer", "search", "table", "status"),
    [
        (OUTER, f"{VPC_ID}\n  {FOUND}", ONE, "unknown"),
        (OUTER, f"{VPC_ID}\n  {FOUND.replace('found', 'other')}", ONE, "fail"),
        (OUTER, f"{BY_VPC}\n  {_filter('tag:Name', 'fou*')}", ONE, "unknown"),
        (OUTER, VPC_ID, EACH, "unknown"),
        (OUTER, BY_VPC, EACH, "unknown"),
        (OF_STATE, f"vpc_id = {REMOTE}", EACH, "unknown"),
        (OF_STATE, f"vpc_id = {REMOTE}\n  {FOUND}", ONE, "unknown"),
        (
            f'{OUTER}data "aws_subnet" "one" {{\n  tags = {{ Name = "private" }}\n}}\n',
            "subnet_id = data.aws_subnet.one.id",
            ONE,
            "unknown",
        ),
        (OUTER.replace("core", "other"), f"{VPC_ID.replace('core', 'other')}\n  {FOUND}", ONE, "fail"),
        ("", f'vpc_id = "vpc-0123456789abcdef0"\n  {FOUND}', ONE, "fail"),
    ],
)
def test_a_route_table_that_another_root_finds_in_the_vpc(
    tmp_path: Path, outer: str, search: str, table: str, status: str
) -> None:
    """It adds a route to an internet gateway: then the table need not be one of the endpoint's."""
    data = f'data "{table.split(".")[1]}" "found" {{\n  {search}\n}}\n'
    route = (
        f'resource "aws_route" "out" {{\n  route_table_id = {table}\n  destination_cidr_block = "0.0.0.0/0"\n'
        '  gateway_id = "igw-0123456789abcdef0"\n}\n'
    )
    found = report(tmp_path, {"net/main.tf": PRIVATE, "hub/main.tf": PROVIDER + outer + data + route})
    assert verdicts(found, "VPCE007") == {"net:aws_vpc_endpoint.s3": status}


@pytest.mark.parametrize(
    ("outer", "search", "status"),
    [
        (OF_STATE, f"vpc_id = {REMOTE}", "pass"),
        (OF_STATE, _filter("vpc-id", "VPC").replace('"VPC"', REMOTE), "pass"),
        (OUTER, VPC_ID, "unknown"),
        (OF_STATE, f"vpc_id = {REMOTE}\n  {FOUND}", "unknown"),
        (OF_STATE, f"vpc_id = {REMOTE}\n  {_filter('association.main', 'true')}", "unknown"),
        (OF_STATE, f'vpc_id = {REMOTE}\n  filter {{\n    name = var.by\n    values = ["x"]\n  }}', "unknown"),
    ],
)
def test_all_route_tables_of_the_vpc_of_another_root(tmp_path: Path, outer: str, search: str, status: str) -> None:
    """The main one is among them, and each that the root creates."""
    vpc = REMOTE if outer == OF_STATE else "data.aws_vpc.core.id"
    code = f'{outer}variable "by" {{}}\ndata "aws_route_tables" "found" {{\n  {search}\n}}\n' + endpoint(vpc).replace(
        '["rtb-0123456789abcdef0"]', "data.aws_route_tables.found.ids"
    )
    maybe = 'variable "n" {}\nresource "aws_route_table" "some" {\n  count  = var.n\n  vpc_id = aws_vpc.core.id\n}\n'
    found = report(tmp_path, {"net/main.tf": TAGGED + maybe, "ep/main.tf": code})
    assert verdicts(found, "VPCE007") == {"ep:aws_vpc_endpoint.s3": status}


def test_all_route_tables_of_a_vpc_of_which_nobody_knows_how_many_there_are(tmp_path: Path) -> None:
    counted = TAGGED.replace('"aws_vpc" "core" {', '"aws_vpc" "core" {\n  count = var.n').replace(
        "core.id", "core[0].id"
    )
    code = f'{OF_STATE}data "aws_route_tables" "found" {{\n  vpc_id = {REMOTE}\n}}\n' + endpoint(REMOTE).replace(
        '["rtb-0123456789abcdef0"]', "data.aws_route_tables.found.ids"
    )
    found = report(tmp_path, {"net/main.tf": 'variable "n" {}\n' + counted, "ep/main.tf": code})
    assert verdicts(found, "VPCE007") == {"ep:aws_vpc_endpoint.s3": "pass"}


@pytest.mark.parametrize("ids", ["data.aws_subnets.found.ids", "toset(data.aws_subnets.found.ids)"])
@pytest.mark.parametrize(("name", "status"), [("priv*", "unknown"), ("public", "fail")])
def test_subnets_that_another_root_finds_in_the_vpc_and_attaches(
    tmp_path: Path, ids: str, name: str, status: str
) -> None:
    hub = f"""data "aws_subnets" "found" {{
  {BY_VPC}
  {_filter("tag:Name", name)}
}}
resource "aws_ec2_transit_gateway_vpc_attachment" "hub" {{
  transit_gateway_id = "tgw-0123456789abcdef0"
  vpc_id             = data.aws_vpc.core.id
  subnet_ids         = {ids}
}}
"""
    found = report(tmp_path, {"net/main.tf": PRIVATE, "hub/main.tf": PROVIDER + OUTER + hub})
    assert verdicts(found, "VPCE007") == {"net:aws_vpc_endpoint.s3": status}


EXEMPT = """version: 1
required: {gateway: [s3]}
vpcs:
  - match: {tags: {Env: sandbox}}
    exempt: {s3: because}
"""
TAG = 'resource "aws_ec2_tag" "t" {\n  resource_id = %s\n  key = "%s"\n  value = "sandbox"\n}\n'
UNIT = 'terraform {\n  source = "../../modules/%s"\n}\n'
UNITS = {
    "modules/net/main.tf": NETWORK,
    "modules/tag/main.tf": 'variable "id" {}\n' + TAG % ("var.id", "Env"),
    "live/net/terragrunt.hcl": UNIT % "net",
    "live/tag/terragrunt.hcl": UNIT % "tag"
    + 'dependency "net" {\n  config_path = "../net"\n}\ninputs = {\n  id = dependency.net.outputs.vpc_id\n}\n',
}
LOOKED_UP = 'data "aws_vpc" "core" {\n  tags = { Name = "core" }\n}\n'
EXPORTED = "Outputs: {Id: {Value: !Ref Vpc, Export: {Name: core-vpc}}}\n"
EXPORT = 'data "aws_cloudformation_export" "v" {\n  name = "core-vpc"\n}\n'


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"net/main.tf": NETWORK, "t/main.tf": LOOKED_UP + TAG % ("data.aws_vpc.core.id", "Env")}, "unknown"),
        ({"net/main.tf": NETWORK, "t/main.tf": LOOKED_UP + TAG % ("data.aws_vpc.core.id", "Team")}, "fail"),
        ({"net/main.tf": NETWORK, "t/main.tf": TAG % ('"vpc-0123456789abcdef0"', "Env")}, "fail"),
        (
            {
                "net.yaml": TEMPLATE + EXPORTED,
                "t/main.tf": PROVIDER + EXPORT + TAG % ("data.aws_cloudformation_export.v.value", "Env"),
            },
            "ignored",
        ),
        (UNITS, "ignored"),
        ({**UNITS, "t/main.tf": LOOKED_UP}, "ignored"),
    ],
)
def test_a_tag_that_another_root_puts_on_a_vpc(tmp_path: Path, files: dict[str, str], status: str) -> None:
    """``aws_ec2_tag``: the policy exempts what it is on."""
    found = report(tmp_path, {".vpce-checks.yaml": EXEMPT, **files})
    assert set(verdicts(found).values()) == {status}


STORING = 'module "p" {\n  source = "%s"\n  %s\n}\n'
PUBLISHED = "terraform-aws-modules/ssm-parameter/aws"


@pytest.mark.parametrize(
    ("source", "inputs", "status"),
    [
        (PUBLISHED, 'name = "/net/vpc-id"\n  value = aws_vpc.core.id', "unknown"),
        (PUBLISHED, 'name = "/other/vpc-id"\n  value = aws_vpc.core.id', "fail"),
        (PUBLISHED, 'name = "/net/vpc-id"\n  value = "vpc-0123456789abcdef0"', "fail"),
        (
            "cloudposse/ssm-parameter-store/aws",
            'parameter_write = [{ name = "/net/vpc-id", value = aws_vpc.core.id }]',
            "unknown",
        ),
        ("git::https://example.com/params.git", 'prefix = "/net"\n  of = { vpc-id = aws_vpc.core.id }', "unknown"),
        (
            "git::https://example.com/params.git",
            'for_each = { "/net/vpc-id" = aws_vpc.core.id }\n  key = each.key\n  value = each.value',
            "unknown",
        ),
    ],
)
def test_a_parameter_that_a_module_stores(tmp_path: Path, source: str, inputs: str, status: str) -> None:
    """The module is not there. Its name says that it stores parameters."""
    read = 'data "aws_ssm_parameter" "id" {\n  name = "/net/vpc-id"\n}\n'
    files = {
        "net/main.tf": NETWORK + STORING % (source, inputs),
        "ep/main.tf": read + endpoint("data.aws_ssm_parameter.id.value"),
    }
    assert verdicts(report(tmp_path, files)) == {"net:aws_vpc.core": status}


IN_VPC = (
    'resource "aws_subnet" "s" {\n  vpc_id = aws_vpc.core.id\n  cidr_block = "10.0.1.0/24"\n}\n'
    'resource "aws_lb" "l" {\n  name = "main"\n  subnets = [aws_subnet.s.id]\n}\n'
    'resource "aws_eks_cluster" "c" {\n  name = "main"\n  vpc_config {\n    subnet_ids = [aws_subnet.s.id]\n  }\n}\n'
    'resource "aws_nat_gateway" "n" {\n  subnet_id = aws_subnet.s.id\n  tags = { Name = "main" }\n}\n'
    'resource "aws_instance" "i" {\n  subnet_id = aws_subnet.s.id\n  tags = { Role = "bastion" }\n}\n'
)


@pytest.mark.parametrize("home", ["net", "ep"])
@pytest.mark.parametrize(
    ("type", "search", "attribute", "status"),
    [
        ("aws_lb", 'name = "main"', "vpc_id", "unknown"),
        ("aws_alb", 'name = "main"', "vpc_id", "unknown"),
        ("aws_lb", 'name = "other"', "vpc_id", "fail"),
        ("aws_lb", 'arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:x"', "vpc_id", "fail"),
        ("aws_eks_cluster", 'name = "main"', "vpc_config[0].vpc_id", "unknown"),
        ("aws_eks_cluster", 'name = "other"', "vpc_config[0].vpc_id", "fail"),
        ("aws_nat_gateway", 'tags = { Name = "main" }', "vpc_id", "unknown"),
        ("aws_nat_gateway", 'tags = { Name = "other" }', "vpc_id", "fail"),
        ("aws_nat_gateway", 'id = "nat-0123456789abcdef0"', "vpc_id", "fail"),
    ],
)
def test_the_vpc_of_something_that_a_look_up_finds(
    tmp_path: Path, home: str, type: str, search: str, attribute: str, status: str
) -> None:
    """In another root, and in the same one."""
    found = f'data "{type}" "x" {{\n  {search}\n}}\n' + endpoint(f"data.{type}.x.{attribute}")
    files = {
        "net/main.tf": NETWORK + IN_VPC,
        f"{home}/endpoint.tf": found.replace(PROVIDER, "") if home == "net" else found,
    }
    assert verdicts(report(tmp_path, files)) == {"net:aws_vpc.core": status}


def test_the_subnet_of_an_instance_that_a_look_up_finds(tmp_path: Path) -> None:
    found = (
        'data "aws_instance" "i" {\n  instance_tags = { Role = "bastion" }\n}\n'
        'data "aws_subnet" "s" {\n  id = data.aws_instance.i.subnet_id\n}\n'
    )
    files = {"net/main.tf": NETWORK + IN_VPC, "ep/main.tf": found + endpoint("data.aws_subnet.s.vpc_id")}
    assert verdicts(report(tmp_path, files)) == {"net:aws_vpc.core": "unknown"}


ADOPTED = f'{PROVIDER}resource "aws_default_vpc" "d" {{\n  tags = {{ Name = "default" }}\n}}\n'


@pytest.mark.parametrize(
    ("net", "found", "status"),
    [
        (ADOPTED, "default = true", "unknown"),
        (ADOPTED, _filter("is-default", "true"), "unknown"),
        (ADOPTED, 'tags = { Name = "default" }', "unknown"),
        (ADOPTED, 'tags = { Name = "other" }', "fail"),
        (ADOPTED.replace("eu-west-1", "us-east-1"), "default = true", "fail"),
        (NETWORK, "default = true", "fail"),
    ],
)
def test_the_default_vpc_that_another_root_adopts(tmp_path: Path, net: str, found: str, status: str) -> None:
    code = f'data "aws_vpc" "d" {{\n  {found}\n}}\n' + endpoint("data.aws_vpc.d.id")
    assert list(verdicts(report(tmp_path, {"net/main.tf": net, "ep/main.tf": code})).values()) == [status]


def test_the_default_vpc_of_a_default_subnet(tmp_path: Path) -> None:
    subnet = 'resource "aws_default_subnet" "s" {\n  availability_zone = "eu-west-1a"\n}\n'
    files = {"net/main.tf": ADOPTED, "ep/main.tf": subnet + endpoint("aws_default_subnet.s.vpc_id")}
    assert list(verdicts(report(tmp_path, files)).values()) == ["unknown"]


def test_the_default_vpc_is_none_of_a_template(tmp_path: Path) -> None:
    code = 'data "aws_vpc" "d" {\n  default = true\n}\n' + endpoint("data.aws_vpc.d.id")
    assert list(verdicts(report(tmp_path, {"net.yaml": TEMPLATE, "ep/main.tf": code})).values()) == ["fail"]


AWSCC = """provider "awscc" {
  region = "eu-west-1"
}
resource "awscc_ec2_vpc" "core" {
  cidr_block = "10.0.0.0/16"
  tags       = [{ key = "Name", value = "core" }]
}
resource "awscc_ec2_subnet" "s" {
  vpc_id     = awscc_ec2_vpc.core.vpc_id
  cidr_block = "10.0.1.0/24"
  tags       = [{ key = "Name", value = "private" }]
}
resource "awscc_ec2_vpc_endpoint" "kms" {
  vpc_id            = awscc_ec2_vpc.core.vpc_id
  service_name      = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type = "Interface"
  tags              = [{ key = "Name", value = "kms" }]
}
"""


@pytest.mark.parametrize(
    ("type", "search", "attribute", "status"),
    [
        ("aws_vpc", 'tags = { Name = "core" }', "id", "unknown"),
        ("aws_vpc", 'tags = { Name = "other" }', "id", "fail"),
        ("aws_vpc", 'cidr_block = "10.0.0.0/16"', "id", "unknown"),
        ("aws_subnet", 'tags = { Name = "private" }', "vpc_id", "unknown"),
        ("aws_vpc_endpoint", 'tags = { Name = "kms" }', "vpc_id", "unknown"),
        ("aws_vpc_endpoint", 'service_name = "com.amazonaws.eu-west-1.kms"', "vpc_id", "unknown"),
        ("aws_vpc_endpoint", 'service_name = "com.amazonaws.eu-west-1.sts"', "vpc_id", "fail"),
    ],
)
def test_what_the_other_provider_creates(tmp_path: Path, type: str, search: str, attribute: str, status: str) -> None:
    code = f'data "{type}" "x" {{\n  {search}\n}}\n' + endpoint(f"data.{type}.x.{attribute}")
    found = verdicts(report(tmp_path, {"net/main.tf": AWSCC, "ep/main.tf": code}))
    assert found == {"net:awscc_ec2_vpc.core": status}


@pytest.mark.parametrize(("name", "status"), [("s3", "unknown"), ("other", "fail")])
def test_an_endpoint_that_another_root_finds_and_associates(tmp_path: Path, name: str, status: str) -> None:
    own = endpoint("aws_vpc.core.id", 'tags = { Name = "s3" }').replace(PROVIDER, "")
    own = own.replace('  route_table_ids = ["rtb-0123456789abcdef0"]\n', "")
    found = f'{PROVIDER}data "aws_vpc_endpoint" "s3" {{\n  tags = {{ Name = "{name}" }}\n}}\n'
    table = (
        'resource "aws_vpc_endpoint_route_table_association" "a" {\n'
        '  vpc_endpoint_id = data.aws_vpc_endpoint.s3.id\n  route_table_id = "rtb-0123456789abcdef0"\n}\n'
    )
    files = {"net/main.tf": NETWORK + own, "tables/main.tf": found + table}
    statuses = {each["status"] for each in report(tmp_path, files)["results"] if each["rule"] == "VPCE007"}
    assert statuses == {status}


CLOSED = 'module "endpoints" {\n  source = "git::https://example.com/vpc-endpoints.git"\n  %s\n}\n'
STATE = remote_state("s3", bucket='"b"', key='"net"')
KEPT = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "net"\n  }\n}\n' + NETWORK
PUT = 'resource "aws_ssm_parameter" "id" {\n  name = "/net/id"\n  type = "String"\n  value = aws_vpc.core.id\n}\n'
CONTROL = (
    'resource "aws_cloudcontrolapi_resource" "e" {\n  type_name = "AWS::EC2::VPCEndpoint"\n'
    "  desired_state = jsonencode({ VpcId = %s })\n}\n"
)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (STATE + CLOSED % f"vpc_id = {REMOTE}", "unknown"),
        (STATE + CLOSED % f"config = jsonencode({{ vpc = {REMOTE} }})", "unknown"),
        (STATE + CLOSED % f"config = base64encode(jsonencode({{ vpc = {REMOTE} }}))", "unknown"),
        (STATE + CLOSED % f"config = yamlencode({{ vpc = {REMOTE} }})", "unknown"),
        (STATE + CLOSED % 'vpc_id = "vpc-0123456789abcdef0"', "fail"),
        (STATE + CONTROL % REMOTE, "unknown"),
        ('data "aws_vpc" "v" {\n  tags = { Name = "core" }\n}\n' + CLOSED % "vpc_id = data.aws_vpc.v.id", "unknown"),
        (CLOSED % 'vpc_name = "core"', "unknown"),
        (CLOSED % 'vpc = { filter = { Name = "core" } }', "unknown"),
        (CLOSED % 'vpc_name = "other"', "fail"),
        (CLOSED % 'parameter = "/net/id"', "unknown"),
        (CLOSED.replace("vpc-endpoints", "bucket").replace('"endpoints"', '"b"') % 'name = "core"', "fail"),
        (CLOSED.replace("vpc-endpoints", "bucket") % 'name = "core"', "unknown"),
        (CLOSED.replace("vpc-endpoints", "aws-privatelink").replace('"endpoints"', '"b"') % 'name = "core"', "unknown"),
    ],
)
def test_what_a_module_that_is_not_there_gets_of_another_root(tmp_path: Path, code: str, status: str) -> None:
    """The root of the module has no VPC and no endpoint that is known."""
    files = {"net/main.tf": KEPT + PUT, "ep/main.tf": PROVIDER + code}
    assert verdicts(report(tmp_path, files)) == {"net:aws_vpc.core": status}


PUBLISHED_VPC = (
    'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n  name = "core"\n'
    '  cidr = "10.0.0.0/16"\n  azs = ["eu-west-1a"]\n  private_subnets = ["10.0.1.0/24"]\n}\n'
)
LABELLED = (
    'module "vpc" {\n  source = "cloudposse/vpc/aws"\n  version = "2.1.0"\n  namespace = "eg"\n  name = "core"\n'
    '  ipv4_primary_cidr_block = "10.0.0.0/16"\n}\n'
)


@pytest.mark.parametrize("home", ["net", "ep"])
@pytest.mark.parametrize(
    ("module", "type", "search", "attribute", "status"),
    [
        (PUBLISHED_VPC, "aws_subnet", 'tags = { Name = "core-private-eu-west-1a" }', "vpc_id", "unknown"),
        (PUBLISHED_VPC, "aws_subnet", 'cidr_block = "10.0.9.0/24"', "vpc_id", "fail"),
        (PUBLISHED_VPC, "aws_vpc", 'tags = { Name = "other" }', "id", "fail"),
        (LABELLED, "aws_vpc", 'tags = { Name = "eg-core" }', "id", "unknown"),
        (LABELLED, "aws_vpc", 'cidr_block = "10.9.0.0/16"', "id", "fail"),
    ],
)
def test_tags_that_a_stub_leaves_out(
    tmp_path: Path, home: str, module: str, type: str, search: str, attribute: str, status: str
) -> None:
    """In another root, and in the same one."""
    found = f'data "{type}" "x" {{\n  {search}\n}}\n' + endpoint(f"data.{type}.x.{attribute}")
    files = {
        "net/main.tf": PROVIDER + module,
        f"{home}/endpoint.tf": found.replace(PROVIDER, "") if home == "net" else found,
    }
    assert list(verdicts(report(tmp_path, files)).values()) == [status]


@pytest.mark.parametrize(
    ("search", "status"),
    [
        ('tags = { Name = "kms" }', "unknown"),
        ('tags = { Name = "sts" }', "fail"),
        ('service_name = "com.amazonaws.eu-west-1.kms"', "unknown"),
        ('service_name = "com.amazonaws.eu-west-1.sts"', "fail"),
    ],
)
def test_an_endpoint_of_a_template_that_a_root_finds(tmp_path: Path, search: str, status: str) -> None:
    template = TEMPLATE + (
        "  Kms:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: !Ref Vpc\n"
        "      ServiceName: !Sub com.amazonaws.${AWS::Region}.kms\n      VpcEndpointType: Interface\n"
        "      Tags: [{Key: Name, Value: kms}]\n"
    )
    code = f'data "aws_vpc_endpoint" "x" {{\n  {search}\n}}\n' + endpoint("data.aws_vpc_endpoint.x.vpc_id")
    assert verdicts(report(tmp_path, {"net.yaml": template, "ep/main.tf": code})) == {"net.yaml:Vpc": status}
