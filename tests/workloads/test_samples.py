"""Twins of public configurations: what their workloads are said to call, and what must not be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import NAT, NETWORK, POLICY, report_on, verdicts
from vpce_checks.execution.scan_root import scan_root
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.rules.used_services import used_services

INSIDE = """\
  vpc_config {
    subnet_ids         = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
"""


def used(directory: Path, code: str, name: str = "main.tf", policy: str = POLICY) -> dict[str, tuple[str, str]]:
    """Return by service how sure the calls of the workloads in ``code`` are, and where they go."""
    report_on(directory, code, policy, name)
    project = Project(ScanOptions(paths=(str(directory),), environment={}))
    found: dict[str, tuple[str, str]] = {}
    for root in (root for batch in project.batches() for root in batch.roots()):
        for each in used_services(scan_root(project, root).networks, project.policy_of(root)):
            found[each.service] = (each.certainty, " ".join(each.served_by))
    return found


def lambda_(name: str, variables: str, inside: bool = True, role: str = "shared") -> str:
    return f"""\
resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  role          = aws_iam_role.{role}.arn
{INSIDE if inside else ""}  environment {{
    variables = {{ {variables} }}
  }}
}}
"""


STORES = """\
resource "aws_iam_role" "shared" {
  name = "shared"
}

resource "aws_iam_role_policy" "shared" {
  role = aws_iam_role.shared.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = ["events:PutEvents", "bedrock:InvokeModel", "logs:PutLogEvents"], Resource = "*" },
      { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = aws_dynamodb_table.orders.arn },
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.db.arn },
      { Effect = "Allow", Action = "ec2:CreateNetworkInterface", Resource = "*" },
    ]
  })
}

resource "aws_dynamodb_table" "orders" {
  name = "orders"
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_secretsmanager_secret" "db" {
  name_prefix = "db"
}

resource "aws_cloudwatch_event_bus" "main" {
  name = "main-bus"
}
"""
NAMES = "BUS = aws_cloudwatch_event_bus.main.name, TABLE = aws_dynamodb_table.orders.name, DB = aws_secretsmanager_secret.db.arn"


def test_variables_that_name_what_a_shared_role_allows(tmp_path: Path) -> None:
    """Functions inside and outside of the VPC share a role: only what the variables of one name is likely."""
    code = NETWORK + STORES + lambda_("free", 'A = "a"', inside=False) + lambda_("named", NAMES)
    assert used(tmp_path, code) == dict.fromkeys(("dynamodb", "events", "secretsmanager"), ("likely", "nothing"))


def test_a_variable_alone_says_nothing(tmp_path: Path) -> None:
    named = NETWORK + STORES
    assert (
        used(tmp_path / "a", named + lambda_("free", 'A = "a"', inside=False) + lambda_("b", 'TABLE = "other"')) == {}
    )
    silent = named.replace("dynamodb:", "athena:").replace("secretsmanager:", "athena:").replace("events:", "athena:")
    assert used(tmp_path / "b", silent + lambda_("free", 'A = "a"', inside=False) + lambda_("named", NAMES)) == {}


def test_variables_in_a_template(tmp_path: Path) -> None:
    template = """\
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.1.0/24}}
  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Net}}
  Queue: {Type: AWS::SQS::Queue}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{PolicyName: x, PolicyDocument: {Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}]}}]
  Sender:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      VpcConfig: {SubnetIds: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}
      Environment: {Variables: {QUEUE: !Ref Queue}}
"""
    assert used(tmp_path, template, "template.yaml") == {"sqs": ("likely", "nothing")}


AIRFLOW = """\
resource "aws_iam_role" "airflow" {
  name = "airflow"
}

resource "aws_iam_role_policy" "airflow" {
  role = aws_iam_role.airflow.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "airflow:PublishMetrics", Resource = "arn:aws:airflow:eu-west-1:111122223333:environment/a" },
      { Effect = "Allow", Action = "athena:StartQueryExecution", Resource = "arn:aws:athena:eu-west-1:111122223333:workgroup/a" },
    ]
  })
}

resource "aws_mwaa_environment" "a" {
  name               = "a"
  execution_role_arn = aws_iam_role.airflow.arn
  network_configuration {
    subnet_ids         = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}
"""


def test_the_role_of_every_airflow_environment_says_nothing_of_airflow(tmp_path: Path) -> None:
    found = used(tmp_path, NETWORK + AIRFLOW)
    assert {name for name, (sure, _) in found.items() if sure == "certain"} == {
        "kms",
        "logs",
        "monitoring",
        "s3",
        "sqs",
    }
    assert {name for name, (sure, _) in found.items() if sure == "likely"} == {"athena"}


SECRETS = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
PARAMETERS = "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend"


@pytest.mark.parametrize(
    ("options", "service"),
    [
        (f'"secrets.backend" = "{SECRETS}"', "secretsmanager"),
        (f'"secrets.backend" = "{PARAMETERS}", "secrets.backend_kwargs" = "{{}}"', "ssm"),
        (
            f'"secrets.backend" = "{SECRETS}", "secrets.backend_kwargs" = jsonencode({{ region_name = "us-east-1" }})',
            "",
        ),
        ('"secrets.backend" = "own.Backend"', ""),
        ('"core.parallelism" = "4"', ""),
    ],
)
def test_an_airflow_environment_looks_for_its_secrets(options: str, service: str, tmp_path: Path) -> None:
    code = AIRFLOW.replace('name               = "a"', f'name = "a"\n airflow_configuration_options = {{ {options} }}')
    found = used(tmp_path, NETWORK + code)
    stores = {name for name, (sure, _) in found.items() if name in ("secretsmanager", "ssm") and sure == "certain"}
    assert stores == ({service} if service else set())


def test_an_instance_with_the_policy_of_systems_manager(tmp_path: Path) -> None:
    """ec2messages is optional where ssmmessages is there."""
    host = """\
resource "aws_iam_role" "host" {
  name                = "host"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
}

resource "aws_iam_instance_profile" "host" {
  name = "host"
  role = aws_iam_role.host.name
}

resource "aws_instance" "host" {
  subnet_id            = aws_subnet.inner.id
  iam_instance_profile = aws_iam_instance_profile.host.name
}
"""
    assert used(tmp_path, NETWORK + host) == dict.fromkeys(("ssm", "ssmmessages"), ("likely", "nothing"))


WARM_UP = """\
resource "aws_iam_role" "swap" {
  name = "swap"
}

data "aws_iam_policy_document" "swap" {
  statement {
    actions   = ["ec2:DescribeSubnets"]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:ReplaceRoute"]
    resources = ["arn:aws:ec2:eu-west-1:111122223333:route-table/${aws_route_table.inner.id}"]
  }
}

resource "aws_iam_role_policy" "swap" {
  role   = aws_iam_role.swap.id
  policy = data.aws_iam_policy_document.swap.json
}
"""


def test_a_function_that_swaps_routes(tmp_path: Path) -> None:
    """It calls ec2, not lambda, which calls it; and what it does to the routes is not in the code."""
    code = NETWORK + WARM_UP + lambda_("swap", 'A = "a"', role="swap")
    assert used(tmp_path, code) == {"ec2": ("likely", "unknown")}
    assert "fail" not in verdicts(report_on(tmp_path, code)).values()


STORE_STACK = """\
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.1.0/24}}
  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Net}}
Outputs:
  Inner: {Value: !Ref Inner, Export: {Name: "store:Inner"}}
  Guard: {Value: !Ref Guard, Export: {Name: "store:Guard"}}
"""
FUNCTION_STACK = """\
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: store}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "events:PutEvents", Resource: !GetAtt Bus.Arn}
              - {Effect: Allow, Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:*:*:secret:store-db-secret-*"}
  Store:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      VpcConfig: {SubnetIds: [!ImportValue "store:Inner"], SecurityGroupIds: [!ImportValue "store:Guard"]}
"""


def test_a_function_in_the_vpc_of_another_stack(tmp_path: Path) -> None:
    """Narrow statements make events and secretsmanager likely; the policy for VPC access says nothing of logs and ec2."""
    tmp_path.joinpath("net.yaml").write_text(STORE_STACK, encoding="utf-8")
    found = used(tmp_path, FUNCTION_STACK, "store.yaml")
    assert found == dict.fromkeys(("events", "secretsmanager"), ("likely", "nothing"))


def test_functions_in_subnets_of_others(tmp_path: Path) -> None:
    code = STORES + lambda_("a", NAMES).replace("[aws_subnet.inner.id]", "data.aws_subnets.shared.ids").replace(
        "[aws_security_group.task.id]", '["sg-0a1b2c3d"]'
    )
    code += 'provider "aws" {\n  region = "eu-west-2"\n}\n\ndata "aws_subnets" "shared" {\n  tags = { Name = "shared" }\n}\n'
    assert used(tmp_path, code) == {}
    assert verdicts(report_on(tmp_path, code)) == {}


def test_an_agent_in_a_vpc(tmp_path: Path) -> None:
    agent = """\
resource "aws_iam_role" "agent" {
  name = "agent"
}

resource "aws_iam_role_policy" "agent" {
  role   = aws_iam_role.agent.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "xray:PutTraceSegments", Resource = "arn:aws:xray:eu-west-1:111122223333:group/a" }] })
}

resource "aws_bedrockagentcore_agent_runtime" "agent" {
  role_arn = aws_iam_role.agent.arn
  network_configuration {
    network_mode = "VPC"
    network_mode_config {
      subnets         = [aws_subnet.inner.id]
      security_groups = [aws_security_group.task.id]
    }
  }
}
"""
    found = used(tmp_path, NETWORK + agent)
    assert {name for name, (sure, _) in found.items() if sure == "certain"} == {"ecr.api", "ecr.dkr", "logs", "s3"}
    assert found["xray"] == ("likely", "nothing")


def test_container_instances_behind_nat(tmp_path: Path) -> None:
    hosts = """\
resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_launch_template" "host" {
  user_data = base64encode("#!/bin/bash\\necho ECS_CLUSTER=${aws_ecs_cluster.main.name} >> /etc/ecs/ecs.config")
}

resource "aws_autoscaling_group" "hosts" {
  vpc_zone_identifier = [aws_subnet.inner.id]
  launch_template {
    id = aws_launch_template.host.id
  }
}
"""
    found = used(tmp_path, NETWORK + NAT + hosts)
    assert found == dict.fromkeys(("ecs", "ecs-agent", "ecs-telemetry"), ("certain", "NAT gateway"))
    assert verdicts(report_on(tmp_path, NETWORK + NAT + hosts)) == {}


FARGATE = """\
resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions = jsonencode([{
    name             = "app"
    image            = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"
    logConfiguration = { logDriver = "awslogs" }
  }])
}

resource "aws_ecs_service" "app" {
  name                   = "app"
  cluster                = aws_ecs_cluster.main.id
  task_definition        = aws_ecs_task_definition.app.arn
  launch_type            = "FARGATE"
  enable_execute_command = true
  network_configuration {
    subnets         = [aws_subnet.inner.id]
    security_groups = [aws_security_group.task.id]
  }
}
"""
CALLED = ("ecr.api", "ecr.dkr", "logs", "s3", "ssmmessages")


def default_route(target: str) -> str:
    return f"""\
resource "aws_route" "out" {{
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "0.0.0.0/0"
  {target}
}}
"""


@pytest.mark.parametrize(
    "target",
    [
        "network_interface_id = aws_network_interface.nat.id",
        'vpc_endpoint_id = "vpce-0a1b2c3d"',
        'transit_gateway_id = "tgw-0a1b2c3d"',
    ],
)
def test_a_nat_instance_or_a_firewall_may_lead_out(target: str, tmp_path: Path) -> None:
    nat = (
        'resource "aws_network_interface" "nat" {\n  subnet_id = aws_subnet.inner.id\n  source_dest_check = false\n}\n'
    )
    code = NETWORK + FARGATE + nat + default_route(target)
    assert used(tmp_path, code) == dict.fromkeys(CALLED, ("certain", "unknown"))
    assert "fail" not in verdicts(report_on(tmp_path, code)).values()


def test_exec_behind_nat_is_no_failure(tmp_path: Path) -> None:
    assert used(tmp_path, NETWORK + NAT + FARGATE) == dict.fromkeys(CALLED, ("certain", "NAT gateway"))
    assert verdicts(report_on(tmp_path, NETWORK + NAT + FARGATE)) == {("VPCE018", "aws_ecs_service.app", "s3"): "fail"}


def test_names_that_modules_put_together(tmp_path: Path) -> None:
    """One call of a module for each service: its name comes in as a variable."""
    inner = tmp_path / "endpoint"
    inner.mkdir()
    inner.joinpath("main.tf").write_text(
        """\
variable "service" {}
variable "vpc" {}
variable "subnet" {}
data "aws_region" "here" {}

resource "aws_vpc_endpoint" "this" {
  vpc_id              = var.vpc
  service_name        = "com.amazonaws.${data.aws_region.here.name}.${var.service}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [var.subnet]
}
""",
        encoding="utf-8",
    )
    calls = """\
module "endpoint" {
  for_each = toset(["ecr.api", "ecr.dkr", "logs", "s3", "ssmmessages"])
  source   = "./endpoint"
  service  = each.key
  vpc      = aws_vpc.main.id
  subnet   = aws_subnet.inner.id
}
"""
    found = used(tmp_path, NETWORK + FARGATE + calls)
    assert found == {
        name: ("certain", f'module.endpoint["{name}"].aws_vpc_endpoint.this (possible)') for name in CALLED
    }


TIERS = """\
Parameters:
  Tier: {Type: String, AllowedValues: [gateway, minimal, full], Default: minimal}
Conditions:
  Full: !Equals [!Ref Tier, full]
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.30.0.0/16, EnableDnsHostnames: true}}
  Edge: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.9.0/24}}
  Inner: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.1.0/24}}
  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Net}}
  Out: {Type: AWS::EC2::InternetGateway}
  Joined: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Net, InternetGatewayId: !Ref Out}}
  EdgeTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  EdgeLink: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref EdgeTable, SubnetId: !Ref Edge}}
  EdgeRoute:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref EdgeTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Out}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Edge, AllocationId: eipalloc-0a1b2c3d}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  Link: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Inner}}
  Route:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  Logs:
    Type: AWS::EC2::VPCEndpoint
    Condition: Full
    Properties:
      VpcId: !Ref Net
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      ServiceName: !Sub com.amazonaws.${AWS::Region}.logs
      SubnetIds: [!Ref Inner]
  Jobs:
    Type: AWS::Batch::ComputeEnvironment
    Properties:
      Type: MANAGED
      ComputeResources: {Type: FARGATE, MaxvCpus: 4, Subnets: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}
"""


def test_tiers_of_endpoints_behind_nat(tmp_path: Path) -> None:
    sure, ways = used(tmp_path, TIERS, "template.yaml")["logs"]
    assert sure == "certain" and set(ways.split()) == {"Logs", "(possible)", "NAT", "gateway"}
    assert "fail" not in verdicts(report_on(tmp_path, TIERS, name="template.yaml")).values()


BASE_STACK = STORE_STACK.partition("Outputs:")[0]
STACK_ROWS = {
    "an Airflow environment of the customer": (
        """\
  Flow:
    Type: AWS::MWAA::Environment
    Properties:
      Name: a
      EndpointManagement: CUSTOMER
      NetworkConfiguration: {SubnetIds: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}
""",
        {"airflow.api", "airflow.env", "airflow.ops", "kms", "logs", "monitoring", "s3", "sqs"},
    ),
    "an Airflow environment": (
        """\
  Flow:
    Type: AWS::MWAA::Environment
    Properties: {Name: a, NetworkConfiguration: {SubnetIds: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}}
""",
        {"kms", "logs", "monitoring", "s3", "sqs"},
    ),
    "a custom resource in a VPC": (
        """\
  Helper:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::111122223333:role/x
      VpcConfig: {SubnetIds: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}
  Asked: {Type: Custom::Thing, Properties: {ServiceToken: !GetAtt Helper.Arn}}
""",
        {"s3"},
    ),
    "a warehouse with enhanced routing": (
        """\
  Group: {Type: AWS::Redshift::ClusterSubnetGroup, Properties: {Description: x, SubnetIds: [!Ref Inner]}}
  House:
    Type: AWS::Redshift::Cluster
    Properties: {ClusterType: single-node, EnhancedVpcRouting: true, ClusterSubnetGroupName: !Ref Group}
""",
        {"s3"},
    ),
    "a warehouse without it": (
        """\
  Group: {Type: AWS::Redshift::ClusterSubnetGroup, Properties: {Description: x, SubnetIds: [!Ref Inner]}}
  House: {Type: AWS::Redshift::Cluster, Properties: {ClusterType: single-node, ClusterSubnetGroupName: !Ref Group}}
""",
        set(),
    ),
    "a topic of Kafka that a function reads": (
        """\
  Brokers:
    Type: AWS::MSK::Cluster
    Properties:
      ClusterName: k
      BrokerNodeGroupInfo: {ClientSubnets: [!Ref Inner], SecurityGroups: [!Ref Guard], InstanceType: kafka.m5.large}
  Reads: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: f, EventSourceArn: !Ref Brokers, Topics: [t]}}
""",
        {"lambda", "sts"},
    ),
    "a pipe from Kafka": (
        """\
  Brokers:
    Type: AWS::MSK::Cluster
    Properties:
      ClusterName: k
      BrokerNodeGroupInfo: {ClientSubnets: [!Ref Inner], SecurityGroups: [!Ref Guard], InstanceType: kafka.m5.large}
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties: {Source: !Ref Brokers, Target: arn:aws:sqs:eu-west-1:111122223333:q, RoleArn: arn:aws:iam::111122223333:role/x}
""",
        {"lambda", "pipes-data", "sts"},
    ),
    "a canary": (
        """\
  Bird: {Type: AWS::Synthetics::Canary, Properties: {VPCConfig: {SubnetIds: [!Ref Inner], SecurityGroupIds: [!Ref Guard]}}}
""",
        {"monitoring", "s3"},
    ),
    "a replication to S3": (
        """\
  Places:
    Type: AWS::DMS::ReplicationSubnetGroup
    Properties: {ReplicationSubnetGroupIdentifier: g, ReplicationSubnetGroupDescription: x, SubnetIds: [!Ref Inner]}
  Engine:
    Type: AWS::DMS::ReplicationInstance
    Properties: {ReplicationInstanceClass: dms.t3.micro, EngineVersion: 3.5.2, ReplicationSubnetGroupIdentifier: !Ref Places}
  Target: {Type: AWS::DMS::Endpoint, Properties: {EndpointType: target, EngineName: s3}}
  Task:
    Type: AWS::DMS::ReplicationTask
    Properties: {ReplicationInstanceArn: !Ref Engine, SourceEndpointArn: x, TargetEndpointArn: !Ref Target}
""",
        {"s3"},
    ),
}


@pytest.mark.parametrize("row", STACK_ROWS)
def test_kinds_of_workloads_in_closed_subnets(row: str, tmp_path: Path) -> None:
    resources, services = STACK_ROWS[row]
    assert used(tmp_path, BASE_STACK + resources, "template.yaml") == dict.fromkeys(services, ("certain", "nothing"))
