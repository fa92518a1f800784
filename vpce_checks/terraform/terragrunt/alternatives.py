"""The directory of the repository that a unit deploys in some runs, where its source depends on the run:
``get_env("STAGE") == "prod" ? "git::https://example.com/net.git//vpc?ref=v1" : "../modules//vpc"``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from vpce_checks.files import tracked
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.syntax.ast import Conditional, Expr, GetAttr, Name, TemplateWrap
from vpce_checks.terraform.syntax.structure import Attribute
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.sources import is_elsewhere, local_path

MAX_ALTERNATIVES = 64
"""The most expressions that are looked at. Nobody chooses among so many by hand."""


def local_alternative(configuration: Configuration, attribute: Attribute, directory: str) -> str | None:
    """Return the one path among the values that a ``source`` may have, if there is a directory there; None if there are
    none or several. ``directory`` is that of the unit."""
    paths: set[str] = set()
    for expr in _alternatives(configuration, attribute.expr):
        evaluated = partial(evaluate, expr, configuration.scope)
        value = configuration.once(("alternative", id(expr)), evaluated, "source", attribute.span)
        if isinstance(value, str) and value and not is_elsewhere(value):
            paths.add(value)
    if len(paths) != 1:
        return None
    path = paths.pop()
    place = tracked.place_of(os.path.join(directory, local_path(path)), configuration.reading.files.places)
    return path if place is not None and tracked.is_directory(place, configuration.reading.files.places) else None


def _alternatives(configuration: Configuration, expr: Expr) -> Iterator[Expr]:
    """Yield what stands on the sides of conditionals, in local values as well. Without a conditional there is nothing."""
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
        elif is_chosen:
            yield node


def _local(node: Expr) -> str:
    """Return the name of the local value that an expression is; empty for anything else."""
    if isinstance(node, GetAttr) and isinstance(node.object, Name) and node.object.name == "local":
        return node.name
    return ""
