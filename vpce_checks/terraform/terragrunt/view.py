"""The units of a repository, as they are seen from one of them."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from vpce_checks.files import tracked
from vpce_checks.model.network import NetworkObject
from vpce_checks.model.outside import Outside
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Reference, Value, unknown
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.terragrunt.component import unit_in
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.stacks import Stacks
from vpce_checks.terraform.terragrunt.surroundings import Surroundings
from vpce_checks.terraform.terragrunt.unit import Unit
from vpce_checks.terraform.terragrunt.unit_labels import UnitLabels
from vpce_checks.terraform.terragrunt.unit_objects import unit_objects


class Deployed(NamedTuple):
    """What a unit deploys, the modules that it consists of, what is said of it, and the files of Terragrunt that it reads."""

    objects: tuple[NetworkObject, ...]
    modules: tuple[Module, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...]


class View:
    """The units of a repository, each made once. They call each other by ``labels``. Those in ``later`` are deployed after what
    the view is about. ``outside`` answers what the units look for in other roots and in inventories."""

    def __init__(
        self, repository: Repository, later: frozenset[str] = frozenset(), outside: Outside | None = None
    ) -> None:
        self.labels = UnitLabels(is_joined=outside is not None and outside.group is not None)
        self._repository = repository
        self._files = repository.files
        self._stacks = Stacks(repository)
        self._later = later
        self._outside = outside
        self._units: dict[str, Unit] = {}
        self._asked: dict[str, set[str]] = {}
        self._deployed: dict[str, Deployed] = {}
        self._under_way: set[str] = set()

    def unit(self, directory: str) -> Unit:
        """The unit in ``directory``."""
        if directory not in self._units:
            made = self._stacks.unit(directory)
            component = unit_in(directory, self._files) if made is None else made
            self._units[directory] = Unit(component, self._repository, self._surroundings(directory))
        return self._units[directory]

    def _surroundings(self, directory: str) -> Surroundings:
        return Surroundings(
            outputs=partial(self._outputs, directory),
            seen=partial(self.labels.seen, directory),
            module_of=partial(self.labels.module, directory),
            label=self.labels.own(directory),
            outside=None if self._outside is None else self._outside.at(directory),
            is_later=directory in self._later,
        )

    def deployed(self, directory: str) -> Deployed:
        """What the unit in ``directory`` deploys."""
        if directory not in self._deployed:
            self._under_way.add(directory)
            try:
                self._deployed[directory] = _deployed_by(self.unit(directory))
            finally:
                self._under_way.discard(directory)
        return self._deployed[directory]

    # -- dependencies --------------------------------------------------------------------------------------------

    def upstream(self, directory: str) -> set[str]:
        """The units whose outputs the one in ``directory`` has asked for, or one of those, and so on."""
        found: set[str] = set()
        pending = [directory]
        while pending:
            more = self._asked.get(pending.pop(), set()) - found
            found |= more
            pending += more
        return found

    def _outputs(self, seer: str, directory: str, span: Span) -> Value:
        """The outputs of the unit in ``directory``, for a dependency of the one in ``seer`` at ``span``."""
        if tracked.place_of(directory, self._files.places) is None:
            return unknown("a dependency outside the scanned repository", span)
        if not self._files.has_unit(directory) and self._stacks.unit(directory) is None:
            return self._outputs_of_no_unit(seer, directory, span)
        self._asked.setdefault(seer, set()).add(directory)
        if directory not in self._under_way and not self.unit(directory).waits_for_itself:
            # First, so that what is said of it does not depend on who asks for its outputs. Its own build reports errors.
            with suppress(Exception):
                self.deployed(directory)
        return self.unit(directory).outputs(span, self.labels.module(seer, directory))

    def _outputs_of_no_unit(self, seer: str, directory: str, span: Span) -> Value:
        """What a dependency gives that leads to a stack, or to something that was not read."""
        shown = os.path.relpath(directory, self._files.boundary)
        if self._files.has_stack(directory):
            return unknown(f"the outputs of all units of the stack in {shown}, which are not followed", span)
        part = self._stacks.opaque_part(directory)
        if part is None:
            return unknown(f"there is no unit in {shown}", span)
        name = self.labels.module(seer, directory)
        cause = Cause(f"the outputs of {name} are not known: {part.reason}", span)
        return Reference(name, (), "module", (cause,))


def _deployed_by(unit: Unit) -> Deployed:
    modules: list[Module] = []
    objects = tuple(unit_objects(unit, modules))
    with suppress(Exception):  # what is wrong with them is said where the network needs them
        unit.read_inputs()
    return Deployed(objects, tuple(modules), unit.diagnostics, tuple(unit.reading.read))
