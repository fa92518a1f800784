"""A small root with one task, to be changed by the tests: what they leave out or put in decides the verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.expectations import scan

POLICY = "version: 1\nrequired: {gateway: [], interface: []}\n"

NETWORK = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  cidr_block           = "10.70.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "inner" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.1.0/24"
}

resource "aws_route_table" "inner" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "inner" {
  subnet_id      = aws_subnet.inner.id
  route_table_id = aws_route_table.inner.id
}

resource "aws_security_group" "task" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""

NAT = """\
resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.70.9.0/24"
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.out.id
  }
}

resource "aws_route_table_association" "edge" {
  subnet_id      = aws_subnet.edge.id
  route_table_id = aws_route_table.edge.id
}

resource "aws_nat_gateway" "out" {
  subnet_id     = aws_subnet.edge.id
  allocation_id = "eipalloc-0a1b2c3d"
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.inner.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.out.id
}
"""

TASK = """\
resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([{ name = "app", image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1" }])
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
"""

ECR = """\
resource "aws_vpc_endpoint" "ecr" {
  for_each            = toset(["ecr.api", "ecr.dkr"])
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.inner.id]
}
"""

S3 = """\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.inner.id]
}
"""


def report_on(directory: Path, code: str, policy: str = POLICY, name: str = "main.tf") -> dict[str, Any]:
    """Scan ``code`` with ``policy`` in ``directory`` and return the JSON report."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ".git").mkdir(exist_ok=True)
    (directory / name).write_text(code, encoding="utf-8")
    (directory / ".vpce-checks.yaml").write_text(policy, encoding="utf-8")
    return scan(directory, (), {})[1]


def verdicts(report: dict[str, Any], *rules: str) -> dict[tuple[str, str, str | None], str]:
    """Return the statuses of ``rules`` in a report, by rule, resource and service."""
    return {
        (each["rule"], each["resource"], each["service"]): each["status"]
        for each in report["results"]
        if each["rule"] in (rules or ("VPCE017", "VPCE018"))
    }
