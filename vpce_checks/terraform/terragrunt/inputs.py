"""``inputs``: the values that a unit gives to the variables of its module.

https://terragrunt.gruntwork.io/docs/reference/hcl/attributes#inputs
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Unknown, Value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.syntax.ast import Expr, Literal, ObjectCons
from vpce_checks.terraform.terragrunt.merging import deep_merge, shallow_merge

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def merged_inputs(configuration: Configuration) -> Value:
    """The inputs of a unit: its own over those that it includes, of which later includes are over earlier ones. Those that a
    stack injects are over all."""
    value = own_inputs(configuration)
    for include in reversed(configuration.includes):
        if not include.is_merged:
            continue
        included = configuration.included(include) if include.path is not None else None
        below: Value = Unknown(include.causes, "object") if included is None else own_inputs(included)
        value = deep_merge(below, value) if include.strategy == "deep" else shallow_merge(below, value)
    over = configuration.reading.over if configuration.is_main else None
    return value if over is None else shallow_merge(value, own_inputs(over))


def own_inputs(configuration: Configuration) -> Value:
    """The inputs of one file alone, an empty object where it has none."""
    attribute = configuration.body.attributes.get("inputs")
    if attribute is None:
        return MapValue({}, rest=configuration.unread())
    written = _written_out(attribute.expr)
    if written is not None:  # so that a mistake in one of them leaves the others
        return configuration.members(written, lambda name: _input(configuration, name, written[name]))
    value = configuration.evaluated(attribute)
    return MapValue({}, rest=configuration.unread()) if value is None else value


def inputs_place(configuration: Configuration) -> Span:
    """Where the inputs of a unit are written, or the top of its file."""
    for part in configuration.with_includes():
        if "inputs" in part.body.attributes:
            return part.body.attributes["inputs"].span
    return Span(configuration.path, 1)


def _input(configuration: Configuration, name: str, expr: Expr) -> Value:
    return configuration.once(("input", name), lambda: evaluate(expr, configuration.scope), name, expr.span)


def _written_out(expr: Expr) -> dict[str, Expr] | None:
    """The members of an object whose keys are written out; None for anything else."""
    if not isinstance(expr, ObjectCons):
        return None
    found: dict[str, Expr] = {}
    for key, value in expr.items:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            return None
        found[key.value] = value
    return found
