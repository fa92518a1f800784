"""What a Terraform fix needs of what stands around the VPC: lists of ids, and the DNS attributes of the VPC."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from vpce_checks.model.addresses import Place, terraform_place
from vpce_checks.model.network import Call, Declaration, Network, block_address, without_keys
from vpce_checks.project.networks import inventory_of, surroundings_of
from vpce_checks.reach.route_tables import MAIN_TABLE
from vpce_checks.report.fixes.changes import ONE_ZONE, SAME_ZONE, Expression
from vpce_checks.report.fixes.module_code import code_around, has_keys
from vpce_checks.report.fixes.published_modules import local_call, published_call
from vpce_checks.report.fixes.terraform_blocks import Block, hcl_value, id_attribute
from vpce_checks.rules.finding import Fix
from vpce_checks.terraform.syntax.structure import ModuleSource

Code: TypeAlias = Callable[[], ModuleSource]
"""Reads the code that a fix goes into. Few fixes need it, and to parse it again takes as long as the first time."""


def home_calls(fix: Fix, networks: Sequence[Network]) -> tuple[Call, ...]:
    """Return the calls that lead to the VPC of a fix."""
    home = surroundings_of(networks, fix).home
    return home.calls if home is not None else ()


def listed_in(fix: Fix, networks: Sequence[Network], code: Code) -> Any:
    """Return the ids of the route tables or subnets in the module of the VPC."""
    places = places_in(home_calls(fix, networks), fix, networks)
    return ids_of(places, code, _mixed(places, fix, networks, code))


def _mixed(places: Sequence[Declaration], fix: Fix, networks: Sequence[Network], code: Code) -> frozenset[str]:
    """Return the addresses, without their own keys, of blocks that make such for other VPCs as well, or do for other inputs."""
    mixed = surroundings_of(networks, fix).mixed
    vpc = terraform_place(fix.vpc)
    if not vpc.key or vpc.key.startswith('["'):
        return mixed
    from vpce_checks.report.fixes.counted_blocks import may_make_several, varies_by_index

    if not may_make_several(vpc, code()):
        return mixed
    by_index = (
        block_address(each.address)
        for each in places
        if varies_by_index(terraform_place(each.address), ("vpc_id", "default_route_table_id"), code())
    )
    return mixed.union(by_index)


def listed_beside(calls: tuple[Call, ...], listed: str, fix: Fix, networks: Sequence[Network], code: Code) -> Any:
    """Return the ids that a module outputs as ``listed`` (empty: none), those in the module of its call, that ``calls``
    lead to, and those that other modules called there output. Subnets there may be in the same zones as those of the module."""
    places = places_in(calls, fix, networks)
    own = ids_of(places, code, _mixed(places, fix, networks, code))
    parts = [listed] if listed else []
    if own and (fix.needs_tables or not parts):
        parts.append(hcl_value(own))
    more = output_by(calls, fix, networks).values() if fix.needs_tables or not parts else ()
    if not more and not listed:
        return own
    if not (parts or more):
        return []
    from vpce_checks.report.fixes.edits.id_lists import concatenated

    return Expression(concatenated([*parts, *more]))


def output_by(calls: tuple[Call, ...], fix: Fix, networks: Sequence[Network]) -> dict[tuple[str, ...], str]:
    """Return what modules output that code which ``calls`` lead to calls: the expression of a list by the addresses of the
    route tables or subnets in it. The module of the VPC is not one of them."""
    by_call: dict[Call, list[Declaration]] = {}
    for each in surroundings_of(networks, fix).places:
        if each.calls and each.calls[:-1] == calls and each.calls != home_calls(fix, networks):
            by_call.setdefault(each.calls[-1], []).append(each)
    found: dict[tuple[str, ...], str] = {}
    for call, places in by_call.items():
        if published_call((call,)) is None and "[*]" not in call.address:
            found.update(_outputs_for(call, places, partial(code_around, places[0].span.file, networks)))
    return found


def _outputs_for(call: Call, places: Sequence[Declaration], code: Code) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the outputs of a module for ``places`` in it, each with those that it is for: one for all, else one a resource."""
    blocks: dict[Place, list[Declaration]] = {}
    for each in places:
        blocks.setdefault(terraform_place(without_keys(each.address)), []).append(each)
    from vpce_checks.report.fixes.shared_modules import output_with

    for group in (list(places), *blocks.values()):
        listed = ids_of(group, code)
        name = output_with(code(), hcl_value(listed))
        is_list = bool(name)
        if not name and isinstance(listed, list) and len(listed) == 1:
            name = output_with(code(), listed[0])
        if name:
            output = f"{local_call(call)}.{name}"
            yield tuple(each.address for each in group), output if is_list else f"[{output}]"
            if len(group) == len(places):
                return


def hint_about(
    calls: tuple[Call, ...], beside: Call | None, fix: Fix, networks: Sequence[Network], *, is_output: bool
) -> str:
    """Return what a person has to look at in the list of an endpoint that goes into the module that ``calls`` lead to, beside
    the call ``beside`` of a module, which outputs those in it if ``is_output``; empty if nothing."""
    around = surroundings_of(networks, fix)
    if not fix.needs_tables:
        is_published = beside is not None and (
            beside.stub or beside.fetched
        )  # one subnet of a kind in each of its zones
        if around.apart or (around.apart is None and is_published):
            return ""
        return ONE_ZONE if around.apart is None else SAME_ZONE
    named = {each.address for each in places_in(calls, fix, networks)}
    named.update(*output_by(calls, fix, networks))
    others = (
        each
        for each in around.places
        if each.address not in named and not (is_output and beside is not None and beside in each.calls)
    )
    shown = [f"{each.address} ({_way_out(each.calls, calls)})" for each in others if each.calls or calls]
    return f"and {', '.join(shown[:2])}{' ...' if shown[2:] else ''}" if shown else ""


def _way_out(calls: tuple[Call, ...], here: tuple[Call, ...]) -> str:
    """Return how the id of what ``calls`` lead to gets to the code that ``here`` leads to."""
    if calls[: len(here)] == here:
        return f"{without_keys(calls[-1].address)} has to output it"
    return f"hand it over in the call of {without_keys(here[-1].address)}"


def places_in(calls: tuple[Call, ...], fix: Fix, networks: Sequence[Network]) -> list[Declaration]:
    """Return the route tables or subnets that code which ``calls`` lead to can name."""
    return [item for item in surroundings_of(networks, fix).places if item.calls == calls and _has_name(item)]


def _has_name(declared: Declaration) -> bool:
    """Return whether an attribute names it. The resource of Cloud Control for a VPC has none for the main route table.

    https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/ec2_vpc
    """
    return declared.type != MAIN_TABLE or not terraform_place(_owner(declared)).type.startswith("awscc_")


def _owner(main: Declaration) -> str:
    """Return the address of the VPC that a main table belongs to."""
    return main.address.rpartition(".")[0]


def ids_of(declarations: Iterable[Declaration], code: Code, mixed: frozenset[str] = frozenset()) -> Any:
    """Return the ids of resources of one module as a Terraform list. A splat covers all instances of a resource, but for
    those of blocks at the addresses ``mixed``, of which not all are meant."""
    groups: dict[str, Place] = {}
    single: list[Expression] = []
    main: list[Expression] = []
    for declared in declarations:
        if declared.type == MAIN_TABLE:
            vpc = terraform_place(_owner(declared))
            main.append(Expression(f"{vpc.type}.{vpc.name}{vpc.key}.{declared.address.rpartition('.')[2]}"))
            continue
        place = terraform_place(declared.address)
        id = id_attribute(place.type)
        if block_address(declared.address) in mixed and "*" not in place.key:
            single.append(Expression(f"{place.type}.{place.name}{place.key}.{id}"))
            continue
        groups.setdefault(f"{place.type}.{place.name}|{id}", place)
    lists: list[str] = []
    for key, place in groups.items():
        resource, _, id = key.partition("|")
        if not place.key:
            single.append(Expression(f"{resource}.{id}"))
        elif place.key.startswith('["') or has_keys(code(), place.type, place.name):
            lists.append(f"values({resource})[*].{id}")
        else:
            lists.append(f"{resource}[*].{id}")
    single += main
    if not lists:
        return single
    from vpce_checks.report.fixes.edits.id_lists import concatenated

    if single:
        lists.insert(0, f"[{', '.join(single)}]")
    return Expression(concatenated(lists))


def dns_of_vpc(fix: Fix, file: str, networks: Sequence[Network]) -> Iterator[tuple[Block, str]]:
    """Yield what turns on the DNS attributes of the VPC, without which private DNS does not work, and the file of it.

    For a VPC of a published module there is nothing: who calls it has to say which inputs do that.
    """
    turns_on = fix.kind == "add-interface-endpoint" or (fix.field == "private_dns" and fix.value is True and fix.vpc)
    if not turns_on:
        return
    around = surroundings_of(networks, fix)
    if around.dns_off and around.home is not None and published_call(around.home.calls) is None:
        place = terraform_place(inventory_of(networks).made_by(fix.vpc)[0] or "")
        there = around.home.span.file
        note = "" if there == file else f"in {os.path.relpath(there, os.path.dirname(file))}"
        yield Block(place.type, place.name, dict.fromkeys(around.dns_off, True), partial=True, note=note), there
