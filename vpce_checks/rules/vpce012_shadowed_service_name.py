"""VPCE012: a private zone or a DNS Firewall takes the host name of a service and does not answer it, so that calls fail; or a
Resolver rule may take it from the endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.model.evidence import Evidence, because, few
from vpce_checks.model.network import Network, Vpc
from vpce_checks.policy import Policy, required_for
from vpce_checks.reach.endpoints import is_vpc, sole_service
from vpce_checks.reach.indexes import endpoints_by_vpc
from vpce_checks.rules.finding import Finding, Fix, Rule, about_vpc

if TYPE_CHECKING:
    from vpce_checks.reach.dns.firewall import Block
    from vpce_checks.reach.dns.names import Name
    from vpce_checks.reach.dns.resolve import Outcome
    from vpce_checks.reach.dns.zones import Zone


def check(network: Network, vpc: Vpc, policy: Policy) -> Iterator[Finding]:
    """Judge a VPC, once for each service that the policy requires or that the VPC has an endpoint for."""
    if not (network.hosted_zones or network.zone_lookups or network.firewall_rules or network.resolver_rules):
        return
    from vpce_checks.reach.dns.answers import asked_names

    for service in dict.fromkeys(_services(network, vpc, policy)):
        for group in asked_names(network, service, vpc.region):
            name, host = group[0]
            finding = _judge(network, vpc, service, name) if host.verified else None
            if finding is not None:
                yield finding
                break


def _services(network: Network, vpc: Vpc, policy: Policy) -> Iterator[str]:
    required = required_for(policy, vpc)
    yield from (service for _, service in required.sources if service not in required.exempt)
    for endpoint in endpoints_by_vpc(network).likeliest_first(vpc.address):
        short = sole_service(endpoint).short
        if short is not None and is_vpc(endpoint.vpc, vpc).yes:
            yield short


def _judge(network: Network, vpc: Vpc, service: str, name: Name) -> Finding | None:
    """Return the finding on a name that a zone or a DNS Firewall shadows, or may shadow."""
    from vpce_checks.reach.dns.resolve import resolve

    outcomes = resolve(network, vpc.address, name)
    shadow = next((each for each in outcomes if _is_shadow(each)), None)
    if shadow is None:
        return _forwarded(network, vpc, service, name)
    certain = all(_is_shadow(each) for each in outcomes)
    words, remedy = _words(shadow, name, certain=certain)
    message = f"calls from {vpc.address} to {service} {'fail' if certain else 'may fail'}: {words}"
    why: tuple[Evidence, ...] = shadow.steps
    if certain:
        fix = Fix("text", value=remedy)
        return about_vpc(RULE, vpc, "fail", message, service, why, fix)
    doubts = few(because(cause for each in outcomes for cause in each.doubts))
    if not doubts:
        return None  # AWS refuses one of two zones of this name: VPCE010 reports it
    return about_vpc(RULE, vpc, "unknown", message, service, (*why, *doubts))


def _forwarded(network: Network, vpc: Vpc, service: str, name: Name) -> Finding | None:
    """Return the finding on a Resolver rule for the very name that private DNS of an endpoint has there.

    Such a rule comes before a private zone of that name. Nothing says it of private DNS, which is a zone that AWS hides.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """
    from vpce_checks.reach.dns.horizon import horizons_of

    sources = horizons_of(network).sources(vpc.address, name) if network.resolver_rules else []
    seen = [source for source in sources if source.name == name and source.applies.possible]
    endpoint = next((source for source in seen if source.endpoint is not None), None)
    forward = next((source for source in seen if source.rule is not None and source.rule.kind != "SYSTEM"), None)
    if endpoint is None or endpoint.endpoint is None or forward is None or forward.rule is None:
        return None
    message = (
        f"calls from {vpc.address} to {service} may not get to {endpoint.endpoint.address}: {forward.rule.declared.address} "
        f"forwards {name.text} to other DNS servers"
    )
    doubt = Evidence(
        "AWS says that such a rule comes before a private zone of the name, and nothing of private DNS",
        forward.rule.declared.span,
        "cause",
    )
    return about_vpc(RULE, vpc, "unknown", message, service, (*forward.steps, *endpoint.steps, doubt))


def _words(shadow: Outcome, name: Name, *, certain: bool) -> tuple[str, str]:
    """Return what takes a name, and the remedy."""
    if shadow.firewall is not None:
        return _of_firewall(shadow.firewall, certain=certain)
    assert shadow.zone is not None
    return _of_zone(shadow.zone, name, certain=certain)


def _of_zone(zone: Zone, name: Name, *, certain: bool) -> tuple[str, str]:
    """Return what a zone does to a name, and the remedy."""
    label = zone.label if zone.declared is None else zone.declared.shown("name", zone.label)
    remedy = f"add a record for {name.text} to {label}, or use a zone of that name"
    if certain:
        return f"the private zone {label} decides about {name.text} there and has no answer for it", remedy
    return f"the private zone {label} may decide about {name.text} there without an answer for it", remedy


def _of_firewall(block: Block, *, certain: bool) -> tuple[str, str]:
    """Return what a DNS Firewall does to a name, and the remedy."""
    label, name = block.rule.declared.address, block.name.text
    verb = "blocks" if certain else "may block"
    return f"DNS Firewall {verb} {name} there by {label}", f"add a rule before {label} that allows {name}"


def _is_shadow(outcome: Outcome) -> bool:
    """Whether a query ends without an answer because of a zone or a DNS Firewall."""
    return outcome.kind == "none" and (outcome.zone is not None or outcome.firewall is not None)


RULE = Rule(
    id="VPCE012",
    name="shadowed-service-name",
    severity="high",
    title="A private zone or DNS Firewall takes a service's host name without an answer",
    rationale=(
        "In a VPC, the most specific private hosted zone decides about a name. If it has no record for the name, Route 53 "
        "Resolver answers that the name does not exist, and does not ask the public DNS. So a zone such as "
        "eu-west-1.amazonaws.com, or a zone of a service with only a wildcard record, makes calls fail. Private DNS of an "
        "endpoint in the VPC is more specific than a zone above its name. A DNS Firewall comes before all of that: a rule "
        "that blocks the name makes calls fail, also with an endpoint. A Resolver rule that forwards the very name of an endpoint may "
        "lead calls past it: that is unknown. The rule asks this for services that the policy "
        "requires, and for services that the VPC has an endpoint for."
    ),
    url="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
    judges="vpc",
    check=check,
    fix=(
        "Add a record for the name that leads to the endpoint, or remove the private zone from the VPC. Allow the name by a "
        "rule of the DNS Firewall before the one that blocks it."
    ),
    ignore_when="The zone or the DNS Firewall makes the service unreachable on purpose.",
    limits=(
        "Records that other tools add to the zone. Domains of a DNS Firewall of which the code shows nothing: the lists that "
        "AWS manages hold malicious domains."
    ),
    bad="""\
resource "aws_route53_zone" "ssm" {
  name = "ssm.eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.main.id }
}

resource "aws_route53_record" "ssm" {
  zone_id = aws_route53_zone.ssm.zone_id
  name    = "*"
  type    = "CNAME"
  ttl     = 60
  records = [aws_vpc_endpoint.ssm.dns_entry[0].dns_name]
}
""",
    good="""\
resource "aws_route53_zone" "ssm" {
  name = "ssm.eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.main.id }
}

resource "aws_route53_record" "ssm" {
  zone_id = aws_route53_zone.ssm.zone_id
  name    = ""
  type    = "A"
  alias {
    name                   = aws_vpc_endpoint.ssm.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.ssm.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
""",
)
