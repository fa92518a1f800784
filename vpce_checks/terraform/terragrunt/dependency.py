"""``dependency`` and ``dependencies``: the other units that a unit waits for, and what it takes of their outputs.

    dependency "vpc" {
      config_path = "../vpc"
    }

    inputs = {
      vpc_id = dependency.vpc.outputs.vpc_id
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#dependency
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, PartialString, Unknown, Value, unknown
from vpce_checks.terraform.syntax.ast import GetAttr, Name, Node
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.expressions import nodes_of

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def dependencies(configuration: Configuration) -> Value:
    """``dependency``: those of a file, of what it includes, and of what includes it."""
    reading = configuration.reading
    parts = list(configuration.with_includes())
    child = reading.configuration(reading.main, reading.home)
    if child is not None and configuration.included_by is not None:
        parts += child.with_includes()
    owners: dict[str, Configuration] = {}
    for part in parts:
        for name in part.labelled("dependency"):
            owners.setdefault(name, part)
    return configuration.members(owners, lambda name: _dependency(owners[name], name))


def _dependency(configuration: Configuration, name: str) -> Value:
    """``dependency.name``: its outputs are those of the unit, whatever ``mock_outputs`` say."""
    block = configuration.labelled("dependency")[name]

    def compute() -> Value:
        target = _target(configuration, block)
        items = configuration.lazy(("outputs",), lambda key: _outputs(configuration, block, target))
        return MapValue(items)

    return configuration.once(("dependency", id(block)), compute, name, block.header)


def _outputs(configuration: Configuration, block: Block, target: str | Unknown) -> Value:
    name = block.labels[0]
    if configuration.argument(block, "enabled") not in (None, True):
        return unknown(f"dependency {name!r} is not enabled", block.header)
    if configuration.argument(block, "skip_outputs") not in (None, False):
        return unknown(f"dependency {name!r} skips outputs", block.header)
    if isinstance(target, Unknown):
        return target
    return configuration.reading.outputs(target, block.header)


def _target(configuration: Configuration, block: Block) -> str | Unknown:
    """The directory of the unit that a ``dependency`` block names."""
    path = configuration.argument(block, "config_path")
    if isinstance(path, str):
        found = configuration.reading.files.place(configuration.directory, path)
        return os.path.dirname(found) if found.endswith((".hcl", ".hcl.json")) else found
    causes = path.causes if isinstance(path, Opaque | PartialString) else ()
    return Unknown((Cause(f"config_path of dependency {block.labels[0]!r} is not known", block.header), *causes))


def waited_for(configuration: Configuration) -> Iterator[str | Opaque]:
    """Yield the directories of the units that a unit waits for, by its blocks. One may not be known."""
    for part in configuration.with_includes():
        for block in part.labelled("dependency").values():
            yield _target(part, block)
        order = part.block("dependencies")
        paths = part.argument(order, "paths") if order is not None else None
        if isinstance(paths, ListValue):
            for path in paths.items:
                if isinstance(path, str):
                    yield part.reading.files.place(configuration.directory, path)
        if isinstance(paths, Opaque):
            yield paths


def asks_for_undeclared(configuration: Configuration) -> bool:
    """Whether a unit uses a ``dependency`` for which no block was read."""
    parts = list(configuration.with_includes())
    declared = {name for part in parts for name in part.labelled("dependency")}
    asked = {name for part in parts for node in nodes_of(part.body) if (name := _dependency_name(node))}
    return not asked <= declared


def _dependency_name(node: Node) -> str | None:
    if isinstance(node, GetAttr) and isinstance(node.object, Name) and node.object.name == "dependency":
        return node.name
    return None
