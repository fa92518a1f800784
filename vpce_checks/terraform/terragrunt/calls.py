"""The module calls of a unit: the module that it names, and those that this one calls in turn. And what a stack names that
is not read."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.build import deep_evaluation
from vpce_checks.terraform.config.calls import ModuleCall, calls_of
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.sources.locate import Located
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.stack import OpaquePart
from vpce_checks.terraform.terragrunt.stacks import Stacks
from vpce_checks.terraform.terragrunt.unit import Unit
from vpce_checks.terraform.terragrunt.view import View


def unit_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The calls of the unit in ``directory``, its own module called ``terraform`` first."""
    with deep_evaluation():
        unit = View(_repository(options, loader)).unit(directory)
        return tuple(_calls(unit)), unit.diagnostics


def _calls(unit: Unit) -> Iterator[ModuleCall]:
    located, module = unit.located, unit.module
    if located is not None and located.directory != unit.directory:
        yield ModuleCall("terraform", located, unit.source.version, unit.place)
    if module is not None and located is not None and not located.stub:
        yield from calls_of(module)


def stack_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The units and stacks of the stack in ``directory`` that are not read. The others are roots of their own."""
    with deep_evaluation():
        stack = Stacks(_repository(options, loader)).read(directory)
    parts = (part for part in stack.opaque if not part.level.is_template)
    return tuple(ModuleCall(part.address, _located(part), None, part.span) for part in parts), stack.diagnostics


def _repository(options: TerraformOptions, loader: ModuleLoader) -> Repository:
    return Repository(TerragruntFiles(loader.boundary), options, loader)


def _located(part: OpaquePart) -> Located:
    return Located(None, part.source, part.reason, "harmless" if part.harmless else "opaque")
