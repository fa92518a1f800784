"""Which objects of a network name which other one, looked up rather than searched for: a landing zone has thousands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

from vpce_checks.model.network import (
    Appliance,
    Endpoint,
    EndpointAssociation,
    Network,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    link,
)
from vpce_checks.model.values import Value
from vpce_checks.reach.endpoints import has_type, sole_service

T = TypeVar("T")


class Naming(Generic[T]):
    """Objects by the address that one of their values names."""

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

    def may_name(self, *addresses: str) -> list[T]:
        """The objects that name one of ``addresses``, or for which that cannot be ruled out, in their order."""
        found = [*self._unsure]
        for address in dict.fromkeys(addresses):
            found += self._certain.get(address, ())
        return [thing for _, thing in sorted(found, key=lambda item: item[0])]

    def likeliest_first(self, address: str) -> list[T]:
        """Like :meth:`may_name`, with those that name ``address`` for certain before those that perhaps do."""
        return [thing for _, thing in (*self._certain.get(address, ()), *self._unsure)]


def once(network: Network, key: str, make: Callable[[], T]) -> T:
    """What ``make`` gives, made once for ``network`` and kept under ``key``."""
    if key not in network.lookups:
        network.lookups[key] = make()
    return cast(T, network.lookups[key])


def endpoints_by_vpc(network: Network) -> Naming[Endpoint]:
    """The endpoints by their VPC."""
    return once(network, "endpoints by vpc", lambda: Naming(network.endpoints, lambda endpoint: endpoint.vpc))


def gateways_beside(network: Network, endpoint: Endpoint) -> Sequence[Endpoint]:
    """The endpoints that may be gateways in the VPC of ``endpoint``, itself among them if it may be one."""

    def make() -> Naming[Endpoint]:
        gateways = [other for other in network.endpoints if has_type(other, "Gateway").possible]
        return Naming(gateways, lambda other: other.vpc)

    gateways = once(network, "gateways by vpc", make)
    address = link(endpoint.vpc).address
    return gateways.all if address is None else gateways.may_name(address)


def endpoints_by_service(network: Network) -> dict[str, list[Endpoint]]:
    """The endpoints whose service is certain, by its short name."""

    def make() -> dict[str, list[Endpoint]]:
        found: dict[str, list[Endpoint]] = {}
        for endpoint in network.endpoints:
            short = sole_service(endpoint).short
            if short is not None:
                found.setdefault(short, []).append(endpoint)
        return found

    return once(network, "endpoints by service", make)


def associations_by_endpoint(network: Network) -> Naming[EndpointAssociation]:
    """The stand-alone endpoint associations by their endpoint."""
    return once(
        network, "associations by endpoint", lambda: Naming(network.endpoint_associations, lambda item: item.endpoint)
    )


def tables_by_vpc(network: Network) -> Naming[RouteTable]:
    """The route tables by their VPC."""
    return once(network, "tables by vpc", lambda: Naming(network.route_tables, lambda table: table.vpc))


def subnets_by_vpc(network: Network) -> Naming[Subnet]:
    """The subnets by their VPC."""
    return once(network, "subnets by vpc", lambda: Naming(network.subnets, lambda subnet: subnet.vpc))


def routes_by_table(network: Network) -> Naming[Route]:
    """The routes by their route table; those of a VPC's main table may stand under the VPC."""
    return once(network, "routes by table", lambda: Naming(network.routes, lambda route: route.route_table))


def associations_by_table(network: Network) -> Naming[RouteTableAssociation]:
    """The associations of subnets and VPCs with route tables, by the table (as for routes)."""
    return once(
        network,
        "associations by table",
        lambda: Naming(network.route_table_associations, lambda item: item.route_table),
    )


def associations_by_subnet(network: Network) -> Naming[RouteTableAssociation]:
    """The associations of subnets with route tables, by the subnet."""
    return once(
        network,
        "associations by subnet",
        lambda: Naming(
            [item for item in network.route_table_associations if item.subnet is not None], lambda item: item.subnet
        ),
    )


def appliances_by_subnet(network: Network) -> Naming[Appliance]:
    """The NAT gateways and firewall endpoints by the subnet they stand in."""
    return once(network, "appliances by subnet", lambda: Naming(network.appliances, lambda item: item.subnet))
