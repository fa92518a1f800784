"""Small repositories of several roots, and what a scan says of their VPCs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.expectations import scan

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'

NETWORK = (
    PROVIDER
    + """
resource "aws_vpc" "core" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "core" }
}
resource "aws_route_table" "private" {
  vpc_id = aws_vpc.core.id
}
output "vpc_id" {
  value = aws_vpc.core.id
}
output "tables" {
  value = [aws_route_table.private.id]
}
"""
)

REMOTE = "data.terraform_remote_state.net.outputs.vpc_id"


def endpoint(vpc: str = REMOTE, more: str = "") -> str:
    """The code of a gateway endpoint for S3 in a VPC."""
    return f"""{PROVIDER}
resource "aws_vpc_endpoint" "s3" {{
  {more}
  vpc_id          = {vpc}
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = ["rtb-0123456789abcdef0"]
}}
"""


def remote_state(backend: str, more: str = "", **config: str) -> str:
    """The code of a remote state; values of ``config`` are expressions."""
    settings = ", ".join(f"{name} = {value}" for name, value in config.items())
    return f"""
data "terraform_remote_state" "net" {{
  backend = "{backend}"
  config  = {{ {settings} }}
  {more}
}}
"""


def backend(type: str, **settings: str) -> str:
    """The code of a backend; values of ``settings`` are expressions."""
    lines = "\n".join(f"    {name} = {value}" for name, value in settings.items())
    return f'terraform {{\n  backend "{type}" {{\n{lines}\n  }}\n}}\n'


TEMPLATE = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"


def template_endpoint(vpc: str, id: str = "S3") -> str:
    """The resource of a template that is a gateway endpoint for S3."""
    return f"""  {id}:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: {vpc}
      ServiceName: com.amazonaws.eu-west-1.s3
      RouteTableIds: [rtb-1]
"""


def importer(vpc: str, head: str = "") -> str:
    """A template with an endpoint in a VPC."""
    return f"{head}Resources:\n{template_endpoint(vpc)}"


def export(name: str) -> str:
    """The output of a template that exports its VPC."""
    return f"Outputs: {{Vpc: {{Value: !Ref Vpc, Export: {{Name: {name}}}}}}}\n"


def report(directory: Path, files: Mapping[str, str], *args: str, path: str = ".") -> dict[str, Any]:
    """The report on a repository of these files."""
    (directory / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    _, found = scan(directory, args, {}, path)
    return found


def verdicts(found: Mapping[str, Any], rule: str = "VPCE001") -> dict[str, str]:
    """The status of each VPC by root and address: ``net:aws_vpc.core``."""
    return {f"{each['root']}:{each['resource']}": each["status"] for each in found["results"] if each["rule"] == rule}


def why(found: Mapping[str, Any], resource: str, rule: str = "VPCE001") -> list[str]:
    """The evidence of a result."""
    return next(each["why"] for each in found["results"] if each["rule"] == rule and each["resource"] == resource)
