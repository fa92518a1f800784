"""The checker of the law must itself refuse what is not allowed."""

from __future__ import annotations

import pytest

from tests.terraform.types.compatible import compatible
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown, Value, unknown

U = unknown("x")
R = Reference("aws_vpc.main", ("id",))


def items(*values: Value, kind: str = "list", maybe: tuple[int, ...] = (), rest: bool = False) -> ListValue:
    return ListValue(values, kind, dict.fromkeys(maybe, U), U if rest else None)


ALLOWED: list[tuple[Value, Value]] = [
    (1, U),
    (None, R),
    ("com.amazonaws.eu-west-1.s3", PartialString(("com.amazonaws.", U, ".s3"))),
    ("b", Unknown((), None, ("a", "b"))),
    (items("a", "b"), items("a", U)),
    (items("a", "c"), items("a", "b", "c", maybe=(1,))),
    (items("x", "a"), items("a", rest=True)),
    (items("a", "b", kind="set"), items(U, "a", kind="set")),
    (items("a", kind="set"), items("a", U, kind="set", maybe=(1,))),
    (items("a", kind="tuple"), items("a", kind="list")),
    (MapValue({"a": 1}), MapValue({"a": U, "b": 2}, maybe={"b": U})),
    (MapValue({"a": 1, "z": 2}), MapValue({"a": 1}, rest=U)),
]

REFUSED: list[tuple[Value, Value]] = [
    (1, "1"),
    (True, 1),
    (1, True),
    (None, False),
    ("com.amazonaws.eu-west-1.ec2", PartialString(("com.amazonaws.", U, ".s3"))),
    ("aa", PartialString(("aa", U, "a"))),
    (1, PartialString(("1", U))),
    ("c", Unknown((), None, ("a", "b"))),
    (items("a", "b"), items("a")),
    (items("a"), items("a", U)),
    (items("c", "a"), items("a", "b", "c", maybe=(1,))),
    (items("x"), items("a", rest=True)),
    (items("a"), items("a", "a", rest=True)),
    (items("a", kind="set"), items("a", U, kind="set")),
    (items("a", "c", kind="set"), items("a", "b", kind="set", maybe=(1,))),
    (items("a", kind="set"), items("a")),
    (MapValue({"a": 1, "z": 2}), MapValue({"a": 1})),
    (MapValue({}), MapValue({"a": U})),
    (MapValue({"a": 2}), MapValue({"a": 1}, rest=U)),
]


@pytest.mark.parametrize(("known", "partial"), ALLOWED)
def test_it_accepts_what_the_value_allows(known: Value, partial: Value) -> None:
    assert compatible(known, partial)


@pytest.mark.parametrize(("known", "partial"), REFUSED)
def test_it_refuses_what_the_value_excludes(known: Value, partial: Value) -> None:
    assert not compatible(known, partial)
