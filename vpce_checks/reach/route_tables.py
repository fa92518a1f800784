"""Find the route tables of a VPC, the routes in them, and the subnets that use them."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.network import Network, Route, RouteTable, RouteTableAssociation, Subnet, Vpc, link, without_keys
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Reference, Unknown, Value, merge_causes
from vpce_checks.reach.endpoints import exists, exists_with, is_vpc, names
from vpce_checks.reach.indexes import (
    associations_by_subnet,
    associations_by_table,
    main_associations,
    routes_by_table,
    subnets_by_vpc,
    tables_by_vpc,
)
from vpce_checks.reach.opaque import opaque_may_use

EVERYWHERE = ("0.0.0.0/0", "::/0")
"""Destinations of default routes."""

MAIN_TABLE = "main route table"
"""The type in the declaration of a main table that AWS makes."""

MAIN_TABLE_ATTRIBUTES = frozenset({"main_route_table_id", "default_route_table_id"})


def is_table(value: Value, table: RouteTable) -> TriState:
    """Return whether ``value`` is the id of ``table``. A VPC's attribute for its main table counts as well."""
    if isinstance(value, Reference) and is_main_attribute(value):
        return names(link(table.vpc), value.address) if table.main else NO
    return names(link(value), table.declared.address)


def is_main_attribute(value: Value) -> bool:
    """Return whether ``value`` is the attribute of a VPC for its main table."""
    return (
        isinstance(value, Reference)
        and value.kind == "resource"
        and bool(value.path)
        and value.path[0] in MAIN_TABLE_ATTRIBUTES
    )


def is_main_of(network: Network, table: RouteTable, vpc: Vpc) -> TriState:
    """Return whether ``table`` is the main table of ``vpc``, which its subnets without an association use."""
    associations = associations_by_table(network).may_name(*addresses_of(table))
    return any_of(
        (
            YES if table.main else NO,
            *(
                all_of((is_table(a.route_table, table), is_vpc(a.main_of, vpc), exists(a.declared)))
                for a in associations
                if a.main_of is not None
            ),
        )
    )


def main_table(network: Network, vpc: Vpc) -> RouteTable | None:
    """Return the main route table that AWS makes with ``vpc``; None if the configuration adopts or replaces it.

    Its address is that of the VPC's attribute for it. The default VPC's has a route to an internet gateway.
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
    """
    if vpc.default:
        return None
    adopted = any_of(
        all_of((is_vpc(table.vpc, vpc), exists(table.declared)))
        for table in tables_by_vpc(network).may_name(vpc.address)
        if table.main
    )
    replaced = any_of(
        all_of((is_vpc(association.main_of, vpc), exists(association.declared)))
        for association in main_associations(network).may_name(vpc.address)
    )
    gone = any_of((adopted, replaced))
    if gone.yes:
        return None
    declared = replace(
        vpc.declared,
        address=f"{vpc.address}.main_route_table_id",
        type=MAIN_TABLE,
        exists=vpc.declared.exists if gone.no else Unknown(gone.causes),
    )
    return RouteTable(declared, Reference(vpc.address, ("id",)), main=True)


def tables_of(network: Network, vpc: Vpc) -> list[RouteTable]:
    """Return the route tables that belong, or may belong, to ``vpc``, with the main table that AWS made if none replaces it."""
    tables = tables_by_vpc(network).may_name(vpc.address)
    made = main_table(network, vpc)
    return tables if made is None else [*tables, made]


def table_words(table: RouteTable) -> str:
    """Return what a report calls a route table."""
    made = table.declared.type == MAIN_TABLE
    return table_name(table) if made else f"the private route table {table.declared.address}"


def table_name(table: RouteTable) -> str:
    """Return the address of a route table, or words for one that AWS makes."""
    made = table.declared.type == MAIN_TABLE
    return f"the main route table of {link(table.vpc).address}" if made else table.declared.address


def addresses_of(table: RouteTable) -> tuple[str, ...]:
    """Return the addresses that a value may name for ``table``: its own, or that of the VPC whose main table it is."""
    linked = link(table.vpc)
    vpcs = (linked.address, *linked.candidates) if table.main else ()
    return (table.declared.address, *(address for address in vpcs if address is not None))


def associations_of(network: Network, table: RouteTable) -> list[RouteTableAssociation]:
    """Return the subnet associations that are, or may be, with ``table``."""
    found = associations_by_table(network).may_name(*addresses_of(table))
    return [association for association in found if association.subnet is not None]


def is_with(association: RouteTableAssociation, table: RouteTable) -> TriState:
    """Return whether an association is with ``table``."""
    return all_of((is_table(association.route_table, table), exists(association.declared)))


def opaque_may_use_table(network: Network, table: RouteTable) -> TriState:
    """Return whether code that was not read may use ``table``: add routes to it, or associate it with a subnet."""
    if table.declared.type != MAIN_TABLE:
        return opaque_may_use(network, table.declared.address)
    vpc = link(table.vpc).address or ""
    return opaque_may_use(network, vpc, MAIN_TABLE_ATTRIBUTES)


def has_own_table(network: Network, subnet: Subnet) -> TriState:
    """Return whether ``subnet`` is associated with a table. An opaque module that receives the subnet may do this."""
    associated = (
        all_of(
            (
                names(link(association.subnet), subnet.declared.address),
                exists_with(association.declared, subnet.declared),
            )
        )
        for association in associations_by_subnet(network).may_name(subnet.declared.address)
    )
    return any_of((*associated, opaque_may_use(network, subnet.declared.address)))


def uses_main(network: Network, subnet: Subnet, vpc: Vpc, main: TriState) -> TriState:
    """Return whether ``subnet`` uses a table of ``vpc`` because that is the main one (``main``) and it has no other."""
    return all_of((main, is_vpc(subnet.vpc, vpc), exists(subnet.declared), not_(has_own_table(network, subnet))))


def in_use(network: Network, table: RouteTable, vpc: Vpc) -> TriState:
    """Return whether a subnet uses ``table``: by association, or without one because it is the main table of the VPC."""
    associations = (is_with(association, table) for association in associations_of(network, table))
    # A module that is handed the main table that AWS makes has no need to associate subnets with it.
    opaque = NO if table.declared.type == MAIN_TABLE else opaque_may_use_table(network, table)
    associated = any_of((*associations, opaque))
    if associated.yes:
        return YES
    main = is_main_of(network, table, vpc)
    if main.no:
        return associated
    used_by_default = (
        uses_main(network, subnet, vpc, main) for subnet in subnets_by_vpc(network).may_name(vpc.address)
    )
    return any_of((associated, *used_by_default))


def routes_of(network: Network, table: RouteTable) -> Iterator[tuple[Route, TriState]]:
    """Yield each route that is, or may be, in ``table``, with whether it is."""
    for each in routes_by_table(network).may_name(*addresses_of(table)):
        presence = all_of((is_table(each.route_table, table), exists(each.declared)))
        if presence.possible:
            yield each, presence


def default_routes(network: Network, table: RouteTable) -> Iterator[tuple[Route, TriState]]:
    """Yield the routes that are, or may be, the default route of ``table``."""
    for each, presence in routes_of(network, table):
        answer = all_of((presence, is_everywhere(each.destination)))
        if answer.possible:
            yield each, answer


def is_everywhere(destination: Value) -> TriState:
    """Return whether ``destination`` is that of a default route."""
    if destination is None or isinstance(destination, str):
        return YES if destination in EVERYWHERE else NO
    return maybe(merge_causes([destination]))


def is_internet_gateway(network: Network, target: Value) -> TriState:
    """Return whether the target of a gateway route is an internet gateway, not a virtual private gateway."""
    linked = link(target)
    if isinstance(target, Reference) and target.kind == "data":
        kind = target.address.rpartition("data.")[2].partition(".")[0]
        return YES if kind == "aws_internet_gateway" else NO if kind == "aws_vpn_gateway" else maybe(linked.causes)
    if linked.address is not None:
        return YES if any(gateway.declared.address == linked.address for gateway in network.internet_gateways) else NO
    if isinstance(target, Reference) and without_keys(target.address).split(".")[-2:-1] == ["aws_internet_gateway"]:
        return YES  # a data source, which finds nothing else
    if isinstance(target, str):
        return NO if target == "local" or target.startswith(("vgw-", "vpce-")) else YES
    return maybe(linked.causes)
