"""Read the resources that workloads are made of: the properties that ``catalog/parts.tsv`` names."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.catalog.parts import Field, PartType, part_types
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.reader import Reader, reader
from vpce_checks.cloudformation.template.template import ResourceDeclaration
from vpce_checks.model.documents import NotJson, member, read_document
from vpce_checks.model.network import NetworkObject, Part
from vpce_checks.model.values import ListValue, MapValue, Unknown, Value, unknown

_CUSTOM = "AWS::CloudFormation::CustomResource"


def types_of(resource: ResourceDeclaration) -> tuple[PartType, ...]:
    """Return the parts that a resource is."""
    type = _CUSTOM if resource.type.startswith("Custom::") else resource.type
    return part_types("cloudformation").get(type, ())


def parts_of(stack: Stack, resource: ResourceDeclaration) -> Iterator[NetworkObject]:
    """Yield a resource as the parts that it is."""
    read = reader(stack, resource)
    for type in types_of(resource):
        declared = read.declaration({field.name: field.path[0] for field in type.fields})
        arguments: dict[str, Value] = {}
        for field in type.fields:
            value = _read(read, field)
            if value is not None:
                arguments[field.name] = value
        yield Part(declared, type.kind, MapValue(arguments, "map"))


def _read(read: Reader, field: Field) -> Value:
    first, *others = field.path
    value = read.value(first)
    for name in others:
        value = _within(value, name)
    if field.members and value is not None:
        return _objects(value, field)
    if not field.is_json or value is None:
        return value
    try:
        return read_document(value)
    except NotJson as error:
        message, span = f"{first} is not JSON: {error}", read.place(first) or read.resource.span
        node = read.properties.entries.get(first) or read.resource.node
        read.stack.warn(message, node)
        return unknown(message, span)


def _within(value: Value, name: str) -> Value:
    """Return member ``name`` of an object, or of each object in a list."""
    if not isinstance(value, ListValue):
        return member(value, name)
    found: list[Value] = []
    for place, item in enumerate(value.items):
        inner = member(item, name)
        if inner is None:
            continue
        if place in value.maybe:
            inner = Unknown(value.maybe[place].causes)
        found += inner.items if isinstance(inner, ListValue) and inner.exact else (inner,)
    if not found and value.rest is None:
        return None
    return found[0] if len(found) == 1 and value.rest is None else ListValue(tuple(found), "list", rest=value.rest)


def _objects(value: Value, field: Field) -> Value:
    """Return a list of objects with our names for their members. A single object is a list of one."""
    if isinstance(value, MapValue):
        return ListValue((_object(value, field),), "list")
    if isinstance(value, ListValue):
        return ListValue(tuple(_object(item, field) for item in value.items), "list", value.maybe, value.rest)
    return value


def _object(value: Value, field: Field) -> Value:
    if not isinstance(value, MapValue):
        return value
    items = {own: found for own, theirs in field.members if (found := member(value, theirs)) is not None}
    return MapValue(items, "map", rest=value.rest)
