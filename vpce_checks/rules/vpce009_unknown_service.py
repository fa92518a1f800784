"""VPCE009: an endpoint for a service that AWS does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.catalog import find_service, nearest
from vpce_checks.model.evidence import setting
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import sole_service
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an endpoint whose service name says for certain what it is for, or that it is for nothing at all."""
    service = sole_service(endpoint)
    short = service.short
    if service.name is not None and service.name.malformed:
        name = endpoint.declared.shown("service_name", service.name.pattern_text)
        message = f"{endpoint.address} cannot be for {name}: {service.name.malformed}"
        why = (setting(endpoint.declared, "service_name", f"the service name is {name}"),)
        unfilled = "${" in service.name.pattern_text and network.language.startswith("cloudformation")
        fix = Fix("text", address=endpoint.address, value="fill in what is in ${...} by Fn::Sub") if unfilled else None
        yield about_endpoint(RULE, endpoint, "fail", message, None, why, fix)
    if short is None:
        return
    if find_service(short) is not None:
        yield about_endpoint(RULE, endpoint, "pass", f"{endpoint.address} is for {short}, a service of AWS", short)
        return
    shown = endpoint.declared.shown("service_name", short)
    similar = nearest(short) if shown == short else ()  # what is like a secret says a lot of it
    ask = f"; did you mean {' or '.join(similar)}?" if similar else ""
    message = f"{endpoint.address} is for {shown}, which is no endpoint service that we know{ask}"
    why = (setting(endpoint.declared, "service_name", f"the service name ends in {shown}"),)
    fix = Fix("text", address=endpoint.address, value=f"use {similar[0]}") if similar else None
    yield about_endpoint(RULE, endpoint, "fail", message, shown, why, fix)


RULE = Rule(
    id="VPCE009",
    name="unknown-service",
    severity="medium",
    title="No such endpoint service",
    rationale=(
        "The name of an endpoint service often differs from that of the service or of its API: CloudWatch is monitoring, "
        "Kinesis is kinesis-streams, Step Functions is states. A name that does not exist is found out by AWS alone, in "
        "the middle of a deployment. The catalogue may lack the very latest services: turn the rule off, or ignore the "
        "one endpoint, where it does."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    judges="endpoint",
    check=check,
    bad="""\
resource "aws_vpc_endpoint" "metrics" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.cloudwatch"
  vpc_endpoint_type = "Interface"
}
""",
    good="""\
resource "aws_vpc_endpoint" "metrics" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.monitoring"
  vpc_endpoint_type = "Interface"
}
""",
)
