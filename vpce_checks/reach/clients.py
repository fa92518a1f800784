"""Find the VPCs whose clients reach an endpoint: its own, and those that private zones and Profiles lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import record
from vpce_checks.model.network import (
    Endpoint,
    HostedZone,
    Network,
    Subnet,
    Vpc,
    ZoneRecord,
    link,
)
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, ListValue, Reference, Unknown, Value, merge_causes, opaque_parts
from vpce_checks.reach.endpoints import exists, exists_with, home_vpc, is_vpc, names
from vpce_checks.reach.indexes import Naming, once, subnets_by_vpc, zones_by_address
from vpce_checks.reach.listed import listed
from vpce_checks.reach.ranges import is_ipv6

_LEADING = frozenset({"A", "AAAA", "CNAME", "HTTPS", "SVCB"})
"""The types of records that lead a client of their name somewhere else."""

_CIDR_ATTRIBUTES = ("cidr", "ipv6cidr", "secondarycidr")


@record
class Clients:
    """Where clients of an endpoint are. ``vpcs`` are VPCs of this configuration, each with whether there are clients in it.
    ``elsewhere`` is whether clients may be in VPCs whose addresses are not known here."""

    vpcs: tuple[tuple[Vpc, TriState], ...]
    elsewhere: TriState = NO


def own_clients(network: Network, endpoint: Endpoint) -> Clients:
    """Return the VPC of ``endpoint``, or those that it may be."""
    home = home_vpc(network, endpoint)
    if home is not None:
        return Clients(((home, YES),))
    possible = tuple((vpc, there) for vpc in network.vpcs if (there := is_vpc(endpoint.vpc, vpc)).possible)
    causes = merge_causes([endpoint.vpc]) or (Cause("its VPC is not created in this configuration"),)
    return Clients(possible, maybe(causes))


def remote_clients(network: Network, endpoint: Endpoint) -> Clients:
    """Return the other VPCs that a private zone or a Route 53 Profile leads to ``endpoint``."""
    zones: list[tuple[HostedZone, TriState]] = []
    doubts: list[TriState] = []
    for zone_record in _records(network, endpoint.address):
        linked = link(zone_record.zone)
        zone = zones_by_address(network).get(linked.address or "")
        if zone is not None:
            zones.append((zone, exists_with(zone_record.declared, endpoint.declared)))
        else:
            place = zone_record.declared.span
            doubts.append(
                maybe((Cause("its private zone may be associated with VPCs that are created elsewhere", place),))
            )
    vpcs: dict[str, tuple[Vpc, TriState]] = {}
    for value, presence in _associated(network, zones):
        _note(network, value, presence, vpcs, doubts)
    shared = {endpoint.address, *(zone.declared.address for zone, _ in zones)}
    for resource in network.profile_resources:
        parts = list(opaque_parts(resource.resource))
        if any(isinstance(part, Unknown) or (isinstance(part, Reference) and part.address in shared) for part in parts):
            cause = Cause(
                "a Route 53 Profile may be associated with VPCs that are created elsewhere", resource.declared.span
            )
            doubts.append(maybe((cause,)))
            for association in network.profile_associations:
                _note(network, association.vpc, exists(association.declared), vpcs, doubts)
    return Clients(tuple(vpcs.values()), any_of(doubts))


def _records(network: Network, address: str) -> list[ZoneRecord]:
    """Return the DNS records that lead, or may lead, to something of the object at ``address``."""

    def make() -> tuple[dict[str, list[ZoneRecord]], list[ZoneRecord]]:
        certain: dict[str, list[ZoneRecord]] = {}
        unsure: list[ZoneRecord] = []
        for each in network.zone_records:
            if isinstance(each.type, str) and each.type.upper() not in _LEADING:
                continue
            for part in opaque_parts(each.targets):
                if isinstance(part, Reference) and part.kind == "resource":
                    certain.setdefault(part.address, []).append(each)
                elif isinstance(part, Unknown):
                    unsure.append(each)
        return certain, unsure

    certain, unsure = once(network, "records by target", make)
    return [*certain.get(address, ()), *unsure]


def _associated(network: Network, zones: Iterable[tuple[HostedZone, TriState]]) -> Iterator[tuple[Value, TriState]]:
    """Yield the VPCs of zones, each with whether the zone leads it to the endpoint."""
    associations = once(
        network, "zone associations by zone", lambda: Naming(network.zone_associations, lambda item: item.zone)
    )
    for zone, leads in zones:
        for value, presence in listed(zone.vpcs):
            yield value, all_of((leads, presence))
        for association in associations.may_name(zone.declared.address):
            is_it = names(link(association.zone), zone.declared.address)
            yield association.vpc, all_of((leads, is_it, exists(association.declared)))


def _note(
    network: Network, value: Value, presence: TriState, vpcs: dict[str, tuple[Vpc, TriState]], doubts: list[TriState]
) -> None:
    linked = link(value)
    vpc = network.vpc_by_address.get(linked.address or "")
    if vpc is not None:
        earlier = vpcs.get(vpc.address, (vpc, NO))[1]
        vpcs[vpc.address] = (vpc, any_of((earlier, presence)))
    else:
        causes = linked.causes or (Cause(f"{linked.external or 'a VPC'} is created elsewhere"),)
        doubts.append(maybe(causes))


def ranges_of(network: Network, vpc: Vpc) -> tuple[Value, ...]:
    """Return the CIDR blocks of ``vpc``, those that separate resources add included."""
    added = once(network, "ranges by vpc", lambda: Naming(network.vpc_ranges, lambda item: item.vpc))
    own = vpc.cidrs.items if isinstance(vpc.cidrs, ListValue) else (vpc.cidrs,)
    rest = (vpc.cidrs.rest,) if isinstance(vpc.cidrs, ListValue) and vpc.cidrs.rest is not None else ()
    more = (each.cidr for each in added.may_name(vpc.address))
    return (*own, *rest, *more)


def subnet_ranges(subnet: Subnet) -> tuple[Value, ...]:
    """Return the CIDR blocks of ``subnet``."""
    return subnet.cidrs.items if isinstance(subnet.cidrs, ListValue) else (subnet.cidrs,)


def family_fits(network: Network, endpoint: Endpoint, cidr: Value) -> TriState:
    """Return whether the endpoint has addresses of the family of ``cidr``. Without a word it has IPv4 addresses."""
    type = endpoint.ip_address_type
    if not is_ipv6(cidr):
        return NO if isinstance(cidr, str) and isinstance(type, str) and type.lower() == "ipv6" else YES
    if isinstance(type, str):
        return YES if type.lower() in ("ipv6", "dualstack") else NO
    if type is None:
        home = home_vpc(network, endpoint)
        if home is not None and all(isinstance(each, str) and not is_ipv6(each) for each in ranges_of(network, home)):
            return NO
        return maybe((Cause(f"ip_address_type of {endpoint.address} is not set", endpoint.declared.span),))
    return maybe(merge_causes([type]))


def is_range_of(network: Network, cidr: Value, vpc: Vpc) -> bool:
    """Whether ``cidr`` is an attribute of ``vpc`` or of one of its subnets that holds a CIDR block."""
    if not isinstance(cidr, Reference) or not cidr.path:
        return False
    attribute = str(cidr.path[0]).lower().replace("_", "")
    if not attribute.startswith(_CIDR_ATTRIBUTES):
        return False
    return cidr.address == vpc.address or cidr.address in _subnet_addresses(network, vpc)


def _subnet_addresses(network: Network, vpc: Vpc) -> frozenset[str]:
    return once(
        network,
        f"subnet addresses of {vpc.address}",
        lambda: frozenset(subnet.declared.address for subnet in subnets_by_vpc(network).certain(vpc.address)),
    )


def subnets_by_address(network: Network) -> dict[str, Subnet]:
    """Return the subnets by address."""
    return once(network, "subnets by address", lambda: {subnet.declared.address: subnet for subnet in network.subnets})
