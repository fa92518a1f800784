"""A value for a variable, from a file, the command line, the environment or a module call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Value
from vpce_checks.terraform.lang.marks import Mark
from vpce_checks.terraform.lang.scope import Scope
from vpce_checks.terraform.syntax.ast import Expr, GetAttr, Invalid
from vpce_checks.terraform.syntax.structure import Attribute


@record
class Given:
    """A value for a variable, not yet evaluated. ``mark`` is the mark that it has in any case."""

    expr: Expr
    span: Span
    scope: Scope
    mark: Mark = None


def members(attribute: Attribute, inputs: Value, names: Iterable[str], scope: Scope) -> Iterator[tuple[str, Given]]:
    """Yield the values for the variables ``names`` in ``inputs``, the value of an attribute that is an object of inputs."""
    for name in names:
        expr: Expr = GetAttr(attribute.expr, name, attribute.span)
        if isinstance(inputs, MapValue) and name not in inputs.items and inputs.rest is None:
            continue
        if not isinstance(inputs, MapValue) or name not in inputs.items or name in inputs.maybe:
            expr = Invalid(f"cannot determine whether var.{name} is set", attribute.span)
        yield name, Given(expr, attribute.span, scope)
