"""Expand ``Fn::ForEach`` of AWS::LanguageExtensions: one copy of its body for each item of a collection.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re

from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import MAX_LOOP_COPIES, PROPERTY, Stack, TooCostly
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.model.values import ListValue

_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def unrolled(stack: Stack, mapping: Mapping) -> dict[str, tuple[Mapping, Node]]:
    """Return the entries of ``mapping``. Every loop in it is replaced by its copies, nested loops too."""
    found: dict[str, tuple[Mapping, Node]] = {}
    pending = [(key, mapping, node) for key, node in reversed(mapping.entries.items())]
    copies = 0
    while pending:
        key, owner, node = pending.pop()
        if not key.startswith("Fn::ForEach"):
            found.setdefault(key, (owner, node))
            continue
        body = _body(stack, node)
        if body is None:
            span = stack.template.document.span(owner.keys[key], node.end)
            reason = "its collection is unknown before deployment, or is sensitive"
            stack.add_opaque(key, span, reason, declared_types(node))
            continue
        variable, items, template = body
        for item in reversed(items):
            copies += 1
            if copies > MAX_LOOP_COPIES:
                raise TooCostly
            copy = _replace(template, variable, item)
            assert isinstance(copy, Mapping)
            pending += [(inner, copy, child) for inner, child in reversed(copy.entries.items())]
    return found


def declared_types(loop: Node) -> frozenset[str] | None:
    """Return the types of the resources that a loop declares. None if one of them is not written out."""
    body = loop.items[2] if isinstance(loop, Sequence) and len(loop.items) == 3 else None
    if not isinstance(body, Mapping):
        return None
    found: set[str] = set()
    for key, node in body.entries.items():
        if key.startswith("Fn::ForEach"):
            inner = declared_types(node)
        else:
            type = text_of(entry(node, "Type"))
            inner = frozenset([type]) if type is not None and "{" not in type else None
        if inner is None:
            return None
        found |= inner
    return frozenset(found)


def _body(stack: Stack, node: Node) -> tuple[str, list[str], Mapping] | None:
    """Return the variable of the loop, its items, and its body. None if they are unknown."""
    if not isinstance(node, Sequence) or len(node.items) != 3:
        stack.warn("Fn::ForEach needs three items: an identifier, a collection and a mapping", node)
        return None
    variable, template = text_of(node.items[0]), node.items[2]
    outside, stack.world.sensitive = stack.world.sensitive, False
    items = evaluate(stack, node.items[1], PROPERTY)
    sensitive, stack.world.sensitive = stack.world.sensitive, outside
    if sensitive:
        return None  # otherwise the names of its resources would be secrets
    if variable is None or not isinstance(template, Mapping) or not isinstance(items, ListValue) or not items.exact:
        return None
    texts: list[str] = []
    for item in items.items:
        # A list parameter inside the collection is replaced by its items.
        parts = item.items if isinstance(item, ListValue) and item.exact else (item,)
        for value in map(text, parts):
            if not isinstance(value, str):
                return None
            texts.append(value)
    return variable, texts, template


def _replace(node: Node, variable: str, item: str) -> Node:
    """Return a copy of ``node`` for one item. Replace ``${Variable}``, ``&{Variable}`` (letters and digits only) and
    Refs."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and "{" + variable + "}" in node.text:
            filled = _fill(node.text, variable, item)
            return Scalar(filled, filled, node.start, node.end)
        return node
    if isinstance(node, Sequence):
        return Sequence([_replace(child, variable, item) for child in node.items], node.start, node.end)
    if len(node.entries) == 1 and text_of(node.entries.get("Ref")) == variable:
        return Scalar(item, item, node.start, node.end)
    entries: dict[str, Node] = {}
    keys: dict[str, int] = {}
    for key, child in node.entries.items():
        filled = _fill(key, variable, item)
        entries[filled] = _replace(child, variable, item)
        keys[filled] = node.keys.get(key, node.start)
    return Mapping(entries, keys, node.start, node.end)


def _fill(text: str, variable: str, item: str) -> str:
    text = text.replace("${" + variable + "}", item)
    return text.replace("&{" + variable + "}", _NOT_ALPHANUMERIC.sub("", item))
