"""The requests of all roots to ignore findings, put together: one that no root needs is reported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.options import ScanOptions
from vpce_checks.rules.ignore_uses import IgnoreUse, add_use, unused

if TYPE_CHECKING:
    from vpce_checks.project.project import Project
    from vpce_checks.project.results import RootReport


def ignores_of(reports: Sequence[RootReport], project: Project) -> tuple[IgnoreUse, ...]:
    """Return every request, once, in order of its place. One that ignores nothing in any root has that for a problem, if
    the scan saw everything that may need it."""
    found: dict[object, IgnoreUse] = {}
    for report in reports:
        for use in report.ignores:
            add_use(found, use)
    unread = {
        use.key
        for report in reports
        if any(item.severity == "error" for item in report.diagnostics)
        for use in report.ignores
    }
    settled = (
        unused(use)
        if not use.used and not use.problem and use.key not in unread and _is_all_seen(use, reports, project)
        else use
        for use in found.values()
    )
    return tuple(sorted(settled, key=lambda use: (use.file, use.line, use.rules)))


def _is_all_seen(use: IgnoreUse, reports: Sequence[RootReport], project: Project) -> bool:
    """Whether no root that was not scanned can need a request: one in a module may be for a caller elsewhere."""
    options = project.options
    if options.changed is not None or len(options.kinds) < len(ScanOptions().kinds):
        return False
    directory = os.path.dirname(use.file)
    if use.by == "comment" and any(report.path in (use.file, directory) for report in reports):
        return True
    top = directory if use.by == "policy" else project.boundary_of(use.file)
    return any(is_within(top, place) for place in project.walked)


def with_warnings(reports: Sequence[RootReport], ignores: Sequence[IgnoreUse]) -> Iterator[RootReport]:
    """Yield the reports, with a warning for each problem in the first one that has the request."""
    left = {use.key: use for use in ignores if use.detail}
    for report in reports:
        told = [left.pop(use.key) for use in report.ignores if use.key in left]
        items = tuple(Diagnostic("warning", use.detail, use.file, use.line) for use in told)
        yield replace(report, diagnostics=(*report.diagnostics, *items)) if items else report
