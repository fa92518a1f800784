"""``--changed-since REV``: what a change makes worse, and which lines ``fix`` may change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.cli.errors import UsageError

if TYPE_CHECKING:
    from vpce_checks.fixing.plan import WhyNot
    from vpce_checks.project.git_revision import Revision
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report


def scan_since(
    revision: str, options: ScanOptions, baseline: str | None, scan: Callable[[ScanOptions], Report]
) -> Report:
    """Return the report on the roots that differ from a git revision. Findings that the revision has already are ignored;
    whatever the change relaxes (policy, ignores, the file ``baseline``) is a warning. Raises UsageError."""
    from vpce_checks.execution.scan import scan as scan_alone
    from vpce_checks.project.git_revision import RevisionError, compared, introduced, known_before
    from vpce_checks.project.relaxations import relaxations

    try:
        with compared(revision, (*options.paths, *options.roots)) as since:
            differing = changed = since.changed_files()
            if options.changed is not None:
                changed = changed.intersection(map(os.path.realpath, options.changed))
            options = replace(options, changed=tuple(sorted(changed)))
            report = scan(options)
            if report.count("fail") or report.count("unknown"):
                report = introduced(report, known_before(since, options, scan_alone))
            return report.with_warnings(relaxations(since, differing, options, baseline))
    except RevisionError as error:
        raise UsageError(str(error)) from error


@contextmanager
def lines_since(revision: str, options: ScanOptions, *, suggested: bool) -> Iterator[tuple[Revision, WhyNot]]:
    """The commit in which the change began, and why a file may not be changed: the diff since then does not show the lines, or
    a suggestion (if it is to be one) cannot say it. Raises UsageError."""
    from vpce_checks.fixing.review import can_be_suggested, is_shown
    from vpce_checks.project.git_revision import RevisionError, compared

    def why_not(file: str, before: str, after: str) -> str:
        if file in uncommitted:
            return "the file has changes that are not committed, and a review is of a commit: commit them first"
        if not is_shown(before, after, shown(file)):
            return f"the diff since {revision} does not show the lines to change"
        if suggested and not can_be_suggested(before, after):
            return (
                "a suggestion cannot hold these lines: a credential, control characters, line ends of Windows, or too many "
                "characters"
            )
        return ""

    try:
        with compared(revision, (*options.paths, *options.roots)) as since:
            uncommitted = since.uncommitted_files() if suggested else frozenset()
            shown = since.shown_lines(committed=suggested)
            yield since, why_not
    except RevisionError as error:
        raise UsageError(str(error)) from error
