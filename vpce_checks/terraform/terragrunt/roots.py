"""Which units are roots, and which directories they call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vpce_checks.files.real_paths import RealPaths
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Value, unknown
from vpce_checks.terraform.build import deep_evaluation
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.roots import Called, find_roots, may_be_module
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.stacks import Stacks
from vpce_checks.terraform.terragrunt.unit import Unit


def find_roots_and_units(
    terraform: Iterable[str],
    units: Iterable[tuple[Sequence[str], TerraformOptions]],
    loader: ModuleLoader,
    files: TerragruntFiles,
    called: Called,
) -> list[str]:
    """:func:`vpce_checks.terraform.roots.find_roots` among directories with Terraform files and those with units.

    A unit calls the module that it names. It is none of its own if it only is a part of others or a template of
    stacks, deploys nothing, or is kept out of every deployment. A stack calls nothing, and is a root where code of it cannot
    be read.
    """
    with deep_evaluation():
        return _find(terraform, units, loader, files, called)


def _find(
    terraform: Iterable[str],
    units: Iterable[tuple[Sequence[str], TerraformOptions]],
    loader: ModuleLoader,
    files: TerragruntFiles,
    called: Called,
) -> list[str]:
    calls: dict[str, set[str]] = {}
    included: set[str] = set()
    excluded: set[str] = set()
    ends: dict[str, tuple[str, ...]] = {}  # by unit: what the path of its module may end with
    for directories, options in units:
        stacks = Stacks(files, options, loader)
        for directory in directories:
            if files.has_stack(directory):
                if stacks.read(directory).unread:
                    calls[directory] = set()
                continue
            made = stacks.unit(directory)
            unit = Unit(directory, options, loader, files, _of_others, made=made)
            included.update(unit.included)
            if made is not None:
                included.add(made.file)  # the stack's unit takes its place
            if unit.is_template:
                continue
            if unit.located is None:
                continue
            calls[directory] = set(unit.called)
            if unit.ends:
                ends[directory] = unit.ends
            if unit.excluded is True:
                excluded.add(directory)
    parts = {directory for directory in calls if files.unit_file(directory) in included}

    def answer(directory: str) -> set[str]:
        found = calls.get(directory)
        return called(directory) if found is None or directory in parts else found

    terraform = set(map(RealPaths(), terraform)) if ends else set(terraform)
    for caller, possible in ends.items():
        found = (each for each in terraform if each.endswith(possible) and not files.has_unit(each))
        calls[caller].update(each for each in found if may_be_module(each, loader))
    candidates = terraform | (calls.keys() - parts)
    return [root for root in find_roots(candidates, loader, answer) if root not in excluded]


def _of_others(directory: str, span: Span) -> Value:
    return unknown("the outputs of another unit", span)
