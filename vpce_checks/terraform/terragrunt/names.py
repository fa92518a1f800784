"""What names stand for in a Terragrunt file: ``local``, ``include``, ``dependency``, ``feature`` and ``values``; in a stack also
``unit`` and ``stack``.

https://terragrunt.gruntwork.io/docs/reference/hcl/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vpce_checks.files import tracked
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Opaque, Value, unknown
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.dependency import dependencies
from vpce_checks.terraform.terragrunt.feature import features
from vpce_checks.terraform.terragrunt.file_names import STACK_DIRECTORY, STACK_FILE, VALUES_FILE
from vpce_checks.terraform.terragrunt.include import included
from vpce_checks.terraform.terragrunt.local import local_values
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def value_of(configuration: Configuration, name: str, span: Span) -> Value:
    """What ``name`` stands for in a file. Raises EvalError if Terragrunt has no such name."""
    if name in ("unit", "stack") and os.path.basename(configuration.path) == STACK_FILE:
        return _components(configuration, name)
    known = _NAMES.get(name)
    if known is None:
        raise EvalError(f"Terragrunt has no {name!r} here", span)
    return configuration.once(("name", name), lambda: known(configuration), name, span)


def _values(configuration: Configuration) -> Value:
    """``values``: those that a stack gives to the unit, or that it has written beside the unit's file."""
    reading = configuration.reading
    if reading.component.values is not None:
        return reading.component.values
    path = os.path.join(os.path.dirname(reading.main), VALUES_FILE)
    if tracked.is_file(path, reading.files.places):
        attributes = reading.body(path).attributes
        return MapValue(configuration.lazy(attributes, lambda name: configuration.evaluated(attributes[name])))
    return unknown("values come from the stack that the unit is part of", Span(configuration.path, 1))


def _components(configuration: Configuration, type: str) -> Value:
    """``unit`` and ``stack`` in a stack: where each of its components will be."""
    blocks = configuration.labelled(type)

    def component(label: str) -> Value:
        made = made_in(configuration, blocks[label], configuration.directory)
        if made is None:
            return MapValue({"path": unknown(f"the path of {type} {label!r} is not known", blocks[label].header)})
        return MapValue({"path": made})

    return configuration.members(blocks, component)


def made_in(stack: Configuration, block: Block, home: str) -> str | None:
    """The directory of the component that ``block`` makes in the stack in ``home``; None if that is unknown."""
    path, plain = stack.argument(block, "path"), stack.argument(block, "no_dot_terragrunt_stack")
    if not isinstance(path, str) or isinstance(plain, Opaque) or "\0" in path:  # no file can be called so
        return None
    return os.path.normpath(os.path.join(home, *([] if plain is True else [STACK_DIRECTORY]), path))


_NAMES: Mapping[str, Callable[[Configuration], Value]] = {
    "local": local_values,
    "include": included,
    "dependency": dependencies,
    "feature": features,
    "values": _values,
}
