"""Inputs of one shape in any size: what grows in a landing zone while everything else stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.inputs import REGIONS, SERVICES, write

LINEAR = 1.15
"""The exponent that CPU time may have at most. It is above 1 because tables in memory slow down as they grow."""


@dataclass(frozen=True)
class Shape:
    """An input that grows: ``make`` writes it below a directory in one of ``sizes``, which double.

    ``options`` are those of the scan. ``below`` is the exponent of CPU time over ``size`` that is still met.
    """

    title: str
    make: Callable[[Path, int], None]
    sizes: tuple[int, int, int, int]
    options: tuple[str, ...] = ()
    below: float = LINEAR


def _doubling(first: int) -> tuple[int, int, int, int]:
    return first, 2 * first, 4 * first, 8 * first


_PROVIDER = f'provider "aws" {{\n  region = "{REGIONS[0]}"\n}}\n'


def _root(directory: Path, *texts: str, policy: str | None = None) -> None:
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    write(directory / "main.tf", "\n".join((_PROVIDER, *texts)))
    if policy is not None:
        write(directory / ".vpce-checks.yaml", policy)


def _repeated(text: str, numbers: Iterable[int]) -> str:
    return "".join(text.replace("NUMBER", str(number)) for number in numbers)


_VPC = """
resource "aws_vpc" "vpc_NUMBER" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "vpc-NUMBER" }
}
"""

_S3_INTERFACE = """
resource "aws_vpc_endpoint" "s3_NUMBER" {
  vpc_id              = VPC
  service_name        = "com.amazonaws.eu-west-1.s3"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
"""

_SPOKES = """
resource "aws_vpc" "hub" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc" "spoke" {
  count                = %(spokes)d
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}

locals {
  services = toset([%(services)s])
  pairs = {
    for pair in setproduct(local.services, range(%(spokes)d)) :
    "${pair[0]}-${pair[1]}" => { service = pair[0], spoke = pair[1] }
  }
}

resource "aws_vpc_endpoint" "hub" {
  for_each          = local.services
  vpc_id            = aws_vpc.hub.id
  service_name      = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type = "Interface"
}

resource "aws_route53_zone" "service" {
  for_each = local.services
  name     = "${each.key}.eu-west-1.amazonaws.com"
  vpc {
    vpc_id = aws_vpc.hub.id
  }
}

resource "aws_route53_record" "service" {
  for_each = local.services
  zone_id  = aws_route53_zone.service[each.key].zone_id
  name     = "${each.key}.eu-west-1.amazonaws.com"
  type     = "A"
  alias {
    name                   = aws_vpc_endpoint.hub[each.key].dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.hub[each.key].dns_entry[0].hosted_zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_zone_association" "spoke" {
  for_each = local.pairs
  zone_id  = aws_route53_zone.service[each.value.service].zone_id
  vpc_id   = aws_vpc.spoke[each.value.spoke].id
}
"""

HUB_SERVICES = (
    *("ec2", "ssm", "ssmmessages", "ec2messages", "logs", "kms", "sts", "secretsmanager", "sns", "sqs", "monitoring"),
    *("events", "lambda", "glue", "athena", "states", "textract", "comprehend", "elasticloadbalancing"),
    *("autoscaling", "transfer", "cloudtrail", "cloudformation", "config", "datasync", "rds", "redshift"),
    *("ecs", "servicecatalog", "storagegateway", "polly", "translate", "eks"),
    *("elasticfilesystem", "xray", "codebuild", "codecommit", "codedeploy", "codepipeline", "inspector2"),
)
"""Services of which a hub has endpoints: as many as a large organisation shares. Clients ask for each by its own name alone, so
that each costs the same: the zones of the hub serve all of them."""


def hub(directory: Path, spokes: int, services: int) -> None:
    """A hub with an endpoint and a zone for each service, each zone associated with each spoke, which require them all."""
    names = HUB_SERVICES[:services]
    listed = ", ".join(f'"{name}"' for name in names)
    policy = f"version: 1\nrequired:\n  gateway: []\n  interface: [{', '.join(names)}]\n"
    _root(directory, _SPOKES % {"spokes": spokes, "services": listed}, policy=policy)


_EXPORT = """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
Outputs:
  VpcId:
    Value: !Ref Vpc
    Export:
      Name: network-NUMBER-vpc
"""

_IMPORT = """\
Resources:
  Logs:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      ServiceName: !Sub com.amazonaws.${AWS::Region}.logs
      VpcId: !ImportValue network-NUMBER-vpc
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
"""


def pairs_of_stacks(directory: Path, size: int) -> None:
    """Pairs of templates: one exports a VPC, the other imports it."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for number in range(size):
        write(directory / f"network-{number}.yaml", _repeated(_EXPORT, [number]))
        write(directory / f"endpoints-{number}.yaml", _repeated(_IMPORT, [number]))


def importers(directory: Path, size: int) -> None:
    """Templates that all import the VPC of one template."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    write(directory / "network.yaml", _repeated(_EXPORT, [0]))
    for number in range(size):
        write(directory / f"endpoints-{number}.yaml", _repeated(_IMPORT, [0]))


def open_names(directory: Path, size: int) -> None:
    """Templates that import and export by the name of a parameter that is not known: each may mean each."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    parameters = "Parameters:\n  Stage:\n    Type: String\n"
    for number in range(size):
        export = _repeated(_EXPORT, [number]).replace("Name: network", "Name: !Sub ${Stage}-network")
        importing = _repeated(_IMPORT, [number]).replace("network", "!Sub ${Stage}-network", 1)
        importing = importing.replace("!ImportValue !Sub", "\n        Fn::ImportValue: !Sub")
        write(directory / f"network-{number}.yaml", parameters + export)
        write(directory / f"endpoints-{number}.yaml", parameters + importing)


_ENDPOINT_UNIT = """\
terraform {
  source = "../../modules/endpoint"
}

dependency "network" {
  config_path = "../UNIT"
}

inputs = {
  vpc_id  = dependency.network.outputs.vpc_id
  service = "SERVICE"
}
"""


def _modules(directory: Path) -> None:
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    output = 'output "vpc_id" {\n  value = aws_vpc.vpc_0.id\n}\n'
    write(directory / "modules" / "network" / "main.tf", _PROVIDER + _repeated(_VPC, [0]) + output)
    write(
        directory / "modules" / "endpoint" / "main.tf",
        _PROVIDER
        + """
variable "vpc_id" {
  type = string
}

variable "service" {
  type = string
}

resource "aws_vpc_endpoint" "this" {
  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.eu-west-1.${var.service}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}

output "vpc_id" {
  value = var.vpc_id
}
""",
    )
    write(directory / "live" / "network" / "terragrunt.hcl", 'terraform {\n  source = "../../modules/network"\n}\n')


def units(directory: Path, size: int) -> None:
    """Terragrunt units that all add an endpoint to the VPC of one unit."""
    _modules(directory)
    for number in range(size):
        text = _ENDPOINT_UNIT.replace("UNIT", "network").replace("SERVICE", SERVICES[number % len(SERVICES)])
        write(directory / "live" / f"unit-{number}" / "terragrunt.hcl", text)


def chain_of_units(directory: Path, size: int) -> None:
    """Terragrunt units, each of which depends on the one before it."""
    _modules(directory)
    for number in range(size):
        before = f"unit-{number - 1}" if number else "network"
        text = _ENDPOINT_UNIT.replace("UNIT", before).replace("SERVICE", SERVICES[number % len(SERVICES)])
        write(directory / "live" / f"unit-{number}" / "terragrunt.hcl", text)


def looked_up_vpcs(directory: Path, size: int) -> None:
    """Roots with a VPC, and as many roots with an endpoint for whichever of these VPCs a look-up finds."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    endpoint = _S3_INTERFACE.replace("VPC", "data.aws_vpc.any.id")
    for number in range(size):
        write(directory / f"net-{number}" / "main.tf", _PROVIDER + _repeated(_VPC, (number,)))
        look_up = _PROVIDER + 'data "aws_vpc" "any" {}\n'
        write(directory / f"endpoint-{number}" / "main.tf", look_up + _repeated(endpoint, (number,)))


def unknown_vpcs(directory: Path, size: int) -> None:
    """VPCs, and as many endpoints of which nobody knows the VPC."""
    unknown = 'data "external" "vpcs" {\n  program = ["vpcs"]\n}\n'
    endpoint = _S3_INTERFACE.replace("VPC", 'element(split(",", data.external.vpcs.result.all), NUMBER)').replace(
        "s3", "logs"
    )
    _root(directory, unknown, _repeated(_VPC + endpoint, range(size)))


def external_vpcs(directory: Path, size: int) -> None:
    """VPCs of elsewhere, each with an interface endpoint."""
    look_up = 'data "aws_vpc" "vpc_NUMBER" {\n  tags = { Name = "vpc-NUMBER" }\n}\n'
    endpoint = _S3_INTERFACE.replace("VPC", "data.aws_vpc.vpc_NUMBER.id")
    _root(directory, _repeated(look_up + endpoint, range(size)))


def endpoints_of_one_vpc(directory: Path, size: int) -> None:
    """S3 interface endpoints of one VPC."""
    _root(directory, _repeated(_VPC, [0]), _repeated(_S3_INTERFACE.replace("VPC", "aws_vpc.vpc_0.id"), range(size)))


def route_tables(directory: Path, size: int) -> None:
    """A VPC with subnets, each with a route table, an association and two routes; one endpoint lists all tables."""
    counted = f"  count  = {size}\n  vpc_id = aws_vpc.vpc_0.id\n"
    _root(
        directory,
        _repeated(_VPC, [0]),
        f"""
resource "aws_subnet" "this" {{
{counted}  cidr_block = "10.0.0.0/24"
}}

resource "aws_route_table" "this" {{
{counted}}}

resource "aws_route_table_association" "this" {{
  count          = {size}
  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this[count.index].id
}}

resource "aws_nat_gateway" "this" {{
  allocation_id = "eipalloc-0"
  subnet_id     = aws_subnet.this[0].id
}}

resource "aws_route" "nat" {{
  count                  = {size}
  route_table_id         = aws_route_table.this[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id
}}

resource "aws_route" "transit" {{
  count                  = {size}
  route_table_id         = aws_route_table.this[count.index].id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = "tgw-0"
}}

resource "aws_vpc_endpoint" "s3" {{
  vpc_id          = aws_vpc.vpc_0.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = aws_route_table.this[*].id
}}

resource "aws_vpc_endpoint" "logs" {{
  vpc_id              = aws_vpc.vpc_0.id
  service_name        = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = aws_subnet.this[*].id
}}
""",
    )


def separate_routes(directory: Path, size: int) -> None:
    """Routes of one route table."""
    _root(
        directory,
        _repeated(_VPC, [0]),
        f"""
resource "aws_route_table" "this" {{
  vpc_id = aws_vpc.vpc_0.id
}}

resource "aws_subnet" "this" {{
  count      = {size}
  vpc_id     = aws_vpc.vpc_0.id
  cidr_block = "10.0.0.0/24"
}}

resource "aws_route_table_association" "this" {{
  count          = {size}
  subnet_id      = aws_subnet.this[count.index].id
  route_table_id = aws_route_table.this.id
}}

resource "aws_route" "this" {{
  count                  = {size}
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "10.${{count.index}}.0.0/16"
  transit_gateway_id     = "tgw-0"
}}

resource "aws_vpc_endpoint" "s3" {{
  vpc_id          = aws_vpc.vpc_0.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.this.id]
}}
""",
    )


def vpcs(directory: Path, size: int) -> None:
    """VPCs of one root."""
    _root(directory, _repeated(_VPC, range(size)))


_WHOLE_NETWORK = """
resource "aws_vpc" "vpc_NUMBER" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "subnet_NUMBER" {
  vpc_id     = aws_vpc.vpc_NUMBER.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_route_table" "table_NUMBER" {
  vpc_id = aws_vpc.vpc_NUMBER.id
}

resource "aws_route_table_association" "association_NUMBER" {
  subnet_id      = aws_subnet.subnet_NUMBER.id
  route_table_id = aws_route_table.table_NUMBER.id
}

resource "aws_security_group" "group_NUMBER" {
  vpc_id = aws_vpc.vpc_NUMBER.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.vpc_NUMBER.cidr_block]
  }
}

resource "aws_vpc_endpoint" "s3_NUMBER" {
  vpc_id          = aws_vpc.vpc_NUMBER.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.table_NUMBER.id]
}

resource "aws_vpc_endpoint" "logs_NUMBER" {
  vpc_id              = aws_vpc.vpc_NUMBER.id
  service_name        = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.subnet_NUMBER.id]
  security_group_ids  = [aws_security_group.group_NUMBER.id]
}
"""


def whole_networks(directory: Path, size: int) -> None:
    """VPCs of one root, each with a subnet, a route table, a security group and two endpoints."""
    _root(directory, _repeated(_WHOLE_NETWORK, range(size)))


def gateways_of_one_vpc(directory: Path, size: int) -> None:
    """Gateway endpoints for S3 in one VPC, each with a route table of its own."""
    table = 'resource "aws_route_table" "table_NUMBER" {\n  vpc_id = aws_vpc.vpc_0.id\n}\n'
    endpoint = _WHOLE_NETWORK[_WHOLE_NETWORK.index('resource "aws_vpc_endpoint" "s3') :].partition("\n\n")[0] + "\n"
    endpoint = endpoint.replace("aws_vpc.vpc_NUMBER", "aws_vpc.vpc_0")
    _root(directory, _repeated(_VPC, [0]), _repeated(table + endpoint, range(size)))


def vpcs_under_entries(directory: Path, size: int) -> None:
    """VPCs, and for each of them an entry of the policy's ``vpcs:``."""
    entry = '  - match: {address: "aws_vpc.vpc_NUMBER"}\n    interface: [logs]\n'
    policy = "version: 1\nvpcs:\n" + _repeated(entry, range(size))
    _root(directory, _repeated(_VPC, range(size)), policy=policy)


def vpcs_under_globs(directory: Path, size: int) -> None:
    """VPCs, and as many entries of the policy's ``vpcs:`` with wildcards."""
    entry = '  - match: {address: "*.vpc_NUMBER"}\n    interface: [logs]\n'
    policy = "version: 1\nvpcs:\n" + _repeated(entry, range(size))
    _root(directory, _repeated(_VPC, range(size)), policy=policy)


def ignored_vpcs(directory: Path, size: int) -> None:
    """VPCs, and for each of them an entry of the policy's ``ignore:``."""
    entry = '  - {rule: VPCE001, resource: "aws_vpc.vpc_NUMBER", reason: "known"}\n'
    _root(directory, _repeated(_VPC, range(size)), policy="version: 1\nignore:\n" + _repeated(entry, range(size)))


def ignoring_comments(directory: Path, size: int) -> None:
    """VPCs, each with a comment that ignores a finding."""
    text = _VPC.replace("{\n", "{\n  # vpce-checks:ignore VPCE001 known\n", 1)
    _root(directory, _repeated(text, range(size)))


def opaque_modules(directory: Path, size: int) -> None:
    """Calls of modules that are not there, each with an output of the one before it."""
    first = 'module "m_0" {\n  source = "git::https://git.example.com/m.git"\n  vpc_id = aws_vpc.vpc_0.id\n}\n'
    text = "".join(
        f"""
module "m_{number}" {{
  source = "git::https://git.example.com/m.git"
  input  = module.m_{number - 1}.output
}}
"""
        for number in range(1, size)
    )
    _root(directory, _repeated(_VPC, [0]), first, text)


def nested_stacks(directory: Path, size: int) -> None:
    """Stacks, each of which nests the next one; the last one creates a VPC."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for number in range(size):
        write(
            directory / f"stack-{number}.yaml",
            "Resources:\n  Next:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
            f"      TemplateURL: ./stack-{number + 1}.yaml\n",
        )
    write(directory / f"stack-{size}.yaml", _EXPORT.split("Outputs")[0])


def vpcs_that_may_exist(directory: Path, size: int) -> None:
    """VPCs of which nobody knows whether they exist, each with a table, an endpoint and a subnet."""
    _root(
        directory,
        'data "external" "wanted" {\n  program = ["wanted"]\n}\n',
        _repeated(
            """
resource "aws_vpc" "vpc_NUMBER" {
  for_each             = toset(keys(data.external.wanted.result))
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "subnet_NUMBER" {
  for_each   = aws_vpc.vpc_NUMBER
  vpc_id     = each.value.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_route_table" "table_NUMBER" {
  for_each = aws_vpc.vpc_NUMBER
  vpc_id   = each.value.id
}

resource "aws_vpc_endpoint" "s3_NUMBER" {
  for_each        = aws_vpc.vpc_NUMBER
  vpc_id          = each.value.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.table_NUMBER[each.key].id]
}
""",
            range(size),
        ),
    )


def listed_vpcs(directory: Path, size: int) -> None:
    """VPCs that an inventory lists, each with a subnet, a table and an endpoint. The code adds the same to each of them."""
    _root(
        directory,
        _repeated(
            """
resource "aws_subnet" "subnet_NUMBER" {
  vpc_id     = "vpc-NUMBER"
  cidr_block = "10.0.1.0/24"
}

resource "aws_vpc_endpoint" "s3_NUMBER" {
  vpc_id          = "vpc-NUMBER"
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = ["rtb-NUMBER"]
}
""",
            range(size),
        ),
        policy="version: 1\ninventory: [{file: inventory.json, region: eu-west-1}]\n",
    )
    here = [(str(number), f"vpc-{number}") for number in range(size)]
    listed = {
        "Vpcs": [{"VpcId": vpc, "CidrBlock": "10.0.0.0/16"} for _, vpc in here],
        "Subnets": [{"SubnetId": f"subnet-{n}", "VpcId": vpc, "CidrBlock": "10.0.0.0/24"} for n, vpc in here],
        "RouteTables": [
            {"RouteTableId": f"rtb-{n}", "VpcId": vpc, "Routes": [], "Associations": [{"SubnetId": f"subnet-{n}"}]}
            for n, vpc in here
        ],
        "VpcEndpoints": [
            {
                "VpcEndpointId": f"vpce-{n}",
                "VpcEndpointType": "Interface",
                "VpcId": vpc,
                "ServiceName": "com.amazonaws.eu-west-1.ssm",
                "SubnetIds": [f"subnet-{n}"],
                "RouteTableIds": [],
                "Groups": [],
                "PrivateDnsEnabled": False,
            }
            for n, vpc in here
        ],
    }
    write(directory / "inventory.json", json.dumps(listed, indent=1))


SHAPES = {
    "hub-spokes": Shape("spokes of a hub with 16 services", lambda at, size: hub(at, size, 16), _doubling(64)),
    "hub-services": Shape("services of a hub with 120 spokes", lambda at, size: hub(at, 120, size), _doubling(5)),
    "stack-pairs": Shape("pairs of templates that export and import", pairs_of_stacks, _doubling(32)),
    "importers": Shape("templates that import one export", importers, _doubling(32)),
    "open-names": Shape("pairs of templates with exports of unknown names", open_names, _doubling(8)),
    "units": Shape("Terragrunt units beside one VPC", units, _doubling(32)),
    "unit-chain": Shape("a chain of Terragrunt units", chain_of_units, _doubling(8)),
    "look-ups": Shape("endpoints for a VPC of any other root", looked_up_vpcs, _doubling(10), below=2.0),
    "unknown-vpcs": Shape("VPCs, and endpoints of unknown VPC", unknown_vpcs, _doubling(64)),
    "external-vpcs": Shape("endpoints of VPCs of elsewhere", external_vpcs, _doubling(64)),
    "s3-interfaces": Shape("S3 interface endpoints of one VPC", endpoints_of_one_vpc, _doubling(64)),
    "tables": Shape("subnets with a table and two routes each", route_tables, _doubling(256)),
    "routes": Shape("routes and subnets of one table", separate_routes, _doubling(256)),
    "networks": Shape("VPCs with subnet, table, group and endpoints", whole_networks, _doubling(64)),
    "gateways": Shape("gateway endpoints of one VPC", gateways_of_one_vpc, _doubling(64)),
    "text": Shape("VPCs of one root, text", vpcs, _doubling(256), ("--format", "text=/dev/null")),
    "markdown": Shape("VPCs of one root, Markdown", vpcs, _doubling(256), ("--format", "markdown=/dev/null")),
    "json": Shape("VPCs of one root, JSON", vpcs, _doubling(256), ("--format", "json=/dev/null")),
    "entries": Shape("VPCs, each with an entry of `vpcs:`", vpcs_under_entries, _doubling(64)),
    "globs": Shape("VPCs and as many wildcards in `vpcs:`", vpcs_under_globs, _doubling(64), below=2.0),
    "ignores": Shape("VPCs, each with an entry of `ignore:`", ignored_vpcs, _doubling(64)),
    "comments": Shape("VPCs, each with a comment that ignores", ignoring_comments, _doubling(64)),
    "opaque-chain": Shape("a chain of modules that are not there", opaque_modules, _doubling(256)),
    "nested-stacks": Shape("nested stacks, each in the one before it", nested_stacks, _doubling(4)),
    "inventory": Shape("VPCs that an inventory lists", listed_vpcs, _doubling(64)),
    "uncertain-vpcs": Shape("VPCs with unknown `for_each`", vpcs_that_may_exist, _doubling(40)),
}
