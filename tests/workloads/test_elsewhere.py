"""Calls that may go elsewhere: through a proxy, to another host, to another region; and calls that nothing proves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workloads.network import NAT, NETWORK, report_on, verdicts

REGISTRY = "111122223333.dkr.ecr.{}.amazonaws.com/app:1"
HERE = REGISTRY.format("eu-west-1")
PULL = {"ecr.api", "ecr.dkr", "s3"}

TASK = """\
resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([CONTAINER])
}

resource "aws_ecs_service" "app" {
  name            = "app"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.app.arn
  launch_type     = "FARGATE"
  network_configuration {
    subnets         = [aws_subnet.inner.id]
    security_groups = [aws_security_group.task.id]
  }
}

provider "aws" {
  alias  = "far"
  region = "us-east-1"
}

resource "aws_ecr_repository" "near" {
  name = "near"
}

resource "aws_ecr_repository" "far" {
  provider = aws.far
  name     = "far"
}

resource "aws_secretsmanager_secret" "far" {
  provider = aws.far
  name     = "far"
}

data "aws_region" "here" {}

variable "region" {
  type = string
}

variable "environment" {
  type = list(object({ name = string, value = string }))
}

variable "options" {
  type = map(string)
}
"""


def failing(directory: Path, code: str, name: str = "main.tf") -> set[str]:
    """Return the services of the calls that fail in ``code``."""
    found = verdicts(report_on(directory, code, name=name))
    return {str(service) for (_, _, service), status in found.items() if status == "fail"}


def container(**fields: object) -> str:
    return TASK.replace("CONTAINER", json.dumps({"name": "app", **fields}))


def logs(**options: str) -> str:
    return container(image="nginx", logConfiguration={"logDriver": "awslogs", "options": options})


CONTAINERS = {
    "an image of this region": (container(image=HERE), PULL),
    "an image of another region": (container(image=REGISTRY.format("us-east-1")), set()),
    "an image of the region of the provider": (
        container(image=REGISTRY.format("${data.aws_region.here.name}")),
        PULL,
    ),
    "an image of a region that is not known": (container(image=REGISTRY.format("${var.region}")), set()),
    "a repository of this region": (container(image="${aws_ecr_repository.near.repository_url}:1"), PULL),
    "a repository of another region": (container(image="${aws_ecr_repository.far.repository_url}:1"), set()),
    "logs to this region": (logs(**{"awslogs-region": "eu-west-1"}), {"logs"}),
    "logs to another region": (logs(**{"awslogs-region": "us-east-1"}), set()),
    "logs to a region that is not known": (logs(**{"awslogs-region": "${var.region}"}), set()),
    "logs to another host": (logs(**{"awslogs-endpoint": "https://logs.proxy.example.com"}), set()),
    "logs to an endpoint by its own name": (
        logs(**{"awslogs-endpoint": "https://vpce-1-a.logs.eu-west-1.vpce.amazonaws.com"}),
        set(),
    ),
    "logs to the default host": (logs(**{"awslogs-endpoint": "https://logs.eu-west-1.amazonaws.com"}), {"logs"}),
    "logs with options that are not known": (
        container(image="nginx", logConfiguration={"logDriver": "awslogs", "options": "${var.options}"}),
        set(),
    ),
    "a secret of another region": (
        container(image="nginx", secrets=[{"name": "A", "valueFrom": "${aws_secretsmanager_secret.far.arn}"}]),
        set(),
    ),
    "a parameter of another region": (
        container(
            image="nginx", secrets=[{"name": "A", "valueFrom": "arn:aws:ssm:us-east-1:111122223333:parameter/a"}]
        ),
        set(),
    ),
    "a parameter of this region": (
        container(
            image="nginx", secrets=[{"name": "A", "valueFrom": "arn:aws:ssm:eu-west-1:111122223333:parameter/a"}]
        ),
        {"ssm"},
    ),
    "a proxy in the environment": (
        container(image=HERE, environment=[{"name": "HTTPS_PROXY", "value": "http://p:1"}]),
        set(),
    ),
    "a proxy among the secrets": (
        container(image=HERE, secrets=[{"name": "https_proxy", "valueFrom": "proxy"}]),
        set(),
    ),
    "an environment that is not known": (container(image=HERE, environment="${var.environment}"), set()),
}


@pytest.mark.parametrize("case", CONTAINERS)
def test_what_a_container_calls_here(case: str, tmp_path: Path) -> None:
    code, services = CONTAINERS[case]
    assert failing(tmp_path, NETWORK + code) == services


def test_by_nat_no_gateway_endpoint_serves_another_region(tmp_path: Path) -> None:
    near, far = container(image=HERE), container(image=REGISTRY.format("us-east-1"))
    assert failing(tmp_path / "near", NETWORK + NAT + near) == {"s3"}
    assert failing(tmp_path / "far", NETWORK + NAT + far) == set()


def test_a_provider_without_a_region_has_one_for_all(tmp_path: Path) -> None:
    code = (NETWORK + container(image=REGISTRY.format("${data.aws_region.here.name}"))).replace(
        '  region = "eu-west-1"\n', "", 1
    )
    assert failing(tmp_path, code) == PULL


HOSTS = """\
resource "aws_launch_template" "host" {
  USER_DATA
}

resource "aws_eks_node_group" "nodes" {
  cluster_name    = "c"
  node_group_name = "n"
  node_role_arn   = "arn:aws:iam::111122223333:role/n"
  subnet_ids      = [aws_subnet.inner.id]
  launch_template {
    id      = TEMPLATE
    version = "1"
  }
}

resource "aws_autoscaling_group" "hosts" {
  vpc_zone_identifier = [aws_subnet.inner.id]
  launch_template {
    id = TEMPLATE
  }
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_capacity_provider" "hosts" {
  name = "hosts"
  auto_scaling_group_provider {
    auto_scaling_group_arn = aws_autoscaling_group.hosts.arn
  }
}

resource "aws_ecs_task_definition" "app" {
  family                = "app"
  container_definitions = jsonencode([{ name = "app", image = "nginx", logConfiguration = { logDriver = "awslogs" } }])
}

resource "aws_ecs_service" "app" {
  name            = "app"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.app.arn
  capacity_provider_strategy {
    capacity_provider = aws_ecs_capacity_provider.hosts.name
    weight            = 1
  }
}

resource "aws_batch_compute_environment" "jobs" {
  type = "MANAGED"
  compute_resources {
    type               = "EC2"
    subnets            = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
    launch_template {
      launch_template_id = TEMPLATE
    }
  }
}

variable "script" {
  type = string
}

data "cloudinit_config" "host" {
  part {
    content = "x"
  }
}
"""

AGENT = {"ecs", "ecs-agent", "ecs-telemetry"}
ON_HOSTS = {"ec2", "ecr.api", "ecr.dkr", "s3", "logs", *AGENT}
OWN = "aws_launch_template.host.id"
SCRIPTS = {
    "no script": ("", OWN, ON_HOSTS),
    "a script without a proxy": (
        'user_data = base64encode("#!/bin/bash\\necho 1 ${aws_ecs_cluster.main.name}")',
        OWN,
        ON_HOSTS,
    ),
    "a variable in a line": ('user_data = base64encode("#!/bin/bash\\necho NAME=${var.script}")', OWN, ON_HOSTS),
    "a proxy for all": (
        'user_data = base64encode("echo HTTPS_PROXY=http://10.0.9.5:1 >> /etc/environment")',
        OWN,
        set(),
    ),
    "a proxy for the agent": ('user_data = base64encode("echo HTTP_PROXY=x >> /etc/ecs/ecs.config")', OWN, set()),
    "a proxy in a script with gaps": (
        'user_data = base64encode("NAME=${aws_ecs_cluster.main.name}\\nexport https_proxy=${var.script}")',
        OWN,
        set(),
    ),
    "a proxy of Bottlerocket": ('user_data = base64encode("[settings.network]\\nhttps-proxy = \\"p:1\\"")', OWN, set()),
    "a proxy of Docker": ('user_data = base64encode("{\\"httpsProxy\\": \\"http://p:1\\"}")', OWN, set()),
    "a script that is not known": ("user_data = var.script", OWN, set()),
    "lines that are not known": ('user_data = base64encode("#!/bin/bash\\n${jsondecode(var.script)}\\n")', OWN, set()),
    "a script of a data source": ("user_data = data.cloudinit_config.host.rendered", OWN, set()),
    "a template of others": ("", '"lt-0123456789abcdef0"', set()),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_what_hosts_call_without_a_proxy(case: str, tmp_path: Path) -> None:
    script, template, services = SCRIPTS[case]
    code = HOSTS.replace("USER_DATA", script).replace("TEMPLATE", template)
    assert failing(tmp_path, NETWORK + code) == services


@pytest.mark.parametrize(("second", "sure"), [("aws_ecs_capacity_provider.hosts.name", True), ("var.script", False)])
def test_tasks_may_run_on_hosts_that_are_not_known(tmp_path: Path, second: str, sure: bool) -> None:
    strategy = f"  capacity_provider_strategy {{\n    capacity_provider = {second}\n  }}\n"
    code = HOSTS.replace("USER_DATA", "").replace("TEMPLATE", OWN)
    code = code.replace("  capacity_provider_strategy", strategy + "  capacity_provider_strategy", 1)
    results = report_on(tmp_path, NETWORK + code)["results"]
    called = {each["service"] for each in results if each["resource"] == "aws_ecs_service.app"}
    assert called == ({"logs"} if sure else set())


def test_a_word_in_a_script_is_no_cluster(tmp_path: Path) -> None:
    host = 'resource "aws_instance" "a" {{\n  subnet_id = aws_subnet.inner.id\n  user_data = "{}"\n}}\n'
    assert failing(tmp_path / "a", NETWORK + host.format("echo do not set ECS_CLUSTER")) == set()
    assert failing(tmp_path / "b", NETWORK + host.format("echo ECS_CLUSTER=a >> /etc/ecs/ecs.config")) == AGENT


JOBS = """\
resource "aws_batch_compute_environment" "jobs" {
  type = "MANAGED"
  compute_resources {
    type               = "FARGATE"
    subnets            = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}

variable "driver" {
  type = string
}
"""


def job(name: str, logging: str, platform: str = '["FARGATE"]') -> str:
    container = '{ image = "registry.example.com/x", logConfiguration = LOGGING }'.replace("LOGGING", logging)
    return f"""
resource "aws_batch_job_definition" "{name}" {{
  name                  = "{name}"
  type                  = "container"
  platform_capabilities = {platform}
  container_properties  = jsonencode({container})
}}
"""


SPLUNK, BY_DEFAULT = '{ logDriver = "splunk" }', "null"
DRIVERS = {
    "no jobs": ("", {"logs"}),
    "the default": (job("a", BY_DEFAULT), {"logs"}),
    "awslogs": (job("a", '{ logDriver = "awslogs" }'), {"logs"}),
    "awslogs of another region": (
        job("a", '{ logDriver = "awslogs", options = { awslogs-region = "us-east-1" } }'),
        set(),
    ),
    "another driver": (job("a", SPLUNK), set()),
    "a driver that is not known": (job("a", "{ logDriver = var.driver }"), set()),
    "one of two": (job("a", SPLUNK) + job("b", BY_DEFAULT), {"logs"}),
    "the default on instances only": (job("a", SPLUNK) + job("b", BY_DEFAULT, '["EC2"]'), set()),
}


@pytest.mark.parametrize("case", DRIVERS)
def test_what_jobs_log_to(case: str, tmp_path: Path) -> None:
    code, services = DRIVERS[case]
    assert failing(tmp_path, NETWORK + JOBS + code) == services


MODEL = """\
resource "aws_sagemaker_model" "m" {
  execution_role_arn = "arn:aws:iam::111122223333:role/n"
  CONTAINERS
  vpc_config {
    subnets            = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}

variable "data" {
  type = string
}
"""
IMAGE = f'image = "{HERE}"'
SOURCE = 'model_data_source {\n s3_data_source {\n s3_uri = "s3://b/m/"\n s3_data_type = "S3Prefix"\n }\n }\n'
MODELS = {
    "an image alone": (f"primary_container {{\n {IMAGE}\n }}", set()),
    "an isolated image": (f"enable_network_isolation = true\n primary_container {{\n {IMAGE}\n }}", set()),
    "data": (f'primary_container {{\n {IMAGE}\n model_data_url = "s3://b/m.tar.gz"\n }}', {"s3"}),
    "a data source": (f"primary_container {{\n {IMAGE}\n {SOURCE} }}", {"s3"}),
    "data from a variable": (f"primary_container {{\n {IMAGE}\n model_data_url = var.data\n }}", {"s3"}),
    "several images": (f"container {{\n {IMAGE}\n }}\n container {{\n {IMAGE}\n }}", set()),
    "several, one with data": (
        f'container {{\n {IMAGE}\n }}\n container {{\n {IMAGE}\n model_data_url = "s3://b/m.tar.gz"\n }}',
        {"s3"},
    ),
}


@pytest.mark.parametrize("case", MODELS)
def test_a_model_reads_its_data(case: str, tmp_path: Path) -> None:
    containers, services = MODELS[case]
    assert failing(tmp_path, NETWORK + MODEL.replace("CONTAINERS", containers)) == services


BUILD = """\
resource "aws_codebuild_project" "b" {
  name         = "b"
  service_role = "arn:aws:iam::111122223333:role/n"
  artifacts {
    type = "ARTIFACTS"
  }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
    VARIABLES
  }
  source {
    type      = "SOURCE"
    buildspec = "version: 0.2\\nSPEC"
  }
  logs_config {
    cloudwatch_logs {
      status = "DISABLED"
    }
  }
  vpc_config {
    vpc_id             = aws_vpc.main.id
    subnets            = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}
"""
PROXY = 'environment_variable {\n name = "HTTPS_PROXY"\n value = "http://p:1"\n }'
BUILDS = {
    "nothing from S3": ("NO_SOURCE", "NO_ARTIFACTS", "", "", set()),
    "its source": ("S3", "NO_ARTIFACTS", "", "", {"s3"}),
    "its artifacts": ("NO_SOURCE", "S3", "", "", {"s3"}),
    "those of a pipeline": ("CODEPIPELINE", "CODEPIPELINE", "", "", {"s3"}),
    "through a proxy": ("S3", "S3", PROXY, "", set()),
    "through a proxy of the build": ("S3", "S3", "", "env:\\n  variables:\\n    HTTPS_PROXY: http://p:1\\n", set()),
}


@pytest.mark.parametrize("case", BUILDS)
def test_a_build_reads_its_source(case: str, tmp_path: Path) -> None:
    source, artifacts, variables, spec, services = BUILDS[case]
    code = BUILD.replace("ARTIFACTS", artifacts).replace("SOURCE", source)
    code = code.replace("VARIABLES", variables).replace("SPEC", spec)
    assert failing(tmp_path, NETWORK + code) == services


STACK = """\
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16, EnableDnsHostnames: true}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.1.0/24}}
  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Net}}
"""
SERVICE = """\
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      ContainerDefinitions: [{Name: a, Image: %s, LogConfiguration: {LogDriver: awslogs, Options: {%s}}}]
  App:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Inner], SecurityGroups: [!Ref Guard]}}
"""
NODES = """\
  Host:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {UserData: {"Fn::Base64": %s}}}
  Nodes:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: c
      NodeRole: arn:aws:iam::111122223333:role/n
      Subnets: [!Ref Inner]
      LaunchTemplate: {Id: !Ref Host}
"""
MODEL_IN_STACK = """\
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/n
      Containers: [{Image: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/x:1"%s}]
      VpcConfig: {Subnets: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}
"""
OWN_REGISTRY = '!Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/a"'
STACKS = {
    "a registry of this region": (SERVICE % (OWN_REGISTRY, "awslogs-region: !Ref AWS::Region"), {*PULL, "logs"}),
    "a registry of another region": (SERVICE % (REGISTRY.format("eu-north-1"), "awslogs-region: us-west-1"), set()),
    "another host of logs": (SERVICE % ("nginx", "awslogs-endpoint: logs.example.com"), set()),
    "nodes": (NODES % "!Sub 'echo ${AWS::StackName}'", {"ec2", *PULL}),
    "nodes with a proxy": (NODES % "!Sub 'export HTTP_PROXY=${AWS::StackName}'", set()),
    "a model": (MODEL_IN_STACK % "", set()),
    "a model with data": (MODEL_IN_STACK % ", ModelDataUrl: 's3://b/m'", {"s3"}),
}


@pytest.mark.parametrize("case", STACKS)
def test_the_same_in_templates(case: str, tmp_path: Path) -> None:
    resources, services = STACKS[case]
    assert failing(tmp_path, STACK + resources, "template.yaml") == services


def test_the_same_in_json_syntax(tmp_path: Path) -> None:
    network = {
        "provider": {"aws": {"region": "eu-west-1"}},
        "resource": {
            "aws_vpc": {"main": {"cidr_block": "10.0.0.0/16"}},
            "aws_subnet": {"inner": {"vpc_id": "${aws_vpc.main.id}", "cidr_block": "10.0.1.0/24"}},
            "aws_launch_template": {"host": {"user_data": '${base64encode("export HTTPS_PROXY=p")}'}},
            "aws_eks_node_group": {
                "nodes": {
                    "cluster_name": "c",
                    "subnet_ids": ["${aws_subnet.inner.id}"],
                    "launch_template": {"id": "${aws_launch_template.host.id}"},
                }
            },
        },
    }
    assert failing(tmp_path, json.dumps(network), "main.tf.json") == set()
    network["resource"]["aws_launch_template"]["host"] = {"user_data": '${base64encode("echo")}'}  # type: ignore[index]
    assert failing(tmp_path, json.dumps(network), "main.tf.json") == {"ec2", *PULL}


GATEWAY = """\
resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.out.id
}
"""


def addressed(asked: str) -> str:
    return job("a", BY_DEFAULT).replace(
        "logConfiguration = null", f'logConfiguration = null, networkConfiguration = {{ assignPublicIp = "{asked}" }}'
    )


@pytest.mark.parametrize(
    ("jobs", "services"),
    [
        (job("a", BY_DEFAULT), {"logs"}),
        (addressed("DISABLED"), {"logs"}),
        (addressed("ENABLED"), set()),
        (addressed("${var.driver}"), set()),
        ("", set()),
    ],
)
def test_jobs_may_ask_for_a_public_address(jobs: str, services: set[str], tmp_path: Path) -> None:
    assert failing(tmp_path / "public", NETWORK + GATEWAY + JOBS + jobs) == services
    assert failing(tmp_path / "closed", NETWORK + JOBS + jobs) == {"logs"}


def test_a_cluster_in_a_public_subnet_may_have_addresses(tmp_path: Path) -> None:
    """AWS does not say whether EMR gives its instances public addresses where the subnet gives none."""
    cluster = 'resource "aws_emr_cluster" "c" {\n  ec2_attributes {\n    subnet_id = aws_subnet.inner.id\n  }\n}\n'
    assert failing(tmp_path / "public", NETWORK + GATEWAY + cluster) == set()
    assert failing(tmp_path / "closed", NETWORK + cluster) == {"s3"}
