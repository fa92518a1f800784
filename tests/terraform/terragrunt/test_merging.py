"""Inputs of a unit and of what it includes, merged."""

from __future__ import annotations

import pytest

from vpce_checks.model.values import Cause, ListValue, MapValue, Unknown, Value
from vpce_checks.terraform.terragrunt.merging import deep_merge, shallow_merge

HIDDEN = Unknown((Cause("hidden"),))


def of(**items: Value) -> MapValue:
    return MapValue(items)


@pytest.mark.parametrize(
    ("below", "above", "shallow", "deep"),
    [
        (of(a=1), of(b=2), of(a=1, b=2), of(a=1, b=2)),
        (of(a=1), of(a=2), of(a=2), of(a=2)),
        (of(a=True), of(a=False), of(a=False), of(a=False)),
        (of(a=of(x=1)), of(a=of(y=2)), of(a=of(y=2)), of(a=of(x=1, y=2))),
        (of(a=ListValue((1,))), of(a=ListValue((2,))), of(a=ListValue((2,))), of(a=ListValue((1, 2)))),
        (of(a=ListValue((1,))), of(a="text"), of(a="text"), of(a="text")),
        (of(a=1), None, of(a=1), of(a=1)),
    ],
)
def test_merged(below: Value, above: Value, shallow: Value, deep: Value) -> None:
    assert shallow_merge(below, above) == shallow
    assert deep_merge(below, above) == deep


def test_what_is_not_known_below_is_overridden() -> None:
    merged = shallow_merge(HIDDEN, of(a=1))
    assert isinstance(merged, MapValue)
    assert merged.items["a"] == 1
    assert merged.rest is not None


def test_what_is_not_known_above_may_override() -> None:
    merged = shallow_merge(of(a=1), HIDDEN)
    assert isinstance(merged, MapValue)
    assert isinstance(merged.items["a"], Unknown)


@pytest.mark.parametrize(
    ("below", "above"),
    [(of(a=ListValue((1,))), of(a=HIDDEN)), (of(a=HIDDEN), of(a=ListValue((1,)))), (of(a=HIDDEN), of(a=of(x=1)))],
)
def test_what_an_unknown_is_joined_with_is_unknown(below: Value, above: Value) -> None:
    merged = deep_merge(below, above)
    assert isinstance(merged, MapValue)
    assert isinstance(merged.items["a"], Unknown)


def test_an_entry_that_may_be_there() -> None:
    perhaps = MapValue({"a": 2}, "object", {"a": HIDDEN})
    merged = shallow_merge(of(a=1), perhaps)
    assert isinstance(merged, MapValue)
    value = merged.items["a"]
    assert isinstance(value, Unknown)
    assert set(value.one_of) == {1, 2}
