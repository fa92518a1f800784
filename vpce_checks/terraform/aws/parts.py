"""Read the resources that workloads are made of: the arguments that ``catalog/parts.tsv`` names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vpce_checks.base.record import replace
from vpce_checks.catalog.parts import REGION, Field, PartType
from vpce_checks.model.documents import NotJson, read_document
from vpce_checks.model.network import Part
from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, MapValue, Opaque, Unknown, Value, merge_causes, unknown
from vpce_checks.terraform.aws.instance import ResourceBlock, ResourceInstance

Warn = Callable[[str, Span], None]
"""Reports something that AWS or Terraform would refuse, with its place."""


def parts_of(instance: ResourceInstance, types: tuple[PartType, ...], warn: Warn) -> Iterator[Part]:
    """Yield an instance as the parts that its type is."""
    for type in types:
        fields = {field.name: field.path[0] for field in type.fields}
        declared = instance.declaration(**fields)
        arguments: dict[str, Value] = {}
        for field in type.fields:
            value = instance.region() if field.path == REGION else _read(instance, field.path, field)
            if value is not None and field.is_json:
                value = _document(value, field, declared.field_spans.get(field.name, declared.span), warn)
            if value is not None:
                arguments[field.name] = value
        yield Part(declared, type.kind, MapValue(arguments, "map"))


def _document(value: Value, field: Field, span: Span, warn: Warn) -> Value:
    try:
        return read_document(value)
    except NotJson as error:
        message = f"{field.path[-1]} is not JSON: {error}"
        warn(message, span)
        return unknown(message, span)


def _read(source: ResourceInstance | ResourceBlock, path: tuple[str, ...], field: Field) -> Value:
    name, *others = path
    if not others and not field.members:
        return source.get(name)
    found: list[Value] = []
    doubts: dict[int, Opaque] = {}
    for block in source.blocks(name):
        value = _read(block, tuple(others), field) if others else _object(block, field)
        if value is None:
            continue
        if block.exists is not True:
            doubts[len(found)] = block.exists
        found.append(value)
    if field.members and not others:
        return ListValue(tuple(found), "list", doubts)
    return _joined(found, doubts)


def _object(block: ResourceBlock, field: Field) -> Value:
    return MapValue({own: value for own, theirs in field.members if (value := block.get(theirs)) is not None}, "map")


def _joined(found: list[Value], doubts: dict[int, Opaque]) -> Value:
    """Return what the blocks of one type say together: the one value, or the items of all their lists."""
    if not found:
        return None
    if len(found) == 1:
        return Unknown(doubts[0].causes) if doubts else found[0]
    items: list[Value] = []
    rest: Opaque | None = Unknown(merge_causes(doubts.values())) if doubts else None
    for place, value in enumerate(found):
        if place in doubts:
            continue
        if isinstance(value, ListValue):
            whole = replace(value, rest=None)
            rest = rest or value.rest
            items += whole.items if not value.maybe else ()
            rest = rest or next(iter(value.maybe.values()), None)
        else:
            items.append(value)
    return ListValue(tuple(items), "list", rest=rest)
