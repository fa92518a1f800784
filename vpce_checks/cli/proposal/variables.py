"""How a Terraform root with several files of variables is deployed: once with each of them, if they set the same variables.

Terraform reads such a file only if ``-var-file`` names it, so the code alone does not say which deployments there are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.model.roots import Deployment
from vpce_checks.report import relative
from vpce_checks.terraform.config.unselected_tfvars import variable_files
from vpce_checks.terraform.config.variables import automatic_files
from vpce_checks.terraform.faces.found import MODULES
from vpce_checks.terraform.faces.root_modules import RootModules
from vpce_checks.terraform.syntax.tfvars import load_tfvars

if TYPE_CHECKING:
    from vpce_checks.files.containment import Places
    from vpce_checks.model.roots import Root
    from vpce_checks.project.project import Project
    from vpce_checks.terraform.syntax.structure import ModuleSource

MAX_DEPLOYMENTS = 12
"""How many deployments of one root are tried. Each takes as long as a scan of the root."""

_SAMPLES = frozenset({"example", "examples", "sample", "samples", "template"})
"""Names of files that show what to write."""

_SHARED = frozenset({"base", "common", "default", "defaults", "global", "shared"})
"""Names of files that are probably used with each of the others."""

_GENERIC = frozenset({"main", "inputs", "terraform", "terragrunt", "variables", "vars"})
"""Names of files that do not say what they are for: their directory does."""


@record
class Proposed:
    """Deployments of a root. ``files`` has the files of each, relative to the root. ``doubt`` says why they are not certain;
    "" if they are. ``settled`` are failures (in words) that the root has only without these files."""

    deployments: tuple[Deployment, ...]
    files: tuple[tuple[str, ...], ...]
    doubt: str
    settled: tuple[str, ...] = ()


def has_backend(project: Project, root: Root) -> bool:
    """Return whether the code says where the state of a root is kept, as code that is deployed does. A unit of Terragrunt
    is there to be deployed."""
    if root.language != MODULES:
        return root.kind == "terraform"
    _, loader = _code(project).code.of(project.place_of(root), root)
    nested = (block for outer in loader.load(root.path).terraform for block in outer.body.blocks)
    return any(block.type in ("backend", "cloud") for block in nested)


def proposed_deployments(project: Project, root: Root) -> Proposed | None:
    """Return what the files of variables at a root look like; None if there are none that Terraform does not read anyway."""
    if root.language != MODULES:
        return None
    _, loader = _code(project).code.of(project.place_of(root), root)
    listed = variable_files(root.path, loader.places)
    files = [file for file in sorted(listed.files) if _stem(file) not in _SAMPLES]
    if not files:
        return None
    shared = [file for file in files if _stem(file) in _SHARED]
    own = [file for file in files if file not in shared] or files
    shared = shared if own is not files else []
    names = _names(own, root.path)
    set_by = {file: frozenset(load_tfvars(file, loader.places)[0]) for file in own}
    required = _required(loader.load(root.path), loader.places)
    doubt = "there may be more files" if not listed.is_complete else _doubt(root, own, shared, set_by, required)
    if len(own) == 1:
        names = [""]
    deployments = tuple(Deployment(name, var_files=(*shared, file)) for name, file in zip(names, own, strict=True))
    shown = tuple(tuple(relative(file, root.path) for file in each.var_files) for each in deployments)
    return Proposed(deployments, shown, doubt)


def _code(project: Project) -> RootModules:
    return next(language for language in project.languages if isinstance(language, RootModules))


def _required(source: ModuleSource, places: Places) -> frozenset[str]:
    """Return the variables that have no default, and no value in a file that Terraform reads by itself."""
    told = {name for file in automatic_files(source.directory, places) for name in load_tfvars(file, places)[0]}
    return frozenset(
        name for name, block in source.variables.items() if name not in told and "default" not in block.body.attributes
    )


def _doubt(
    root: Root,
    own: Sequence[str],
    shared: Sequence[str],
    set_by: Mapping[str, frozenset[str]],
    required: frozenset[str],
) -> str:
    """Return why it is not certain that a root is deployed once with each of the files ``own``.

    A file that lacks a ``required`` variable cannot be all that a deployment has. One that no file sets comes from elsewhere.
    """
    homes = [os.path.dirname(file) for file in own]
    if len(own) == 1:
        return "nothing says whether a deployment uses this file"
    if len(own) > MAX_DEPLOYMENTS:
        return f"more than {MAX_DEPLOYMENTS} files were not tried"
    if shared:
        return f"{os.path.basename(shared[0])} is probably used with each of the others"
    if len(set(homes)) > 1 and len(set(homes)) < len(homes):
        return "several files of one directory may be used together"
    for one, other in combinations(own, 2):
        both = set_by[one] & set_by[other]
        if 2 * len(both) < max(min(len(set_by[one]), len(set_by[other])), 1):
            names = f"{relative(one, root.path)} and {relative(other, root.path)}"
            return f"{names} set different variables, so they may be used together"
    needed = required & frozenset().union(*set_by.values())
    for file in own:
        lacking = sorted(needed - set_by[file])
        if lacking and set_by[file]:
            return f"{relative(file, root.path)} does not set {lacking[0]}, which has no default, so it may be used with another"
    if root.joined:
        return "other roots use its values, and would have to say of which deployment (links)"
    return ""


def _names(files: Sequence[str], directory: str) -> list[str]:
    """Return a name for the deployment with each file: the file's, if that says something, else its directory's."""
    stems = [_stem(file) for file in files]
    homes = [os.path.basename(os.path.dirname(file)) for file in files]
    if len(set(stems)) == len(files) and not _GENERIC.intersection(stems):
        return stems
    mixed = [
        home if stem in _GENERIC and os.path.dirname(file) != directory else stem
        for file, stem, home in zip(files, stems, homes, strict=True)
    ]
    if len(set(mixed)) == len(files):
        return mixed
    return [relative(file, directory).removesuffix(".json").removesuffix(".tfvars") for file in files]


def _stem(file: str) -> str:
    return os.path.basename(file).removesuffix(".json").removesuffix(".tfvars").removesuffix(".auto")
