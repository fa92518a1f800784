"""What the source of a unit may be, where it depends on the run, and the directory of the repository that it is in some runs:
``get_env("STAGE") == "prod" ? "git::https://example.com/net.git//vpc?ref=v1" : "../modules//vpc"``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from vpce_checks.files import tracked
from vpce_checks.model.values import PartialString, Unknown, Value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.syntax.ast import Call, Conditional, Expr, GetAttr, Name, Template, TemplateWrap
from vpce_checks.terraform.syntax.structure import Attribute
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.sources import is_elsewhere, local_path

MAX_ALTERNATIVES = 64
"""The most expressions that are looked at. Nobody chooses among so many by hand."""


def local_alternative(configuration: Configuration, attribute: Attribute, directory: str) -> str | None:
    """Return the one path among the values that a ``source`` may have, if there is a directory there; None if there are
    none or several. ``directory`` is that of the unit."""
    possible = possible_sources(configuration, attribute)
    paths = {each for each in possible if isinstance(each, str) and each and not is_elsewhere(each)}
    if len(paths) != 1:
        return None
    path = paths.pop()
    place = tracked.place_of(os.path.join(directory, local_path(path)), configuration.reading.files.places)
    return path if place is not None and tracked.is_directory(place, configuration.reading.files.places) else None


def possible_sources(configuration: Configuration, attribute: Attribute) -> Iterator[str | PartialString]:
    """Yield the values that a ``source`` may have, as far as they are known."""
    value: Value = configuration.evaluated(attribute)
    if isinstance(value, str):
        yield value
        return
    possible: list[Value] = [*value.one_of] if isinstance(value, Unknown) and value.one_of else [value]
    for expr in _alternatives(configuration, attribute.expr):
        evaluated = partial(evaluate, expr, configuration.scope)
        possible.append(configuration.once(("alternative", expr), evaluated, "source", attribute.span))
    yield from (each for each in possible if isinstance(each, (str, PartialString)))


def _alternatives(configuration: Configuration, expr: Expr) -> Iterator[Expr]:
    """Yield what stands on the sides of conditionals, and what ``get_env`` gives by default, in local values as well.
    Without any of them there is nothing."""
    pending = [(expr, False)]
    for _ in range(MAX_ALTERNATIVES):
        if not pending:
            return
        node, is_chosen = pending.pop()
        if isinstance(node, TemplateWrap):
            pending.append((node.expr, is_chosen))
        elif isinstance(node, Conditional):
            pending += [(node.then, True), (node.otherwise, True)]
        elif _local(node) in configuration.locals:
            pending.append((configuration.locals[_local(node)].expr, is_chosen))
        elif isinstance(node, Call) and _default(configuration, node) is not None:
            pending.append((node.args[1], True))
        elif isinstance(node, Template) and any(_default(configuration, part) for part in node.parts):
            yield Template(tuple(_default(configuration, part) or part for part in node.parts), node.span)
        elif is_chosen:
            yield node


def _default(configuration: Configuration, node: Expr) -> Expr | None:
    """Return what ``get_env`` gives where the environment has no such variable, if ``node`` or its local value asks for one."""
    for _ in range(MAX_ALTERNATIVES):
        if isinstance(node, TemplateWrap):
            node = node.expr
        elif _local(node) in configuration.locals:
            node = configuration.locals[_local(node)].expr
        else:
            break
    return node.args[1] if isinstance(node, Call) and node.name == "get_env" and len(node.args) == 2 else None


def _local(node: Expr) -> str:
    """Return the name of the local value that an expression is; empty for anything else."""
    if isinstance(node, GetAttr) and isinstance(node.object, Name) and node.object.name == "local":
        return node.name
    return ""
