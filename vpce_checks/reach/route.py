"""Follow a call from a subnet: its route table, the gateway endpoint on it, or the way out where there is none.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Appliance, Endpoint, Network, Route, RouteTable, Subnet, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause
from vpce_checks.reach.clients import subnets_by_address
from vpce_checks.reach.endpoint_tables import has_table
from vpce_checks.reach.endpoints import exists, exists_with, has_type, is_of, names, same_object
from vpce_checks.reach.indexes import associations_by_subnet, endpoints_by_vpc, once
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.route_tables import default_routes, is_main_of, is_table, table_name, tables_of

How: TypeAlias = Literal["own", "main", "unknown"]
"""Why a subnet follows a table: it is associated with it, the table is the main one of the VPC, or neither is certain."""


@record
class Followed:
    """The route table that a subnet follows; None if it is not certain. ``causes`` then say why."""

    table: RouteTable | None
    how: How
    causes: tuple[Cause, ...] = ()


@record
class Way:
    """How calls from a subnet leave it.

    ``answer`` is whether they go through a gateway endpoint for the service, ``gateway`` the one that certainly takes
    them. With ``behind_nat`` it is on the table of the NAT gateway's subnet. ``out`` is the default route of the
    table, which calls take without a gateway endpoint; None if the table has none for certain.
    """

    followed: Followed
    answer: TriState
    gateway: Endpoint | None = None
    behind_nat: bool = False
    out: Route | None = None
    why: tuple[Evidence, ...] = ()


def route(network: Network, subnet: Subnet, service: str) -> Way:
    """Return how calls from ``subnet`` to ``service`` (a short name) leave it."""
    followed = followed_by(network, subnet)
    table = followed.table
    if table is None:
        step = Evidence(f"cannot determine the route table of {subnet.declared.address}", subnet.declared.span)
        return Way(followed, maybe(followed.causes), why=(step,))
    verb = "is associated with" if followed.how == "own" else "follows"
    steps = [Evidence(f"{subnet.declared.address} {verb} {table_name(table)}", table.declared.span)]
    out = _certain_default(network, table)
    answer, gateway = gateway_on(network, subnet, service, table)
    behind = False
    if not answer.yes and out is not None and out.target_kind == "nat":
        steps.append(Evidence(f"its default route goes to {_target(out)}", out.declared.span))
        through, other = _behind_nat(network, subnet, service, out)
        behind, gateway = other is not None, other if gateway is None else gateway
        answer = any_of((answer, through))
    if gateway is not None:
        steps.append(Evidence(f"{gateway.address} is on this way", gateway.declared.span))
    return Way(followed, answer, gateway, behind, out, tuple(steps))


def followed_by(network: Network, subnet: Subnet) -> Followed:
    """Return the route table of ``subnet``: its own, else the main one of its VPC."""
    tables = once(
        network, "tables by address", lambda: {table.declared.address: table for table in network.route_tables}
    )
    address = subnet.declared.address
    doubts: list[Cause] = []
    for association in associations_by_subnet(network).may_name(address):
        applies = all_of((names(link(association.subnet), address), exists_with(association.declared, subnet.declared)))
        if applies.no:
            continue
        named = tables.get(link(association.route_table).address or "")
        if applies.yes and named is not None and is_table(association.route_table, named).yes:
            return Followed(named, "own")
        doubts += applies.causes or link(association.route_table).causes
        if applies.yes:
            return Followed(None, "unknown", tuple(doubts))
    doubts += opaque_may_use(network, address).causes
    if doubts:
        return Followed(None, "unknown", tuple(doubts))
    home = network.vpc_by_address.get(link(subnet.vpc).address or "")
    if home is None:
        return Followed(None, "unknown", link(subnet.vpc).causes)
    main = once(network, f"main table followed in {home.address}", lambda: _certain_main(network, home))
    if main is not None:
        return Followed(main, "main")
    return Followed(None, "unknown", (Cause(f"the main route table of {home.address} is not certain"),))


def _certain_main(network: Network, home: Vpc) -> RouteTable | None:
    """Return the main route table of a VPC; None if it is not certain."""
    main = [table for table in tables_of(network, home) if is_main_of(network, table, home).possible]
    return main[0] if len(main) == 1 and is_main_of(network, main[0], home).yes else None


def gateway_on(network: Network, subnet: Subnet, service: str, table: RouteTable) -> tuple[TriState, Endpoint | None]:
    """Return whether ``table`` has a gateway endpoint for ``service``, and one that it certainly has."""
    home = link(subnet.vpc).address
    doubts: list[TriState] = []
    for endpoint in network.endpoints if home is None else endpoints_by_vpc(network).likeliest_first(home):
        answer = all_of(
            (
                is_of(endpoint, service),
                has_type(endpoint, "Gateway"),
                same_object(endpoint.vpc, subnet.vpc),
                exists(endpoint.declared),
            )
        )
        if answer.possible:
            answer = all_of((answer, has_table(network, endpoint, table)))
        if answer.yes:
            return YES, endpoint
        doubts.append(answer)
    return any_of(doubts), None


def _certain_default(network: Network, table: RouteTable) -> Route | None:
    found = [route for route, answer in default_routes(network, table) if answer.yes]
    return found[0] if found else None


def _target(out: Route) -> str:
    linked = link(out.target)
    return linked.address or linked.external or "a NAT gateway"


def _behind_nat(network: Network, subnet: Subnet, service: str, out: Route) -> tuple[TriState, Endpoint | None]:
    table = table_of_nat(network, out)
    return (NO, None) if table is None else gateway_on(network, subnet, service, table)


def table_of_nat(network: Network, out: Route) -> RouteTable | None:
    """Return the route table of the subnet of the NAT gateway that ``out`` goes to, if it is certain."""
    gateway = _nat_gateways(network).get(link(out.target).address or "")
    place = subnets_by_address(network).get(link(gateway.subnet).address or "") if gateway is not None else None
    return None if place is None else followed_by(network, place).table


def _nat_gateways(network: Network) -> dict[str, Appliance]:
    return once(
        network,
        "nat gateways by address",
        lambda: {each.declared.address: each for each in network.appliances if each.kind == "nat"},
    )


def served_behind_nat(network: Network, endpoint: Endpoint, table: RouteTable) -> TriState:
    """Return whether ``endpoint`` serves the subnets of ``table`` as it is on the table of their NAT gateway."""
    return any_of(
        all_of((answer, _is_on_way_of_nat(network, endpoint, each)))
        for each, answer in default_routes(network, table)
        if each.target_kind == "nat"
    )


def _is_on_way_of_nat(network: Network, endpoint: Endpoint, out: Route) -> TriState:
    """Return whether ``endpoint`` is on the table of the NAT gateway that ``out`` goes to. One of elsewhere has none here."""
    target = link(out.target)
    gateway = _nat_gateways(network).get(target.address or "")
    if gateway is None:
        return maybe(target.causes) if target.anything or target.candidates else NO
    home = link(gateway.subnet)
    place = subnets_by_address(network).get(home.address or "")
    if place is None:
        return maybe(home.causes) if home.anything or home.candidates else NO
    followed = followed_by(network, place)
    return maybe(followed.causes) if followed.table is None else has_table(network, endpoint, followed.table)
