"""What is switched off calls nobody, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import NETWORK, TASK, report_on, verdicts

TASKS = TASK.partition('resource "aws_ecs_service"')[0]
PULL = {"ecr.api", "ecr.dkr", "s3"}
AGENT = {"ecs", "ecs-agent", "ecs-telemetry"}
VARIABLES = 'variable "off" {}\n'

TARGET = """\
  arn      = aws_ecs_cluster.main.arn
  role_arn = "arn:aws:iam::111122223333:role/x"
"""
NETWORK_OF_TASK = """\
    network_configuration {
      subnets         = [aws_subnet.inner.id]
      security_groups = [aws_security_group.task.id]
    }
"""
RULE = f"""\
resource "aws_cloudwatch_event_rule" "r" {{
  name                = "r"
  schedule_expression = "rate(1 hour)"
  SETTING
}}

resource "aws_cloudwatch_event_target" "t" {{
  rule = aws_cloudwatch_event_rule.r.name
{TARGET}  ecs_target {{
    task_definition_arn = aws_ecs_task_definition.app.arn
    launch_type         = "FARGATE"
{NETWORK_OF_TASK}  }}
}}
"""
SCHEDULE = f"""\
resource "aws_scheduler_schedule" "s" {{
  schedule_expression = "rate(1 hour)"
  SETTING
  target {{
{TARGET}    ecs_parameters {{
      task_definition_arn = aws_ecs_task_definition.app.arn
      launch_type         = "FARGATE"
{NETWORK_OF_TASK}    }}
  }}
}}
"""
KAFKA = """\
resource "aws_msk_cluster" "k" {
  cluster_name = "k"
  broker_node_group_info {
    client_subnets  = [aws_subnet.inner.id]
    security_groups = [aws_security_group.task.id]
  }
}
"""
READER = f"""\
{KAFKA}
resource "aws_lambda_event_source_mapping" "m" {{
  function_name    = "f"
  event_source_arn = aws_msk_cluster.k.arn
  topics           = ["t"]
  SETTING
}}
"""
PIPE = f"""\
{KAFKA}
resource "aws_pipes_pipe" "p" {{
  source   = aws_msk_cluster.k.arn
  role_arn = "arn:aws:iam::111122223333:role/x"
  SETTING
}}
"""
JOBS = """\
resource "aws_batch_compute_environment" "c" {
  type = "MANAGED"
  SETTING
  compute_resources {
    type               = "FARGATE"
    max_vcpus          = MOST
    subnets            = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}
"""
HOSTS = """\
resource "aws_launch_template" "l" {
  vpc_security_group_ids = [aws_security_group.task.id]
  user_data              = base64encode("#!/bin/bash\\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\\n")
}

resource "aws_autoscaling_group" "g" {
  min_size            = 0
  vpc_zone_identifier = [aws_subnet.inner.id]
  launch_template {
    id = aws_launch_template.l.id
  }
  SETTING
}
"""
FUNCTION = """\
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = "arn:aws:iam::111122223333:role/x"
  layers        = ["arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:2"]
  SETTING
  vpc_config {
    subnet_ids         = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}
"""

SETTINGS = {
    RULE: (PULL, ('state = "ENABLED"',), ('state = "DISABLED"', "is_enabled = false", "state = var.off")),
    SCHEDULE: (PULL, ('state = "ENABLED"',), ('state = "DISABLED"', "state = var.off")),
    READER: ({"lambda", "sts"}, ("enabled = true",), ("enabled = false", "enabled = var.off")),
    PIPE: ({"lambda", "sts", "pipes-data"}, ('desired_state = "RUNNING"',), ('desired_state = "STOPPED"',)),
    JOBS.replace("MOST", "4"): ({"logs"}, ('state = "ENABLED"',), ('state = "DISABLED"', "state = var.off")),
    JOBS.replace("MOST", "0"): (set(), (), ("",)),
    HOSTS: (AGENT, ("max_size = 2",), ("max_size = 0", "max_size = var.off")),
    FUNCTION: ({"logs"}, ("reserved_concurrent_executions = 5",), ("reserved_concurrent_executions = 0",)),
}
CASES = [
    (code.replace("SETTING", setting), expected)
    for code, (services, on, off) in SETTINGS.items()
    for setting, expected in [*((each, services) for each in ("", *on) if services), *((each, set()) for each in off)]
]


def failing(directory: Path, code: str, name: str = "main.tf") -> set[str]:
    """Return the services of the calls that fail in ``code``."""
    found = verdicts(report_on(directory, code, name=name), "VPCE017")
    return {str(service) for (_, _, service), status in found.items() if status == "fail"}


@pytest.mark.parametrize(("code", "services"), CASES)
def test_only_what_runs_calls(code: str, services: set[str], tmp_path: Path) -> None:
    assert failing(tmp_path, NETWORK + TASKS + VARIABLES + code) == services


def test_a_target_of_a_rule_that_is_not_known_says_nothing(tmp_path: Path) -> None:
    code = RULE.replace("SETTING", "").replace("rule = aws_cloudwatch_event_rule.r.name", "rule = var.off")
    assert failing(tmp_path, NETWORK + TASKS + VARIABLES + code) == set()


STACK = """\
Parameters: {Off: {Type: String}}
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16, EnableDnsHostnames: true}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.1.0/24}}
  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Net}}
  Crew: {Type: AWS::ECS::Cluster}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      ContainerDefinitions: [{Name: a, Image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/a:1"}]
  Brokers:
    Type: AWS::MSK::Cluster
    Properties: {ClusterName: k, BrokerNodeGroupInfo: {ClientSubnets: [!Ref Inner], SecurityGroups: [!Ref Guard]}}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        SecurityGroupIds: [!Ref Guard]
        UserData: {"Fn::Base64": !Sub "#!/bin/bash\\n/opt/aws/bin/cfn-init -s ${AWS::StackName} -r Hosts\\n"}
"""
PLACES = "{Subnets: [!Ref Inner], SecurityGroups: [!Ref Guard]}"
RULE_OF_STACK = f"""\
  Rule:
    Type: AWS::Events::Rule
    Properties:
      SETTING
      ScheduleExpression: rate(1 hour)
      Targets:
        - Arn: !GetAtt Crew.Arn
          Id: x
          EcsParameters:
            TaskDefinitionArn: !Ref Task
            HOW
            NetworkConfiguration: {{AwsVpcConfiguration: {PLACES}}}
"""
SCHEDULE_OF_STACK = f"""\
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      SETTING
      ScheduleExpression: rate(1 hour)
      Target:
        Arn: !GetAtt Crew.Arn
        EcsParameters:
          TaskDefinitionArn: !Ref Task
          HOW
          NetworkConfiguration: {{AwsvpcConfiguration: {PLACES}}}
"""
READER_OF_STACK = """\
  Reader:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      SETTING
      FunctionName: f
      EventSourceArn: !Ref Brokers
      Topics: [t]
"""
HOSTS_OF_STACK = """\
  Hosts:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "0"
      SETTING
      VPCZoneIdentifier: [!Ref Inner]
      LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: "1"}
"""
JOBS_OF_STACK = """\
  Jobs:
    Type: AWS::Batch::ComputeEnvironment
    Properties:
      SETTING
      Type: MANAGED
      ComputeResources: {Type: FARGATE, MaxvCpus: 4, Subnets: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}
"""
ON_FARGATE = "LaunchType: FARGATE"
STACKS = [
    (RULE_OF_STACK.replace("HOW", ON_FARGATE), PULL, "State: ENABLED", "State: DISABLED"),
    (RULE_OF_STACK.replace("HOW", ON_FARGATE), PULL, "State: ENABLED", "State: !Ref Off"),
    (SCHEDULE_OF_STACK.replace("HOW", ON_FARGATE), PULL, "State: ENABLED", "State: DISABLED"),
    (READER_OF_STACK, {"lambda", "sts"}, "Enabled: true", "Enabled: false"),
    (READER_OF_STACK, {"lambda", "sts"}, "Enabled: 'true'", "Enabled: 'false'"),
    (JOBS_OF_STACK, {"logs"}, "State: ENABLED", "State: DISABLED"),
    (HOSTS_OF_STACK, {"cloudformation"}, "MaxSize: '2'", "MaxSize: '0'"),
    (HOSTS_OF_STACK, {"cloudformation"}, "MaxSize: 2", "MaxSize: 0"),
]


@pytest.mark.parametrize(("code", "services", "on", "off"), STACKS)
def test_the_same_in_templates(code: str, services: set[str], on: str, off: str, tmp_path: Path) -> None:
    assert failing(tmp_path / "on", STACK + code.replace("SETTING", on), "template.yaml") == services
    assert failing(tmp_path / "off", STACK + code.replace("SETTING", off), "template.yaml") == set()


GATE = """\
  Gate: {Type: AWS::EC2::InternetGateway}
  Link: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Net, InternetGatewayId: !Ref Gate}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  Uses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Inner}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gate}}
"""


@pytest.mark.parametrize("code", [RULE_OF_STACK, SCHEDULE_OF_STACK])
@pytest.mark.parametrize(
    ("how", "inside"),
    [
        ("LaunchType: FARGATE", PULL),
        ("CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1}]", PULL),
        ("CapacityProviderStrategy: !Ref Off", set()),
    ],
)
def test_a_strategy_says_what_tasks_run_on(code: str, how: str, inside: set[str], tmp_path: Path) -> None:
    """A task on Fargate may ask for a public address, one on instances may not."""
    code = code.replace("SETTING", "State: ENABLED").replace("HOW", how)
    assert failing(tmp_path / "closed", STACK + code, "template.yaml") == inside
    public = code.replace("SecurityGroups: [!Ref Guard]", "SecurityGroups: [!Ref Guard], AssignPublicIp: ENABLED")
    assert failing(tmp_path / "public", STACK + GATE + public, "template.yaml") == set()


def test_a_service_without_a_cluster_runs_in_the_default_one(tmp_path: Path) -> None:
    service = TASK.replace("  cluster         = aws_ecs_cluster.main.id\n", "")
    assert failing(tmp_path / "a", NETWORK + service) == PULL
    assert failing(tmp_path / "b", NETWORK + service.replace('  launch_type     = "FARGATE"\n', "")) == set()
