"""Files of variable values beside a root that no option names. We do not know which of them a deployment uses.

They count only if a variable of the root has no value without them. Then a variable that such a file sets has either
that value or its default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from vpce_checks.base.record import record
from vpce_checks.files.tracked import contained
from vpce_checks.files.walk import SKIPPED_DIRECTORIES
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.lang.scope import Scope, Session
from vpce_checks.terraform.syntax.ast import Conditional, Expr, Invalid
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES
from vpce_checks.terraform.syntax.structure import ModuleSource

MAX_DIRECTORIES = 200
MAX_FILES = 50


def other_values(
    source: ModuleSource, given: Mapping[str, Given], missing: set[str], session: Session, scope: Scope
) -> Iterator[tuple[str, Given]]:
    """Yield the variables whose value depends on the file that ``-var-file`` will name.

    Yields nothing if no such file sets one of the ``missing`` variables.
    """
    from vpce_checks.terraform.syntax.tfvars import load_tfvars

    set_by: dict[str, list[tuple[str, Expr]]] = {}
    for path in variable_files(source.directory, session.places).files:
        for name, (expr, _) in load_tfvars(path, session.places)[0].items():
            if name in source.variables:
                set_by.setdefault(name, []).append((path, expr))
    if missing.isdisjoint(set_by):
        return
    for name, alternatives in set_by.items():
        default = source.variables[name].body.attributes.get("default")
        known = given[name].expr if name in given else default.expr if default is not None else None
        if known is not None:
            for path, expr in alternatives:
                shown = os.path.relpath(path, source.directory).replace(os.sep, "/")
                which = Invalid(f"{shown} may set var.{name}; pass --var-file if the deployment uses it", expr.span)
                known = Conditional(which, expr, known, expr.span)
            yield name, Given(known, known.span, scope)


@record
class VariableFiles:
    """Files of variable values. ``is_complete`` is False if there may be more, beyond the bounds."""

    files: tuple[str, ...]
    is_complete: bool


@contained
def variable_files(directory: str) -> VariableFiles:
    """Return the files of variable values that Terraform does not read by itself.

    Look in the root's directory, and in the directories below it that hold no code.
    """
    found: list[str] = []
    pending = [directory]
    seen = 0
    while pending and seen < MAX_DIRECTORIES and len(found) < MAX_FILES:
        place = pending.pop()
        seen += 1
        try:
            with os.scandir(place) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        if place != directory and any(entry.name.endswith(TERRAFORM_SUFFIXES) for entry in entries):
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name in SKIPPED_DIRECTORIES:
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            elif entry.name.endswith((".tfvars", ".tfvars.json")) and not (
                place == directory and is_automatic(entry.name)
            ):
                found.append(entry.path)
    return VariableFiles(tuple(found[:MAX_FILES]), not pending and len(found) <= MAX_FILES)


def is_automatic(name: str) -> bool:
    """Return whether Terraform reads a file of variables without being asked for it."""
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))
