"""The module calls of a unit: the module that it names, and those that this one calls in turn. And what a stack names that
is not read."""

from __future__ import annotations

from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.build import deep_evaluation
from vpce_checks.terraform.config.calls import ModuleCall, calls_of
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.sources.locate import Located
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.stacks import OpaquePart, Stacks
from vpce_checks.terraform.terragrunt.units import View


def unit_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The calls of the unit in ``directory``, its own module called ``terraform`` first."""
    with deep_evaluation():
        return _calls(directory, options, loader)


def _calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    unit = View(options, loader, TerragruntFiles(loader.boundary)).unit(directory)
    located = unit.located
    calls: list[ModuleCall] = []
    module = unit.module
    if located is not None and located.directory != directory:
        calls.append(ModuleCall("terraform", located, unit.version, unit.place))
    if module is not None and located is not None and not located.stub:
        calls += calls_of(module)
    return tuple(calls), unit.diagnostics


def stack_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The units and stacks of the stack in ``directory`` that are not read. The others are roots of their own."""
    with deep_evaluation():
        stack = Stacks(TerragruntFiles(loader.boundary), options, loader).read(directory)
    parts = (part for part in stack.opaque if not part.level.is_template)
    return tuple(ModuleCall(part.address, _located(part), None, part.span) for part in parts), stack.diagnostics


def _located(part: OpaquePart) -> Located:
    return Located(None, part.source, part.reason, "harmless" if part.harmless else "opaque")
