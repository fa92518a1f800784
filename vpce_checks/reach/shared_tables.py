"""Find the route tables that two gateway endpoints of one service share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network, RouteTable, link
from vpce_checks.model.tristate import YES, TriState, all_of, maybe
from vpce_checks.model.values import Reference, Value, merge_causes
from vpce_checks.reach.endpoint_tables import listed_tables
from vpce_checks.reach.endpoints import (
    exists,
    has_type,
    identity_of,
    may_repeat_at,
    possible_values,
    same_names,
    same_object,
    same_vpc,
    sole_service,
)
from vpce_checks.reach.indexes import Naming, once
from vpce_checks.reach.opaque import opaque_may_add_endpoint, opaque_may_use
from vpce_checks.reach.route_tables import is_main_attribute

MAX_COMPARED = 64
"""How many endpoints on one table are compared with one of them. One is enough to be refused."""


@record
class Share:
    """A table that an endpoint and the ``other`` one are both on. ``answer`` is yes or maybe."""

    table: str
    other: Endpoint
    answer: TriState


@record
class _Place:
    """An endpoint on a table, by its position among the endpoints, and whether it is on it."""

    at: int
    endpoint: Endpoint
    presence: TriState


def opaque_may_share(network: Network, endpoint: Endpoint) -> bool:
    """Return whether code that was not read may put a gateway endpoint on a table of ``endpoint``: it gets the table, and may
    create an endpoint in the VPC."""
    tables = (link(item).address for item, _ in listed_tables(network, endpoint, endpoint.route_tables))
    handed_on = any(table is not None and opaque_may_use(network, table).possible for table in tables)
    return handed_on and opaque_may_add_endpoint(network, endpoint.vpc)


def sharing(network: Network, endpoint: Endpoint, *, later: bool = False) -> list[Share]:
    """Return the tables that ``endpoint`` shares, or may share, with a gateway endpoint for the same service.

    The other one is declared before it, or, with ``later``, after it.

    A table of another VPC, which AWS refuses anyway, is not shared. Only tables that both name for certain count: what
    is unknown of a list may be any table.
    """
    groups = once(network, "gateways by table", lambda: _by_table(network))
    at = _places(network)
    found: list[Share] = []
    for key, presence in _tables(network, endpoint):
        others = groups.get((key, sole_service(endpoint).short), [])
        for place in reversed(others[-MAX_COMPARED:]) if later else others[:MAX_COMPARED]:
            if place.at == at[id(endpoint)] or (place.at > at[id(endpoint)]) is not later:
                break
            other = place.endpoint
            answer = all_of((presence, place.presence, same_names(other, endpoint), same_vpc(other, endpoint)))
            if answer.possible:
                found.append(Share(key, place.endpoint, answer))
                if answer.yes:
                    break
    return found


def naming(network: Network, table: RouteTable) -> set[int]:
    """Return the ``id()`` of the endpoints that name ``table`` among their tables. No other one is certainly on it."""

    def make() -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for endpoint in network.endpoints:
            for key, _ in _tables(network, endpoint):
                found.setdefault(key, set()).add(id(endpoint))
        return found

    key = _name(network, Reference(table.declared.address))
    return once(network, "endpoints by table", make).get(key or "", set())


def may_share_unnamed(network: Network, endpoint: Endpoint) -> bool:
    """Whether ``endpoint`` and another one might share a table although not all about them is known: the service or
    the type of the other one, which tables one of them is on, or whether two names from outside are for one table."""
    if _may_share_outside(network, endpoint):
        return True
    mine = _is_vague(network, endpoint)
    keys = {key for key, _ in _tables(network, endpoint)}
    groups = _gateways(network).every if mine else _gateways(network).doubtful
    address = link(endpoint.vpc).address
    return any(
        (mine or _is_vague(network, other) or any(key in keys for key, _ in _tables(network, other)))
        and all_of((same_names(other, endpoint), same_vpc(other, endpoint))).possible
        for short in dict.fromkeys((sole_service(endpoint).short, None))
        if short in groups
        for other in (groups[short].all if address is None else groups[short].likeliest_first(address))
        if other is not endpoint
    )


def _may_share_outside(network: Network, endpoint: Endpoint) -> bool:
    """Whether a table from outside that ``endpoint`` is on may be one that another endpoint has under another name."""
    gateways = _gateways(network)
    for table in _tables_from_outside(network, endpoint):
        others = (each for each in gateways.outside.get(sole_service(endpoint).short, ()) if each[0] is not endpoint)
        for count, (other, its) in enumerate(others):
            if count == MAX_COMPARED:
                return True
            if same_object(table, its).possible and same_vpc(other, endpoint).possible:
                return True
    return False


def _tables_from_outside(network: Network, endpoint: Endpoint) -> list[Value]:
    """Return the tables of ``endpoint`` that this configuration does not create."""
    tables = (
        item
        for possible in possible_values(endpoint.route_tables)
        for item, _ in listed_tables(network, endpoint, possible)
    )
    return [item for item in tables if link(item).external is not None]


def unnamed_beside(network: Network, endpoint: Endpoint) -> tuple[Endpoint, Evidence] | None:
    """Return a gateway endpoint for the same service, declared before ``endpoint`` and certainly in its VPC, that it may
    share a table with since not all tables of one of the two are known; and the evidence."""
    gateways = _gateways(network)
    groups = gateways.in_vpc if _is_vague(network, endpoint) else gateways.vague_in_vpc
    at = _places(network)
    for other in groups.get((identity_of(endpoint.vpc), sole_service(endpoint).short), ()):
        if at[id(other)] >= at[id(endpoint)]:
            return None
        certain = all_of((has_type(other, "Gateway"), exists(other.declared), same_vpc(other, endpoint)))
        if certain.yes and same_names(other, endpoint).yes:
            vague = endpoint if _is_vague(network, endpoint) else other
            place = vague.declared.field_spans.get("route_tables", vague.declared.span)
            return other, Evidence(f"not every route table of {vague.address} is known", place)
    return None


def shared_with_itself(network: Network, endpoint: Endpoint) -> str | None:
    """Return a table that several instances of ``endpoint`` may be on, if there may be several."""
    names = (key for key, presence in _tables(network, endpoint) if presence.yes)
    return next((key for key in names if may_repeat_at(endpoint, key)), None)


@record
class _Gateways:
    """The endpoints that may be gateway endpoints: by service, those that :func:`sharing` may overlook by service, and by
    VPC and service. Those whose tables are not all known are also kept apart, and each table from outside by service."""

    every: dict[str | None, Naming[Endpoint]]
    doubtful: dict[str | None, Naming[Endpoint]]
    in_vpc: dict[tuple[Hashable, str | None], list[Endpoint]]
    vague_in_vpc: dict[tuple[Hashable, str | None], list[Endpoint]]
    outside: dict[str | None, list[tuple[Endpoint, Value]]]


def _gateways(network: Network) -> _Gateways:
    return once(network, "possible gateways", lambda: _possible_gateways(network))


def _possible_gateways(network: Network) -> _Gateways:
    every: dict[str | None, list[Endpoint]] = {}
    doubtful: dict[str | None, list[Endpoint]] = {}
    found = _Gateways({}, {}, {}, {}, {})
    for endpoint in network.endpoints:
        service = sole_service(endpoint)
        if not has_type(endpoint, "Gateway").possible or service.of_others:
            continue
        every.setdefault(service.short, []).append(endpoint)
        if _is_doubtful(network, endpoint):
            doubtful.setdefault(service.short, []).append(endpoint)
        found.outside.setdefault(service.short, []).extend(
            (endpoint, table) for table in _tables_from_outside(network, endpoint)
        )
        key = identity_of(endpoint.vpc), service.short
        found.in_vpc.setdefault(key, []).append(endpoint)
        if _is_vague(network, endpoint):
            found.vague_in_vpc.setdefault(key, []).append(endpoint)
    found.every.update({short: Naming(listed, _vpc) for short, listed in every.items()})
    found.doubtful.update({short: Naming(listed, _vpc) for short, listed in doubtful.items()})
    return found


def _vpc(endpoint: Endpoint) -> Value:
    return endpoint.vpc


def _places(network: Network) -> dict[int, int]:
    return once(network, "places of endpoints", lambda: {id(each): at for at, each in enumerate(network.endpoints)})


def _is_doubtful(network: Network, endpoint: Endpoint) -> bool:
    """Whether :func:`sharing` may overlook ``endpoint``."""
    is_certain = sole_service(endpoint).short is not None and has_type(endpoint, "Gateway").yes
    return not is_certain or _is_vague(network, endpoint)


def _is_vague(network: Network, endpoint: Endpoint) -> bool:
    """Whether ``endpoint`` may be on tables that are not known."""
    return opaque_may_use(network, endpoint.address).possible or any(
        item is not None and _name(network, item) is None
        for possible in possible_values(endpoint.route_tables)
        for item, _ in listed_tables(network, endpoint, possible)
    )


def _by_table(network: Network) -> dict[tuple[str, str | None], list[_Place]]:
    found: dict[tuple[str, str | None], list[_Place]] = {}
    for at, endpoint in enumerate(network.endpoints):
        short = sole_service(endpoint).short
        if short is None or not has_type(endpoint, "Gateway").yes:
            continue
        for key, presence in _tables(network, endpoint):
            whole = all_of((presence, exists(endpoint.declared)))
            found.setdefault((key, short), []).append(_Place(at, endpoint, whole))
    return found


def _tables(network: Network, endpoint: Endpoint) -> Iterable[tuple[str, TriState]]:
    """Return the tables of ``endpoint`` that are known, by what a report calls them, each once."""
    kept = once(network, "known tables of endpoints", dict[int, dict[str, TriState]])
    if id(endpoint) not in kept:
        kept[id(endpoint)] = _known_tables(network, endpoint)
    return kept[id(endpoint)].items()


def _known_tables(network: Network, endpoint: Endpoint) -> dict[str, TriState]:
    found: dict[str, TriState] = {}
    for possible in possible_values(endpoint.route_tables):
        certain = YES if possible is endpoint.route_tables else maybe(merge_causes([endpoint.route_tables]))
        for item, presence in listed_tables(network, endpoint, possible):
            key = _name(network, item)
            answer = all_of((certain, presence))
            if key is not None and not found.get(key, answer).yes:
                found[key] = answer
            elif key is not None:
                found.setdefault(key, answer)
    return found


def _name(network: Network, value: Value) -> str | None:
    """Return one name for each table, however it is named: by its id, or as the main table of its VPC."""
    linked = link(value)
    if isinstance(value, Reference) and is_main_attribute(value):
        return f"the main route table of {value.address}"
    if linked.address is None:
        return linked.external
    adopted = once(network, "adopted main tables", lambda: _adopted(network.route_tables))
    vpc = adopted.get(linked.address)
    return linked.address if vpc is None else f"the main route table of {vpc}"


def _adopted(tables: tuple[RouteTable, ...]) -> dict[str, str]:
    named = ((table.declared.address, link(table.vpc).address) for table in tables if table.main)
    return {address: vpc for address, vpc in named if vpc is not None}
