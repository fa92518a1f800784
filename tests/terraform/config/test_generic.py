"""What Terraform deploys by another language: what of it may be a part of a network?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workloads.network import report_on

CODE = """\
variable "kind" {}

resource "aws_vpc" "main" {
  cidr_block           = "10.70.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_security_group" "own" {
  vpc_id = aws_vpc.main.id
}
"""
POLICY = "version: 1\nrequired: {gateway: [s3], interface: []}\n"
OWN = "aws_vpc.main"


def made(type_name: str, given: str = "VpcId = aws_vpc.main.id") -> str:
    return (
        'resource "aws_cloudcontrolapi_resource" "x" {\n'
        f"  type_name     = {type_name}\n"
        f"  desired_state = jsonencode({{ {given} }})\n"
        "}\n"
    )


def statuses(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(each["rule"], each["resource"]): each["status"] for each in report["results"]}


@pytest.mark.parametrize(
    "type_name",
    [
        '"AWS::EC2::VPCEndpoint"',
        '"AWS::CloudFormation::Stack"',
        '"Acme::Net::Links::MODULE"',
        '"Acme::Net::X"',
        "var.kind",
    ],
)
def test_cloud_control_may_make_what_is_missing(tmp_path: Path, type_name: str) -> None:
    found = statuses(report_on(tmp_path, CODE + made(type_name), POLICY))
    assert found["VPCE011", "aws_cloudcontrolapi_resource.x"] == "unknown"
    assert found["VPCE001", OWN] == "unknown"


@pytest.mark.parametrize("type_name", ["AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::EC2::SecurityGroupIngress"])
def test_other_types_make_no_network(tmp_path: Path, type_name: str) -> None:
    found = statuses(report_on(tmp_path, CODE + made(f'"{type_name}"'), POLICY))
    assert ("VPCE011", "aws_cloudcontrolapi_resource.x") not in found
    assert found["VPCE001", OWN] == "fail"


def test_rules_of_a_group_may_come_from_cloud_control(tmp_path: Path) -> None:
    closed = """\
resource "aws_subnet" "inner" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.1.0/24"
}
resource "aws_vpc_endpoint" "sqs" {
  vpc_id             = aws_vpc.main.id
  service_name       = "com.amazonaws.eu-west-1.sqs"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [aws_subnet.inner.id]
  security_group_ids = [aws_security_group.own.id]
}
"""
    rule = made('"AWS::EC2::SecurityGroupIngress"', "GroupId = aws_security_group.own.id")
    at = ("VPCE013", "aws_vpc_endpoint.sqs")
    assert statuses(report_on(tmp_path / "a", CODE + closed))[at] == "fail"
    assert statuses(report_on(tmp_path / "b", CODE + closed + rule))[at] == "unknown"


def test_a_vpc_by_cloud_control_is_code_that_was_not_read(tmp_path: Path) -> None:
    report = report_on(tmp_path, made('"AWS::EC2::VPC"', 'CidrBlock = "10.0.0.0/16"'))
    (found,) = report["results"]
    assert found["rule"] == "VPCE011" and "AWS::EC2::VPC" in found["message"]


def test_overrides_of_a_stack_set_hand_on_the_vpc(tmp_path: Path) -> None:
    stacks = (
        'resource "aws_cloudformation_stack_set_instance" "x" {\n  stack_set_name = "links"\n'
        "  parameter_overrides = { Vpc = aws_vpc.main.id }\n}\n"
    )
    found = statuses(report_on(tmp_path, CODE + stacks, POLICY))
    assert found["VPCE001", OWN] == "unknown"


def test_cloud_control_in_a_plan(tmp_path: Path) -> None:
    rows: tuple[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]], ...] = (
        ("aws_vpc", "main", {"cidr_block": "10.70.0.0/16"}, {"id": True}, {}),
        (
            "aws_cloudcontrolapi_resource",
            "x",
            {"type_name": "AWS::EC2::VPCEndpoint"},
            {"desired_state": True},
            {"desired_state": {"references": ["aws_vpc.main.id", "aws_vpc.main"]}},
        ),
    )
    names = [{"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name} for kind, name, *_ in rows]
    values = [{**named, "values": row[2]} for named, row in zip(names, rows, strict=True)]
    changes = [
        {**named, "change": {"actions": ["create"], "before": None, "after": row[2], "after_unknown": row[3]}}
        for named, row in zip(names, rows, strict=True)
    ]
    code = [{**named, "expressions": row[4]} for named, row in zip(names, rows, strict=True)]
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.13.1",
        "planned_values": {"root_module": {"resources": values}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": code}},
    }
    found = statuses(report_on(tmp_path, json.dumps(plan), POLICY, "plan.json"))
    assert found["VPCE011", "aws_cloudcontrolapi_resource.x"] == "unknown"
    assert found["VPCE001", OWN] == "unknown"
