"""VPCE008: the service name of an endpoint is for a different region than its VPC."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.evidence import because, setting
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.model.values import merge_causes
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import home_region, home_region_label, possible_values, service_label, services
from vpce_checks.rules.finding import Finding, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an endpoint whose own region and whose service name's region are both known."""
    home = home_region(network, endpoint)
    named = {service.name.region if service.name is not None else None for service in services(endpoint)}
    if home is None or len(named) != 1 or (region := named.pop()) is None:
        return
    short = service_label(endpoint)
    said = possible_values(endpoint.service_region)
    if region == home or all(value == region for value in said):
        message = f"{endpoint.address} has a service name for the right region"
        yield about_endpoint(RULE, endpoint, "pass", message, short)
        return
    certain = all(value is None or isinstance(value, str) for value in said) and region not in said
    shown = endpoint.declared.shown("service_name", region)
    message = f"{endpoint.address} is in {home_region_label(network, endpoint)}, but its service name is for {shown}"
    why = (
        setting(endpoint.declared, "service_name", f"the service name is for {shown}"),
        *because(merge_causes([endpoint.service_region])),
    )
    yield about_endpoint(RULE, endpoint, "fail" if certain else "unknown", message, short, why)


RULE = Rule(
    id="VPCE008",
    name="endpoint-region-mismatch",
    severity="high",
    title="The service name is for a different region than the VPC",
    rationale=(
        "The name of an endpoint service contains a region. An endpoint reaches the service in the region of its VPC, "
        "and AWS refuses a name for another region. The exception is an endpoint that sets a service region: some "
        "services allow an endpoint to cross regions. Names with a literal region are easily copied from the "
        "configuration of another region."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html",
    judges="endpoint",
    check=check,
    bad="""\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.us-east-1.s3"
}
""",
    good="""\
data "aws_region" "current" {}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.${data.aws_region.current.region}.s3"
}
""",
)
