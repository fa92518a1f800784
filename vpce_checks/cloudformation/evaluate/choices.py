"""Choices that are made at deployment, and the walk through every possible combination of those that matter.

A network is built many times. Whenever the result depends on a choice ("is Environment prod?"), the build asks
:class:`Choices`. It gives one answer, remembers the fork, and gives the other answer in a later build. So only choices
that the network depends on are tried, across nested stacks too.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from math import prod
from typing import TypeVar

from vpce_checks.base.record import field, mutable, record
from vpce_checks.cloudformation.template.constraints import ANYTHING, Constraints
from vpce_checks.model.scenario import Scenario, Values
from vpce_checks.model.sensitive import Labels

Built = TypeVar("Built")

EARLY_BUILDS = 32
HOPELESS = 10_000
"""After so many builds, their share of the tree of all forks shows how many combinations there will be. With more than
this, the walk ends."""


class Interrupted(Exception):
    """Not a defect: this build ends here, and the walk through the combinations goes on."""


class TooManyCombinations(Interrupted):
    """There are more combinations than the limit."""


class CannotDeploy(Interrupted):
    """CloudFormation refuses the template with the choices made so far."""


class _StartAgain(Interrupted):
    """The default of a choice was used, but a condition depends on the choice."""


@record
class Choice:
    """Something that is chosen at deployment: a parameter, or a pseudo parameter.

    ``allowed`` lists all values that it can have (None: too many to list). ``default`` is its value if nobody sets it.
    ``constraints`` say which values are impossible. ``known`` lists all values of a choice that has no other ones today,
    if they are too many to try (regions). With ``sensitive``, reports must not show its values.

    A choice may follow from another one (``follows``), as the partition follows from the region: ``derive`` returns its
    value for a value of the other one (None: unknown). With ``is_part``, it is a part of the text of the other one.

    With ``compares``, it is whether two other choices have the same value: "true" or "false".
    """

    name: str
    allowed: tuple[str, ...] | None = None
    default: str | None = None
    constraints: Constraints = ANYTHING
    sensitive: bool = False
    known: tuple[str, ...] = ()
    follows: Choice | None = None
    derive: Callable[[str], str | None] = field(default=str, compare=False)
    is_part: bool = False
    compares: tuple[Choice, Choice] | None = None

    def admits(self, value: str) -> bool | None:
        """Return whether ``value`` is possible. None if that is unknown."""
        if self.allowed is not None:
            return value in self.allowed
        if value == self.default:
            return True
        if self.is_part and self.follows is not None:
            return self.follows.constraints.admit_part(value)
        return self.constraints.admit(value)


@mutable
class _Limits:
    """The values that are left of a choice: ``values``, or with None everything except ``excluded``."""

    values: tuple[str, ...] | None
    excluded: tuple[str, ...] = ()

    def allow(self, value: str) -> bool:
        """Return whether ``value`` is left."""
        return value not in self.excluded if self.values is None else value in self.values


@mutable
class _Fork:
    """A question, its answers, and the position of the answer that is being tried."""

    answers: tuple[bool | str, ...]
    at: int = 0


@mutable
class Choices:
    """The values of choices in the current combination. While ``frozen``, no further fork is made.

    With ``thorough``, details are decided too (see ``quietly``); without, ``held`` says that one of them was left open.
    ``assumed`` has the values that are assumed for the moment, by the names of their choices.
    """

    limit: int
    thorough: bool = False
    held: bool = False
    frozen: bool = False
    assumed: tuple[tuple[str, str], ...] = ()
    sensitive: set[str] = field(default_factory=set)  # the names of choices that were compared with a sensitive value
    labels: Labels = field(default_factory=Labels)
    _known: dict[str, Choice] = field(default_factory=dict)
    _limits: dict[str, _Limits] = field(default_factory=dict)
    _followers: dict[str, dict[str, Choice]] = field(default_factory=dict)
    _compared: dict[str, Choice] = field(default_factory=dict)
    _trail: list[_Fork] = field(default_factory=list)
    _step: int = 0
    _used: set[str] = field(default_factory=set)  # the choices of which the default was used
    _asked: set[str] = field(default_factory=set)
    _is_detail: bool = False
    _noted: dict[str, Choice] | None = None

    def walk(self, build: Callable[[], Built]) -> list[tuple[dict[str, _Limits], Built]]:
        """Return the result of ``build`` in every combination that can be deployed.

        Raises TooManyCombinations after ``limit`` builds, or earlier if there will be far more.
        """
        outcomes: list[tuple[dict[str, _Limits], Built]] = []
        builds, share = 0, 0.0
        while True:
            builds += 1
            if builds > self.limit or (builds > EARLY_BUILDS and builds / share > HOPELESS):
                raise TooManyCombinations
            self._limits, self._step, self._used, self.frozen = {}, 0, set(), False
            self._followers.clear()
            self._compared.clear()
            try:
                built = build()
                outcomes.append((self._limits, built))
            except CannotDeploy:
                pass
            except _StartAgain:
                outcomes.clear()
                self._trail.clear()
                builds, share = 0, 0.0
                continue
            del self._trail[self._step :]
            share += prod((1 / len(fork.answers) for fork in self._trail), start=1.0)
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
        """The names of the choices that the current combination limits, itself or by what follows from them or compares them."""
        found: set[str] = set()
        pending = list(self._limits)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                choice = self._known[name]
                from_ = (choice.follows, *(choice.compares or ()))
                pending += [each.name for each in from_ if each is not None]
        return frozenset(found)

    @property
    def state(self) -> Hashable:
        """Everything that the value of an expression rests on: equal for equal values."""
        limits = tuple((name, each.values, each.excluded) for name, each in self._limits.items())
        return self.frozen, self.assumed, limits

    def value(self, choice: Choice) -> str | None:
        """Return the value, if only one is left. Otherwise return None."""
        if self._noted is not None:
            self._noted[choice.name] = choice
        left = self.left(choice)
        return left[0] if left is not None and len(left) == 1 else None

    def left(self, choice: Choice) -> tuple[str, ...] | None:
        """Return the values that are left. None means every value that is not excluded."""
        limits = self._limits_of(choice)
        if limits.values is None or len(limits.values) == 1 or choice.name not in self._followers:
            return limits.values
        return tuple(value for value in limits.values if self._fits(choice, value)) or limits.values

    def may_be(self, choice: Choice, value: str) -> bool:
        """Return whether ``value`` is left, as far as that is known."""
        return self._limits_of(choice).allow(value) and choice.admits(value) is not False and self._fits(choice, value)

    def default(self, choice: Choice) -> str | None:
        """Return the default, for a use that no condition depends on. None if there is no default or it is excluded."""
        if choice.default is None:
            return None
        if choice.name in self._asked:
            return choice.default if self.equals(choice, choice.default) else None
        if not self._limits_of(choice).allow(choice.default):
            return None
        self._used.add(choice.name)
        return choice.default

    def equals(self, choice: Choice, value: str) -> bool | None:
        """Return whether ``value`` is chosen. Fork if both are possible.

        None if that needs a fork while frozen, or if it is unknown whether ``value`` is possible.
        """
        limits = self._limits_of(choice)
        admitted = limits.allow(value) and choice.admits(value)
        if admitted is False:
            return False
        chosen, other = _Limits((value,)), _without(limits, (value,))
        if not self._is_possible(choice, chosen):
            return False
        if other.values != () and self._is_possible(choice, other):
            if self.frozen or admitted is None:
                self.hold()
                return None
            self._ask(choice)
            answers = (False, True) if choice.default not in (None, value) else (True, False)
            if not self._fork(answers):
                chosen = other
        elif admitted is None:
            return None
        self._limits[choice.name] = chosen
        return chosen is not other

    def pick(self, choice: Choice) -> str | None:
        """Fork into every value that is left. None while frozen, or if too many are possible to list."""
        values = self.left(choice)
        if values is None or not self.split(choice, [(value,) for value in values]):
            return None
        return self.value(choice)

    def split(self, choice: Choice, groups: Iterable[tuple[str, ...]], *, or_others: bool = False) -> bool:
        """Fork into groups of values. The value is in one of them, or, with ``or_others``, in none.

        Return False, and do nothing, while frozen or if it is unknown whether one of the values is possible. Raises
        CannotDeploy if no value is possible.
        """
        limits = self._limits_of(choice)
        every = [tuple(value for value in group if limits.allow(value)) for group in groups]
        if any(choice.admits(value) is None for group in every for value in group):
            return False
        possible = [_Limits(tuple(value for value in group if choice.admits(value))) for group in every]
        if or_others:
            possible.append(_without(limits, tuple(value for group in every for value in group)))
        possible = [group for group in possible if group.values != () and self._is_possible(choice, group)]
        if not possible:
            raise CannotDeploy
        if self.frozen:
            self.hold()
            return False
        if len(possible) > 1:
            self._ask(choice)
            if choice.default is not None:
                possible.sort(key=lambda group: not group.allow(choice.default or ""))
            possible = [possible[int(self._fork(tuple(map(str, range(len(possible))))))]]
        self._limits[choice.name] = possible[0]
        return True

    def keep(self, choice: Choice, values: tuple[str, ...]) -> None:
        """Limit ``choice`` to ``values``, without a fork. Raises CannotDeploy if there are none."""
        if not values:
            raise CannotDeploy
        if choice.name in self._limits:
            self._limits[choice.name] = _Limits(values)

    def _ask(self, choice: Choice) -> None:
        """Note that a condition depends on ``choice``. Start again if its default was assumed before."""
        self._asked.add(choice.name)
        if choice.name in self._used:
            raise _StartAgain

    def _is_possible(self, choice: Choice, limits: _Limits) -> bool:
        """Return whether ``choice`` can be limited to ``limits``, by what it follows from and by what follows from it."""
        if choice.follows is None and choice.name not in self._followers and not choice.known and not self._compared:
            return True
        first = choice
        while first.follows is not None:
            first = self._known[first.follows.name]
        before = self._limits.get(choice.name)
        self._limits[choice.name] = limits
        try:
            here = self._limits_of(first)
            candidates = here.values if here.values is not None else first.known
            fits = not candidates or any(here.allow(value) and self._fits(first, value) for value in candidates)
            return fits and all(map(self._holds, self._compared.values()))
        finally:
            if before is None:
                del self._limits[choice.name]
            else:
                self._limits[choice.name] = before

    def _holds(self, comparison: Choice) -> bool:
        """Return whether two compared choices can still be as the comparison was decided."""
        answer = self._limits.get(comparison.name)
        if answer is None or answer.values is None or len(answer.values) > 1 or comparison.compares is None:
            return True
        both = [self._limits_of(choice).values for choice in comparison.compares]
        values = [left[0] if left is not None and len(left) == 1 else None for left in both]
        if None not in values:
            return (values[0] == values[1]) is (answer.values[0] == "true")
        if answer.values[0] == "false":
            return True
        return all(
            value is None or self.may_be(other, value)
            for value, other in zip(values, reversed(comparison.compares), strict=True)
        )

    def _fits(self, choice: Choice, value: str) -> bool:
        """Return whether everything that follows from ``choice`` can be what follows from ``value``."""
        for follower in self._followers.get(choice.name, {}).values():
            derived = follower.derive(value)
            limits = self._limits.get(follower.name)
            if derived is not None and not (limits is None or limits.allow(derived)):
                return False
            if derived is not None and not self._fits(follower, derived):
                return False
        return True

    @contextmanager
    def assuming(self, choice: Choice, value: str) -> Iterator[None]:
        """Assume inside the block that ``value`` is chosen. No fork is made there."""
        before, limits, frozen = self.assumed, self._limits, self.frozen
        self.assumed, self.frozen = (*before, (choice.name, value)), True
        self._limits = {**limits, choice.name: _Limits((value,))}
        try:
            yield
        finally:
            self.assumed, self._limits, self.frozen = before, limits, frozen

    @contextmanager
    def freezing(self, *, freeze: bool = True) -> Iterator[None]:
        """Make no fork inside the block (if ``freeze``). What depends on an open choice is unknown there."""
        before = self.frozen
        self.frozen = before or freeze
        try:
            yield
        finally:
            self.frozen = before

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Make no fork inside the block, unless this walk is ``thorough``: few verdicts depend on what is decided there."""
        before = self._is_detail
        self._is_detail = not self.thorough
        try:
            with self.freezing(freeze=not self.thorough):
                yield
        finally:
            self._is_detail = before

    @contextmanager
    def noting(self) -> Iterator[dict[str, Choice]]:
        """Collect the choices whose values are asked for inside the block, by their names."""
        before, self._noted = self._noted, {}
        try:
            yield self._noted
        finally:
            self._noted = before

    def hold(self) -> None:
        """Note that something is left open because no fork is made, if a thorough walk would decide it."""
        self.held = self.held or self._is_detail

    def _limits_of(self, choice: Choice) -> _Limits:
        self._known.setdefault(choice.name, choice)
        if choice.follows is not None:
            self._followers.setdefault(choice.follows.name, {}).setdefault(choice.name, choice)
            self._limits_of(choice.follows)
        if choice.compares is not None:
            self._compared.setdefault(choice.name, choice)
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
            cases = tuple(_case(combination, choices) for combination in group)
            yield Scenario(cases, choices, sensitive, any(map(self._is_default, group)))

    def _is_default(self, combination: dict[str, _Limits]) -> bool:
        """Return whether ``combination`` can be what is deployed if nobody sets a parameter that has a default."""
        defaults = {name: self._known[name].default for name in combination}
        return all(default is None or combination[name].allow(default) for name, default in defaults.items())


def _without(limits: _Limits, values: tuple[str, ...]) -> _Limits:
    if limits.values is None:
        return _Limits(None, (*limits.excluded, *values))
    return _Limits(tuple(value for value in limits.values if value not in values))


def _case(combination: dict[str, _Limits], choices: dict[str, tuple[str | None, ...]]) -> dict[str, Values]:
    return {
        name: frozenset(limits.values if limits.values is not None else set(choices[name]) - set(limits.excluded))
        for name, limits in combination.items()
    }
