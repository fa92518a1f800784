"""What is around a unit: the other units, and the other roots of the repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.model.relabel import Rename, same_address
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Value, unknown

if TYPE_CHECKING:
    from vpce_checks.model.outside import Outside

Outputs = Callable[[str, Span], Value]
"""What the unit in a directory gives to those that depend on it; the place is that of the dependency."""

Seen = Callable[[str], Rename]
"""Returns how a unit calls what is in the unit in a directory."""


def _as_there(directory: str) -> Rename:
    return same_address


def _by_directory(directory: str) -> str:
    return directory


def unknown_outputs(directory: str, span: Span) -> Value:
    """The outputs of any unit, for a unit that is looked at by itself."""
    return unknown("the outputs of another unit", span)


@record
class Surroundings:
    """``outputs`` answers for the units that a unit depends on, ``seen`` says how it calls what is in them, and ``module_of``
    what it calls the whole module of one. ``label`` is what addresses in the unit itself begin with.

    ``outside`` are the other roots. ``is_later``: the unit is deployed after those that it is looked at with.
    """

    outputs: Outputs = unknown_outputs
    seen: Seen = _as_there
    module_of: Callable[[str], str] = _by_directory
    label: str = ""
    outside: Outside | None = None
    is_later: bool = False
