"""The units that a ``terragrunt.stack.hcl`` makes, read as if they had been generated.

Only those that come from the same repository: what comes from elsewhere is told, and not read.
https://terragrunt.gruntwork.io/docs/features/stacks/explicit
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vpce_checks.base.redact import redact_address
from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.files.tracked import Footprint
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import ListValue, MapValue, Value, unknown
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.configuration import Configuration, Injected, Reading
from vpce_checks.terraform.terragrunt.file_names import STACK_DIRECTORY, STACK_FILE
from vpce_checks.terraform.terragrunt.files import VALUES_FILE, TerragruntFiles
from vpce_checks.terraform.terragrunt.sources import is_elsewhere, local_path

MAX_DEPTH = 12
"""How deep stacks may hold stacks."""

MAX_UNITS = 2_000
"""How many units one stack may make."""

MAX_STACKS = 60
"""How many stacks one stack may hold, at all depths. Stacks that hold stacks multiply."""


class StackUnit(NamedTuple):
    """A unit that is to be generated in ``directory``, of the ``file`` of another one, with these ``values`` (None: those
    beside the file) and what is ``injected``."""

    directory: str
    file: str
    values: Value
    injected: Injected | None = None


class OpaquePart(NamedTuple):
    """A unit or stack of the stack in ``home`` that is not read for ``reason``. It belongs into ``directory``, where that
    is known, and gets ``values``."""

    name: str
    home: str
    directory: str
    values: Value
    reason: str
    span: Span
    over_bounds: bool = False

    def may_depend_on(self, unit: str) -> bool:
        """Whether it may depend on the unit in the directory ``unit``: one of the same stack, or named by its values."""
        if is_within(unit, self.home):
            return True
        return any(os.path.normpath(os.path.join(self.directory, text)) == unit for text in _texts(self.values))


class Stack(NamedTuple):
    """What a stack makes, by directory, what is not read of it, and which other stacks it consists of (their files)."""

    units: dict[str, StackUnit]
    diagnostics: tuple[Diagnostic, ...]
    parts: tuple[str, ...] = ()
    opaque: tuple[OpaquePart, ...] = ()


class Stacks:
    """The stacks of one repository, each read once."""

    def __init__(self, files: TerragruntFiles, options: TerraformOptions, loader: ModuleLoader) -> None:
        self._files = files
        self._options = options
        self._loader = loader
        self._read: dict[str, tuple[Stack, Footprint]] = {}

    def read(self, directory: str) -> Stack:
        """The stack whose file is in ``directory``."""
        kept = self._read.get(directory)
        if kept is None or (tracked.is_recording() and not kept[1]):
            with tracked.recording(tracked.is_recording()) as seen:
                stack = Stack({}, ())
                self._read[directory] = (stack, {})  # should it hold itself
                for each in self._units(directory, os.path.join(directory, STACK_FILE), None, 0):
                    if isinstance(each, OpaquePart):
                        message = f"{each.name} is not scanned: {each.reason}"
                        told = Diagnostic(
                            "error" if each.over_bounds else "warning", message, each.span.file, each.span.line
                        )
                        stack = stack._replace(opaque=(*stack.opaque, each), diagnostics=(*stack.diagnostics, told))
                    elif isinstance(each, str):
                        stack = stack._replace(parts=(*stack.parts, each))
                    elif isinstance(each, Diagnostic):
                        stack = stack._replace(diagnostics=(*stack.diagnostics, each))
                    else:
                        stack.units[each.directory] = each
                    if len(stack.units) > MAX_UNITS or len(stack.parts) > MAX_STACKS:
                        stack = _cut(stack, directory)
                        break
            kept = self._read[directory] = (stack, seen)
        else:
            tracked.remember(kept[1])
        return kept[0]

    def unit(self, directory: str) -> StackUnit | None:
        """The unit that a stack makes in ``directory``. One that it made earlier is replaced with the next run."""
        if self._files.has_unit(directory) and not _is_generated(directory):
            return None
        boundary = self._files.boundary
        above = directory
        while above != boundary and is_within(above, boundary):
            above = os.path.dirname(above)
            if tracked.is_file(os.path.join(above, STACK_FILE), self._files.places):
                found = self.read(above).units.get(directory)
                if found is not None:
                    return found
        return None

    def whole(self, directories: Iterable[str]) -> Stack:
        """What the stacks in ``directories`` make together. One of which another one consists makes nothing by itself."""
        read = {self._files.place(each, STACK_FILE): self.read(each) for each in directories}
        parts = {file for stack in read.values() for file in stack.parts}
        whole = [stack for file, stack in read.items() if file not in parts]
        units = {directory: unit for stack in whole for directory, unit in stack.units.items()}
        told = tuple(dict.fromkeys(item for stack in whole for item in stack.diagnostics))
        return Stack(units, told, tuple(parts), tuple(each for stack in whole for each in stack.opaque))

    def _units(
        self, home: str, file: str, values: Value, depth: int, without: frozenset[tuple[str, str]] = frozenset()
    ) -> Iterator[StackUnit | OpaquePart | Diagnostic | str]:
        """The units of the stack in ``file`` that belongs into the directory ``home``, but for the components ``without``."""

        def no_outputs(directory: str, span: Span) -> Value:
            return unknown("a stack has no outputs", span)

        reading = Reading(home, self._options, self._loader, self._files, no_outputs, main=file, values=values)
        stack = reading.configuration(file, home)
        if stack is None:
            return
        for block in stack.body.blocks:
            if _is_component(block) and (block.type, block.labels[0]) not in without:
                yield from self._block(stack, home, block, depth)
        yield from reading.diagnostics

    def _block(
        self, stack: Configuration, home: str, block: Block, depth: int
    ) -> Iterator[StackUnit | OpaquePart | Diagnostic | str]:
        source, values = stack.argument(block, "source"), stack.argument(block, "values")
        made_in = stack.made_in(block, home)
        directory = home if made_in is None else made_in

        def unread(reason: str, over_bounds: bool = False) -> OpaquePart:
            name = f"{block.type} {block.labels[0]!r}"
            given = MapValue({}) if values is None else values
            return OpaquePart(name, home, directory, given, reason, block.header, over_bounds)

        if not isinstance(source, str) or made_in is None:
            yield unread("its source or path is not known")
            return
        if any(inner.type == "expansion" for inner in block.body.blocks):
            yield unread("it is made several times")
            return
        is_unit = block.type == "unit"
        made = self._files.unit_name(directory) if is_unit else STACK_FILE
        is_there = tracked.is_file(os.path.join(directory, made), self._files.places)
        if is_there and not (is_unit and _is_generated(directory) and not is_elsewhere(source)):
            return  # it is found like any other
        if is_elsewhere(source):
            yield unread(f"{redact_address(source)} is not in the repository (terragrunt stack generate fetches it)")
            return
        template = os.path.join(home, local_path(source))
        name = self._files.unit_name(template) if is_unit else STACK_FILE
        file = self._files.place(template, name)
        if is_there and not tracked.is_file(file, self._files.places):
            return
        if not tracked.is_file(file, self._files.places):
            yield unread(f"there is no {name} in {source}")
            return
        if not is_within(directory, self._files.boundary):
            yield unread("its path leads out of the repository")
            return
        if values is None and not tracked.is_file(os.path.join(os.path.dirname(file), VALUES_FILE), self._files.places):
            values = MapValue({})
        auto = next((inner for inner in block.body.blocks if inner.type == "autoinclude"), None)
        if is_unit:
            yield StackUnit(directory, file, values, None if auto is None else Injected(auto.body, stack, auto.header))
        elif depth >= MAX_DEPTH:
            yield unread(f"stacks are nested deeper than {MAX_DEPTH}", over_bounds=True)
        else:
            yield file
            injected = [] if auto is None else [each for each in auto.body.blocks if _is_component(each)]
            without = frozenset((each.type, each.labels[0]) for each in injected)
            yield from self._units(directory, file, values, depth + 1, without)
            for each in injected:
                yield from self._block(stack, directory, each, depth + 1)


def _is_generated(directory: str) -> bool:
    return STACK_DIRECTORY in directory.split(os.sep)


def _is_component(block: Block) -> bool:
    return block.type in ("unit", "stack") and len(block.labels) == 1


def _cut(stack: Stack, home: str) -> Stack:
    """A stack that makes more than is read."""
    span = Span(os.path.join(home, STACK_FILE), 1)
    reason = f"this stack makes more than {MAX_UNITS:,} units or {MAX_STACKS} stacks"
    opaque = OpaquePart("the rest of the stack", home, home, MapValue({}), reason, span, over_bounds=True)
    told = Diagnostic("error", f"{reason}; the others are not read", span.file, span.line)
    return stack._replace(opaque=(*stack.opaque, opaque), diagnostics=(*stack.diagnostics, told))


def _texts(value: Value) -> Iterator[str]:
    """Every text in a value."""
    pending, seen = [value], set[int]()
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, MapValue | ListValue) and id(each) not in seen:
            seen.add(id(each))
            pending.extend(each.items.values() if isinstance(each, MapValue) else each.items)


def read_stacks(directories: Iterable[str], boundary: str) -> Stack:
    """What the stacks in ``directories`` make, as far as that does not depend on how they are scanned."""
    return Stacks(TerragruntFiles(boundary), TerraformOptions(boundary), ModuleLoader(boundary)).whole(directories)


def makes_unit(directory: str, boundary: str) -> bool:
    """Whether a stack makes a unit in ``directory``, where there is none yet."""
    stacks = Stacks(TerragruntFiles(boundary), TerraformOptions(boundary), ModuleLoader(boundary))
    return stacks.unit(directory) is not None
