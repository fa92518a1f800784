"""VPCE006: an endpoint has a type that its service does not support."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.catalog import find_service
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.model.tristate import NO, YES, TriState, maybe, one_of
from vpce_checks.model.values import Cause, Value, merge_causes
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import Service, possible_values, service_label, services, sole_service, type_label
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint

OF_OTHERS = frozenset({"Interface", "GatewayLoadBalancer"})
"""The types of endpoints to services of customers and partners."""


_TYPES = ("Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork")
"""All types, as AWS writes them: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html"""


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an endpoint whose service the catalogue knows."""
    pairs = [_goes_with(service, type) for service in services(endpoint) for type in possible_values(endpoint.type)]
    answers = [answer for answer in pairs if answer is not None]
    if answers:
        open_name = maybe(merge_causes([endpoint.service_name]))
        yield _judge(endpoint, one_of(answers) if len(answers) == len(pairs) else open_name)


def _goes_with(service: Service, type: Value) -> TriState | None:
    """Return whether a service supports ``type``; None if the catalogue does not have the service."""
    types = _types(service)
    if types is None:
        return None
    if type is None:
        type = "Gateway"
    if not isinstance(type, str):
        return maybe(merge_causes([type]))
    if type in types:
        return YES
    if type == "Interface":
        return maybe([Cause(f"the catalogue has only gateway endpoints for {service.short}")])
    return NO


def _types(service: Service) -> frozenset[str] | None:
    if service.of_others:
        return OF_OTHERS
    known = find_service(service.short) if service.short is not None else None
    return known.types if known is not None else None


def _judge(endpoint: Endpoint, fits: TriState) -> Finding:
    service = sole_service(endpoint)
    short = service_label(endpoint)
    what = short or "its service"
    if fits.yes:
        return about_endpoint(RULE, endpoint, "pass", f"{endpoint.address} has a type that {what} supports", short)
    if not fits.no:
        message = f"{endpoint.address} may have a type that {what} does not support"
        return about_endpoint(RULE, endpoint, "unknown", message, short, because(fits.causes))
    type, place = type_label(endpoint) or "unknown", endpoint.declared.field_spans.get("type")
    default = " (the default)" if place is None else ""
    message = f"{endpoint.address} has type {type}{default}, but {what} does not support this type"
    types = sorted(_types(service) or ())
    right = next((each for each in _TYPES if each != type and each.lower() == type.lower()), None)
    if right is not None:
        message = f"{endpoint.address} has type {type}, which AWS does not know; it is written {right}"
    value = right or (types[0] if len(types) == 1 else None)
    fix = Fix("set", address=endpoint.address, field="type", value=value) if value is not None else None
    why = (Evidence(f"the type is {type}", place or endpoint.declared.span),)
    return about_endpoint(RULE, endpoint, "fail", message, short, why, fix)


RULE = Rule(
    id="VPCE006",
    name="endpoint-type-mismatch",
    severity="high",
    title="The service does not support the type of the endpoint",
    rationale=(
        "Gateway endpoints exist only for S3 and DynamoDB. Everything else is reached through interface endpoints. An "
        "endpoint without a type is a gateway endpoint. So an endpoint for EC2, for instance, that sets no type asks "
        "for something that AWS does not have, and the deployment fails."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    judges="endpoint",
    check=check,
    fix="Change the type of the endpoint. AWS replaces it, so calls fail in between.",
    ignore_when="There is no good reason: AWS refuses the endpoint.",
    limits="Types that AWS added after the catalogue was made.",
    bad="""\
resource "aws_vpc_endpoint" "ec2" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.ec2"
}
""",
    good="""\
resource "aws_vpc_endpoint" "ec2" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ec2"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
""",
)
