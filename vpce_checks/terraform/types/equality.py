"""Whether two values are equal, of which perhaps only a part is known."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from vpce_checks.model.addresses import terraform_place
from vpce_checks.model.network import without_keys
from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    is_known,
)
from vpce_checks.terraform.types.doubts import is_certain_string

MAX_PAIRS = 256
"""Two unknown values are compared in so many combinations of their options at most."""

_OWN_ID = frozenset(
    {
        *("aws_vpc", "aws_subnet", "aws_route_table", "aws_network_acl", "aws_security_group", "aws_vpc_endpoint"),
        *("aws_internet_gateway", "aws_egress_only_internet_gateway", "aws_nat_gateway", "aws_ec2_transit_gateway"),
        *("aws_network_interface", "aws_instance"),
    }
)
"""Types of which AWS gives each object an id of its own. Types that adopt an object (``aws_default_subnet``) are not among them.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
"""


def equals(left: Value, right: Value, *, one_type: bool = False) -> bool | None:
    """Whether Terraform's ``left == right``; None where that is not certain.

    Values of different types are different: ``1`` is not ``"1"``, a tuple is not a list, an object not a map. Terraform
    also compares the element types of empty collections (``slice(var.names, 0, 0) == tolist([])`` is false), which are
    not known here. ``one_type`` says that both values were converted to one type.
    """
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        if left is right:
            return True
        if _has_options(left) or _has_options(right):
            return _equals_one_of(left, right, one_type=one_type)
    if isinstance(left, Opaque) or isinstance(right, Opaque):
        return _equals_opaque(left, right)
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, PartialString) or isinstance(right, PartialString):
        return _equals_partial(left, right)
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        return _equals_lists(left, right, one_type=one_type)
    if isinstance(left, MapValue) and isinstance(right, MapValue):
        return _equals_maps(left, right, one_type=one_type)
    if isinstance(left, (ListValue, MapValue)) or isinstance(right, (ListValue, MapValue)):
        return False
    return left == right


def _has_options(value: Value) -> bool:
    return isinstance(value, Unknown) and bool(value.one_of)


def _equals_one_of(left: Value, right: Value, *, one_type: bool) -> bool | None:
    lefts = left.one_of if isinstance(left, Unknown) and left.one_of else (left,)
    rights = right.one_of if isinstance(right, Unknown) and right.one_of else (right,)
    if len(lefts) * len(rights) > MAX_PAIRS:
        return None
    answers = {equals(one, other, one_type=one_type) for one in lefts for other in rights}
    return answers.pop() if len(answers) == 1 else None


def _equals_opaque(left: Value, right: Value) -> bool | None:
    if isinstance(left, Reference) and isinstance(right, Reference):
        if left == right:
            return True
        return False if _are_ids_of_two(left, right) else None
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Reference) and is_certain_string(one):
            return None if isinstance(other, (str, Opaque, PartialString)) and other != "" else False
        if isinstance(one, Unknown) and isinstance(other, int | Decimal) and not isinstance(other, bool):
            return False if other < one.least else None
    return None


def _are_ids_of_two(left: Reference, right: Reference) -> bool:
    """Whether two references are the ids (or ARNs) of two objects of one type that this root creates."""
    if left.kind != "resource" or right.kind != "resource" or left.path != right.path:
        return False
    if left.path not in (("id",), ("arn",)):
        return False
    one, other = _block_with_own_id(left.address), _block_with_own_id(right.address)
    if one is None or other is None or one[0] != other[0]:
        return False
    return one != other or (left.address != right.address and "*" not in left.address + right.address)


@lru_cache(maxsize=4096)
def _block_with_own_id(address: str) -> tuple[str, str] | None:
    """Return the type and the address without keys of an object of this root that has an id of its own."""
    place = terraform_place(address)
    if place.type not in _OWN_ID or ":" in place.module:  # two labels may lead to one root
        return None
    return place.type, without_keys(address)


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


def _equals_lists(left: ListValue, right: ListValue, *, one_type: bool) -> bool | None:
    if left.kind != right.kind:
        return False if "set" in (left.kind, right.kind) or (is_known(left) and is_known(right)) else None
    if not (left.exact and right.exact):
        least = len(left.items) - len(left.maybe), len(right.items) - len(right.maybe)
        if left.rest is None and least[1] > len(left.items):
            return False
        if right.rest is None and least[0] > len(right.items):
            return False
        return None
    known = is_known(left) and is_known(right)
    if len(left.items) != len(right.items):
        return False if left.kind != "set" or known else None
    if not left.items:
        return True if one_type or left.kind == "tuple" else None
    if left.kind == "set" and not known:
        return None
    return _all(equals(one, other, one_type=one_type) for one, other in zip(left.items, right.items, strict=True))


def _equals_maps(left: MapValue, right: MapValue, *, one_type: bool) -> bool | None:
    if left.kind != right.kind and is_known(left) and is_known(right):
        return False
    for one, other in ((left, right), (right, left)):
        if other.rest is None and any(key not in other.items for key in one.items if key not in one.maybe):
            return False
    shared = [key for key in left.items if key in right.items]
    answer = _all(equals(left.items[key], right.items[key], one_type=one_type) for key in shared)
    if answer is False and not (left.maybe or right.maybe):
        return False
    if not (left.exact and right.exact and left.kind == right.kind):
        return None
    return answer if shared or one_type or left.kind == "object" else None


def _all(answers: Iterable[bool | None]) -> bool | None:
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result
