"""How what a unit includes is merged with what it says itself.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#include
"""

from __future__ import annotations

from collections.abc import Callable

from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    choose,
    merge_causes,
)
from vpce_checks.terraform.lang.functions.partly_known import as_mapping, merge_rest


def shallow_merge(below: Value, above: Value) -> Value:
    """The entries of both, those of ``above`` where both have one."""
    return _merge(below, above, lambda under, over: over)


def deep_merge(below: Value, above: Value) -> Value:
    """Like :func:`shallow_merge`, but maps that both have are merged, and lists joined."""

    def join(under: Value, over: Value) -> Value:
        if isinstance(under, MapValue) and isinstance(over, MapValue):
            return deep_merge(under, over)
        if isinstance(under, ListValue) and isinstance(over, ListValue):
            return _joined(under, over)
        if isinstance(over, Opaque) or (isinstance(under, Opaque) and isinstance(over, MapValue | ListValue)):
            # It is unknown whether they are both maps, both lists or neither.
            return Unknown(merge_causes([under, over])) if not _is_text(over) else over
        return over

    return _merge(below, above, join)


def _is_text(value: Value) -> bool:
    return isinstance(value, PartialString) or (isinstance(value, Opaque) and value.type == "string")


def _joined(under: ListValue, over: ListValue) -> Value:
    if not (under.exact and over.exact):
        return Unknown(merge_causes([under, over]), "list")
    return ListValue((*under.items, *over.items))


def _merge(below: Value, above: Value, join: Callable[[Value, Value], Value]) -> Value:
    first, second = as_mapping(below), as_mapping(above)
    if first is None or second is None:
        return above if first is None and below is not None else below if above is None else above
    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    for key in (*first.items, *(key for key in second.items if key not in first.items)):
        if key not in second.items:
            items[key] = first.items[key]
            if key in first.maybe:
                maybe[key] = first.maybe[key]
            if second.rest is not None:  # it may be set there all the same
                items[key] = Unknown(merge_causes([items[key], second.rest]))
        elif key not in first.items:
            items[key] = second.items[key]
            if key in second.maybe:
                maybe[key] = second.maybe[key]
        else:
            both = join(first.items[key], second.items[key])
            doubts = merge_causes(side.maybe[key] for side in (first, second) if key in side.maybe)
            items[key] = choose((first.items[key], second.items[key], both), doubts) if doubts else both
            if key in first.maybe and key in second.maybe:
                maybe[key] = Unknown(doubts)
    return MapValue(items, "object", maybe, merge_rest((first.rest, second.rest)))
