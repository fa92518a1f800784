"""The cheap stand-ins for ``typing`` make what ``typing`` would make."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from vpce_checks.base.hints import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Cheap(NamedTuple):
    """A place."""

    file: str
    line: int = 1
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """In words."""
        return f"{self.file}:{self.line}"


class Usual(typing.NamedTuple):
    """The same with ``typing``."""

    file: str
    line: int = 1
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """In words."""
        return f"{self.file}:{self.line}"


class Box(Generic[T]):
    """Something generic."""


@pytest.mark.parametrize("kind", [Cheap, Usual])
def test_named_tuple(kind: type[Cheap]) -> None:
    place = kind("a", notes=("b",))
    assert place == ("a", 1, ("b",)) == kind("a", 1, ("b",))
    assert (place.file, place.line, place[2], place.shown) == ("a", 1, ("b",), "a:1")
    file, line, _ = place
    assert (file, line) == ("a", 1)
    assert hash(place) == hash(("a", 1, ("b",)))
    assert {place: 1}[kind("a", 1, ("b",))] == 1
    assert place._replace(line=4) == ("a", 4, ("b",)) and type(place._replace(line=4)) is kind
    assert place._asdict() == {"file": "a", "line": 1, "notes": ("b",)}
    assert kind._fields == ("file", "line", "notes") and kind._make(["x", 2, ()]) == ("x", 2, ())
    assert repr(place) == f"{kind.__name__}(file='a', line=1, notes=('b',))"
    assert kind.__doc__ and isinstance(place, tuple) and not hasattr(place, "__dict__")
    for again in (pickle.loads(pickle.dumps(place)), copy.copy(place), copy.deepcopy(place)):
        assert again == place and type(again) is kind
    match place:
        case Cheap(file, line) | Usual(file, line):
            assert (file, line) == ("a", 1)
        case _:
            pytest.fail("no match")
    with pytest.raises(TypeError):
        kind()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        kind("a", other=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError):
        place._replace(other=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        place.line = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        place.other = 2  # type: ignore[attr-defined]


def test_the_first_tuples_are_made_like_all_others() -> None:
    """The constructor is compiled only after some tuples; that must not be seen."""

    class Fresh(NamedTuple):
        file: str
        line: int = 1

    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((), {}),
        (("a", 1, 2), {}),
        (("a",), {"file": "b"}),
        (("a",), {"other": 1}),
        ((), {"line": 1}),
    ]
    for _ in range(20):
        made = [Fresh("a"), Fresh(file="a"), Fresh("a", line=3), Fresh(line=5, file="b")]
        assert [tuple(each) for each in made] == [("a", 1), ("a", 1), ("a", 3), ("b", 5)]
    for args, kwargs in wrong:

        class Unmade(NamedTuple):
            file: str
            line: int = 1

        for cls in (Unmade, Fresh):
            with pytest.raises(TypeError, match="argument"):
                cls(*args, **kwargs)


def test_generic() -> None:
    assert isinstance(Box[int](), Box)
