"""What is mutated: the inputs of every fixture, and of the formats that no fixture holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.expectations import EXPECTED, all_runs

POLICY = ".vpce-checks.yaml"
DECLARES = (".tf", ".tf.json", ".tofu", ".tofu.json", ".hcl")
"""Files that declare variables, themselves or by the code that they take in."""
MAX_BYTES = 60_000
"""Larger files are left as they are: to read them again and again is all that the time would go into."""

_VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
_TEMPLATE = """\
Parameters:
  Network: {Type: Number, Default: 10, MinValue: 1, MaxValue: 200}
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Tables: {Type: CommaDelimitedList, Default: "a,b"}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTen: !Equals [!Ref Network, 10]
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: !Sub "${Network}.0.0.0/16"}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsProd
    Properties:
      VpcId: !Ref Main
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: !Ref Tables
"""

EXTRA: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "tf-json": (
        {
            "main.tf.json": """{
  "locals": {"services": ["ssm", "ec2"], "name": "${join(\\"-\\", [\\"a\\", \\"b\\"])}"},
  "variable": {"on": {"type": "bool", "default": true}},
  "resource": {
    "aws_vpc": {"main": {"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": true}},
    "aws_vpc_endpoint": {
      "s3": {"vpc_id": "${aws_vpc.main.id}", "service_name": "com.amazonaws.eu-west-1.s3", "route_table_ids": ["rtb-1"]},
      "each": {
        "for_each": "${toset(local.services)}", "vpc_id": "${aws_vpc.main.id}", "vpc_endpoint_type": "Interface",
        "service_name": "com.amazonaws.eu-west-1.${each.value}", "private_dns_enabled": "${var.on}"
      }
    }
  }
}
"""
        },
        (),
    ),
    "var-files": (
        {
            "main.tf": _VPC + 'variable "names" { type = list(string) }\nvariable "size" { type = number }\n'
            'resource "aws_vpc_endpoint" "e" {\n  for_each     = toset(var.names)\n  vpc_id       = aws_vpc.main.id\n'
            '  service_name = "com.amazonaws.eu-west-1.${each.key}"\n}\n',
            "values.tfvars": 'names = ["s3", "dynamodb"]\nsize = 3\n',
            "values.tfvars.json": '{"names": ["s3", "ssm"], "size": 12e3}\n',
        },
        ("--var-file", "values.tfvars", "--var-file", "values.tfvars.json"),
    ),
    "parameters-list": (
        {
            "stack.yaml": _TEMPLATE,
            "parameters.json": '[{"ParameterKey": "Stage", "ParameterValue": "prod"}, '
            '{"ParameterKey": "Network", "ParameterValue": "11"}]\n',
        },
        ("--parameters", "parameters.json"),
    ),
    "parameters-map": (
        {
            "stack.yaml": _TEMPLATE,
            "parameters.json": '{"Parameters": {"Stage": "prod", "Network": 12}, "Tags": {"a": "b"}}\n',
        },
        ("--parameters", "parameters.json"),
    ),
    "samconfig": (
        {
            "template.yaml": "Transform: AWS::Serverless-2016-10-31\n" + _TEMPLATE,
            "samconfig.toml": 'version = 0.1\n[default.deploy.parameters]\nstack_name = "a"\nregion = "eu-west-1"\n'
            'parameter_overrides = "Stage=\\"prod\\" Network=13 Tables=rtb-1,rtb-2"\n',
        },
        (),
    ),
    "baseline": (
        {
            "main.tf": _VPC,
            "baseline.json": '{"version": 1, "findings": [{"rule": "VPCE001", "status": "fail", "root": ".", '
            '"resource": "aws_vpc.main", "service": null}]}\n',
        },
        ("--baseline", "baseline.json"),
    ),
    "policy": (
        {
            "main.tf": _VPC,
            POLICY: "version: 1\nrequired:\n  gateway: [s3]\n  interface: [ssm, ec2]\nvpcs:\n"
            "  - match: {tags: {stage: prod}, address: aws_vpc.*}\n    interface: [kms]\n    exempt: {s3: none here}\n"
            "rules:\n  VPCE006: {severity: low}\nignore:\n"
            "  - {rule: VPCE001, resource: aws_vpc.main, reason: known, until: 2030-01-01}\n",
        },
        (),
    ),
    "installed": (
        {
            "main.tf": 'module "net" {\n  source = "a/b/aws"\n}\nmodule "far" {\n'
            '  source = "git::https://user:pw@example.com/x.git//net?ref=v1"\n}\n',
            ".terraform/modules/modules.json": '{"Modules": [{"Key": "", "Source": "", "Dir": "."}, '
            '{"Key": "net", "Source": "registry.terraform.io/a/b/aws", "Version": "1.0.0", "Dir": "net"}]}\n',
            ".terraform/environment": "prod",
            "net/main.tf": _VPC + 'output "ws" { value = terraform.workspace }\n',
        },
        (),
    ),
    "files": (
        {
            "main.tf": 'locals {\n  c = yamldecode(file("c.yaml"))\n  j = jsondecode(file("${path.module}/j.json"))\n'
            '  t = templatefile("t.tftpl", { n = local.j.names })\n}\nresource "aws_vpc" "main" {\n'
            '  for_each   = local.c.vpcs\n  cidr_block = each.value.cidr\n}\nresource "aws_vpc_endpoint" "e" {\n'
            '  for_each     = toset(split(",", trimspace(local.t)))\n  vpc_id       = aws_vpc.main["a"].id\n'
            '  service_name = format("com.amazonaws.%s.%s", local.c.region, each.value)\n}\n',
            "c.yaml": "region: eu-west-1\nvpcs:\n  a: {cidr: 10.0.0.0/16}\n  b: {cidr: 10.1.0.0/16}\n",
            "j.json": '{"names": ["s3", "dynamodb"]}\n',
            "t.tftpl": '%{ for x in n ~}\n${x}%{ if x != "dynamodb" },%{ endif }\n%{ endfor ~}\n',
        },
        (),
    ),
    "nested-urls": (
        {
            "root.yaml": "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
            "      TemplateURL: ./net.yaml\n      Parameters: {Stage: prod}\n  Ep:\n    Type: AWS::EC2::VPCEndpoint\n"
            "    Properties:\n      VpcId: !GetAtt Net.Outputs.Vpc\n      ServiceName: com.amazonaws.eu-west-1.s3\n",
            "net.yaml": _TEMPLATE + "Outputs:\n  Vpc: {Value: !Ref Main, Export: {Name: vpc}}\n",
        },
        (),
    ),
}


@dataclass(frozen=True)
class Seed:
    """Inputs as they should be: the files by their path, and how they are scanned."""

    name: str
    files: Mapping[str, bytes]
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def mutable(self) -> list[str]:
        """The files that are mutated."""
        return [path for path, data in self.files.items() if len(data) <= MAX_BYTES]

    def may_refuse(self, path: str) -> bool:
        """Whether a mistake in this file is a wrong use of the command line, which exits with 2 and no report."""
        if path.endswith(DECLARES) and any(arg.startswith("--var") for arg in self.args):
            return True  # no root may declare the variable any more
        if path.encode() in self.files.get(POLICY, b""):
            return True  # the policy names the file, such as an inventory
        return path.endswith(POLICY) or any(os.path.normpath(arg) == path for arg in self.args)


def _fixtures() -> Iterator[Seed]:
    for run in all_runs():
        files = {
            str(path.relative_to(run.fixture)): path.read_bytes()
            for path in sorted(run.fixture.rglob("*"))
            if path.is_file() and not path.is_symlink() and path.name != EXPECTED
        }
        yield Seed(run.id, files, run.args, run.env)


@cache
def seeds() -> tuple[Seed, ...]:
    """All of them, in a fixed order."""
    extra = (
        Seed(name, {path: text.encode() for path, text in files.items()}, args) for name, (files, args) in EXTRA.items()
    )
    return (*extra, *(seed for seed in _fixtures() if seed.mutable and not _leads_out(seed)))


def _leads_out(seed: Seed) -> bool:
    """Whether its arguments name files beside the folder, which a copy of it lacks."""
    return any(".." in Path(arg).parts for arg in seed.args)
