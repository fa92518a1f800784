"""Say how the private DNS of an endpoint is turned on or off: in its own block, or in the resource that sets it afterwards.

It is not turned on before clients reach the endpoint: from then on all calls of the VPC to the service go there, also those that
have another way out and work by it.
"""

from __future__ import annotations

from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.model.tristate import any_of
from vpce_checks.reach.admits import admits, ports_of
from vpce_checks.reach.allows import allows
from vpce_checks.reach.egress import may_lead_out
from vpce_checks.reach.interfaces import endpoint_subnets
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.private_dns import dns_attributes, private_dns
from vpce_checks.reach.route_tables import tables_of
from vpce_checks.rules.finding import Fix


def private_dns_fix(network: Network, endpoint: Endpoint, vpc: str = "", *, value: bool) -> Fix:
    """Return how the private DNS of ``endpoint`` becomes ``value``. ``vpc`` is its VPC, if that is created here.

    What a resource of its own sets comes after what the block of the endpoint says, so a change there has no effect.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_private_dns
    """
    setter = private_dns(network, endpoint).set_by
    if setter is None:
        return Fix("set", address=endpoint.address, vpc=vpc, field="private_dns", value=value)
    words = f"set private_dns_enabled to {str(value).lower()} in {setter}, which sets it after the endpoint is created"
    off = _attributes_off(network, vpc) if value else []
    more = f"; turn {' and '.join(off)} of {vpc} on" if off else ""
    return Fix("text", address=endpoint.address, value=words + more)


def turn_on(network: Network, endpoint: Endpoint, home: Vpc | None) -> Fix:
    """Return how private DNS of ``endpoint`` gets on, with the DNS attributes of its VPC; in words if something is to be done
    before, so that calls that leave ``home`` now do not fail. ``home`` is None for a VPC created elsewhere."""
    first = _missing(network, endpoint)
    if not first or (home is not None and not _calls_may_leave(network, home)):
        return private_dns_fix(network, endpoint, home.address if home is not None else "", value=True)
    words = (
        f"first {first}, then turn private DNS on: in the other order, calls that leave the VPC another way would fail"
    )
    return Fix("text", address=endpoint.address, value=words)


def _attributes_off(network: Network, address: str) -> list[str]:
    """Return the DNS attributes of a VPC that are off, without which private DNS does not work."""
    vpc = network.vpc_by_address.get(address)
    return [] if vpc is None else [name for name, on in dns_attributes(vpc).items() if on.no]


def _missing(network: Network, endpoint: Endpoint) -> str:
    """Return what to do before any client reaches ``endpoint``; empty if one may. The default group of its VPC lets in none but its
    members, which few clients are."""
    there = (presence for _, presence in endpoint_subnets(network, endpoint))
    if any_of((*there, opaque_may_use(network, endpoint.address))).no:
        return "add one subnet of each zone to the endpoint"
    if ports_of(endpoint) is not None:
        admission = admits(network, endpoint)
        if admission.answer.no or (admission.default and not admission.answer.yes):
            return "let clients in by its security groups and the network ACLs of its subnets"
    if allows(network, endpoint).answer.no:
        return "let calls through by the policy of the endpoint"
    return ""


def _calls_may_leave(network: Network, vpc: Vpc) -> bool:
    """Return whether calls may get to the public endpoints of AWS from ``vpc``."""
    if opaque_may_use(network, vpc.address).possible:
        return True
    return any(may_lead_out(network, vpc, table) for table in tables_of(network, vpc))
