"""VPCE018: a workload's calls to S3 or DynamoDB leave by a NAT gateway."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Network, Vpc
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Rule


def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge the calls of the workloads in a VPC."""
    if not network.parts:
        return
    from vpce_checks.rules.required_endpoint import fails_already
    from vpce_checks.rules.workload_calls import about_workload, outcomes_in, remedy

    for outcome in outcomes_in(network, vpc, policy):
        workload, service = outcome.workload.address, outcome.call.service
        if not outcome.leaves or outcome.call.certainty != "certain" or fails_already(network, vpc, policy, service):
            continue
        subnet = outcome.subnet.declared.address
        message = f"calls of {workload} to {service} leave {subnet} by a NAT gateway; a gateway endpoint costs nothing"
        yield about_workload(RULE, outcome, vpc, "fail", message, remedy(network, vpc, outcome))


RULE = Rule(
    id="VPCE018",
    name="call-leaves-by-nat",
    severity="medium",
    title="A workload's calls to S3 or DynamoDB leave by a NAT gateway",
    rationale=(
        "A NAT gateway costs money for each gigabyte. A gateway endpoint for S3 or DynamoDB costs nothing, and the "
        "traffic stays inside AWS. The endpoint must be in the route table of the subnet that the calls come from. "
        "Image layers of ECR come from S3. Services with interface endpoints are not judged, because these endpoints "
        "cost money."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    judges="vpc",
    check=check,
    fix=(
        "Add a gateway endpoint and associate it with the route table of the workload. It costs nothing and "
        "saves the NAT gateway's charge for each GB."
    ),
    ignore_when="A firewall appliance must see these calls.",
    limits="How much traffic there is.",
    bad="""\
resource "aws_route" "out" {
  route_table_id         = aws_route_table.private.id # used by tasks with an image in ECR
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}
""",
    good="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
""",
)
