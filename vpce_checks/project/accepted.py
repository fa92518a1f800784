"""What could not be read and is accepted: then it is a warning, and the exit code is not 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.model.spans import Diagnostic

if TYPE_CHECKING:
    from vpce_checks.project.scope import Scope


def accepted(diagnostics: Iterable[Diagnostic], scope: Scope, *, is_named: bool = False) -> Iterator[Diagnostic]:
    """Yield the diagnostics, with an error about an encrypted or an excluded file as a warning. So is one about a directory
    without code, unless the user named it (``is_named``). No VPC in such a directory is judged either way.

    A defect of ours stays an error. Verdicts do not change: what was not read may still hold anything.
    """
    for item in diagnostics:
        if item.severity == "warning" and item.is_no_code and is_named:
            continue  # it says why the directory is passed over, and the errors say more
        if item.severity == "warning" or item.is_defect:
            yield item
        elif item.is_encrypted or (item.is_no_code and not is_named):
            yield item._replace(severity="warning")
        elif scope.is_excluded(item.file):
            yield item._replace(severity="warning", message=f"{item.message} (this file is excluded)")
        else:
            yield item
