"""From a unit to the network that it deploys, and what other units attach to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from vpce_checks.base.defects import defect
from vpce_checks.model.network import (
    Declaration,
    Endpoint,
    Network,
    NetworkObject,
    OpaqueModule,
    SecurityGroup,
    Vpc,
    grouped,
    link,
    unread,
)
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Unknown
from vpce_checks.terraform.build import deep_evaluation, variable_names
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.stacks import OpaquePart
from vpce_checks.terraform.terragrunt.unit import Unit
from vpce_checks.terraform.terragrunt.units import Dependents, View

MAX_LINKED = 80
"""How many other units are read for the verdicts on one."""


class UnitBuilder:
    """Builds the networks of the units of one repository."""

    def __init__(self, boundary: str) -> None:
        self.files = TerragruntFiles(boundary)
        self._dependents = Dependents(self.files)

    def build(self, directory: str, options: TerraformOptions, loader: ModuleLoader) -> Network:
        """The network of the unit in ``directory`` (a real path)."""
        view = View(directory, options, loader, self.files)
        unit = view.unit(directory)
        modules: list[Module] = []
        with deep_evaluation():
            own = list(unit.objects(modules))
            foreign: list[NetworkObject] = []
            said: list[Diagnostic] = []
            makers = _makers(own, view)
            linked = self._linked(makers, view, options, loader)
            for other in linked[:MAX_LINKED]:
                try:
                    foreign += _foreign(view.unit(other))
                except Exception as error:
                    span = Span(self.files.unit_file(other), 1)
                    message = f"the unit cannot be read: {defect(error)}"
                    said.append(Diagnostic("error", message, *span[:2], is_defect=True))
                    foreign.append(unread(Declaration(os.path.relpath(other, self.files.boundary), "module", span)))
            foreign += (_unread(view.unit(other)) for other in linked[MAX_LINKED:])
            if makers:
                foreign += map(_opaque_module, self._dependents.opaque(makers, options, loader))
        sources = {id(module.source): module.source for module in modules}
        languages = [module.source.language for module in modules[:1]]
        return Network(
            root=directory,
            language=languages[0] if languages else "terraform",
            ignores=(*self.files.ignores(unit.reading.read), *(i for s in sources.values() for i in s.ignores)),
            diagnostics=(*unit.diagnostics, *said),
            files=tuple(sorted({*unit.reading.read, *(file for s in sources.values() for file in s.files)})),
            foreign=frozenset(each.declared.address for each in foreign),
            variables=variable_names(modules[0].source if modules else None, options),
            **grouped([*own, *foreign]),
        )

    def _linked(self, makers: set[str], view: View, options: TerraformOptions, loader: ModuleLoader) -> list[str]:
        """The other units that matter for VPCs: those that make them, and those that may attach something to them."""
        if not makers:
            return []
        dependents = self._dependents.of(makers, options, loader)
        view.later = frozenset(dependents)
        return sorted({*makers, *dependents} - {view.home})


def _makers(own: Iterable[NetworkObject], view: View) -> set[str]:
    """The units that make the VPCs which these objects are, or belong to."""
    makers: set[str] = set()
    for each in own:
        if isinstance(each, Vpc):
            makers.add(view.home)
        elif isinstance(each, Endpoint):
            linked = link(each.vpc)
            for address in (linked.address, *linked.candidates):
                maker = view.maker(address) if address is not None else None
                if maker is not None:
                    makers.add(maker)
    return makers


def _opaque_module(opaque: OpaquePart) -> OpaqueModule:
    declared = Declaration(opaque.name, "module", opaque.span)
    return OpaqueModule(declared, opaque.name, opaque.reason, (Unknown((Cause(opaque.reason, opaque.span),)),))


def _foreign(unit: Unit) -> Iterator[NetworkObject]:
    """What another unit deploys, as far as it can matter here."""
    if unit.located is None:
        return
    for each in unit.objects([]):
        if not isinstance(each, SecurityGroup):
            yield each


def _unread(unit: Unit) -> OpaqueModule:
    reason = f"more than {MAX_LINKED} units depend on the VPC, so it is not read"
    span = Span(unit.configuration.path, 1)
    declared = Declaration(unit.address, "module", span)
    return OpaqueModule(declared, unit.address, reason, (Unknown((Cause(reason, span),)),))
