"""Which units depend on which, over a whole repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from vpce_checks.files import tracked
from vpce_checks.files.tracked import Footprint
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Value
from vpce_checks.terraform.terragrunt.component import Component, unit_in
from vpce_checks.terraform.terragrunt.dependency import asks_for_undeclared, waited_for
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.stack import OpaquePart
from vpce_checks.terraform.terragrunt.stacks import Stacks
from vpce_checks.terraform.terragrunt.surroundings import Surroundings, unknown_outputs
from vpce_checks.terraform.terragrunt.unit import Unit
from vpce_checks.terraform.terragrunt.unit_directories import unit_directories


class _Dependence(NamedTuple):
    """The units that depend on each, those that may depend on any, and what of stacks is not read."""

    dependents: dict[str, set[str]]
    open_units: set[str]
    opaque: tuple[OpaquePart, ...]


class Dependents:
    """Which units depend on which. That is found out once for a repository, whoever asks first."""

    def __init__(self) -> None:
        self._known: tuple[_Dependence, Footprint] | None = None

    def of(self, directories: Iterable[str], repository: Repository) -> list[str]:
        """The units that depend, or may depend, on one in ``directories``, directly or not, sorted."""
        dependence = self._dependence(repository)
        found = set(dependence.open_units)
        pending = [*directories, *found]
        while pending:
            for each in dependence.dependents.get(pending.pop(), ()):
                if each not in found:
                    found.add(each)
                    pending.append(each)
        return sorted(found)

    def directly(self, directory: str, repository: Repository) -> set[str]:
        """The units that depend, or may depend, on the one in ``directory``."""
        dependence = self._dependence(repository)
        return (dependence.dependents.get(directory, set()) | dependence.open_units) - {directory}

    def opaque(self, directories: Iterable[str], repository: Repository) -> list[OpaquePart]:
        """What of stacks is not read, and may depend on a unit in ``directories``."""
        units = list(directories)
        opaque = self._dependence(repository).opaque
        return [each.under(repository.options) for each in opaque if any(map(each.may_depend_on, units))]

    def _dependence(self, repository: Repository) -> _Dependence:
        kept = self._known
        if kept is None or (tracked.is_recording() and not kept[1]):
            with tracked.recording(wanted=tracked.is_recording()) as seen:
                found = _dependence_in(repository)
            kept = self._known = (found, seen)
        else:
            tracked.remember(kept[1])
        return kept[0]


def _dependence_in(repository: Repository) -> _Dependence:
    dependents: dict[str, set[str]] = {}
    open_units: set[str] = set()
    holders: list[str] = []
    directories = list(unit_directories(repository.files.boundary, holders))
    stacks = Stacks(repository)
    whole = stacks.whole(holders)
    for directory in (*directories, *whole.units):
        targets = _dependencies_of(stacks.unit(directory) or unit_in(directory, repository.files), repository)
        if targets is None:
            open_units.add(directory)
        for target in targets or ():
            dependents.setdefault(target, set()).add(directory)
    return _Dependence(dependents, open_units, whole.opaque)


def _dependencies_of(component: Component, repository: Repository) -> set[str] | None:
    """The directories of the units on which a unit depends, by its blocks or by what it asks for.

    None where it may depend on any: a path is not known or that of a stack, or something could not be read. A template
    depends on nothing.
    """
    found: set[str] = set()

    def outputs(target: str, span: Span) -> Value:
        found.add(target)
        return unknown_outputs(target, span)

    unit = Unit(component, repository, Surroundings(outputs))
    if unit.is_template:
        return found
    if unit.may_have_more and asks_for_undeclared(unit.configuration):
        return None
    for target in waited_for(unit.configuration):
        if not isinstance(target, str) or repository.files.has_stack(target):
            return None
        found.add(target)
    unit.read_inputs()
    return found - {component.directory}
