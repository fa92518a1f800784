"""Versions and version constraints, as Terraform compares them.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_CONSTRAINT = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*(\S+)")


class Version(NamedTuple):
    """``1.2.3-beta``. ``segments`` has three numbers at least; ``given`` of them were written."""

    segments: tuple[int, ...]
    prerelease: str = ""
    given: int = 3

    def __str__(self) -> str:
        text = ".".join(map(str, self.segments))
        return f"{text}-{self.prerelease}" if self.prerelease else text

    def _order(self) -> tuple[object, ...]:
        segments = self.segments
        while len(segments) > 3 and segments[-1] == 0:
            segments = segments[:-1]
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease.split("."))
        return (segments, not self.prerelease, parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._order() == other._order()

    def __lt__(self, other: tuple[object, ...]) -> bool:
        return isinstance(other, Version) and self._order() < other._order()

    # Those of the tuple would compare the parts as they are.
    def __gt__(self, other: tuple[object, ...]) -> bool:
        return isinstance(other, Version) and self._order() > other._order()

    def __le__(self, other: tuple[object, ...]) -> bool:
        return isinstance(other, Version) and self._order() <= other._order()

    def __ge__(self, other: tuple[object, ...]) -> bool:
        return isinstance(other, Version) and self._order() >= other._order()

    def __hash__(self) -> int:
        return hash(self._order())


class Constraint(NamedTuple):
    """One condition: ``>= 1.2``."""

    operator: str
    version: Version

    def admits(self, version: Version) -> bool:
        """Whether ``version`` meets it."""
        wanted = self.version
        if self.operator in ("=", "!="):
            return (version == wanted) == (self.operator == "=")
        if version.prerelease and (not wanted.prerelease or version.segments != wanted.segments):
            return False
        if self.operator == "~>":
            return _pessimistic(version, wanted)
        if version == wanted:
            return self.operator in (">=", "<=")
        return (version > wanted) == (self.operator in (">", ">="))


def parse_version(text: str) -> Version | None:
    """A version as written, with or without a leading ``v``; None for anything else."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    numbers = tuple(map(int, match[1].split(".")))
    return Version(numbers + (0,) * (3 - len(numbers)), match[2] or "", len(numbers))


def parse_constraints(text: str) -> tuple[Constraint, ...] | None:
    """The conditions of ``text`` (``">= 3.0, < 4.0"``), all of which must be met; None where it cannot be read."""
    found = []
    for part in text.split(","):
        match = _CONSTRAINT.fullmatch(part.strip())
        version = parse_version(match[2]) if match is not None else None
        if match is None or version is None:
            return None
        found.append(Constraint(match[1] or "=", version))
    return tuple(found)


def newest(versions: Iterable[Version], constraints: Iterable[Constraint]) -> Version | None:
    """The newest of ``versions`` that meets all ``constraints``. One before a release must be asked for exactly."""
    wanted = tuple(constraints)
    exact = {constraint.version for constraint in wanted if constraint.operator == "="}
    fitting = (
        version
        for version in versions
        if all(constraint.admits(version) for constraint in wanted) and (not version.prerelease or version in exact)
    )
    return max(fitting, default=None)


def _pessimistic(version: Version, wanted: Version) -> bool:
    """``~> 1.2.3`` is ``>= 1.2.3, < 1.3``; ``~> 1.2`` is ``>= 1.2, < 2``; ``~> 1`` has no upper bound."""
    if version < wanted or (wanted.prerelease and not version.prerelease):
        return False
    pairs = list(zip_longest(version.segments, wanted.segments, fillvalue=0))
    return all(mine == its for mine, its in pairs[: wanted.given - 1])
