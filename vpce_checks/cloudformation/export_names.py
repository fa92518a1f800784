"""Compare the names of exports and stored parameters with those by which they are imported, part by part.

What all stacks of a deployment have in common (``${AWS::Region}``) is compared as if it were known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from vpce_checks.cloudformation.evaluate.choices import Choices
from vpce_checks.cloudformation.evaluate.conditions import Spelling, spelt
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import CONDITION, PROPERTY, Stack
from vpce_checks.cloudformation.template.nodes import Node
from vpce_checks.model.values import Opaque, PartialString, Reference, Value, join_strings, pattern, same

if TYPE_CHECKING:
    from vpce_checks.cloudformation.import_index import Export

MIN_LITERAL = 3
"""How many characters of a partly known name must be known to match it. Fewer would match by chance."""

_OF_THE_ACCOUNT = ("AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix")
"""What all stacks of a deployment have in common, so that a name cannot decide it for one of them."""

_MARKS = {address: chr(0xE000 + at) for at, address in enumerate(_OF_THE_ACCOUNT)}
"""A character for private use stands for each of them where two names have the same of them."""


def matches(wanted: Value, offered: Value) -> bool:
    """Return whether an imported name can be the exported name, and enough of it is known to be sure."""
    if isinstance(wanted, str) and isinstance(offered, str):
        return wanted == offered
    if isinstance(wanted, PartialString) and isinstance(offered, PartialString):
        return _literal(wanted) >= MIN_LITERAL and pattern(wanted) == pattern(offered)
    known, partial = (wanted, offered) if isinstance(wanted, str) else (offered, wanted)
    if not isinstance(known, str) or not isinstance(partial, PartialString) or _literal(partial) < MIN_LITERAL:
        return False
    first, last = partial.parts[0], partial.parts[-1]
    return (
        len(known) > _literal(partial)
        and (not isinstance(first, str) or known.startswith(first))
        and (not isinstance(last, str) or known.endswith(last))
        and all(part in known for part in partial.parts if isinstance(part, str))
    )


def _literal(name: PartialString) -> int:
    return sum(len(part) for part in name.parts if isinstance(part, str))


def aligned(wanted: Value, offered: Value) -> tuple[Value, Value]:
    """Return two names with what all stacks of a deployment have in common as if it were known, if both have the same of
    it."""
    common = _of_the_account(wanted)
    if not common or common != _of_the_account(offered):
        return wanted, offered
    return marked(wanted), marked(offered)


def _of_the_account(name: Value) -> list[str]:
    return [part.address for part in name.parts if _is_of_the_account(part)] if isinstance(name, PartialString) else []


def _is_of_the_account(part: str | Opaque) -> TypeGuard[Reference]:
    return isinstance(part, Reference) and part.address in _MARKS and not part.path


def marked(name: Value) -> Value:
    """Return a name with a mark for what all stacks of a deployment have in common."""
    if not isinstance(name, PartialString):
        return name
    return join_strings(_MARKS[part.address] if _is_of_the_account(part) else part for part in name.parts)


def has_marks(name: PartialString) -> bool:
    """Return whether ``marked`` put a mark into a name."""
    return any(mark in part for part in name.parts if isinstance(part, str) for mark in _MARKS.values())


# -- in one combination of choices ------------------------------------------------------------------------------------


def is_called_beside(stack: Stack, node: Node, export: Export, name: Value) -> bool | None:
    """Return whether a stack has the name at ``node`` for another stack of the same deployment.

    Both have the same parameters above them, so the names are made of the same parts. CloudFormation chooses the names of
    nested stacks, so nobody writes what is made of one.
    """
    with stack.world.choices.freezing():
        if same(evaluate(stack, node, PROPERTY), name):
            return True
    known = evaluate(stack, node, CONDITION)
    free = _free_part(known) if isinstance(known, PartialString) else None
    choice = stack.world.choices.known(free.address) if free is not None else None
    if not isinstance(name, str) or choice is None or choice.name.endswith(("/AWS::StackName", *_OF_THE_ACCOUNT)):
        return False
    return is_called(stack, node, export, name)


def is_called(stack: Stack, node: Node, export: Export, name: Value) -> bool | None:
    """Return whether a stack has the name at ``node`` for a stack of another root: ``name``. None if that is not decided."""
    name, known = aligned(name, evaluate(stack, node, CONDITION))
    if not isinstance(name, str):  # as far as it is known, it has this name
        return None if isinstance(name, PartialString) and isinstance(known, str) else True
    if not isinstance(known, (str, PartialString)):
        return True
    if isinstance(known, str):
        return known == name
    imports, choices = stack.world.imports, stack.world.choices
    readings = _readings(choices, known, name)
    if readings is None or imports is None:
        return True  # each unknown part may be what it must be
    if not readings:
        return False  # no deployment of that template has this name
    alike = (other for other in imports.names_like(export, known) if matches(other, known))  # this is cheaper
    others = [each[0] for other in alike if (each := _readings(choices, known, other))]
    for part, value in readings[0].items():
        answer = _is_value(choices, part, value, {each[part] for each in others})
        if answer is not True:
            return answer
    return True


def _readings(choices: Choices, known: PartialString, name: str) -> list[Spelling] | None:
    """Return what the unknown parts of an exported name are, if it is ``name``: one way to read it, or none. None if there are
    more, or if something else than parameters is unknown."""
    value, free = _part(known, name), _free_part(known)
    if free is None:
        return spelt(choices, known, name)
    if choices.known(free.address) is None:
        return None
    return [{free: value}] if value is not None else []


def _is_value(choices: Choices, part: Reference, value: str, named: set[str]) -> bool | None:
    """Return whether a part of an exported name is ``value``. ``named`` are the values that imports of the scan name."""
    choice = choices.known(part.address)
    if choice is None:
        return True
    if choice.admits(value) is False:
        return False
    if choice.name in _OF_THE_ACCOUNT and named <= {value}:
        return True  # the imports name no other one, and both are in it
    if choice.allowed is not None:
        return choices.equals(choice, value)
    candidates = {value, *named}
    if choice.default is not None:
        candidates.add(choice.default)
    others = tuple(sorted(candidates - {value}))  # which of them it is makes no difference here
    return choices.value(choice) == value if choices.split(choice, [(value,), others]) else None


def _free_part(known: PartialString) -> Reference | None:
    """Return the only unknown part of a name, if it is a parameter."""
    free = [part for part in known.parts if isinstance(part, Opaque)]
    return free[0] if len(free) == 1 and isinstance(free[0], Reference) and free[0].kind == "parameter" else None


def _part(known: PartialString, name: str) -> str | None:
    """Return what the only unknown part of ``known`` is where the whole is ``name``."""
    if sum(isinstance(part, Opaque) for part in known.parts) != 1:
        return None
    first, last = known.parts[0], known.parts[-1]
    start = len(first) if isinstance(first, str) else 0
    end = len(name) - (len(last) if isinstance(last, str) else 0)
    fits = name[:start] == (first if start else "") and name[max(end, 0) :] == (last if isinstance(last, str) else "")
    return name[start:end] if fits and start < end else None
