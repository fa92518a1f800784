"""VPCE009: AWS has no endpoint service with this name."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.catalog import Service, ServiceName, find_service, is_misspelt, is_region, nearest, parse_service_name
from vpce_checks.model.evidence import setting
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import Service as ServiceUse
from vpce_checks.reach.endpoints import sole_service
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an endpoint whose service name is known, or certainly invalid."""
    service = sole_service(endpoint)
    short = service.short
    if service.name is not None and service.name.malformed:
        name = endpoint.declared.shown("service_name", service.name.pattern_text)
        message = f"{endpoint.address} has the invalid service name {name}: {service.name.malformed}"
        why = (setting(endpoint.declared, "service_name", f"the service name is {name}"),)
        unfilled = "${" in service.name.pattern_text and network.language.startswith("cloudformation")
        fix = (
            Fix("text", address=endpoint.address, value="use Fn::Sub, so that CloudFormation replaces ${...}")
            if unfilled
            else None
        )
        yield about_endpoint(RULE, endpoint, "fail", message, None, why, fix)
    if short is None:
        yield from _strange(endpoint)
        return
    known = find_service(short)
    if known is not None and (right := _right_name(service, known)) is not None:
        message = f"{endpoint.address} is for a service that has no such name in this region; its name is {right}"
        name = endpoint.declared.shown("service_name", service.name.pattern_text if service.name is not None else "")
        why = (setting(endpoint.declared, "service_name", f"the service name is {name}"),)
        yield about_endpoint(
            RULE, endpoint, "fail", message, short, why, Fix("text", address=endpoint.address, value=f"use {right}")
        )
        return
    if known is not None and service.name is not None and (right := _right_prefix(service.name, known)):
        yield _by_another_name(endpoint, service.name, short, right)
        return
    if known is not None:
        yield about_endpoint(RULE, endpoint, "pass", f"{endpoint.address} is for the AWS service {short}", short)
        return
    shown = endpoint.declared.shown("service_name", short)
    why = (setting(endpoint.declared, "service_name", f"the service name ends in {shown}"),)
    if not is_misspelt(short):
        message = (
            f"{endpoint.address} is for {shown}, which the catalogue of endpoint services lacks: AWS may have added it"
        )
        yield about_endpoint(RULE, endpoint, "unknown", message, shown, why)
        return
    similar = nearest(short) if shown == short else ()  # names like a secret one would reveal it
    ask = f"; did you mean {' or '.join(similar)}?" if similar else ""
    message = f"{endpoint.address} is for the unknown endpoint service {shown}{ask}"
    fix = Fix("text", address=endpoint.address, value=f"use {similar[0]}") if similar else None
    yield about_endpoint(RULE, endpoint, "fail", message, shown, why, fix)


def _strange(endpoint: Endpoint) -> Iterator[Finding]:
    """Doubt a name that is known as a whole and begins like no name of AWS: a new partition may have such names."""
    value = endpoint.service_name
    name = parse_service_name(value) if isinstance(value, str) else None
    if name is not None and name.kind == "unknown" and not name.malformed:
        shown = endpoint.declared.shown("service_name", name.pattern_text)
        message = f"{endpoint.address} has the service name {shown}, which begins like no name that vpce-checks knows"
        why = (setting(endpoint.declared, "service_name", f"the service name is {shown}"),)
        yield about_endpoint(RULE, endpoint, "unknown", message, None, why)


def _right_name(named: ServiceUse, known: Service) -> str | None:
    """Return the only name of a service that is not there in every region, if ``named`` says another region.

    https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    """
    if known.regional or named.name is None:
        return None
    only = next((label for label in known.pattern.split(".") if is_region(label)), None)
    wrong = named.name.region is not None and named.name.region != only
    return known.pattern if wrong or (named.name.region_unknown and only is None) else None


_SAGEMAKER = "aws.sagemaker"
_FAMILIES = frozenset({"com.amazonaws", _SAGEMAKER, "aws.api", "api.aws"})
"""What names begin with in all regions of the partition ``aws``. Other partitions have prefixes of their own."""


def _right_prefix(name: ServiceName, known: Service) -> str | None:
    """Return the usual name of a service, if ``name`` begins with what no name of the service begins with."""
    if name.prefix not in _FAMILIES or (name.region is None and not name.region_unknown):
        return None
    right = [pattern.partition(".{region}.")[0] for pattern in known.patterns if ".{region}." in pattern]
    if not right or name.prefix in right:
        return None
    return known.pattern.replace("{region}", name.region or "REGION")


def _by_another_name(endpoint: Endpoint, name: ServiceName, short: str, right: str) -> Finding:
    """Judge a name with the prefix of other services. AWS may give a service a second name, but for those of SageMaker AI.

    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-interface-endpoint.html
    """
    shown = endpoint.declared.shown("service_name", name.pattern_text)
    why = (setting(endpoint.declared, "service_name", f"the service name is {shown}"),)
    if _SAGEMAKER not in (name.prefix, right[: len(_SAGEMAKER)]):
        message = f"{endpoint.address} is for a service whose only known name is {right}"
        return about_endpoint(RULE, endpoint, "unknown", message, short, why)
    message = f"{endpoint.address} is for a service that has no such name; its name is {right}"
    fix = Fix("text", address=endpoint.address, value=f"use {right}")
    return about_endpoint(RULE, endpoint, "fail", message, short, why, fix)


RULE = Rule(
    id="VPCE009",
    name="unknown-service",
    severity="medium",
    title="AWS has no such endpoint service",
    rationale=(
        "The name of an endpoint service often differs from the name of the service or of its API: CloudWatch is "
        "monitoring, Kinesis is kinesis-streams, Step Functions is states. The names of global services hold no region: "
        "com.amazonaws.iam. Only AWS itself finds a wrong name, in the "
        "middle of a deployment. A name that is neither in the catalogue nor like one there is unknown: AWS may have "
        "added the service."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    judges="endpoint",
    check=check,
    fix="Correct the name of the service. The finding names the nearest one.",
    ignore_when="The service is new, and its name is like an older one.",
    limits="Whether AWS added a service after the catalogue was made.",
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
