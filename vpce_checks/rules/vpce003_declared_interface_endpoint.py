"""VPCE003: a VPC has no interface endpoint for a service that the policy declares."""

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
    title="A VPC has no interface endpoint for a service that the policy declares",
    rationale=(
        "Which interface endpoints a VPC needs depends on the programs that run in it, and each endpoint costs money. "
        "So the policy declares them: service by service, or by a pack for a kind of workload. Without its endpoint, "
        "a declared service is reached by the public path. From subnets without a public path it is not reached at "
        "all. A hub VPC may serve the service instead. If the code shows the private hosted zone or the Route 53 "
        "Profile that leads to the endpoint of the hub, the rule passes. If the code does not show it, name the "
        "service under central_endpoints."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    judges="vpc",
    check=check,
    fix=(
        "Add an interface endpoint with private DNS, in a private subnet of each availability zone, with a "
        "security group that lets in TCP 443. It costs money for each hour and zone. With private DNS, all calls "
        "of the VPC to the service go through it at once, so the security group and the policy must be right "
        "before."
    ),
    ignore_when=(
        "Another VPC serves the calls: name the service under `central_endpoints`, or `exempt` it for the VPC."
    ),
    limits="Endpoints that somebody made by hand, and whether anything in the VPC calls the service at all.",
    controls=(
        "AWS Foundational Security Best Practices EC2.10 (ec2), EC2.55 (ecr.api), EC2.56 (ecr.dkr), EC2.57 (ssm), "
        "EC2.58 (ssm-contacts) and EC2.60 (ssm-incidents), of those services that the policy declares: "
        "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
        "AWS Config: service-vpc-endpoint-enabled and vpc-endpoint-enabled",
    ),
    severity_varies=(
        "High if a workload certainly calls the service and has no way out, so that the call cannot work. Low for a default "
        "VPC that nothing in the code uses."
    ),
    bad="""\
# .vpce-checks.yaml contains  required: {interface: [secretsmanager]}
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
