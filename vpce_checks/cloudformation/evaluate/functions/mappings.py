"""``Fn::FindInMap``: look up a value in the section Mappings.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
"""

from __future__ import annotations

from vpce_checks.cloudformation.evaluate.conversion import MAX_TEXT, text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.arguments import malformed
from vpce_checks.cloudformation.evaluate.stack import CONDITION, DISPLAY, MAX_FORKED_VALUES, NO_VALUE, Stack
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.model.values import (
    Cause,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    unknown,
)


def find_in_map(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::FindInMap``: the value at two keys, or ``DefaultValue``."""
    items = node.items if isinstance(node, Sequence) else []
    if len(items) not in (3, 4):
        return malformed(stack, "Fn::FindInMap", node)
    default: Value = NO_VALUE
    has_default = len(items) == 4 and isinstance(items[3], Mapping) and "DefaultValue" in items[3].entries
    if has_default:
        assert isinstance(items[3], Mapping)
        default = evaluate(stack, items[3].entries["DefaultValue"], mode)
    name = text(evaluate(stack, items[0], mode))
    if not isinstance(name, str):
        return Unknown(merge_causes([name]) or (Cause("the name of the mapping is unknown", stack.span(node)),))
    mappings = stack.entries(stack.template.section("Mappings") or EMPTY_MAPPING)
    shown = stack.world.shown(name)
    if name not in mappings:
        if included := mappings.get("Fn::Transform"):
            return transform(stack, included[1], mode)
        if has_default:
            return default
        stack.warn(f"the template declares no mapping {shown}", node)
        return unknown(f"the template declares no mapping {shown}", stack.span(node))
    found: list[Node] = []
    level = [mappings[name][1]]
    causes: tuple[Cause, ...] = ()
    missing = False
    for key_node in items[1:3]:
        tables = [table for table in level if isinstance(table, Mapping)]
        written = key_node.text if isinstance(key_node, Scalar) else evaluate(stack, key_node, mode)
        key = _map_key(stack, written, tables, mode, has_default)
        if isinstance(key, str):
            found = [table.entries[key] for table in tables if key in table.entries]
            missing = missing or len(found) < len(tables) or not tables
        else:
            causes = (*causes, *merge_causes([key]))
            members = _members(stack, key, tables, items[2] if key_node is items[1] and not has_default else None, mode)
            found = [child for table in tables for k, child in table.entries.items() if members is None or k in members]
            missing = missing or has_default
        level = found
    values = [evaluate(stack, child, mode) for child in level]
    if has_default and missing:
        values.append(default)
    if not values:
        return unknown(f"the mapping {shown} has no entry for these keys", stack.span(node))
    if not causes:
        return values[0]
    return choose(values[:MAX_TEXT], causes)


def _members(stack: Stack, key: Value, tables: list[Mapping], second: Node | None, mode: str) -> set[str] | None:
    """Return the keys that ``key`` can be. None means any. A condition forks into groups of keys with the same
    entry."""
    if isinstance(key, Unknown) and key.one_of:
        return {member for member in key.one_of if isinstance(member, str)}
    choice = stack.world.choices.known(key.address) if isinstance(key, Reference) and not key.path else None
    if choice is None:
        return None
    name = text_of(second)
    if mode == CONDITION and name is not None and len(tables) == 1:
        groups: dict[str | None, list[str]] = {}
        for candidate, table in tables[0].entries.items():
            groups.setdefault(text_of(entry(table, name)), []).append(candidate)
        if None not in groups and len(groups) <= MAX_FORKED_VALUES:
            stack.world.choices.split(choice, tuple(map(tuple, groups.values())))
    left = stack.world.choices.left(choice)
    return set(left) if left is not None else None


def _map_key(stack: Stack, key: Value, tables: list[Mapping], mode: str, has_default: bool) -> Value:
    """Return the key to look up. A key that is chosen at deployment forks, if it has few values."""
    key = text(key)
    if not isinstance(key, Reference) or key.path or mode == DISPLAY:
        return key
    choice = stack.world.choices.known(key.address)
    if choice is None:
        return key
    left = stack.world.choices.left(choice)
    if left is None and has_default:
        return key
    candidates = tuple(dict.fromkeys(name for table in tables for name in table.entries))
    if mode == CONDITION and 0 < len(left if left is not None else candidates) <= MAX_FORKED_VALUES:
        picked = stack.world.choices.pick(choice, candidates)
        return key if picked is None else picked
    return key


def transform(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::Transform``: unknown, since it includes a file from S3."""
    return unknown("Fn::Transform includes a file from S3", stack.span(node))
