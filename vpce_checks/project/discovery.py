"""What stands under the scan paths: Terraform directories, plans, and files that may be CloudFormation templates."""

from __future__ import annotations

import os

from vpce_checks.base.hints import NamedTuple
from vpce_checks.files.containment import boundary_of, place_within
from vpce_checks.files.regular import NotRegularError, read_regular
from vpce_checks.files.walk import walk
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES
from vpce_checks.terraform.terragrunt.file_names import STACK_DIRECTORY, STACK_FILE, UNIT_FILE

TEMPLATE_SUFFIXES = (".yaml", ".yml", ".json", ".template")

LEADS_OUT = "this file is a link that leads outside the scanned repository; it is not read"

SNIFF_BYTES = 16 * 1024 * 1024
"""How much of a file is read to see whether it can be a template; a larger one shows its nature by then."""


class Inputs(NamedTuple):
    """What there is to scan below one path. ``path`` and everything else are absolute, without symbolic links.

    ``boundary`` is the repository around it, outside of which nothing is read. ``terraform`` are directories,
    ``units`` those with a Terragrunt unit, ``plans`` files that are Terraform plans (or, where they were named, that
    should have been), ``templates`` files that look like CloudFormation.
    """

    path: str
    boundary: str
    terraform: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def find_inputs(path: str) -> Inputs:
    """Walk ``path`` (a directory, or one file). Raises OSError if it does not exist or cannot be read."""
    path = os.path.realpath(path)
    if not os.path.isdir(path):
        return named_input(path)
    boundary = boundary_of(path)
    terraform: list[str] = []
    templates: list[str] = []
    plans: list[str] = []
    units: list[str] = []
    stacks: list[str] = []
    diagnostics: list[Diagnostic] = []

    def failed(directory: str, error: OSError) -> None:
        diagnostics.append(Diagnostic("error", f"cannot list the directory: {error.strerror}", directory))

    for directory, names in walk(path, boundary, (STACK_DIRECTORY,), failed):
        if UNIT_FILE in names:
            units.append(directory)
        if STACK_FILE in names:
            stacks.append(directory)
        if any(map(_is_primary, names)):
            terraform.append(directory)
        for name in names:
            if name.endswith(TERRAFORM_SUFFIXES):
                continue
            file = os.path.join(directory, name)
            if name.endswith(TEMPLATE_SUFFIXES) and place_within(file, (boundary,)) is None:
                diagnostics.append(Diagnostic("warning", LEADS_OUT, file))
            elif _may_be_plan(name) and is_plan(file, boundary):
                plans.append(file)
            elif name.endswith(TEMPLATE_SUFFIXES) and may_be_template(file, boundary):
                templates.append(file)
    if stacks:
        from vpce_checks.terraform.terragrunt.stacks import read_stacks

        made = read_stacks(stacks, boundary)
        units += made.units
        diagnostics += made.diagnostics
    if units:
        from vpce_checks.terraform.terragrunt.units import unit_directories

        units = sorted({*units, *unit_directories(path)})  # Terragrunt also finds them in hidden directories
    return Inputs(path, boundary, tuple(terraform), tuple(templates), tuple(plans), tuple(units), tuple(diagnostics))


def _is_primary(name: str) -> bool:
    """Whether a file makes a module of its directory: override files alone are there to be put into another.

    https://developer.hashicorp.com/terraform/language/files/override
    """
    stem = next((name.removesuffix(suffix) for suffix in TERRAFORM_SUFFIXES if name.endswith(suffix)), None)
    return stem is not None and stem != "override" and not stem.endswith("_override")


def named_input(path: str) -> Inputs:
    """``path`` itself: a directory is a root module, a file its root module, a plan or a template. Raises OSError."""
    path = os.path.realpath(path)
    boundary = boundary_of(path)
    if is_made_by_stack(path):
        return Inputs(path, boundary, units=(path,))
    os.stat(path)
    if os.path.basename(path) == UNIT_FILE:
        path = os.path.dirname(path)
    if os.path.isdir(path):
        units = (path,) if os.path.isfile(os.path.join(path, UNIT_FILE)) else ()
        return Inputs(path, boundary, terraform=(path,), units=units)
    if path.endswith(TERRAFORM_SUFFIXES):
        return Inputs(path, boundary, terraform=(os.path.dirname(path),))
    from vpce_checks.terraform.plan.recognise import recognise_file

    # Not only plans: who names a state or a saved plan is told what to name instead.
    if not path.endswith((".yaml", ".yml")) and recognise_file(path) is not None:
        return Inputs(path, boundary, plans=(path,))
    return Inputs(path, boundary, templates=(path,))


def is_made_by_stack(path: str) -> bool:
    """Whether ``path`` is where a Terragrunt stack will make a unit."""
    if os.path.exists(path):
        return False
    from vpce_checks.terraform.terragrunt.stacks import makes_unit

    path = os.path.realpath(path)
    return makes_unit(path, boundary_of(path))


def is_plan(file: str, boundary: str) -> bool:
    """Whether ``file`` is a Terraform plan as JSON, told by its content."""
    from vpce_checks.terraform.plan.recognise import is_plan_file

    place = place_within(file, (boundary,))
    return place is not None and is_plan_file(place)


def _may_be_plan(name: str) -> bool:
    """Whether a file is worth a look: any JSON, and whatever calls itself a plan."""
    return name.endswith(".json") or "plan" in name.lower()


def may_be_template(file: str, boundary: str) -> bool:
    """Whether the bytes of ``file`` could be a CloudFormation template: cheap, and never wrong about a real one."""
    place = place_within(file, (boundary,))
    if place is None:
        return False
    try:
        content = read_regular(place, SNIFF_BYTES)
    except NotRegularError:
        return False
    except OSError:
        return True  # the template loader says what is the matter with it
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.replace(b"\0", b"")  # UTF-16: of what is looked for below, every other byte
    if b"Resources" in content and any(mark in content for mark in (b"AWS::", b"Custom::", b"::MODULE")):
        return True
    return b"resources:" in content and b"${file(" in content  # a service whose resources stand in other files
