"""Where traffic to public addresses leaves a subnet: through a gateway endpoint, a NAT gateway, or an internet gateway.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, doubt
from vpce_checks.model.network import Endpoint, Network, Route, RouteTable, Subnet, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, maybe
from vpce_checks.reach.endpoints import exists, has_type, is_of, is_vpc, names
from vpce_checks.reach.indexes import associations_by_subnet, endpoints_by_vpc, routes_by_table
from vpce_checks.reach.routes import EVERYWHERE, has_table, tables_of

Exit: TypeAlias = Literal["gateway endpoint", "NAT gateway", "internet gateway", "elsewhere", "nowhere", "not known"]
"""Where traffic goes. ``elsewhere``: to a transit gateway, a firewall or another appliance."""

_EXITS: dict[str, Exit] = {"nat": "NAT gateway", "gateway": "internet gateway"}


@record
class WayOut:
    """Where traffic to the public addresses of a service goes from the subnets of one route table."""

    table: RouteTable
    exit: Exit
    answer: TriState
    why: tuple[Evidence, ...]
    endpoint: Endpoint | None = None


def tables_of_subnet(network: Network, vpc: Vpc, subnet: Subnet) -> list[tuple[RouteTable, TriState]]:
    """Return the route tables that ``subnet`` has, or may have: the one it is associated with, else the main one."""
    found: list[tuple[RouteTable, TriState]] = []
    tables = tables_of(network, vpc)
    certain = False
    for association in associations_by_subnet(network).may_name(subnet.declared.address):
        here = all_of((names(link(association.subnet), subnet.declared.address), exists(association.declared)))
        for table in tables:
            with_it = all_of((here, names(link(association.route_table), table.declared.address)))
            if with_it.possible:
                found.append((table, with_it))
                certain = certain or with_it.yes
        certain = certain or (here.yes and link(association.route_table).certain)
    if not certain:
        found += ((table, YES if not found else maybe()) for table in tables if table.main)
    return found


def way_out(network: Network, vpc: Vpc, table: RouteTable, service: str) -> WayOut:
    """Return where traffic to ``service`` goes from the subnets that have ``table``.

    A gateway endpoint comes before the default route, because its prefix list is more specific.
    """
    perhaps: list[Evidence] = []
    for endpoint in endpoints_by_vpc(network).likeliest_first(vpc.address):
        kind = all_of((has_type(endpoint, "Gateway"), is_of(endpoint, service), is_vpc(endpoint.vpc, vpc)))
        routed = all_of((kind, has_table(network, endpoint, table), exists(endpoint.declared)))
        step = Evidence(f"{endpoint.address} is on {table.declared.address}", endpoint.declared.span)
        if routed.yes:
            return WayOut(table, "gateway endpoint", YES, (step,), endpoint)
        if routed.possible:
            perhaps += (
                Evidence(f"{endpoint.address} may be on {table.declared.address}", step.span),
                *doubt(routed, ""),
            )
    exit, answer, why = _default_route(network, table)
    return WayOut(table, exit, maybe() if perhaps else answer, (*perhaps, *why))


def _default_route(network: Network, table: RouteTable) -> tuple[Exit, TriState, tuple[Evidence, ...]]:
    doubtful: Route | None = None
    for route in routes_by_table(network).may_name(table.declared.address):
        certain = all_of((names(link(route.route_table), table.declared.address), exists(route.declared)))
        if not isinstance(route.destination, str):
            doubtful = doubtful or route
        elif route.destination in EVERYWHERE and certain.possible:
            exit = _EXITS.get(route.target_kind, "elsewhere")
            step = Evidence(
                f"the default route of {table.declared.address} goes to {_words(exit)}", route.declared.span
            )
            return exit, certain, (step,)
    if doubtful is not None:
        step = Evidence(f"{doubtful.declared.address} may be a default route", doubtful.declared.span)
        return "not known", maybe(), (step,)
    if table.declared.span is not None and not table.main:
        step = Evidence(f"{table.declared.address} has no default route here", table.declared.span)
        return "nowhere", YES, (step,)
    step = Evidence(f"{table.declared.address} has the local route only, as far as this code says", table.declared.span)
    return "nowhere", NO if table.declared.exists is not True else YES, (step,)


def _words(exit: Exit) -> str:
    article = "an" if exit == "internet gateway" else "a"
    return f"{article} {exit}" if exit != "elsewhere" else "something else"
