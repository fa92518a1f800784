"""Evaluate conditions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from vpce_checks.cloudformation.evaluate.choices import Choice
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import CONDITION, MAX_FORKED_VALUES, Stack
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
        return _all(stack, items, True)
    if name == "Fn::Or":
        return _all(stack, items, False)
    if name == "Fn::Equals" and len(items) == 2:
        return _equals(stack, items[0], items[1])
    if name == "Fn::Contains" and len(items) == 2:
        return _contains(stack, items[0], items[1])
    if name == "Fn::If" and len(items) == 3:
        holds = stack.condition(text_of(items[0]) or "", items[0])
        if isinstance(holds, bool):
            return truth(stack, items[1] if holds else items[2])
        return holds
    return unknown(f"cannot evaluate {name} before deployment", stack.span(node))


def _all(stack: Stack, items: list[Node], neutral: bool) -> Truth:
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
    for _ in range(MAX_FORKED_VALUES):
        left, right = evaluate(stack, left_node, CONDITION), evaluate(stack, right_node, CONDITION)
        result = _equal_values(stack, left, right, stack.span(right_node))
        if not isinstance(result, Choice):
            return result
        if stack.world.choices.pick(result) is None:
            break
    return unknown(_undecided([left, right]), stack.span(left_node))


def _equal_values(stack: Stack, left: Value, right: Value, span: object) -> Truth | Choice:
    """Return whether two values are equal. Return a choice if its value is needed first."""
    left, right = _comparable(left), _comparable(right)
    if is_known(left) and is_known(right):
        return left == right
    if isinstance(left, str) or is_known(left):
        left, right = right, left
    if isinstance(left, Reference) and left == right:
        return True
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _by_members(left, right)
    choices = stack.world.choices
    if isinstance(left, Reference) and isinstance(right, str):
        choice = _choice_of(stack, left, right)
        if choice is None:
            return Unknown(left.causes, "bool")
        if stack.world.sensitive:
            choices.sensitive.add(choice.name)
        answer = choices.equals(choice, right)
        return answer if answer is not None else unknown(_undecided([left]))
    for value in (left, right):
        for part in opaque_parts(value):
            choice = choices.known(part.address) if isinstance(part, Reference) and part.kind == "parameter" else None
            if choice is not None and choices.left(choice) is not None and len(choices.left(choice) or ()) > 1:
                return choice
    if isinstance(left, PartialString) and isinstance(right, str) and not _may_be(left, right):
        return False
    return _free(stack, left, right)


def _by_members(left: Value, right: Value) -> Truth:
    if isinstance(left, Unknown) and left.one_of and isinstance(right, str):
        members = [_comparable(member) for member in left.one_of]
        if all(isinstance(member, str) and member != right for member in members):
            return False
    return Unknown(merge_causes([left, right]), "bool")


def _choice_of(stack: Stack, reference: Reference, value: str) -> Choice | None:
    """Return the choice that decides whether ``reference`` is ``value``. None if it does not depend on a choice."""
    choices = stack.world.choices
    if reference.kind != "parameter":
        return None
    choice = choices.known(reference.address)
    if choice is None or not reference.path:
        return choice
    if value == "":  # the whole list, or its first item, is empty only if the list is empty
        return choice
    if choices.left(choice) is not None:
        return None
    return Choice(_words(reference))


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
    answer = stack.world.choices.equals(Choice(name, ("true", "false")), "true")
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


def _contains(stack: Stack, items_node: Node, value_node: Node) -> Truth:
    if isinstance(items_node, Sequence):
        doubts: list[Opaque] = []
        for item in items_node.items:
            value = _equals(stack, item, value_node)
            if value is True:
                return True
            if not isinstance(value, bool):
                doubts.append(value)
        return Unknown(merge_causes(doubts), "bool") if doubts else False
    return unknown("Fn::Contains is evaluated only for a literal list", stack.span(items_node))


def _undecided(values: list[Value]) -> str:
    names = list(
        dict.fromkeys(str(part) for value in values for part in opaque_parts(value) if isinstance(part, Reference))
    )
    return f"it depends on {', '.join(names[:3]) or 'parameters'}, and there are too many combinations of values to try"


def rules_hold(stack: Stack, decided: frozenset[str]) -> bool:
    """Return whether the template's Rules allow the choices ``decided``. Only Rules about these choices count.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
    """
    section = stack.template.section("Rules")
    for rule in section.entries.values() if section is not None else ():
        if not isinstance(rule, Mapping) or not _about(rule, stack.prefix, decided):
            continue
        condition = rule.entries.get("RuleCondition")
        if condition is not None and truth(stack, condition) is not True:
            continue
        assertions = rule.entries.get("Assertions")
        for item in assertions.items if isinstance(assertions, Sequence) else []:
            check = item.entries.get("Assert") if isinstance(item, Mapping) else None
            if check is not None and truth(stack, check) is False:
                return False
    return True


def _about(rule: Node, prefix: str, decided: frozenset[str]) -> bool:
    """Return whether ``rule`` refers to one of the choices ``decided``."""
    pending: list[Node] = [rule]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            name = text_of(node.entries.get("Ref"))
            if name is not None and (prefix + name in decided or name in decided):
                return True
            pending += node.entries.values()
    return False
