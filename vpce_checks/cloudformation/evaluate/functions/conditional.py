"""``Fn::If``, and the functions of conditions where they are used as values."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vpce_checks.cloudformation.evaluate.conditions import truth
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.arguments import either, malformed
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Sequence, text_of
from vpce_checks.model.values import MapValue, Value


def if_(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::If``: one of both values; either of them while the condition is unknown."""
    if not isinstance(node, Sequence) or len(node.items) != 3:
        return malformed(stack, "Fn::If", node)
    condition, yes, no = node.items
    name = text_of(condition)
    holds = truth(stack, condition) if name is None else stack.condition(name, condition)
    if holds is True:
        return evaluate(stack, yes, mode)
    if holds is False:
        return evaluate(stack, no, mode)
    return either([partial(evaluate, stack, branch, mode) for branch in (yes, no)], holds.causes)


def condition_value(stack: Stack, node: Node, mode: str) -> Value:
    """Return a map: outside of a condition, ``{Condition: Name}`` is an ordinary mapping, as in an IAM policy."""
    return MapValue({"Condition": evaluate(stack, node, mode)}, "map")


def truth_value(name: str) -> Callable[[Stack, Node, str], Value]:
    """Return the function that evaluates the condition function ``name`` to a boolean."""

    def function(stack: Stack, node: Node, mode: str) -> Value:
        return truth(stack, Mapping({name: node}, {name: node.start}, node.start, node.end))

    return function
