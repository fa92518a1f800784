"""Build the network that a root module deploys. Evaluate only what the resource types of a network need."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from vpce_checks.base.defects import defect
from vpce_checks.base.record import record, replace
from vpce_checks.files.containment import Places
from vpce_checks.model.network import (
    Declaration,
    Endpoint,
    Network,
    NetworkObject,
    OpaqueModule,
    Vpc,
    VpcTag,
    concealed,
    grouped,
    unread,
    without_keys,
)
from vpce_checks.model.scenario import Scenario
from vpce_checks.model.sensitive import SHOWN
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Unknown, is_known
from vpce_checks.terraform.aws import generic
from vpce_checks.terraform.aws.resource_types import ARGUMENTS, BUILDERS
from vpce_checks.terraform.aws.route53 import zone_lookup
from vpce_checks.terraform.aws.tag_resources import TAG_RESOURCE, tags_of, with_tag_resources
from vpce_checks.terraform.config.expansion import Exists
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.config.instances import Instance
from vpce_checks.terraform.config.module import Module, OpaqueCall, Position
from vpce_checks.terraform.config.variables import root_values
from vpce_checks.terraform.lang.scope import Session, TerraformOptions
from vpce_checks.terraform.syntax.ast import GetAttr, Index, Literal, Name
from vpce_checks.terraform.syntax.file_names import OPENTOFU_SUFFIXES, STACK_SUFFIXES
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.syntax.source_files import read_source
from vpce_checks.terraform.syntax.structure import Attribute, Block, ModuleSource, blocks_of
from vpce_checks.terraform.unchosen import unchosen_files
from vpce_checks.terraform.unfilled_code import unfilled_code

if TYPE_CHECKING:
    from vpce_checks.model.outside import Outside

UnreadCall: TypeAlias = tuple[OpaqueCall, Module]
"""A call of a module whose code was not found, and the module that makes the call."""

_RECURSION_LIMIT = 6_000
"""The Python frames that an evaluation may use. They suffice for about a thousand values, each of which needs the next."""


MAX_DEPLOYMENTS = 100
"""How many deployments of a stack are read. HCP Terraform allows 20."""


@record
class _Deployed:
    """What a deployment of a stack sets and which scenario it is, or the values of a stack that has none to read."""

    given: Mapping[str, Given]
    exists: Exists = True
    scenario: Scenario | None = None


def build_networks(
    directory: str, options: TerraformOptions, loader: ModuleLoader, outside: Outside | None = None
) -> list[Network]:
    """Return the networks that the root module in ``directory`` (absolute) deploys: one for each deployment of a stack.

    ``outside`` are the other roots.
    """
    source = loader.load(directory)
    if not any(file.endswith(STACK_SUFFIXES) for file in source.files[:1]):
        return [build_network(directory, options, loader, outside=outside)]
    from vpce_checks.terraform.config.deployments import deployed_values, hidden_values, is_deployed
    from vpce_checks.terraform.syntax.deployments import load_deployments

    session = Session(directory, options, loader)
    deployments = load_deployments(directory, session.places)
    session.add(deployments.diagnostics)
    broken = next((item for item in deployments.diagnostics if item.severity == "error"), None)
    if broken is not None or not deployments.blocks:
        hidden = _Deployed(hidden_values(broken, source, session) if broken is not None else {})
        return [build_network(directory, options, loader, hidden, session.diagnostics)]
    found: list[tuple[str, _Deployed]] = []
    for block in deployments.blocks:
        exists = is_deployed(block, deployments, session)
        if exists is not None:
            given = deployed_values(block, deployments, source, session)
            found.append((block.labels[0], _Deployed(given, exists)))
    if len(found) > MAX_DEPLOYMENTS:
        span = deployments.blocks[MAX_DEPLOYMENTS].header
        session.fail(f"only the first {MAX_DEPLOYMENTS} deployments of a stack are read", span)
        del found[MAX_DEPLOYMENTS:]
    names = tuple(name for name, _ in found)
    return [
        build_network(directory, options, loader, replace(deployed, scenario=_only(name, names)), session.diagnostics)
        for name, deployed in found
    ] or [Network(root=directory, language=source.language, files=source.files, diagnostics=session.diagnostics)]


def _only(name: str, names: tuple[str, ...]) -> Scenario | None:
    """Return the scenario of one deployment among several."""
    return Scenario(({"deployment": frozenset({name})},), {"deployment": names}) if len(names) > 1 else None


def build_network(
    directory: str,
    options: TerraformOptions,
    loader: ModuleLoader,
    deployed: _Deployed | None = None,
    diagnostics: tuple[Diagnostic, ...] = (),
    outside: Outside | None = None,
) -> Network:
    """Return the network that the root module in ``directory`` (absolute) deploys, or that a deployment of it does."""
    source = loader.load(directory)
    session = Session(directory, options, loader)
    if source.is_no_code:
        return _no_code(source, session)
    session.add(diagnostics)
    session.outside = outside
    deployed = deployed if deployed is not None else _Deployed({})
    with deep_evaluation():
        root = Module(session, source, root_values(source, session, deployed.given), Position(exists=deployed.exists))
        modules: list[Module] = []
        opaque: list[UnreadCall] = []
        own = list(network_objects(root, modules, opaque))
        own = with_tags_and_imports(own, root, modules)
        own += _left_alone(modules, own)
        own += beyond_bounds(session)
        own += unchosen_files(root, own, lambda module: network_objects(module, [], []))
        if outside is not None or any(isinstance(each, Vpc) for each in own):
            own += workload_parts(modules)
        # Without a VPC or an endpoint in it, the root's warnings are none of our business, and what its opaque modules get is
        # that of other roots alone.
        of_interest = any(isinstance(each, (Vpc, Endpoint)) for each in own)
        look_inside = of_interest or (outside is not None and outside.group is not None)
        unread = with_imports(opaque_modules(opaque, modules, look_inside=look_inside), root)
        things = grouped([*own, *unread])
    sources = {module.source.directory: module.source for module in modules}
    return Network(
        root=directory,
        language=source.language,
        ignores=tuple(ignore for s in sources.values() for ignore in s.ignores),
        diagnostics=tuple(item for item in session.diagnostics if of_interest or item.severity == "error"),
        files=tuple(sorted({file for s in sources.values() for file in s.files})),
        variables=variable_names(source, options),
        scenario=deployed.scenario,
        foreign=frozenset(session.judged_elsewhere),
        handed=frozenset(session.judged_elsewhere),
        **things,
    )


def variable_names(source: ModuleSource | None, options: TerraformOptions) -> tuple[str, ...]:
    """Return the variables that a root module declares, if the user sets any. One that cannot be read in full may
    declare what is set."""
    given = dict.fromkeys(name for name, _ in options.variables)
    if source is None or any(item.severity == "error" for item in source.diagnostics):
        return tuple(given)
    return tuple(source.variables) if given else ()


def _no_code(source: ModuleSource, session: Session) -> Network:
    """Return the network of a directory none of whose files is code: it is no root, unless the user names it."""
    module = Module(session, source, {})
    message = "none of the files here is Terraform as it is deployed, so this directory is not scanned as a root"
    problems = [item._replace(is_no_code=True) for item in source.diagnostics]
    return Network(
        root=source.directory,
        language=source.language,
        diagnostics=(Diagnostic("warning", message, source.directory, is_no_code=True), *problems),
        files=source.files,
        variables=variable_names(source, session.options),
        **grouped(list(_unread(module))),
    )


@contextmanager
def deep_evaluation() -> Iterator[None]:
    """Raise Python's recursion limit, as values of real configurations need each other many levels deep."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def network_objects(module: Module, modules: list[Module], opaque: list[UnreadCall]) -> Iterator[NetworkObject]:
    """Yield every network object of a module and of the modules it calls, which ``modules`` takes in.

    Calls of modules without code go to ``opaque``, for :func:`opaque_modules`: to evaluate their inputs takes long.
    """
    session = module.session
    modules.append(module)
    yield from _unread(module)
    yield from unfilled_code(module)
    for type, name in module.source.resources:
        build = BUILDERS.get(type)
        if build is not None and session.cut is None:
            try:
                made = [
                    each
                    for instance in module.instances(type, name)
                    for each in _marked(_objects(build, instance), instance)
                ]
            except Exception as error:
                made = [_defective(error, module.source.resources[type, name], f"{type}.{name}", module)]
            yield from made
    yield from _lookups(module)
    for name, block in module.source.modules.items():
        if session.cut is not None:
            break
        try:
            children = module.children(name)[1].values()
        except Exception as error:
            yield _defective(error, block, f"{block.type}.{name}", module)
            continue
        for child in children:
            if isinstance(child, Module):
                yield from network_objects(child, modules, opaque)
            else:
                opaque.append((child, module))


def with_imports(objects: Iterable[NetworkObject], root: Module) -> list[NetworkObject]:
    """Return ``objects``, in which the ids of what the root module imports are references to it."""
    if not root.source.imports:
        return list(objects)
    from vpce_checks.terraform.config.imports import with_imported_ids

    return with_imported_ids(objects, root)


def with_tags_and_imports(
    objects: Iterable[NetworkObject], root: Module, modules: Iterable[Module]
) -> list[NetworkObject]:
    """Return ``objects`` with the tags that resources of their own put on them. An id that is imported is that object, for tags
    too."""
    tags = with_imports(tags_of(tag_instances(modules)), root)
    return with_tag_resources(with_imports(objects, root), [each for each in tags if isinstance(each, VpcTag)])


def tag_instances(modules: Iterable[Module]) -> Iterator[Instance]:
    """Yield the resources that put a tag on another one."""
    for module in modules:
        for type, name in module.source.resources:
            if type == TAG_RESOURCE and module.session.cut is None:
                yield from module.instances(type, name)


def _objects(build: Callable[[Instance], Iterator[NetworkObject]], instance: Instance) -> Iterable[NetworkObject]:
    """Return what an instance is: for a stack what its CloudFormation template creates, if it can be read."""
    if instance.type not in (*generic.DEPLOYS_TEMPLATE, *generic.STACK_SET_INSTANCES):
        return build(instance)
    from vpce_checks.terraform.config.template_bodies import created_by_stack, is_of_read_set

    if instance.type in generic.STACK_SET_INSTANCES:
        return () if is_of_read_set(instance) else build(instance)
    created = created_by_stack(instance)
    return created if created is not None else build(instance)


def _lookups(module: Module) -> Iterator[NetworkObject]:
    """Yield the hosted zones that a module looks up. Their names decide which names they may answer."""
    for type, name in module.source.data:
        if type == "aws_route53_zone" and module.session.cut is None:
            try:
                made: list[NetworkObject] = [
                    each
                    for instance in module.expanded("data", type, name)[1].values()
                    for each in _marked(iter((zone_lookup(instance),)), instance)
                ]
            except Exception as error:
                made = [_defective(error, module.source.data[type, name], f"data.{type}.{name}", module)]
            yield from made


def workload_parts(modules: list[Module]) -> list[NetworkObject]:
    """Return the resources of ``modules`` that workloads are made of, and those that the workloads of joined roots need."""
    joined = bool(modules) and modules[0].session.outside is not None and modules[0].session.outside.group is not None
    others = {type for module in modules for type, _ in module.source.resources} - BUILDERS.keys() - _PLAIN
    if not others and not joined:
        return []
    from vpce_checks.catalog.parts import may_run, of_networks, part_types

    types = part_types("terraform")
    if not any(may_run(types.get(type, ())) for type in others):
        if not joined:
            return []
        types = of_networks(types)
    from vpce_checks.terraform.aws.parts import parts_of

    found: list[NetworkObject] = []
    for module in modules:
        warn = module.session.warn
        for type, name in module.source.resources:
            if type not in types or module.session.cut is not None:
                continue
            try:
                for instance in module.instances(type, name):
                    found += _marked(parts_of(instance, types[type], warn), instance)
            except Exception as error:
                found.append(_defective(error, module.source.resources[type, name], f"{type}.{name}", module))
    return found


_PLAIN = frozenset({"aws_eip", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_flow_log"})
"""Types beside those of the network that make no workload by themselves."""


def _defective(error: Exception, block: Block, name: str, module: Module) -> OpaqueModule:
    """Return what stands for a resource or module that a defect of ours made unreadable: it may hold anything."""
    address = f"{module.prefix}{name}"
    module.session.fail(f"{address} cannot be read: {defect(error)}", block.header, is_defect=True)
    return unread(Declaration(address, block.type, block.span, module.calls, module.exists))


def _marked(objects: Iterable[NetworkObject], instance: Instance) -> Iterator[NetworkObject]:
    """Yield the objects that an instance makes. Sensitive values in them are concealed."""
    session = instance.scope.session
    session.mark = None
    for each in objects:
        if session.mark is None:
            yield each
        else:
            sensitive = [name for name in SHOWN if instance.is_sensitive(ARGUMENTS.get(name, name))]
            yield concealed(each, sensitive, session.labels)


def _unread(module: Module) -> Iterator[OpaqueModule]:
    """Yield an opaque module for each file that could not be read in full: the part not read may hold an endpoint."""
    for file in dict.fromkeys(d.file for d in module.source.diagnostics if d.severity == "error"):
        if not _may_declare_endpoint(file, module.session.places):
            continue
        name = os.path.relpath(file, module.session.root)
        cause = Cause(f"{name} could not be read in full", Span(file, 1))
        address = f"{module.session.label}{name}"
        declared = Declaration(address, "file", Span(file, 1), module.calls, module.exists)
        yield OpaqueModule(declared, name, "it could not be read in full", (Unknown((cause,)),))


def beyond_bounds(session: Session) -> list[OpaqueModule]:
    """Return an opaque module for the part of a root beyond the bounds: it may hold anything."""
    if session.cut is None:
        return []
    reason = "the root makes too many modules and resources to be read"
    declared = Declaration(f"{session.label}the rest of the root", "root", session.cut)
    return [OpaqueModule(declared, "the root", reason, (Unknown((Cause(reason, session.cut),)),))]


def _left_alone(modules: list[Module], own: list[NetworkObject]) -> list[OpaqueModule]:
    """Return what ``removed`` blocks leave deployed without managing it, if it existed at all.

    https://developer.hashicorp.com/terraform/language/block/removed
    """
    blocks = [(module, block) for module in modules for block in module.source.removed if not _destroys(block, module)]
    if not blocks:
        return []
    vpcs = {without_keys(each.address): frozenset({"id"}) for each in own if isinstance(each, Vpc)}
    found = []
    for module, block in blocks:
        address = _address(block.body.attributes.get("from"))
        if not _may_name_endpoint(address):
            continue
        cause = Cause(f"{address} stays deployed if it existed", block.header)
        declared = Declaration(f"{module.prefix}{address}", "removed", block.span, module.calls, module.exists)
        # A removed endpoint may belong to any VPC here, but has nothing to do with other endpoints.
        reach = None if "vpc_endpoint_" in address else vpcs
        reason = "Terraform no longer manages it, and does not destroy it"
        found.append(OpaqueModule(declared, address, reason, (Unknown((cause,)),), reach=reach, is_unread=False))
    return found


def _may_name_endpoint(address: str) -> bool:
    """Whether an address names an endpoint, or a whole module or stack, which may hold one."""
    steps = without_keys(address).split(".")
    while len(steps) >= 2 and steps[0] == "module":
        steps = steps[2:]
    if not steps:
        return True
    is_endpoint = "vpc_endpoint" in steps[0] and "vpc_endpoint_service" not in steps[0]
    return steps[0] in BUILDERS and (is_endpoint or steps[0] in generic.BUILDERS)


def _destroys(removed: Block, module: Module) -> bool:
    """Whether a ``removed`` block destroys the object. By default it does in Terraform and does not in OpenTofu. A module
    with any file of OpenTofu's is for OpenTofu.

    https://opentofu.org/docs/language/resources/syntax/#removing-resources
    """
    for lifecycle in blocks_of(removed.body, "lifecycle"):
        attribute = lifecycle.body.attributes.get("destroy")
        if attribute is not None:
            return not (isinstance(attribute.expr, Literal) and attribute.expr.value is False)
    return not any(file.endswith(OPENTOFU_SUFFIXES) for file in module.source.files)


def _address(attribute: Attribute | None) -> str:
    """Return the address that the argument ``from`` names."""
    steps: list[str] = []
    expr = None if attribute is None else attribute.expr
    while isinstance(expr, (GetAttr, Index)):
        if isinstance(expr, GetAttr):
            steps.append(expr.name)
        expr = expr.object
    if isinstance(expr, Literal) and isinstance(expr.value, str):  # in JSON
        return expr.value
    return ".".join([expr.name, *reversed(steps)]) if isinstance(expr, Name) else ""


def _may_declare_endpoint(file: str, places: Places) -> bool:
    """Whether a broken file may create an endpoint: only with one of these words in it."""
    try:
        data = read_source(file, places)
    except OSError:
        return True
    return b"vpc_endpoint" in data or b"module" in data


def opaque_modules(
    calls: list[UnreadCall], modules: list[Module], *, look_inside: bool = True
) -> Iterator[OpaqueModule]:
    """Yield what stands for ``calls``. What a module finds by the name under which it is stored counts as handed to it."""
    if not calls:
        return
    from vpce_checks.terraform.config.named_elsewhere import found_by_name
    from vpce_checks.terraform.config.stored_values import found_by_names, stored_in

    stored = stored_in(modules) if look_inside else []
    for call in calls:
        module = _opaque_module(*call, look_inside=look_inside)
        outside = call[1].session.outside
        found = found_by_names(module.inputs, stored) if stored else ()
        if look_inside and outside is not None and outside.group is not None:
            found = (*found, *found_by_name(call[0], outside))
        yield replace(module, inputs=(*module.inputs, *found)) if found else module


def may_lead(source: str) -> bool:
    """Return whether a module may make a private zone, or share Resolver rules, by its source."""
    return "route53" in source


def _opaque_module(call: OpaqueCall, caller: Module, *, look_inside: bool = True) -> OpaqueModule:
    from vpce_checks.terraform.config.references import expressions_of, reach, waits_for

    declared = Declaration(call.address, "module", call.block.span, caller.calls, call.exists)
    module = OpaqueModule(
        declared,
        call.source,
        call.reason,
        harmless=call.harmless,
        leads=may_lead(call.source),
        words=tuple(call.inputs),
        outputs=caller.outputs_used(call.block.labels[0]) if call.block.labels else (),
        waits_for=waits_for(caller, call.block),
        is_unread=call.is_unread,
        submodule=call.submodule,
    )
    if not look_inside:
        return module
    session = caller.session
    session.mark = None
    inputs = tuple(call.inputs.values())
    limits = None if all(map(is_known, inputs)) else reach(caller, expressions_of(call.block.body))
    module = replace(module, inputs=inputs, reach=limits)
    return module if session.mark is None else concealed(module, (), session.labels)
