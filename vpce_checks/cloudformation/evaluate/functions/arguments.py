"""Check and evaluate the arguments of an intrinsic function, and choose among its possible values."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as SequenceType
from contextlib import suppress

from vpce_checks.cloudformation.evaluate.choices import CannotDeploy
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.template.nodes import Node, Sequence
from vpce_checks.model.values import Cause, Value, choose, unknown


def arguments_of(stack: Stack, node: Node, mode: str, count: int) -> tuple[Value, ...] | None:
    """Evaluate the arguments. None if they are not a list of ``count`` items."""
    if not isinstance(node, Sequence) or len(node.items) != count:
        return None
    return tuple(evaluate(stack, item, mode) for item in node.items)


def malformed(stack: Stack, name: str, node: Node) -> Value:
    """Warn of invalid arguments, which CloudFormation refuses. The result is unknown."""
    stack.warn(f"{name} has invalid arguments", node)
    return unknown(f"{name} has invalid arguments", stack.span(node))


def either(values: SequenceType[Callable[[], Value]], causes: tuple[Cause, ...]) -> Value:
    """Return one of several values; which one is unknown because of ``causes``.

    A value that refers to something that does not exist cannot be the one. Raises CannotDeploy if none is left.
    """
    found = []
    for value in values:
        with suppress(CannotDeploy):
            found.append(value())
    if not found:
        raise CannotDeploy
    return choose(found, causes)
