"""The expressions of a Terragrunt file: every part of them, and whether they need the values that a stack gives."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.terraform.config.references import parts_of
from vpce_checks.terraform.syntax.ast import Call, Name, Node
from vpce_checks.terraform.syntax.structure import Body


def needs_values(body: Body) -> bool:
    """Return whether a file uses ``values``, and not only if there are any: it cannot be run before a stack gives it some."""
    return any(isinstance(node, Name) and node.name == "values" for node in nodes_of(body, without=("try", "can")))


def nodes_of(body: Body, without: tuple[str, ...] = ()) -> Iterator[Node]:
    """Every part of every expression, but for the arguments of some functions."""
    stack: list[object] = [attribute.expr for attribute in body.attributes.values()]
    while stack:
        node = stack.pop()
        if isinstance(node, Node) and not (isinstance(node, Call) and node.name in without):
            yield node
            stack += parts_of(node)
    for block in body.blocks:
        yield from nodes_of(block.body, without)
