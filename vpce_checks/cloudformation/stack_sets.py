"""What the templates of ``AWS::CloudFormation::StackSet`` deploy, where their text is in the template.

Their stacks are in other accounts and regions, so each template is read by itself: no choice of the template that holds it
is made for them, and no join with what others share is certain.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from vpce_checks.base.record import replace
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import CONDITION, Stack
from vpce_checks.cloudformation.reader import reader
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Sequence, entry, text_of
from vpce_checks.cloudformation.template.template import STACK_SET, ResourceDeclaration
from vpce_checks.cloudformation.template_bodies import read_template_body
from vpce_checks.model.network import Call
from vpce_checks.model.outside import Offer, OutsideElsewhere, Wanted, offered_elsewhere, root_label
from vpce_checks.model.spans import Span
from vpce_checks.model.template_body import DeployedTemplate, TemplateBody
from vpce_checks.model.values import Cause, Opaque, Unknown, Value, choose, merge_causes, unknown

_OF_A_GROUP = ("DeploymentTargets", "Regions")
"""What a group of stacks has."""


def deployed_by_sets(stacks: Iterable[Stack]) -> Iterator[tuple[str, DeployedTemplate]]:
    """Yield what the stack sets in ``stacks`` deploy whose templates can be read, each with the address of the set."""
    for stack in stacks:
        if STACK_SET not in stack.template.document.text:
            continue
        for resource in stack.resources().values():
            if resource.type == STACK_SET:
                with stack.world.choices.freezing():
                    body = _body(stack, resource)
                deployed = read_template_body(body) if body is not None else None
                if deployed is not None:
                    yield stack.prefix + resource.id, deployed


def shared_by_sets(stack: Stack, root: str) -> Iterator[Offer]:
    """Yield what the templates of the stack sets in ``stack`` create or export that others may find. ``root`` is the template
    whose label is on their addresses."""
    for address, deployed in deployed_by_sets((stack,)):
        cause, label = _in_other_accounts(address, None), root_label(root)
        for each in deployed.offers:
            yield offered_elsewhere(replace(each, what=each.what.removeprefix(label)), cause)


def wanted_by_sets(stack: Stack) -> Iterator[Wanted]:
    """Yield what the templates of the stack sets in ``stack`` want from others."""
    for _, deployed in deployed_by_sets((stack,)):
        yield from deployed.wants


def _body(stack: Stack, resource: ResourceDeclaration) -> TemplateBody | None:
    """Return the template of a stack set. None if the set is not there or its text is not known."""
    read = reader(stack, resource)
    node = read.properties.entries.get("TemplateBody")
    if node is None or read.opaque is not None or stack.exists(resource) is False:
        return None
    before, stack.world.sensitive = stack.world.sensitive, False
    body = evaluate(stack, node, CONDITION)
    groups = read.properties.entries.get("StackInstancesGroup")
    parameters, others = _parameters(stack, groups, read.properties.entries.get("Parameters"))
    is_sensitive, stack.world.sensitive = stack.world.sensitive, before
    if not isinstance(body, str) or is_sensitive:
        return None
    address = stack.prefix + resource.id
    cause = _in_other_accounts(address, resource.span)
    outside = stack.world.outside
    return TemplateBody(
        body,
        None,
        stack.span(node),
        f"{address}/",
        (*stack.calls, Call(address, resource.span)),
        parameters,
        others,
        _region(stack, groups),
        _existence(stack, resource, groups),
        stack.world.templates.boundary,
        OutsideElsewhere(outside, cause) if outside is not None else None,
    )


def _in_other_accounts(address: str, span: Span | None) -> Cause:
    return Cause(f"{address} deploys to accounts that the code does not show", span)


def _existence(stack: Stack, resource: ResourceDeclaration, groups: Node | None) -> Literal[True] | Opaque:
    """Return whether a stack set has a stack. Without instances in the template, others may add some."""
    doubts = [each for each in (stack.exists(resource), stack.existence) if isinstance(each, Opaque)]
    if not (isinstance(groups, Sequence) and any(map(_is_group, groups.items))):
        doubts.append(unknown(f"{stack.prefix}{resource.id} has no stack in the code", resource.span))
    return Unknown(merge_causes(doubts), "bool") if doubts else True


def _region(stack: Stack, groups: Node | None) -> Value:
    """Return the region of all stacks of a set. None if they are in several, or it is not known."""
    found: list[Value] = []
    for group in groups.items if isinstance(groups, Sequence) else ():
        regions = entry(group, "Regions")
        found += (
            [evaluate(stack, each, CONDITION) for each in regions.items] if isinstance(regions, Sequence) else [None]
        )
    return found[0] if found and isinstance(found[0], str) and all(each == found[0] for each in found) else None


def _parameters(stack: Stack, groups: Node | None, given: Node | None) -> tuple[dict[str, Value], Unknown | None]:
    """Return the parameters that the stacks of a set have, and what any other may be."""
    if groups is not None and not _is_written_out(groups):
        return {}, unknown("which stacks the stack set has is not written out", stack.span(groups))
    own, others = _listed(stack, given)
    overrides = [
        _listed(stack, entry(group, "ParameterOverrides"))
        for group in (groups.items if isinstance(groups, Sequence) else ())
    ]
    found: dict[str, Value] = {}
    for name in dict.fromkeys([*own, *(name for values, _ in overrides for name in values)]):
        unset = Unknown((Cause(f"some stacks do not set the parameter {name}", None),))
        values = [each.get(name, own.get(name, unset) if more is None else more) for each, more in overrides] or [
            own[name]
        ]
        found[name] = choose(values, (Cause(f"not all stacks have the same parameter {name}", None),))
    return found, next((more for more in (others, *(more for _, more in overrides)) if more is not None), None)


def _is_written_out(groups: Node) -> bool:
    """Return whether each group of stacks stands in the template as it is, and no function makes it."""
    return isinstance(groups, Sequence) and all(
        isinstance(group, Mapping) and not group.entries.keys().isdisjoint(_OF_A_GROUP) for group in groups.items
    )


def _is_group(node: Node) -> bool:
    """Return whether a group of stacks is there, whatever ``Fn::If`` chooses: none of its branches is ``AWS::NoValue``."""
    branches = entry(node, "Fn::If")
    if isinstance(branches, Sequence):
        return len(branches.items) == 3 and all(map(_is_group, branches.items[1:]))
    return isinstance(node, Mapping) and not node.entries.keys().isdisjoint(_OF_A_GROUP)


def _listed(stack: Stack, given: Node | None) -> tuple[dict[str, Value], Unknown | None]:
    """Return the values in a list of parameters, and what any other may be: unknown if the list is not written out."""
    if given is None:
        return {}, None
    items = given.items if isinstance(given, Sequence) else ()
    named = {text_of(entry(item, "ParameterKey")): entry(item, "ParameterValue") for item in items}
    values = {
        name: evaluate(stack, node, CONDITION) for name, node in named.items() if name is not None and node is not None
    }
    is_whole = isinstance(given, Sequence) and len(values) == len(given.items)
    return values, None if is_whole else unknown("the parameters of the stack set are not known", stack.span(given))
