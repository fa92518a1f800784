"""From the tree of a regular expression to the instructions that match it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from vpce_checks.base.record import field, mutable
from vpce_checks.terraform.lang.functions.contract import NotComputed
from vpce_checks.terraform.lang.functions.re2.characters import folded, variants
from vpce_checks.terraform.lang.functions.re2.tree import (
    Alternation,
    Assertion,
    AssertionKind,
    Category,
    Characters,
    Concatenation,
    Group,
    Node,
    Repetition,
)

MAX_PROGRAM = 20_000
"""Instructions of a pattern at most."""

Test: TypeAlias = "Callable[[str], bool]"
"""Whether a character is one of a class."""


def _never(character: str) -> bool:
    return False


@mutable
class Instruction:
    """One step of a match.

    ``char`` takes a character for which ``test`` holds. ``split`` goes on at instruction ``first``, and at ``second`` if
    that fails. ``jump`` goes on at ``first``. ``save`` notes the position in slot ``first`` of the captures. ``assert``
    demands that ``assertion`` holds. ``match`` is the end.
    """

    kind: Literal["char", "split", "jump", "save", "assert", "match"]
    test: Test = _never
    first: int = 0
    second: int = 0
    assertion: AssertionKind = "begin"


def program_of(tree: Node) -> tuple[Instruction, ...]:
    """Return the instructions for ``tree``. Raises NotComputed if there are more than MAX_PROGRAM."""
    compiler = _Compiler()
    compiler.add(tree)
    compiler.emit(Instruction("match"))
    return tuple(compiler.program)


@mutable
class _Compiler:
    program: list[Instruction] = field(default_factory=list)

    def emit(self, instruction: Instruction) -> int:
        if len(self.program) >= MAX_PROGRAM:
            raise NotComputed("needs too large a regular expression")
        self.program.append(instruction)
        return len(self.program) - 1

    def add(self, node: Node) -> None:
        if isinstance(node, Characters):
            self.emit(Instruction("char", _test_of(node)))
        elif isinstance(node, Category):
            self.emit(Instruction("char", _category_test(node)))
        elif isinstance(node, Assertion):
            self.emit(Instruction("assert", assertion=node.kind))
        elif isinstance(node, Concatenation):
            for item in node.items:
                self.add(item)
        elif isinstance(node, Alternation):
            self.alternatives(node.items)
        elif isinstance(node, Group):
            self.emit(Instruction("save", first=2 * node.index))
            self.add(node.item)
            self.emit(Instruction("save", first=2 * node.index + 1))
        else:
            self.repeat(node)

    def alternatives(self, items: tuple[Node, ...]) -> None:
        jumps: list[int] = []
        for item in items[:-1]:
            split = self.emit(Instruction("split"))
            self.program[split].first = len(self.program)
            self.add(item)
            jumps.append(self.emit(Instruction("jump")))
            self.program[split].second = len(self.program)
        self.add(items[-1])
        for jump in jumps:
            self.program[jump].first = len(self.program)

    def repeat(self, node: Repetition) -> None:
        if node.most is None:
            if node.least == 0:
                if _nullable(node.item):
                    # as Go does, so that an empty iteration takes its right place among the alternatives
                    self.optional(lambda: self.plus(node), lazy=node.lazy)
                else:
                    self.star(node)
                return
            for _ in range(node.least - 1):
                self.add(node.item)
            self.plus(node)
            return
        for _ in range(node.least):
            self.add(node.item)
        splits: list[int] = []
        for _ in range(node.most - node.least):
            splits.append(self.split(lazy=node.lazy))
            self.add(node.item)
        for split in splits:
            self.leave(split, lazy=node.lazy)

    def split(self, *, lazy: bool) -> int:
        split = self.emit(Instruction("split"))
        if lazy:
            self.program[split].second = len(self.program)
        else:
            self.program[split].first = len(self.program)
        return split

    def leave(self, split: int, *, lazy: bool) -> None:
        if lazy:
            self.program[split].first = len(self.program)
        else:
            self.program[split].second = len(self.program)

    def optional(self, inside: Callable[[], None], *, lazy: bool) -> None:
        split = self.split(lazy=lazy)
        inside()
        self.leave(split, lazy=lazy)

    def star(self, node: Repetition) -> None:
        split = self.split(lazy=node.lazy)
        self.add(node.item)
        self.emit(Instruction("jump", first=split))
        self.leave(split, lazy=node.lazy)

    def plus(self, node: Repetition) -> None:
        start = len(self.program)
        self.add(node.item)
        after = len(self.program) + 1
        first, second = (after, start) if node.lazy else (start, after)
        self.emit(Instruction("split", first=first, second=second))


def _nullable(node: Node) -> bool:
    """Return whether the node may match the empty text."""
    if isinstance(node, (Characters, Category)):
        return False
    if isinstance(node, Concatenation):
        return all(_nullable(item) for item in node.items)
    if isinstance(node, Alternation):
        return any(_nullable(item) for item in node.items)
    if isinstance(node, Group):
        return _nullable(node.item)
    if isinstance(node, Repetition):
        return node.least == 0 or _nullable(node.item)
    return True


def _test_of(node: Characters) -> Test:
    ranges = node.ranges
    if node.fold and len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        same = frozenset(map(chr, variants(ranges[0][0]) or (ranges[0][0],)))
        return lambda character: character in same
    if node.fold:
        ranges = tuple(sorted((*ranges, *folded([pair for pair in ranges if pair[1] <= 0x7F]))))
    if len(ranges) == 1:
        low, high = chr(ranges[0][0]), chr(ranges[0][1])
        return lambda character: low <= character <= high
    pairs = tuple((chr(low), chr(high)) for low, high in ranges)
    return lambda character: any(low <= character <= high for low, high in pairs)


def _category_test(node: Category) -> Test:
    from unicodedata import category

    names, negated = node.names, node.negated
    return lambda character: category(character).startswith(names) != negated
