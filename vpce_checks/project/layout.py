"""How calls leave the subnets of each VPC: what a drawing of it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeGuard

from vpce_checks.base.record import record, replace
from vpce_checks.catalog import GATEWAY_SERVICES
from vpce_checks.model.network import Network, Route, RouteTable, Subnet, Vpc, link, without_keys
from vpce_checks.model.scenario import describe
from vpce_checks.reach.egress import may_lead_out
from vpce_checks.reach.endpoints import exists, has_type, service_label
from vpce_checks.reach.indexes import endpoints_by_vpc, subnets_by_vpc
from vpce_checks.reach.interfaces import endpoint_subnets
from vpce_checks.reach.private_dns import private_dns
from vpce_checks.reach.route import Way, route
from vpce_checks.reach.route_tables import MAIN_TABLE, is_internet_gateway

Tier: TypeAlias = Literal["public", "private", "isolated", "unknown"]
"""Where the default route of a subnet goes: to an internet gateway, elsewhere, nowhere, or it is not known."""

Served: TypeAlias = tuple[str, "bool | None"]
"""A service with an interface endpoint, and whether its private DNS is on."""

TIERS: tuple[Tier, ...] = ("public", "private", "isolated", "unknown")

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "gateway": "internet gateway",
        "nat": "NAT gateway",
        "egress_only": "egress-only internet gateway",
        "transit_gateway": "transit gateway",
        "endpoint": "firewall endpoint",
    }
)
"""What the kinds of targets of a default route are called."""


@record
class SubnetsRow:
    """The subnets of one block of code that calls leave in the same way.

    ``name`` is the block's address, ``count`` how many there are (None: not known). ``table`` is the block of the route
    tables that they follow ("": the main one that AWS makes, None: not known), ``tables`` are these with their keys,
    and ``out`` where the default route goes (None: there is none, or it is not known). ``gateways`` are the services
    that calls reach through a gateway endpoint, ``interfaces`` those with an interface endpoint in these subnets and
    whether its private DNS is on (None: not known), all by short name. Other addresses have no instance keys.
    """

    name: str
    count: int | None
    zones: tuple[str, ...]
    tier: Tier
    table: str | None
    tables: tuple[str, ...]
    out: str | None
    gateways: tuple[str, ...]
    interfaces: tuple[Served, ...]


@record
class Layout:
    """The subnets of a VPC in one scenario. ``when`` says in which (empty: in all)."""

    subnets: tuple[SubnetsRow, ...]
    when: tuple[str, ...] = ()


def take_layouts(networks: Sequence[Network]) -> dict[str, Layout]:
    """Return the layout of each VPC that the root creates, by its address, in the first scenario that has it."""
    scenarios = [network.scenario for network in networks if network.scenario is not None]
    found: dict[str, Layout] = {}
    for network in networks:
        for vpc in network.vpcs:
            if vpc.address not in network.foreign and vpc.address not in found:
                rows = _rows(network, vpc)
                own = network.scenario
                others = [each for each in scenarios if each is not own]
                found[vpc.address] = Layout(rows, describe([own], others) if own is not None and others else ())
    return found


def _rows(network: Network, vpc: Vpc) -> tuple[SubnetsRow, ...]:
    inside = _services_by_subnet(network, vpc)
    groups: dict[SubnetsRow, list[tuple[Subnet, RouteTable | None]]] = {}
    for subnet in subnets_by_vpc(network).certain(vpc.address):
        row, table = _row(network, vpc, subnet, inside.get(subnet.declared.address, frozenset()))
        groups.setdefault(row, []).append((subnet, table))
    rows = (
        replace(
            row,
            count=len(those) if all(_is_certain(subnet) for subnet, _ in those) else None,
            zones=tuple(dict.fromkeys(zone for subnet, _ in those if (zone := _zone(subnet)) is not None)),
            tables=tuple(dict.fromkeys(table.declared.address for _, table in those if _is_declared(table))),
        )
        for row, those in groups.items()
    )
    return tuple(sorted(rows, key=lambda each: TIERS.index(each.tier)))


def _is_certain(subnet: Subnet) -> bool:
    """Whether it is known that there is this one, and no other that has its address."""
    return "[*]" not in subnet.declared.address and exists(subnet.declared).yes


def _is_declared(table: RouteTable | None) -> TypeGuard[RouteTable]:
    return table is not None and table.declared.type != MAIN_TABLE


def _zone(subnet: Subnet) -> str | None:
    zone = subnet.availability_zone
    return subnet.declared.shown("availability_zone", zone) if isinstance(zone, str) else None


def _row(network: Network, vpc: Vpc, subnet: Subnet, interfaces: Set[Served]) -> tuple[SubnetsRow, RouteTable | None]:
    """Return the row of one subnet, to be counted, and the route table that it follows."""
    ways = {service: route(network, subnet, service) for service in GATEWAY_SERVICES}
    way = next(iter(ways.values()))
    table = way.followed.table
    row = SubnetsRow(
        without_keys(subnet.declared.address),
        count=1,
        zones=(),
        tier=_tier(network, vpc, way),
        table=None if table is None else without_keys(table.declared.address) if _is_declared(table) else "",
        tables=(),
        out=without_keys(_target(network, way.out)) if way.out is not None else None,
        gateways=tuple(service for service, each in ways.items() if each.answer.yes),
        interfaces=tuple(sorted(interfaces, key=str)),
    )
    return row, table


def _tier(network: Network, vpc: Vpc, way: Way) -> Tier:
    table, out = way.followed.table, way.out
    if table is None:
        return "unknown"
    if out is None:
        return "unknown" if may_lead_out(network, vpc, table) else "isolated"
    if out.target_kind != "gateway":
        return "private"
    to_internet = is_internet_gateway(network, out.target)
    return "public" if to_internet.yes else "private" if to_internet.no else "unknown"


def _target(network: Network, out: Route) -> str:
    """Return what a default route goes to, and its name if the code has one."""
    kind = _KINDS.get(out.target_kind, "another target")
    if out.target_kind == "gateway" and not is_internet_gateway(network, out.target).yes:
        kind = "gateway"
    linked = link(out.target)
    name = linked.address or linked.external
    return kind if name is None else f"{kind} {out.declared.shown('target', name)}"


def _services_by_subnet(network: Network, vpc: Vpc) -> dict[str, set[Served]]:
    """Return the services of the interface endpoints of ``vpc``, by the address of each subnet that they certainly are in."""
    found: dict[str, set[Served]] = {}
    for endpoint in endpoints_by_vpc(network).certain(vpc.address):
        service = service_label(endpoint)
        if service is None or not exists(endpoint.declared).yes or has_type(endpoint, "Gateway").possible:
            continue
        served = service, private_dns(network, endpoint).on.value
        for subnet, presence in endpoint_subnets(network, endpoint):
            address = link(subnet).address
            if presence.yes and address is not None:
                found.setdefault(address, set()).add(served)
    return found
