"""The place that a reviewer can open: a line of the repository, where the code itself lies outside of it."""

from __future__ import annotations

from vpce_checks.model.spans import Span
from vpce_checks.report import relative
from vpce_checks.rules.finding import Finding

_FETCHED = frozenset({".terraform", ".terragrunt-cache"})
"""Where tools put what they fetch."""


def shown_span(finding: Finding, cwd: str) -> Span:
    """Where ``finding`` is declared or, if that is no file below ``cwd`` under version control (a module that
    ``terraform init`` fetched, one of our stubs), the innermost call of the way to it that is."""
    about = finding.about
    for span in (about.span, *(call.span for call in reversed(about.calls))):
        if is_reviewable(span.file, cwd):
            return span
    return about.span


def is_reviewable(file: str, cwd: str) -> bool:
    """Whether ``file`` lies below ``cwd`` and in no directory of what tools fetch."""
    path = relative(file, cwd).split("/")
    return path[0] not in ("..", "") and ":" not in path[0] and _FETCHED.isdisjoint(path)
