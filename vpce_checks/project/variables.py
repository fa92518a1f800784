"""Check that somebody takes the variables that the user sets: a name with a typing mistake would set nothing.

Terraform refuses a ``-var`` that the root module does not declare. Here several roots are read at once, so one that takes
it is enough. https://developer.hashicorp.com/terraform/language/values/variables#undeclared-variables
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy import PolicyError

if TYPE_CHECKING:
    from vpce_checks.project.results import RootReport
    from vpce_checks.project.scope import Scope


class VariableError(Exception):
    """A variable of the command line that no root declares."""


def check_variables(names: Iterable[str], scope: Scope, reports: Sequence[RootReport]) -> None:
    """Raise VariableError for a variable of the command line that no root declares, PolicyError for variables of the policy
    that their root does not declare."""
    roots = [report for report in reports if report.kind == "terraform" and report.inventory.language]
    declared = {name for report in roots for name in report.inventory.variables}
    missing = next((name for name in names if name not in declared), None)
    if missing is not None and roots:
        raise VariableError(f"--var {missing}: no root declares this variable{did_you_mean(missing, declared)}")
    mistakes = tuple(_of_policy(scope, roots))
    if mistakes:
        raise PolicyError(mistakes)


def _of_policy(scope: Scope, roots: Sequence[RootReport]) -> Iterator[Diagnostic]:
    known = {report.key: set(report.inventory.variables) for report in roots}
    for entry in scope.roots.values():
        for deployment in entry.deployments:
            declared = known.get((entry.path, deployment.name))
            for name, _ in deployment.variables:
                if declared is not None and name not in declared:
                    message = f"this root declares no variable {name!r}{did_you_mean(name, declared)}"
                    yield Diagnostic("error", message, entry.span.file, entry.span.line)
