"""Which units are roots, and which directories they call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vpce_checks.base.record import field, record
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.terraform.build import deep_evaluation
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.roots import Called, find_roots, may_be_module
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.called import called_by, possible_ends
from vpce_checks.terraform.terragrunt.component import unit_in
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.stacks import Stacks
from vpce_checks.terraform.terragrunt.surroundings import Surroundings
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
        found = _Found()
        for directories, options in units:
            _add_units(found, directories, Repository(files, options, loader))
        return _roots(found, terraform, loader, files, called)


@record
class _Found:
    """What is found of units: by directory what each ``calls`` and what the path of its module may end with, the files that
    are ``included``, and the units that are ``excluded`` from deployments."""

    calls: dict[str, set[str]] = field(default_factory=dict)
    ends: dict[str, tuple[str, ...]] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)
    excluded: set[str] = field(default_factory=set)


def _add_units(found: _Found, directories: Sequence[str], repository: Repository) -> None:
    stacks = Stacks(repository)
    for directory in directories:
        if repository.files.has_stack(directory):
            if stacks.read(directory).unread:
                found.calls[directory] = set()
            continue
        made = stacks.unit(directory)
        if made is not None:
            found.included.add(made.file)  # the stack's unit takes its place
        component = unit_in(directory, repository.files) if made is None else made
        _add_unit(found, Unit(component, repository, Surroundings()))


def _add_unit(found: _Found, unit: Unit) -> None:
    includes = unit.configuration.includes
    found.included.update(include.path for include in includes if include.path is not None)
    if unit.is_template or unit.located is None:
        return
    found.calls[unit.directory] = set(called_by(unit))
    ends = possible_ends(unit)
    if ends:
        found.ends[unit.directory] = ends
    if unit.excluded is True:
        found.excluded.add(unit.directory)


def _roots(
    found: _Found, terraform: Iterable[str], loader: ModuleLoader, files: TerragruntFiles, called: Called
) -> list[str]:
    calls = found.calls
    parts = {directory for directory in calls if files.unit_file(directory) in found.included}

    def answer(directory: str) -> set[str]:
        of_unit = calls.get(directory)
        return called(directory) if of_unit is None or directory in parts else of_unit

    terraform = set(map(RealPaths(), terraform)) if found.ends else set(terraform)
    for caller, ends in found.ends.items():
        possible = (each for each in terraform if each.endswith(ends) and not files.has_unit(each))
        calls[caller].update(each for each in possible if may_be_module(each, loader))
    candidates = terraform | (calls.keys() - parts)
    return [root for root in find_roots(candidates, loader, answer) if root not in found.excluded]
