"""The CloudFormation templates that resources deploy, where their whole text is known.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files import tracked
from vpce_checks.model.network import Call, Endpoint, NetworkObject, OpaqueModule, Vpc
from vpce_checks.model.outside import OutsideElsewhere
from vpce_checks.model.template_body import DeployedTemplate, ReadTemplate, TemplateBody
from vpce_checks.model.values import Cause, MapValue, Unknown, Value, merge_causes
from vpce_checks.terraform.aws.generic import DEPLOYS_TEMPLATE, STACK_RESOURCE
from vpce_checks.terraform.config.outputs_of_others import wanted_template
from vpce_checks.terraform.config.stack_sets import in_other_accounts, instances_of, stack_set_of, with_overrides
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance


def deployed_template(instance: Instance) -> DeployedTemplate | None:
    """Return what the template of a stack creates. None for another type of resource, where the text is not known or no
    template that can be read, and where the template is a root of the scan by itself."""
    return None if instance.type not in DEPLOYS_TEMPLATE or _is_root(instance) else _template_of(instance)


def created_by_stack(instance: Instance) -> tuple[NetworkObject, ...] | None:
    """Return what the template of a stack creates. None where it cannot be read.

    A template that is a root of the scan is judged there, and not twice: what it creates is only seen here.
    """
    deployed = _template_of(instance)
    if deployed is None:
        return None
    is_judged = any(isinstance(each, (Vpc, Endpoint, OpaqueModule)) for each in deployed.objects)
    if is_judged and _is_root(instance):
        if any(isinstance(each, Vpc) for each in deployed.objects):
            return None
        session = instance.scope.session
        session.judged_elsewhere.update(each.declared.address for each in deployed.objects)
    return deployed.objects


def _template_of(instance: Instance) -> DeployedTemplate | None:
    session = instance.scope.session
    read = session.options.read_template
    if read is None:
        return None
    key = f"template of {instance.address}"
    if key not in session.tables:
        session.tables[key] = None  # should its parameters depend on its outputs
        session.tables[key] = _deployed(instance, read)
    found = session.tables[key]
    return found if isinstance(found, DeployedTemplate) else None


def _deployed(instance: Instance, read: ReadTemplate) -> DeployedTemplate | None:
    body = instance.get("template_body")
    if not isinstance(body, str) or instance.is_sensitive("template_body"):
        return None
    parameters, others = _parameters(instance)
    span = instance.block.body.attributes["template_body"].span
    session = instance.scope.session
    template = TemplateBody(
        body,
        _file(instance, body),
        span,
        f"{instance.address}/",
        (*instance.module.calls, Call(instance.address, instance.block.span)),
        parameters,
        others,
        instance.region() if instance.type == STACK_RESOURCE else None,
        instance.exists,
        session.options.boundary,
        session.outside,
        instance.tags(),
    )
    return read(template if instance.type == STACK_RESOURCE else _by_instances(template, instance))


def _by_instances(template: TemplateBody, stack_set: Instance) -> TemplateBody:
    """Return the template of a stack set as its instances deploy it: each in an account of its own."""
    instances = instances_of(stack_set)
    parameters, others = with_overrides({**template.parameters}, template.others, instances, stack_set.block.header)
    outside = OutsideElsewhere(template.outside, in_other_accounts(stack_set)) if template.outside is not None else None
    return replace(
        template,
        parameters=parameters,
        others=others,
        region=instances.region,
        exists=instances.exists,
        outside=outside,
    )


def is_of_read_set(instance: Instance) -> bool:
    """Return whether an instance is of stack sets whose templates were read: what it sets is known there."""
    sets = list(stack_set_of(instance))
    return bool(sets) and all(created_by_stack(each) is not None for each in sets)


def _is_root(instance: Instance) -> bool:
    """Return whether a root of the scan has this text: it is judged there, and joined by its outputs."""
    outside, want = instance.scope.session.outside, wanted_template(instance)
    return outside is not None and want is not None and outside.find(want) is not None


def _parameters(instance: Instance) -> tuple[dict[str, Value], Unknown | None]:
    """Return the parameters that are set. If there may be more, the second value stands for any of them."""
    value = instance.get("parameters")
    if value is None:
        return {}, None
    if not isinstance(value, MapValue) or instance.is_sensitive("parameters"):
        span = instance.block.body.attributes["parameters"].span
        return {}, Unknown(merge_causes([value])[:3] or (Cause("the parameters are not known", span),))
    found: dict[str, Value] = {}
    for name, item in value.items.items():
        doubt = value.maybe.get(name)
        found[name] = item if doubt is None and item is not None else Unknown(merge_causes([doubt, item]))
    return found, None if value.rest is None else Unknown(value.rest.causes)


def _file(instance: Instance, text: str) -> str | None:
    """Return the file whose content the text is, if the code names it here: ``file("net.yaml")``."""
    expr = instance.block.body.attributes["template_body"].expr
    session = instance.scope.session
    if not (isinstance(expr, ast.Call) and expr.name in ("file", "core::file") and len(expr.args) == 1):
        return None
    with session.separate_doubts():
        try:
            path = evaluate(expr.args[0], instance.scope)
        except EvalError:
            return None
    if not isinstance(path, str):
        return None
    place = tracked.place_of(os.path.join(session.root, path), session.places)
    try:
        same = place is not None and tracked.contents(place, session.places).decode(errors="replace") == text
    except OSError:
        return None
    return place if same else None
