"""What a unit deploys, as objects of the network. Of what could not be read it is said that anything may stand in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from vpce_checks.base.record import replace
from vpce_checks.model.network import Declaration, NetworkObject, OpaqueModule, concealed
from vpce_checks.model.sensitive import Labels
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, MapValue, Unknown, merge_causes
from vpce_checks.terraform.build import (
    UnreadCall,
    beyond_bounds,
    may_lead,
    network_objects,
    opaque_modules,
    with_imports,
    with_tags_and_imports,
    workload_parts,
)
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.sources.locate import Located
from vpce_checks.terraform.terragrunt.dependency import waited_for
from vpce_checks.terraform.terragrunt.extra_arguments import deploys_a_part
from vpce_checks.terraform.terragrunt.file_names import UNIT_FILE
from vpce_checks.terraform.terragrunt.include import unread_includes
from vpce_checks.terraform.terragrunt.unit import Unit


def unit_objects(unit: Unit, modules: list[Module]) -> Iterator[NetworkObject]:
    """Everything of interest that a unit deploys, ``modules`` taking in those that it consists of."""
    module = unit.module
    if module is not None:
        yield from _objects_of_module(unit, module, modules)
    elif unit.located is not None:
        yield _closed(unit, unit.located)
    if unit.source.otherwise is not None and module is not None:
        yield _closed(unit, unit.source.otherwise)
    yield from _unread(unit)


def _objects_of_module(unit: Unit, module: Module, modules: list[Module]) -> Iterator[NetworkObject]:
    opaque: list[UnreadCall] = []
    own = list(network_objects(module, modules, opaque))  # this fills both
    own = with_tags_and_imports(own, module, modules)
    own += workload_parts(modules)
    own += with_imports(opaque_modules(opaque, modules), module)
    left_out = deploys_a_part(unit.configuration)
    yield from own if left_out is None else (_may_be_left_out(each, left_out) for each in own)
    yield from beyond_bounds(module.session)


def _may_be_left_out(each: NetworkObject, cause: Cause) -> NetworkObject:
    """An object as one that a deployment may leave out, whichever others it takes."""
    exists = Unknown((cause, Cause(f"{each.declared.address} may not be among it", each.declared.span)))
    return replace(each, declared=replace(each.declared, exists=exists))


def _closed(unit: Unit, located: Located) -> OpaqueModule:
    """The module of a unit as one that cannot be looked into."""
    inputs = unit.inputs
    declared = Declaration(unit.own_module, "module", unit.place, (), unit.module_exists)
    values = (inputs,) if isinstance(inputs, MapValue) else (Unknown(merge_causes([inputs])),)
    # What the environment of a run says was said before there was anything that it could be about.
    reach: Mapping[str, frozenset[str]] | None = None if unit.reading.has_doubts else {}
    units = (each for each in waited_for(unit.configuration) if isinstance(each, str))
    found = OpaqueModule(
        declared,
        located.source,
        located.reason,
        values,
        located.how == "harmless",
        reach,
        words=tuple(map(str, inputs.items)) if isinstance(inputs, MapValue) else (),
        waits_for=tuple(dict.fromkeys(map(unit.surroundings.module_of, units))),
        is_unread=not located.is_foreign,
        leads=may_lead(located.source),
    )
    return concealed(found, (), Labels()) if unit.configuration.mark_of("unit inputs") is not None else found


def _unread(unit: Unit) -> Iterator[OpaqueModule]:
    """What of a unit could not be read, so that anything may stand in it."""
    broken = {item.file: item for item in unit.reading.broken}  # the last error of each file
    for item in broken.values():
        name = os.path.relpath(item.file, unit.directory)
        yield _anything(unit, name, "it could not be read in full", Span(item.file, item.line))
    for causes in unread_includes(unit.configuration):
        yield _anything(unit, UNIT_FILE, causes[0].text, causes[0].span or unit.place)
    for file in unit.written.files:
        if file.is_unknown_code:
            reason = file.causes[0].text if file.causes else "it is not known"
            yield _anything(unit, file.name or "a generated file", reason, file.span, "generated")
    for hook in unit.written.unread:
        yield _anything(unit, hook.name, hook.reason, hook.span, "hook")


def _anything(unit: Unit, name: str, reason: str, span: Span, type: str = "file") -> OpaqueModule:
    declared = Declaration(f"{unit.surroundings.label}{name}", type, span, (), unit.exists)
    return OpaqueModule(declared, name, reason, (Unknown((Cause(reason, span),)),))
