"""Find a place that a reviewer can open: a line of the repository, even if the finding is about code outside it."""

from __future__ import annotations

from vpce_checks.model.spans import Span
from vpce_checks.report import relative
from vpce_checks.rules.finding import Finding

_FETCHED = frozenset({".terraform", ".terragrunt-cache"})
"""Folders into which tools download code."""


def shown_span(finding: Finding, cwd: str) -> Span:
    """Return the place of ``finding`` that a report shows.

    This is the declaration, if its file is below ``cwd`` and not downloaded. Otherwise (a module that ``terraform init``
    downloaded, a stub) it is the innermost module call with such a file.
    """
    about = finding.about
    for span in (about.span, *(call.span for call in reversed(about.calls))):
        if is_reviewable(span.file, cwd):
            return span
    return about.span


def is_reviewable(file: str, cwd: str) -> bool:
    """Return whether ``file`` is below ``cwd`` and not in a folder into which tools download code."""
    path = relative(file, cwd).split("/")
    return path[0] not in ("..", "") and ":" not in path[0] and _FETCHED.isdisjoint(path)
