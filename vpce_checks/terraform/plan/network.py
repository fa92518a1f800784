"""From a plan to the network that is there after its apply."""

from __future__ import annotations

import os
from collections.abc import Iterator

from vpce_checks.network import Declaration, Network, NetworkObject, OpaqueModule
from vpce_checks.source import Diagnostic, Span
from vpce_checks.terraform.network import deep_evaluation
from vpce_checks.terraform.plan.document import UnreadablePlan, read
from vpce_checks.terraform.plan.instances import Planned
from vpce_checks.terraform.plan.model import Plan
from vpce_checks.terraform.plan.providers import Regions
from vpce_checks.terraform.plan.source import PlanSource
from vpce_checks.terraform.resource_types import BUILDERS, grouped
from vpce_checks.terraform.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.values import Cause, Unknown


def build_plan_network(path: str, options: TerraformOptions, loader: ModuleLoader) -> Network:
    """The network that is there once the plan in the file at ``path`` (absolute) is applied.

    ``options`` and ``loader`` are for the code that lies beside it. A file that is no readable plan gives a network
    without anything but an error.
    """
    try:
        document = read(path)
    except UnreadablePlan as error:
        diagnostic = Diagnostic("error", str(error), path, error.line)
        return Network(root=path, language="terraform-plan", diagnostics=(diagnostic,), files=(path,))
    plan = Plan(document)
    with deep_evaluation():
        source = PlanSource(plan, os.path.dirname(path), options, loader)
        things = grouped(_objects(plan, Planned(plan, source, Regions(plan, source, options.region))))
    return Network(
        root=path,
        language="terraform-plan",
        ignores=source.ignores,
        diagnostics=(*_warnings(plan), *source.diagnostics),
        files=tuple(sorted({path, *source.files})),
        **things,
    )


def _objects(plan: Plan, planned: Planned) -> Iterator[NetworkObject]:
    for instance in planned.instances():
        yield from BUILDERS[instance.type](instance)
    if plan.unfinished is not None:
        place = Span(plan.document.file, 1)
        name = os.path.basename(plan.document.file)
        declared = Declaration(name, "plan", place)
        hidden = Unknown((Cause(plan.unfinished, place),))
        yield OpaqueModule(declared, name, plan.unfinished, (hidden,))


def _warnings(plan: Plan) -> Iterator[Diagnostic]:
    if plan.unfinished is not None:
        yield Diagnostic("warning", f"this plan is not all: {plan.unfinished}", plan.document.file)
