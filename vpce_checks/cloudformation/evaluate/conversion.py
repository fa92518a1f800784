"""Convert values as CloudFormation does: to strings, and strings with separators to lists."""

from __future__ import annotations

from decimal import Decimal

from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    join_strings,
    merge_causes,
    unknown,
)

MAX_TEXT = 100_000
"""The longest string, and the most items of a list, that an expression may make."""


def text(value: Value, span: Span | None = None) -> Value:
    """Return ``value`` as a string. CloudFormation turns booleans and numbers into text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, Unknown) and value.one_of:
        return choose([text(member, span) for member in value.one_of], value.causes)
    if isinstance(value, (ListValue, MapValue)):
        return Unknown((Cause("this is a list or map, not a string", span), *merge_causes([value]))[:4], "string")
    return value


def derived(reference: Reference, step: str | int, type: str | None = None) -> Reference:
    """Return a reference to the result of a function. The argument has an identity, so the result has one too."""
    path = (*reference.path, step)
    return Reference(reference.address, path, reference.kind, reference.causes, type, through=reference.through)


_NEVER_IN_IDS = frozenset(",|; #")
"""Characters that no id, ARN or name of a resource contains."""


def split(value: Value, separator: str, shown: str = "", *, trimmed: bool = True) -> Value:
    """Split a string into a list. Values that AWS makes (an id, a name) contain no comma.

    ``shown`` is how reports show the separator.
    """
    if isinstance(value, ListValue):
        return value
    if isinstance(value, (bool, int, Decimal)) or value is None:
        value = text(value)
    if isinstance(value, str):
        parts = value.split(separator)
        if len(parts) > MAX_TEXT:
            return unknown(f"the list has more than {MAX_TEXT} items")
        return ListValue(tuple(part.strip() for part in parts) if trimmed else tuple(parts), "list")
    if isinstance(value, Reference):
        if value.kind == "resource" and _is_whole(value, separator):
            return ListValue((value,), "list")
        return value if separator == "," else derived(value, f"split at {shown}", "list")
    if isinstance(value, PartialString):
        return _split_parts(value, separator)
    if isinstance(value, Unknown) and value.one_of:
        return choose([split(member, separator, shown, trimmed=trimmed) for member in value.one_of], value.causes)
    return Unknown(merge_causes([value]), "list")


def _is_whole(part: Opaque, separator: str) -> bool:
    """Return whether an opaque value does not contain ``separator``. A parameter that is one value has no comma."""
    if isinstance(part, Reference):
        is_id = part.kind == "resource" and not _NEVER_IN_IDS.isdisjoint(separator)
        return part.type != "list" and (is_id or separator == ",")
    return (
        isinstance(part, Unknown)
        and bool(part.one_of)
        and all(
            separator not in member
            if isinstance(member, str)
            else isinstance(member, Opaque) and _is_whole(member, separator)
            for member in part.one_of
        )
    )


def _split_parts(value: PartialString, separator: str) -> Value:
    items: list[list[str | Opaque]] = [[]]
    for part in value.parts:
        if isinstance(part, str):
            first, *others = part.split(separator)
            items[-1].append(first)
            items += [[other] for other in others]
        elif _is_whole(part, separator):
            items[-1].append(part)
        elif len(items) == 1 and not any(items[0]):
            return Unknown(part.causes, "list")
        else:  # the unknown part may contain separators, so the items from here on are unknown
            items.pop()
            return ListValue(tuple(join_strings(item) for item in items), "list", rest=Unknown(value.causes))
    return ListValue(tuple(join_strings(item) for item in items), "list")
