"""Terraform Stacks: the files of a stack read as a root module that calls its components.

https://developer.hashicorp.com/terraform/language/stacks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax.ast import Expr, Literal, ObjectCons
from vpce_checks.terraform.syntax.structure import WHOLE_INPUTS, Attribute, Block, Body, blocks_of

_CALLS = ("component", "stack")
_AS_THEY_ARE = frozenset({"variable", "output", "locals"})
_OF_A_CALL = ("source", "version", "for_each", "providers", "depends_on")


@record
class _Attribute:
    name: str
    span: Span
    expr: Expr


@record
class _Body:
    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]


@record
class _Block:
    """A block as a module would have it, at the place of the one that the stack has."""

    type: str
    labels: tuple[str, ...]
    span: Span
    header: Span
    body: Body


def as_module(body: Body) -> Body:
    """The body of a stack's file as that of a root module: components are calls, with their inputs as arguments, and
    keep their type; configurations of providers have an alias."""
    return _Body({}, tuple(_converted(body)))


def _converted(body: Body) -> Iterator[Block]:
    for block in body.blocks:
        if block.type in _AS_THEY_ARE:
            yield block
        elif block.type in _CALLS and len(block.labels) == 1:
            given = {name: a for name, a in block.body.attributes.items() if name in _OF_A_CALL}
            yield _Block(block.type, block.labels, block.span, block.header, _Body({**_inputs_of(block), **given}, ()))
        elif block.type == "provider" and len(block.labels) == 2:
            config = next(blocks_of(block.body, "config"), None)
            attributes = dict(config.body.attributes) if config is not None else {}
            if "for_each" in block.body.attributes:
                attributes["for_each"] = block.body.attributes["for_each"]
            attributes["alias"] = _Attribute("alias", block.header, Literal(block.labels[1], block.header))
            yield _Block("provider", block.labels[:1], block.span, block.header, _Body(attributes, ()))


def _inputs_of(block: Block) -> dict[str, Attribute]:
    """The members of an object that is written out; else the whole of it as WHOLE_INPUTS."""
    attribute = block.body.attributes.get("inputs")
    if attribute is None:
        return {}
    items = attribute.expr.items if isinstance(attribute.expr, ObjectCons) else ()
    found: dict[str, Attribute] = {}
    for key, value in items:
        if isinstance(key, Literal) and isinstance(key.value, str):
            found[key.value] = _Attribute(key.value, value.span, value)
    is_whole = isinstance(attribute.expr, ObjectCons) and len(found) == len(items)
    return found if is_whole else {WHOLE_INPUTS: _Attribute(WHOLE_INPUTS, attribute.span, attribute.expr)}
