"""VPCE004: requests to the default hostname of a service bypass its interface endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.catalog import find_service
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.model.values import merge_causes
from vpce_checks.model.verdict import Severity, Status
from vpce_checks.policy import Policy
from vpce_checks.reach.coverage import gateway_beside
from vpce_checks.reach.endpoints import Service, has_type, home_vpc, service_label, services, sole_service
from vpce_checks.reach.private_dns import of_same_names, private_dns
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint

_NAMES_OF_ITS_OWN = {
    "apprunner.requests": "App Runner gives each connection through this endpoint its own domain name",
    "transfer.server": "clients of a Transfer Family server call the names or addresses of its endpoint",
}
"""Services that no client calls by a name of the Region, and why.

https://docs.aws.amazon.com/apprunner/latest/dg/network-pl-manage.html
https://repost.aws/knowledge-center/aws-sftp-endpoint-type
"""


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an interface endpoint to an AWS service, in a VPC created here or elsewhere."""
    if endpoint.service_name is not None and has_type(endpoint, "Interface").possible:
        yield _judge(network, endpoint)


def _judge(network: Network, endpoint: Endpoint) -> Finding:
    service = sole_service(endpoint)
    severity: Severity = "low" if service.short == "execute-api" else RULE.severity
    shown = service_label(endpoint)
    dns = private_dns(network, endpoint)

    def verdict(status: Status, text: str, why: tuple[Evidence, ...] = ()) -> Finding:
        fix = None
        if status == "fail":
            beside = _beside(network, endpoint)
            fix = _fix(network, endpoint) if beside is None else Fix("text", value=beside[1])
            why = why if beside is None else (*why, beside[0])
        message = f"{endpoint.address} {text}"
        return about_endpoint(RULE, endpoint, status, message, shown, (*dns.why, *why), fix, severity)

    if dns.on.yes:
        return verdict("pass", "has private DNS on")
    reasons = [_may_be_off(network, endpoint, possible) for possible in services(endpoint)]
    if all(reason is not None and reason[0] == "pass" for reason in reasons):
        _, text, steps = reasons[0] or ("", "", ())
        return verdict("pass", f"needs no private DNS: {text}", steps)
    from vpce_checks.reach.dns.horizon import shares_of
    from vpce_checks.reach.dns.reverse import names_lead_to

    led = names_lead_to(network, endpoint)
    if led.answer.yes:
        text = "needs no private DNS: a private hosted zone or Route 53 Profile leads the names of its service to it"
        return verdict("pass", text, led.why)
    type_doubt = has_type(endpoint, "Interface")
    doubts = (*because(dns.on.causes), *led.why, *because(led.answer.causes), *because(type_doubt.causes))
    for reason in reasons:
        doubts += reason[2] if reason is not None else ()
    if dns.on.no and type_doubt.yes and not led.answer.possible and all(reason is None for reason in reasons):
        return verdict(
            "fail",
            f"has private DNS off, so requests to the default hostname of {shown or 'its service'} bypass this endpoint",
        )
    what = "has private DNS off, but might not need it" if dns.on.no else "may have private DNS off"
    shared = next(shares_of(network, endpoint), None) is not None
    return replace(verdict("unknown", what, doubts), severity="low") if shared else verdict("unknown", what, doubts)


def _fix(network: Network, endpoint: Endpoint) -> Fix:
    """Return how an endpoint gets the calls. Without a gateway endpoint beside it, AWS refuses the private DNS of S3 as it is
    by default: it is limited to the inbound Resolver endpoint."""
    if sole_service(endpoint).short == "s3":
        return Fix("text", address=endpoint.address, value=_FIX_OF_S3)
    from vpce_checks.rules.private_dns_fix import turn_on

    return turn_on(network, endpoint, home_vpc(network, endpoint))


_FIX_OF_S3 = (
    "add a gateway endpoint for S3 to its VPC. Or set private DNS on and its limit to the inbound Resolver endpoint off: "
    "AWS sets that limit by default, and then requires the gateway endpoint"
)


def _beside(network: Network, endpoint: Endpoint) -> tuple[Evidence, str] | None:
    """Return why private DNS cannot simply be turned on, and what to do: AWS refuses it for a second endpoint of a service in a
    VPC. None if there is no other, or if the others come after this one, in code of their own, and have it off."""
    same = of_same_names(network, endpoint)
    on = next((each for each in same if each is not endpoint and private_dns(network, each).on.yes), None)
    if on is not None:
        step = Evidence(f"{on.address} already uses this private DNS name", on.declared.span)
        return step, (
            f"remove {endpoint.address}, or turn private DNS on for it and off for {on.address}: AWS allows it for one "
            "endpoint of a service in a VPC"
        )
    first = next(iter(same), endpoint)  # of very many, some are not compared
    if first is endpoint:  # what is set in a block is set for all that it makes
        others = (each for each in same[1:] if each.declared.span == endpoint.declared.span)
        first = next(others, first)
    if first is endpoint or private_dns(network, first).on.possible:
        return None
    step = Evidence(f"{first.address} is for the same private DNS name", first.declared.span)
    return step, (
        f"keep one of {' and '.join(sorted((first.address, endpoint.address)))}, or turn private DNS on for one of them only: AWS allows it for "
        "one endpoint of a service in a VPC"
    )


def _may_be_off(network: Network, endpoint: Endpoint, service: Service) -> tuple[str, str, tuple[Evidence, ...]] | None:
    """Return why private DNS may be off: certainly ("pass") or perhaps ("unknown"). None if the endpoint needs it."""
    if service.of_others:
        return "pass", "the service is not an AWS service", ()
    if service.value is None or (service.name is not None and service.name.malformed):
        return "pass", "it is not an endpoint to an AWS service", ()
    if service.short is None:
        causes = because(merge_causes([service.value]))
        return "unknown", "", causes or (Evidence("cannot determine its service", endpoint.declared.span, "cause"),)
    known = find_service(service.short)
    if known is not None and known.private_dns == "no":
        return "pass", f"AWS does not offer private DNS for {service.short}", ()
    if service.short in _NAMES_OF_ITS_OWN:
        return "pass", _NAMES_OF_ITS_OWN[service.short], ()
    if service.short != "s3":
        return None
    beside = gateway_beside(network, endpoint, "s3")
    if beside.by is not None:
        step = Evidence(f"{beside.by.address} is the gateway endpoint", beside.by.declared.span)
        return "pass", "its VPC has an S3 gateway endpoint, which serves traffic from inside the VPC", (step,)
    return ("unknown", "", beside.perhaps) if beside.perhaps else None


RULE = Rule(
    id="VPCE004",
    name="private-dns-disabled",
    severity="high",
    title="An interface endpoint has private DNS off",
    rationale=(
        "Programs call a service by its default hostname, for instance secretsmanager.eu-west-1.amazonaws.com. This "
        "hostname leads to the interface endpoint only if private DNS is on. If it is off, every call still goes to "
        "the public address: the endpoint costs money and carries no traffic. Terraform and CloudFormation leave "
        "private DNS off by default. It may be off if AWS does not offer it (DynamoDB), for S3 if the VPC also has a "
        "gateway endpoint, for private services of App Runner, for servers of Transfer Family, for services that are not "
        "from AWS, and if a private hosted zone or a Route 53 Profile does the same for several VPCs. For API Gateway "
        "(execute-api) it may be off on purpose, because private DNS makes public APIs unreachable from the VPC; the "
        "rule then reports low severity."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
    judges="endpoint",
    check=check,
    fix=(
        "Set private DNS on. From then on all calls of the VPC to the service go through the endpoint, so its "
        "security group and policy must let them in, and it must be in a subnet. The VPC needs both DNS attributes."
    ),
    ignore_when=(
        "Clients use the endpoint's own DNS names on purpose, or resolve the service by a DNS server outside of AWS."
    ),
    limits="Which names clients use, and what DNS servers outside of AWS answer.",
    severity_varies="Low for execute-api, where private DNS off is a choice, and for an endpoint that a Route 53 Profile shares.",
    bad="""\
resource "aws_vpc_endpoint" "secrets" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.secretsmanager"
  vpc_endpoint_type = "Interface"
  subnet_ids        = [aws_subnet.private.id]
}
""",
    good="""\
resource "aws_vpc_endpoint" "secrets" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.private.id]
  private_dns_enabled = true
}
""",
)
