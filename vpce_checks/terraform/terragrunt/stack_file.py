"""What a ``terragrunt.stack.hcl`` makes, read as if it had been generated.

    unit "vpc" {
      source = "../../units/vpc"
      path   = "vpc"
      values = { cidr = "10.0.0.0/16" }
    }

Only what comes from the same repository is read. What comes from elsewhere is reported.
https://terragrunt.gruntwork.io/docs/features/stacks/explicit
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from vpce_checks.base.record import record, replace
from vpce_checks.base.redact import redact_address
from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.model.network import Call
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import MapValue, PartialString, Value, pattern, unknown
from vpce_checks.terraform.sources.locate import named_module
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.component import Component, Injected
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.expressions import needs_values
from vpce_checks.terraform.terragrunt.file_names import STACK_DIRECTORY, STACK_FILE, VALUES_FILE
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.names import made_in
from vpce_checks.terraform.terragrunt.reading import Reading
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.sources import is_elsewhere, local_path
from vpce_checks.terraform.terragrunt.stack import Level, OpaquePart, Stack, not_scanned
from vpce_checks.terraform.terragrunt.surroundings import Surroundings

MAX_DEPTH = 12
"""How deep stacks may hold stacks."""

MAX_UNITS = 2_000
"""How many units one stack may make."""

MAX_STACKS = 60
"""How many stacks one stack may hold, at all depths. Stacks that hold stacks multiply."""


@record
class _StackWithin:
    """A stack of which another one consists, read from ``file``."""

    file: str


_Made = Component | OpaquePart | _StackWithin | Diagnostic
"""What comes of a stack: a unit, something that is not read, a stack whose own components follow, and what is said of them."""


def read_stack(directory: str, repository: Repository) -> Stack:
    """The stack whose file is in ``directory``."""
    units: dict[str, Component] = {}
    diagnostics: list[Diagnostic] = []
    parts: list[str] = []
    opaque: list[OpaquePart] = []
    top = Level(directory, directory, (), _is_template(directory, repository.files))
    stack = Component(directory, os.path.join(directory, STACK_FILE))
    for made in _made_by_stack(stack, top, repository):
        if isinstance(made, Component):
            units[made.directory] = made
        elif isinstance(made, OpaquePart):
            opaque.append(made)
            if made.over_bounds:
                diagnostics.append(not_scanned(made, "error"))
        elif isinstance(made, _StackWithin):
            parts.append(made.file)
        else:
            diagnostics.append(made)
        if len(units) > MAX_UNITS or len(parts) > MAX_STACKS:
            opaque.append(_rest_of(directory))
            diagnostics.append(_rest_is_not_read(opaque[-1]))
            break
    return Stack(units, tuple(diagnostics), tuple(parts), tuple(opaque))


def _rest_of(home: str) -> OpaquePart:
    """What a stack makes beyond the bounds."""
    span = Span(os.path.join(home, STACK_FILE), 1)
    reason = f"this stack makes more than {MAX_UNITS:,} units or {MAX_STACKS} stacks"
    level = Level(home, home)
    return OpaquePart(STACK_FILE, "file", level, home, MapValue({}), STACK_FILE, reason, span, over_bounds=True)


def _rest_is_not_read(rest: OpaquePart) -> Diagnostic:
    return Diagnostic("error", f"{rest.reason}; the others are not read", rest.span.file, rest.span.line)


def _is_template(directory: str, files: TerragruntFiles) -> bool:
    """Whether the stack in ``directory`` cannot be generated before another one gives it values."""
    if tracked.is_file(os.path.join(directory, VALUES_FILE), files.places):
        return False
    file = files.read(files.place(directory, STACK_FILE))
    return file.mentions_values and any(needs_values(block.body) for block in file.body.blocks)


def _made_by_stack(
    component: Component, level: Level, repository: Repository, without: frozenset[tuple[str, str]] = frozenset()
) -> Iterator[_Made]:
    """What a stack makes, but for the components ``without`` (type and name)."""
    reading = Reading(component, repository, Surroundings(_no_outputs))
    stack = reading.own
    if stack is None:
        return
    for block in stack.body.blocks:
        if _is_component(block) and (block.type, block.labels[0]) not in without:
            yield from _made_by_block(_evaluated(block, stack, level), stack, repository)
    yield from reading.diagnostics


def _no_outputs(directory: str, span: Span) -> Value:
    return unknown("a stack has no outputs", span)


def _is_component(block: Block) -> bool:
    return block.type in ("unit", "stack") and len(block.labels) == 1


@record
class _ComponentBlock:
    """A ``unit`` or ``stack`` block of a stack at ``level``, and what its arguments are worth. ``made_in`` is the directory of
    the component, None if that is not known."""

    block: Block
    level: Level
    source: Value
    values: Value
    made_in: str | None

    @property
    def is_unit(self) -> bool:
        """Whether it makes a unit."""
        return self.block.type == "unit"

    @property
    def address(self) -> str:
        """What it is called in the whole stack."""
        return self.level.address(self.block.type, self.block.labels[0])

    @property
    def autoinclude(self) -> Block | None:
        """The block with what is laid over the component."""
        return next((inner for inner in self.block.body.blocks if inner.type == "autoinclude"), None)

    def file_name(self, directory: str, files: TerragruntFiles) -> str:
        """What the file of such a component is called in ``directory``."""
        return files.unit_name(directory) if self.is_unit else STACK_FILE

    def unread(self, reason: str, *, over_bounds: bool = False) -> OpaquePart:
        """The component as one that is not read."""
        shown = pattern(self.source) if isinstance(self.source, str | PartialString) else None
        return OpaquePart(
            self.address,
            self.block.type,
            self.level,
            self.level.home if self.made_in is None else self.made_in,
            MapValue({}) if self.values is None else self.values,
            redact_address(shown or "?"),
            reason,
            self.block.span,
            over_bounds,
        )


def _evaluated(block: Block, stack: Configuration, level: Level) -> _ComponentBlock:
    source, values = stack.argument(block, "source"), stack.argument(block, "values")
    return _ComponentBlock(block, level, source, values, made_in(stack, block, level.home))


def _made_by_block(written: _ComponentBlock, stack: Configuration, repository: Repository) -> Iterator[_Made]:
    """What one block makes, ``stack`` being the file that it is written in."""
    files = repository.files
    source, directory = written.source, written.made_in
    if not isinstance(source, str) or directory is None:
        yield written.unread("its source or path is not known")
        return
    if any(inner.type == "expansion" for inner in written.block.body.blocks):
        yield written.unread("it is made several times")
        return
    is_there = tracked.is_file(os.path.join(directory, written.file_name(directory, files)), files.places)
    is_made_anew = written.is_unit and is_generated(directory) and not is_elsewhere(source)
    if is_there and not is_made_anew:
        return  # it is found like any other
    template = _template_at(source, written.level.home, repository)
    if template is None:
        yield written.unread("").from_elsewhere(source).under(repository.options)
        return
    name = written.file_name(template, files)
    file = files.place(template, name)
    if not tracked.is_file(file, files.places):
        if not is_there:
            yield written.unread(f"there is no {name} in {source}")
    elif not is_within(directory, files.boundary):
        yield written.unread("its path leads out of the repository")
    else:
        component = Component(directory, file, _values(written, file, files))
        yield from _made_of(component, written, stack, repository)


def _template_at(source: str, home: str, repository: Repository) -> str | None:
    """The directory of what a component is copied from. None if that is not in the repository, nor where the command line says."""
    if not is_elsewhere(source):
        return os.path.join(home, local_path(source))
    named = named_module(source, repository.options.unit_sources)
    is_here = (
        named is not None and named.directory is not None and is_within(named.directory, repository.files.boundary)
    )
    return named.directory if named is not None and is_here else None


def _values(written: _ComponentBlock, file: str, files: TerragruntFiles) -> Value:
    """What a component is given: by its block, or in a file beside its own."""
    beside = os.path.join(os.path.dirname(file), VALUES_FILE)
    if written.values is None and not tracked.is_file(beside, files.places):
        return MapValue({})
    return written.values


def _made_of(
    component: Component, written: _ComponentBlock, stack: Configuration, repository: Repository
) -> Iterator[_Made]:
    """A unit, or all that a stack in a stack makes."""
    auto = written.autoinclude
    if written.is_unit:
        injected = None if auto is None else Injected(auto.body, stack, auto.header)
        yield replace(component, injected=injected)
        return
    level = written.level
    if len(level.calls) >= MAX_DEPTH:
        yield written.unread(f"stacks are nested deeper than {MAX_DEPTH}", over_bounds=True)
        return
    yield _StackWithin(component.file)
    added = [] if auto is None else [each for each in auto.body.blocks if _is_component(each)]
    without = frozenset((each.type, each.labels[0]) for each in added)
    call = Call(written.address, written.block.span)
    inner = level._replace(home=component.directory, calls=(*level.calls, call))
    yield from _made_by_stack(component, inner, repository, without)
    for each in added:
        yield from _made_by_block(_evaluated(each, stack, inner), stack, repository)


def is_generated(directory: str) -> bool:
    """Whether a directory is one that ``terragrunt stack generate`` makes, and makes anew."""
    return STACK_DIRECTORY in directory.split(os.sep)
