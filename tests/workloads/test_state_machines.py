"""Tasks of ECS that a state machine of Step Functions runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workloads.network import NETWORK, TASK, report_on, verdicts

RUN: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::ecs:runTask.sync",
    "Parameters": {
        "LaunchType": "FARGATE",
        "TaskDefinition": "<aws_ecs_task_definition.app.arn>",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": ["<aws_subnet.inner.id>"],
                "SecurityGroups": ["<aws_security_group.task.id>"],
            }
        },
    },
}
ALONE = TASK[: TASK.index('resource "aws_ecs_service"')]
FAILS = {"ecr.api", "ecr.dkr", "s3"}


def machine(*states: Any) -> dict[str, Any]:
    return {"StartAt": "S0", "States": {f"S{place}": state for place, state in enumerate(states)}}


def changed(**arguments: Any) -> dict[str, Any]:
    """A state with other parameters. None takes one away."""
    given = {key.replace("_PATH", ".$"): value for key, value in {**RUN["Parameters"], **arguments}.items()}
    return {**RUN, "Parameters": {key: value for key, value in given.items() if value is not None}}


def called(directory: Path, definition: dict[str, Any]) -> set[str | None]:
    text = json.dumps(definition).replace("<", "${").replace(">", "}")
    code = f'resource "aws_sfn_state_machine" "s" {{\n  role_arn   = "r"\n  definition = <<-JSON\n{text}\nJSON\n}}\n'
    found = verdicts(report_on(directory, NETWORK + ALONE + code), "VPCE017")
    assert all(resource == "aws_sfn_state_machine.s" for _, resource, _ in found)
    return {service for _, _, service in found}


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([RUN], FAILS),
        ([RUN, RUN], FAILS),
        ([{"Type": "Parallel", "Branches": [machine({"Type": "Pass"}), machine(RUN)]}], FAILS),
        ([{"Type": "Map", "ItemProcessor": machine(RUN)}], FAILS),
        ([{"Type": "Map", "Iterator": machine(RUN)}], FAILS),
        ([{**RUN, "Parameters": None, "Arguments": RUN["Parameters"]}], FAILS),
        ([{**RUN, "Resource": "arn:aws-cn:states:::ecs:runTask"}], FAILS),
        ([{**RUN, "Resource": "arn:aws:states:::batch:submitJob"}], set()),
        ([changed(LaunchType=None, LaunchType_PATH="$.type")], set()),
        ([changed(LaunchType="{% $type %}")], set()),
        ([changed(TaskDefinition="{% $task %}")], set()),
        ([changed(NetworkConfiguration=None, NetworkConfiguration_PATH="$.network")], set()),
        ([changed(NetworkConfiguration=None)], set()),
        ([{"Type": "Pass"}], set()),
    ],
)
def test_tasks_in_its_definition(states: list[Any], expected: set[str], tmp_path: Path) -> None:
    assert called(tmp_path, machine(*states)) == expected


def test_groups_and_addresses_that_are_known_at_run_time_are_doubts(tmp_path: Path) -> None:
    subnets = ["<aws_subnet.inner.id>"]
    unsure: tuple[dict[str, Any], ...] = (
        {"Subnets.$": "$.subnets"},
        {"Subnets": "{% $subnets %}"},
        {"Subnets": ["{% $subnet %}"]},
    )
    for network in unsure:
        assert called(tmp_path, machine(changed(NetworkConfiguration={"AwsvpcConfiguration": network}))) == set()
    certain = {"Subnets": subnets, "SecurityGroups.$": "$.groups"}
    assert called(tmp_path, machine(changed(NetworkConfiguration={"AwsvpcConfiguration": certain}))) == FAILS


TEMPLATE = """\
Resources:
  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.1.0/24}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      ContainerDefinitions: [{Name: a, Image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:1"}]
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/r
      DEFINITION
"""
OBJECT = """\
Definition: {StartAt: R, States: {R: {Type: Task, Resource: "arn:aws:states:::ecs:runTask", Parameters: {
        LaunchType: FARGATE, TaskDefinition: !Ref Task, NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Net]}}}}}}"""
TEXT = """\
DefinitionString: !Sub '{"States": {"R": {"Resource": "arn:${AWS::Partition}:states:::ecs:runTask", "Parameters": {
        "LaunchType": "FARGATE", "TaskDefinition": "${Task}", "NetworkConfiguration": {"AwsvpcConfiguration": {
        "Subnets": ["${Net}"]}}}}}}'"""
FILLED = """\
DefinitionString: '{"States": ${States}}'
      DefinitionSubstitutions: {States: !Ref Task}"""


@pytest.mark.parametrize(("definition", "expected"), [(OBJECT, FAILS), (TEXT, FAILS), (FILLED, set())])
def test_in_templates(definition: str, expected: set[str], tmp_path: Path) -> None:
    report = report_on(tmp_path, TEMPLATE.replace("DEFINITION", definition), name="t.yaml")
    assert {service for _, _, service in verdicts(report, "VPCE017")} == expected
    assert not [each for root in report["roots"] for each in root["diagnostics"]]
