"""Scenarios: sets of choices made at deployment, and the words for them.

A network that looks different by what is chosen at deployment (a CloudFormation parameter) is given once a scenario.
A :class:`Scenario` is a union of cases, a case limits some of the choices to some of their values.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.model.sensitive import SENSITIVE

Values: TypeAlias = frozenset["str | None"]
"""Values of a choice; None means every value that is not spelled out anywhere."""


@record
class Scenario:
    """``cases``: one of them holds; each maps the name of a choice to the values that it is limited to.

    ``choices`` maps the name of every choice of the whole deployment to all of its values, in the order to show them.
    ``sensitive`` are the names of the choices whose values must not be shown. ``is_default``: it may be what is deployed
    if nobody chooses, because every choice that has a default has it in one of the cases.
    """

    cases: tuple[Mapping[str, Values], ...]
    choices: Mapping[str, tuple[str | None, ...]]
    sensitive: frozenset[str] = frozenset()
    is_default: bool = True


class Limit(NamedTuple):
    """A choice has one of ``values``, or with ``negated`` none of them."""

    name: str
    values: tuple[str, ...]
    negated: bool = False

    def within(self, other: Limit) -> bool:
        """Whether whatever keeps to this limit keeps to ``other``, a limit of the same choice."""
        if self.negated:
            return other.negated and set(other.values) <= set(self.values)
        return set(self.values).isdisjoint(other.values) if other.negated else set(self.values) <= set(other.values)


Case: TypeAlias = tuple[Limit, ...]
"""Limits that all hold."""


def within(cases: Sequence[Case], others: Sequence[Case]) -> bool:
    """Whether each of ``cases`` is a part of one of ``others``. No cases stand for "always"."""
    return all(any(_is_part(case, other) for other in others or [()]) for case in cases or [()])


def _is_part(case: Case, other: Case) -> bool:
    own = {limit.name: limit for limit in case}
    return all(limit.name in own and own[limit.name].within(limit) for limit in other)


def single_out(holding: Sequence[Scenario | None], every: Sequence[Scenario | None]) -> tuple[str, ...]:
    """Return the words that single out the scenarios ``holding`` among ``every``; nothing where it holds in all of them.

    None means the only state of a deployment without choices.
    """
    return () if len(holding) == len(every) else describe(*_divided(holding, every))


def cases_of(holding: Sequence[Scenario | None], every: Sequence[Scenario | None]) -> tuple[Case, ...]:
    """Return what :func:`single_out` says in words as cases, without the choices whose values must not be shown."""
    if len(holding) == len(every):
        return ()
    found = _Union(*_divided(holding, every))
    return tuple(
        tuple(
            _limit(name, case[name], found.choices[name])
            for name in found.choices
            if name in case and name not in found.sensitive
        )
        for case in found.cases
    )


def _limit(name: str, values: Values, every: tuple[str | None, ...]) -> Limit:
    negated = None in values
    return Limit(
        name, tuple(value for value in every if value is not None and (value in values) is not negated), negated
    )


def _divided(
    holding: Sequence[Scenario | None], every: Sequence[Scenario | None]
) -> tuple[list[Scenario], list[Scenario]]:
    chosen = {id(scenario) for scenario in holding}
    others = [scenario for scenario in every if id(scenario) not in chosen and scenario is not None]
    return [scenario for scenario in holding if scenario is not None], others


class _Union:
    """The union of the scenarios ``holding`` in few cases; no cases if it is everything.

    ``others`` are the remaining scenarios. A combination in neither is impossible, so the cases need not exclude it.
    """

    def __init__(self, holding: Iterable[Scenario], others: Iterable[Scenario]) -> None:
        self.choices: dict[str, tuple[str | None, ...]] = {}
        self.sensitive: set[str] = set()
        cases: list[dict[str, Values]] = []
        for scenario in holding:
            self.choices.update(scenario.choices)
            self.sensitive |= scenario.sensitive
            cases += [dict(case) for case in scenario.cases]
        against = [case for scenario in others for case in scenario.cases]
        cases = _merged([_trimmed(case, self.choices) for case in cases], self.choices)
        cases = _merged(_widened(cases, against), self.choices)
        self.cases = cases if all(cases) else []


def describe(holding: Iterable[Scenario], others: Iterable[Scenario] = ()) -> tuple[str, ...]:
    """The union of the scenarios ``holding`` in few words: ("Environment is dev or test",). Empty: always.

    ``others`` are the remaining scenarios. A combination in neither is impossible, so the words need not exclude it.
    """
    found = _Union(holding, others)
    clauses = [
        [
            _clause(name, case[name], found.choices[name], sensitive=name in found.sensitive)
            for name in found.choices
            if name in case
        ]
        for case in found.cases
    ]
    if len(clauses) <= 1:
        return tuple(clauses[0]) if clauses else ()
    return (", or ".join(" and ".join(case) for case in clauses),)


def _merged(cases: list[dict[str, Values]], choices: Mapping[str, tuple[str | None, ...]]) -> list[dict[str, Values]]:
    """Fewer cases with the same union: two that differ in one choice alone are one.

    The order of joining decides the words: from the last case back, each is tried with those before it, the nearest first.
    ``untried`` holds, for each case, the ones before it that it was not yet tried with.
    """
    kept: list[dict[str, Values] | None] = list(cases)
    untried = [list(range(at)) for at in range(len(kept))]
    at = len(kept) - 1
    while at >= 0:
        if not untried[at]:
            at -= 1
            continue
        before = untried[at].pop()
        left, right = kept[before], kept[at]
        union = _union(left, right, choices) if left is not None and right is not None else None
        if union is None:
            continue
        kept[before], kept[at] = union, None
        untried[at], untried[before] = [], list(range(before))
        for after in range(before + 1, len(kept)):
            place = bisect_left(untried[after], before)
            if kept[after] is not None and untried[after][place : place + 1] != [before]:
                untried[after].insert(place, before)
        at = len(kept) - 1
    return [case for case in kept if case is not None]


def _widened(cases: list[dict[str, Values]], against: list[Mapping[str, Values]]) -> list[dict[str, Values]]:
    """The cases without the limits that keep out none of ``against``."""
    for case in cases if against else ():
        for name in reversed(list(case)):
            wide = {other: values for other, values in case.items() if other != name}
            if not any(_meet(wide, other) for other in against):
                del case[name]
    return cases


def _meet(case: Mapping[str, Values], other: Mapping[str, Values]) -> bool:
    """Whether something can be in both cases."""
    return all(values & other[name] for name, values in case.items() if name in other)


def _trimmed(case: Mapping[str, Values], choices: Mapping[str, tuple[str | None, ...]]) -> dict[str, Values]:
    return {name: case[name] for name in choices if name in case and case[name] != frozenset(choices[name])}


def _union(
    left: dict[str, Values], right: dict[str, Values], choices: Mapping[str, tuple[str | None, ...]]
) -> dict[str, Values] | None:
    """The union of two cases where that is a case again."""
    differing = [name for name in {**left, **right} if left.get(name) != right.get(name)]
    if not differing:
        return left
    if all(_within(left.get(name), right.get(name)) for name in differing):
        return right
    if all(_within(right.get(name), left.get(name)) for name in differing):
        return left
    if len(differing) > 1:
        return None
    name = differing[0]
    return _trimmed({**left, name: left[name] | right[name]}, choices)


def _within(small: Values | None, large: Values | None) -> bool:
    return large is None or (small is not None and small <= large)


def _clause(name: str, values: Values, every: tuple[str | None, ...], *, sensitive: bool) -> str:
    if sensitive:
        return f"{name} is {'not ' if None in values else ''}{SENSITIVE}"
    these = [_word(value) for value in every if value is not None and value in values]
    others = [_word(value) for value in every if value is not None and value not in values]
    listed = None not in every  # else any other value is one that is not in these
    if None in values or (listed and len(these) > max(3, len(others))):
        return f"{name} is {'not' if len(others) == 1 else 'neither'} {' nor '.join(others)}"
    return f"{name} is {' or '.join(these)}"


def _word(value: str) -> str:
    return value if value.strip() else "empty"
