"""The constants of a template that Rain packages: ``!Rain::Constant Name``, and ``${Rain::Name}`` in ``Fn::Sub``.

https://aws-cloudformation.github.io/rain/pkg.html
"""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.template.nodes import Node, entry, text_of
from vpce_checks.model.values import Value, unknown

RAIN_CONSTANT = "Rain::Constant"


def constant(stack: Stack, node: Node, mode: str) -> Value:
    """``Rain::Constant``: the constant of this name."""
    return constant_named(stack, text_of(node) or "", node, mode)


def constant_named(stack: Stack, name: str, node: Node, mode: str) -> Value:
    """Return the value of a constant, used at ``node``. Constants may use those before them."""
    section = stack.template.section("Rain")
    value = entry(section, "Constants", name) if section is not None else None
    if value is None:
        return unknown(f"the template declares no constant {name} of Rain", stack.span(node))
    return evaluate(stack, value, mode)
