"""Find names that may be the same, among known and partly known ones, without comparing each with each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from vpce_checks.model.values import PartialString, Value

T = TypeVar("T")

_END = 2
"""How many characters of the known end of a name must agree. With two, thousands of numbered names fall apart."""


class NameIndex(Generic[T]):
    """Things by their names."""

    def __init__(self, named: Iterable[tuple[Value, T]]) -> None:
        self._all: list[T] = []
        self._known: dict[str, list[T]] = {}
        self._by_end: dict[str, list[T]] = {}
        self._partly_by_end: dict[str, list[T]] = {}
        self._open: list[T] = []
        for name, thing in named:
            self._all.append(thing)
            end = _end_of(name)
            if isinstance(name, str):
                self._known.setdefault(name, []).append(thing)
            elif end is not None:
                self._partly_by_end.setdefault(end, []).append(thing)
            if end is None:
                self._open.append(thing)
            else:
                self._by_end.setdefault(end, []).append(thing)

    def candidates(self, name: Value) -> list[T]:
        """Return the things whose names may be ``name``, and perhaps others."""
        end = _end_of(name)
        if isinstance(name, str) and end is not None:
            return [*self._known.get(name, ()), *self._partly_by_end.get(end, ()), *self._open]
        return self._all if end is None else [*self._by_end.get(end, ()), *self._open]


def _end_of(name: Value) -> str | None:
    """Return the last characters of a name. None if they are not known, or it is shorter."""
    last = name.parts[-1] if isinstance(name, PartialString) else name
    return last[-_END:] if isinstance(last, str) and len(last) >= _END else None
