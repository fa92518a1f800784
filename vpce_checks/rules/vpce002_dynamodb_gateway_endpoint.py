"""VPCE002: a VPC has no gateway endpoint for DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Network, Vpc
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.required_endpoint import judge_gateway


def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge a VPC for which the policy requires a gateway endpoint for DynamoDB."""
    return judge_gateway(RULE, "dynamodb", network, vpc, policy)


RULE = Rule(
    id="VPCE002",
    name="dynamodb-gateway-endpoint",
    severity="medium",
    title="A VPC has no gateway endpoint for DynamoDB",
    rationale=(
        "Without a gateway endpoint, calls to DynamoDB take the public path. If that path leads through a NAT "
        "gateway, each gigabyte costs money. A gateway endpoint is free and works with the hostnames that every SDK "
        "uses. The interface endpoint of DynamoDB does not replace it: it has no private DNS, so only programs that "
        "are configured with its own hostname use it."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html",
    judges="vpc",
    check=check,
    fix=(
        "Add a gateway endpoint and associate it with the private route tables. It costs nothing. While it is "
        "added, open connections to DynamoDB may be interrupted."
    ),
    ignore_when="Nothing in the VPC calls DynamoDB.",
    limits="A gateway endpoint that somebody made by hand, and endpoints in code that was not read.",
    severity_varies=(
        "High if a workload certainly calls DynamoDB and has no way out, so that the call cannot work. Low for a default VPC "
        "that nothing in the code uses."
    ),
    bad="""\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
""",
    good="""\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.dynamodb"
  route_table_ids = [aws_route_table.private.id]
}
""",
)
