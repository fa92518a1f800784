"""A stack: what its file makes, and what of that is not read.

https://terragrunt.gruntwork.io/docs/features/stacks/explicit
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, NamedTuple

from vpce_checks.files.containment import is_within
from vpce_checks.model.network import Call
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import ListValue, MapValue, Value
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.sources.locate import named_module
from vpce_checks.terraform.terragrunt.component import Component

_ELSEWHERE = "it is not in the repository and not generated (terragrunt stack generate would fetch it)"
_HARMLESS = "the policy says that it creates no endpoints"


class Level(NamedTuple):
    """Where a stack stands: ``top`` is the directory of the one that holds it in the end, ``home`` its own, ``calls`` lead
    from the first to the second. ``is_template`` says that it cannot be generated before it gets values."""

    top: str
    home: str
    calls: tuple[Call, ...] = ()
    is_template: bool = False

    def address(self, type: str, name: str) -> str:
        """What the component ``name`` of this stack is called in the whole stack."""
        return ".".join((*(call.address for call in self.calls[-1:]), type, name))


class OpaquePart(NamedTuple):
    """A unit or stack of a stack that is not read for ``reason``: its address in the whole stack (``stack.net.unit.vpc``), and
    which of the two it is. It belongs into ``directory``, where that is known, and gets ``values``. ``elsewhere`` is its source
    as written, if that is in another repository. ``harmless``: the policy says that it creates no endpoints."""

    address: str
    type: str
    level: Level
    directory: str
    values: Value
    source: str
    reason: str
    span: Span
    over_bounds: bool = False
    elsewhere: str = ""
    harmless: bool = False

    def from_elsewhere(self, source: str) -> OpaquePart:
        """The same as one whose ``source`` is in another repository."""
        return self._replace(elsewhere=source, reason=_ELSEWHERE)

    def under(self, options: TerraformOptions) -> OpaquePart:
        """The same as the policy of ``options`` has it. It may have been read under another one."""
        if not self.elsewhere:
            return self
        named = named_module(self.elsewhere, options.module_sources)
        is_harmless = named is not None and named.directory is None
        return self._replace(harmless=is_harmless, reason=_HARMLESS if is_harmless else _ELSEWHERE)

    @property
    def is_placed(self) -> bool:
        """Whether it is known where it belongs."""
        return self.directory != self.level.home

    @property
    def is_unread(self) -> bool:
        """Whether it is code of its stack that was not read. A template deploys nothing."""
        return not self.harmless and not self.level.is_template

    def may_depend_on(self, unit: str) -> bool:
        """Whether it may depend on the unit in the directory ``unit``: one of the same stack, or named by its values."""
        if is_within(unit, self.level.home):
            return True
        return any(os.path.normpath(os.path.join(self.directory, text)) == unit for text in _texts(self.values))


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


def not_scanned(part: OpaquePart, severity: Literal["error", "warning"]) -> Diagnostic:
    """Return the diagnostic for a part that was not read. Beside it there may be a finding."""
    return Diagnostic(severity, f"{part.address} is not scanned: {part.reason}", part.span.file, part.span.line)


class Stack(NamedTuple):
    """The units that a stack makes, by directory, what is not read of it, and the files of the stacks that it consists of."""

    units: dict[str, Component]
    diagnostics: tuple[Diagnostic, ...]
    parts: tuple[str, ...] = ()
    opaque: tuple[OpaquePart, ...] = ()

    @property
    def unread(self) -> tuple[OpaquePart, ...]:
        """What is reported as code that was not read."""
        return tuple(each for each in self.opaque if each.is_unread)
