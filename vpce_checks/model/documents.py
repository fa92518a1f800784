"""JSON documents as values: container definitions and policies, parts of which may be unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vpce_checks.base.pattern import pattern
from vpce_checks.model.values import (
    Cause,
    JsonText,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    join_strings,
)

MAX_DOCUMENT = 2_000_000
"""The most characters of a document that is read. AWS takes 64 KB for a task definition and far less for a policy."""

MAX_DEPTH = 60
"""How deep a document may nest."""

_MARK = "\ue000"
_HOLE = pattern("\ue000([0-9]+)\ue000")


class NotJson(Exception):
    """A known text that is no JSON document. The message says what is wrong and where in the text."""


def read_document(value: Value) -> Value:
    """Return the document that ``value`` is the text of. Unknown parts stay unknown parts.

    A value that is no string is a document already. Raises NotJson for a text that certainly is no document.
    """
    if isinstance(value, JsonText):
        return value.document
    if isinstance(value, str):
        return _parse(value, ())
    if not isinstance(value, PartialString):
        return value
    holes: list[Opaque] = []
    try:
        return _parse("".join(_with_marks(value, holes)), tuple(holes))
    except NotJson:  # what is not known may make it a document
        return Unknown(value.causes)


def _with_marks(value: PartialString, holes: list[Opaque]) -> Iterator[str]:
    """Yield the text with a mark for each opaque part. A mark outside of a string becomes one."""
    in_string = False
    for part in value.parts:
        if isinstance(part, str):
            in_string = _ends_in_string(part, in_string=in_string)
            yield part
        else:
            mark = f"{_MARK}{len(holes)}{_MARK}"
            holes.append(part)
            yield mark if in_string else f'"{mark}"'


def _ends_in_string(text: str, *, in_string: bool) -> bool:
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and in_string:
            escaped = True
        elif character == '"':
            in_string = not in_string
    return in_string


def _parse(text: str, holes: tuple[Opaque, ...]) -> Value:
    if len(text) > MAX_DOCUMENT:
        return Unknown((Cause("this document is too long to be read"),))
    import json  # few scans read a document

    try:
        found = json.loads(text)
    except RecursionError:
        return Unknown((Cause("this document is nested too deeply"),))
    except ValueError as error:
        raise NotJson(str(error)) from None
    return _value(found, holes, 0)


def _value(found: Any, holes: tuple[Opaque, ...], depth: int) -> Value:
    if depth > MAX_DEPTH:
        return Unknown((Cause("this document is nested too deeply"),))
    if isinstance(found, str):
        return _text(found, holes)
    if isinstance(found, list):
        return ListValue(tuple(_value(item, holes, depth + 1) for item in found), "list")
    if isinstance(found, dict):
        rest = next((holes[int(hole)] for key in found for hole in _HOLE.findall(key) if _MARK in key), None)
        items = {key: _value(item, holes, depth + 1) for key, item in found.items() if _MARK not in key}
        return MapValue(items, "map", rest=rest)
    if isinstance(found, float):
        return str(found)
    known: bool | int | None = found
    return known


def _text(text: str, holes: tuple[Opaque, ...]) -> Value:
    if not holes or _MARK not in text:
        return text
    pieces = _HOLE.split(text)
    parts: list[Value] = [holes[int(piece)] if at % 2 else piece for at, piece in enumerate(pieces)]
    whole = [part for part in parts if part != ""]
    if len(whole) == 1 and isinstance(whole[0], JsonText):
        return whole[0].document  # ${jsonencode(...)} within a text
    return join_strings(part if isinstance(part, str | Opaque) else "" for part in parts)


def member(value: Value, name: str) -> Value:
    """Return member ``name`` of an object, null where it has none. AWS ignores the case of names in its documents."""
    if isinstance(value, MapValue):
        found = value.items.get(name)
        if found is not None:
            return _perhaps(found, value.maybe.get(name))
        wanted = name.lower()
        for key, item in value.items.items():
            if key.lower() == wanted:
                return _perhaps(item, value.maybe.get(key))
        return value.rest
    return value if isinstance(value, Opaque) else None


def _perhaps(value: Value, doubt: Opaque | None) -> Value:
    """An unknown value that may be ``value``, if it is not certain that the value is there."""
    return value if doubt is None else Unknown(doubt.causes)


def certain_items(value: Value) -> Iterator[Value]:
    """Yield the items that a list certainly has. A single object or scalar is a list of one, as in policies."""
    if isinstance(value, ListValue):
        for place, item in enumerate(value.items):
            if place not in value.maybe and item is not None:
                yield item
    elif value is not None and not isinstance(value, Unknown):
        yield value


def is_whole(value: Value) -> bool:
    """Whether a list certainly has no further items: :func:`certain_items` yields all there are."""
    return value.exact if isinstance(value, ListValue) else not isinstance(value, Unknown)
