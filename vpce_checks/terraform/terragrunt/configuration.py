"""One Terragrunt file as one unit sees it: its blocks and attributes, each evaluated on demand.

What a block means is said in the module of its name: ``include``, ``dependency``, ``feature`` ...
https://terragrunt.gruntwork.io/docs/reference/hcl/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, MapValue, Unknown, Value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import Mark
from vpce_checks.terraform.lang.scope import Scope
from vpce_checks.terraform.syntax.structure import Attribute, Block, blocks_of
from vpce_checks.terraform.terragrunt.component import Injected
from vpce_checks.terraform.terragrunt.functions import functions_of
from vpce_checks.terraform.terragrunt.include import Include, read_include
from vpce_checks.terraform.terragrunt.names import value_of
from vpce_checks.terraform.terragrunt.sessions import LazyItems

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.reading import Reading


class Configuration:
    """The file at ``path``. ``directory`` is what ``get_terragrunt_dir()`` says in it: its own, or that of the file
    which includes it by ``include``. What is ``injected`` is a part of the file only."""

    def __init__(
        self, reading: Reading, path: str, directory: str, include: Include | None, injected: Injected | None = None
    ) -> None:
        self.reading = reading
        self.path = path
        self.directory = directory
        self.included_by = include
        self.body = reading.body(path) if injected is None else injected.body
        self.session = reading.sessions.open(path)
        self.session.functions = functions_of(self if injected is None else injected.stack)
        self.scope = Scope(self.session, self.named, {})
        self._injected = injected
        self._computed: dict[object, Value] = {}
        self._marks: dict[object, Mark] = {}  # of those values
        self._includes: tuple[Include, ...] | None = None

    # -- what is written in it -----------------------------------------------------------------------------------

    @cached_property
    def locals(self) -> Mapping[str, Attribute]:
        """The local values."""
        found: dict[str, Attribute] = {}
        for block in blocks_of(self.body, "locals"):
            found.update(block.body.attributes)
        return found

    def labelled(self, type: str) -> Mapping[str, Block]:
        """The blocks of one type by their label."""
        return {block.labels[0]: block for block in self.body.blocks if block.type == type and len(block.labels) == 1}

    def block(self, type: str) -> Block | None:
        """The only block of a type."""
        return next((block for block in self.body.blocks if block.type == type), None)

    def unread(self) -> Unknown | None:
        """Why there may be more in this file than what was read."""
        found = next(self.reading.errors(self.path), None)
        if found is None:
            return None
        reason = f"{os.path.basename(self.path)} could not be read in full"
        return Unknown((Cause(reason, Span(found.file, found.line)),))

    # -- what it includes ----------------------------------------------------------------------------------------

    @property
    def includes(self) -> tuple[Include, ...]:
        """The ``include`` blocks. What is included itself may include nothing."""
        if self._includes is None:
            self._includes = ()  # an include path that uses include sees none
            self._includes = tuple(read_include(self, block) for block in blocks_of(self.body, "include"))
        return self._includes

    def included(self, include: Include) -> Configuration | None:
        """The file of an include that has a path."""
        assert include.path is not None
        return self.reading.configuration(include.path, self.directory, include)

    @property
    def is_main(self) -> bool:
        """Whether it is the unit's own file."""
        return self.included_by is None and self.path == self.reading.main and self.directory == self.reading.home

    def with_includes(self) -> Iterator[Configuration]:
        """This file, then those merged into it, the last one first: what comes first wins."""
        if self.is_main and self.reading.over is not None:
            yield self.reading.over
        yield self
        for include in reversed(self.includes):
            if include.path is not None and include.is_merged:
                included = self.included(include)
                if included is not None:
                    yield included

    # -- values --------------------------------------------------------------------------------------------------

    def named(self, name: str, span: Span) -> Value:
        """What a name in an expression stands for. Raises EvalError if it stands for nothing."""
        if self._injected is not None and name != "dependency":
            return self._injected.stack.named(name, span)
        return value_of(self, name, span)

    def argument(self, block: Block, name: str) -> Value:
        """An argument of a block, null where it is not set."""
        attribute = block.body.attributes.get(name)
        return None if attribute is None else self.evaluated(attribute)

    def evaluated(self, attribute: Attribute) -> Value:
        """What an attribute of this file is worth. Never raises."""
        compute = partial(evaluate, attribute.expr, self.scope)
        return self.once(("attribute", id(attribute)), compute, attribute.name, attribute.span)

    def members(self, names: Iterable[str], compute: Callable[[str], Value]) -> MapValue:
        """An object of what is in this file. It may have more, if the file could not be read in full."""
        return MapValue(self.lazy(names, compute), rest=self.unread())

    def lazy(self, names: Iterable[str], compute: Callable[[str], Value]) -> LazyItems:
        """Items of an object, each computed when it is asked for."""
        return LazyItems(self.reading.sessions, names, compute)

    def once(self, key: object, compute: Callable[[], Value], name: str, span: Span) -> Value:
        """A value that is computed on first use; unknown where it refers to itself or is refused."""
        if key not in self._computed:
            mark = self.session.settle(self._computed, key, compute, name, span)
            if mark is not None:
                self._marks[key] = mark
        if self._marks:
            self.reading.sessions.note_mark(self._marks.get(key))
        return self._computed[key]

    def mark_of(self, key: object) -> Mark:
        """The mark of what was computed under ``key``."""
        return self._marks.get(key)
