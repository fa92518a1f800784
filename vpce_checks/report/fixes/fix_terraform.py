"""Write fixes as Terraform code, in its native syntax or in JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.model.addresses import Place, terraform_place, terraform_steps
from vpce_checks.model.network import Call, Declaration, Network
from vpce_checks.model.spans import Span
from vpce_checks.project.listing import Inventory
from vpce_checks.project.networks import inventory_of, look_up, surroundings_of
from vpce_checks.report.fixes.changes import Addition, Change, Expression, Replacement, Setting
from vpce_checks.report.fixes.client_groups import group_wanted, groups_for
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.fixes.module_code import (
    code_around,
    has_keys,
    may_declare,
    new_region_data,
    region_attribute,
    region_data,
    texts_beside,
    written,
)
from vpce_checks.report.fixes.module_inputs import Entry, entry_of, nested
from vpce_checks.report.fixes.origins import Origin, origin_of
from vpce_checks.report.fixes.other_calls import as_another_call_does
from vpce_checks.report.fixes.published_modules import Outputs, outputs_of, published_call
from vpce_checks.report.fixes.regions import may_place_resources, region_expression
from vpce_checks.report.fixes.shared_modules import may_be_shared, output_with
from vpce_checks.report.text.frame import source_line
from vpce_checks.rules.finding import Finding, Fix
from vpce_checks.terraform.syntax.structure import Block as HclBlock
from vpce_checks.terraform.syntax.structure import ModuleSource

TERRAFORM_NAMES = {
    "private_dns": "private_dns_enabled",
    "type": "vpc_endpoint_type",
    "vpc": "vpc_id",
    "route_tables": "route_table_ids",
    "subnets": "subnet_ids",
    "security_groups": "security_group_ids",
}
"""Fields of the network model whose Terraform arguments have another name."""


def terraform_fix(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    """Return the block to add or change, for the file that ``finding`` is about.

    A published module cannot be changed, and one outside of the root is not only the root's. Then the fix is for the file
    with the call of the module.
    """
    published = published_call(finding.about.calls)
    file = finding.about.span.file if published is None else published.span.file
    if fix.kind == "set":
        if fix.field == "route_tables" and published is not None:
            return FixText(str(fix.value))
        if published is not None:
            entry = entry_of(published, terraform_place(fix.address).key, networks)
            if entry is not None and fix.field != "dns_inbound_only":
                path = ("module", entry.call, entry.argument, entry.key)
                entered = (Setting(file, path, _values(fix)),)
                return FixText(_entry_changed(entry, fix, file), "change in", file, entry.span, entered)
            return FixText(
                _input_of(published, fix), "change in", file, by_hand="cannot tell which of its inputs to change"
            )
        origin = _origin(fix, finding, networks)
        if origin is not None:
            replaced = (Replacement(origin.value, _bool_or_text(fix.value)),)
            return FixText(_set_at(origin, fix), "change in", origin.span.file, origin.span, replaced)
        if fix.field == "route_tables":
            return _with_tables(fix, finding, networks)
        block = _change(fix, finding)
        if fix.field == "dns_inbound_only":
            return FixText(_written(block, file), "change in", file, by_hand="it changes a nested block")
        blocks = [(block, file), *_dns_of_vpc(fix, file, networks)]
        text = _all_written([each for each, _ in blocks], file)
        return FixText(text, "change in", file, changes=tuple(_setting(each, there) for each, there in blocks))
    if published is not None:
        outputs = outputs_of(published)
        if outputs is None:
            return FixText(_words(published, fix))
        beside: Beside | None = (published, outputs)
    else:
        words = as_another_call_does(fix, finding, networks)
        if words is not None:
            return FixText(words)
        beside = _beside_shared(fix, finding, networks)
        file = file if beside is None else beside[0].span.file
    code = partial(code_around, file, networks)
    name = block_name(fix.service)
    if may_declare(file, networks, "aws_vpc_endpoint", name) and ("aws_vpc_endpoint", name) in code().resources:
        unused = _switched_off(fix, networks, code())
        if unused is not None:
            return FixText(unused)
        name += "_gateway" if fix.kind == "add-gateway-endpoint" else "_interface"
    name = _of_first_vpc(name, fix, file, networks)
    block = _endpoint(fix, file, networks, code, beside, name)
    if "data.aws_region." in block.arguments["service_name"]:
        block = _with_region(block, fix, file, networks)
    blocks = [(block, file), *(_dns_of_vpc(fix, file, networks) if published is None else ())]
    text = _all_written([each for each, _ in blocks], file)
    if _is_json(file):
        return FixText(text, "add to", file, by_hand="it is Terraform's JSON syntax")
    after = beside[0].span if beside is not None else finding.about.span
    reason = "" if beside is not None else _why_not_of_one(fix, networks, code)
    changes = tuple(_changes_of(blocks, after)) if not reason else ()
    return FixText(text, "add to", file, changes=changes, by_hand=reason)


def _changes_of(blocks: Iterable[tuple[Block, str]], after: Span) -> Iterator[Change]:
    for block, file in blocks:
        if block.partial:
            yield _setting(block, file)
            continue
        if block.region:
            yield Addition(file, _region_block(block.region), after)
        blanks = tuple(note for name, note in block.blanks.items() if block.arguments.get(name) == [])
        yield Addition(file, _as_hcl(replace(block, region="", note="")), after, blanks)


def _setting(block: Block, file: str) -> Setting:
    return Setting(file, ("resource", block.type, block.name), tuple(block.arguments.items()))


def _with_tables(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    """Return the argument of a gateway endpoint that names the private route tables of its VPC; words if these are not
    known, or if resources of their own associate route tables with endpoints.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_route_table_association
    """
    file = finding.about.span.file
    place = terraform_place(fix.address)
    listed = _listed(fix, networks, partial(code_around, file, networks))
    beside = finding.about.calls == _home_calls(fix, networks) and place.type == "aws_vpc_endpoint"
    apart = any("aws_vpc_endpoint_route_table_association" in text for text in texts_beside(file, networks))
    if not listed or not beside or apart:
        return FixText(str(fix.value))
    if not isinstance(listed, Expression):
        listed = Expression(_hcl_value(listed))
    block = Block(place.type, place.name, {"route_table_ids": listed}, partial=True)
    return FixText(_written(block, file), "change in", file, changes=(_setting(block, file),))


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
    every = (terraform_place(row.address) for row in inventory_of(networks).vpcs)
    same = [each for each in every if each[:3] == place[:3]]
    if len(same) > 1:
        return (
            f"{place.type}.{place.name} makes {len(same)} VPCs, and their route tables and subnets are not told apart"
        )
    return ""


def _dns_of_vpc(fix: Fix, file: str, networks: Sequence[Network]) -> Iterator[tuple[Block, str]]:
    """Yield what turns on the DNS attributes of the VPC, without which private DNS does not work, and the file of it.

    For a VPC of a published module there is nothing: who calls it has to say which inputs do that.
    """
    turns_on = fix.kind == "add-interface-endpoint" or (fix.field == "private_dns" and fix.value is True and fix.vpc)
    if not turns_on:
        return
    around = surroundings_of(networks, fix)
    if around.dns_off and around.home is not None and published_call(around.home.calls) is None:
        place = terraform_place(inventory_of(networks).apart(fix.vpc)[0] or "")
        there = around.home.span.file
        note = "" if there == file else f"in {os.path.relpath(there, os.path.dirname(file))}"
        yield Block(place.type, place.name, dict.fromkeys(around.dns_off, True), partial=True, note=note), there


def _of_first_vpc(name: str, fix: Fix, file: str, networks: Sequence[Network]) -> str:
    """Return ``name``; for another VPC of the module than the first that wants it, a name with that of the VPC."""
    directory = os.path.dirname(file)
    place = terraform_place(fix.vpc)
    first = look_up(networks, f"first fix in {directory} with {name}", lambda _: (place.type, place.name))
    return name if first == (place.type, place.name) else f"{place.name}_{name}"


def _values(fix: Fix) -> tuple[tuple[str, bool | str], ...]:
    """Return what a fix sets, by the names that Terraform has for it."""
    return tuple((TERRAFORM_NAMES.get(each, each), _bool_or_text(fix.value)) for each in (fix.field, *fix.also))


def _bool_or_text(value: bool | str | None) -> bool | str:
    return value if isinstance(value, bool) else str(value)


def _origin(fix: Fix, finding: Finding, networks: Sequence[Network]) -> Origin | None:
    """Return what sets the value in the root, if a module that the root calls takes it from there."""
    calls = finding.about.calls
    expression = _computed(finding, fix.field)
    if len(calls) != 1 or "[" in calls[0].address or not expression or fix.also or _is_json(calls[0].span.file):
        return None
    root = code_around(calls[0].span.file, networks)
    call = root.modules.get(calls[0].address.removeprefix("module."))
    key = terraform_place(fix.address or finding.resource).key
    return None if call is None else origin_of(expression, key, fix.value, call, root)


def _set_at(origin: Origin, fix: Fix) -> str:
    """Return the entry or the call with the new value in it, and what it is now."""
    now = source_line(origin.span.file, origin.span.line)[origin.span.column - 1 : origin.span.end_column - 1]
    opening = f"{origin.key if origin.key.isidentifier() else _quote(origin.key)} = {{"
    if origin.called:
        opening, now = f"module {_quote(origin.called)} {{", now.partition("=")[2].strip()
    return "\n".join((opening, "  # ...", f"  {origin.name} = {_hcl_value(fix.value)} # now: {now}", "}"))


def _switched_off(fix: Fix, networks: Sequence[Network], code: ModuleSource) -> str | None:
    """Return what to do in words if the module has such an endpoint whose ``count`` or ``for_each`` creates none; else None."""
    name = block_name(fix.service)
    block = code.resources["aws_vpc_endpoint", name]
    if any(place[1:] == ("aws_vpc_endpoint", name) for place in look_up(networks, "Terraform names", _names)):
        return None
    service = block.body.attributes.get("service_name")
    repeats = [word for word in ("count", "for_each") if word in block.body.attributes]
    if service is None or not repeats or not written(service).endswith(f'.{fix.service}"'):
        return None
    now = written(block.body.attributes[repeats[0]])
    return f"let aws_vpc_endpoint.{name} create the endpoint: its {repeats[0]} ({now}) creates none for {fix.vpc}"


def _with_region(block: Block, fix: Fix, file: str, networks: Sequence[Network]) -> Block:
    """Return ``block`` with the data source of the region, if neither the module nor a fix before this one declares it."""
    code = code_around(file, networks)
    if region_data(code) is not None:
        return block
    own = (fix.vpc, fix.service)
    first = look_up(networks, f"first fix with a region in {code.directory}", lambda _: own)
    name = new_region_data(code)
    if first == own:
        return replace(block, region=name)
    note = f"data.aws_region.{name} is declared by the fix that adds {first[1]} to {first[0]}"
    return replace(block, region=name, note=note)


Beside: TypeAlias = tuple[Call, Outputs]
"""The call of a module that an endpoint goes beside, and the outputs of the module that it needs."""


def _beside_shared(fix: Fix, finding: Finding, networks: Sequence[Network]) -> Beside | None:
    """Return the call to go beside, if the module is not only the root's and has the outputs for it."""
    file = finding.about.span.file
    if len(finding.about.calls) != 1:
        return None
    call = finding.about.calls[0]
    if not may_be_shared(call, file, code_around(call.span.file, networks)):
        return None
    code = code_around(file, networks)
    places = _listed(fix, networks, lambda: code)
    vpc, listed = output_with(code, _vpc_id(fix)), output_with(code, _hcl_value(places))
    if not (vpc and listed):
        return None
    return call, Outputs(vpc, listed, listed)


def _written(block: Block, file: str) -> str:
    return _all_written([block], file)


def _all_written(blocks: Sequence[Block], file: str) -> str:
    return _as_json(*blocks) if _is_json(file) else "\n\n".join(map(_as_hcl, blocks))


def _is_json(file: str) -> bool:
    return file.endswith((".tf.json", ".tofu.json"))


@record
class Block:
    """A resource block.

    ``partial``: the block exists and has more arguments than these. ``region`` is the name of a data source of the region
    that the block needs and that is to be declared with it, unless another fix does that, as ``note`` then says. ``blanks``
    says what belongs into arguments that are empty. ``instead_of`` is the present expression of the argument.
    """

    type: str
    name: str
    arguments: dict[str, Any]
    partial: bool = False
    region: str = ""
    note: str = ""
    blanks: Mapping[str, str] = MappingProxyType({})
    instead_of: str = ""


def _change(fix: Fix, finding: Finding) -> Block:
    place = terraform_place(fix.address or finding.resource)
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if fix.field == "dns_inbound_only":
        inner = {"private_dns_only_for_inbound_resolver_endpoint": fix.value}
        return Block(place.type, place.name, {"dns_options": inner}, partial=True)
    more = {TERRAFORM_NAMES.get(each, each): fix.value for each in fix.also}
    instead_of = "" if more else _computed(finding, fix.field)
    return Block(place.type, place.name, {name: fix.value, **more}, partial=True, instead_of=instead_of)


def block_name(service: str) -> str:
    """Return the short name of a service as a Terraform identifier."""
    return "".join(letter if letter.isalnum() else "_" for letter in service)


def _entry_changed(entry: Entry, fix: Fix, file: str) -> str:
    """Return the entry of the call's map that makes the endpoint, with what to set in it."""
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if _is_json(file):
        import json

        return json.dumps(nested(entry, name, fix.value), indent=2)
    key = entry.key if entry.key.isidentifier() else _quote(entry.key)
    opening = (f"module {_quote(entry.call)} {{", f"  {entry.argument} = {{", f"    {key} = {{")
    lines = [text for line in opening for text in (line, f"{line[: len(line) - len(line.lstrip())]}  # ...")]
    return "\n".join([*lines, f"      {name} = {_hcl_value(fix.value)}", "    }", "  }", "}"])


def _input_of(call: Call, fix: Fix) -> str:
    """Return the input to change if a published module creates the resource."""
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if fix.field == "dns_inbound_only":
        name = "private_dns_only_for_inbound_resolver_endpoint"
    return f"# change the inputs of {call.address}, so that {terraform_place(fix.address).name or 'it'} has\n{name} = {_hcl_value(fix.value)}"


def _computed(finding: Finding, field: str) -> str:
    """Return the present expression of the argument, which says where its value comes from; empty for a literal."""
    span = finding.about.field_spans.get(field)
    if span is None or span.last_line != span.line or span.file.endswith(".json"):
        return ""
    value = source_line(span.file, span.line).partition("=")[2].strip()
    return "" if value in ("true", "false", "null") or value[:1] in ('"', "#") else value


Code: TypeAlias = Callable[[], ModuleSource]
"""Reads the code that a fix goes into. Few fixes need it, and to parse it again takes as long as the first time."""


def _vpc_id(fix: Fix) -> Expression:
    place = terraform_place(fix.vpc)
    id = "vpc_id" if place.type.startswith("awscc_") else "id"
    return Expression(f"{place.type}.{place.name}{place.key}.{id}")


def _home_calls(fix: Fix, networks: Sequence[Network]) -> tuple[Call, ...]:
    home = surroundings_of(networks, fix).home
    return home.calls if home is not None else ()


def _listed(fix: Fix, networks: Sequence[Network], code: Code) -> Any:
    """Return the ids of the route tables or subnets in the module of the VPC."""
    calls = _home_calls(fix, networks)
    return _ids((item for item in surroundings_of(networks, fix).places if item.calls == calls), code)


def _endpoint(fix: Fix, file: str, networks: Sequence[Network], code: Code, beside: Beside | None, name: str) -> Block:
    gateway = fix.kind == "add-gateway-endpoint"
    calls = _home_calls(fix, networks)
    inside = calls if beside is None else calls[: calls.index(beside[0])]
    home = _home_block(fix, file, networks, code) if beside is None else None
    arguments: dict[str, Any] = {
        **_meta_arguments(home),
        "vpc_id": _vpc_id(fix),
        "service_name": _service_name(fix, file, bool(inside), home, networks, code),
        "vpc_endpoint_type": "Gateway" if gateway else "Interface",
    }
    if not gateway:
        arguments["private_dns_enabled"] = True
    list_name = "route_table_ids" if gateway else "subnet_ids"
    arguments[list_name] = _listed(fix, networks, code)
    if beside is not None:
        outputs = beside[1].seen_from(".".join(terraform_steps(beside[0].address)[-2:]))
        arguments["vpc_id"] = Expression(outputs.vpc)
        listed = outputs.route_tables if gateway else outputs.subnets
        arguments[list_name] = Expression(listed) if listed and arguments[list_name] else []
        calls = inside
    if not gateway:
        arguments["security_group_ids"] = _ids(
            (item for item in groups_for(fix, networks) if item.calls == calls), code
        )
    module = calls[-1].address if calls else ""
    taken = look_up(networks, "Terraform names", _names)
    if (module, "aws_vpc_endpoint", name) in taken:
        name += "_gateway" if gateway else "_interface"
    blanks = {
        "route_table_ids": "the private route tables",
        "subnet_ids": "the private subnets, one in each availability zone",
        "security_group_ids": group_wanted(fix),
    }
    return Block("aws_vpc_endpoint", name, arguments, blanks=blanks)


def _names(inventory: Inventory) -> frozenset[tuple[str, str, str]]:
    """Return module, type and name of every endpoint."""
    return frozenset(terraform_place(row.address)[:3] for row, _ in inventory.endpoints)


def _words(published: Call, fix: Fix) -> str:
    """Return what to do in words, for a published module whose outputs are not known."""
    kind = "gateway" if fix.kind == "add-gateway-endpoint" else "interface"
    call = published.address
    return f"beside {call}, create a{'n' * (kind == 'interface')} {kind} endpoint for {fix.service} in the VPC that {call} outputs"


def _service_name(
    fix: Fix, file: str, is_called: bool, home: HclBlock | None, networks: Sequence[Network], code: Code
) -> str:
    """Return the service name. The region is written as the module does it elsewhere; a module that others may call gets no
    region of its own."""
    from vpce_checks.catalog import find_service, service_name_for

    if fix.region:
        name = service_name_for(
            fix.service, fix.region, "Gateway" if fix.kind == "add-gateway-endpoint" else "Interface"
        )
    else:
        service = find_service(fix.service)
        name = service.pattern if service is not None else "com.amazonaws.{region}." + fix.service
    is_moved = home is not None and not home.body.attributes.keys().isdisjoint(("provider", "region"))
    region = "" if is_moved else region_expression(file, networks, code)
    if not region and fix.region and (is_moved or not is_called):
        return name
    region = region or f"data.aws_region.{region_data(code()) or new_region_data(code())}.{region_attribute(code())}"
    return name.replace(fix.region or "{region}", f"${{{region}}}")


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


def _ids(declarations: Iterable[Declaration], code: Code) -> Any:
    """Return the ids of resources of one module as a Terraform list. A splat covers all instances of a resource."""
    groups: dict[str, Place] = {}
    for declared in declarations:
        place = terraform_place(declared.address)
        id = "id" if place.type.startswith("aws_") else place.type.removeprefix("awscc_ec2_") + "_id"
        groups.setdefault(f"{place.type}.{place.name}|{id}", place)
    single: list[Expression] = []
    lists: list[str] = []
    for key, place in groups.items():
        resource, _, id = key.partition("|")
        if not place.key:
            single.append(Expression(f"{resource}.{id}"))
        elif place.key.startswith('["') or has_keys(code(), place.type, place.name):
            lists.append(f"values({resource})[*].{id}")
        else:
            lists.append(f"{resource}[*].{id}")
    if not lists:
        return single
    if single:
        lists.insert(0, f"[{', '.join(single)}]")
    return Expression(lists[0] if len(lists) == 1 else f"concat({', '.join(lists)})")


def _region_block(name: str) -> str:
    return f'data "aws_region" {_quote(name)} {{}}'


def _as_hcl(block: Block) -> str:
    lines = [_region_block(block.region), ""] if block.region and not block.note else []
    lines += [f"# {block.note}"] if block.note else []
    lines.append(f"resource {_quote(block.type)} {_quote(block.name)} {{")
    if block.partial:
        lines.append("  # ...")
    width = max(len(name) for name in block.arguments)
    for name, value in block.arguments.items():
        if isinstance(value, dict):
            lines.append(f"  {name} {{")
            lines += [f"    {inner} = {_hcl_value(item)}" for inner, item in value.items()]
            lines.append("  }")
        else:
            note = block.blanks.get(name, "") if value == [] else f"now: {block.instead_of}" if block.instead_of else ""
            note = f" # {note}" if note else ""
            lines.append(f"  {name:{width}} = {_hcl_value(value)}{note}")
    return "\n".join([*lines, "}"])


def _hcl_value(value: Any) -> str:
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_hcl_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else _quote(value) if isinstance(value, str) else str(value)


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _as_json(*blocks: Block) -> str:
    import json

    document: dict[str, Any] = {}
    for block in blocks:
        if block.note:
            document["//"] = block.note
        if block.region and not block.note:
            document["data"] = {"aws_region": {block.region: {}}}
        arguments = {name: _json_value(value) for name, value in block.arguments.items()}
        document.setdefault("resource", {}).setdefault(block.type, {})[block.name] = arguments
    return json.dumps(document, indent=2)


def _json_value(value: Any) -> Any:
    if isinstance(value, Expression):
        return "${" + value + "}"
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    return value
