"""``Fn::FindInMap``: look up a value in the section Mappings.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from vpce_checks.cloudformation.evaluate.choices import CannotDeploy
from vpce_checks.cloudformation.evaluate.conversion import MAX_TEXT, text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.arguments import malformed
from vpce_checks.cloudformation.evaluate.outcomes import MAX_LISTED_VALUES, Decided, split_by_outcome
from vpce_checks.cloudformation.evaluate.stack import CONDITION, DISPLAY, PROPERTY, OpenKey, Stack
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Scalar, Sequence
from vpce_checks.model.values import (
    Cause,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    opaque_parts,
    same,
    unknown,
)

MAX_OPEN_KEYS = 4
"""How many parameters the keys of one look-up may depend on."""


def find_in_map(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::FindInMap``: the value at two keys, or ``DefaultValue``.

    A key that is chosen at deployment forks into groups of keys with the same value.
    """
    items = node.items if isinstance(node, Sequence) else []
    if len(items) not in (3, 4):
        return malformed(stack, "Fn::FindInMap", node)
    default = items[3].entries.get("DefaultValue") if len(items) == 4 and isinstance(items[3], Mapping) else None
    name = text(evaluate(stack, items[0], mode))
    section = stack.template.section("Mappings") or EMPTY_MAPPING
    mappings = stack.entries(section)
    if not isinstance(name, str):
        nodes = {name: node for name, (_, node) in mappings.items()}
        every = Mapping(nodes, dict.fromkeys(nodes, section.start), section.start, section.end)
        return _found(_LookUp(stack, every, tuple(items[:3]), default, mode), "", node)
    shown = stack.world.shown(name)
    if name not in mappings:
        if included := mappings.get("Fn::Transform"):
            return transform(stack, included[1], mode)
        if default is not None:
            return evaluate(stack, default, mode)
        stack.warn(f"the template declares no mapping {shown}", node)
        return unknown(f"the template declares no mapping {shown}", stack.span(node))
    return _found(_LookUp(stack, mappings[name][1], tuple(items[1:3]), default, mode), f" {shown}", node)


def _found(look_up: _LookUp, shown: str, node: Node) -> Value:
    """Return the value of a look-up at ``node``. ``shown`` is the name of the mapping in reports."""
    if look_up.mode != DISPLAY:
        for _ in range(MAX_OPEN_KEYS):
            decided = look_up.fork()
            if decided is None:
                break
            if decided.outcome is not None:
                return cast("Value", decided.outcome)
    values, causes = look_up.values()
    if not values:
        if look_up.mode == DISPLAY or causes or all(isinstance(key, Scalar) for key in look_up.keys):
            return unknown(f"the mapping{shown} has no entry for these keys", look_up.stack.span(node))
        raise CannotDeploy
    return values[0] if not causes else choose(values[:MAX_TEXT], causes)


class _LookUp(NamedTuple):
    stack: Stack
    table: Node
    keys: tuple[Node, ...]
    default: Node | None
    mode: str

    def fork(self) -> Decided | None:
        """Decide the first key that is open, as far as the value needs it. None if there is none to decide."""
        choices = self.stack.world.choices
        if choices.frozen:
            choices.hold()
            return None
        for node, tables in zip(self.keys, self._levels(), strict=True):
            key = self._key(node)
            for part in opaque_parts(key):
                if not isinstance(part, Reference) or (choice := choices.known(part.address)) is None:
                    continue
                left = choices.left(choice)
                if left is not None and not 1 < len(left) <= MAX_LISTED_VALUES:
                    continue
                if left is None and (part != key or part.path):
                    continue  # the key is made of a choice with open values
                names = left if left is not None else _names(tables)
                others = left is None and self.default is not None
                decided = split_by_outcome(choices, choice, names, self._outcome, or_others=others)
                if decided is not None:
                    return decided
                self.stack.world.crowded = OpenKey(choice, names, others)
        return None

    def _key(self, node: Node) -> Value:
        """Return a key. Where a property may use the default of a parameter, its key does too."""
        if isinstance(node, Scalar):
            return node.text
        choices = self.stack.world.choices
        key = text(evaluate(self.stack, node, DISPLAY if self.mode == DISPLAY else CONDITION))
        if self.mode == PROPERTY and isinstance(key, Reference) and not key.path:
            choice = choices.known(key.address)
            if choice is not None and choices.left(choice) is None and not choices.assumed:
                key = choices.default(choice) or key
        return key

    def _levels(self) -> Iterator[list[Node]]:
        """Yield the tables in which each key may be looked up."""
        level = [self.table]
        for node in self.keys:
            yield level
            key = self._key(node)
            level = [child for table in _tables(level) for name, child in table.entries.items() if _may_be(key, name)]

    def _outcome(self) -> Value:
        """Return the value while a key is assumed. None while it depends on more. Raises CannotDeploy for no value."""
        values, _ = self.values()
        if not values:
            raise CannotDeploy
        return values[0] if all(same(value, values[0]) for value in values) else None

    def values(self) -> tuple[list[Value], tuple[Cause, ...]]:
        """Return the values that it may have, and why there are several (nothing if the keys are known)."""
        level, complete = [self.table], True
        causes: tuple[Cause, ...] = ()
        for node in self.keys:
            key = self._key(node)
            tables = _tables(level)
            if isinstance(key, str):
                level = [table.entries[key] for table in tables if key in table.entries]
                complete = complete and len(level) == len(tables)
                continue
            causes = (*causes, *(merge_causes([key]) or (Cause("this key is unknown", self.stack.span(node)),)))
            members = self._members(key)
            names = self._possible(key, _names(tables)) if members is None else members
            level = [table.entries[name] for table in tables for name in names if name in table.entries]
            complete = complete and members is not None and len(level) == len(tables) * len(names)
        values = [evaluate(self.stack, child, self.mode) for child in level]
        if self.default is not None and not complete:
            values.append(evaluate(self.stack, self.default, self.mode))
        return values, causes

    def _possible(self, key: Value, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of ``names`` that a key can be."""
        choices = self.stack.world.choices
        choice = choices.known(key.address) if isinstance(key, Reference) and not key.path else None
        return names if choice is None else tuple(name for name in names if choices.may_be(choice, name))

    def _members(self, key: Value) -> tuple[str, ...] | None:
        """Return all texts that a key can be. None if they are not known."""
        if isinstance(key, Unknown) and key.one_of and all(isinstance(member, str) for member in key.one_of):
            return tuple(str(member) for member in key.one_of)
        choice = self.stack.world.choices.known(key.address) if isinstance(key, Reference) and not key.path else None
        return self.stack.world.choices.left(choice) if choice is not None else None


def _tables(level: list[Node]) -> list[Mapping]:
    return [table for table in level if isinstance(table, Mapping)]


def _names(level: Iterable[Node]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for table in level if isinstance(table, Mapping) for name in table.entries))


def _may_be(key: Value, name: str) -> bool:
    return key == name if isinstance(key, str) else True


def transform(stack: Stack, node: Node, mode: str) -> Value:
    """``Fn::Transform``: unknown, since it includes a file from S3."""
    return unknown("Fn::Transform includes a file from S3", stack.span(node))
