"""Attribute access, indexing and splats over partly known values.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from vpce_checks.base.record import field, record, replace
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    CountedList,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    is_known,
    merge_causes,
    same,
)
from vpce_checks.terraform.lang.scope import Session
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import NUMBER


@record
class InstanceReference(Reference):
    """A resource instance or data source: its arguments are known from the code, the rest are references."""

    resolve: Callable[[str], Value] | None = field(default=None, compare=False)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        # In another process, where the scan is over, nobody asks for its arguments any more.
        return InstanceReference, (self.address, self.path, self.kind, self.causes, self.type)


def get_attr(value: Value, name: str, session: Session, span: Span) -> Value:
    """``value.name``. Raises EvalError where Terraform would."""
    if isinstance(value, InstanceReference) and value.resolve is not None and not value.path:
        return value.resolve(name)
    if isinstance(value, MapValue):
        return _map_item(value, name, session, span)
    if isinstance(value, Opaque):
        return _opaque_step(value, name, session, lambda member: get_attr(member, name, session, span))
    if value is None:
        raise EvalError(f"attribute {name!r} of null", span)
    if isinstance(value, ListValue):
        raise EvalError(f"a {value.kind} has no attribute {name!r}; an index is needed", span)
    raise EvalError(f"{describe(value)} has no attribute {name!r}", span)


def index(value: Value, key: Value, session: Session, span: Span) -> Value:
    """``value[key]``. Raises EvalError where Terraform would."""
    if value is None:
        raise EvalError("index of null", span)
    if isinstance(key, Unknown) and key.one_of and not isinstance(value, Opaque):
        return choose([index(value, member, session, span) for member in key.one_of], key.causes)
    if isinstance(value, InstanceReference) and isinstance(key, str):
        found = get_attr(value, key, session, span)
        return found if session.mark is None else _unnamed(found, f"an attribute of {value.address}", span)
    if isinstance(value, Opaque):
        if isinstance(key, str | int) and not isinstance(key, bool):
            return _opaque_step(value, key, session, lambda member: index(member, key, session, span))
        session.doubt(value)
        return Unknown(merge_causes([value, key]))
    if isinstance(value, ListValue):
        return _list_item(value, key, session, span)
    if isinstance(value, MapValue):
        if isinstance(key, Opaque | PartialString):
            for unnamed, found, _ in value.others:
                if same(key, unnamed):
                    return found
            opaque = Unknown(merge_causes([key]))
            session.doubt(opaque)
            return choose(value.items.values(), opaque.causes) if value.items and value.rest is None else opaque
        if key is None:
            raise EvalError("the index is null", span)
        if isinstance(key, bool | int | Decimal):
            from vpce_checks.terraform.types.convert import convert
            from vpce_checks.terraform.types.types import STRING

            key = convert(key, STRING)
        if not isinstance(key, str):
            raise EvalError("the key of a map must be a string", span)
        return _map_item(value, key, session, span)
    raise EvalError(f"{describe(value)} cannot be indexed", span)


def _unnamed(value: Value, words: str, span: Span) -> Value:
    """``value``, without the reasons that may name it by what is sensitive."""
    return replace(value, causes=(Cause(f"{words} is not known", span),)) if isinstance(value, Opaque) else value


def splat(value: Value, each: Callable[[Value], Value], session: Session) -> Value:
    """``value[*]...``: ``each`` of every element; null is no element, anything but a list is one."""
    if value is None:
        return ListValue(())
    if isinstance(value, ListValue):
        items = tuple(each(item) for item in value.items)
        if value.kind == "set" and len(items) > 1 and not all(is_known(item) for item in value.items):
            # A set is ordered by values, some of which are unknown.
            return ListValue(items, "tuple", value.maybe, value.rest or Unknown(merge_causes([value])))
        return replace(value, items=items, kind="tuple")
    if isinstance(value, InstanceReference) and not value.path:
        return ListValue((each(value),))
    if isinstance(value, Opaque):
        if isinstance(value, Unknown) and value.one_of:
            return choose([splat(member, each, session) for member in value.one_of], value.causes)
        session.doubt(value)
        return Unknown(merge_causes([value]), "list")
    return ListValue((each(value),))


def describe(value: object) -> str:
    """The kind of a value in words, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a bool"
    if isinstance(value, int | Decimal):
        return "a number"
    if isinstance(value, str | PartialString):
        return "a string"
    if isinstance(value, ListValue | MapValue):
        return f"an {value.kind}" if value.kind == "object" else f"a {value.kind}"
    return "an unknown value"


def _map_item(value: MapValue, key: str, session: Session, span: Span) -> Value:
    if key in value.items:
        if key in value.maybe:
            session.doubt(value.maybe[key])
        return value.items[key]
    if value.rest is not None:
        session.doubt(value.rest)
        return Unknown(merge_causes([value.rest]))
    keys = ", ".join(list(value.items)[:6])
    raise EvalError(f"there is no {key!r} in this {value.kind}" + (f" (it has {keys})" if keys else ""), span)


def _list_item(value: ListValue, key: Value, session: Session, span: Span) -> Value:
    if isinstance(value, CountedList) and value.unnamed is not None and key is value.unnamed:
        return value.items[-1]
    if isinstance(key, Opaque | PartialString):
        opaque = Unknown(merge_causes([key]))
        session.doubt(opaque)
        return choose(value.items, opaque.causes) if value.items and value.rest is None else opaque
    if value.kind == "set":
        raise EvalError("the elements of a set cannot be indexed", span)
    if isinstance(key, str):
        key = convert(key, NUMBER)
        if isinstance(key, Opaque):  # a number too large to be computed
            raise EvalError("the index of a list is beyond its end", span)
    if isinstance(key, bool) or not isinstance(key, int | Decimal):
        raise EvalError("the index of a list must be a number", span)
    if key != int(key):
        raise EvalError("the index of a list must be a whole number", span)
    position = int(key)
    if value.exact:
        if 0 <= position < len(value.items):
            return value.items[position]
        raise EvalError(f"index {position} of a {value.kind} of length {len(value.items)}", span)
    if position < 0:
        raise EvalError(f"index {position} of a {value.kind}", span)
    reasons = [*([value.rest] if value.rest is not None else []), *value.maybe.values()]
    session.doubt(reasons[0])  # the list may be too short
    if isinstance(value, CountedList) and value.unnamed is not None and position < len(value.items) - 1:
        return value.items[position]
    if value.rest is not None:
        other = Unknown(merge_causes(reasons))
        # Any of its items may stand there, or something else. The last one that a count makes stands for any other.
        return other if isinstance(value, CountedList) else choose([*value.items, other], other.causes)
    options = _items_at(value, position)
    if not options:
        raise EvalError(f"index {position} of a {value.kind} of length {len(value.items)} at most", span)
    return choose(options, merge_causes(reasons))


def _items_at(value: ListValue, position: int) -> list[Value]:
    """What can stand at ``position`` of a list some of whose items may be absent."""
    if isinstance(value, CountedList):
        return [*value.items[position : position + 1]]
    if len({id(reason) for reason in value.maybe.values()}) == 1:  # all of them are there, or none is
        fewer = [item for at, item in enumerate(value.items) if at not in value.maybe]
        return [items[position] for items in (value.items, fewer) if position < len(items)]
    options: list[Value] = []
    skipped = 0
    for at, item in enumerate(value.items):
        if at - skipped <= position <= at:
            options.append(item)
        skipped += at in value.maybe
    return options


def _opaque_step(value: Opaque, step: str | int, session: Session, on_member: Callable[[Value], Value]) -> Value:
    if isinstance(value, Reference):
        if value.kind != "resource":
            session.doubt(value)
        causes = value.causes
        return Reference(value.address, (*value.path, step), value.kind, causes, through=value.through)
    if isinstance(value, Unknown) and value.one_of:
        results: list[Value] = []
        for member in value.one_of:
            try:
                results.append(on_member(member))
            except EvalError:
                session.doubt(value)  # that member would stop the deployment
        if results:
            return choose(results, value.causes)
    session.doubt(value)
    name = f"attribute {step!r}" if session.mark is None else "an attribute"
    return Unknown(value.causes or (Cause(f"{name} of an unknown value"),))
