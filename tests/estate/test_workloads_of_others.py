"""Workloads of one root in the network of another one: its security groups and NAT gateways count."""

from __future__ import annotations

import pytest

from vpce_checks.testing import scan_files

BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "states"\n    key    = "net"\n    region = "eu-west-1"\n  }\n}\n'
NET = """\
provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_internet_gateway" "it" { vpc_id = aws_vpc.main.id }
resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.9.0/24"
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.it.id
  }
}
resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}
resource "aws_nat_gateway" "it" {
  subnet_id     = aws_subnet.public.id
  allocation_id = "eipalloc-0123456789abcdef0"
}
resource "aws_subnet" "app" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_route_table" "app" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.it.id
  }
}
resource "aws_route_table_association" "app" {
  subnet_id      = aws_subnet.app.id
  route_table_id = aws_route_table.app.id
}
resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["%s"]
  }
}
output "subnet" { value = aws_subnet.app.id }
output "group" { value = aws_security_group.app.id }
"""
APP = """\
provider "aws" { region = "eu-west-1" }
data "terraform_remote_state" "net" {
  backend = "s3"
  config  = { bucket = "states", key = "net", region = "eu-west-1" }
}
resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([{ name = "app", image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app" }])
}
resource "aws_ecs_service" "app" {
  name            = "app"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.app.arn
  network_configuration {
    subnets         = [data.terraform_remote_state.net.outputs.subnet]
    security_groups = [data.terraform_remote_state.net.outputs.group]
  }
}
"""
ASKS = "version: 1\nrequired: {gateway: [], interface: []}\n"


@pytest.mark.parametrize(
    ("range", "expected"),
    [
        ("0.0.0.0/0", {("VPCE018", "s3")}),  # by the NAT gateway
        ("10.0.0.0/16", {("VPCE017", "s3"), ("VPCE017", "ecr.api"), ("VPCE017", "ecr.dkr")}),  # not out of the VPC
    ],
)
def test_the_way_out_is_in_the_root_of_the_network(range: str, expected: set[tuple[str, str]]) -> None:
    files = {"net/main.tf": BACKEND + NET % range, "app/main.tf": APP, ".vpce-checks.yaml": ASKS}
    found = scan_files(files).report
    assert {
        (each.rule, each.service) for root in found.roots for each in root.findings if each.status == "fail"
    } == expected


NET_STACK = """\
Resources:
  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  App: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Main, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
  Link: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref App, RouteTableId: !Ref Table}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: x, VpcId: !Ref Main, SecurityGroupEgress: [%s]}
  Files:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Main, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Table]}
Outputs:
  Subnet: {Value: !Ref App, Export: {Name: subnet}}
  Group: {Value: !GetAtt Group.GroupId, Export: {Name: group}}
"""
APP_STACK = """\
Resources:
  Jobs:
    Type: AWS::EMRServerless::Application
    Properties:
      Type: SPARK
      ReleaseLabel: emr-7.0.0
      NetworkConfiguration: {SubnetIds: [!ImportValue subnet], SecurityGroupIds: [!ImportValue group]}
"""


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{IpProtocol: -1, CidrIp: 0.0.0.0/0}", set()),
        ("{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}", {("VPCE017", "s3")}),
    ],
)
def test_security_groups_of_another_stack_let_calls_out(rule: str, expected: set[tuple[str, str]]) -> None:
    files = {"net.yaml": NET_STACK % rule, "app.yaml": APP_STACK, ".vpce-checks.yaml": ASKS}
    found = scan_files(files).report
    assert {
        (each.rule, each.service) for root in found.roots for each in root.findings if each.status == "fail"
    } == expected
