"""Find the subnets in which nothing calls AWS services: those that only pass traffic on.

Subnets of network firewalls and Gateway Load Balancer endpoints hold only these. AWS advises a small subnet of its own for
each attachment to a transit gateway or to a Cloud WAN core network, and gateway endpoints do not serve what comes in there.
https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config-subnets.html
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-best-design-practices.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vpce_checks.model.network import Network, Subnet, link
from vpce_checks.model.tristate import NO, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, ListValue, Value
from vpce_checks.reach.clients import subnets_by_address
from vpce_checks.reach.endpoints import exists, has_type, same_object
from vpce_checks.reach.indexes import Naming, appliances_by_subnet, once
from vpce_checks.reach.interfaces import endpoint_subnets
from vpce_checks.reach.ranges import read_range

GUARDS = ("firewall",)
ATTACHMENTS = ("transit_gateway", "cloud_wan")

SMALL = 27
"""The prefix of the largest subnet that is taken for one of an attachment alone: AWS advises /28."""


def any_without_callers(network: Network) -> bool:
    """Whether the network has anything that takes up subnets for itself."""
    return any(each.kind in (*GUARDS, *ATTACHMENTS) for each in network.appliances) or bool(_balancers(network).all)


def holds(network: Network, subnet: Value, kinds: Collection[str]) -> TriState:
    """Return whether the subnet that ``subnet`` names holds an appliance of one of ``kinds``."""
    appliances = appliances_by_subnet(network)
    address = link(subnet).address
    return any_of(
        all_of((exists(appliance.declared), same_object(subnet, appliance.subnet)))
        for appliance in (appliances.all if address is None else appliances.may_name(address))
        if appliance.kind in kinds
    )


def holds_no_callers(network: Network, subnet: Value) -> TriState:
    """Return whether nothing in the subnet that ``subnet`` names calls services."""
    return any_of(
        (holds(network, subnet, GUARDS), _holds_balancer(network, subnet), _is_of_attachment(network, subnet))
    )


def _is_of_attachment(network: Network, subnet: Value) -> TriState:
    """Return whether a subnet is that of an attachment alone. In a large one there may be callers as well."""
    attached = holds(network, subnet, ATTACHMENTS)
    if attached.no:
        return NO
    known = subnets_by_address(network).get(link(subnet).address or "")
    if known is not None and _is_small(known):
        return attached
    return all_of((attached, maybe(tuple(_may_hold_callers(network, subnet)))))


def _may_hold_callers(network: Network, subnet: Value) -> Iterator[Cause]:
    """Yield the doubt whether there are callers in the subnet of an attachment, at what attaches it."""
    address = link(subnet).address
    appliances = appliances_by_subnet(network)
    for appliance in appliances.all if address is None else appliances.may_name(address):
        if appliance.kind in ATTACHMENTS and same_object(subnet, appliance.subnet).possible:
            yield Cause(f"callers may be in the subnet of {appliance.declared.address}", appliance.declared.span)


def _is_small(subnet: Subnet) -> bool:
    cidrs = subnet.cidrs.items if isinstance(subnet.cidrs, ListValue) else ()
    for cidr in cidrs:
        block = read_range(cidr) if isinstance(cidr, str) else None
        if block is not None and block.version == 4:
            return block.prefixlen >= SMALL
    return False


def _balancers(network: Network) -> Naming[tuple[Value, TriState]]:
    """Return the subnets of endpoints that are, or may be, of a Gateway Load Balancer, each with whether it is one."""

    def subnets() -> Iterator[tuple[Value, TriState]]:
        for endpoint in network.endpoints:
            there = all_of((has_type(endpoint, "GatewayLoadBalancer"), exists(endpoint.declared)))
            if there.possible:
                for value, presence in endpoint_subnets(network, endpoint):
                    yield value, all_of((there, presence))

    return once(network, "subnets of load balancer endpoints", lambda: Naming(list(subnets()), lambda pair: pair[0]))


def _holds_balancer(network: Network, subnet: Value) -> TriState:
    address = link(subnet).address
    balancers = _balancers(network)
    return any_of(
        all_of((presence, same_object(subnet, value)))
        for value, presence in (balancers.all if address is None else balancers.may_name(address))
    )
