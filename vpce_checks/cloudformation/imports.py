"""``Fn::ImportValue`` across the templates of one scan.

An import is followed if exactly one export of the scan can be meant: by its whole name, or, where names hold a stack's
name or a parameter, by everything else in them (``${Network}-VPC`` can only be what is exported as
``${AWS::StackName}-VPC``).
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import NamedTuple

from vpce_checks.cloudformation.choices import CannotDeploy, Choices
from vpce_checks.cloudformation.intrinsics import evaluate
from vpce_checks.cloudformation.nodes import Mapping, Node, Sequence, entry
from vpce_checks.cloudformation.stack import DISPLAY, Stack, TooCostly, World
from vpce_checks.cloudformation.templates import TemplateSet
from vpce_checks.values import PartialString, Value, pattern

MAX_LINKED = 12
"""How many templates that import from each other are read as one."""

MIN_LITERAL = 3
"""How many characters of a partly known name must be certain for it to be matched."""


class Export(NamedTuple):
    """An exported output: the root template, the way down to the nested stack, its name there, the exported name."""

    root: str
    way: tuple[str, ...]
    output: str
    name: Value


class ImportIndex:
    """Who imports from whom among the root templates of a scan."""

    def __init__(self, templates: TemplateSet) -> None:
        self._templates = templates

    @cached_property
    def _stacks(self) -> dict[str, list[Stack]]:
        """Every root's stacks, evaluated without any choice made."""
        found: dict[str, list[Stack]] = {}
        documents = [template for path in self._templates.files if (template := self._templates.template(path))]
        if not any("ImportValue" in template.document.text for template in documents):
            return found
        for path in self._templates.roots:
            template = self._templates.template(path)
            if template is not None:
                choices = Choices(1)
                choices.frozen = True
                try:
                    root = Stack(World(choices, self._templates), template)
                    found[path] = [root, *_below(root)]
                except (TooCostly, RecursionError, CannotDeploy):
                    continue
        return found

    @cached_property
    def _exports(self) -> list[Export]:
        return [
            Export(path, _way(stack), output, name)
            for path, stacks in self._stacks.items()
            for stack in stacks
            for output, name, _ in exports_of(stack)
        ]

    def exporter(self, name: Value, importer: str) -> Export | None:
        """The only export that ``name``, imported by a stack of the root ``importer``, can be."""
        fitting = [export for export in self._exports if export.root != importer and _fits(name, export.name)]
        return fitting[0] if len(fitting) == 1 else None

    @cached_property
    def _neighbours(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        if not self._exports:
            return found
        for path, stacks in self._stacks.items():
            for stack in stacks:
                if "ImportValue" not in stack.template.document.text:
                    continue
                for node in _imports(stack.template.body):
                    export = self.exporter(evaluate(stack, node, DISPLAY), path)
                    if export is not None:
                        found.setdefault(path, set()).add(export.root)
                        found.setdefault(export.root, set()).add(path)
        return found

    def linked(self, root: str) -> list[str]:
        """The other roots with which ``root`` shares exports, directly or through each other, nearest first."""
        found = [root]
        for path in found:
            found += sorted(self._neighbours.get(path, set()) - set(found))
        return found[1:MAX_LINKED]


def label_of(path: str, root: str) -> str:
    """What addresses in the template ``path`` begin with in reports on the root ``root``."""
    return os.path.relpath(path, os.path.dirname(root)).replace(os.sep, "/") + ":"


def exports_of(stack: Stack) -> list[tuple[str, Value, Mapping]]:
    """Every exported output of a stack: its name, the exported name, the output."""
    section = stack.template.section("Outputs")
    found: list[tuple[str, Value, Mapping]] = []
    for output, (_, node) in stack.entries(section).items() if section is not None else ():
        name = entry(node, "Export", "Name")
        if name is not None and isinstance(node, Mapping):
            found.append((output, evaluate(stack, name, DISPLAY), node))
    return found


def _below(stack: Stack) -> list[Stack]:
    return [found for _, child in stack.children() for found in (child, *_below(child))]


def _way(stack: Stack) -> tuple[str, ...]:
    return tuple(call.address.rsplit("/", 1)[-1] for call in stack.calls)


def _imports(body: Node) -> list[Node]:
    """The names imported anywhere in a tree."""
    found: list[Node] = []
    pending: list[Node] = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            name = node.entries.get("Fn::ImportValue")
            if name is not None:
                found.append(name)
            pending += node.entries.values()
    return found


def _fits(wanted: Value, offered: Value) -> bool:
    """Whether an imported name can be the exported one, and says enough to be held for it."""
    if isinstance(wanted, str) and isinstance(offered, str):
        return wanted == offered
    if isinstance(wanted, PartialString) and isinstance(offered, PartialString):
        return _literal(wanted) >= MIN_LITERAL and pattern(wanted) == pattern(offered)
    known, partial = (wanted, offered) if isinstance(wanted, str) else (offered, wanted)
    if not isinstance(known, str) or not isinstance(partial, PartialString) or _literal(partial) < MIN_LITERAL:
        return False
    first, last = partial.parts[0], partial.parts[-1]
    return (
        len(known) > _literal(partial)
        and (not isinstance(first, str) or known.startswith(first))
        and (not isinstance(last, str) or known.endswith(last))
        and all(part in known for part in partial.parts if isinstance(part, str))
    )


def _literal(name: PartialString) -> int:
    return sum(len(part) for part in name.parts if isinstance(part, str))
