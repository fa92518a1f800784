"""No report shows the value of a parameter with NoEcho, or what a plan marks sensitive; no verdict changes because of it.

See :mod:`tests.laws.test_sensitive`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.laws.test_sensitive import CANARY, FORMATS, everything, leaks, verdicts
from tests.terraform.configurations import write

VALUES: tuple[Any, ...] = (
    {"Ref": "Secret"},
    {"Fn::Sub": "${Secret}"},
    {"Fn::Sub": ["x${A}", {"A": {"Ref": "Secret"}}]},
    {"Fn::Join": ["-", ["x", {"Ref": "Secret"}]]},
    {"Fn::Base64": {"Ref": "Secret"}},
    {"Fn::Select": [0, {"Fn::Split": ["v", {"Ref": "Secret"}]}]},
    {"Fn::If": ["IsSecret", {"Ref": "Secret"}, "other"]},
    {"Fn::ImportValue": {"Ref": "Secret"}},
    {"Fn::ImportValue": {"Fn::Sub": "${Secret}-vpc"}},
    {"Fn::Sub": "{{resolve:ssm:/net/${Secret}}}"},
    {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:name}}"},
    {"Fn::FindInMap": ["Table", {"Ref": "Secret"}, "Name"]},
    {"Fn::FindInMap": [{"Ref": "Secret"}, "Name", "Name"]},
    {"Fn::GetAtt": ["Vpc", {"Ref": "Secret"}]},
    {"Fn::Join": [{"Ref": "Secret"}, {"Ref": "Open"}]},
    {"Fn::Split": [{"Ref": "Secret"}, {"Ref": "Open"}]},
    {"Fn::Sub": "${Secret}-${Open}"},
    {"Fn::ToJsonString": {"a": {"Ref": "Secret"}}},
)


def _vpc(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", **properties}}


def _endpoint(**properties: Any) -> dict[str, Any]:
    usual = {"VpcId": {"Ref": "Vpc"}, "ServiceName": "com.amazonaws.eu-west-1.s3"}
    return {"Type": "AWS::EC2::VPCEndpoint", "Properties": usual | properties}


def _placed(value: Any) -> dict[str, dict[str, Any]]:
    """Templates that have a value in every place, by name."""
    name = {"Fn::Join": ["", ["com.amazonaws.eu-west-1.", value]]}
    region = {"Fn::Join": ["", ["com.amazonaws.", value, ".s3"]]}
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": value, "VPCs": [{"VPCId": {"Ref": "Vpc"}}]}}
    record = {"HostedZoneId": {"Ref": "Zone"}, "Name": value, "Type": "A", "ResourceRecords": [value]}
    return {
        "service": {"It": _endpoint(ServiceName=value, VpcEndpointType="Interface")},
        "short": {"It": _endpoint(ServiceName=name, VpcEndpointType="Interface")},
        "region": {"It": _endpoint(ServiceName=region)},
        "vpc": {"It": _endpoint(VpcId=value)},
        "type": {"It": _endpoint(VpcEndpointType=value)},
        "dns": {
            "It": _endpoint(PrivateDnsEnabled=value, DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": value})
        },
        "tables": {"It": _endpoint(RouteTableIds=[value], ServiceRegion=value)},
        "tags": {"Other": _vpc(Tags=[{"Key": "Name", "Value": value}, {"Key": value, "Value": "x"}])},
        "custom": {"Custom": {"Type": "Custom::It", "Properties": {"ServiceToken": "arn", "Value": value}}},
        "nested": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": value}}},
        "zone": {"Zone": zone, "Record": {"Type": "AWS::Route53::RecordSet", "Properties": record}},
        "attributes": {"Other": _vpc(EnableDnsHostnames=value), "It": _endpoint(VpcId={"Ref": "Other"})},
    }


CONDITIONS: tuple[Any, ...] = (
    {"Fn::Equals": [{"Ref": "Secret"}, CANARY]},
    {"Fn::Equals": [{"Ref": "Open"}, {"Ref": "Secret"}]},
    {"Fn::Equals": [{"Fn::Sub": "${Open}x"}, {"Fn::Sub": "${Secret}x"}]},
    {"Fn::Equals": [{"Fn::Join": ["", [{"Ref": "Open"}, {"Ref": "Other"}]]}, {"Ref": "Secret"}]},
)


def template(resources: dict[str, Any], no_echo: bool, condition: Any = CONDITIONS[0]) -> dict[str, Any]:
    return {
        "Parameters": {
            "Secret": {"Type": "String", "NoEcho": no_echo},
            "Open": {"Type": "String"},
            "Other": {"Type": "String"},
        },
        "Mappings": {"Table": {"Key": {"Name": "x"}}},
        "Conditions": {"IsSecret": condition},
        "Resources": {"Vpc": _vpc(), **resources},
    }


def _scanned(directory: Path, made: dict[str, Any]) -> dict[str, str]:
    given = [{"ParameterKey": "Secret", "ParameterValue": CANARY}]
    files = {"template.json": json.dumps(made), "given/parameters.json": json.dumps(given), ".git/HEAD": ""}
    write(directory, files)
    return everything(directory, "--parameters", "given/parameters.json")


def _check(directory: Path, resources: dict[str, Any], condition: Any = CONDITIONS[0]) -> None:
    marked = _scanned(directory / "marked" / "root", template(resources, True, condition))
    found = {name: pieces for name, text in marked.items() if (pieces := leaks(text))}
    assert not found, "\n".join([*map(str, found.items()), *(marked[name] for name in found if "cache/" not in name)])
    plain = _scanned(directory / "plain" / "root", template(resources, False, condition))
    assert verdicts(marked["json"]) == verdicts(plain["json"])


PLACES = tuple(_placed(None))


@pytest.mark.parametrize("place", PLACES)
def test_a_parameter_is_not_shown(tmp_path: Path, place: str) -> None:
    _check(tmp_path, _placed(VALUES[PLACES.index(place) % 4])[place])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(VALUES)))
@pytest.mark.parametrize("place", PLACES)
def test_a_parameter_is_not_shown_in_any_form(tmp_path: Path, place: str, number: int) -> None:
    _check(tmp_path, _placed(VALUES[number])[place])


@pytest.mark.parametrize("number", range(len(CONDITIONS)))
def test_a_condition_does_not_tell_what_it_compares(tmp_path: Path, number: int) -> None:
    conditional = {**_endpoint(RouteTableIds=["rtb-1"]), "Condition": "IsSecret"}
    _check(tmp_path, {"It": conditional}, CONDITIONS[number] if number else {"Fn::Equals": [{"Ref": "Open"}, "a"]})


def test_a_loop_over_secrets(tmp_path: Path) -> None:
    body = {"Endpoint&{Name}": _endpoint(ServiceName={"Fn::Sub": "com.amazonaws.eu-west-1.${Name}"})}
    marked = _scanned(tmp_path / "root", template({"Fn::ForEach::All": ["Name", [{"Ref": "Secret"}], body]}, True))
    assert not {name: pieces for name, text in marked.items() if (pieces := leaks(text))}
    assert (
        "its collection is unknown before deployment, or is sensitive" in marked["json"]
    )  # its endpoints have names that are secrets


def plan(arguments: dict[str, Any], marks: dict[str, Any], variable: bool) -> dict[str, Any]:
    """A plan for a VPC and an endpoint with some arguments."""
    vpc = {"cidr_block": "10.0.0.0/16", "region": arguments.pop("vpc_region", "eu-west-1")}
    usual = {"service_name": "com.amazonaws.eu-west-1.s3", "region": "eu-west-1", "vpc_id": "vpc-0123456789abcdef0"}
    given = usual | arguments
    resources = [("aws_vpc", vpc, {}), ("aws_vpc_endpoint", given, marks)]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.0",
        "complete": True,
        "variables": {"secret": {"value": CANARY}},
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": f"{type}.it",
                        "mode": "managed",
                        "type": type,
                        "name": "it",
                        "values": values,
                        "sensitive_values": hidden,
                    }
                    for type, values, hidden in resources
                ]
            }
        },
        "resource_changes": [
            {
                "address": f"{type}.it",
                "mode": "managed",
                "type": type,
                "name": "it",
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": values,
                    "after_unknown": {"id": True},
                    "after_sensitive": hidden,
                },
            }
            for type, values, hidden in resources
        ],
        "configuration": {
            "root_module": {
                "variables": {"secret": {"sensitive": True} if variable else {}},
                "resources": [
                    {
                        "address": f"{type}.it",
                        "mode": "managed",
                        "type": type,
                        "name": "it",
                        "expressions": {name: {"references": ["var.secret"]} for name in values},
                    }
                    for type, values, _ in resources
                ],
            }
        },
    }


PLANNED: tuple[dict[str, Any], ...] = (
    {"service_name": CANARY, "vpc_endpoint_type": "Interface"},
    {"service_name": f"com.amazonaws.eu-west-1.{CANARY}"},
    {"service_name": f"com.amazonaws.{CANARY}.s3"},
    {"vpc_id": CANARY},
    {"vpc_endpoint_type": CANARY},
    {"region": CANARY},
    {"tags": {"Name": CANARY}},
    {"route_table_ids": [CANARY]},
)


@pytest.mark.parametrize("number", range(len(PLANNED)))
def test_what_a_plan_marks_is_not_shown(tmp_path: Path, number: int) -> None:
    arguments = PLANNED[number]
    marks = {name: {"Name": True} if name == "tags" else True for name in arguments}
    reports = {}
    for marked in (True, False):
        root = tmp_path / str(marked) / "root"
        made = plan(dict(arguments), marks if marked else {}, marked)
        write(root, {"plan.json": json.dumps(made), ".git/HEAD": ""})
        reports[marked] = everything(root)
    assert not {name: pieces for name, text in reports[True].items() if (pieces := leaks(text))}
    assert verdicts(reports[True]["json"]) == verdicts(reports[False]["json"])


def test_a_region_that_is_a_sensitive_variable(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, {"plan.json": json.dumps(plan({"vpc_region": CANARY}, {}, True)), ".git/HEAD": ""})
    assert not {name: pieces for name, text in everything(root).items() if (pieces := leaks(text))}


@pytest.mark.parametrize("name", FORMATS)
def test_what_nothing_marks_is_shown(tmp_path: Path, name: str) -> None:
    short = {"It": _endpoint(ServiceName={"Fn::Sub": "com.amazonaws.eu-west-1.${Secret}"}, VpcEndpointType="Interface")}
    assert leaks(_scanned(tmp_path / "root", template(short, False))[name])
