"""VPCE001: a VPC without a gateway endpoint for S3."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Network, Vpc
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.required_endpoint import judge_gateway


def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge a VPC for which the policy requires a gateway endpoint for S3."""
    return judge_gateway(RULE, "s3", network, vpc, policy)


RULE = Rule(
    id="VPCE001",
    name="s3-gateway-endpoint",
    severity="high",
    title="A VPC has no gateway endpoint for S3",
    rationale=(
        "Without one, everything that a VPC reads from and writes to S3 leaves by the public path: through a NAT gateway, "
        "which is billed by the gigabyte, or straight through an internet gateway. ECR image layers, package mirrors and "
        "Systems Manager come from S3 as well. The gateway endpoint costs nothing, keeps the traffic inside AWS and can "
        "have a policy of its own. An interface endpoint for S3 is something else: it is paid for, meant for callers "
        "outside the VPC, and does not count here."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html",
    judges="vpc",
    check=check,
    bad="""\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
""",
    good="""\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
""",
)
