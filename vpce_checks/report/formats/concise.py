"""One line a finding, as compilers write them: ``FILE:LINE: RULE SEVERITY [STATUS: ]MESSAGE``. docs/concise.md has patterns
for editors and CI."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.project.results import Report
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import Same, deduplicate, deduplicated_diagnostics, in_roots
from vpce_checks.report.message import named_message
from vpce_checks.report.place import shown_span
from vpce_checks.report.text.escape import escape


def render(report: Report, style: Style) -> str:
    """Return the errors and warnings, and the findings, worst first; empty if there is nothing to report."""
    return "".join(f"{escape(line)}\n" for line in _lines(report, style))


def _lines(report: Report, style: Style) -> Iterator[str]:
    for item in deduplicated_diagnostics(report):
        yield f"{relative(item.file, style.cwd)}:{item.line}: {item.severity}: {item.message}"
    several = report.root_count > 1
    for same in deduplicate(report.roots, *style.statuses):
        yield _line(same, style, several_roots=several)


def _line(same: Same, style: Style, *, several_roots: bool) -> str:
    finding = same.finding
    span = shown_span(finding, style.cwd)
    status = "" if finding.status == "fail" else f"{finding.status}: "
    where = f" ({in_roots(same.roots, style.cwd)})" if several_roots else ""
    place = f"{relative(span.file, style.cwd)}:{span.line}"
    return f"{place}: {finding.rule} {finding.severity} {status}{named_message(finding)}{where}"
