"""Read a template that code in another language deploys (a :class:`vpce_checks.model.template_body.ReadTemplate`).

The deployment says which values the parameters have, so there is one network, and no choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.network import NetworkObject
from vpce_checks.model.outside import EXPORT, PARAMETER, Offer, Wanted, words_for
from vpce_checks.model.spans import Span
from vpce_checks.model.template_body import DeployedTemplate, TemplateBody
from vpce_checks.model.values import MapValue, Opaque, Unknown, Value, pattern, unknown

if TYPE_CHECKING:
    from vpce_checks.cloudformation.evaluate.stack import Stack
    from vpce_checks.cloudformation.template.nodes import Mapping
    from vpce_checks.cloudformation.template.template import Template


def read_template_body(body: TemplateBody) -> DeployedTemplate | None:
    """Return what the template creates and its outputs. None where its text is no template, has errors, or is too large to be
    evaluated."""
    from vpce_checks.cloudformation.evaluate.choices import CannotDeploy, Interrupted
    from vpce_checks.cloudformation.resources import BUILDERS

    template = _template(body)
    if template is None:
        return None
    root = _stack(template, body)
    try:
        stacks = list(root.walk(BUILDERS, ()))
        found = DeployedTemplate(
            tuple(_objects(root, stacks)), _outputs(root), tuple(_offers(stacks, body)), tuple(_wants(stacks))
        )
    except (CannotDeploy, Interrupted, RecursionError):
        return None
    return None if any(item.severity == "error" for item in root.world.diagnostics) else found


def _template(body: TemplateBody) -> Template | None:
    return _parsed(body.text, body.file, body.span)


@lru_cache(maxsize=16)  # a template that holds it is evaluated for many combinations
def _parsed(text: str, file: str | None, span: Span) -> Template | None:
    from vpce_checks.cloudformation.template.loader import parse
    from vpce_checks.cloudformation.template.template import read_template

    document = parse(text.encode(), span.file if file is None else file)
    if any(item.severity == "error" for item in document.diagnostics):
        return None
    document.place = span if file is None else None
    return read_template(document)


def _stack(template: Template, body: TemplateBody) -> Stack:
    from vpce_checks.cloudformation.evaluate.choices import Choices
    from vpce_checks.cloudformation.evaluate.conversion import text
    from vpce_checks.cloudformation.evaluate.stack import Handed, Stack, World
    from vpce_checks.cloudformation.template.templates import Templates

    choices = Choices(1)
    choices.frozen = True
    region = body.region if isinstance(body.region, str) else None
    given = {name: Handed(text(value, body.span)) for name, value in body.parameters.items()}
    if body.others is not None:
        given |= {name: Handed(body.others) for name in template.parameters.keys() - given.keys()}
    world = World(choices, Templates((), body.boundary), region, outside=body.outside)
    return Stack(world, template, body.prefix, body.calls, given, nested=True, existence=body.exists, tags=body.tags)


def _objects(root: Stack, stacks: Iterable[Stack]) -> Iterator[NetworkObject]:
    from vpce_checks.cloudformation.resources import BUILDERS, opaque_objects
    from vpce_checks.cloudformation.stack_objects import network_objects, parts_in

    for stack in stacks:
        for resource in stack.resources().values():
            if resource.type in BUILDERS:
                yield from network_objects(stack, resource)
    yield from parts_in(root, decided=False)
    for stack in stacks:
        yield from opaque_objects(stack)


def _offers(stacks: Iterable[Stack], body: TemplateBody) -> Iterator[Offer]:
    """Yield what other roots may look up, import or read. The region and the account are not among the keys."""
    from vpce_checks.cloudformation.created_objects import created_objects
    from vpce_checks.cloudformation.evaluate.expressions import evaluate
    from vpce_checks.cloudformation.evaluate.stack import CONDITION
    from vpce_checks.cloudformation.shared_values import is_there, shared_values
    from vpce_checks.cloudformation.template.environment import Environment

    for stack in stacks:
        yield from created_objects(stack, body.span.file, Environment())
        for kind in (EXPORT, PARAMETER):
            for each in shared_values(stack, kind):
                if is_there(stack, each, kind) is False:
                    continue
                name = evaluate(stack, each.name, CONDITION)
                yield Offer(
                    kind, name, stack.prefix + each.id, stack.span(each.name), partial(_value, stack, each.holder)
                )


def _value(stack: Stack, holder: Mapping, name: str) -> Value:
    from vpce_checks.cloudformation.shared_values import value_for_others

    return value_for_others(stack, holder)


def _wants(stacks: Iterable[Stack]) -> Iterator[Wanted]:
    """Yield the exports, parameters and outputs of other stacks that the template uses."""
    from vpce_checks.cloudformation.shared_values import used_values

    for stack in stacks:
        for each in used_values(stack):
            yield Wanted(
                each.kind, each.name, words_for(each.kind, pattern(each.name) or "*"), each.span, each.elsewhere
            )


def _outputs(stack: Stack) -> MapValue:
    """Return the outputs, as texts."""
    from vpce_checks.cloudformation.evaluate.conversion import text
    from vpce_checks.cloudformation.shared_values import output_is_there, value_for_others
    from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, entry

    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    section = stack.template.section("Outputs") or EMPTY_MAPPING
    for name, (_, node) in stack.entries(section).items():
        exists, value = output_is_there(stack, node), entry(node, "Value")
        if exists is False or value is None:
            continue
        items[name] = text(value_for_others(stack, node), stack.span(value))
        if exists is not True:
            maybe[name] = exists
    others = next(iter(stack.opaque_entries), None)
    rest = Unknown(unknown(others.reason, others.span).causes) if others is not None else None
    return replace(MapValue(items, "object", maybe), rest=rest)
