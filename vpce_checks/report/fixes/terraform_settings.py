"""Fixes that set arguments in Terraform: in the block, or where a module that is called takes the value from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from vpce_checks.model.addresses import Place, terraform_place
from vpce_checks.model.network import Call, Network
from vpce_checks.project.networks import surroundings_of
from vpce_checks.reach.route_tables import MAIN_TABLE
from vpce_checks.report.fixes.changes import Expression, Replacement, Setting, Written
from vpce_checks.report.fixes.counted_blocks import go_by_index, ids_by_index, may_make_several
from vpce_checks.report.fixes.edits.edit import RefusedError
from vpce_checks.report.fixes.edits.id_lists import SETS, has_names, joined, list_with
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.fixes.module_code import calls_around, code_around, texts_beside, written
from vpce_checks.report.fixes.module_inputs import Entry, entry_of, nested
from vpce_checks.report.fixes.origins import Origin, origin_of
from vpce_checks.report.fixes.published_modules import local_call, outputs_of, published_call
from vpce_checks.report.fixes.terraform_blocks import (
    Block,
    hcl_value,
    is_json,
    quoted,
    setting_of,
    written_block,
    written_blocks,
)
from vpce_checks.report.fixes.terraform_neighbours import (
    Code,
    dns_of_vpc,
    home_calls,
    listed_beside,
    output_by,
    places_in,
)
from vpce_checks.report.text.frame import source_line
from vpce_checks.rules.finding import Finding, Fix
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


def terraform_setting(
    fix: Fix, finding: Finding, networks: Sequence[Network], published: Call | None, file: str
) -> FixText:
    """Return the arguments to change. ``published`` is the call of the published module that makes the resource, ``file`` where
    the change belongs."""
    if fix.field == "route_tables" and published is not None:
        return FixText(str(fix.value))
    if published is not None:
        entry = entry_of(published, terraform_place(fix.address).key, networks)
        if entry is not None and fix.field != "dns_inbound_only":
            path = ("module", entry.call, entry.argument, entry.key)
            entered = (Setting(file, path, _values(fix)),)
            return FixText(_entry_changed(entry, fix, file), "change in", file, entry.span, entered)
        return FixText(
            _input_of(published, fix),
            "change in",
            file,
            by_hand=f"cannot tell which inputs of {published.address} to change",
        )
    origin = _origin(fix, finding, networks)
    if origin is not None:
        replaced = (Replacement(origin.value, _bool_or_text(fix.value)),)
        return FixText(_set_at(origin, fix), "change in", origin.span.file, origin.span, replaced)
    if fix.field == "route_tables":
        return _with_tables(fix, finding, networks)
    block = _change(fix, finding)
    if fix.field == "dns_inbound_only":
        return FixText(written_block(block, file), "change in", file, by_hand="nested blocks are not edited")
    blocks = [(block, file), *dns_of_vpc(fix, file, networks)]
    text = written_blocks([each for each, _ in blocks], file)
    return FixText(text, "change in", file, changes=tuple(setting_of(each, there) for each, there in blocks))


def _with_tables(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    """Return the argument of a gateway endpoint that names the private route tables of its VPC; words if these are not
    known, or if resources of their own associate route tables with endpoints.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_route_table_association
    """
    file = finding.about.span.file
    place = terraform_place(fix.address)
    listed = _all_tables(finding.about.calls, fix, networks, partial(code_around, file, networks))
    if listed and _is_one_of_several(place, fix, networks, file):
        listed = _by_index(place, fix, networks, code_around(file, networks))
    apart = any("aws_vpc_endpoint_route_table_association" in text for text in texts_beside(file, networks))
    if not listed or place.type != "aws_vpc_endpoint" or apart:
        return FixText(str(fix.value))
    if not isinstance(listed, Expression):
        listed = Expression(hcl_value(listed))
    present = _present_tables(place, code_around(file, networks))
    if _is_set(present, code_around(file, networks)):
        return FixText(str(fix.value))
    hints: dict[str, str] = {}
    try:
        if has_names(present):
            try:
                listed = Expression(list_with(present, listed))
            except RefusedError:
                hints = {"route_table_ids": "beside those that are there"}
        elif present not in ("", "null"):
            listed = Expression(joined(present, listed))
    except RefusedError:
        return FixText(str(fix.value))
    block = Block(place.type, place.name, {"route_table_ids": listed}, partial=True, hints=hints)
    return FixText(written_block(block, file), "change in", file, changes=(setting_of(block, file),))


def _is_one_of_several(endpoint: Place, fix: Fix, networks: Sequence[Network], file: str) -> bool:
    """Return whether the blocks of an endpoint and of its VPC may each make several."""
    vpc = terraform_place(fix.vpc)
    if not endpoint.key or not vpc.key or published_call(home_calls(fix, networks)) is not None:
        return False
    code = code_around(file, networks)
    return may_make_several(endpoint, code) and may_make_several(vpc, code)


def _by_index(endpoint: Place, fix: Fix, networks: Sequence[Network], code: ModuleSource) -> list[Expression]:
    """Return the route tables with the index of an endpoint; none if the endpoint, its VPC and its tables do not go by it."""
    vpc = terraform_place(fix.vpc)
    places = places_in(home_calls(fix, networks), fix, networks)
    tables = [terraform_place(each.address) for each in places if each.type != MAIN_TABLE]
    return ids_by_index(places, vpc) if go_by_index([endpoint, *tables], vpc, code) else []


def _present_tables(place: Place, code: ModuleSource) -> str:
    """Return the list of tables as it is written, on one line unless it has comments; empty for none, and in JSON."""
    block = code.resources.get((place.type, place.name))
    attribute = block.body.attributes.get("route_table_ids") if block is not None else None
    text = written(attribute) if attribute is not None else ""
    return text if any(sign in text for sign in ("#", "//", "{")) else " ".join(text.split())


def _is_set(present: str, code: ModuleSource) -> bool:
    """Whether a list that is only named is a set, which ``concat`` does not take."""
    kind, _, name = present.partition(".")
    if kind == "local" and name in code.locals:
        return written(code.locals[name]).startswith(SETS)
    if kind == "var" and name in code.variables:
        type = code.variables[name].body.attributes.get("type")
        return type is not None and written(type).startswith("set(")
    return False


def _all_tables(calls: tuple[Call, ...], fix: Fix, networks: Sequence[Network], code: Code) -> Any:
    """Return the list of the private route tables in code that ``calls`` lead to; None if it cannot name all of them."""
    home = home_calls(fix, networks)
    places = surroundings_of(networks, fix).places
    published = published_call(home)
    inside = home if published is None else home[: home.index(published)]
    if calls != inside:
        return None
    made = [each for each in places if published is not None and published in each.calls]
    outputs = outputs_of(published, made) if published is not None and made else None
    named = len(places_in(inside, fix, networks)) + (len(made) if outputs is not None else 0)
    if named + sum(map(len, output_by(inside, fix, networks))) < len(places):
        return None
    listed = "" if published is None or outputs is None else outputs.seen_from(local_call(published)).route_tables
    return listed_beside(inside, listed, fix, networks, code)


def _values(fix: Fix) -> tuple[tuple[str, Written], ...]:
    """Return what a fix sets, by the names that Terraform has for it."""
    return tuple((TERRAFORM_NAMES.get(each, each), _bool_or_text(fix.value)) for each in (fix.field, *fix.also))


def _bool_or_text(value: Written | None) -> Written:
    return value if isinstance(value, bool) else str(value)


def _origin(fix: Fix, finding: Finding, networks: Sequence[Network]) -> Origin | None:
    """Return what sets the value in the root, if a module that the root calls takes it from there."""
    calls = finding.about.calls
    expression = _computed(finding, fix.field)
    if len(calls) != 1 or "[" in calls[0].address or not expression or fix.also or is_json(calls[0].span.file):
        return None
    root = calls_around(calls[0].span.file, networks)
    call = root.modules.get(calls[0].address.removeprefix("module."))
    key = terraform_place(fix.address or finding.resource).key
    return None if call is None else origin_of(expression, key, fix.value, call, root)


def _set_at(origin: Origin, fix: Fix) -> str:
    """Return the entry or the call with the new value in it, and what it is now."""
    now = source_line(origin.span.file, origin.span.line)[origin.span.column - 1 : origin.span.end_column - 1]
    opening = f"{origin.key if origin.key.isidentifier() else quoted(origin.key)} = {{"
    if origin.called:
        opening, now = f"module {quoted(origin.called)} {{", now.partition("=")[2].strip()
    return "\n".join((opening, "  # ...", f"  {origin.name} = {hcl_value(fix.value)} # now: {now}", "}"))


def _change(fix: Fix, finding: Finding) -> Block:
    place = terraform_place(fix.address or finding.resource)
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if fix.field == "dns_inbound_only":
        inner = {"private_dns_only_for_inbound_resolver_endpoint": fix.value}
        return Block(place.type, place.name, {"dns_options": inner}, partial=True)
    more = {TERRAFORM_NAMES.get(each, each): fix.value for each in fix.also}
    instead_of = "" if more else _computed(finding, fix.field)
    return Block(place.type, place.name, {name: fix.value, **more}, partial=True, instead_of=instead_of)


def _entry_changed(entry: Entry, fix: Fix, file: str) -> str:
    """Return the entry of the call's map that makes the endpoint, with what to set in it."""
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if is_json(file):
        import json  # kept out of the start-up

        return json.dumps(nested(entry, name, fix.value), indent=2)
    key = entry.key if entry.key.isidentifier() else quoted(entry.key)
    opening = (f"module {quoted(entry.call)} {{", f"  {entry.argument} = {{", f"    {key} = {{")
    lines = [text for line in opening for text in (line, f"{line[: len(line) - len(line.lstrip())]}  # ...")]
    return "\n".join([*lines, f"      {name} = {hcl_value(fix.value)}", "    }", "  }", "}"])


def _input_of(call: Call, fix: Fix) -> str:
    """Return the input to change if a published module creates the resource."""
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if fix.field == "dns_inbound_only":
        name = "private_dns_only_for_inbound_resolver_endpoint"
    return f"# change the inputs of {call.address}, so that {terraform_place(fix.address).name or 'it'} has\n{name} = {hcl_value(fix.value)}"


def _computed(finding: Finding, field: str) -> str:
    """Return the present expression of the argument, which says where its value comes from; empty for a literal."""
    span = finding.about.field_spans.get(field)
    if span is None or span.last_line != span.line or span.file.endswith(".json"):
        return ""
    value = source_line(span.file, span.line).partition("=")[2].strip()
    return "" if value in ("true", "false", "null") or value[:1] in ('"', "#") else value
