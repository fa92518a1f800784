"""The files of one unit or stack, each read once, within bounds; and what was asked of other units meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property

from vpce_checks.files import tracked
from vpce_checks.model.relabel import in_value
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import MapValue, Unknown, Value, opaque_parts
from vpce_checks.terraform.config.module import ModuleOutputs
from vpce_checks.terraform.syntax.structure import Body
from vpce_checks.terraform.terragrunt.component import Component
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.file_names import AUTOINCLUDE_FILE, UNIT_FILES
from vpce_checks.terraform.terragrunt.include import Include
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.sessions import LazyItems, Sessions
from vpce_checks.terraform.terragrunt.surroundings import Surroundings

MAX_CONFIGURATIONS = 400
"""How many files the evaluation of one unit may read."""


class Reading:
    """The files of a ``component`` of a ``repository``. It asks its ``surroundings`` for the outputs of other units."""

    def __init__(self, component: Component, repository: Repository, surroundings: Surroundings) -> None:
        self.component = component
        self.files = repository.files
        self.options = repository.options
        self.sessions = Sessions(repository.options, repository.loader)
        self.has_asked = False  # for outputs of other units
        self.has_doubts = False  # as some of those outputs are not known
        self._surroundings = surroundings
        self._asked: dict[str, Value] = {}
        self._configurations: dict[tuple[str, str, str | None], Configuration] = {}
        self._shown: dict[Configuration, set[Configuration]] = {}
        self._read: dict[str, tuple[Diagnostic, ...]] = {}

    @property
    def home(self) -> str:
        """The directory of the unit."""
        return self.component.directory

    @property
    def main(self) -> str:
        """The path of the unit's own file."""
        return self.component.file

    # -- files ---------------------------------------------------------------------------------------------------

    @property
    def own(self) -> Configuration | None:
        """The unit's own file."""
        return self.configuration(self.main, self.home)

    def configuration(self, path: str, directory: str, include: Include | None = None) -> Configuration | None:
        """The file at ``path`` as one that is included by, or is, the configuration in ``directory``. None when there
        were too many."""
        key = (path, directory, include.path if include is not None else None)
        found = self._configurations.get(key)
        if found is None:
            if len(self._configurations) >= MAX_CONFIGURATIONS:
                message = f"this unit reads more than {MAX_CONFIGURATIONS} files; this one is not read"
                self._read.setdefault(path, (Diagnostic("error", message, path),))
                return None
            found = self._configurations[key] = Configuration(self, path, directory, include)
        return found

    @cached_property
    def over(self) -> Configuration | None:
        """What is merged over the unit's own file: what its stack injects, or the file in which a stack wrote that."""
        injected = self.component.injected
        if injected is not None:
            include = Include("autoinclude", injected.stack.path, "shallow", expose=False, span=injected.span)
            return Configuration(self, injected.stack.path, self.home, include, injected)
        path = os.path.join(os.path.dirname(self.main), AUTOINCLUDE_FILE)
        if os.path.basename(self.main) not in UNIT_FILES or not tracked.is_file(path, self.files.places):
            return None
        return self.configuration(
            path, self.home, Include("autoinclude", path, "shallow", expose=False, span=Span(path, 1))
        )

    def body(self, path: str) -> Body:
        """What is in a file."""
        parsed = self.files.read(path)
        self._read[path] = parsed.diagnostics
        return parsed.body

    @property
    def read(self) -> tuple[str, ...]:
        """The files that were read."""
        return tuple(path for path in self._read if tracked.is_file(path, self.files.places))

    def may_show(self, shown: Configuration, to: Configuration) -> bool:
        """Whether ``shown`` may be a value in ``to``: not if it consists of that. It is remembered that it is one."""
        pending, seen = [shown], {shown}
        while pending:
            for each in self._shown.get(pending.pop(), ()):
                if each not in seen:
                    seen.add(each)
                    pending.append(each)
        if to in seen:
            return False
        self._shown.setdefault(to, set()).add(shown)
        return True

    # -- other units ---------------------------------------------------------------------------------------------

    def outputs(self, directory: str, span: Span) -> Value:
        """The outputs of the unit in a directory."""
        self.has_asked = True
        if directory not in self._asked:
            self._asked[directory] = self._outputs_of(directory, span)
        return self._asked[directory]

    def _outputs_of(self, directory: str, span: Span) -> Value:
        outputs = self._surroundings.outputs(directory, span)
        if not isinstance(outputs, MapValue):
            self.has_doubts = self.has_doubts or isinstance(outputs, Unknown)
            return outputs

        rename = self._surroundings.seen(directory)

        def output(name: str) -> Value:
            value: Value = in_value(outputs.items[name], rename)
            unknowns = (part for part in opaque_parts(value) if isinstance(part, Unknown))
            if any(part.type not in ("bool", "number") for part in unknowns):
                self.has_doubts = True
            if isinstance(outputs.items, ModuleOutputs):
                self.sessions.note_mark(outputs.items.mark_of(name))
            return value

        return MapValue(LazyItems(self.sessions, outputs.items, output), rest=outputs.rest)

    # -- problems ------------------------------------------------------------------------------------------------

    def errors(self, path: str) -> Iterator[Diagnostic]:
        """The errors in one file that was read."""
        return (item for item in self._read.get(path, ()) if item.severity == "error")

    @property
    def broken(self) -> Iterator[Diagnostic]:
        """The errors in files that were read."""
        return (item for path in self._read for item in self.errors(path))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything reported, once each."""
        found = dict.fromkeys(item for items in self._read.values() for item in items)
        found.update(dict.fromkeys(self.sessions.diagnostics))
        return tuple(found)
