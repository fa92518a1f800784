"""Find out whether CloudFormation accepts the parameters of a stack: its section Rules, and the constraints of nested stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.cloudformation.evaluate.choices import CannotDeploy, Interrupted
from vpce_checks.cloudformation.evaluate.conditions import truth
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.pseudo import region_choice
from vpce_checks.cloudformation.evaluate.stack import CONDITION, Binding, Stack
from vpce_checks.cloudformation.template.constraints import ANYTHING
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Reference, Value

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template.parameters import ParameterDeclaration


def require_parameters(stack: Stack, decided: frozenset[str]) -> None:
    """Raise CannotDeploy if CloudFormation refuses the choices ``decided`` for ``stack``. Only what is about them counts."""
    if stack.existence is not True or stack.world.lenient:
        return  # it need not exist, or a macro changes it first
    if not _rules_hold(stack, decided):
        raise CannotDeploy
    _limit_region(stack)
    for name, declared in stack.template.parameters.items():
        given = stack.given.get(name)
        if isinstance(given, Binding) and declared.constraints != ANYTHING:
            with stack.world.choices.freezing():
                value = evaluate(given.stack, given.node, CONDITION)
            _limit(stack, value, declared)


def require_outputs(stack: Stack) -> None:
    """Raise CannotDeploy if an output of ``stack`` refers to a resource that is not created: CloudFormation refuses that."""
    if stack.existence is not True or stack.world.lenient:
        return
    absent = {
        id for id, resource in stack.resources().items() if resource.condition and stack.exists(resource) is False
    }
    section = stack.template.section("Outputs")
    if not absent or section is None:
        return
    outside = stack.world.sensitive
    for _, node in stack.entries(section).values():
        condition, value = text_of(entry(node, "Condition")), entry(node, "Value")
        if value is None or not any(map(partial(_mentions, value), absent)):
            continue
        if condition is None or stack.condition(condition, node) is True:
            evaluate(stack, value, CONDITION)
    stack.world.sensitive = outside


def _mentions(expression: Node, id: str) -> bool:
    """Return whether an expression may refer to the resource ``id``: a quick look at its texts."""
    pending: list[Node] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Scalar):
            if node.text == id or node.text.startswith(f"{id}.") or f"${{{id}" in node.text:
                return True
        else:
            pending += node.items if isinstance(node, Sequence) else node.entries.values()
    return False


def _limit_region(stack: Stack) -> None:
    """Limit the region to those that a nested template has in its mappings. Raises CannotDeploy if none is left."""
    keys = stack.template.required_keys.get("AWS::Region")
    if keys is None or not stack.nested:
        return
    world = stack.world
    if world.region is not None:
        if world.region not in keys:
            raise CannotDeploy
        return
    region = region_choice(world)
    left = world.choices.left(region)
    possible = keys if left is None else tuple(one for one in left if one in keys)
    world.choices.keep(region, tuple(one for one in possible if world.choices.may_be(region, one)))


def _limit(stack: Stack, value: Value, declared: ParameterDeclaration) -> None:
    """Limit the value that a parent stack passes to what the nested stack admits. Raises CannotDeploy if nothing is left."""
    admit = declared.constraints.admit
    if isinstance(value, str) and admit(value) is False:
        raise CannotDeploy
    choices = stack.world.choices
    choice = choices.known(value.address) if isinstance(value, Reference) and not value.path else None
    left = choices.left(choice) or declared.allowed if choice is not None else None
    if choice is not None and left is not None:
        choices.keep(choice, tuple(one for one in left if admit(one) is not False and choices.may_be(choice, one)))


def _rules_hold(stack: Stack, decided: frozenset[str]) -> bool:
    return not any(_broken(stack, rule) for _, rule in _rules_about(stack, decided))


class BrokenRule(NamedTuple):
    """A rule that certainly refuses the given values: its name and place, what it says of the first assertion that fails, and the
    parameters that it is about."""

    name: str
    span: Span
    says: str
    parameters: frozenset[str]


def rules_broken_by_given(stack: Stack) -> Iterator[BrokenRule]:
    """Yield the rules of a root template that refuse the values that parameter files set, whatever the others are."""
    for name, rule in _rules_about(stack, frozenset(stack.given)):
        broken = None
        with suppress(Interrupted, RecursionError), stack.world.choices.freezing():
            broken = _broken(stack, rule)  # what refuses the template for another reason, the build of it reports
        if broken is not None:
            says = text_of(broken.entries.get("AssertDescription")) or ""
            section = stack.template.section("Rules") or EMPTY_MAPPING
            span = stack.template.document.entry_span(section, name)
            yield BrokenRule(name, span, says, frozenset(_about(stack, rule)) & stack.given.keys())


def _rules_about(stack: Stack, choices: frozenset[str]) -> Iterator[tuple[str, Mapping]]:
    section = stack.template.section("Rules")
    for name, rule in section.entries.items() if section is not None else ():
        if isinstance(rule, Mapping) and not choices.isdisjoint(_about(stack, rule)):
            yield name, rule


def _broken(stack: Stack, rule: Mapping) -> Mapping | None:
    """Return the first assertion of a rule that certainly fails. None if the rule holds, or may."""
    condition = rule.entries.get("RuleCondition")
    if condition is not None and truth(stack, condition) is not True:
        return None
    assertions = rule.entries.get("Assertions")
    for item in assertions.items if isinstance(assertions, Sequence) else []:
        check = item.entries.get("Assert") if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and check is not None and truth(stack, check) is False:
            return item
    return None


def _about(stack: Stack, expression: Node) -> Iterator[str]:
    """Yield the names of the choices that ``expression`` refers to."""
    pending: list[Node] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            name = text_of(node.entries.get("Ref"))
            if name is not None:
                yield from _choices_of(stack, name)
            pending += node.entries.values()


def _choices_of(stack: Stack, name: str) -> Iterator[str]:
    """Yield the names of the choices that the parameter ``name`` depends on."""
    given = stack.given.get(name)
    if isinstance(given, Binding):
        yield from _about(given.stack, given.node)
    else:
        yield from (stack.prefix + name, name)  # a pseudo parameter has no prefix
