"""VPCE005: an endpoint uses private DNS, but the DNS attributes of its VPC are off."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.evidence import Evidence, because, setting
from vpce_checks.model.network import INVENTORY, Endpoint, Network, Vpc
from vpce_checks.model.tristate import TriState, all_of
from vpce_checks.model.verdict import Status
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import has_type, home_vpc, is_vpc, service_label
from vpce_checks.reach.indexes import once
from vpce_checks.reach.private_dns import dns_attributes, private_dns
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an interface endpoint with private DNS, in a VPC that is created here."""
    asks = all_of((has_type(endpoint, "Interface"), private_dns(network, endpoint).on))
    if asks.no:
        return
    home = home_vpc(network, endpoint)
    if home is not None:
        yield _judge(endpoint, home, asks)
        return
    doubtful = once(
        network,
        "VPCs without DNS attributes",
        lambda: [vpc for vpc in network.vpcs if not all_of(dns_attributes(vpc).values()).yes],
    )
    for vpc in doubtful:
        place = is_vpc(endpoint.vpc, vpc)
        if place.possible:
            yield _judge(endpoint, vpc, all_of((asks, place)))
            return


def _judge(endpoint: Endpoint, vpc: Vpc, asks: TriState) -> Finding:
    short = service_label(endpoint)
    works = all_of(dns_attributes(vpc).values())
    if works.yes:
        message = f"{endpoint.address} uses private DNS, and {vpc.address} has both DNS attributes on"
        return about_endpoint(RULE, endpoint, "pass", message, short)
    field, *others = (name for name, on in dns_attributes(vpc).items() if not on.yes)
    status: Status = "fail" if works.no and asks.yes else "unknown"
    uses = "uses" if asks.yes else "may use"
    has = "has" if works.no else "may have"
    message = f"{endpoint.address} {uses} private DNS, but {vpc.address} {has} {_off(vpc)} off"
    fix = (
        Fix("set", address=vpc.address, vpc=vpc.address, field=field, value=True, also=tuple(others))
        if status == "fail"
        else None
    )
    if fix is not None and vpc.declared.type == INVENTORY:  # no code here makes it
        on = " and ".join(name for name, on in dns_attributes(vpc).items() if not on.yes)
        fix = Fix("text", value=f"turn {on} of the VPC on where it is made, or turn private DNS off")
    why = (*_attributes(vpc), *because(works.causes), *because(asks.causes))
    return about_endpoint(RULE, endpoint, status, message, short, why, fix)


def _off(vpc: Vpc) -> str:
    """Return the attributes that are off, or, if none certainly is, those that may be off."""
    switches = dns_attributes(vpc)
    certain = [name for name, on in switches.items() if on.no]
    return " and ".join(_named(vpc, name) for name in certain or [name for name, on in switches.items() if not on.yes])


def _named(vpc: Vpc, attribute: str) -> str:
    """Return an attribute as the language of the VPC calls it: ``EnableDnsSupport`` in CloudFormation."""
    return attribute.title().replace("_", "") if "::" in vpc.declared.type else attribute


def _attributes(vpc: Vpc) -> Iterator[Evidence]:
    for field, on in dns_attributes(vpc).items():
        if on.yes:
            continue
        text = f"{_named(vpc, field)} of {vpc.address} is {'off' if on.no else 'unknown'}"
        yield setting(vpc.declared, field, text, f"{text}, because nothing turns it on" if on.no else "")


RULE = Rule(
    id="VPCE005",
    name="vpc-dns-attributes",
    severity="high",
    title="Private DNS needs both DNS attributes of the VPC",
    rationale=(
        "Private DNS of an interface endpoint works through the resolver of the VPC. It needs both DNS support and "
        "DNS hostnames switched on in the VPC. AWS refuses to create an endpoint with private DNS if either is off. "
        "In Terraform and CloudFormation, DNS support is on by default and DNS hostnames are off."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html",
    judges="endpoint",
    check=check,
    fix=(
        "Set both DNS attributes of the VPC on. This adds public DNS names to instances with public addresses "
        "and changes nothing else."
    ),
    ignore_when="The endpoint gets private DNS off instead.",
    limits="Attributes that somebody changed by hand.",
    bad="""\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
""",
    good="""\
resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
}
""",
)
