"""The two sides of a conditional: their common type, and a value that may be either of them.

https://developer.hashicorp.com/terraform/language/expressions/conditionals
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

from vpce_checks.base.record import replace
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Unknown, Value, choose, merge_causes, same
from vpce_checks.terraform.lang.scope import Session
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import ANY, SetType


def unified(value: Value, other: Value, session: Session, span: Span) -> Value:
    """Return ``value`` converted to the common type of both sides of a conditional, if there is one."""
    if value is None or isinstance(value, Opaque) or other is None:
        return value
    if isinstance(other, Opaque):
        if other.type is None:
            session.doubt(other)  # its type may not go together with that of the value
        return _unified_with_unknown(value, other)
    from vpce_checks.terraform.types.forms import loosen
    from vpce_checks.terraform.types.type_of import type_of

    own, foreign = type_of(value), type_of(other)
    if own is None or foreign is None:
        session.doubt(Unknown(merge_causes([value, other])))
        if isinstance(value, ListValue) and isinstance(other, ListValue) and value.kind == other.kind == "set":
            return replace(value, items=tuple(map(loosen, value.items)))  # what is in them may be converted
        is_in_order = isinstance(other, ListValue) and other.kind != "set"  # so that no tuple becomes a set
        return _unified_with_unknown(value, Unknown((), "list" if is_in_order else None))
    if own == foreign:
        return value
    from vpce_checks.terraform.types.unify import unify

    common = unify([own, foreign])
    if common is not None:
        with suppress(EvalError):
            return convert(value, common)
    # Terraform refuses most of these, but lets some pass by rules of its own; so only try() and can() care.
    session.doubt(Unknown((Cause("the two sides of the conditional have types that do not go together", span),)))
    return value


def _unified_with_unknown(value: Value, other: Opaque) -> Value:
    """Return ``value`` if the type of the other side is unknown: a number or bool may become a string, a tuple a set."""
    if isinstance(value, bool) and other.type == "bool":
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and other.type == "number":
        return value
    from vpce_checks.terraform.types.forms import loosen

    loose = loosen(value)
    if isinstance(loose, ListValue) and loose.kind == "tuple" and other.type in (None, "set"):
        return choose([loose, convert(loose, SetType(ANY))], other.causes)
    return loose


def join(left: Value, right: Value, why: Opaque) -> Value:
    """Return a value that is ``left`` or ``right``, depending on ``why``. What both share stays known."""
    if same(left, right):
        return left
    if isinstance(left, MapValue) and isinstance(right, MapValue):
        return _join_maps(left, right, why)
    if isinstance(left, ListValue) and isinstance(right, ListValue) and left.kind == right.kind:
        if left.kind == "set" or left.maybe or right.maybe or left.rest or right.rest:
            if left.kind == "set" and left.exact and right.exact:
                return _join_sets(left, right, why)
        else:
            longer, shorter = (left, right) if len(left.items) >= len(right.items) else (right, left)
            shared = len(shorter.items)
            joined = [join(a, b, why) for a, b in zip(left.items, right.items, strict=False)]
            return ListValue(
                (*joined, *longer.items[shared:]), left.kind, dict.fromkeys(range(shared, len(longer.items)), why)
            )
    return choose([left, right], why.causes)


def _join_maps(left: MapValue, right: MapValue, why: Opaque) -> MapValue:
    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    # One reason stands for one decision. Two reasons here: either the keys of the left side are there, or those of
    # the right.
    only_left, only_right = why, Unknown(why.causes)
    for key in (*left.items, *(key for key in right.items if key not in left.items)):
        if key in left.items and key in right.items:
            items[key] = join(left.items[key], right.items[key], why)
            reasons = {id(side.maybe[key]): side.maybe[key] for side in (left, right) if key in side.maybe}
            if key in left.maybe and key in right.maybe and len(reasons) == 1:
                maybe[key] = left.maybe[key]
            elif reasons:
                maybe[key] = Unknown(merge_causes([why, *reasons.values()]))
            continue
        side, other, reason = (left, right, only_left) if key in left.items else (right, left, only_right)
        items[key] = side.items[key]
        if other.rest is not None:  # the key that the other side has besides may be this one
            items[key] = choose([items[key], Unknown(other.rest.causes)], why.causes)
            reason = Unknown(merge_causes([why, other.rest]))
        maybe[key] = Unknown(merge_causes([why, side.maybe[key]])) if key in side.maybe else reason
    kind = left.kind if left.kind == right.kind else "map"
    return MapValue(items, kind, maybe, left.rest or right.rest)


def _join_sets(left: ListValue, right: ListValue, why: Opaque) -> Value:
    shared = [item for item in left.items if any(same(item, other) for other in right.items)]
    maybe: dict[int, Opaque] = {}
    items = list(shared)
    for members, reason in ((left.items, why), (right.items, Unknown(why.causes))):
        for item in members:
            if not any(same(item, other) for other in shared):
                maybe[len(items)] = reason
                items.append(item)
    return ListValue(tuple(items), "set", maybe)
