"""VPCE008: an endpoint, its VPC and its service are not in regions that go together."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.catalog.cross_region import crosses_regions, home_of
from vpce_checks.model.evidence import Evidence, because, setting
from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.model.tristate import NO, YES, TriState, maybe, one_of
from vpce_checks.model.values import Cause, Value, merge_causes
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import (
    Service,
    has_type,
    home_region,
    home_region_label,
    home_vpc,
    is_vpc,
    possible_values,
    same_region,
    service_label,
    services,
)
from vpce_checks.reach.indexes import once
from vpce_checks.rules.finding import Finding, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an endpoint whose own region and whose service's region are both known."""
    abroad = _in_another_region_than_its_vpc(network, endpoint)
    if abroad is not None:
        yield abroad
        return
    home = home_region(network, endpoint)
    possible = services(endpoint)
    regions = {_region_of(service, home) for service in possible} if home is not None else {None}
    if home is None or len(regions) != 1 or (region := regions.pop()) is None:
        return
    said = possible_values(endpoint.service_region)
    answer = one_of(_goes(endpoint, service, region, home, value) for service in possible for value in said)
    short = service_label(endpoint)
    if answer.yes:
        if not _may_be_in_another_region(network, endpoint):
            message = f"{endpoint.address} has a service name for the right region"
            yield about_endpoint(RULE, endpoint, "pass", message, short)
        return
    shown = endpoint.declared.shown("service_name", region)
    said_by_name = any(service.name is not None and service.name.region is not None for service in possible)
    what = "service name is for" if said_by_name else "service is in"
    message = f"{endpoint.address} is in {home_region_label(network, endpoint)}, but its {what} {shown}"
    why = [setting(endpoint.declared, "service_name", f"the {what} {shown}")]
    if region in said and region != home:
        what = (
            "a gateway endpoint"
            if not has_type(endpoint, "Gateway").no
            else f"an endpoint for {short or 'its service'}"
        )
        message += f"; {what} cannot cross regions"
        why.append(setting(endpoint.declared, "service_region", "the service region is set"))
    elif region == home:
        message = f"{endpoint.address} sets another service region than that of its service name, {shown}"
        why.append(setting(endpoint.declared, "service_region", "the service region is set"))
    yield about_endpoint(
        RULE, endpoint, "fail" if answer.no else "unknown", message, short, (*why, *because(answer.causes))
    )


def _in_another_region_than_its_vpc(network: Network, endpoint: Endpoint) -> Finding | None:
    """Return the finding on an endpoint that is created in another region than its VPC: AWS does not find the VPC there."""
    vpc = home_vpc(network, endpoint)
    if vpc is None or not isinstance(vpc.region, str) or not isinstance(endpoint.region, str):
        return None
    if vpc.region == endpoint.region:
        return None
    own, other = endpoint.declared.shown("region", endpoint.region), vpc.declared.shown("region", vpc.region)
    message = f"{endpoint.address} is created in {own}, but its VPC {vpc.address} is in {other}"
    why = (Evidence(f"{vpc.address} is in {other}", vpc.declared.span),)
    return about_endpoint(RULE, endpoint, "fail", message, service_label(endpoint), why)


def _may_be_in_another_region(network: Network, endpoint: Endpoint) -> bool:
    """Return whether the VPC of ``endpoint``, created here, may be in another region than the endpoint."""
    home = home_vpc(network, endpoint)
    if endpoint.region is None or (home is not None and same_region(home.region, endpoint.region).yes):
        return False
    vpcs = [home] if home is not None else _vpcs_elsewhere(network, endpoint.region)
    return any(is_vpc(endpoint.vpc, vpc).possible for vpc in vpcs)


def _vpcs_elsewhere(network: Network, region: Value) -> list[Vpc]:
    """Return the VPCs that are not certainly in ``region``."""

    def make() -> list[Vpc]:
        return [vpc for vpc in network.vpcs if not same_region(vpc.region, region).yes]

    return once(network, f"VPCs outside of {region}", make) if isinstance(region, str) else make()


def _region_of(service: Service, home: str) -> str | None:
    """Return the region of a service: that of its name or, if its name holds none, that of its control plane."""
    if service.name is None or service.name.region_unknown:
        return None
    if service.name.region is None and service.short is not None:
        return home_of(service.short, home)
    return service.name.region


def _goes(endpoint: Endpoint, service: Service, region: str, home: str, said: Value) -> TriState:
    """Return whether AWS takes a service of ``region`` for an endpoint in ``home`` that sets the service region ``said``."""
    if said is not None and not isinstance(said, str):
        return maybe(merge_causes([said]))
    if region != (home if said is None else said):
        return NO
    if region == home:
        return YES
    gateway = has_type(endpoint, "Gateway")
    if gateway.yes:
        return NO
    crosses = True if service.of_others or service.short is None else crosses_regions(service.short)
    if crosses is False:
        return NO
    if crosses is None or gateway.possible:
        text = f"AWS does not list {service.short} among the services that cross regions"
        return maybe(gateway.causes or (Cause(text, endpoint.declared.span),))
    return YES


RULE = Rule(
    id="VPCE008",
    name="endpoint-region-mismatch",
    severity="high",
    title="The service name is for a different region than the VPC",
    rationale=(
        "The name of an endpoint service contains a region. An endpoint reaches the service in the region of its VPC, "
        "and AWS refuses a name for another region. The exception is an endpoint that sets a service region: some "
        "services allow an interface endpoint to cross regions. Names with a literal region are easily copied from the "
        "configuration of another region. A gateway endpoint never crosses regions. An endpoint that is created with the "
        "provider of another region than its VPC does not find its VPC."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html",
    judges="endpoint",
    check=check,
    fix=(
        "Name the service of the region that the VPC is in, or say `service_region` for a service that is "
        "offered across regions."
    ),
    ignore_when="There is no good reason: AWS refuses the endpoint.",
    limits="The region, where only the environment of the deployment says it.",
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
