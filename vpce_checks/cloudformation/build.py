"""Build the networks of a root template: one for each scenario."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingType
from contextlib import suppress
from functools import partial
from typing import Any

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.service_names import parse_service_name
from vpce_checks.cloudformation.evaluate.choices import Choices, Interrupted, TooManyCombinations
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.pseudo import doubt_of_region
from vpce_checks.cloudformation.evaluate.rules import require_outputs, require_parameters, rules_broken_by_given
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, Stack, TooCostly, World
from vpce_checks.cloudformation.resources import (
    BUILDERS,
    CORE_TYPES,
    DETAIL_TYPES,
    QUIET_TYPES,
    opaque_objects,
)
from vpce_checks.cloudformation.stack_objects import network_objects, parts_in
from vpce_checks.cloudformation.template.environment import region_by_tools
from vpce_checks.cloudformation.template.given import files_that_set, given_values
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Document, entry, text_of
from vpce_checks.cloudformation.template.options import CloudFormationOptions
from vpce_checks.cloudformation.template.template import (
    STACK_SET,
    STACK_TYPES,
    ResourceDeclaration,
    Template,
    bare_network,
)
from vpce_checks.cloudformation.template.templates import NOTHING_GIVEN
from vpce_checks.cloudformation.template_set import TemplateSet
from vpce_checks.model.network import (
    Declaration,
    InternetGateway,
    Network,
    NetworkObject,
    OpaqueModule,
    Vpc,
    grouped,
    unread,
)
from vpce_checks.model.outside import Outside
from vpce_checks.model.scenario import describe
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Value

MAX_COMBINATIONS = 128
"""How many combinations of choices are built for one view of a root. More take too long, and few templates need
them."""

MAX_COMBINATIONS_OF_WORKLOADS = 24
"""The same where the choices of workloads count as well. Beyond it, what they depend on stays unknown."""

MAX_COMBINATIONS_OF_DETAILS = 24
"""The same where details are decided as well: subnets, security groups and policies of endpoints, and rules of groups."""

FEW_COMBINATIONS = 16
"""The same for a root without a VPC or an endpoint of its own: no verdict on it depends on them."""

MAX_VIEWS = 64
"""How many services get a view of their own, if all services together make too many combinations."""


@record
class Extent:
    """The resources whose conditions are decided: those of ``types``; among endpoints only those of ``service`` (None:
    all).

    With ``workloads``, the conditions of the resources that workloads are made of are decided as well, with ``details``
    what hardly any verdict depends on (see ``Choices.quietly``). What depends on any other condition stays unknown.
    ``view`` is the name of the networks that are built.
    """

    types: frozenset[str]
    service: str | None = None
    workloads: bool = False
    details: bool = False

    @property
    def view(self) -> str:
        """The name of the view. "" if it is the only one."""
        return f"service {self.service}" if self.service is not None else ""


EVERYTHING = Extent(frozenset(BUILDERS) - QUIET_TYPES - DETAIL_TYPES)
WITH_WORKLOADS = Extent(EVERYTHING.types, workloads=True)
CORE = Extent(CORE_TYPES)
NOTHING = Extent(frozenset())


def build_networks(
    path: str, options: CloudFormationOptions, templates: TemplateSet, outside: Outside | None = None
) -> list[Network]:
    """Return the networks of the root template at ``path``, one for each scenario. ``outside`` are the other roots.

    If the template cannot be read, return one network that has only diagnostics.
    """
    template = templates.template(path)
    if template is None:
        document = templates.broken(path)
        if document is None:
            return []
        language = f"cloudformation-{document.format}"
        problems = tuple(
            item._replace(severity="error") if options.named else item
            for item in (*document.diagnostics, *_without_resources(document))
        )
        kind = "file" if bare_network(document) is None else "resources"
        hidden = unread(Declaration(os.path.basename(path), kind, Span(path, 1)))
        return [Network(path, language, diagnostics=problems, files=(path,), opaque_modules=(hidden,))]
    given, diagnostics = given_values(template, options.parameters, templates.places)
    region = options.region or region_by_tools(path)
    if path in templates.imports.defects:
        diagnostics.append(templates.imports.defects[path])

    def root(choices: Choices, *, lenient: bool = False) -> Stack:
        regions = template.required_keys.get("AWS::Region")
        world = World(choices, templates, region, regions, templates.imports, outside, lenient=lenient)
        world.by_tags = options.by_tags
        world.linked[path] = Stack(world, template, given=given)
        return world.linked[path]

    if given and template.section("Rules") is not None:
        diagnostics += _refusals(root(Choices(1)), options)

    def walk(extent: Extent) -> list[Network]:
        networks = _walk(root, template, diagnostics, extent, by_tags=options.by_tags)
        # a macro may change a template before CloudFormation judges the parameters
        if not networks and any(each.rewriter for each in _with_nested(template, templates)):
            networks = _walk(partial(root, lenient=True), template, diagnostics, extent, by_tags=options.by_tags)
        return networks or [_refused(template)]

    try:
        with_workloads = any(map(_may_have_workloads, _with_nested(template, templates)))
        for extent in (WITH_WORKLOADS, EVERYTHING, CORE) if with_workloads else (EVERYTHING, CORE):
            with suppress(TooManyCombinations):
                return walk(extent)
        return _views(walk)
    except (TooCostly, RecursionError):
        item = Diagnostic(
            "error",
            "evaluating this template takes too many steps, so it was not checked; split it into smaller templates",
            path,
        )
        return [Network(path, template.language, diagnostics=(item,), files=(path,))]


def _refusals(root: Stack, options: CloudFormationOptions) -> Iterator[Diagnostic]:
    """Yield a warning for each rule of a template that refuses the values of the parameter files."""
    template, places = root.template, root.world.templates.places
    if template.rewriter:
        return  # it may change the rules first
    for rule in rules_broken_by_given(root):
        files = [
            os.path.relpath(each) for each in files_that_set(rule.parameters, template, options.parameters, places)
        ]
        names = " and ".join(sorted(rule.parameters))
        says = f": {rule.says}" if rule.says else ""
        message = f"the rule {rule.name} refuses what {' and '.join(files)} sets for {names}{says}"
        yield Diagnostic("warning", message, template.path, rule.span.line)


def _without_resources(document: Document) -> Iterator[Diagnostic]:
    """Yield a warning if a file declares a VPC or an endpoint, but not as a resource of a template."""
    found = bare_network(document)
    if found is not None:
        message = (
            "not read: it declares a VPC or an endpoint without the key Resources; scan the template that your tool puts "
            "it into"
        )
        yield Diagnostic("warning", message, document.path, document.node_span(found).line)


_WORKLOADS = (
    *("AWS::ECS::", "AWS::Lambda::", "AWS::Serverless::Function", "AWS::EKS::", "AWS::Batch::", "AWS::CodeBuild::"),
    *("AWS::EC2::Instance", "AWS::AutoScaling::", "AWS::MWAA::", "AWS::Glue::", "AWS::SageMaker::", "AWS::EMR"),
    *("AWS::Redshift", "AWS::Synthetics::", "AWS::Pipes::", "AWS::RDS::DB", "AWS::DMS::", "AWS::BedrockAgentCore::"),
    *("AWS::Neptune::DBCluster", "AWS::ElasticBeanstalk::Environment"),
)
"""Beginnings of the types of most workloads."""


def _may_have_workloads(template: Template) -> bool:
    """Return whether a template names a workload: a quick look at its text."""
    return any(word in template.document.text for word in _WORKLOADS)


def _with_nested(top: Template, templates: TemplateSet) -> Iterator[Template]:
    """Yield a template and all that it may nest, at any depth: what its text says, and what evaluation gives."""
    choices = Choices(1)
    choices.frozen = True
    pending = [(Stack(World(choices, templates), top), NOTHING_GIVEN)]
    seen = {top.path}
    while pending:
        stack, given = pending.pop()
        yield stack.template
        below = _possibly_below(stack) if stack.template.may_nest else {}
        passed: dict[str, MappingType[str, str]] = {}
        for path, on in templates.nested_in(stack.template, given):
            template = templates.template(path)
            if template is not None:
                below.setdefault(path, Stack(stack.world, template, nested=True))
                passed.setdefault(path, on)
        pending += [(each, passed.get(path, NOTHING_GIVEN)) for path, each in below.items() if path not in seen]
        seen |= below.keys()


def _possibly_below(stack: Stack) -> dict[str, Stack]:
    """Return the stacks that ``stack`` may nest, by their files, as far as evaluation gives them."""
    from vpce_checks.cloudformation.evaluate.nested_stacks import possible_stacks

    found: dict[str, Stack] = {}
    with suppress(Interrupted, RecursionError):
        for resource in stack.resources().values():
            for child in possible_stacks(stack, resource) if resource.type in STACK_TYPES else ():
                found.setdefault(child.template.path, child)
    return found


def _views(walk: Callable[[Extent], list[Network]]) -> list[Network]:
    """Return a view for each service, and a view in which no condition is decided.

    In the view of a service, only the conditions of its endpoints are decided. Each view is true for every combination.
    """
    networks = walk(NOTHING)
    services: dict[str, set[str]] = {}
    for endpoint in networks[0].endpoints:
        service = _service_of(endpoint.service_name)
        if service is not None:
            services.setdefault(service, set()).add(endpoint.address)
    for service, addresses in list(services.items())[:MAX_VIEWS]:
        with suppress(TooManyCombinations):
            focus = frozenset(addresses)
            networks += [replace(network, focus=focus) for network in walk(Extent(CORE_TYPES, service))]
    return networks


def _service_of(name: Value) -> str | None:
    """Return the service whose view shows an endpoint. None if it is unknown."""
    read = parse_service_name(name)
    return read.short.removesuffix("-fips") if read is not None and read.short is not None else None


def _walk(
    root: Callable[[Choices], Stack],
    template: Template,
    diagnostics: list[Diagnostic],
    extent: Extent,
    *,
    by_tags: bool,
) -> list[Network]:
    choices = Choices(_limit(template, extent), extent.details)
    outcomes = choices.walk(lambda: _build(root(choices), extent))
    groups: list[tuple[dict[str, Any], list[Any]]] = []
    for combination, content in outcomes:
        for known, combinations in groups:
            if known == content:
                combinations.append(combination)
                break
        else:
            groups.append((content, [combination]))
    scenarios = list(choices.scenarios([combinations for _, combinations in groups]))
    networks = []
    matters = any(content["vpcs"] or content["endpoints"] for content, _ in groups)
    for (content, _), scenario in zip(groups, scenarios, strict=True):
        read = (item for item in template.document.diagnostics if matters or item.severity == "error")
        content["diagnostics"] = (*read, *diagnostics, *content["diagnostics"])
        when = (
            () if len(scenarios) == 1 else describe([scenario], [other for other in scenarios if other is not scenario])
        )
        networks.append(Network(template.path, template.language, when, scenario=scenario, view=extent.view, **content))
    is_small = EVERYTHING.types <= extent.types and len(outcomes) <= MAX_COMBINATIONS_OF_DETAILS
    if (
        choices.held
        and is_small
        and any(content["endpoints"] or (by_tags and content["vpcs"]) for content, _ in groups)
    ):
        with suppress(TooManyCombinations, TooCostly):
            thorough = replace(extent, types=extent.types | DETAIL_TYPES, details=True)
            return _walk(root, template, diagnostics, thorough, by_tags=by_tags) or networks
    return networks


def _refused(template: Template) -> Network:
    """Return what stands for a template that CloudFormation would refuse."""
    message = "CloudFormation would refuse this template for every combination of parameter values"
    item = Diagnostic("warning", message, template.path)
    return Network(
        template.path,
        template.language,
        diagnostics=(*template.document.diagnostics, item),
        files=(template.path,),
    )


def _limit(template: Template, extent: Extent) -> int:
    if extent.details:
        return MAX_COMBINATIONS_OF_DETAILS
    if extent.workloads:
        return MAX_COMBINATIONS_OF_WORKLOADS
    return MAX_COMBINATIONS if _has_subjects(template) else FEW_COMBINATIONS


def _has_subjects(template: Template) -> bool:
    """Return whether the template, or one that it nests, may declare a VPC or an endpoint."""
    section = template.section("Resources") or EMPTY_MAPPING
    types = {text_of(entry(node, "Type")) for node in section.entries.values()}
    return not types.isdisjoint((*CORE_TYPES, *STACK_TYPES)) or any(name.startswith("Fn::") for name in section.entries)


def _build(root: Stack, extent: Extent) -> dict[str, Any]:
    """Return the content of the network in the current combination, by the fields of Network."""
    objects: list[NetworkObject] = []
    choices = root.world.choices
    stacks = list(root.walk(BUILDERS, extent.types))
    pending = [
        (stack, resource) for stack in stacks for resource in stack.resources().values() if resource.type in BUILDERS
    ]
    # First the types of all extents, the VPCs last of them (their tags fork in a thorough walk only). Then the rest.
    order = {"AWS::EC2::VPCEndpoint": 0, "AWS::EC2::VPC": 1}
    for stack, resource in sorted(pending, key=lambda item: order.get(item[1].type, 2)):
        is_detail = resource.type in DETAIL_TYPES
        with choices.quietly() if is_detail else choices.freezing(freeze=not _is_decided(stack, resource, extent)):
            objects += network_objects(stack, resource)
    if root.world.outside is not None or any(isinstance(each, Vpc) for each in objects):
        objects += parts_in(root, decided=extent.workloads)
    decided: frozenset[str] | None = None
    while decided != choices.decided:
        decided = choices.decided
        with choices.freezing(freeze=not extent.types):
            for stack in stacks:
                require_parameters(stack, decided)
    with choices.freezing():
        for stack in stacks:
            require_outputs(stack)
        opaque = [each for stack in stacks for each in opaque_objects(stack)]
    objects += _with_sets(stacks, opaque)
    content = grouped(objects)
    content["doubt"] = doubt_of_region(root.world)
    content["internet_gateways"] = _attached(content["internet_gateways"])
    documents = {stack.template.path: stack.template for stack in stacks}
    files = dict.fromkeys(file for template in documents.values() for file in template.document.files)
    content["ignores"] = tuple(item for template in documents.values() for item in template.ignores)
    diagnostics = [
        *(
            item
            for template in documents.values()
            if template is not root.template
            for item in template.document.diagnostics
        ),
        *root.world.diagnostics,
    ]
    if not content["vpcs"] and not content["endpoints"]:  # then no warning matters to a verdict
        diagnostics = [item for item in diagnostics if item.severity == "error" or item in root.world.missing]
    content["diagnostics"] = tuple(diagnostics)
    content["files"] = tuple(files)
    return content


def _with_sets(stacks: list[Stack], opaque: list[OpaqueModule]) -> Iterator[NetworkObject]:
    """Yield what hides something, with what stack sets deploy in the place of those whose templates can be read."""
    if not any(each.declared.type == STACK_SET for each in opaque):
        yield from opaque
        return
    from vpce_checks.cloudformation.stack_sets import deployed_by_sets

    read = dict(deployed_by_sets(stacks))
    yield from (each for each in opaque if each.declared.address not in read)
    for deployed in read.values():
        yield from deployed.objects


def _is_decided(stack: Stack, resource: ResourceDeclaration, extent: Extent) -> bool:
    """Return whether the conditions of ``resource`` are decided. An endpoint of an unknown service is in every view."""
    if resource.type != "AWS::EC2::VPCEndpoint" or extent.service is None:
        return resource.type in extent.types
    with stack.world.choices.freezing():
        name = evaluate(stack, entry(resource.properties, "ServiceName") or resource.node, DISPLAY)
    return _service_of(name) in (extent.service, None)


def _attached(gateways: Iterable[InternetGateway]) -> tuple[InternetGateway, ...]:
    """Return each internet gateway once, with the VPC that it is attached to."""
    found: dict[str, InternetGateway] = {}
    for item in gateways:
        known = found.setdefault(item.declared.address, item)
        if known.vpc is None:
            declared = known.declared if known.declared.type == "AWS::EC2::InternetGateway" else item.declared
            found[item.declared.address] = replace(known, declared=declared, vpc=item.vpc)
    return tuple(found.values())
