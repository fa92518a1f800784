"""VPCE001: a VPC has no gateway endpoint for S3."""

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
        "Without a gateway endpoint, all traffic between the VPC and S3 takes the public path: through a NAT gateway, "
        "which costs money for each gigabyte, or through an internet gateway. ECR image layers, package mirrors and "
        "Systems Manager use S3 as well. A gateway endpoint is free, keeps the traffic inside AWS and can have its "
        "own policy. An interface endpoint for S3 does not count: it costs money and is meant for callers outside the "
        "VPC."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html",
    judges="vpc",
    check=check,
    fix=(
        "Add a gateway endpoint and associate it with the private route tables. It costs nothing. While it is "
        "added, open connections to S3 may be interrupted, and bucket policies that name public addresses stop "
        "matching."
    ),
    ignore_when="Nothing in the VPC calls S3, or a firewall appliance must see these calls.",
    limits="A gateway endpoint that somebody made by hand, and endpoints in code that was not read.",
    severity_varies="Low for a default VPC that nothing in the code uses.",
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
