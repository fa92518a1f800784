"""Find the route tables that a gateway endpoint is associated with."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Endpoint, EndpointAssociation, Network, RouteTable, link
from vpce_checks.model.tristate import YES, TriState, all_of, any_of, maybe, not_, one_of
from vpce_checks.model.values import ListValue, Opaque, Reference, Value, merge_causes, same
from vpce_checks.reach.endpoints import exists, exists_with, is_present, is_vpc, names, possible_values, same_object
from vpce_checks.reach.indexes import Naming, associations_by_endpoint, is_plain_id, once, tables_listed
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.route_tables import addresses_of, is_main_attribute, is_table

FEW = 8
"""Up to this many items, searching a list is faster than building an index."""


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
    associated = _separate_by_table(network, endpoint).may_name(*addresses_of(table))
    separate = (
        all_of((its_own, exists_with(each.declared, table.declared), is_table(each.target, table)))
        for each, its_own in associated
    )
    return any_of((inline, *separate, opaque_may_use(network, endpoint.address)))


def _separate_by_table(network: Network, endpoint: Endpoint) -> Naming[tuple[EndpointAssociation, TriState]]:
    """Return the associations of ``endpoint`` with tables, by the table. A main table named by its VPC's attribute is not
    certain."""
    return once(
        network,
        f"associated tables of {endpoint.address}",
        lambda: Naming(list(_associations(network, endpoint)), lambda pair: _plain(pair[0].target)),
    )


def _plain(table: Value) -> Value:
    return table if is_plain_id(table) else None


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
    for association, its_own in _associations(network, endpoint):
        yield association.target, all_of((its_own, exists(association.declared)))


def _associations(network: Network, endpoint: Endpoint) -> Iterator[tuple[EndpointAssociation, TriState]]:
    """Yield the separate associations with tables, each with whether it is one of ``endpoint``, provided that it exists."""
    for association in associations_by_endpoint(network).may_name(endpoint.address):
        if association.kind == "route_table":
            its_own = names(link(association.endpoint), endpoint.address)
            if its_own.possible:
                yield association, its_own


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
