"""VPCE008: an endpoint whose service name is of another region than its VPC."""

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
        message = f"{endpoint.address} names its service in the right region"
        yield about_endpoint(RULE, endpoint, "pass", message, short)
        return
    certain = all(value is None or isinstance(value, str) for value in said) and region not in said
    shown = endpoint.declared.shown("service_name", region)
    message = f"{endpoint.address} stands in {home_region_label(network, endpoint)} but names a service of {shown}"
    why = (
        setting(endpoint.declared, "service_name", f"the service name is of {shown}"),
        *because(merge_causes([endpoint.service_region])),
    )
    yield about_endpoint(RULE, endpoint, "fail" if certain else "unknown", message, short, why)


RULE = Rule(
    id="VPCE008",
    name="endpoint-region-mismatch",
    severity="high",
    title="The service name is of another region than the VPC",
    rationale=(
        "The name of an endpoint service holds its region, and an endpoint reaches the service of its own VPC's region. "
        "A name of another region is refused, unless the endpoint says by its service region that it means to cross "
        "regions, which some services allow. Names with the region written out are easily copied from one region's "
        "configuration into another's."
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
