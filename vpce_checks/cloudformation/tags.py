"""The tags of a resource: its own, and those of the stacks that it is in.

CloudFormation passes the tags of a stack on to what the stack makes, other stacks included:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.reader import Reader, reader
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Unknown, Value, choose, merge_causes


def all_tags(read: Reader, mode: str) -> Value:
    """Return the tags of a resource as a map. Its own ones count before those of the stack."""
    return _merged(_of_stack(read.stack, mode), _tags_of(read.value("Tags", mode=mode)))


def _of_stack(stack: Stack, mode: str) -> Value:
    if stack.nested_by is None:
        return stack.tags
    parent, resource = stack.nested_by
    return all_tags(reader(parent, resource), mode)


def _tags_of(value: Value) -> Value:
    """Return the property ``Tags`` (objects with ``Key`` and ``Value``) as a map."""
    if value is None:
        return MapValue({}, "map")
    if not isinstance(value, ListValue):
        return value if isinstance(value, MapValue) else Unknown(merge_causes([value]))
    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    rest = value.rest
    for position, item in enumerate(value.items):
        key = item.items.get("Key") if isinstance(item, MapValue) else item
        if isinstance(item, MapValue) and isinstance(key, str):
            items[key] = text(item.items.get("Value"))
            if position in value.maybe:
                maybe[key] = value.maybe[position]
        else:
            rest = rest or Unknown(merge_causes([item]) or (Cause("one of its tags is unknown"),))
    return MapValue(items, "map", maybe, rest)


def _merged(outer: Value, inner: Value) -> Value:
    """Return the tags ``outer``, overridden by ``inner``."""
    if outer is None or not isinstance(inner, MapValue):
        return inner
    if not isinstance(outer, MapValue):
        outer = MapValue({}, "map", rest=Unknown(merge_causes([outer])))
    items, maybe = dict(outer.items), dict(outer.maybe)
    if inner.rest is not None:
        hidden = Unknown(inner.rest.causes)
        items = {key: choose([value, hidden], hidden.causes) for key, value in items.items()}
    for key, value in inner.items.items():
        doubt = inner.maybe.get(key)
        if doubt is not None and key in outer.items:
            items[key] = choose([outer.items[key], value], merge_causes([doubt]))
            continue
        items[key] = value
        maybe.pop(key, None)
        if doubt is not None:
            maybe[key] = doubt
    return MapValue(items, "map", maybe, inner.rest or outer.rest)
