"""The inputs, generated: alike in every run, and as large as asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SERVICES = ("ec2", "ssm", "ssmmessages", "ec2messages", "logs", "kms", "sts", "secretsmanager", "ecr.api", "ecr.dkr")
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2")

_NETWORK = """\
variable "name" {
  type = string
}

variable "cidr" {
  type    = string
  default = "10.%(second)d.0.0/16"
}

variable "zones" {
  type    = list(string)
  default = ["a", "b", "c"]
}

variable "services" {
  type = map(object({
    private_dns = optional(bool, true)
    tags        = optional(map(string), {})
  }))
  default = {}
}

variable "tags" {
  type    = map(string)
  default = {}
}

data "aws_region" "current" {}

locals {
  subnets = { for at, zone in var.zones : zone => cidrsubnet(var.cidr, 8, at) }
  tags    = merge({ Name = var.name, Module = "network-%(number)d" }, var.tags)
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = local.tags
}

resource "aws_subnet" "private" {
  for_each          = local.subnets
  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = "${data.aws_region.current.name}${each.key}"
  tags              = merge(local.tags, { Name = format("%%s-%%s", var.name, each.key) })
}

resource "aws_route_table" "private" {
  for_each = local.subnets
  vpc_id   = aws_vpc.this.id
  tags     = local.tags
}

resource "aws_route_table_association" "private" {
  for_each       = local.subnets
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_security_group" "endpoints" {
  name   = "${var.name}-endpoints"
  vpc_id = aws_vpc.this.id

  dynamic "ingress" {
    for_each = [443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = [var.cidr]
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.current.name}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
}

resource "aws_vpc_endpoint" "interface" {
  for_each            = var.services
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${data.aws_region.current.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = each.value.private_dns
  subnet_ids          = values(aws_subnet.private)[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = merge(local.tags, each.value.tags)
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "route_table_ids" {
  value = [for table in aws_route_table.private : table.id]
}
"""

_FILLER = """\
resource "aws_iam_role" "role_%(number)d" {
  name = "${local.prefix}-%(number)d"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  tags = merge(local.tags, { Role = "role-%(number)d" })
}

resource "aws_sqs_queue" "queue_%(number)d" {
  name                       = "${local.prefix}-queue-%(number)d"
  visibility_timeout_seconds = 30 + %(number)d
  tags                       = local.tags
}
"""

_ROOT = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "%(region)s"
}

locals {
  prefix = "%(name)s"
  tags   = { Owner = "team-%(number)d", Environment = "%(name)s" }
}
"""

_CALL = """
module "network_%(at)d" {
  source   = "%(source)s"
  name     = "${local.prefix}-%(at)d"
  services = { for service in [%(services)s] : service => { private_dns = service != "sts" } }
  tags     = local.tags
}

resource "aws_vpc_endpoint" "dynamodb_%(at)d" {
  vpc_id          = module.network_%(at)d.vpc_id
  service_name    = "com.amazonaws.%(region)s.dynamodb"
  route_table_ids = module.network_%(at)d.route_table_ids
}
"""


_SERVICE = """\
variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}

locals {
  prefix = "svc-${var.name}"
  tags   = merge(var.tags, { Service = var.name })
}

resource "aws_security_group" "service" {
  name   = local.prefix
  vpc_id = var.vpc_id
}

"""

_SERVICE_CALL = """
module "service_%(at)d" {
  source = "%(source)s"
  name   = "${local.prefix}-service-%(at)d"
  vpc_id = module.network_0.vpc_id
  tags   = local.tags
}
"""


def tiny_root(directory: Path) -> None:
    """A VPC with one endpoint: what a save in an editor scans."""
    write(
        directory / "main.tf",
        """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_vpc.main.main_route_table_id]
}
""",
    )


def root_of_many_modules(directory: Path, modules: int = 60) -> None:
    """One root that calls ``modules`` modules of its own."""
    text = _ROOT % {"region": REGIONS[0], "name": "many", "number": 0}
    for at in range(modules):
        write(directory / "modules" / f"network-{at}" / "main.tf", _NETWORK % {"second": at % 250, "number": at})
        text += _CALL % {
            "at": at,
            "source": f"./modules/network-{at}",
            "services": _some_services(at),
            "region": REGIONS[0],
        }
    write(directory / "main.tf", text)


def monorepo(directory: Path, roots: int, modules: int = 8) -> None:
    """``roots`` roots, each a network out of one of ``modules`` shared modules, and services out of others.

    As in a repository of teams, most of the code has no bearing on networks.
    """
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for at in range(modules):
        write(directory / "modules" / f"network-{at}" / "main.tf", _NETWORK % {"second": at, "number": at})
        write(directory / "modules" / f"service-{at}" / "main.tf", _SERVICE + _fillers(10))
    for number in range(roots):
        root = directory / "envs" / f"team-{number % 20:02}" / f"root-{number:04}"
        region = REGIONS[number % len(REGIONS)]
        shared = number % modules
        text = _ROOT % {"region": region, "name": f"root-{number}", "number": number}
        text += _CALL % {
            "at": 0,
            "source": f"../../../modules/network-{shared}",
            "services": _some_services(number),
            "region": region,
        }
        text += "".join(_SERVICE_CALL % {"at": at, "source": f"../../../modules/service-{shared}"} for at in range(2))
        write(root / "main.tf", text)
        write(root / "workloads.tf", _fillers(20))


_INPUTS = """\
variable "owner" {
  type    = string
  default = "team"
}

variable "retention" {
  type        = number
  default     = 30
  description = "Days that logs are kept."
}
"""

_BESIDE = {
    "variables.tf": _INPUTS,
    "outputs.tf": 'output "prefix" {\n  value = local.prefix\n}\n',
    "terraform.tfvars": 'owner = "team-1"\n',
    "README.md": "# A root\n\nIts owners are on call.\n",
    "dashboard.json": '{"widgets": [{"type": "metric", "x": 0, "y": 0}]}\n',
    "alarms.yaml": "alarms:\n  - name: errors\n    threshold: 1\n",
    "handler.py": "def handler(event, context):\n    return event\n",
    "deploy.sh": "#!/bin/sh\nexec terraform apply\n",
    ".terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.0.0"\n}\n',
}
"""What stands in each root beside its resources."""

_PLAIN_NETWORK = """
resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.%(region)s.s3"
  route_table_ids = [aws_vpc.main.main_route_table_id]
}
"""


def organisation(directory: Path, roots: int = 1500, modules: int = 8) -> Path:
    """A repository with 13 files a root. One root of three calls shared modules, one of ten has a network of its own.

    Returns the code of one root with a network.
    """
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for at in range(modules):
        write(directory / "modules" / f"network-{at}" / "main.tf", _NETWORK % {"second": at, "number": at})
        write(directory / "modules" / f"service-{at}" / "main.tf", _SERVICE + _fillers(10))
    for number in range(roots):
        root = directory / "envs" / f"team-{number % 20:02}" / f"root-{number:04}"
        region = REGIONS[number % len(REGIONS)]
        shared = number % modules
        text = _ROOT % {"region": region, "name": f"root-{number}", "number": number}
        if number % 3 == 0:
            source = f"../../../modules/network-{shared}"
            text += _CALL % {"at": 0, "source": source, "services": _some_services(number), "region": region}
            text += _SERVICE_CALL % {"at": 0, "source": f"../../../modules/service-{shared}"}
        elif number % 10 == 1:
            text += _PLAIN_NETWORK % {"region": region}
        write(root / "main.tf", text)
        for at, name in enumerate(("queues.tf", "roles.tf", "workers.tf")):
            write(root / name, _fillers(3, first=3 * at))
        for name, beside in _BESIDE.items():
            write(root / name, beside)
    return directory / "envs" / "team-01" / "root-0001" / "main.tf"


def _fillers(count: int, first: int = 0) -> str:
    return "\n".join(_FILLER % {"number": at} for at in range(first, first + count))


def _some_services(seed: int) -> str:
    chosen = [SERVICES[(seed * 3 + step) % len(SERVICES)] for step in range(5)]
    return ", ".join(f'"{service}"' for service in chosen)


def cdk_template(file: Path, size: int) -> None:
    """A template as CDK synthesises it: JSON of about ``size`` bytes, mostly of things other than networks."""
    resources: dict[str, Any] = {}
    written = 0
    number = 0
    while written < size:
        more = dict(_cdk_network(number) if number % 200 == 0 else _cdk_function(number))
        written += sum(len(json.dumps(body, indent=1)) + len(name) + 20 for name, body in more.items())
        resources.update(more)
        number += 1
    template = {
        "Parameters": {
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": "/cdk-bootstrap/hnb659fds/version",
            }
        },
        "Resources": resources,
    }
    write(file, json.dumps(template, indent=1))


def cdk_templates(directory: Path, count: int, size: int) -> None:
    """``count`` templates as CDK synthesises them, alike, of about ``size`` bytes each."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    cdk_template(directory / "app-00.template.json", size)
    text = (directory / "app-00.template.json").read_text(encoding="utf-8")
    for number in range(1, count):
        write(directory / f"app-{number:02}.template.json", text)


def data_files(directory: Path, count: int, size: int) -> None:
    """``count`` files of data, of about ``size`` bytes each, that have in them what templates have, and are none."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    row = '  {"id": %d, "kind": "AWS::EC2::VPC", "arn": "arn:aws:ec2:::vpc/%d", "tags": ["a", "b"], "at": {"x": %d}}'
    rows = ",\n".join(row % (at, at, at) for at in range(size // 105))
    for number in range(count):
        write(directory / f"findings-{number:02}.json", f'{{"Resources": [\n{rows}\n]}}\n')


def _cdk_network(number: int) -> Iterator[tuple[str, Any]]:
    vpc = f"Network{number}VPC8A1B2C3D"
    yield (
        vpc,
        {
            "Type": "AWS::EC2::VPC",
            "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True, "EnableDnsSupport": True},
            "Metadata": {"aws:cdk:path": f"App/Network{number}/VPC/Resource"},
        },
    )
    tables = []
    for at in range(2):
        table = f"Network{number}Subnet{at}RouteTable12345678"
        tables.append({"Ref": table})
        yield table, {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": vpc}}}
    for service in ("s3", "dynamodb"):
        name = {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, f".{service}"]]}
        yield (
            f"Network{number}{service}Endpoint",
            {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "ServiceName": name,
                    "VpcId": {"Ref": vpc},
                    "VpcEndpointType": "Gateway",
                    "RouteTableIds": tables,
                },
                "Metadata": {"aws:cdk:path": f"App/Network{number}/VPC/{service}/Resource"},
            },
        )


def _cdk_function(number: int) -> Iterator[tuple[str, Any]]:
    role = f"Handler{number}ServiceRoleA1B2C3D4"
    yield (
        role,
        {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [
                        {
                            "Action": "sts:AssumeRole",
                            "Effect": "Allow",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                        }
                    ],
                    "Version": "2012-10-17",
                },
                "ManagedPolicyArns": [
                    {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/Basic"]]}
                ],
            },
            "Metadata": {"aws:cdk:path": f"App/Handler{number}/ServiceRole/Resource"},
        },
    )
    yield (
        f"Handler{number}886CB40B",
        {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"S3Bucket": {"Fn::Sub": "cdk-assets-${AWS::AccountId}"}, "S3Key": f"{number:064x}.zip"},
                "Environment": {"Variables": {"TABLE": {"Ref": f"Table{number // 200 * 200}"}, "STAGE": "prod"}},
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": [role, "Arn"]},
                "Runtime": "python3.12",
            },
            "DependsOn": [role],
            "Metadata": {"aws:cdk:path": f"App/Handler{number}/Resource"},
        },
    )
    if number % 200 == 1:
        yield f"Table{number // 200 * 200}", {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": []}}


_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Network %(number)d
Parameters:
  Environment:
    Type: String
    AllowedValues: [dev, prod]
    Default: dev
Conditions:
  IsProd: !Equals [!Ref Environment, prod]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.%(second)d.0.0/16
      EnableDnsSupport: true
      EnableDnsHostnames: true
      Tags:
        - Key: Name
          Value: !Sub "network-${Environment}"
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [0, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]
  RouteTable:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      VpcId: !Ref Vpc
      RouteTableIds: [!Ref RouteTable]
  Logs:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsProd
    Properties:
      ServiceName: !Sub com.amazonaws.${AWS::Region}.logs
      VpcId: !Ref Vpc
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      SubnetIds: [!Ref Subnet]
"""


def small_templates(directory: Path, count: int = 300) -> None:
    """``count`` templates of a VPC each."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        write(directory / f"network-{number:03}.yaml", _TEMPLATE % {"number": number, "second": number % 250})


def plan(file: Path, size: int) -> None:
    """What ``terraform show -json`` prints of a plan, about ``size`` bytes long."""
    planned: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    configured: list[dict[str, Any]] = []
    written = 0
    number = 0
    while written < size:
        resources = list(_planned_network(number) if number % 500 == 0 else _planned_queue(number))
        for address, type, values, expressions in resources:
            name = address.split(".")[1]
            common = {"address": address, "mode": "managed", "type": type, "name": name}
            provider = "registry.terraform.io/hashicorp/aws"
            planned.append({**common, "provider_name": provider, "schema_version": 0, "values": values})
            unknown = {"id": True} | {name: True for name, value in expressions.items() if "references" in value}
            change = {"actions": ["create"], "before": None, "after": values, "after_unknown": unknown}
            changes.append({**common, "provider_name": provider, "change": change})
            configured.append({**common, "provider_config_key": "aws", "expressions": expressions})
            written += 2 * len(json.dumps(values)) + len(json.dumps(expressions)) + 500
        number += 1
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {
                "aws": {
                    "name": "aws",
                    "full_name": "registry.terraform.io/hashicorp/aws",
                    "expressions": {"region": {"constant_value": "eu-west-1"}},
                }
            },
            "root_module": {"resources": configured},
        },
    }
    write(file, json.dumps(document))


def plans(directory: Path, count: int, size: int) -> None:
    """``count`` plans, alike, of about ``size`` bytes each."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    plan(directory / "plan-000.json", size)
    text = (directory / "plan-000.json").read_text(encoding="utf-8")
    for number in range(1, count):
        write(directory / f"plan-{number:03}.json", text)


_Planned = tuple[str, str, dict[str, Any], dict[str, Any]]


def _planned_network(number: int) -> Iterator[_Planned]:
    vpc = f"aws_vpc.main_{number}"
    values: dict[str, Any] = {
        "cidr_block": "10.0.0.0/16",
        "enable_dns_support": True,
        "enable_dns_hostnames": True,
        "tags": {"Name": f"main-{number}"},
    }
    yield vpc, "aws_vpc", values, {"cidr_block": {"constant_value": "10.0.0.0/16"}}
    for service in ("s3", "dynamodb"):
        name = f"com.amazonaws.eu-west-1.{service}"
        yield (
            f"aws_vpc_endpoint.{service}_{number}",
            "aws_vpc_endpoint",
            {"service_name": name, "vpc_endpoint_type": "Gateway", "tags": None},
            {"service_name": {"constant_value": name}, "vpc_id": {"references": [f"{vpc}.id", vpc]}},
        )


def _planned_queue(number: int) -> Iterator[_Planned]:
    values = {
        "name": f"queue-{number}",
        "delay_seconds": 0,
        "fifo_queue": False,
        "max_message_size": 262144,
        "message_retention_seconds": 345600,
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*"}] * 3}),
        "tags": {"Name": f"queue-{number}", "Owner": f"team-{number % 17}"},
        "visibility_timeout_seconds": 30,
    }
    yield f"aws_sqs_queue.queue_{number}", "aws_sqs_queue", values, {"name": {"constant_value": f"queue-{number}"}}


def write(file: Path, text: str) -> None:
    """Write a file below a directory that may not be there yet. One that is the same stays as it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")


def size_of(path: Path) -> int:
    """Bytes of a file, or of every file below a directory."""
    if path.is_file():
        return path.stat().st_size
    return sum(
        os.path.getsize(os.path.join(place, name))
        for place, directories, names in os.walk(path)
        for name in names
        if ".git" not in place.split(os.sep)
    )
