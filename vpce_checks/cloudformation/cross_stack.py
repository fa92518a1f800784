"""Follow ``Fn::ImportValue`` and stored parameters across the templates of one scan.

A template may write a value into the Parameter Store, and another may read it. That is shared like an export. An import
is followed if exactly one export of the scan matches: by its whole name or, if a name contains a stack's name or a
parameter, by the rest of it (``${Network}-VPC`` matches only the export ``${AWS::StackName}-VPC``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

from vpce_checks.base.defects import defect
from vpce_checks.cloudformation.evaluate.choices import Choices, Interrupted
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, Stack, World
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Sequence, entry
from vpce_checks.cloudformation.template.templates import Templates
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import PartialString, Value, pattern

T = TypeVar("T")

MAX_LINKED = 12
"""How many templates that import from each other are read together. A bound on time; few repositories link more."""

MIN_LITERAL = 3
"""How many characters of a partly known name must be known to match it. Fewer would match by chance."""


EXPORT = "export"
"""Shared by an exported output and ``Fn::ImportValue``."""

STORED = "stored"
"""Shared by an ``AWS::SSM::Parameter`` and a reference to it."""

LOOK_UPS = ("resolve:ssm:", "AWS::SSM::Parameter::Value<")


class Export(NamedTuple):
    """An exported output or stored parameter.

    ``root`` is the root template and ``way`` the logical IDs down to the nested stack. ``output`` is its name there,
    and ``name`` the name that it is shared by. ``kind`` is EXPORT or STORED.
    """

    root: str
    way: tuple[str, ...]
    output: str
    name: Value
    kind: str = EXPORT


class ImportIndex:
    """The exports and imports of the root templates of a scan."""

    def __init__(self, templates: Templates, roots: Iterable[str]) -> None:
        self._templates = templates
        self._roots = tuple(roots)
        self.defects: dict[str, Diagnostic] = {}  # root -> the defect that stopped us from reading its exports

    @cached_property
    def _stacks(self) -> dict[str, list[Stack]]:
        """The stacks of every root, evaluated without deciding any choice."""
        found: dict[str, list[Stack]] = {}
        documents = [template for path in self._templates.files if (template := self._templates.template(path))]
        if not any(_may_import(template.document.text) for template in documents):
            return found
        for path in self._roots:
            template = self._templates.template(path)
            if template is not None:
                choices = Choices(1)
                choices.frozen = True
                root = Stack(World(choices, self._templates), template)
                if below := self._guarded(path, lambda root=root: [root, *_descendants(root)]):  # type: ignore[misc]
                    found[path] = below
        return found

    def _guarded(self, path: str, look: Callable[[], list[T]]) -> list[T]:
        """Return what ``look`` finds in the root ``path``. A defect there does not affect other roots."""
        try:
            return look()
        except (Interrupted, RecursionError):
            return []  # its own build reports this
        except Exception as error:
            message = f"cannot determine what this template shares with others: {defect(error)}"
            self.defects[path] = Diagnostic("error", message, path, is_defect=True)
            return []

    @cached_property
    def _exports(self) -> list[Export]:
        return [
            Export(path, _way(stack), output, name, kind)
            for path, stacks in self._stacks.items()
            for stack in stacks
            for kind in (EXPORT, STORED)
            for output, name, _ in self._guarded(path, partial(shared_by, stack, kind))
        ]

    def exporter(self, name: Value, importer: str, kind: str = EXPORT) -> Export | None:
        """Return the only export that matches ``name``, which a stack of the root ``importer`` imports. None if there
        are none or several."""
        matching = [
            export
            for export in self._exports
            if export.kind == kind and export.root != importer and _matches(name, export.name)
        ]
        return matching[0] if len(matching) == 1 else None

    @cached_property
    def _neighbours(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        if not self._exports:
            return found
        for path, stacks in self._stacks.items():
            for stack in stacks:
                for name, kind in self._guarded(path, partial(_imports_of, stack)):
                    export = self.exporter(name, path, kind)
                    if export is not None:
                        found.setdefault(path, set()).add(export.root)
                        found.setdefault(export.root, set()).add(path)
        return found

    def linked(self, root: str) -> list[str]:
        """Return the other roots that share exports with ``root``, directly or through each other. The nearest come
        first."""
        found = [root]
        for path in found:
            found += sorted(self._neighbours.get(path, set()) - set(found))
        return found[1:MAX_LINKED]


def label_of(path: str, root: str) -> str:
    """Return the prefix of addresses in the template ``path``, in reports on the root ``root``."""
    return os.path.relpath(path, os.path.dirname(root)).replace(os.sep, "/") + ":"


def shared_by(stack: Stack, kind: str) -> list[tuple[str, Value, Mapping]]:
    """Return everything that a stack shares: its name there, the name that it is shared by, the mapping with its
    ``Value``."""
    if kind == EXPORT:
        return _exports_of(stack)
    if "AWS::SSM::Parameter" not in stack.template.document.text:
        return []
    found: list[tuple[str, Value, Mapping]] = []
    for id, resource in stack.resources().items():
        properties = resource.properties
        if resource.type == "AWS::SSM::Parameter" and isinstance(properties, Mapping) and "Name" in properties.entries:
            found.append((id, evaluate(stack, properties.entries["Name"], DISPLAY), properties))
    return found


def _may_import(text: str) -> bool:
    """Return whether the text of a template may use values that others share."""
    return "ImportValue" in text or any(mark in text for mark in LOOK_UPS)


def _imports_of(stack: Stack) -> list[tuple[Value, str]]:
    """Return the names of shared values that a stack uses, each with its kind."""
    text = stack.template.document.text
    found = [
        (evaluate(stack, node, DISPLAY), EXPORT)
        for node in (_import_names(stack.template.body) if "ImportValue" in text else ())
    ]
    if LOOK_UPS[0] in text:
        stack.world.stored_names = []
        for node in _stored_references(stack.template.body):
            evaluate(stack, node, DISPLAY)
        found += [(name, STORED) for name in stack.world.stored_names]
        stack.world.stored_names = None
    if LOOK_UPS[1] in text:
        found += [
            (declared.default, STORED)
            for declared in stack.template.parameters.values()
            if declared.is_stored and declared.default
        ]
    return found


def _stored_references(body: Node) -> list[Node]:
    """Return the outermost strings and functions that name a stored parameter."""
    found: list[Node] = []
    pending: list[Node] = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            if node.entries.keys() & {"Fn::Sub", "Fn::Join"}:
                found.append(node)
            else:
                pending += node.entries.values()
        elif LOOK_UPS[0] in node.text:
            found.append(node)
    return found


def _exports_of(stack: Stack) -> list[tuple[str, Value, Mapping]]:
    section = stack.template.section("Outputs")
    found: list[tuple[str, Value, Mapping]] = []
    for output, (_, node) in stack.entries(section).items() if section is not None else ():
        name = entry(node, "Export", "Name")
        if name is not None and isinstance(node, Mapping):
            found.append((output, evaluate(stack, name, DISPLAY), node))
    return found


def _descendants(stack: Stack) -> list[Stack]:
    return [found for _, child in stack.children() for found in (child, *_descendants(child))]


def _way(stack: Stack) -> tuple[str, ...]:
    return tuple(call.address.rsplit("/", 1)[-1] for call in stack.calls)


def _import_names(body: Node) -> list[Node]:
    """Return all names that a tree imports."""
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


def _matches(wanted: Value, offered: Value) -> bool:
    """Return whether an imported name can be the exported name, and enough of it is known to be sure."""
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
