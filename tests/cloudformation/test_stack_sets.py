"""The templates that stack sets deploy, as they stand in the template that makes the set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import report_of, verdicts, write

WITH_S3 = """Parameters: {On: {Type: String, Default: 'no'}, V: {Type: String, Default: none}}
Conditions: {IsOn: !Equals [!Ref On, 'yes']}
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}
  S3: {Type: 'AWS::EC2::VPCEndpoint', Condition: IsOn, Properties: {VpcId: !Ref Vpc, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.s3'}}
Outputs: {V: {Value: !Ref Vpc, Export: {Name: core}}}
"""
ALONE = "Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}"
OF_SET = "a.yaml::Set/Vpc"
GROUP = "{DeploymentTargets: {Accounts: ['111122223333']}, Regions: [eu-west-1]OVERRIDES}"


def override(value: str) -> str:
    return GROUP.replace("OVERRIDES", f", ParameterOverrides: [{{ParameterKey: On, ParameterValue: {value}}}]")


def set_of(body: str, groups: str = GROUP, more: str = "", top: str = "") -> str:
    listed = f"    StackInstancesGroup: [{groups}]\n" if groups else ""
    properties = f"    StackSetName: net\n    PermissionModel: SELF_MANAGED\n{listed.replace('OVERRIDES', '')}{more}"
    return f"{top}Resources:\n Set:\n   Type: AWS::CloudFormation::StackSet\n   Properties:\n{properties}    TemplateBody: {body}\n"


def text(template: str) -> str:
    return json.dumps(template)


CHOSEN = "Parameters: {P: {Type: String, AllowedValues: [a, b]}}\nConditions: {C: !Equals [!Ref P, a]}\n"
GIVEN = GROUP.replace("OVERRIDES", ", ParameterOverrides: !If [C, [{ParameterKey: On, ParameterValue: 'no'}], []]")
ON = "    Parameters: [{ParameterKey: On, ParameterValue: 'yes'}]\n"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (set_of(text(WITH_S3)), "fail"),
        (set_of(text(WITH_S3), more=ON), "pass"),
        (set_of(text(WITH_S3), override("'yes'")), "pass"),
        (set_of(text(WITH_S3), override("'no'"), ON), "fail"),
        (set_of(text(WITH_S3), f"{override(chr(39) + 'no' + chr(39))}, {GROUP}", ON), "unknown"),
        (set_of(text(WITH_S3), override("!Ref On"), ON, "Parameters: {On: {Type: String}}\n"), "unknown"),
        (set_of(text(WITH_S3), override("!If [C, 'yes', 'no']"), ON, CHOSEN), "unknown"),
        (set_of(text(WITH_S3), f"!If [C, {GROUP}, {override('no')}]", ON, CHOSEN), "unknown"),
        (
            set_of(text(WITH_S3), "PLACE", ON, CHOSEN).replace(
                "[PLACE]", f"!If [C, [{GROUP.replace('OVERRIDES', '')}], []]"
            ),
            "unknown",
        ),
        (set_of(text(WITH_S3), GIVEN, ON, CHOSEN), "unknown"),
        (set_of(text(WITH_S3), ""), "unknown"),
        (set_of(text(ALONE), "!If [C, GROUP, GROUP]".replace("GROUP", GROUP), "", CHOSEN), "fail"),
        (set_of(text(ALONE), f"!If [C, {GROUP}, !Ref 'AWS::NoValue']", "", CHOSEN), "unknown"),
    ],
)
def test_the_template_of_a_stack_set(tmp_path: Path, template: str, expected: str) -> None:
    """It is deployed as its stacks say. Without one, it may not be."""
    found = report_of(write(tmp_path, {"a.yaml": template}))
    assert verdicts(found) == {OF_SET: expected}
    assert verdicts(found, "VPCE011") == {}


@pytest.mark.parametrize("body", ["!Ref Body", "!Sub '${Body}'", text("{"), text("Resources: []"), text("{{ x }}")])
def test_a_text_that_is_not_known_or_no_template(tmp_path: Path, body: str) -> None:
    found = report_of(write(tmp_path, {"a.yaml": set_of(body, top="Parameters: {Body: {Type: String}}\n")}))
    assert verdicts(found) == {}
    assert verdicts(found, "VPCE011") == ({"a.yaml::Set": "unknown"} if "x" in body or "Body" in body else {})


@pytest.mark.parametrize(
    ("groups", "region"),
    [(GROUP, "eu-west-1"), (f"{GROUP}, {GROUP.replace('eu-west-1', 'us-east-1')}", None), ("", None)],
)
def test_the_region_of_a_stack_set(tmp_path: Path, groups: str, region: str | None) -> None:
    (row,) = report_of(write(tmp_path, {"a.yaml": set_of(text(WITH_S3), groups)}), "--region", "eu-north-1")["vpcs"]
    assert row["region"] == region


def test_a_condition_of_the_set_is_not_chosen_for_its_template(tmp_path: Path) -> None:
    top = "Parameters: {On: {Type: String, AllowedValues: [a, b]}}\nConditions: {C: !Equals [!Ref On, a]}\n"
    template = set_of(text(WITH_S3), top=top).replace("   Properties:", "   Condition: C\n   Properties:")
    assert verdicts(report_of(write(tmp_path, {"a.yaml": template}))) == {OF_SET: "unknown"}


ENDPOINT = "{Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: ID, ServiceName: com.amazonaws.eu-west-1.s3}}"


def test_what_another_root_imports_of_a_stack_set(tmp_path: Path) -> None:
    """The set is in accounts that the code does not show, so that a join is possible only."""
    endpoint = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = data.aws_cloudformation_export.v.value\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    code = f'provider "aws" {{\n  region = "eu-west-1"\n}}\ndata "aws_cloudformation_export" "v" {{\n  name = "core"\n}}\n{endpoint}'
    found = report_of(write(tmp_path, {"a.yaml": set_of(text(WITH_S3)), "ep/main.tf": code}))
    assert verdicts(found) == {OF_SET: "unknown"}


def test_what_another_template_imports_of_a_stack_set(tmp_path: Path) -> None:
    endpoint = f"Resources: {{S3: {ENDPOINT.replace('ID', '!ImportValue core')}}}"
    found = report_of(write(tmp_path, {"a.yaml": set_of(text(WITH_S3)), "ep.yaml": endpoint}))
    assert verdicts(found) == {OF_SET: "unknown"}


def test_what_a_stack_set_imports(tmp_path: Path) -> None:
    body = text(f"Resources: {{S3: {ENDPOINT.replace('ID', '!ImportValue core')}}}")
    found = report_of(write(tmp_path, {"a.yaml": set_of(body), "net.yaml": WITH_S3}))
    assert verdicts(found) == {"net.yaml::Vpc": "unknown"}


def test_a_vpc_that_the_template_gets(tmp_path: Path) -> None:
    body = text(f"Parameters: {{V: {{Type: String}}}}\nResources: {{S3: {ENDPOINT.replace('ID', '!Ref V')}}}")
    own = " Own: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n"
    given = "    Parameters: [{ParameterKey: V, ParameterValue: !Ref Own}]\n"
    assert verdicts(report_of(write(tmp_path, {"a.yaml": set_of(body, more=given) + own}))) == {"a.yaml::Own": "pass"}


def test_a_change_is_for_the_text(tmp_path: Path) -> None:
    found = report_of(write(tmp_path, {"a.yaml": set_of(text(WITH_S3))}))
    assert verdicts(found) == {OF_SET: "fail"}
    (row,) = [each for each in found["results"] if each["rule"] == "VPCE001"]
    assert row["fix_in"] == {"action": "add to the template in", "file": "a.yaml"}
