"""Read a template that code in another language deploys (a :class:`vpce_checks.model.template_body.ReadTemplate`).

The deployment says which values the parameters have, so there is one network, and no choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.network import NetworkObject
from vpce_checks.model.template_body import DeployedTemplate, TemplateBody
from vpce_checks.model.values import MapValue, Opaque, Unknown, Value, unknown

if TYPE_CHECKING:
    from vpce_checks.cloudformation.evaluate.stack import Stack
    from vpce_checks.cloudformation.template.template import Template


def read_template_body(body: TemplateBody) -> DeployedTemplate | None:
    """Return what the template creates and its outputs. None where its text is no template, has errors, or is too large to be
    evaluated."""
    from vpce_checks.cloudformation.evaluate.choices import CannotDeploy, Interrupted

    template = _template(body)
    if template is None:
        return None
    stack = _stack(template, body)
    try:
        found = DeployedTemplate(tuple(_objects(stack)), _outputs(stack))
    except (CannotDeploy, Interrupted, RecursionError):
        return None
    return None if any(item.severity == "error" for item in stack.world.diagnostics) else found


def _template(body: TemplateBody) -> Template | None:
    from vpce_checks.cloudformation.template.loader import parse
    from vpce_checks.cloudformation.template.template import read_template

    document = parse(body.text.encode(), body.span.file if body.file is None else body.file)
    if any(item.severity == "error" for item in document.diagnostics):
        return None
    document.place = body.span if body.file is None else None
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
    world = World(choices, Templates((), body.boundary), region)
    return Stack(world, template, body.prefix, body.calls, given, nested=True, existence=body.exists)


def _objects(root: Stack) -> Iterator[NetworkObject]:
    from vpce_checks.cloudformation.build import NOTHING, network_objects, parts_in
    from vpce_checks.cloudformation.resources import BUILDERS, opaque_objects

    stacks = list(root.walk(BUILDERS, ()))
    for stack in stacks:
        for resource in stack.resources().values():
            if resource.type in BUILDERS:
                yield from network_objects(stack, resource)
    yield from parts_in(root, NOTHING)
    for stack in stacks:
        yield from opaque_objects(stack)


def _outputs(stack: Stack) -> MapValue:
    """Return the outputs, as texts."""
    from vpce_checks.cloudformation.evaluate.conversion import text
    from vpce_checks.cloudformation.evaluate.expressions import evaluate
    from vpce_checks.cloudformation.evaluate.stack import DISPLAY
    from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, entry, text_of

    items: dict[str, Value] = {}
    maybe: dict[str, Opaque] = {}
    world = stack.world
    section = stack.template.section("Outputs") or EMPTY_MAPPING
    for name, (_, node) in stack.entries(section).items():
        condition, value = text_of(entry(node, "Condition")), entry(node, "Value")
        exists = stack.condition(condition, node) if condition is not None else True
        if exists is False or value is None:
            continue
        world.sensitive = False
        items[name] = text(evaluate(stack, value, DISPLAY), stack.span(value))
        if world.sensitive:
            items[name] = unknown(f"the output {name} is sensitive", stack.span(value))
        if exists is not True:
            maybe[name] = exists
    others = next(iter(stack.opaque_entries), None)
    rest = Unknown(unknown(others.reason, others.span).causes) if others is not None else None
    return replace(MapValue(items, "object", maybe), rest=rest)
