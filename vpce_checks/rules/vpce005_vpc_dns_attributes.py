"""VPCE005: private DNS in a VPC whose own DNS attributes are off."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.evidence import Evidence, because, setting
from vpce_checks.model.network import Endpoint, Network, Vpc, link
from vpce_checks.model.tristate import TriState, all_of
from vpce_checks.model.verdict import Status
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import has_type, is_vpc, service_label, truth
from vpce_checks.reach.private_dns import private_dns
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge an interface endpoint with private DNS, in a VPC that is created here."""
    asks = all_of((has_type(endpoint, "Interface"), private_dns(network, endpoint).on))
    if asks.no:
        return
    home = network.vpc_by_address.get(link(endpoint.vpc).address or "")
    if home is not None:
        yield _judge(endpoint, home, asks)
        return
    for vpc in network.vpcs:
        place = is_vpc(endpoint.vpc, vpc)
        if place.possible and not all_of(_switches(vpc).values()).yes:
            yield _judge(endpoint, vpc, all_of((asks, place)))
            return


def _switches(vpc: Vpc) -> dict[str, TriState]:
    """The two attributes by name. Support is on where nothing is said, hostnames are off."""
    return {
        "enable_dns_support": truth(vpc.enable_dns_support, True),
        "enable_dns_hostnames": truth(vpc.enable_dns_hostnames),
    }


def _judge(endpoint: Endpoint, vpc: Vpc, asks: TriState) -> Finding:
    short = service_label(endpoint)
    works = all_of(_switches(vpc).values())
    if works.yes:
        message = f"{endpoint.address} has private DNS, and the DNS attributes of {vpc.address} are on"
        return about_endpoint(RULE, endpoint, "pass", message, short)
    field = next(name for name, on in _switches(vpc).items() if not on.yes)
    status: Status = "fail" if works.no and asks.yes else "unknown"
    needs = "needs" if asks.yes else "may need"
    off = "off" if works.no else "perhaps off"
    message = f"{endpoint.address} {needs} private DNS, but {vpc.address} has {_off(vpc)} {off}"
    fix = Fix("set", address=vpc.address, field=field, value=True) if status == "fail" else None
    why = (*_attributes(vpc), *because(works.causes), *because(asks.causes))
    return about_endpoint(RULE, endpoint, status, message, short, why, fix)


def _off(vpc: Vpc) -> str:
    """The attributes that are off; those that may be, where none is for certain."""
    switches = _switches(vpc)
    certain = [name for name, on in switches.items() if on.no]
    return " and ".join(certain or [name for name, on in switches.items() if not on.yes])


def _attributes(vpc: Vpc) -> Iterator[Evidence]:
    for field, on in _switches(vpc).items():
        if on.yes:
            continue
        text = f"{field} of {vpc.address} is {'off' if on.no else 'not known'}"
        yield setting(vpc.declared, field, text, f"{text}, as nothing turns it on" if on.no else "")


RULE = Rule(
    id="VPCE005",
    name="vpc-dns-attributes",
    severity="high",
    title="Private DNS needs both DNS attributes of the VPC",
    rationale=(
        "Private DNS of an interface endpoint works through the VPC's own resolver, and only if the VPC has DNS support "
        "and DNS hostnames switched on. AWS refuses an endpoint with private DNS in a VPC that lacks either. A VPC made "
        "by Terraform or CloudFormation has support on and hostnames off where nothing is said."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html",
    judges="endpoint",
    check=check,
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
