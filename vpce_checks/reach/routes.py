"""Find the route tables of a gateway endpoint, and the route tables of a VPC that serve private subnets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.network import (
    Endpoint,
    Link,
    Network,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
    link,
    without_keys,
)
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_, one_of
from vpce_checks.model.values import ListValue, Opaque, Reference, Unknown, Value, merge_causes, same
from vpce_checks.reach.attachment_subnets import any_named_for_attachment, is_for_attachment, may_be_for_attachment
from vpce_checks.reach.callers import any_without_callers, holds, holds_no_callers
from vpce_checks.reach.endpoints import exists, exists_with, is_present, is_vpc, names, possible_values, same_object
from vpce_checks.reach.indexes import (
    TOO_MANY,
    Naming,
    appliances_by_subnet,
    associations_by_endpoint,
    associations_by_subnet,
    associations_by_table,
    can_compare,
    is_plain_id,
    main_associations,
    once,
    routes_by_table,
    subnets_by_vpc,
    tables_by_vpc,
    tables_listed,
)
from vpce_checks.reach.opaque import opaque_may_use

EVERYWHERE = ("0.0.0.0/0", "::/0")
"""Destinations of default routes."""

MAIN_TABLE = "main route table"
"""The type in the declaration of a main table that AWS makes."""

FEW = 8
"""Up to this many items, searching a list is faster than building an index."""

MAIN_TABLE_ATTRIBUTES = frozenset({"main_route_table_id", "default_route_table_id"})


def has_any_table(network: Network, endpoint: Endpoint) -> TriState:
    """Return whether ``endpoint`` is associated with at least one route table."""
    inline = one_of(
        any_of(presence for _, presence in _listed(value)) for value in possible_values(endpoint.route_tables)
    )
    return any_of(
        (inline, *(presence for _, presence in _separate(network, endpoint)), opaque_may_use(network, endpoint.address))
    )


def has_table(network: Network, endpoint: Endpoint, table: RouteTable) -> TriState:
    """Return whether ``endpoint`` is associated with ``table``, provided that ``table`` exists."""
    inline = one_of(
        any_of(all_of((presence, is_table(item, table))) for item, presence in _listed(value, table))
        for value in possible_values(_of_interest(network, endpoint, table))
    )
    associated = _separate_by_table(network, endpoint).may_name(*_addresses(table))
    separate = (all_of((presence, is_table(item, table))) for item, presence in associated)
    return any_of((inline, *separate, opaque_may_use(network, endpoint.address)))


def _separate_by_table(network: Network, endpoint: Endpoint) -> Naming[tuple[Value, TriState]]:
    """Return what :func:`_separate` yields, by the table. A main table named by its VPC's attribute is not certain."""
    return once(
        network,
        f"associated tables of {endpoint.address}",
        lambda: Naming(list(_separate(network, endpoint)), lambda pair: pair[0] if is_plain_id(pair[0]) else None),
    )


def _of_interest(network: Network, endpoint: Endpoint, table: RouteTable) -> Value:
    """Return the route tables of ``endpoint``, without those that certainly are not ``table``."""
    tables = endpoint.route_tables
    if not isinstance(tables, ListValue) or len(tables.items) <= FEW:
        return tables
    places = tables_listed(network, endpoint).places(table.declared.address)
    items = tuple(tables.items[place] for place in places)
    maybe = {at: tables.maybe[place] for at, place in enumerate(places) if place in tables.maybe}
    return ListValue(items, tables.kind, maybe, tables.rest)


def listed_tables(network: Network, endpoint: Endpoint, inline: Value) -> Iterator[tuple[Value, TriState]]:
    """Yield the route tables of ``endpoint``, those in its list ``inline`` and those of separate associations."""
    yield from _listed(inline)
    yield from _separate(network, endpoint)


def _listed(value: Value, table: RouteTable | None = None) -> Iterator[tuple[Value, TriState]]:
    """Yield the items of a list, each with whether it is present, provided that ``table`` exists.

    Items that the list may have besides are yielded as one unknown item.
    """
    if value is None:
        return
    if not isinstance(value, ListValue):
        yield value, maybe(merge_causes([value]))
        return
    for place, item in enumerate(value.items):
        presence = value.maybe.get(place)
        if item is not None:
            goes_with_it = table is not None and presence is not None and same(presence, table.declared.exists)
            yield item, YES if goes_with_it else is_present(value, place)
    if value.rest is not None:
        yield value.rest, maybe(value.rest.causes)


def _separate(network: Network, endpoint: Endpoint) -> Iterator[tuple[Value, TriState]]:
    for association in associations_by_endpoint(network).may_name(endpoint.address):
        if association.kind == "route_table":
            presence = all_of((names(link(association.endpoint), endpoint.address), exists(association.declared)))
            if presence.possible:
                yield association.target, presence


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


def strangers(network: Network, endpoint: Endpoint) -> Iterator[tuple[Value, RouteTable | None, TriState]]:
    """Yield the route tables of ``endpoint`` that belong, or may belong, to another VPC, which AWS refuses: the value that
    names the table, the table if it is declared here, and whether it is one of them.

    Of a table that is not known one of another VPC is yielded. The unknown rest of a list does not count where an instance
    stands for all that a resource with an unknown count makes: they belong to one VPC.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
    """
    tables = once(
        network, "tables by address", lambda: {table.declared.address: table for table in network.route_tables}
    )
    rest = _rest_of_instances(endpoint.route_tables)
    for item, presence in listed_tables(network, endpoint, endpoint.route_tables):
        table = tables.get(link(item).address or "")
        home = item if is_main_attribute(item) else table.vpc if table is not None else None
        if home is not None:
            answer = all_of((presence, not_(same_object(_vpc_of(home), _vpc_of(endpoint.vpc)))))
            if answer.possible:
                yield item, table, answer
        elif item is not None and item is not rest:
            yield from _may_be_strangers(network, endpoint, item)


def _rest_of_instances(tables: Value) -> Opaque | None:
    """Return the unknown rest of a list in which an instance (``aws_route_table.private[*]``) stands for all of it."""
    if not isinstance(tables, ListValue):
        return None
    named = (link(item).address or "" for item in tables.items)
    return tables.rest if any("[*]" in name for name in named) else None


def _may_be_strangers(
    network: Network, endpoint: Endpoint, item: Value
) -> Iterator[tuple[Value, RouteTable | None, TriState]]:
    """Yield a table of another VPC that ``item``, of which not all is known, may name."""
    linked = link(item)
    if linked.certain or not link(endpoint.vpc).certain:
        return  # where neither the table nor the VPC is known, one piece of code mostly gives both
    doubt = maybe(linked.causes)
    for table in network.route_tables:
        if linked.may_be(table.declared.address) and not same_object(_vpc_of(table.vpc), _vpc_of(endpoint.vpc)).yes:
            yield item, table, doubt
            return
    for vpc in network.vpcs:
        if linked.may_be(vpc.address) and not is_vpc(endpoint.vpc, vpc).yes:
            yield Reference(vpc.address), None, doubt
            return


def _vpc_of(value: Value) -> Value:
    """Return the VPC of which ``value`` is an attribute, as every attribute of one VPC names it."""
    return Reference(value.address) if isinstance(value, Reference) and value.kind == "resource" else value


def private_tables(network: Network, vpc: Vpc) -> Iterable[tuple[RouteTable, TriState]]:
    """Return the route tables of ``vpc`` that serve, or may serve, private subnets.

    Such a table is in use and has no route to an internet gateway. The main table that AWS makes with the VPC counts as
    well. Tables whose subnets certainly hold no callers do not count: see :mod:`vpce_checks.reach.callers`.

    Only tables and subnets of this configuration count. Every opaque module that receives the id of the VPC could add
    some; if that counted, nothing would be certain.
    """
    kept = once(network, "private tables", dict[str, tuple[tuple[RouteTable, TriState], ...]])
    if vpc.address not in kept:
        kept[vpc.address] = tuple(_private_tables(network, vpc))
    return kept[vpc.address]


def _private_tables(network: Network, vpc: Vpc) -> Iterator[tuple[RouteTable, TriState]]:
    subnets = len(subnets_by_vpc(network).may_name(vpc.address))
    for table in tables_of(network, vpc):
        associations = len(associations_by_table(network).may_name(*_addresses(table)))
        default = subnets if is_main_of(network, table, vpc).possible else 0  # those without a table of their own
        if not can_compare(network, 1 + associations + default):
            yield table, TOO_MANY
            return
        answer = all_of(
            (
                is_vpc(table.vpc, vpc),
                exists(table.declared),
                _in_use(network, table, vpc),
                not_(_is_public(network, table)),
                not_(_is_without_callers(network, table, vpc)),
            )
        )
        if answer.possible:
            yield table, answer


def tables_of(network: Network, vpc: Vpc) -> list[RouteTable]:
    """Return the route tables that belong, or may belong, to ``vpc``, with the main table that AWS made if none replaces it."""
    tables = tables_by_vpc(network).may_name(vpc.address)
    made = main_table(network, vpc)
    return tables if made is None else [*tables, made]


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
    return RouteTable(declared, Reference(vpc.address, ("id",)), True)


def table_words(table: RouteTable) -> str:
    """Return what a report calls a route table."""
    made = table.declared.type == MAIN_TABLE
    return table_name(table) if made else f"the private route table {table.declared.address}"


def table_name(table: RouteTable) -> str:
    """Return the address of a route table, or words for one that AWS makes."""
    made = table.declared.type == MAIN_TABLE
    return f"the main route table of {link(table.vpc).address}" if made else table.declared.address


def tables_for_gateway(network: Network, vpc: str) -> list[RouteTable]:
    """Return the route tables that a new gateway endpoint in the VPC at ``vpc`` needs, for a fix.

    These are all tables that are not certainly public, or all if all are. The main table is one of them if a subnet may use
    it, also the one that AWS makes. Tables of subnets that hold firewalls or attachments to transit gateways, and no callers as
    far as the code shows, are none of them: a gateway endpoint does not serve what comes in there.
    """
    tables = [table for table in tables_by_vpc(network).certain(vpc) if not _is_of_a_gateway(network, table)]
    home = network.vpc_by_address.get(vpc)
    made = None if home is None else main_table(network, home)
    if home is not None and made is not None and all_of((exists(made.declared), _in_use(network, made, home))).possible:
        tables = [*tables, made]
    tables = [
        table
        for table in tables
        if not _is_idle(network, table, home) and not (home is not None and serves_attachments(network, table, home))
    ]
    return [table for table in tables if not _is_public(network, table).yes] or tables


def serves_attachments(network: Network, table: RouteTable, vpc: Vpc) -> bool:
    """Return whether all subnets of ``table`` are there for attachments, as far as the code shows.

    What comes in by a transit gateway goes elsewhere from there. So a table with a route to one is that of callers.
    """
    subnets = [association.subnet for association in _associations(network, table)]
    if is_main_of(network, table, vpc).possible:
        subnets += [
            _id_of(each)
            for each in subnets_by_vpc(network).may_name(vpc.address)
            if not _has_own_table(network, each).yes
        ]
    there = bool(subnets) and all(is_for_attachment(network, subnet) for subnet in subnets)
    return there and not _leads_to_hub(network, table)


def _leads_to_hub(network: Network, table: RouteTable) -> bool:
    """Return whether ``table`` may have a route to a transit gateway, or to the core network that VPCs here are attached to."""
    has_core = any(appliance.kind == "cloud_wan" for appliance in network.appliances)
    hubs = ("transit_gateway", "other") if has_core else ("transit_gateway",)
    return any(route.target_kind in hubs for route, _ in routes_of(network, table))


def _id_of(subnet: Subnet) -> Value:
    return Reference(subnet.declared.address, ("id",))


def _is_of_a_gateway(network: Network, table: RouteTable) -> bool:
    """Return whether ``table`` may be for what comes in by a gateway. AWS takes no route to a gateway endpoint in it.

    https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
    """
    associations = associations_by_table(network).may_name(*_addresses(table))
    with_gateway = (each for each in associations if each.subnet is None and each.main_of is None)
    return any(_is_with(each, table).possible for each in with_gateway)


def _is_idle(network: Network, table: RouteTable, vpc: Vpc | None) -> bool:
    """Return whether no subnet with callers uses a table. Another one than the main table is there to be used."""
    if vpc is None:
        return False
    return (table.main and _in_use(network, table, vpc).no) or _is_without_callers(network, table, vpc).yes


def _is_public(network: Network, table: RouteTable) -> TriState:
    kept = once(network, "public or not", dict[str, TriState])
    if table.declared.address not in kept:
        appliances = appliances_by_subnet(network)
        cost = len(routes_by_table(network).may_name(*_addresses(table)))
        for association in _associations(network, table):
            is_certain = link(association.subnet).address is not None
            cost += 1 + (appliances.unsure if is_certain else len(appliances.all) + len(network.subnets))
        kept[table.declared.address] = _has_way_out(network, table) if can_compare(network, cost) else TOO_MANY
    return kept[table.declared.address]


def _has_way_out(network: Network, table: RouteTable) -> TriState:
    """Return whether ``table`` serves public subnets.

    It does if it has a route to an internet gateway, or if its subnets hold public NAT gateways. It also does if its
    default route goes to a firewall and its subnets give out public addresses.

    https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-igw-ngw.html
    """
    routes = routes_by_table(network).may_name(*_addresses(table))
    opaque = _opaque_may_use(network, table)
    guarded = any_of(
        all_of((is_table(route.route_table, table), exists(route.declared), _is_default(route.destination)))
        for route in routes
        if route.target_kind == "endpoint"
    )
    subnets = [association.subnet for association in _associations(network, table)] if network.subnets else []
    open_subnet = any_of(_has_public_addresses(network, subnet) for subnet in subnets) if guarded.possible else NO
    return any_of(
        (
            *(_opens(network, route, table) for route in routes),
            *(_holds_nat(network, association, table) for association in _associations(network, table)),
            all_of((guarded, open_subnet)),
            opaque,
        )
    )


def _associations(network: Network, table: RouteTable) -> list[RouteTableAssociation]:
    """Return the subnet associations that are, or may be, with ``table``."""
    found = associations_by_table(network).may_name(*_addresses(table))
    return [association for association in found if association.subnet is not None]


def _is_with(association: RouteTableAssociation, table: RouteTable) -> TriState:
    """Return whether an association is with ``table``."""
    return all_of((is_table(association.route_table, table), exists(association.declared)))


def _holds_nat(network: Network, association: RouteTableAssociation, table: RouteTable) -> TriState:
    """Return whether an association is with ``table`` and its subnet has a NAT gateway."""
    return all_of((_is_with(association, table), holds(network, association.subnet, ("nat",))))


def _has_public_addresses(network: Network, value: Value) -> TriState:
    """Return whether instances in the subnet that ``value`` names get public addresses."""
    linked = link(value)
    return any_of(
        all_of((names(linked, subnet.declared.address), exists(subnet.declared), _is_true(subnet.public_ip_on_launch)))
        for subnet in _may_be_subnets(network, linked)
    )


def _may_be_subnets(network: Network, linked: Link) -> list[Subnet]:
    """Return the subnets that a link may lead to."""
    if linked.address is not None:
        by_address = once(network, "subnets by address", lambda: {s.declared.address: s for s in network.subnets})
        subnet = by_address.get(linked.address)
        return [] if subnet is None else [subnet]
    return [subnet for subnet in network.subnets if linked.may_be(subnet.declared.address)]


def _is_default(destination: Value) -> TriState:
    if destination is None or isinstance(destination, str):
        return YES if destination in EVERYWHERE else NO
    return maybe(merge_causes([destination]))


def _is_true(value: Value) -> TriState:
    return TriState(value) if isinstance(value, bool) else maybe(merge_causes([value]))


def _is_without_callers(network: Network, table: RouteTable, vpc: Vpc) -> TriState:
    """Return whether no subnet that uses ``table`` holds callers of services. One that no subnet uses is none of these."""
    associations = _associations(network, table)
    main = is_main_of(network, table, vpc)
    default = subnets_by_vpc(network).may_name(vpc.address) if main.possible else []
    if not (associations or default) or not (any_without_callers(network) or any_named_for_attachment(network)):
        return NO
    names_count = any_named_for_attachment(network) and not _leads_to_hub(network, table)

    def is_idle(subnet: Value) -> TriState:
        named = may_be_for_attachment(network, subnet) if names_count else NO
        return any_of((holds_no_callers(network, subnet), named))

    return all_of(
        (
            not_(_opaque_may_use(network, table)),
            *(any_of((not_(_is_with(each, table)), is_idle(each.subnet))) for each in associations),
            *(any_of((not_(_uses_main(network, each, vpc, main)), is_idle(_id_of(each)))) for each in default),
        )
    )


def _opaque_may_use(network: Network, table: RouteTable) -> TriState:
    if table.declared.type != MAIN_TABLE:
        return opaque_may_use(network, table.declared.address)
    vpc = link(table.vpc).address or ""
    return opaque_may_use(network, vpc, MAIN_TABLE_ATTRIBUTES)


def _addresses(table: RouteTable) -> tuple[str, ...]:
    """Return the addresses that a value may name for ``table``: its own, or that of the VPC whose main table it is."""
    linked = link(table.vpc)
    vpcs = (linked.address, *linked.candidates) if table.main else ()
    return (table.declared.address, *(address for address in vpcs if address is not None))


def default_routes(network: Network, table: RouteTable) -> Iterator[tuple[Route, TriState]]:
    """Yield the routes that are, or may be, the default route of ``table``."""
    for each, presence in routes_of(network, table):
        answer = all_of((presence, _is_default(each.destination)))
        if answer.possible:
            yield each, answer


def routes_of(network: Network, table: RouteTable) -> Iterator[tuple[Route, TriState]]:
    """Yield each route that is, or may be, in ``table``, with whether it is."""
    for each in routes_by_table(network).may_name(*_addresses(table)):
        presence = all_of((is_table(each.route_table, table), exists(each.declared)))
        if presence.possible:
            yield each, presence


def _opens(network: Network, route: Route, table: RouteTable) -> TriState:
    if route.target_kind != "gateway":
        return NO
    return all_of(
        (is_table(route.route_table, table), is_internet_gateway(network, route.target), exists(route.declared))
    )


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


def _in_use(network: Network, table: RouteTable, vpc: Vpc) -> TriState:
    """Return whether a subnet uses ``table``: by association, or without one because it is the main table of the VPC."""
    associations = (_is_with(association, table) for association in _associations(network, table))
    # A module that is handed the main table that AWS makes has no need to associate subnets with it.
    opaque = NO if table.declared.type == MAIN_TABLE else _opaque_may_use(network, table)
    associated = any_of((*associations, opaque))
    if associated.yes:
        return YES
    main = is_main_of(network, table, vpc)
    if main.no:
        return associated
    used_by_default = (
        _uses_main(network, subnet, vpc, main) for subnet in subnets_by_vpc(network).may_name(vpc.address)
    )
    return any_of((associated, *used_by_default))


def _uses_main(network: Network, subnet: Subnet, vpc: Vpc, main: TriState) -> TriState:
    """Return whether ``subnet`` uses a table of ``vpc`` because that is the main one (``main``) and it has no other."""
    return all_of((main, is_vpc(subnet.vpc, vpc), exists(subnet.declared), not_(_has_own_table(network, subnet))))


def is_main_of(network: Network, table: RouteTable, vpc: Vpc) -> TriState:
    """Return whether ``table`` is the main table of ``vpc``, which its subnets without an association use."""
    associations = associations_by_table(network).may_name(*_addresses(table))
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


def _has_own_table(network: Network, subnet: Subnet) -> TriState:
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
