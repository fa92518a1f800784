"""Yes, no, or "unknown, because": the three answers to every question about a network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from vpce_checks.model.values import MAX_CAUSES, Cause


class TriState(NamedTuple):
    """``value`` is True or False for certain, or None with the ``causes`` of the doubt."""

    value: bool | None
    causes: tuple[Cause, ...] = ()

    @property
    def yes(self) -> bool:
        """Whether it is certainly so."""
        return self.value is True

    @property
    def no(self) -> bool:
        """Whether it is certainly not so."""
        return self.value is False

    @property
    def possible(self) -> bool:
        """Whether it is so or may be."""
        return self.value is not False


YES = TriState(value=True)
NO = TriState(value=False)


def maybe(causes: Iterable[Cause] = ()) -> TriState:
    """Return "unknown", because of ``causes`` (the first MAX_CAUSES of them)."""
    return TriState(None, tuple(dict.fromkeys(causes))[:MAX_CAUSES])


def all_of(answers: Iterable[TriState]) -> TriState:
    """Return yes if every answer is yes, and no if one is no."""
    doubts: list[Cause] = []
    certain = True
    for answer in answers:
        if answer.no:
            return NO
        if answer.value is None:
            certain = False
            doubts += answer.causes
    return YES if certain else maybe(doubts)


def any_of(answers: Iterable[TriState]) -> TriState:
    """Return yes if one answer is yes, and no if every one is no."""
    doubts: list[Cause] = []
    certain = True
    for answer in answers:
        if answer.yes:
            return YES
        if answer.value is None:
            certain = False
            doubts += answer.causes
    return NO if certain else maybe(doubts)


def not_(answer: TriState) -> TriState:
    """Return the opposite answer. What is unknown stays unknown."""
    return answer if answer.value is None else TriState(not answer.value)


def one_of(answers: Iterable[TriState]) -> TriState:
    """Return the answer in one of several cases, nobody knows which: certain only if it is the same in all."""
    listed = list(answers)
    if listed and all(answer.yes for answer in listed):
        return YES
    if listed and all(answer.no for answer in listed):
        return NO
    return maybe(cause for answer in listed for cause in answer.causes)
