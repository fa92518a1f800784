"""``Fn::Select``, ``Fn::Length``, ``Fn::Cidr`` and ``Fn::GetAZs``: items of lists, and lists that AWS works out."""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate import pseudo
from vpce_checks.cloudformation.evaluate.conversion import derived, text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.arguments import arguments_of, malformed
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, Stack
from vpce_checks.cloudformation.template.nodes import Node
from vpce_checks.model.values import (
    Cause,
    ListValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    unknown,
)


def select(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::Select``: the item of a list at an index."""
    arguments = arguments_of(stack, node, mode, 2)
    if arguments is None:
        return malformed(stack, "Fn::Select", node)
    index, items = arguments
    index = text(index)
    number = int(index) if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 6 else None
    if isinstance(items, Reference) and number is not None:
        return derived(items, number)
    if isinstance(items, ListValue) and number is not None:
        if number < len(items.items) and not any(position <= number for position in items.maybe):
            return items.items[number]
        if items.exact:
            return unknown(f"the list of length {len(items.items)} has no item {number}", stack.span(node))
    if isinstance(items, ListValue) and items.exact and isinstance(index, Opaque):
        return choose(items.items, merge_causes([index]))
    if isinstance(items, Unknown) and items.one_of and number is not None:
        picked = [
            m.items[number] for m in items.one_of if isinstance(m, ListValue) and m.exact and number < len(m.items)
        ]
        if len(picked) == len(items.one_of):
            return choose(picked, items.causes)
    causes = merge_causes([index, items]) or (Cause("the index is unknown", stack.span(node)),)
    return Unknown(causes)


def length(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::Length``."""
    value = evaluate(stack, node, mode)
    if isinstance(value, ListValue) and value.exact:
        return len(value.items)
    if isinstance(value, Reference):
        return derived(value, "length", "number")
    return Unknown(merge_causes([value]) or (Cause("its length is unknown", stack.span(node)),), "number")


def cidr(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::Cidr``: blocks within an address range."""
    from ipaddress import ip_network
    from itertools import islice

    values = evaluate(stack, node, mode)
    items = values.items if isinstance(values, ListValue) and values.exact else ()
    if len(items) not in (2, 3):
        return malformed(stack, "Fn::Cidr", node)
    texts = [text(item) for item in items]
    if not all(isinstance(item, str) for item in texts):
        return Unknown(merge_causes(texts), "list")
    try:
        network = ip_network(str(texts[0]), strict=False)
        count, bits = int(str(texts[1])), int(str(texts[2])) if len(texts) == 3 else 8
        if not 1 <= count <= 256:
            raise ValueError
        blocks = islice(network.subnets(new_prefix=network.max_prefixlen - bits), count)
        return ListValue(tuple(str(block) for block in blocks), "list")
    except ValueError:
        return unknown("Fn::Cidr cannot divide the block into these parts", stack.span(node))


def get_azs(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::GetAZs``: the availability zones of a region, which only AWS knows."""
    region = evaluate(stack, node, mode)
    if region in ("", None):
        region = pseudo.pseudo_parameter(stack, "AWS::Region", node, DISPLAY)
    causes = (Cause("the availability zones are known only at deployment", stack.span(node)),)
    if isinstance(region, Reference):
        return Reference(region.address, (*region.path, "zones"), region.kind, causes, "list")
    if isinstance(region, str):
        return Reference(region, ("zones",), "parameter", causes, "list")
    return Unknown(causes, "list")
