"""VPCE014: does the policy of an endpoint let calls through?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.rules.networks import S3, findings, gateway, hidden, id_of, interface, policy, verdicts, vpc, words
from vpce_checks.base.record import replace
from vpce_checks.model.values import ListValue, MapValue, PartialString
from vpce_checks.testing import scan_files


def document(**fields: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **fields}]})


def test_it_says_what_is_wrong() -> None:
    (finding,) = findings("VPCE014", vpc(), gateway(policy=document(Effect="Deny")))
    assert finding.status == "fail" and finding.service == "s3"
    assert "no statement with the Effect Allow" in words(finding)
    assert finding.fix is not None and "add a statement" in str(finding.fix.value)


def test_a_condition_is_the_reason_only_where_it_takes_an_allowance_away() -> None:
    def said(*statements: dict[str, Any]) -> str:
        items = ListValue(
            tuple(
                MapValue({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", **each}, "object")
                for each in statements
            ),
            "tuple",
        )
        (finding,) = findings("VPCE014", vpc(), gateway(policy=MapValue({"Statement": items}, "object")))
        assert finding.status == "fail"
        return words(finding)

    def condition(operator: str) -> dict[str, Any]:
        return {
            "Condition": MapValue({operator: MapValue({"aws:SourceVpc": id_of("aws_vpc.main")}, "object")}, "object")
        }

    queues = {"Action": "sqs:*"}
    assert "its conditions leave its own VPC out" in said(condition("StringNotEquals"))
    assert "its conditions leave its own VPC out" not in said(
        queues, {"Effect": "Deny", **condition("StringNotEquals")}
    )
    assert "its conditions leave its own VPC out" in said(queues, condition("StringNotEquals"))


def test_it_says_which_condition_is_in_doubt() -> None:
    for key in ("aws:SourceVpc", "aws:sourcevpce"):
        doubtful = document(Condition={"StringEquals": {key: "x-0123456789abcdef0"}})
        (finding,) = findings("VPCE014", vpc(), gateway(policy=doubtful))
        assert finding.status == "unknown"
        assert (
            f"its condition on {'aws:SourceVpc' if key == 'aws:SourceVpc' else 'aws:SourceVpce'} is not known"
            in words(finding)
        )


def test_one_pass_for_each_endpoint() -> None:
    assert verdicts("VPCE014", vpc(), gateway(), gateway("dynamodb", policy=document()), interface("sqs")) == {
        "aws_vpc_endpoint.s3": "pass",
        "aws_vpc_endpoint.dynamodb": "pass",
        "aws_vpc_endpoint.sqs": "pass",
    }


def test_buckets_of_aws_count_if_their_services_are_required() -> None:
    closed = gateway(policy=document(Resource=["arn:aws:s3:::ours/*"]))
    for asked, status in (("", "pass"), ("sqs", "pass"), ("ecr.dkr", "fail"), ("ecr.api", "fail"), ("ssm", "fail")):
        assert verdicts("VPCE014", vpc(), closed, asks=policy(interface=asked)) == {S3: status}
    exempt = policy(interface="ecr.dkr", vpcs=())
    assert verdicts("VPCE014", vpc(region=hidden()), closed, asks=exempt) == {S3: "fail"}


def test_a_table_of_an_account_that_is_not_known_is_a_table() -> None:
    def with_arn(*parts: Any) -> dict[str, str]:
        items = ListValue((PartialString(parts),), "tuple")
        statement = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": items}
        document = MapValue({"Statement": ListValue((MapValue(statement, "object"),), "tuple")}, "object")
        return verdicts("VPCE014", vpc(), gateway("dynamodb", policy=document))

    account, region = hidden("string"), hidden("string")
    assert with_arn("arn:aws:dynamodb:eu-west-1:", account, ":table/x") == {"aws_vpc_endpoint.dynamodb": "pass"}
    assert with_arn("arn:aws:dynamodb:", region, ":", account, ":table/x") == {"aws_vpc_endpoint.dynamodb": "pass"}
    assert with_arn("arn:aws:dynamodb:eu-west-1:", account, ":table/x/y") == {"aws_vpc_endpoint.dynamodb": "fail"}
    assert with_arn("arn:aws:dynamodb:eu-west-1:1:table/x", account) == {"aws_vpc_endpoint.dynamodb": "unknown"}


def test_the_region_of_the_endpoint_counts() -> None:
    layers = "arn:aws:s3:::prod-{}-starport-layer-bucket/*"
    asks = policy(interface="ecr.dkr")
    here = gateway(policy=document(Resource=layers.format("eu-west-1")))
    there = gateway(policy=document(Resource=layers.format("us-east-1")))
    open_region = gateway(policy=document(Resource=layers.format("us-east-1")), region=hidden())
    assert verdicts("VPCE014", vpc(), here, asks=asks) == {S3: "pass"}
    assert verdicts("VPCE014", vpc(), there, asks=asks) == {S3: "fail"}
    assert verdicts("VPCE014", vpc(), open_region, asks=asks) == {S3: "unknown"}


def test_a_policy_that_nobody_can_read_is_reported_once() -> None:
    same = hidden("var.policy")
    assert verdicts("VPCE014", vpc(), interface("sqs", policy=same), interface("sns", policy=same)) == {
        "aws_vpc_endpoint.sqs": "unknown"
    }


def test_services_without_policies_and_those_of_others() -> None:
    refused = interface("iot.data", policy=document())
    theirs = interface("com.amazonaws.vpce.eu-west-1.vpce-svc-1", "aws_vpc_endpoint.x", policy=document(Effect="Deny"))
    assert verdicts("VPCE014", vpc(), refused, theirs) == {"aws_vpc_endpoint.iot.data": "fail"}


def test_principals_count_for_gateways_only() -> None:
    role = document(Principal={"AWS": "arn:aws:iam::111122223333:role/app"})
    assert verdicts("VPCE014", vpc(), gateway(policy=role), interface("sqs", policy=role)) == {
        S3: "fail",
        "aws_vpc_endpoint.sqs": "pass",
    }


def test_principals_do_not_count_for_certain_where_the_type_is_not_known() -> None:
    role = document(Principal={"AWS": "arn:aws:iam::111122223333:role/app"})
    nobody = document(Effect="Deny")
    hides_type = replace(gateway(policy=role), type=hidden("var.type"))
    assert verdicts("VPCE014", vpc(), hides_type) == {S3: "unknown"}
    assert verdicts("VPCE014", vpc(), replace(hides_type, policy=nobody)) == {S3: "fail"}


LAYERS = """\
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "app" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_route_table" "app" { vpc_id = aws_vpc.main.id }
resource "aws_route_table" "other" { vpc_id = aws_vpc.main.id }
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
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  container_definitions    = jsonencode([{ name = "app", image = "%s/app:1" }])
}
resource "aws_ecs_service" "app" {
  name            = "app"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.app.arn
  network_configuration {
    subnets         = [aws_subnet.app.id]
    security_groups = [aws_security_group.app.id]
  }
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.%s.id]
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::%s/*" }]
  })
}
"""
OURS_IN_ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("registry", "table", "bucket", "expected"),
    [
        (OURS_IN_ECR, "app", "ours", "fail"),
        (OURS_IN_ECR, "app", "prod-eu-west-1-starport-layer-bucket", "pass"),
        ("registry.example.com", "app", "ours", "pass"),
        (OURS_IN_ECR, "other", "ours", "pass"),  # its calls do not go through the endpoint
        (OURS_IN_ECR.replace("eu-west-1", "us-east-1"), "app", "ours", "pass"),
    ],
)
def test_a_policy_lets_the_images_of_workloads_be_pulled(registry: str, table: str, bucket: str, expected: str) -> None:
    code = 'provider "aws" { region = "eu-west-1" }\n' + LAYERS % (registry, table, bucket)
    asks = "version: 1\nrequired: {gateway: [], interface: []}\n"
    found = scan_files({"main.tf": code, ".vpce-checks.yaml": asks})
    assert found.of("VPCE014") == {"aws_vpc_endpoint.s3": expected}
    why = [
        step.text for root in found.report.roots for each in root.findings if each.status == "fail" for step in each.why
    ]
    assert expected == "pass" or any("aws_ecs_service.app" in text for text in why)
    off = scan_files({"main.tf": code, ".vpce-checks.yaml": asks + "workloads: off\n"})
    assert off.of("VPCE014") == {"aws_vpc_endpoint.s3": "pass"}


def test_a_policy_with_a_condition_may_keep_images_from_being_pulled() -> None:
    code = 'provider "aws" { region = "eu-west-1" }\n' + LAYERS % (OURS_IN_ECR, "app", "*")
    code = code.replace('"Allow",', '"Allow", Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } },')
    found = scan_files({"main.tf": code})
    assert found.of("VPCE014") == {"aws_vpc_endpoint.s3": "unknown"}
    (said,) = (each for root in found.report.roots for each in root.findings if each.rule == "VPCE014")
    why = [step.text for step in said.why]
    assert any(text.startswith("aws_ecs_service.app: the image is in ECR") for text in why)
    assert "what is allowed has a condition, which such calls may not meet" in why
