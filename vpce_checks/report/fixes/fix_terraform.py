"""Write fixes as Terraform code, in its native syntax or in JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from vpce_checks.base.record import replace
from vpce_checks.catalog.partitions import is_region
from vpce_checks.model.addresses import terraform_place, terraform_steps
from vpce_checks.model.network import Call, Declaration, Network
from vpce_checks.model.spans import Span
from vpce_checks.project.networks import look_up, surroundings_of
from vpce_checks.report.fixes.changes import SAME_ZONE, SUBNETS_OF_ONE_ZONE, Addition, Change, Expression
from vpce_checks.report.fixes.client_groups import group_wanted, groups_for
from vpce_checks.report.fixes.each_vpc import for_each_index, for_each_vpc, vpcs_beside
from vpce_checks.report.fixes.fix_text import Added, FixText
from vpce_checks.report.fixes.module_code import (
    OF_ONE_INSTANCE,
    code_around,
    endpoint_names,
    may_declare,
    new_region_data,
    region_attribute,
    region_data,
    written,
)
from vpce_checks.report.fixes.other_calls import as_another_call_does
from vpce_checks.report.fixes.published_modules import Outputs, local_call, outputs_of, published_call
from vpce_checks.report.fixes.regions import Site, may_place_resources, region_expression
from vpce_checks.report.fixes.switched_off import switched_off
from vpce_checks.report.fixes.tables_wanted import tables_wanted
from vpce_checks.report.fixes.terraform_blocks import (
    Block,
    as_hcl,
    block_name,
    endpoint_type,
    hcl_value,
    id_attribute,
    is_json,
    is_of_cloud_control,
    region_block,
    setting_of,
    written_block,
    written_blocks,
)
from vpce_checks.report.fixes.terraform_neighbours import (
    Code,
    dns_of_vpc,
    hint_about,
    home_calls,
    ids_of,
    listed_beside,
    listed_in,
    output_by,
)
from vpce_checks.report.fixes.terraform_siblings import Neighbour, neighbour_of, tables_in
from vpce_checks.rules.finding import Finding, Fix
from vpce_checks.terraform.syntax.structure import Block as HclBlock


def terraform_fix(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    """Return the block to add or change, for the file that ``finding`` is about.

    A published module cannot be changed, and one outside of the root is not only the root's. Then the fix is for the file
    with the call of the module.
    """
    published = published_call(finding.about.calls)
    file = finding.about.span.file if published is None else published.span.file
    if fix.kind == "set":
        from vpce_checks.report.fixes.terraform_settings import terraform_setting

        return terraform_setting(fix, finding, networks, published, file)
    if published is not None:
        outputs = outputs_of(published, surroundings_of(networks, fix).places)
        if outputs is None:
            return FixText(_words(published, fix))
        beside: Beside | None = (published, outputs)
    else:
        words = as_another_call_does(fix, finding, networks)
        if words is not None:
            return FixText(words)
        beside = _beside_call(fix, finding, networks)
        file = file if beside is None else beside[0].span.file
    code = partial(code_around, file, networks)
    unused = _unused(fix, finding, networks, published, beside)
    if unused is not None:
        return FixText(unused)
    listed, hint = _listed(fix, networks, code, beside)
    if fix.kind == "add-gateway-endpoint" and (hint or not listed):
        sibling = surroundings_of(networks, fix).sibling
        neighbour = neighbour_of(sibling, networks)
        if sibling is not None and neighbour is not None:
            words = _in_module_of(sibling, fix, finding, networks)
            return _like_neighbour(fix, neighbour, networks) if words is None else FixText(words)
    name = block_name(fix.service)
    type = endpoint_type(terraform_place(fix.vpc).type)
    if may_declare(file, networks, type, name) and (type, name) in code().resources:
        name += "_gateway" if fix.kind == "add-gateway-endpoint" else "_interface"
    name = _of_first_vpc(name, fix, file, networks, None if beside is None else beside[0])
    block = _endpoint(fix, file, networks, code, beside, name, (listed, hint))
    every = None
    if beside is None:
        every = for_each_vpc(block, fix, networks) or for_each_index(block, fix, networks, code)
    block = _of_one(block, fix, networks, code) if every is None else every
    asks = "data.aws_region." in block.arguments["service_name"]
    if asks:
        block = _with_region(block, fix, file, networks)
    blocks = [(block, file), *(dns_of_vpc(fix, file, networks) if published is None else ())]
    text = written_blocks([each for each, _ in blocks], file)
    if is_json(file):
        return FixText(text, "add to", file, by_hand="only Terraform's native syntax is edited", added=_added(blocks))
    after = beside[0].span if beside is not None else finding.about.span
    reason = "" if beside is not None or every is not None else _why_not_of_one(fix, networks, code)
    if not reason and fix.region and not is_region(fix.region):
        reason = f"{fix.region!r}, the region of {fix.vpc}, is not one of AWS"
    if not reason and asks and is_of_cloud_control(type):
        reason = f"the provider awscc has no data source of its region, and that of {fix.vpc} is not in the code"
    reason = reason or (SUBNETS_OF_ONE_ZONE if SAME_ZONE in block.hints.values() else "")
    changes = tuple(_changes_of(blocks, after)) if not reason else ()
    return FixText(text, "add to", file, changes=changes, by_hand=reason, added=_added(blocks))


def _unused(
    fix: Fix, finding: Finding, networks: Sequence[Network], published: Call | None, beside: Beside | None
) -> str | None:
    """Return what to do in words if the module of the VPC, or that with the call of it, has code for the endpoint already."""
    calls = home_calls(fix, networks)
    if published is None:
        found = switched_off(fix, finding.about.span.file, networks, calls, _vpc_id(fix))
        if found is not None:
            return found
    if beside is None:
        return None
    call, outputs = beside
    outside = calls[: calls.index(call)]
    return switched_off(fix, call.span.file, networks, outside, outputs.seen_from(local_call(call)).vpc)


def _added(blocks: Sequence[tuple[Block, str]]) -> Added:
    """Return the endpoint of the first of the blocks that a fix writes, as others compare it with theirs."""
    (block, _), *others = blocks
    rest = {name: value for name, value in block.arguments.items() if name not in _OF_ONE_ENDPOINT}
    vpc, tables = (hcl_value(block.arguments.get(name, [])) for name in ("vpc_id", "route_table_ids"))
    notes = [each for hints in (block.hints, block.blanks) for each in hints.values()]
    return Added(
        vpc,
        tables,
        "\n".join([*map(as_hcl, (Block(block.type, block.name, rest), *(each for each, _ in others))), *notes]),
    )


_OF_ONE_ENDPOINT = ("vpc_id", "route_table_ids", "service_name")


def _in_module_of(sibling: Declaration, fix: Fix, finding: Finding, networks: Sequence[Network]) -> str | None:
    """Return what to do in words if the module of ``sibling`` has code for the endpoint already; else None."""
    unused = switched_off(fix, sibling.span.file, networks, sibling.calls, "")
    if unused is not None:
        return unused
    return as_another_call_does(fix, replace(finding, about=sibling), networks)


def _like_neighbour(fix: Fix, neighbour: Neighbour, networks: Sequence[Network]) -> FixText:
    """Return the block of a gateway endpoint that differs from the one beside it in its service."""
    file, calls = neighbour.file, neighbour.calls
    code = partial(code_around, file, networks)
    name = _of_first_vpc(block_name(fix.service), fix, file, networks, None)
    if ("aws_vpc_endpoint", name) in code().resources:
        name += "_gateway"
    meta = {key: value for key, value in neighbour.arguments.items() if key in ("count", "provider", "region")}
    site = Site(file, calls[-1].address if calls else "", meta)
    arguments = {
        **meta,
        "vpc_id": neighbour.arguments["vpc_id"],
        "service_name": _service_name(fix, site, networks, code),
        "vpc_endpoint_type": "Gateway",
        "route_table_ids": neighbour.arguments["route_table_ids"],
    }
    block = Block("aws_vpc_endpoint", name, arguments)
    if "data.aws_region." in arguments["service_name"]:
        block = _with_region(block, fix, file, networks)
    changes = tuple(_changes_of([(block, file)], neighbour.after))
    return FixText(written_block(block, file), "add to", file, changes=changes, added=_added([(block, file)]))


def _changes_of(blocks: Iterable[tuple[Block, str]], after: Span) -> Iterator[Change]:
    for block, file in blocks:
        if block.partial:
            yield setting_of(block, file)
            continue
        if block.region:
            yield Addition(file, region_block(block), after)
        blanks = tuple(note for name, note in block.blanks.items() if block.arguments.get(name) == [])
        yield Addition(file, as_hcl(replace(block, region="", note="", hints={})), after, blanks)


def _of_one(block: Block, fix: Fix, networks: Sequence[Network], code: Code) -> Block:
    """Return ``block`` for one of several VPCs that a block makes: with the key of the VPC in its name, and no ``count``.

    Where a ``count`` makes one and may make several, what is not told apart is marked.
    """
    place = terraform_place(fix.vpc)
    if len(vpcs_beside(fix, networks)) > 1 and "*" not in place.key:
        arguments = {name: value for name, value in block.arguments.items() if name != "count"}
        region = str(arguments.get("region", ""))
        if OF_ONE_INSTANCE.search(region):  # this block has no instances
            own = Expression(f"{place.type}.{place.name}{place.key}.region")
            service = str(arguments["service_name"]).strip('"').replace(region, own)
            arguments |= {"region": own, "service_name": _as_template(service, own)}
        name = "_".join((block.name, *filter(None, block_name(place.key).split("_"))))
        return replace(block, arguments=arguments, name=name)
    if "count" not in block.arguments:
        return block
    from vpce_checks.report.fixes.counted_blocks import may_make_several, vpc_of_index

    if not may_make_several(place, code()):
        return block
    name = "route_table_ids" if fix.needs_tables else "subnet_ids"
    hints = {**block.hints, name: " ".join(filter(None, (block.hints.get(name), "of the VPC with the same index")))}
    return replace(block, arguments={**block.arguments, "vpc_id": vpc_of_index(place)}, hints=hints)


def _why_not_of_one(fix: Fix, networks: Sequence[Network], code: Code) -> str:
    """Return why an endpoint for one VPC cannot be told from one for the others that its block makes; empty if it can.

    The endpoint of a VPC with a ``count`` is made as often as the VPC is.
    """
    place = terraform_place(fix.vpc)
    if not place.key:
        return ""
    block = code().resources.get((place.type, place.name))
    if block is None or "for_each" in block.body.attributes:
        return (
            f"{place.type}.{place.name} makes a VPC for each key, and its route tables and subnets are not told apart"
        )
    count = len(vpcs_beside(fix, networks))
    if count > 1:
        return f"{place.type}.{place.name} makes {count} VPCs, and their route tables and subnets are not told apart"
    from vpce_checks.report.fixes.counted_blocks import may_make_several

    if may_make_several(place, code()):
        return (
            f"{place.type}.{place.name} makes as many VPCs as its count says ({written(block.body.attributes['count'])}), "
            "and their route tables and subnets are not told apart"
        )
    return ""


def _of_first_vpc(name: str, fix: Fix, file: str, networks: Sequence[Network], beside: Call | None) -> str:
    """Return ``name``; for another VPC of the module than the first that wants it, a name with that of the VPC, or of the call
    ``beside`` of a module that makes it."""
    directory = os.path.dirname(file)
    place = terraform_place(fix.vpc)
    own = (place.type, place.name) if beside is None else ("module", terraform_steps(beside.address)[-1])
    first = look_up(networks, f"first fix in {directory} with {name}", lambda _: own)
    return name if first == own else f"{'_'.join(filter(None, block_name(own[1]).split('_')))}_{name}"


def _with_region(block: Block, fix: Fix, file: str, networks: Sequence[Network]) -> Block:
    """Return ``block`` with the data source of the region, if neither the module nor a fix before this one declares it."""
    code = code_around(file, networks)
    provider = _provider_of(block.arguments)
    if region_data(code, provider) is not None:
        return block
    own = (fix.vpc, fix.service)
    first = look_up(networks, f"first fix with a region of {provider} in {code.directory}", lambda _: own)
    name = new_region_data(code, provider)
    if first == own:
        return replace(block, region=name)
    note = f"data.aws_region.{name} is declared by the fix that adds {first[1]} to {first[0]}"
    return replace(block, region=name, note=note)


Beside: TypeAlias = tuple[Call, Outputs]
"""The call of a module that an endpoint goes beside, and the outputs of the module that it needs."""


def _beside_call(fix: Fix, finding: Finding, networks: Sequence[Network]) -> Beside | None:
    """Return the call of the module of the VPC to go beside: where that module is not only the root's and has the outputs for
    it, or where route tables or subnets are in other modules, whose outputs code in this one cannot name."""
    file = finding.about.span.file
    if len(finding.about.calls) != 1:
        return None
    from vpce_checks.report.fixes.shared_modules import may_be_shared, output_with

    call = finding.about.calls[0]
    if not may_be_shared(call, file, code_around(call.span.file, networks)):
        return None
    code = code_around(file, networks)
    place = terraform_place(fix.vpc)
    home = code.resources.get((place.type, place.name))
    if home is None or not home.body.attributes.keys().isdisjoint(("provider", "region")):
        return None  # beside the call, these are not known
    places = listed_in(fix, networks, lambda: code)
    vpc, listed = output_with(code, _vpc_id(fix)), output_with(code, hcl_value(places))
    if not vpc or not (listed or output_by((), fix, networks)):
        return None
    return call, Outputs(vpc, listed, listed)


def _vpc_id(fix: Fix) -> Expression:
    place = terraform_place(fix.vpc)
    return Expression(f"{place.type}.{place.name}{place.key}.{id_attribute(place.type)}")


def _calls_at(fix: Fix, networks: Sequence[Network], beside: Beside | None) -> tuple[Call, ...]:
    """Return the calls that lead to the module that the endpoint goes into."""
    calls = home_calls(fix, networks)
    return calls if beside is None else calls[: calls.index(beside[0])]


def _listed(fix: Fix, networks: Sequence[Network], code: Code, beside: Beside | None) -> tuple[Any, str]:
    """Return the ids of the route tables or subnets of an endpoint, and what a person has to look at in their list: those of
    a gateway endpoint are those of another one that is in the same module."""
    inside = _calls_at(fix, networks, beside)
    gateway = fix.kind == "add-gateway-endpoint"
    as_sibling = tables_in(inside, surroundings_of(networks, fix).sibling, networks) if gateway else None
    if as_sibling is not None:
        return as_sibling, ""
    if beside is None:
        return listed_beside(inside, "", fix, networks, code), hint_about(inside, None, fix, networks, is_output=True)
    listed = listed_in(fix, networks, code)
    outputs = beside[1].seen_from(local_call(beside[0]))
    output = (outputs.route_tables if gateway else outputs.subnets) if listed else ""
    hint = hint_about(inside, beside[0], fix, networks, is_output=not listed or bool(output))
    return listed_beside(inside, output, fix, networks, code), hint


def _endpoint(
    fix: Fix,
    file: str,
    networks: Sequence[Network],
    code: Code,
    beside: Beside | None,
    name: str,
    places: tuple[Any, str],
) -> Block:
    """Return the block of an endpoint. ``places`` are its route tables or subnets, as :func:`_listed` has them."""
    gateway = fix.kind == "add-gateway-endpoint"
    inside = _calls_at(fix, networks, beside)
    if beside is None:
        meta = _meta_arguments(_home_block(fix, file, networks, code))
    else:
        from vpce_checks.report.fixes.shared_modules import passed_provider

        meta = passed_provider(beside[0], code())
    arguments: dict[str, Any] = {
        **meta,
        "vpc_id": _vpc_id(fix),
        "service_name": _service_name(fix, Site(file, inside[-1].address if inside else "", meta), networks, code),
        "vpc_endpoint_type": "Gateway" if gateway else "Interface",
    }
    if not gateway:
        arguments["private_dns_enabled"] = True
    list_name = "route_table_ids" if gateway else "subnet_ids"
    arguments[list_name], hint = places
    if beside is not None:
        arguments["vpc_id"] = Expression(beside[1].seen_from(local_call(beside[0])).vpc)
    if not gateway:
        arguments["security_group_ids"] = ids_of(
            (item for item in groups_for(fix, networks) if item.calls == inside), code
        )
    module = inside[-1].address if inside else ""
    type = endpoint_type(terraform_place(fix.vpc).type)
    if (module, type, name) in endpoint_names(networks):
        name += "_gateway" if gateway else "_interface"
    blanks = {
        "route_table_ids": tables_wanted(fix, networks),
        "subnet_ids": "the private subnets, one in each availability zone",
        "security_group_ids": group_wanted(fix),
    }
    hints = {list_name: hint} if hint else {}
    return Block(type, name, arguments, blanks=blanks, hints=hints)


def _words(published: Call, fix: Fix) -> str:
    """Return what to do in words, for a published module whose outputs are not known."""
    kind = "gateway" if fix.kind == "add-gateway-endpoint" else "interface"
    call = published.address
    return f"beside {call}, create a{'n' * (kind == 'interface')} {kind} endpoint for {fix.service} in the VPC that {call} outputs"


def _service_name(fix: Fix, site: Site, networks: Sequence[Network], code: Code) -> str:
    """Return the service name. The region is written as the module does it elsewhere; a module that others may call gets no
    region of its own, unless the endpoint is in another one than that of its provider."""
    from vpce_checks.catalog import find_service, service_name_for

    if fix.region:
        name = service_name_for(
            fix.service, fix.region, "Gateway" if fix.kind == "add-gateway-endpoint" else "Interface"
        )
    else:
        service = find_service(fix.service)
        name = service.pattern if service is not None else "com.amazonaws.{region}." + fix.service
    region = region_expression(fix, site, networks, code)
    if not region and fix.region and (site.is_moved or not site.module):
        return name
    region = region or str(site.meta.get("region", ""))
    if not region:
        provider = _provider_of(site.meta)
        data = region_data(code(), provider) or new_region_data(code(), provider)
        region = f"data.aws_region.{data}.{region_attribute(code())}"
    return _as_template(name.replace(fix.region or "{region}", f"${{{region}}}"), region)


def _as_template(name: str, region: str) -> str:
    """Return a service name with an expression for the region in it, whose own quotes are not to be escaped."""
    return Expression(f'"{name}"') if '"' in region else name


def _provider_of(arguments: Mapping[str, Any]) -> str:
    """Return the provider that a resource names, as it is written; empty for the default one."""
    return str(arguments.get("provider", ""))


def _home_block(fix: Fix, file: str, networks: Sequence[Network], code: Code) -> HclBlock | None:
    """Return the block of the VPC if a meta-argument of it may say where it is."""
    place = terraform_place(fix.vpc)
    if not place.key and not may_place_resources(file, networks):
        return None
    return code().resources.get((place.type, place.name))


def _meta_arguments(home: HclBlock | None) -> dict[str, Any]:
    """Return the arguments of the VPC that an endpoint in it needs as well."""
    attributes = home.body.attributes if home is not None else {}
    return {
        name: Expression(written(attributes[name])) for name in ("count", "provider", "region") if name in attributes
    }
