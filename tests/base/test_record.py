"""Records are dataclasses in all that a reader of the code relies on."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from vpce_checks.base.record import FEW, field, mutable, record, replace
from vpce_checks.model.scenario import Scenario
from vpce_checks.model.values import ListValue


@record
class Point:
    """A record with every kind of field."""

    x: int
    y: int = 2
    notes: Mapping[str, int] = field(default_factory=dict)
    seen: int = field(default=0, compare=False)
    _memo: int | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def total(self) -> int:
        """What a method sees."""
        return self.x + self.y


@record
class Solid(Point):
    """A record that adds to another."""

    z: int = 3


@record
class Like:
    """Another record of the same fields as a Point's first two."""

    x: int
    y: int = 2


@mutable
class Tally:
    """Something that changes."""

    name: str
    seen: list[str] = field(default_factory=list)
    count: int = 0


def test_construction() -> None:
    assert Point(1).total == 3
    assert Point(y=5, x=1).total == 6
    assert (Solid(1).y, Solid(1, 2, {}, 0, 9).z, Solid(1, z=4).z) == (2, 9, 4)
    for wrong in (lambda: Point(), lambda: Point(1, q=1), lambda: Point(1, 2, {}, 0, None, 5)):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            wrong()


def test_defaults_are_not_shared() -> None:
    first, second = Tally("a"), Tally("b")
    first.seen.append("x")
    first.count += 1
    assert (second.seen, second.count) == ([], 0)
    assert Point(1).notes is not Point(1).notes


def test_equality_and_hash_go_by_value_and_class() -> None:
    assert Point(1, 2) == Point(1, seen=7)
    assert Point(1) != Point(2)
    assert Point(1) != Like(1)
    assert Point(1) != Solid(1)
    assert Like(1) == Like(1, 2) and hash(Like(1)) == hash(Like(1, 2))
    assert {Like(1): "a"}[Like(1)] == "a"
    assert Tally("a") != Tally("a")


def test_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Point(1).w = 1  # type: ignore[attr-defined]
    assert not hasattr(Solid(1), "__dict__")


def test_repr_and_match() -> None:
    assert repr(Solid(1)) == "Solid(x=1, y=2, notes={}, seen=0, z=3)"
    match Like(4):
        case Like(x, y):
            assert (x, y) == (4, 2)


def test_replace() -> None:
    assert replace(Solid(1, seen=3), y=7) == Solid(1, 7)
    assert replace(Solid(1, seen=3), y=7).seen == 3
    with pytest.raises(TypeError):
        replace(Point(1), w=1)


def test_pickling() -> None:
    again = pickle.loads(pickle.dumps(Solid(1, 2, {"a": 1}, 5)))
    assert again == Solid(1, 2, {"a": 1}) and again.seen == 5


def test_dataclasses_takes_it_for_one_of_its_own() -> None:
    assert dataclasses.is_dataclass(Point)
    assert [f.name for f in dataclasses.fields(Solid(1)) if f.init] == ["x", "y", "notes", "seen", "z"]
    assert dataclasses.replace(Point(1), y=9) == Point(1, 9)  # type: ignore[type-var]
    assert dataclasses.asdict(Like(1)) == {"x": 1, "y": 2}  # type: ignore[call-overload]


def test_the_first_objects_are_made_like_all_others() -> None:
    """The constructor is compiled only after some objects; that must not be seen."""

    @record
    class Fresh:
        x: int
        y: int = 2
        notes: list[int] = field(default_factory=list)
        memo: int = field(default=7, init=False)

    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((), {}),
        ((1, 2, [], 4), {}),
        ((1,), {"x": 1}),
        ((1,), {"memo": 1}),
    ]

    def described() -> list[str]:
        made = [Fresh(1), Fresh(x=1), Fresh(1, y=3), Fresh(1, notes=[4]), Fresh(y=5, x=6)]
        assert made[0].notes is not made[1].notes
        return [repr(each) for each in made]

    first = described()
    for _ in range(FEW):
        Fresh(0)
    assert described() == first
    for args, kwargs in wrong:

        @record
        class Unmade:
            x: int
            y: int = 2
            notes: list[int] = field(default_factory=list)
            memo: int = field(default=7, init=False)

        for cls in (Unmade, Fresh):
            with pytest.raises(TypeError, match="argument"):
                cls(*args, **kwargs)


@record
class Ours:
    """The fields as a record."""

    x: int
    y: int = 2
    notes: tuple[int, ...] = field(default_factory=tuple)
    seen: int = field(default=0, compare=False)
    memo: int = field(default=7, init=False, compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same fields as a dataclass."""

    x: int
    y: int = 2
    notes: tuple[int, ...] = dataclasses.field(default_factory=tuple)
    seen: int = dataclasses.field(default=0, compare=False)
    memo: int = dataclasses.field(default=7, init=False, compare=False, repr=False)


def _matched(made: Any) -> Any:
    match made:
        case Ours(x, y) | Theirs(x, y):
            return x, y


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: [kind(1), kind(x=1, seen=3), kind(1, 2, (3,)), kind(1, notes=(4,), y=5)],
        lambda kind: kind(),
        lambda kind: kind(1, 2, (), 0, 7),
        lambda kind: kind(1, x=1),
        lambda kind: kind(1, memo=1),
        lambda kind: kind(1, other=1),
        lambda kind: [kind(1) == kind(1, seen=9), kind(1) == kind(2), kind(1) == (1, 2, (), 0), kind(1) != kind(1)],
        lambda kind: [hash(kind(1)), hash(kind(1, seen=9)), hash(kind(2))],
        lambda kind: len({kind(1), kind(1, 2), kind(1, seen=4), kind(3)}),
        lambda kind: hash(kind([])),
        lambda kind: kind(1) < kind(2),
        lambda kind: [kind.__match_args__, _matched(kind(1, 5))],
        lambda kind: [each.name for each in dataclasses.fields(kind)],
        lambda kind: [dataclasses.asdict(kind(1)), dataclasses.astuple(kind(1))],
        lambda kind: dataclasses.replace(kind(1, seen=3), y=9),
        lambda kind: dataclasses.replace(kind(1), other=9),
        lambda kind: [pickle.loads(pickle.dumps(kind(1, 2, (3,), 4), p)) for p in range(2, 6)],
        lambda kind: [copy.copy(kind(1, 9)), copy.deepcopy(kind(1, notes=([],)))],
        lambda kind: setattr(kind(1), "x", 2),
        lambda kind: setattr(kind(1), "y", 2),
        lambda kind: delattr(kind(1), "x"),
        lambda kind: [hasattr(kind(1), "__dict__"), kind.__slots__, kind.__name__, kind.__doc__[:4]],
    ],
)
def test_a_record_behaves_as_a_frozen_slotted_dataclass(use: Any) -> None:
    def outcome(kind: Any) -> str:
        try:
            return repr(use(kind)).replace(kind.__name__, "Kind")
        except Exception as error:
            return type(error).__name__

    for _ in range(FEW + 1):  # by hand at first, then by a compiled constructor
        assert outcome(Ours) == outcome(Theirs)


def test_records_are_frozen_in_all_tests() -> None:
    """``tests/conftest.py`` sees to it. Only caches (fields that the constructor does not take) may be set."""
    scenario = Scenario((), {})
    for name in Scenario.__match_args__:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(scenario, name, {})
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(scenario, name)
    values = ListValue(())
    values._summary = (True, 1)  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        values.items = (1,)  # type: ignore[misc]
