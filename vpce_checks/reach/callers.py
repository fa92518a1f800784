"""Find the subnets in which nothing calls AWS services: those that only pass traffic on.

Subnets of network firewalls and Gateway Load Balancer endpoints hold only these. AWS advises a small subnet of its own for
each attachment to a transit gateway or to a Cloud WAN core network, and gateway endpoints do not serve what comes in there.
AWS refuses nobody a workload in such a subnet. One that the code puts there makes it a subnet like any other.
https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config-subnets.html
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-best-design-practices.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.model.network import Network, OpaqueModule, Part, Subnet, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, ListValue, Value
from vpce_checks.reach.clients import subnets_by_address
from vpce_checks.reach.endpoints import exists, has_type, same_object
from vpce_checks.reach.indexes import Naming, appliances_by_subnet, once
from vpce_checks.reach.interfaces import endpoint_subnets
from vpce_checks.reach.listed import listed
from vpce_checks.reach.opaque import opaque_users
from vpce_checks.reach.ranges import read_range

GUARDS = ("firewall",)
ATTACHMENTS = ("transit_gateway", "cloud_wan")

_PASSING = ("nat",)
"""Kinds of parts that name a subnet and only pass traffic on."""

_PERHAPS = ("subnet_group", "dms_subnet_group", "template", "kubernetes")
"""Kinds of parts that name subnets for something else, which may be in any of them."""

_SUBNETS = {"subnets": True, "interface_subnets": False, "more_subnets": False}
"""The fields of parts that name subnets, each with whether the part certainly uses each of them."""

_FIREWALL_MODULE = pattern(r"(?i)network[-_]?firewall")
"""What is in the address of a published module that makes network firewalls. Its code may not be there."""

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


def makes_firewalls(module: OpaqueModule) -> bool:
    """Return whether a module that was not read makes network firewalls, by its address."""
    return _FIREWALL_MODULE.search(module.source) is not None


def holds_no_callers(network: Network, subnet: Value) -> TriState:
    """Return whether nothing in the subnet that ``subnet`` names calls services."""
    passes_on = any_of(
        (holds(network, subnet, GUARDS), _holds_balancer(network, subnet), _is_of_attachment(network, subnet))
    )
    return all_of((passes_on, not_(_holds_workloads(network, subnet)))) if passes_on.possible else NO


def _is_of_attachment(network: Network, subnet: Value) -> TriState:
    """Return whether a subnet is that of an attachment alone. In a large one there may be callers as well."""
    attached = holds(network, subnet, ATTACHMENTS)
    if attached.no:
        return NO
    known = subnets_by_address(network).get(link(subnet).address or "")
    if known is not None and is_small(known):
        return attached
    return all_of((attached, maybe(tuple(_may_hold_callers(network, subnet)))))


def _may_hold_callers(network: Network, subnet: Value) -> Iterator[Cause]:
    """Yield the doubt whether there are callers in the subnet of an attachment, at what attaches it."""
    address = link(subnet).address
    appliances = appliances_by_subnet(network)
    for appliance in appliances.all if address is None else appliances.may_name(address):
        if appliance.kind in ATTACHMENTS and same_object(subnet, appliance.subnet).possible:
            yield Cause(f"callers may be in the subnet of {appliance.declared.address}", appliance.declared.span)


def is_small(subnet: Subnet) -> bool:
    """Return whether a subnet has an IPv4 block of the size that AWS advises for an attachment, or little more."""
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


@record
class _Place:
    """A subnet that a part of a workload names, and whether the workload uses it."""

    part: Part
    subnet: Value
    presence: TriState


def _holds_workloads(network: Network, subnet: Value) -> TriState:
    """Return whether a workload is in the subnet that ``subnet`` names. Code that was not read and gets the subnet may put one
    there."""
    places = once(network, "workloads by subnet", lambda: Naming(list(_places(network)), lambda place: place.subnet))
    address = link(subnet).address
    known = any_of(
        all_of((exists(place.part.declared), place.presence, same_object(subnet, place.subnet)))
        for place in (places.all if address is None else places.may_name(address))
    )
    users = opaque_users(network, address) if address is not None else ()
    causes = [cause for module, cause in users if not makes_firewalls(module)]
    return any_of((known, maybe(causes))) if causes else known


def _places(network: Network) -> Iterator[_Place]:
    for part in network.parts:
        if part.kind in _PASSING:
            continue
        for field, each in _SUBNETS.items():
            text = f"{part.address} may be in the subnet, or in another one that it names"
            perhaps = maybe((Cause(text, part.place(field)),))
            certain = YES if each and part.kind not in _PERHAPS else perhaps
            for value, presence in listed(part.get(field), or_one=True):
                yield _Place(part, value, all_of((certain, presence)))
