"""Evaluate conditions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from itertools import islice
from math import prod
from typing import TypeAlias

from vpce_checks.cloudformation.evaluate.choices import Choice, Choices
from vpce_checks.cloudformation.evaluate.conversion import derived
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.outcomes import MAX_LISTED_VALUES, split_by_outcome
from vpce_checks.cloudformation.evaluate.stack import CONDITION, Stack
from vpce_checks.cloudformation.template.allowed_pattern import allowed_pattern
from vpce_checks.cloudformation.template.constraints import ANYTHING, Constraints
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence, text_of
from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    is_known,
    merge_causes,
    opaque_parts,
    unknown,
)

Truth: TypeAlias = bool | Opaque

_LENGTH = Constraints(pattern=allowed_pattern("0|[1-9][0-9]*"))
_AT_LEAST_ONE = Constraints(pattern=allowed_pattern("[1-9][0-9]*"))

MAX_QUESTIONS = 8
"""How many parameters one comparison may depend on."""

MAX_READINGS = 10_000
"""How many ways to read a text as one that is made of parameters are tried."""

MAX_MEMBERS = 64
"""How many members of a list without a known value a rule is asked about."""


def truth(stack: Stack, node: Node) -> Truth:
    """Return whether the condition ``node`` holds: True, False, or unknown with reasons."""
    stack.world.step()
    if isinstance(node, Scalar):
        if isinstance(node.value, bool):
            return node.value
        if node.text.lower() in ("true", "false"):
            return node.text.lower() == "true"
        return unknown("this is not a condition", stack.span(node))
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        return unknown("this is not a condition", stack.span(node))
    ((name, argument),) = node.entries.items()
    items: list[Node] = argument.items if isinstance(argument, Sequence) else [argument]
    if name == "Condition" and (condition := text_of(argument)) is not None:
        return stack.condition(condition, argument)
    if name == "Fn::Not" and len(items) == 1:
        inner = truth(stack, items[0])
        return not inner if isinstance(inner, bool) else inner
    if name == "Fn::And":
        return _all(stack, items, neutral=True)
    if name == "Fn::Or":
        return _all(stack, items, neutral=False)
    if name == "Fn::Equals" and len(items) == 2:
        return _equals(stack, items[0], items[1])
    if name in ("Fn::Contains", "Fn::EachMemberIn", "Fn::EachMemberEquals") and len(items) == 2:
        return _members_truth(stack, name, items[0], items[1])
    if name == "Fn::If" and len(items) == 3:
        holds = stack.condition(text_of(items[0]) or "", items[0])
        if isinstance(holds, bool):
            return truth(stack, items[1] if holds else items[2])
        return holds
    return unknown(f"cannot evaluate {name} before deployment", stack.span(node))


def _all(stack: Stack, items: list[Node], *, neutral: bool) -> Truth:
    """Evaluate Fn::And (neutral True) and Fn::Or (neutral False). One deciding operand is enough."""
    doubts: list[Opaque] = []
    for item in items:
        value = truth(stack, item)
        if isinstance(value, bool):
            if value is not neutral:
                return value
        else:
            doubts.append(value)
    return Unknown(merge_causes(doubts), "bool") if doubts else neutral


def _equals(stack: Stack, left_node: Node, right_node: Node) -> Truth:
    def operand(node: Node) -> Value:
        return _comparable(evaluate(stack, node, CONDITION))

    def compared() -> bool | None:
        return _compared(operand(left_node), operand(right_node))

    choices = stack.world.choices
    for _ in range(MAX_QUESTIONS):
        stack.world.crowded = None
        node, left, right = left_node, operand(left_node), operand(right_node)
        result = _compared(left, right)
        if result is not None:
            return result
        key = stack.world.crowded
        decided = None
        if key is not None:
            decided = split_by_outcome(choices, key.choice, key.names, compared, or_others=key.or_others)
        if decided is not None:  # few outcomes, of many values of a mapping
            if decided.outcome is not None:
                return bool(decided.outcome)
            continue
        if is_known(left):
            node, left, right = right_node, right, left
        asked = _one_choice(stack, left, right, partial(operand, node))
        choice = asked[0] if asked is not None else _listed_choice(choices, left, right)
        if choice is None:
            with choices.noting() as noted:
                compared()
            choice = _noted_choice(choices, noted)
        if choice is None:
            readings = spelt(choices, left, right)
            return _free(stack, left, right) if readings is None else _all_are(stack, readings)
        if stack.world.sensitive:
            choices.sensitive.add(choice.name)
        if asked is not None:
            answer = choices.equals(*asked)
            if answer is not None:
                return answer
            break
        decided = split_by_outcome(choices, choice, choices.left(choice) or (), compared)
        if decided is None:
            break
        if decided.outcome is not None:
            return bool(decided.outcome)
    return unknown(_undecided([left, right]), stack.span(left_node))


_IDS: tuple[tuple[str, ...], ...] = ((), ("id",))
"""Paths of references to the id of an object, which is no empty text."""


def _compared(left: Value, right: Value) -> bool | None:
    """Return whether two values are equal for certain, or differ for certain. None if neither."""
    if is_known(left) and is_known(right):
        return left == right
    if _are_named(left) and left == right:
        return True
    if _differ_in_length(left, right):
        return False
    if is_known(left):
        left, right = right, left
    if not isinstance(right, str):
        return None
    if right == "" and isinstance(left, Reference) and left.kind == "resource" and left.path in _IDS:
        return False
    if isinstance(left, Unknown) and left.one_of:
        members = [_comparable(member) for member in left.one_of]
        if all(isinstance(member, str) and member != right for member in members):
            return False
    return False if isinstance(left, PartialString) and not _may_be(left, right) else None


def _are_named(value: Value) -> bool:
    """Return whether all of a value that is not known has an identity."""
    return all(isinstance(part, Reference) for part in opaque_parts(value))


def _differ_in_length(left: Value, right: Value) -> bool:
    """Return whether two texts hold the same unknown parts, and more or fewer letters beside them."""
    both = [side.parts if isinstance(side, PartialString) else (side,) for side in (left, right)]
    opaque = [[part for part in parts if not isinstance(part, str)] for parts in both]
    if not all(isinstance(part, Reference) and part.type != "list" for parts in opaque for part in parts):
        return False
    first, second = (sorted(map(repr, parts)) for parts in opaque)
    lengths = [sum(len(part) for part in parts if isinstance(part, str)) for parts in both]
    return first == second and lengths[0] != lengths[1]


Spelling: TypeAlias = dict[Reference, str]
"""What each of some references must be, so that a text that is made of them is a certain one."""


def spelt(choices: Choices, left: Value, right: Value) -> list[Spelling] | None:
    """Return what the open parts of a text must be, so that it is ``right``: nothing, if it cannot be.

    None if there are several ways to read ``right`` as such a text, or too many to try.
    """
    if not isinstance(left, PartialString) or not isinstance(right, str):
        return None
    refs = [part for part in left.parts if not isinstance(part, str)]
    if not all(isinstance(ref, Reference) and not ref.path and choices.known(ref.address) for ref in refs):
        return None
    if (len(right) + 1) ** (len(refs) - 1) > MAX_READINGS:
        return None
    readings = list(islice(_readings(choices, left.parts, right, {}), 2))
    return readings if len(readings) < 2 else None


def _readings(choices: Choices, parts: tuple[str | Opaque, ...], text: str, given: Spelling) -> Iterator[Spelling]:
    if not parts:
        if not text:
            yield given
        return
    first, rest = parts[0], parts[1:]
    if isinstance(first, Reference):
        choice = choices.known(first.address)
        ends = range(len(text) + 1) if rest else [len(text)]
        options = [given[first]] if first in given else [text[:end] for end in ends]
        for option in options:
            if text.startswith(option) and choice is not None and choices.may_be(choice, option):
                yield from _readings(choices, rest, text[len(option) :], {**given, first: option})
    elif isinstance(first, str) and text.startswith(first):
        yield from _readings(choices, rest, text[len(first) :], given)


def _all_are(stack: Stack, readings: list[Spelling]) -> Truth:
    """Return whether all references have the values of the one reading that there is. They have not, if there is none."""
    choices = stack.world.choices
    for reference, text in readings[0].items() if readings else ():
        choice = choices.known(reference.address)
        assert choice is not None
        if stack.world.sensitive:
            choices.sensitive.add(choice.name)
        answer = choices.equals(choice, text)
        if answer is not True:
            return answer if answer is not None else unknown(_undecided([reference]))
    return bool(readings)


def _one_choice(
    stack: Stack, left: Value, right: Value, evaluate_left: Callable[[], Value]
) -> tuple[Choice, str] | None:
    """Return the choice, and the value that it must have for ``left`` to be ``right``. None if more must be known."""
    if isinstance(left, PartialString) and isinstance(right, str):
        opaque = [part for part in left.parts if isinstance(part, Opaque)]
        if len(opaque) > 1 or not isinstance(opaque[0], Reference) or opaque[0].path:
            return None
        first, last = left.parts[0], left.parts[-1]
        right = right[len(first) if isinstance(first, str) else 0 : -len(last) if isinstance(last, str) else None]
        left = opaque[0]
    if not isinstance(left, Reference) or not isinstance(right, str) or left.kind != "parameter":
        return None
    choice = stack.world.choices.known(left.address)
    if choice is None or not left.path or right == "":  # all of a list, or its first item, is empty if the list is
        return None if choice is None else (choice, right)
    return (_derived(stack, choice, left, evaluate_left), right) if stack.world.choices.left(choice) is None else None


def _derived(stack: Stack, choice: Choice, reference: Reference, evaluate_it: Callable[[], Value]) -> Choice:
    """Return the choice of what functions make of ``choice``: an item of a list, a part of a text."""
    is_item = choice.constraints.is_list and len(reference.path) == 1 and isinstance(reference.path[0], int)
    constraints = choice.constraints.of_an_item if is_item else ANYTHING
    if reference.path == ("length",):
        constraints = _AT_LEAST_ONE if choice.constraints.non_empty else _LENGTH

    def derive(text: str) -> str | None:
        with stack.world.choices.assuming(choice, text):
            made = evaluate_it()
        return made if isinstance(made, str) else None

    return Choice(
        _words(reference),
        constraints.allowed,
        derive(choice.default) if choice.default is not None else None,
        constraints,
        choice.sensitive,
        follows=choice,
        derive=derive,
        is_part=not choice.constraints.is_list and choice.constraints != ANYTHING and not choice.known,
    )


def _listed_choice(choices: Choices, left: Value, right: Value) -> Choice | None:
    """Return the first choice that two values depend on and whose values can be listed."""
    for value in (left, right):
        for part in opaque_parts(value):
            choice = choices.known(part.address) if isinstance(part, Reference) and part.kind == "parameter" else None
            if choice is not None and 1 < len(choices.left(choice) or ()) <= MAX_LISTED_VALUES:
                return choice
    return None


def _noted_choice(choices: Choices, noted: dict[str, Choice]) -> Choice | None:
    """Return the first choice that is open, if together they have few values: then trying them decides any comparison."""
    values = {name: choices.left(choice) or () for name, choice in noted.items()}
    if not 1 < prod(map(len, values.values())) <= MAX_LISTED_VALUES:
        return None
    return next(noted[name] for name, left in values.items() if len(left) > 1)


def _words(reference: Reference) -> str:
    """Describe the result of functions on a parameter: "item 0 of Name split at '-'"."""
    words = reference.address
    for step in reference.path:
        if isinstance(step, int):
            words = f"item {step} of {words}" if " " in words else f"{words}[{step}]"
        elif " " in step:  # "split at '-'", "joined by '-'"
            words = f"{words} {step}"
        else:
            words = f"{step} of {words}"
    return words


def _free(stack: Stack, left: Value, right: Value) -> Truth:
    """Return whether two values are equal, if at least one can be anything. The answer is a choice of its own."""
    parts = [*opaque_parts(left), *opaque_parts(right)]
    known = stack.world.choices.known
    if not parts or not all(
        isinstance(part, Reference) and part.kind == "parameter" and known(part.address) for part in parts
    ):
        return Unknown(merge_causes([left, right]), "bool")
    name = stack.world.shown(f"{_label(left)} = {_label(right)}")
    compared = [known(side.address) for side in (left, right) if isinstance(side, Reference) and not side.path]
    first, second = compared if len(compared) == 2 else (None, None)
    both = (first, second) if first is not None and second is not None else None
    answer = stack.world.choices.equals(Choice(name, ("true", "false"), compares=both), "true")
    return answer if answer is not None else unknown(_undecided([left, right]))


def _label(value: Value) -> str:
    if isinstance(value, PartialString):
        return "".join(part if isinstance(part, str) else "${" + str(part) + "}" for part in value.parts)
    if isinstance(value, ListValue):
        return "[" + ", ".join(_label(item) for item in value.items) + "]"
    return _words(value) if isinstance(value, Reference) and value.kind == "parameter" else str(value)


def _may_be(value: PartialString, text: str) -> bool:
    """Return whether a partly known string can be ``text``, from its known beginning, end and length."""
    first, last = value.parts[0], value.parts[-1]
    literal = sum(len(part) for part in value.parts if isinstance(part, str))
    return (
        literal <= len(text)
        and (not isinstance(first, str) or text.startswith(first))
        and (not isinstance(last, str) or text.endswith(last))
    )


def _comparable(value: Value) -> Value:
    """Return ``value`` as CloudFormation compares it, as text: true is "true" and 1 is "1"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, ListValue) and value.exact:
        return ListValue(tuple(_comparable(item) for item in value.items), "list")
    if isinstance(value, MapValue) and value.exact:
        return MapValue({key: _comparable(item) for key, item in value.items.items()}, "map")
    return value


def _members_truth(stack: Stack, name: str, first: Node, second: Node) -> Truth:
    """Evaluate ``Fn::Contains``, ``Fn::EachMemberIn`` and ``Fn::EachMemberEquals``, which compare lists in Rules."""
    if name == "Fn::Contains":
        return _any(stack, second, first)
    members = _members(stack, first)
    doubts: list[Opaque] = []
    if members is None:
        doubts.append(unknown(f"the members of this list in {name} are unknown", stack.span(first)))
        members = _decided_members(stack, first)
    for member in members:
        value = _any(stack, member, second) if name == "Fn::EachMemberIn" else _equals(stack, member, second)
        if value is False:
            return False
        if value is not True:
            doubts.append(value)
    return Unknown(merge_causes(doubts), "bool") if doubts else True


def _any(stack: Stack, value: Node, items: Node) -> Truth:
    """Return whether one of ``items`` is ``value``."""
    members = _members(stack, items)
    if members is None:
        return unknown("the members of this list are unknown", stack.span(items))
    doubts: list[Opaque] = []
    for member in members:
        found = _equals(stack, value, member)
        if found is True:
            return True
        if found is not False:
            doubts.append(found)
    return Unknown(merge_causes(doubts), "bool") if doubts else False


def _members(stack: Stack, node: Node) -> list[Node] | None:
    """Return the members of a list. None if they are unknown."""
    if isinstance(node, Sequence):
        return node.items
    value = evaluate(stack, node, CONDITION)
    if not isinstance(value, ListValue) or not value.exact or not all(isinstance(item, str) for item in value.items):
        return None
    return [Scalar(str(item), str(item), node.start, node.end) for item in value.items]


def _decided_members(stack: Stack, node: Node) -> list[Node]:
    """Return the members of an unknown list that the current combination decides something about: ``Fn::Select`` of each."""
    value = evaluate(stack, node, CONDITION)
    if not isinstance(value, Reference) or value.kind != "parameter":
        return []
    decided = stack.world.choices.decided
    positions = [at for at in range(MAX_MEMBERS) if _words(derived(value, at)) in decided]
    return [_select(node, at) for at in positions]


def _select(items: Node, at: int) -> Node:
    """Return the expression of one item of a list."""
    place = (items.start, items.end)
    return Mapping({"Fn::Select": Sequence([Scalar(at, str(at), *place), items], *place)}, {}, *place)


def _undecided(values: list[Value]) -> str:
    names = list(
        dict.fromkeys(str(part) for value in values for part in opaque_parts(value) if isinstance(part, Reference))
    )
    return f"it depends on {', '.join(names[:3]) or 'parameters'}, and there are too many combinations of values to try"
