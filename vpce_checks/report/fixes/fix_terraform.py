"""Fixes as Terraform, in its native syntax or in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vpce_checks.model.addresses import Place, terraform_place, terraform_steps
from vpce_checks.model.network import Call, Declaration, Network
from vpce_checks.project.listing import Inventory
from vpce_checks.project.networks import look_up, surroundings_of
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.text.frame import source_line
from vpce_checks.rules.finding import Finding, Fix

TERRAFORM_NAMES = {
    "private_dns": "private_dns_enabled",
    "type": "vpc_endpoint_type",
    "vpc": "vpc_id",
    "route_tables": "route_table_ids",
    "subnets": "subnet_ids",
    "security_groups": "security_group_ids",
}
"""Fields of the network model that Terraform's arguments call otherwise."""


def terraform_fix(fix: Fix, finding: Finding, networks: Sequence[Network]) -> FixText:
    """The block to add or change, in the file that ``finding`` is about; what a published module makes is put right
    where that is called."""
    published = published_call(finding.about.calls)
    file = finding.about.span.file if published is None else published.span.file
    if fix.kind == "set":
        if published is not None:
            return FixText(_input_of(published, fix), "change in", file)
        return FixText(_written(_change(fix, finding), file), "change in", file)
    if published is not None and _outputs_of(published) is None:
        return FixText(_words(published, fix))
    return FixText(_written(_endpoint(fix, networks), file), "add to", file)


def published_call(calls: Sequence[Call]) -> Call | None:
    """The first call on the way that leads out of the code that can be changed, into a published module."""
    return next((call for call in calls if call.stub or call.fetched), None)


def _written(block: Block, file: str) -> str:
    return _as_json(block) if file.endswith((".tf.json", ".tofu.json")) else _as_hcl(block)


class Expression(str):
    """A Terraform expression: written as it is, where a plain string is quoted."""


class Block(NamedTuple):
    """A resource block; ``partial`` where it is there already and has more to it. ``region`` asks for the data source.
    ``instead_of`` is the expression that stands there now."""

    type: str
    name: str
    arguments: dict[str, Any]
    partial: bool = False
    region: bool = False
    instead_of: str = ""


def _change(fix: Fix, finding: Finding) -> Block:
    place = terraform_place(fix.address or finding.resource)
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if fix.field == "dns_inbound_only":
        inner = {"private_dns_only_for_inbound_resolver_endpoint": fix.value}
        return Block(place.type, place.name, {"dns_options": inner}, partial=True)
    return Block(place.type, place.name, {name: fix.value}, partial=True, instead_of=_computed(finding, fix.field))


def _input_of(call: Call, fix: Fix) -> str:
    """What to change where a published module makes the resource: its inputs."""
    name = TERRAFORM_NAMES.get(fix.field, fix.field)
    if fix.field == "dns_inbound_only":
        name = "private_dns_only_for_inbound_resolver_endpoint"
    return f"# in the inputs of {call.address}, so that {terraform_place(fix.address).name or 'it'} has\n{name} = {_hcl_value(fix.value)}"


def _computed(finding: Finding, field: str) -> str:
    """The expression that the argument has today, if it is more than a literal: there the value really comes from."""
    span = finding.about.places.get(field)
    if span is None or span.last_line != span.line or span.file.endswith(".json"):
        return ""
    value = source_line(span.file, span.line).partition("=")[2].strip()
    return "" if value in ("true", "false", "null") or value[:1] in ('"', "#") else value


def _endpoint(fix: Fix, networks: Sequence[Network]) -> Block:
    gateway = fix.kind == "add-gateway-endpoint"
    place = terraform_place(fix.vpc)
    around = surroundings_of(networks, fix)
    calls = around.home.calls if around.home is not None else ()
    id = "vpc_id" if place.type.startswith("awscc_") else "id"
    arguments: dict[str, Any] = {
        "vpc_id": Expression(f"{place.type}.{place.name}{place.key}.{id}"),
        "service_name": _service_name(fix),
        "vpc_endpoint_type": "Gateway" if gateway else "Interface",
    }
    if not gateway:
        arguments["private_dns_enabled"] = True
    arguments["route_table_ids" if gateway else "subnet_ids"] = _ids(
        item for item in around.places if item.calls == calls
    )
    published = published_call(calls)
    outputs = _outputs_of(published) if published is not None else None
    if published is not None and outputs is not None:
        arguments["vpc_id"] = Expression(outputs.vpc)
        name = "route_table_ids" if gateway else "subnet_ids"
        listed = outputs.route_tables if gateway else outputs.subnets
        arguments[name] = Expression(listed) if listed and arguments[name] else []
        calls = calls[: calls.index(published)]  # it stands beside the call
    module = calls[-1].address if calls else ""
    taken = look_up(networks, "Terraform names", _names)
    name = "".join(letter if letter.isalnum() else "_" for letter in fix.service)
    if (module, "aws_vpc_endpoint", name) in taken:
        name += "_gateway" if gateway else "_interface"
    return Block("aws_vpc_endpoint", name, arguments, region=not fix.region)


def _names(inventory: Inventory) -> frozenset[tuple[str, str, str]]:
    """Module, type and name of every endpoint."""
    return frozenset(terraform_place(row.address)[:3] for row, _ in inventory.endpoints)


class _Outputs(NamedTuple):
    """The outputs of a published module that stand for its VPC, private route tables and private subnets."""

    vpc: str
    route_tables: str = ""
    subnets: str = ""


_OUTPUTS = {
    "terraform-aws-modules/vpc/aws": _Outputs("vpc_id", "private_route_table_ids", "private_subnets"),
    "cloudposse/vpc/aws": _Outputs("vpc_id"),
    "aws-ia/vpc/aws": _Outputs(
        "vpc_attributes.id",
        "[for table in {}.rt_attributes_by_type_by_az.private : table.id]",
        "[for subnet in {}.private_subnet_attributes_by_az : subnet.id]",
    ),
}


def _outputs_of(published: Call) -> _Outputs | None:
    """How the VPC of a published module is named where the module is called, if that is known."""
    outputs = _OUTPUTS.get(published_name(published))
    if outputs is None:
        return None
    call = ".".join(terraform_steps(published.address)[-2:])
    named = (text if not text or "{}" in text else "{}." + text for text in outputs)
    return _Outputs(*(text.replace("{}", call) for text in named))


def published_name(published: Call) -> str:
    """``ORG/NAME/PROVIDER`` of a module of the registry, also if it was fetched with git."""
    if published.stub:
        return published.stub.partition(" ")[0]
    from vpce_checks.terraform.sources.address import parse_address

    address = parse_address(published.fetched)
    return f"{address.module}//{address.directory}" if address.directory else address.module


def _words(published: Call, fix: Fix) -> str:
    """What to do where nothing is known of a published module's outputs."""
    kind = "gateway" if fix.kind == "add-gateway-endpoint" else "interface"
    call = published.address
    return f"beside {call}, create a{'n' * (kind == 'interface')} {kind} endpoint for {fix.service} in the VPC that {call} outputs"


def _service_name(fix: Fix) -> str:
    from vpce_checks.catalog import find_service, service_name_for

    if fix.region:
        type = "Gateway" if fix.kind == "add-gateway-endpoint" else "Interface"
        return service_name_for(fix.service, fix.region, type)
    service = find_service(fix.service)
    pattern = service.pattern if service is not None else "com.amazonaws.{region}." + fix.service
    return pattern.replace("{region}", "${data.aws_region.current.name}")


def _ids(declarations: Iterable[Declaration]) -> Any:
    """The ids of resources of one module, as a Terraform list: every instance of a counted one at once."""
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
        elif place.key.startswith('["'):
            lists.append(f"values({resource})[*].{id}")
        else:
            lists.append(f"{resource}[*].{id}")
    if not lists:
        return single
    if single:
        lists.insert(0, f"[{', '.join(single)}]")
    return Expression(lists[0] if len(lists) == 1 else f"concat({', '.join(lists)})")


def _as_hcl(block: Block) -> str:
    lines = ['data "aws_region" "current" {}', ""] if block.region else []
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
            note = _placeholder(name) if value == [] else f" # now: {block.instead_of}" if block.instead_of else ""
            lines.append(f"  {name:{width}} = {_hcl_value(value)}{note}")
    return "\n".join([*lines, "}"])


def _placeholder(name: str) -> str:
    return {
        "route_table_ids": " # the private route tables",
        "subnet_ids": " # the private subnets, one in each availability zone",
    }.get(name, "")


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


def _as_json(block: Block) -> str:
    import json

    document: dict[str, Any] = {"data": {"aws_region": {"current": {}}}} if block.region else {}
    arguments = {name: _json_value(value) for name, value in block.arguments.items()}
    document["resource"] = {block.type: {block.name: arguments}}
    return json.dumps(document, indent=2)


def _json_value(value: Any) -> Any:
    if isinstance(value, Expression):
        return "${" + value + "}"
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    return value
