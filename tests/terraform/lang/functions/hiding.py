"""Values with some of what is known about them taken away: every partly known form of a known value."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    join_strings,
    unknown,
)

_counter = iter(range(10**9))


def fresh(hint: str | None = None) -> Unknown:
    """An unknown value like no other."""
    return unknown(f"hidden {next(_counter)}", None, hint)


def hint_of(value: Value) -> str | None:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, Decimal)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (ListValue, MapValue)) and value.kind != "tuple":
        return value.kind
    return None


@st.composite
def hidden(draw: st.DrawFn, value: Value, typed: bool) -> Value:
    """``value``, wholly hidden. ``typed``: it is an element of a collection, whose elements are of one type."""
    ways = ["unknown", "typed", "variable", "one of"]
    if isinstance(value, str) and value:
        ways.append("resource")
    way = draw(st.sampled_from(ways))
    number = next(_counter)
    if way == "unknown":
        return fresh()
    if way == "typed":
        return fresh(hint_of(value))
    if way == "variable":
        return Reference(f"var.v{number}", (), "variable")
    if way == "resource":
        return Reference(f"aws_lb.v{number}", ("id",))  # of a type whose ids may hold any character
    candidates: list[Value] = [None, "", "z", 7, True, ListValue((), "tuple")]
    if typed:
        candidates = [None, *(other for other in candidates if type(other) is type(value) and isinstance(other, str))]
    others = draw(st.lists(st.sampled_from(candidates), max_size=2))
    return replace(fresh(), one_of=(*others, value))


@st.composite
def less_known(draw: st.DrawFn, value: Value, share: int = 3, typed: bool = False) -> Value:
    """``value`` with about one part in ``share`` hidden."""
    if draw(st.integers(0, share)) == 0:
        return draw(hidden(value, typed))
    if isinstance(value, str) and len(value) > 1 and draw(st.booleans()):
        return draw(_less_known_text(value))
    if isinstance(value, ListValue):
        return draw(_less_known_list(value, share))
    if isinstance(value, MapValue):
        return draw(_less_known_map(value, share))
    return value


@st.composite
def _less_known_text(draw: st.DrawFn, text: str) -> Value:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=4)))
    parts: list[str | Opaque] = [text[: cuts[0]]]
    for index, (start, end) in enumerate(pairwise(cuts)):
        if index % 2:
            parts.append(text[start:end])
        else:
            way = draw(st.integers(0, 2))
            parts.append(
                fresh("string")
                if way == 0
                else Reference(f"var.part{next(_counter)}", (), "variable", (), "string")
                if way == 1
                else replace(fresh("string"), one_of=("zz", text[start:end]))
            )
    parts.append(text[cuts[-1] :])
    joined = join_strings(parts)
    return joined if isinstance(joined, PartialString) else text


@st.composite
def _less_known_list(draw: st.DrawFn, value: ListValue, share: int) -> Value:
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    rest: Opaque | None = None
    for item in value.items:
        way = draw(st.integers(0, 12))
        if way == 0:
            # gone, as if it stood behind something that is not known
            rest = fresh()
            continue
        if way == 1:
            maybe[len(items)] = fresh()
        items.append(draw(less_known(item, share, value.kind != "tuple")))
    extra: list[Value] = [*value.items] if value.kind != "tuple" else ["zzz", *value.items]
    if extra and draw(st.integers(0, 12)) == 0:
        # something that is not there after all
        maybe[len(items)] = fresh()
        items.append(draw(st.sampled_from(extra)))
    if draw(st.integers(0, 20)) == 0:
        rest = fresh()
    if value.kind == "set":
        # an unknown element may be equal to another one
        from vpce_checks.terraform.types.sets import make_set

        return make_set(items, maybe.items(), rest)
    return ListValue(tuple(items), value.kind, maybe, rest)


@st.composite
def _less_known_map(draw: st.DrawFn, value: MapValue, share: int) -> Value:
    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    rest: Opaque | None = None
    for key, item in value.items.items():
        way = draw(st.integers(0, 10))
        if way == 0:
            rest = fresh()
            continue
        if way == 1:
            maybe[key] = fresh()
        items[key] = draw(less_known(item, share, value.kind != "object"))
    extra: list[Value] = [*value.items.values()] if value.kind == "map" else ["zzz", *value.items.values()]
    if extra and draw(st.integers(0, 10)) == 0 and "zzz" not in items:
        items["zzz"] = draw(st.sampled_from(extra))
        maybe["zzz"] = fresh()
    if draw(st.integers(0, 20)) == 0:
        rest = fresh()
    return MapValue(items, value.kind, maybe, rest)
