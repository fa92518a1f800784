"""Argument values as their provider's schema types them, omitted ones replaced by their default."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.base.record import replace
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Unknown, Value, choose, merge_causes
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import BOOL, STRING, Type


def as_bool(value: Value, default: Value = None) -> Value:
    """A bool: ``"true"`` is true, null is ``default``."""
    return _typed(value, BOOL, default)


def as_string(value: Value, default: Value = None) -> Value:
    """A string; null is ``default``."""
    return _typed(value, STRING, default)


def _typed(value: Value, type: Type, default: Value) -> Value:
    if value is None:
        return default
    if isinstance(value, Unknown) and value.one_of:
        return choose([_typed(member, type, default) for member in value.one_of], value.causes)
    if isinstance(value, Opaque):
        return value
    try:
        return convert(value, type)
    except EvalError as error:
        return Unknown((Cause(error.message),))


def as_strings(value: Value) -> Value:
    """A set of strings; null is empty. A list within, as in ``["${aws_subnet.x.*.id}"]``, gives its elements, as it did
    before Terraform 0.12 (which refuses it)."""
    if value is None:
        return ListValue((), "set")
    if isinstance(value, ListValue):
        if any(isinstance(item, ListValue) for item in value.items):
            value = _flat(value)
        return replace(value, kind="set")
    if isinstance(value, Unknown) and value.one_of:
        return choose([as_strings(member) for member in value.one_of], value.causes)
    if isinstance(value, Opaque):
        return value
    return Unknown((Cause("a list was expected"),))


def _flat(value: ListValue) -> ListValue:
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    rests = [value.rest]
    for place, item in enumerate(value.items):
        outer = value.maybe.get(place)
        inner = item if isinstance(item, ListValue) else ListValue((item,))
        rests.append(inner.rest)
        for at, element in enumerate(inner.items):
            doubts = [doubt for doubt in (outer, inner.maybe.get(at)) if doubt is not None]
            if doubts:
                maybe[len(items)] = doubts[0] if len(doubts) == 1 else Unknown(merge_causes(doubts))
            items.append(element)
    known = [rest for rest in rests if rest is not None]
    return ListValue(tuple(items), value.kind, maybe, Unknown(merge_causes(known)) if known else None)


def collected(value: Value, more: Iterable[Value]) -> Value:
    """A set of strings with ``more`` members that blocks add; null members are none."""
    extra = tuple(item for item in more if item is not None)
    base = as_strings(value)
    if isinstance(base, ListValue):
        return replace(base, items=(*base.items, *extra))
    return ListValue(extra, "set", rest=Unknown(merge_causes([base]))) if extra else base


def as_tags(value: Value) -> MapValue:
    """A map of tags; null is empty. awscc writes tags as a list of objects with ``key`` and ``value``."""
    if value is None:
        return MapValue({}, "map")
    if isinstance(value, MapValue):
        return value
    if not isinstance(value, ListValue):
        return MapValue({}, "map", rest=value if isinstance(value, Opaque) else Unknown((Cause("tags were expected"),)))
    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    rests = [value.rest] if value.rest is not None else []
    for place, each in enumerate(value.items):
        key = item(each, "key")
        if isinstance(key, str):
            items[key] = item(each, "value")
            if place in value.maybe:
                maybe[key] = value.maybe[place]
        else:
            rests.append(Unknown(merge_causes([key])))
    return MapValue(items, "map", maybe, Unknown(merge_causes(rests)) if rests else None)


def united(*sets: Value) -> Value:
    """The union of sets, any of which may be unknown."""
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    rests: list[Value] = []
    for each in sets:
        if not isinstance(each, ListValue):
            rests.append(each)
            continue
        maybe.update((len(items) + place, why) for place, why in each.maybe.items())
        items += each.items
        if each.rest is not None:
            rests.append(each.rest)
    return ListValue(tuple(items), "set", maybe, Unknown(merge_causes(rests)) if rests else None)


def item(value: Value, name: str) -> Value:
    """Member ``name`` of an object; null where the object or the member is."""
    if isinstance(value, MapValue):
        found = value.items.get(name)
        return value.rest if found is None and value.rest is not None else found
    return value if isinstance(value, Opaque) else None
