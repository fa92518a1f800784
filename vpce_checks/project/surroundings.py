"""What a new endpoint needs of the VPC that it is added to: all that a fix is written with, beside the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from vpce_checks.base.record import record
from vpce_checks.model.addresses import terraform_place
from vpce_checks.model.network import Declaration, Network, RouteTable, Subnet, block_address, link, without_keys
from vpce_checks.model.tristate import all_of, not_
from vpce_checks.model.values import ListValue

MAX_SUBNETS = 64
"""How many subnets of a VPC are compared with each other. No region has as many zones."""

DNS_ATTRIBUTES = ("enable_dns_support", "enable_dns_hostnames")
"""Fields of a VPC that have to be on for private DNS."""


@record
class Surroundings:
    """``home`` declares ``vpc`` (None where it is not there). ``places`` are its private route tables (for a gateway
    endpoint) or its private subnets (for an interface endpoint) that the root creates, each once, over all scenarios.
    The main table that AWS makes is one of them if a subnet may use it; its type is ``MAIN_TABLE``. Of blocks with
    subnets in the same zones, one counts. ``groups`` are the security groups of an interface endpoint that is there and
    lets clients in. ``dns_off`` are the DNS attributes of the VPC that are off for certain, as Terraform calls them:
    private DNS needs both. ``apart``: the subnets are in different zones for certain. ``mixed`` are addresses, without
    their own keys, of blocks that make such for other VPCs as well. ``by_key``: the block of the VPC makes several, and
    each has the route tables of the same blocks that have its key. ``sibling`` is a gateway endpoint that is there
    whenever ``vpc`` is, and that is in no table less than it needs: another one may be in the same route tables.
    ``without_callers``: no route table is needed, and some are left out because their subnets hold only firewalls or
    attachments to transit gateways, as far as the code shows."""

    vpc: str
    gateway: bool
    home: Declaration | None
    places: tuple[Declaration, ...]
    groups: tuple[Declaration, ...] = ()
    dns_off: tuple[str, ...] = ()
    apart: bool | None = True
    mixed: frozenset[str] = frozenset()
    by_key: bool = False
    sibling: Declaration | None = None
    without_callers: bool = False


def look_around(networks: Sequence[Network], vpc: str, *, gateway: bool) -> Surroundings:
    """What is around a new endpoint in ``vpc``. Looks through every route of the networks."""
    homes = [each for network in networks if (each := network.vpc_by_address.get(vpc)) is not None]
    off = tuple(name for name in DNS_ATTRIBUTES if any(getattr(each, name) is False for each in homes))
    home = homes[0].declared if homes else None
    if gateway:
        tables, without_callers = _tables_for(networks, vpc)
        return Surroundings(
            vpc,
            gateway,
            home,
            tables,
            mixed=_mixed(networks, tables, vpc, gateway=gateway),
            by_key=bool(networks) and _is_by_key(networks, vpc),
            sibling=_sibling(networks, vpc),
            without_callers=without_callers,
        )
    subnets, apart = _subnets_for(networks, vpc)
    return Surroundings(
        vpc,
        gateway,
        home,
        subnets,
        groups=next(filter(None, (_groups_of_sibling(network, vpc) for network in networks)), ()),
        dns_off=off,
        apart=apart,
        mixed=_mixed(networks, subnets, vpc, gateway=gateway),
    )


def _tables_for(networks: Sequence[Network], vpc: str) -> tuple[tuple[Declaration, ...], bool]:
    """Return the route tables for a gateway endpoint, and whether some are left out because no callers use them.

    In a scenario without private tables they are those that there are, which does no harm in the others.
    """
    from vpce_checks.reach.private_tables import has_table_without_callers, tables_for_gateway

    foreign = _foreign(networks)
    tables = [table for network in networks for table in tables_for_gateway(network, vpc)]
    own = (table.declared for table in tables if foreign.isdisjoint((table.declared.address, _maker(table))))
    without_callers = not tables and any(has_table_without_callers(network, vpc) for network in networks)
    return tuple({declared.address: declared for declared in own}.values()), without_callers


def _subnets_for(networks: Sequence[Network], vpc: str) -> tuple[tuple[Declaration, ...], bool | None]:
    """Return the subnets for an interface endpoint, and whether they are in different zones (None: not known).

    A public subnet counts only where no private one is: beside them it would be a second one in its zone, which AWS refuses.
    """
    from vpce_checks.reach.subnets import one_of_each_zone, private_subnets

    foreign = _foreign(networks)
    found: dict[str, Subnet] = {}
    for only in (True, False):
        found = {
            subnet.declared.address: subnet
            for network in networks
            for subnet in private_subnets(network, vpc, only=only)
            if subnet.declared.address not in foreign
        }
        if found:
            break
    one_each = one_of_each_zone([*found.values()])
    blocks = frozenset(without_keys(each.declared.address) for each in one_each)
    apart = _are_apart([each for each in found.values() if without_keys(each.declared.address) in blocks])
    return tuple({subnet.declared.address: subnet.declared for subnet in one_each}.values()), apart


def _foreign(networks: Sequence[Network]) -> frozenset[str]:
    """Return the addresses of what other roots make: code here cannot name it."""
    return frozenset(address for network in networks for address in network.foreign)


def _mixed(networks: Sequence[Network], places: Iterable[Declaration], vpc: str, *, gateway: bool) -> frozenset[str]:
    """Return the blocks of ``places`` that make route tables, or subnets, of other VPCs as well."""
    blocks = {block_address(each.address) for each in places if each.address.endswith("]")}
    return frozenset(
        block for block in blocks if any(_is_for_others(network, block, vpc, gateway=gateway) for network in networks)
    )


def _is_by_key(networks: Sequence[Network], vpc: str) -> bool:
    """Return whether the block of ``vpc`` makes several VPCs, and each needs the route tables of the same blocks that have
    its own key."""
    from vpce_checks.reach.indexes import once

    first = networks[0]
    blocks = once(first, "VPCs by block", lambda: _vpcs_by_block(networks))
    same = blocks.get(terraform_place(vpc)[:3], ())
    return len(same) > 1 and once(
        first, f"route tables by key of {terraform_place(vpc)[:3]}", lambda: _have_own_keys(networks, same)
    )


def _vpcs_by_block(networks: Sequence[Network]) -> dict[tuple[str, ...], dict[str, None]]:
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for network in networks:
        for address in network.vpc_by_address:
            found.setdefault(terraform_place(address)[:3], {})[address] = None
    return found


def _have_own_keys(networks: Sequence[Network], vpcs: Iterable[str]) -> bool:
    from vpce_checks.reach.private_tables import tables_for_gateway
    from vpce_checks.reach.route_tables import MAIN_TABLE

    blocks: set[frozenset[str]] = set()
    for vpc in vpcs:
        tables = [table.declared for network in networks for table in tables_for_gateway(network, vpc)]
        keys = {terraform_place(table.address).key for table in tables if table.type != MAIN_TABLE}
        if not tables or keys - {terraform_place(vpc).key}:
            return False
        blocks.add(frozenset(without_keys(table.address) for table in tables))
    return len(blocks) == 1


def _is_for_others(network: Network, block: str, vpc: str, *, gateway: bool) -> bool:
    """Return whether the block of route tables, or of subnets, at an address without its own key may make one of another VPC than
    ``vpc``."""
    from vpce_checks.reach.indexes import once

    def homes() -> dict[str, set[str | None]]:
        found: dict[str, set[str | None]] = {}
        for each in network.route_tables if gateway else network.subnets:
            linked = link(each.vpc)
            found.setdefault(block_address(each.declared.address), set()).add(
                linked.address if linked.certain else None
            )
        return found

    kind = "tables" if gateway else "subnets"
    return once(network, f"VPCs of {kind} by block", homes).get(block, {vpc}) != {vpc}


def _sibling(networks: Sequence[Network], vpc: str) -> Declaration | None:
    """Return the first gateway endpoint in ``vpc`` that every network with the VPC has, and whose own argument names its route
    tables."""
    found: dict[str, Declaration] | None = None
    for network in networks:
        if vpc in network.vpc_by_address:
            here = {each.address: each for each in _gateways(network, vpc)}
            found = here if found is None else {address: found[address] for address in found if address in here}
    return next(iter((found or {}).values()), None)


def _gateways(network: Network, vpc: str) -> Iterator[Declaration]:
    """Yield the gateway endpoints of this root in ``vpc`` that certainly miss none of its private route tables."""
    from vpce_checks.reach.endpoint_tables import has_table
    from vpce_checks.reach.endpoints import exists, has_type, sole_service
    from vpce_checks.reach.indexes import TOO_MANY, can_compare, endpoints_by_vpc
    from vpce_checks.reach.private_tables import private_tables

    for endpoint in endpoints_by_vpc(network).certain(vpc):
        declared = endpoint.declared
        if declared.address in network.foreign or "route_tables" not in declared.field_spans:
            continue
        if not (
            exists(declared).yes and has_type(endpoint, "Gateway").yes and sole_service(endpoint).short is not None
        ):
            continue
        tables = list(private_tables(network, network.vpc_by_address[vpc]))
        is_known = can_compare(network, len(tables))
        misses = (
            all_of((private, not_(has_table(network, endpoint, table)))) if is_known else TOO_MANY
            for table, private in tables
        )
        if not any(each.yes for each in misses):
            yield declared


def _are_apart(subnets: Sequence[Subnet]) -> bool | None:
    """Return whether no two of the subnets are in one zone; None if it is not known."""
    from vpce_checks.reach.zones import in_different_zones

    if len(subnets) > MAX_SUBNETS:
        return None
    answers = [in_different_zones(one, other).value for one, other in combinations(subnets, 2)]
    return False if False in answers else None if None in answers else True


def _maker(table: RouteTable) -> str:
    """Return the address of what the code names to name a route table: for a main table that AWS makes, that of the VPC."""
    from vpce_checks.reach.route_tables import MAIN_TABLE

    return (link(table.vpc).address if table.declared.type == MAIN_TABLE else None) or table.declared.address


def _groups_of_sibling(network: Network, vpc: str) -> tuple[Declaration, ...]:
    """Return the security groups of the first interface endpoint in ``vpc`` that has groups of this root alone, and lets
    clients in by them on the port of most services."""
    from vpce_checks.catalog.service_ports import HTTPS
    from vpce_checks.reach.admits import admits
    from vpce_checks.reach.endpoints import has_type
    from vpce_checks.reach.indexes import endpoints_by_vpc, once

    declared = once(
        network,
        "declarations of groups",
        lambda: {
            group.declared.address: group.declared
            for group in network.security_groups
            if group.declared.address not in network.foreign
        },
    )
    for endpoint in endpoints_by_vpc(network).certain(vpc):
        listed = endpoint.security_groups
        if not (
            isinstance(listed, ListValue)
            and listed.items
            and listed.rest is None
            and has_type(endpoint, "Interface").yes
        ):
            continue
        groups = [declared.get(link(item).address or "") for item in listed.items]
        admission = admits(network, endpoint)
        if all(groups) and admission.answer.yes and admission.ports == HTTPS:
            return tuple(group for group in groups if group is not None)
    return ()
