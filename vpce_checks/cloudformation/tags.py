"""The tags of a resource: its own, and those of the stacks that it is in.

CloudFormation passes the tags of a stack on to what the stack makes, other stacks included:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate.choices import Choice
from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.evaluate.outcomes import MAX_OUTCOMES
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.reader import Reader, reader
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    opaque_parts,
)


def all_tags(read: Reader, mode: str) -> Value:
    """Return the tags of a resource as a map. Its own ones count before those of the stack."""
    return _merged(_of_stack(read.stack, mode), _own(read, mode))


def _own(read: Reader, mode: str) -> Value:
    """Return the tags of a resource, those that depend on a parameter with few values as one of what they may be. Tags fork
    with ``PROPERTY`` only, in a thorough walk."""
    tags = _tags_of(read.value("Tags", mode=mode))
    if not isinstance(tags, MapValue):
        return tags
    items = dict(tags.items)
    for key, value in tags.items.items():
        choice, left = _few_values(read.stack, value)
        if choice is not None:
            found = []
            for each in left:
                with read.stack.world.choices.assuming(choice, each):
                    there = _tags_of(read.value("Tags", mode=mode))
                found.append(there.items.get(key, value) if isinstance(there, MapValue) else value)
            items[key] = choose(found, merge_causes([value]))
    return MapValue(items, tags.kind, tags.maybe, tags.rest)


def _few_values(stack: Stack, value: Value) -> tuple[Choice | None, tuple[str, ...]]:
    """Return the first choice that ``value`` depends on and that has few values, with these."""
    choices = stack.world.choices
    for part in opaque_parts(value):
        choice = choices.known(part.address) if isinstance(part, Reference) and part.kind == "parameter" else None
        left = choices.left(choice) if choice is not None else None
        if left is not None and 1 < len(left) <= MAX_OUTCOMES:
            return choice, left
    return None, ()


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
