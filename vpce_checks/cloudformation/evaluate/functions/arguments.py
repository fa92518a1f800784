"""Check and evaluate the arguments of an intrinsic function."""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.template.nodes import Node, Sequence
from vpce_checks.model.values import (
    Value,
    unknown,
)


def arguments_of(stack: Stack, node: Node, mode: str, count: int) -> tuple[Value, ...] | None:
    """Evaluate the arguments. None if they are not a list of ``count`` items."""
    if not isinstance(node, Sequence) or len(node.items) != count:
        return None
    return tuple(evaluate(stack, item, mode) for item in node.items)


def malformed(stack: Stack, name: str, node: Node) -> Value:
    """Warn of invalid arguments, which CloudFormation refuses. The result is unknown."""
    stack.warn(f"{name} has invalid arguments", node)
    return unknown(f"{name} has invalid arguments", stack.span(node))
