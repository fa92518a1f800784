"""``scan --changed-since REV``: what a change makes worse."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.cli.errors import UsageError

if TYPE_CHECKING:
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
