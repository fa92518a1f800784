"""All stacks of a repository, and the units that they make."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.files.tracked import Footprint
from vpce_checks.terraform.lang.scope import ModuleDirectory, TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.component import Component
from vpce_checks.terraform.terragrunt.file_names import STACK_FILE
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.stack import OpaquePart, Stack
from vpce_checks.terraform.terragrunt.stack_file import is_generated, read_stack


class Stacks:
    """The stacks of one repository, each read once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._files = repository.files
        self._read: dict[str, tuple[Stack, Footprint]] = {}

    def read(self, directory: str) -> Stack:
        """The stack whose file is in ``directory``."""
        kept = self._read.get(directory)
        if kept is None or (tracked.is_recording() and not kept[1]):
            with tracked.recording(wanted=tracked.is_recording()) as seen:
                stack = read_stack(directory, self._repository)
            kept = self._read[directory] = (stack, seen)
        else:
            tracked.remember(kept[1])
        return kept[0]

    def unit(self, directory: str) -> Component | None:
        """The unit that a stack makes in ``directory``. One that it made earlier is replaced with the next run."""
        if self._files.has_unit(directory) and not is_generated(directory):
            return None
        made = (stack.units.get(directory) for stack in self._above(directory))
        return next((unit for unit in made if unit is not None), None)

    def opaque_part(self, directory: str) -> OpaquePart | None:
        """What is not read of a stack, and belongs into ``directory`` or one above it."""
        parts = (part for stack in self._above(directory) for part in stack.opaque)
        return next((part for part in parts if part.is_placed and is_within(directory, part.directory)), None)

    def _above(self, directory: str) -> Iterator[Stack]:
        """The stacks in the directories above ``directory``."""
        boundary = self._files.boundary
        above = directory
        while above != boundary and is_within(above, boundary):
            above = os.path.dirname(above)
            if tracked.is_file(os.path.join(above, STACK_FILE), self._files.places):
                yield self.read(above)

    def whole(self, directories: Iterable[str]) -> Stack:
        """What the stacks in ``directories`` make together. One of which another one consists makes nothing by itself."""
        read = {self._files.place(each, STACK_FILE): self.read(each) for each in directories}
        parts = {file for stack in read.values() for file in stack.parts}
        whole = [stack for file, stack in read.items() if file not in parts]
        units = {directory: unit for stack in whole for directory, unit in stack.units.items()}
        told = tuple(dict.fromkeys(item for stack in whole for item in stack.diagnostics))
        return Stack(units, told, tuple(parts), tuple(each for stack in whole for each in stack.opaque))


def read_stacks(directories: Iterable[str], boundary: str, sources: Iterable[tuple[str, str]] = ()) -> Stack:
    """What the stacks in ``directories`` make, as far as that does not depend on a policy. ``sources`` are the directories
    that the command line names for sources."""
    return _stacks_of(boundary, sources).whole(directories)


def makes_unit(directory: str, boundary: str, sources: Iterable[tuple[str, str]] = ()) -> bool:
    """Whether a stack makes a unit in ``directory``, where there is none yet. ``sources`` as for :func:`read_stacks`."""
    return _stacks_of(boundary, sources).unit(directory) is not None


def _stacks_of(boundary: str, sources: Iterable[tuple[str, str]]) -> Stacks:
    options = TerraformOptions(boundary, unit_sources=tuple(ModuleDirectory(*each) for each in sources))
    return Stacks(Repository(TerragruntFiles(boundary), options, ModuleLoader(boundary)))
