"""Write a report in spite of a defect. Only what a format cannot write is left out, and reported as an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.base.defects import defect
from vpce_checks.base.record import replace
from vpce_checks.model.spans import Diagnostic
from vpce_checks.report import Style, render

if TYPE_CHECKING:
    from vpce_checks.project.results import Report, RootReport
    from vpce_checks.rules.finding import Finding


def render_what_can_be(format: str, report: Report, style: Style) -> tuple[str, list[Diagnostic]]:
    """Return ``report`` in ``format``, and an error for each part that cannot be written. The report has the errors too.

    Raises the exception of the format if even the rest cannot be written.
    """
    try:
        return render(format, report, style), []
    except Exception:
        guard = _Guard(format, report, style)
        rest = replace(report, roots=tuple(guard.writable(root) for root in report.roots))
    return render(format, rest, style), guard.errors


class _Guard:
    def __init__(self, format: str, report: Report, style: Style) -> None:
        self.errors: list[Diagnostic] = []
        self._format = format
        self._report = report
        self._style = style

    def writable(self, root: RootReport) -> RootReport:
        """Return ``root`` without the parts that cannot be written."""
        before = len(self.errors)
        bare = replace(root, findings=())
        error = self._problem(bare)
        if error is not None:
            self._report_error(f"the inventory of {root.path}", error, root.path, 1)
            root, bare = replace(root, networks=()), replace(bare, networks=())
            if self._problem(bare) is not None:
                root, bare = replace(root, diagnostics=()), replace(bare, diagnostics=())
        findings = tuple(self._findings(bare, root.findings))
        return replace(root, findings=findings, diagnostics=(*root.diagnostics, *self.errors[before:]))

    def _findings(self, bare: RootReport, findings: tuple[Finding, ...]) -> list[Finding]:
        """Return the findings that can be written, found by bisection. Of the others keep the bare verdict, if that works."""
        error = self._problem(replace(bare, findings=findings))
        if error is None:
            return list(findings)
        if len(findings) > 1:
            half = len(findings) // 2
            return [*self._findings(bare, findings[:half]), *self._findings(bare, findings[half:])]
        (finding,) = findings
        span = finding.about.span
        self._report_error(f"{finding.rule} about {finding.resource}", error, span.file, span.line)
        verdict = replace(finding, why=(), fix=None, when=())
        return [verdict] if self._problem(replace(bare, findings=(verdict,))) is None else []

    def _problem(self, root: RootReport) -> Exception | None:
        """Return why a report on ``root`` alone cannot be written; None if it can."""
        try:
            render(self._format, replace(self._report, roots=(root,)), self._style)
        except Exception as error:
            return error
        return None

    def _report_error(self, what: str, error: Exception, file: str, line: int) -> None:
        message = f"{what} cannot be written in full as {self._format}: {defect(error)}"
        self.errors.append(Diagnostic("error", message, file, line, is_defect=True))
