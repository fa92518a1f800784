"""One configuration in Terraform and in CloudFormation gets the same verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.expectations import scan

RULES = ("VPCE001", "VPCE002", "VPCE004", "VPCE005", "VPCE006")


class Twins(NamedTuple):
    """``terraform`` and ``cloudformation`` describe the same. Logical IDs are the names of the Terraform resources.

    ``switch`` is given to both: as the variable ``create_vpc`` and as the parameter ``createvpc`` (None: neither has it).
    ``empty``: nothing is created, so nothing is judged.
    """

    terraform: str
    cloudformation: str
    switch: str | None = None
    empty: bool = False


VPC = 'resource "aws_vpc" "Main" {\n  cidr_block = "10.0.0.0/16"\n  enable_dns_hostnames = true\n}\n'
MAIN = "  Main: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}\n"
S3 = 'resource "aws_vpc_endpoint" "S3" {\n  %s\n  vpc_id = %s\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
S3_TOO = "  S3: {Type: 'AWS::EC2::VPCEndpoint', %sProperties: {VpcId: %s, ServiceName: com.amazonaws.eu-west-1.s3}}\n"
OPTIONAL_VPC = VPC.replace("{\n", "{\n  count = var.create_vpc ? 1 : 0\n", 1)
OPTIONAL_MAIN = MAIN.replace("Type:", "Condition: Create, Type:", 1)
SWITCH = 'variable "create_vpc" {\n  type = bool\n}\n'
PARAMETER = "Parameters: {createvpc: {Type: String, AllowedValues: ['true', 'false']}}\n"
CREATE = "Conditions: {Create: !Equals [!Ref createvpc, 'true']}\n"

TWINS = {
    "a VPC without endpoints": Twins(VPC, "Resources:\n" + MAIN),
    "a gateway endpoint": Twins(VPC + S3 % ("", "aws_vpc.Main.id"), "Resources:\n" + MAIN + S3_TOO % ("", "!Ref Main")),
    "a VPC elsewhere": Twins(S3 % ("", '"vpc-1"'), "Resources:\n" + S3_TOO % ("", "vpc-1")),
    "an endpoint of another VPC": Twins(
        VPC + S3 % ("", '"vpc-1"'),
        "Resources:\n" + MAIN + S3_TOO % ("", "vpc-1"),
    ),
    "a VPC that is not created": Twins(
        SWITCH + OPTIONAL_VPC, PARAMETER + CREATE + "Resources:\n" + OPTIONAL_MAIN, "false", empty=True
    ),
    "a VPC that is created": Twins(SWITCH + OPTIONAL_VPC, PARAMETER + CREATE + "Resources:\n" + OPTIONAL_MAIN, "true"),
    "nothing that is created": Twins(
        SWITCH + OPTIONAL_VPC + S3 % ("count = var.create_vpc ? 1 : 0", "aws_vpc.Main[0].id"),
        PARAMETER + CREATE + "Resources:\n" + OPTIONAL_MAIN + S3_TOO % ("Condition: Create, ", "!Ref Main"),
        "false",
        empty=True,
    ),
    "an endpoint that is not created": Twins(
        SWITCH + VPC + S3 % ("count = var.create_vpc ? 1 : 0", "aws_vpc.Main.id"),
        PARAMETER + CREATE + "Resources:\n" + MAIN + S3_TOO % ("Condition: Create, ", "!Ref Main"),
        "false",
    ),
    "all that is created": Twins(
        SWITCH + OPTIONAL_VPC + S3 % ("count = var.create_vpc ? 1 : 0", "aws_vpc.Main[0].id"),
        PARAMETER + CREATE + "Resources:\n" + OPTIONAL_MAIN + S3_TOO % ("Condition: Create, ", "!Ref Main"),
        "true",
    ),
    "an interface endpoint instead": Twins(
        VPC + S3 % ('vpc_endpoint_type = "Interface"', "aws_vpc.Main.id"),
        "Resources:\n" + MAIN + S3_TOO.replace("VpcId", "VpcEndpointType: Interface, VpcId") % ("", "!Ref Main"),
    ),
    "private DNS of an interface endpoint": Twins(
        VPC
        + S3.replace(".s3", ".kms")
        % ('vpc_endpoint_type = "Interface"\n  private_dns_enabled = var.create_vpc', "aws_vpc.Main.id")
        + SWITCH,
        PARAMETER
        + "Resources:\n"
        + MAIN
        + S3_TOO.replace(".s3", ".kms").replace(
            "VpcId", "VpcEndpointType: Interface, PrivateDnsEnabled: !Ref createvpc, VpcId"
        )
        % ("", "!Ref Main"),
        "false",
    ),
    "a type that the service does not have": Twins(
        VPC + S3.replace(".s3", ".kms") % ("", "aws_vpc.Main.id"),
        "Resources:\n" + MAIN + S3_TOO.replace(".s3", ".kms") % ("", "!Ref Main"),
    ),
    "a VPC by the subnet's attribute": Twins(
        VPC
        + 'resource "aws_subnet" "A" {\n  vpc_id = aws_vpc.Main.id\n  cidr_block = "10.0.0.0/24"\n}\n'
        + S3 % ("", "aws_subnet.A.vpc_id"),
        "Resources:\n"
        + MAIN
        + "  A: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}\n"
        + S3_TOO % ("", "!GetAtt A.VpcId"),
    ),
    "a VPC chosen by a switch": Twins(
        SWITCH + VPC + S3 % ("", 'var.create_vpc ? aws_vpc.Main.id : "vpc-1"'),
        PARAMETER + CREATE + "Resources:\n" + MAIN + S3_TOO % ("", "!If [Create, !Ref Main, vpc-1]"),
        "true",
    ),
}


def statuses(directory: Path, args: list[str]) -> dict[tuple[str, str], str]:
    """Return the verdicts by rule and by the name of the resource alone."""
    report: dict[str, Any] = scan(directory, tuple(args), {})[1]
    return {
        (item["rule"], item["resource"].rpartition(".")[2].removesuffix("[0]")): item["status"]
        for item in report["results"]
        if item["rule"] in RULES
    }


@pytest.mark.parametrize("name", TWINS)
def test_twins_get_the_same_verdicts(name: str, tmp_path: Path) -> None:
    twins = TWINS[name]
    (tmp_path / "t").mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "t" / "main.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\n' + twins.terraform)
    (tmp_path / "c" / "template.yaml").write_text(twins.cloudformation)
    variables, parameters = [], ["--region", "eu-west-1"]
    if twins.switch is not None:
        file = tmp_path / "parameters.json"
        file.write_text(json.dumps({"createvpc": twins.switch}))
        variables, parameters = ["--var", f"create_vpc={twins.switch}"], [*parameters, "--parameters", str(file)]
    in_terraform = statuses(tmp_path / "t", variables)
    assert in_terraform == statuses(tmp_path / "c", parameters)
    assert bool(in_terraform) is not twins.empty
