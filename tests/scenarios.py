"""Scenarios made by hand."""

from __future__ import annotations

from collections.abc import Mapping

from vpce_checks.model.scenario import Scenario


def scenario(choices: Mapping[str, str], **values: str) -> Scenario:
    """The scenario in which each choice has the value given. ``choices`` names all values of each, parted by blanks."""
    case = {name: frozenset({value}) for name, value in values.items()}
    return Scenario((case,), {name: tuple(options.split()) for name, options in choices.items()})
