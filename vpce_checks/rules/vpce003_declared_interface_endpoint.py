"""VPCE003: a VPC without an interface endpoint that the policy declares for it."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Network, Vpc
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.required_endpoint import judge_interfaces


def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge a VPC, once for each interface endpoint that the policy declares for it."""
    return judge_interfaces(RULE, network, vpc, policy)


RULE = Rule(
    id="VPCE003",
    name="declared-interface-endpoint",
    severity="medium",
    title="A VPC has no interface endpoint for a declared service",
    rationale=(
        "Which interface endpoints a VPC needs depends on what runs in it, and each costs money, so a policy declares "
        "them: service by service, or by a pack for a kind of workload. A service so declared and without its endpoint "
        "is reached by the public path, and not at all from subnets that have none. Services that a hub VPC serves "
        "are not asked for: where the code shows the private zone or Route 53 Profile that leads a VPC to the hub's "
        "endpoint, that will do; where it does not, they are named under central_endpoints."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    judges="vpc",
    check=check,
    bad="""\
# .vpce-checks.yaml has  required: {interface: [secretsmanager]}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
""",
    good="""\
resource "aws_vpc_endpoint" "secretsmanager" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.private.id]
  private_dns_enabled = true
}
""",
)
