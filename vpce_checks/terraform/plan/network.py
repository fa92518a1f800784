"""Build the network that exists after the apply of a plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from vpce_checks.base.defects import defect
from vpce_checks.model.network import Declaration, Network, NetworkObject, OpaqueModule, Vpc, concealed, grouped, unread
from vpce_checks.model.sensitive import SHOWN, Labels
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Unknown
from vpce_checks.terraform.aws.resource_types import ARGUMENTS, BUILDERS
from vpce_checks.terraform.aws.route53 import zone_lookup
from vpce_checks.terraform.aws.tag_resources import TAG_RESOURCE, tags_of, with_tag_resources
from vpce_checks.terraform.build import deep_evaluation
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.plan.document import UnreadablePlan, read
from vpce_checks.terraform.plan.instances import Planned, PlannedInstance
from vpce_checks.terraform.plan.kinds import KINDS
from vpce_checks.terraform.plan.model import Plan
from vpce_checks.terraform.plan.providers import Providers
from vpce_checks.terraform.plan.secrets import any_marked
from vpce_checks.terraform.plan.source import PlanSource
from vpce_checks.terraform.syntax.module_source import ModuleLoader


def build_plan_network(path: str, options: TerraformOptions, loader: ModuleLoader) -> Network:
    """Return the network that exists after the apply of the plan in the file at ``path`` (absolute).

    ``options`` and ``loader`` are for the code beside the plan. For an unreadable plan, the network holds an error only.
    """
    try:
        document = read(path, (os.path.realpath(options.boundary),))
    except UnreadablePlan as error:
        diagnostic = Diagnostic("error", str(error), path, error.line)
        return Network(root=path, language="terraform-plan", diagnostics=(diagnostic,), files=(path,))
    plan = Plan(document)
    with deep_evaluation():
        source = PlanSource(plan, os.path.dirname(path), options, loader)
        unfinished = _unfinished(plan, source)
        planned = Planned(plan, source, Providers(plan, source, options.region))
        objects = _objects(plan, planned, source, unfinished)
        things = grouped(with_tag_resources(objects, tags_of(planned.instances((TAG_RESOURCE,)))))
    files = tuple(sorted({path, *source.files}))
    planned.forget()
    plan.forget()
    warnings = [f"this plan is not complete: {unfinished}"] if unfinished else []
    return Network(
        root=path,
        language="terraform-plan",
        ignores=source.ignores,
        diagnostics=(*(Diagnostic("warning", each, path) for each in warnings), *source.diagnostics, *source.defects),
        files=files,
        **things,
    )


def _unfinished(plan: Plan, source: PlanSource) -> str | None:
    """Return why the plan is not complete; None if it is."""
    if plan.unfinished is not None or plan.says_complete:
        return plan.unfinished
    missing = source.left_out()
    return (
        missing and f"the code beside it creates {missing}, which is not in the plan (-target and -exclude cause this)"
    )


def _marked(
    objects: Iterable[NetworkObject], instance: PlannedInstance, source: PlanSource, labels: Labels
) -> Iterator[NetworkObject]:
    """Yield the objects that an instance makes. Sensitive values in them are concealed."""
    for each in objects:
        if source.take_mark() or instance.holds_secrets:
            sensitive = [name for name in SHOWN if instance.is_sensitive(ARGUMENTS.get(name, name))]
            each = concealed(each, sensitive, labels)
        yield each


def _parts(plan: Plan, planned: Planned, source: PlanSource, labels: Labels) -> Iterator[NetworkObject]:
    """Yield the resources of a plan that workloads are made of."""
    from vpce_checks.catalog.parts import may_run, part_types
    from vpce_checks.terraform.aws.parts import parts_of

    def warn(message: str, span: Span) -> None:
        source.diagnostics.append(Diagnostic("warning", message, span.file, span.line))

    types = part_types("terraform")
    instances = list(planned.instances(types))
    if not any(may_run(types[instance.type]) for instance in instances):
        return
    for instance in instances:
        try:
            yield from list(_marked(parts_of(instance, types[instance.type], warn), instance, source, labels))
        except Exception as error:
            yield _defective(error, instance, planned)


def _defective(error: Exception, instance: PlannedInstance, planned: Planned) -> OpaqueModule:
    """Return what stands for a resource that a defect of ours made unreadable: it may hold anything."""
    address, place = instance.address, planned.plan.document.place(instance.address)
    message = f"{address} cannot be read: {defect(error)}"
    planned.source.diagnostics.append(Diagnostic("error", message, place.file, place.line, is_defect=True))
    return unread(Declaration(address, instance.type, place))


def _objects(plan: Plan, planned: Planned, source: PlanSource, unfinished: str | None) -> Iterator[NetworkObject]:
    labels, creates_vpc = Labels(), False
    for instance in planned.instances(BUILDERS):
        try:
            made = list(_marked(BUILDERS[instance.type](instance), instance, source, labels))
        except Exception as error:
            made = [_defective(error, instance, planned)]
        creates_vpc = creates_vpc or any(isinstance(each, Vpc) for each in made)
        yield from made
    for resource in plan.data.values():
        if resource.type == "aws_route53_zone":
            yield zone_lookup(planned.instance(resource))
    if creates_vpc:
        yield from _parts(plan, planned, source, labels)
    for resource in plan.forgotten.values():
        if "vpc_endpoint" not in resource.type:
            continue
        # The object stays deployed, but Terraform no longer keeps it that way: it may or may not count.
        declared = Declaration(resource.address, resource.type, plan.document.place(resource.address))
        held = tuple(planned.to_value(resource.values.get(name), None) for name in KINDS if name in resource.values)
        found = OpaqueModule(
            declared, resource.type, "Terraform no longer manages it, and does not destroy it", held, is_unread=False
        )
        yield concealed(found, (), labels) if any_marked(resource.sensitive) else found
    if unfinished is not None:
        place = Span(plan.document.file, 1)
        name = os.path.basename(plan.document.file)
        hidden = Unknown((Cause(unfinished, place),))
        yield OpaqueModule(Declaration(name, "plan", place), name, unfinished, (hidden,))
