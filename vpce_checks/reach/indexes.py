"""Look up the objects of a network by the object that they name. A landing zone has thousands, too many to search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Generic, TypeVar, cast

from vpce_checks.base.record import record
from vpce_checks.model.network import (
    Appliance,
    Endpoint,
    EndpointAssociation,
    HostedZone,
    InternetGateway,
    Network,
    Route,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    ZoneAssociation,
    link,
)
from vpce_checks.model.tristate import maybe
from vpce_checks.model.values import Cause, ListValue, Reference, Value
from vpce_checks.reach.endpoints import has_type, sole_service

T = TypeVar("T")

MAX_COMPARISONS = 300_000
"""How many pairs of objects of one network are compared at most, which takes about two seconds.

Only networks with hundreds of objects whose VPC or route table is not known reach it. The others are looked up.
"""

TOO_MANY = maybe((Cause("too many objects have an unknown VPC or route table, so they were not all compared"),))


class Naming(Generic[T]):
    """Objects, indexed by the address that one of their values names."""

    def __init__(self, objects: Sequence[T], value_of: Callable[[T], Value]) -> None:
        self.all = objects
        self._certain: dict[str, list[tuple[int, T]]] = {}
        self._unsure: list[tuple[int, T]] = []
        for place, thing in enumerate(objects):
            linked = link(value_of(thing))
            if linked.address is not None:
                self._certain.setdefault(linked.address, []).append((place, thing))
            elif linked.external is None:
                self._unsure.append((place, thing))

    @property
    def unsure(self) -> int:
        """The number of objects that may name anything."""
        return len(self._unsure)

    def may_name(self, *addresses: str) -> list[T]:
        """Return the objects that name, or may name, one of ``addresses``, in their order."""
        if not self.all:
            return []
        found = [*self._unsure]
        for address in dict.fromkeys(addresses):
            found += self._certain.get(address, ())
        return [thing for _, thing in sorted(found, key=lambda item: item[0])]

    def places(self, address: str) -> list[int]:
        """Return the positions of the objects that name, or may name, ``address``."""
        return sorted(place for place, _ in (*self._unsure, *self._certain.get(address, ())))

    def certain(self, address: str) -> list[T]:
        """Return the objects that name ``address`` for certain, in their order."""
        return [thing for _, thing in self._certain.get(address, ())]

    def likeliest_first(self, address: str) -> Iterator[T]:
        """Like :meth:`may_name`, but those that name ``address`` for certain come first."""
        return (thing for _, thing in chain(self._certain.get(address, ()), self._unsure))


def once(network: Network, key: str, make: Callable[[], T]) -> T:
    """Return the result of ``make``, computed once for ``network`` and kept under ``key``."""
    if key not in network.lookups:
        network.lookups[key] = make()
    return cast(T, network.lookups[key])


def can_compare(network: Network, count: int) -> bool:
    """Count ``count`` more comparisons. Return whether they stay within :data:`MAX_COMPARISONS`.

    If not, the caller must answer :data:`TOO_MANY`.
    """
    made = once(network, "comparisons", lambda: [0])
    made[0] += count
    return made[0] <= MAX_COMPARISONS


def endpoints_by_vpc(network: Network) -> Naming[Endpoint]:
    """Return the endpoints by their VPC."""
    return once(network, "endpoints by vpc", lambda: Naming(network.endpoints, lambda endpoint: endpoint.vpc))


def gateways_beside(network: Network, endpoint: Endpoint) -> Sequence[Endpoint]:
    """Return the endpoints that may be gateway endpoints in the VPC of ``endpoint``. ``endpoint`` may be one of them."""

    def make() -> Naming[Endpoint]:
        gateways = [other for other in network.endpoints if has_type(other, "Gateway").possible]
        return Naming(gateways, lambda other: other.vpc)

    gateways = once(network, "gateways by vpc", make)
    address = link(endpoint.vpc).address
    return gateways.all if address is None else gateways.may_name(address)


def endpoints_by_service(network: Network) -> dict[str, list[Endpoint]]:
    """Return the endpoints whose service is certain, by the short name of the service."""

    def make() -> dict[str, list[Endpoint]]:
        found: dict[str, list[Endpoint]] = {}
        for endpoint in network.endpoints:
            short = sole_service(endpoint).short
            if short is not None:
                found.setdefault(short, []).append(endpoint)
        return found

    return once(network, "endpoints by service", make)


@record
class ZoneAssociations:
    """The separate associations of private hosted zones with VPCs.

    ``certain``: by the addresses of zone and VPC. ``unsure``: the zone or the VPC is not certain.
    """

    certain: dict[tuple[str, str], list[ZoneAssociation]]
    unsure: list[ZoneAssociation]


def zone_associations(network: Network) -> ZoneAssociations:
    """Return the separate associations of private hosted zones with VPCs."""

    def make() -> ZoneAssociations:
        found = ZoneAssociations({}, [])
        for each in network.zone_associations:
            zone, vpc = link(each.zone), link(each.vpc)
            if zone.address is not None and vpc.address is not None:
                found.certain.setdefault((zone.address, vpc.address), []).append(each)
            elif zone.external is None and vpc.external is None:
                found.unsure.append(each)
        return found

    return once(network, "zone associations", make)


def zones_by_address(network: Network) -> dict[str, HostedZone]:
    """Return the hosted zones by address."""
    return once(network, "zones by address", lambda: {zone.declared.address: zone for zone in network.hosted_zones})


def associations_by_endpoint(network: Network) -> Naming[EndpointAssociation]:
    """Return the separate endpoint associations by their endpoint."""
    return once(
        network, "associations by endpoint", lambda: Naming(network.endpoint_associations, lambda item: item.endpoint)
    )


def tables_by_vpc(network: Network) -> Naming[RouteTable]:
    """Return the route tables by their VPC."""
    return once(network, "tables by vpc", lambda: Naming(network.route_tables, lambda table: table.vpc))


def tables_listed(network: Network, endpoint: Endpoint) -> Naming[Value]:
    """Return the route tables that ``endpoint`` lists, by address.

    A main table that is named through an attribute of its VPC does not count as certain.
    """

    def make() -> Naming[Value]:
        tables = endpoint.route_tables
        assert isinstance(tables, ListValue)
        return Naming(tables.items, lambda item: item if is_plain_id(item) else None)

    return once(network, f"tables of {endpoint.address}", make)


def is_plain_id(value: Value) -> bool:
    """Whether ``value`` is no attribute of its object but its id."""
    return not isinstance(value, Reference) or value.path in ((), ("id",))


def endpoints_by_address(network: Network) -> dict[str, Endpoint]:
    """Return the endpoints by their address."""
    return once(network, "endpoints by address", lambda: {each.address: each for each in network.endpoints})


def subnets_by_vpc(network: Network) -> Naming[Subnet]:
    """Return the subnets by their VPC."""
    return once(network, "subnets by vpc", lambda: Naming(network.subnets, lambda subnet: subnet.vpc))


def groups_by_vpc(network: Network) -> Naming[SecurityGroup]:
    """Return the security groups by their VPC."""
    return once(network, "all groups by vpc", lambda: Naming(network.security_groups, lambda group: group.vpc))


def gateways_by_vpc(network: Network) -> Naming[InternetGateway]:
    """Return the internet gateways by their VPC."""
    return once(network, "all gateways by vpc", lambda: Naming(network.internet_gateways, lambda gateway: gateway.vpc))


def routes_by_table(network: Network) -> Naming[Route]:
    """Return the routes by their route table. Routes of the main table may be listed under the VPC."""
    return once(network, "routes by table", lambda: Naming(network.routes, lambda route: route.route_table))


def associations_by_table(network: Network) -> Naming[RouteTableAssociation]:
    """Return the associations of subnets and VPCs with route tables, by the table (as for routes)."""
    return once(
        network,
        "associations by table",
        lambda: Naming(network.route_table_associations, lambda item: item.route_table),
    )


def associations_by_subnet(network: Network) -> Naming[RouteTableAssociation]:
    """Return the associations of subnets with route tables, by the subnet."""
    return once(
        network,
        "associations by subnet",
        lambda: Naming(
            [item for item in network.route_table_associations if item.subnet is not None], lambda item: item.subnet
        ),
    )


def main_associations(network: Network) -> Naming[RouteTableAssociation]:
    """Return the associations that make a table the main one of a VPC, by the VPC."""
    return once(
        network,
        "main associations",
        lambda: Naming(
            [item for item in network.route_table_associations if item.main_of is not None], lambda item: item.main_of
        ),
    )


def appliances_by_subnet(network: Network) -> Naming[Appliance]:
    """Return the NAT gateways, firewall endpoints and attachments by their subnet."""
    return once(network, "appliances by subnet", lambda: Naming(network.appliances, lambda item: item.subnet))
