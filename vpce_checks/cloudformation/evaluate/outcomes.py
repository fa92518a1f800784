"""Fork into groups of values that give the same outcome, instead of into each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from vpce_checks.cloudformation.evaluate.choices import CannotDeploy, Choice, Choices
from vpce_checks.model.values import same

MAX_LISTED_VALUES = 64
"""How many values of a choice are tried to find their outcomes."""

MAX_OUTCOMES = 8
"""How many different outcomes one expression may have. With more, its value is unknown and one of them."""


class Decided(NamedTuple):
    """``outcome`` is that of the values that are left, None if more must be decided first."""

    outcome: Any


def split_by_outcome(
    choices: Choices,
    choice: Choice,
    values: Iterable[str],
    outcome: Callable[[], object],
    *,
    or_others: bool = False,
) -> Decided | None:
    """Fork into groups of ``values`` of ``choice`` with the same outcome. None if that is not possible.

    ``outcome`` is called while a value is assumed; None means that more must be decided first. Values that CloudFormation
    refuses (CannotDeploy) are left out. With ``or_others``, any other value is possible too.
    """
    groups: list[tuple[object, list[str]]] = []
    for value in values:
        with choices.assuming(choice, value):
            try:
                found = outcome()
            except CannotDeploy:
                continue
        alike = [members for other, members in groups if found is not None and same(other, found)]
        if alike:
            alike[0].append(value)
        else:
            groups.append((found, [value]))
    if len(groups) > MAX_OUTCOMES or not choices.split(
        choice, [tuple(members) for _, members in groups], or_others=or_others
    ):
        return None
    left = choices.left(choice)
    return Decided(next((found for found, members in groups if left and left[0] in members), None))
