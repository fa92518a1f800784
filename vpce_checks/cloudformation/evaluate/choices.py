"""Choices that are made at deployment, and the walk through every possible combination of those that matter.

A network is built many times. Whenever the result depends on a choice ("is Environment prod?"), the build asks
:class:`Choices`. It gives one answer, remembers the fork, and gives the other answer in a later build. So only choices
that the network depends on are tried, across nested stacks too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TypeVar

from vpce_checks.base.record import field, mutable, record
from vpce_checks.model.scenario import Scenario, Values
from vpce_checks.model.sensitive import Labels

Built = TypeVar("Built")


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def parse_number(text: str) -> Decimal | None:
    """Return the number that ``text`` is for a parameter of the type Number: an integer or a decimal, perhaps with an
    exponent.

    None for anything else. ``NaN``, ``Infinity`` and digits of other scripts are numbers only in Python.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


class Interrupted(Exception):
    """Not a defect: this build ends here, and the walk through the combinations goes on."""


class TooManyCombinations(Interrupted):
    """There are more combinations than the limit."""


class CannotDeploy(Interrupted):
    """CloudFormation refuses the template with the choices made so far."""


class _StartAgain(Interrupted):
    """A choice was assumed to have its default, but a condition depends on it."""


@record
class Choice:
    """Something that is chosen at deployment: a parameter, or a pseudo parameter.

    ``allowed`` has all values that it can have (None: any value). ``default`` is its value if nobody sets it. Texts
    shorter than ``min_length`` and numbers outside of ``minimum`` and ``maximum`` are impossible. With ``sensitive``,
    reports must not show its values.
    """

    name: str
    allowed: tuple[str, ...] | None = None
    default: str | None = None
    min_length: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    numeric: bool = False
    sensitive: bool = False

    def admits(self, value: str) -> bool:
        """Return whether ``value`` is possible."""
        if self.allowed is not None:
            return value in self.allowed
        if value == self.default:
            return True
        if len(value) < self.min_length:
            return False
        if self.numeric:
            number = parse_number(value)
            return number is not None and not (
                (self.minimum is not None and number < self.minimum)
                or (self.maximum is not None and number > self.maximum)
            )
        return True


@mutable
class _Limits:
    """The values that are left of a choice: ``values``, or with None everything except ``excluded``."""

    values: tuple[str, ...] | None
    excluded: tuple[str, ...] = ()


@mutable
class _Fork:
    """A question, its answers, and the position of the answer that is being tried."""

    answers: tuple[bool | str, ...]
    at: int = 0


@mutable
class Choices:
    """The values of choices in the current combination. While ``frozen``, no further fork is made."""

    limit: int
    frozen: bool = False
    sensitive: set[str] = field(default_factory=set)  # the names of choices that were compared with a sensitive value
    labels: Labels = field(default_factory=Labels)
    _known: dict[str, Choice] = field(default_factory=dict)
    _limits: dict[str, _Limits] = field(default_factory=dict)
    _trail: list[_Fork] = field(default_factory=list)
    _step: int = 0
    _assumed: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)

    def walk(self, build: Callable[[], Built]) -> list[tuple[dict[str, _Limits], Built]]:
        """Return the result of ``build`` in every combination that can be deployed.

        Raises TooManyCombinations after ``limit`` builds.
        """
        outcomes: list[tuple[dict[str, _Limits], Built]] = []
        builds = 0
        while True:
            builds += 1
            if builds > self.limit:
                raise TooManyCombinations
            self._limits, self._step, self._assumed, self.frozen = {}, 0, set(), False
            try:
                built = build()
                outcomes.append((self._limits, built))
            except CannotDeploy:
                pass
            except _StartAgain:
                outcomes.clear()
                self._trail.clear()
                builds = 0
                continue
            del self._trail[self._step :]
            while self._trail and self._trail[-1].at + 1 == len(self._trail[-1].answers):
                self._trail.pop()
            if not self._trail:
                return outcomes
            self._trail[-1].at += 1

    def known(self, name: str) -> Choice | None:
        """Return the choice called ``name``. None if no build has asked for it."""
        return self._known.get(name)

    @property
    def decided(self) -> frozenset[str]:
        """The names of the choices that the current combination limits."""
        return frozenset(self._limits)

    def value(self, choice: Choice) -> str | None:
        """Return the value, if only one is left. Otherwise return None."""
        limits = self._limits_of(choice)
        return limits.values[0] if limits.values is not None and len(limits.values) == 1 else None

    def left(self, choice: Choice) -> tuple[str, ...] | None:
        """Return the values that are left. None means every value that is not excluded."""
        return self._limits_of(choice).values

    def default(self, choice: Choice) -> str | None:
        """Return the default, for a use that no condition depends on. None if there is no default or it is excluded."""
        if choice.default is None:
            return None
        if choice.name in self._asked:
            return choice.default if self.equals(choice, choice.default) else None
        limits = self._limits_of(choice)
        if choice.default in limits.excluded or (limits.values is not None and choice.default not in limits.values):
            return None
        self._assumed.add(choice.name)
        return choice.default

    def equals(self, choice: Choice, value: str) -> bool | None:
        """Return whether ``value`` is chosen. Fork if both are possible. None if that needs a fork while frozen."""
        limits = self._limits_of(choice)
        if limits.values is not None:
            if value not in limits.values:
                return False
            if len(limits.values) == 1:
                return True
        elif value in limits.excluded or not choice.admits(value):
            return False
        if self.frozen:
            return None
        self._asked.add(choice.name)
        if choice.name in self._assumed:
            raise _StartAgain
        answers = (False, True) if choice.default not in (None, value) else (True, False)
        answer = bool(self._fork(answers))
        if answer:
            self._limits[choice.name] = _Limits((value,))
        elif limits.values is not None:
            self._limits[choice.name] = _Limits(tuple(other for other in limits.values if other != value))
        else:
            self._limits[choice.name] = _Limits(None, (*limits.excluded, value))
        return answer

    def pick(self, choice: Choice, candidates: tuple[str, ...] = ()) -> str | None:
        """Fork into every value that is left. If any value is possible, fork into ``candidates``. None while frozen."""
        limits = self._limits_of(choice)
        values = limits.values
        if values is None:
            values = tuple(value for value in candidates if value not in limits.excluded and choice.admits(value))
            if not values:
                raise CannotDeploy
        if len(values) > 1:
            if self.frozen:
                return None
            self._asked.add(choice.name)
            if choice.name in self._assumed:
                raise _StartAgain
            ordered = sorted(values, key=lambda value: value != choice.default)
            values = (str(self._fork(tuple(ordered))),)
        self._limits[choice.name] = _Limits(values)
        return values[0]

    def split(self, choice: Choice, groups: tuple[tuple[str, ...], ...]) -> None:
        """Fork into groups of values. The value is in one of them. Does nothing while frozen."""
        limits = self._limits_of(choice)
        possible = [tuple(value for value in group if self._is_left(choice, limits, value)) for group in groups]
        possible = [group for group in possible if group]
        if not possible:
            raise CannotDeploy
        if self.frozen:
            return
        if len(possible) > 1:
            self._asked.add(choice.name)
            if choice.name in self._assumed:
                raise _StartAgain
            possible.sort(key=lambda group: choice.default not in group)
            possible = [possible[int(self._fork(tuple(map(str, range(len(possible))))))]]
        self._limits[choice.name] = _Limits(possible[0])

    def _is_left(self, choice: Choice, limits: _Limits, value: str) -> bool:
        if limits.values is not None:
            return value in limits.values
        return value not in limits.excluded and choice.admits(value)

    @contextmanager
    def freezing(self, freeze: bool = True) -> Iterator[None]:
        """Make no fork inside the block (if ``freeze``). What depends on an open choice is unknown there."""
        before = self.frozen
        self.frozen = before or freeze
        try:
            yield
        finally:
            self.frozen = before

    def _limits_of(self, choice: Choice) -> _Limits:
        self._known.setdefault(choice.name, choice)
        limits = self._limits.get(choice.name)
        return limits if limits is not None else _Limits(choice.allowed)

    def _fork(self, answers: tuple[bool | str, ...]) -> bool | str:
        if self._step == len(self._trail):
            self._trail.append(_Fork(answers))
        fork = self._trail[self._step]
        self._step += 1
        return fork.answers[fork.at]

    def scenarios(self, groups: list[list[dict[str, _Limits]]]) -> Iterator[Scenario]:
        """Yield one scenario for each group of combinations."""
        every: dict[str, dict[str | None, None]] = {}
        for combination in (combination for group in groups for combination in group):
            for name, limits in combination.items():
                allowed = self._known[name].allowed
                values = every.setdefault(name, dict.fromkeys((None,) if allowed is None else allowed))
                values.update(dict.fromkeys((*(limits.values or ()), *limits.excluded)))
        choices = {name: tuple(values) for name, values in every.items()}
        sensitive = frozenset(name for name in choices if name in self.sensitive or self._known[name].sensitive)
        for group in groups:
            yield Scenario(tuple(_case(combination, choices) for combination in group), choices, sensitive)


def _case(combination: dict[str, _Limits], choices: dict[str, tuple[str | None, ...]]) -> dict[str, Values]:
    return {
        name: frozenset(limits.values if limits.values is not None else set(choices[name]) - set(limits.excluded))
        for name, limits in combination.items()
    }
