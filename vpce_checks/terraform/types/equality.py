"""What is certain of partly known values: whether they are null, and whether two of them are equal."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from vpce_checks.model.values import (
    MAX_CAUSES,
    Cause,
    ListValue,
    MapValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    is_known,
    merge_causes,
    opaque_parts,
)


def causes_of(values: Iterable[object]) -> tuple[Cause, ...]:
    """Why ``values`` are not known: their causes, or else the references among them by name."""
    kept = list(values)
    causes = merge_causes(kept)
    if causes:
        return causes
    names = dict.fromkeys(str(part) for value in kept for part in opaque_parts(value) if isinstance(part, Reference))
    return tuple(Cause(f"{name} is not known before deployment") for name in list(names)[:MAX_CAUSES])


def maybe_null(value: Value) -> bool:
    """Whether a value is, or could turn out to be, null."""
    if value is None:
        return True
    if isinstance(value, Unknown):
        return not value.one_of or any(maybe_null(option) for option in value.one_of)
    if isinstance(value, Reference):
        return not is_certain_string(value)
    return False


def is_certain_string(value: Reference) -> bool:
    """Whether a reference is certainly neither null nor empty: an attribute of a resource created here."""
    return value.kind == "resource" and bool(value.path)


def equals(left: Value, right: Value) -> bool | None:
    """Terraform's equality, or None where it cannot be told.

    Values of different types are different: ``1`` is not ``"1"``, a tuple is not a list, an object not a map.
    """
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        if left is right:
            return True
        return _equals_one_of(left, right)
    if isinstance(left, Reference) or isinstance(right, Reference):
        if left == right:
            return True
        if left is None or right is None:
            other = right if left is None else left
            return False if isinstance(other, Reference) and is_certain_string(other) else None
        return None
    if isinstance(left, PartialString) or isinstance(right, PartialString):
        return _equals_partial(left, right)
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, ListValue):
        if not isinstance(right, ListValue):
            return False
        return _equals_lists(left, right)
    if isinstance(left, MapValue):
        if not isinstance(right, MapValue):
            return False
        return _equals_maps(left, right)
    if isinstance(right, (ListValue, MapValue)):
        return False
    return left == right


def _equals_one_of(left: Value, right: Value) -> bool | None:
    lefts = left.one_of if isinstance(left, Unknown) else (left,)
    rights = right.one_of if isinstance(right, Unknown) else (right,)
    if not lefts or not rights or len(lefts) * len(rights) > 256:
        return None
    answers = {equals(one, other) for one in lefts for other in rights}
    return answers.pop() if len(answers) == 1 else None


def _equals_partial(left: Value, right: Value) -> bool | None:
    if left is None or isinstance(left, (bool, int, Decimal, ListValue, MapValue)):
        return False
    if right is None or isinstance(right, (bool, int, Decimal, ListValue, MapValue)):
        return False
    if isinstance(left, str):
        left, right = right, left
    assert isinstance(left, PartialString)
    if isinstance(right, str):
        return None if could_be(left, right) else False
    assert isinstance(right, PartialString)
    if len(left.parts) == len(right.parts) and all(
        one == other if isinstance(one, (str, Reference)) else one is other
        for one, other in zip(left.parts, right.parts, strict=True)
    ):
        return True
    one, other = left.parts[0], right.parts[0]
    if isinstance(one, str) and isinstance(other, str) and not (one.startswith(other) or other.startswith(one)):
        return False
    one, other = left.parts[-1], right.parts[-1]
    if isinstance(one, str) and isinstance(other, str) and not (one.endswith(other) or other.endswith(one)):
        return False
    return None


def could_be(partial: PartialString, text: str) -> bool:
    """Whether a partly known string can turn out to be ``text``."""
    parts = partial.parts
    start, end = 0, len(text)
    first, last = parts[0], parts[-1]
    if isinstance(first, str):
        if not text.startswith(first):
            return False
        start = len(first)
    if isinstance(last, str) and len(parts) > 1:
        if not text.endswith(last) or end - len(last) < start:
            return False
        end -= len(last)
    for part in parts[1:-1]:
        if isinstance(part, str):
            at = text.find(part, start, end)
            if at < 0:
                return False
            start = at + len(part)
    return True


def _equals_lists(left: ListValue, right: ListValue) -> bool | None:
    if left.kind != right.kind:
        return False if "set" in (left.kind, right.kind) or (is_known(left) and is_known(right)) else None
    if not (left.exact and right.exact):
        least = len(left.items) - len(left.maybe), len(right.items) - len(right.maybe)
        if left.rest is None and least[1] > len(left.items):
            return False
        if right.rest is None and least[0] > len(right.items):
            return False
        return None
    if len(left.items) != len(right.items):
        return False
    if left.kind == "set" and not (is_known(left) and is_known(right)):
        return None
    return _all(equals(one, other) for one, other in zip(left.items, right.items, strict=True))


def _equals_maps(left: MapValue, right: MapValue) -> bool | None:
    if left.kind != right.kind and is_known(left) and is_known(right):
        return False
    for one, other in ((left, right), (right, left)):
        if other.rest is None and any(key not in other.items for key in one.items if key not in one.maybe):
            return False
    answer = _all(equals(value, right.items[key]) for key, value in left.items.items() if key in right.items)
    if answer is False and not (left.maybe or right.maybe):
        return False
    return answer if left.exact and right.exact and left.kind == right.kind else None


def _all(answers: Iterable[bool | None]) -> bool | None:
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result
