"""The exit codes of every command, and how a report leads to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.model.verdict import SEVERITIES, Severity

if TYPE_CHECKING:
    from vpce_checks.project.results import Report

PASSED, FAILED, MISUSED, UNREAD = 0, 1, 2, 3

INTERRUPTED = 130
"""What a shell reports for a process that Ctrl-C ended."""

READER_LEFT = 141
"""What a shell reports for a process that ended because nobody reads its output any more (``| head``)."""

HELP = f"""\
exit codes:
  {PASSED}  nothing failed
  {FAILED}  at least one failure (with --strict: or an unknown)
  {MISUSED}  wrong use, or a mistake in the policy file
  {UNREAD}  an input could not be read or parsed; the rest was scanned and reported.
     {UNREAD} wins over {FAILED}, because the result is not complete"""


def exit_code(
    report: Report, fail_on: Severity = "low", *, strict: bool, soft_fail: bool, strict_ignores: bool = False
) -> int:
    """Return the exit code of a scan. ``strict``: an unknown verdict counts as a failure. ``soft_fail``: none counts.
    ``fail_on``: findings of lower severity do not count. ``strict_ignores``: a request to ignore findings that has a
    problem counts as a failure."""
    if not report.complete:
        return UNREAD
    least = SEVERITIES.index(fail_on)
    counting = ("fail", "unknown") if strict else ("fail",)
    failed = any(
        finding.status in counting and SEVERITIES.index(finding.severity) >= least for finding in report.findings
    )
    failed = failed or (strict_ignores and any(use.problem for use in report.ignores))
    return FAILED if failed and not soft_fail else PASSED


def exit_code_of_recording(report: Report) -> int:
    """Return the exit code of a scan whose failures and unreadable inputs were recorded in a baseline: they no longer
    count. A defect of ours is not recorded."""
    return UNREAD if any(item.is_defect for root in report.roots for item in root.diagnostics) else PASSED
