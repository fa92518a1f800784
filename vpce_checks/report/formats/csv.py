"""A table for a spreadsheet: a row for each VPC and service, and a row for each finding. docs/csv.md describes the columns.

Spreadsheets run cells that look like formulas. An apostrophe before such a cell makes it text:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, relative
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.message import full_message, reasons, step_text
from vpce_checks.report.text.escape import escape, escape_source
from vpce_checks.report.text.matrix import VpcCoverage, coverage
from vpce_checks.rules.finding import Finding

COLUMNS = (
    *("kind", "root", "deployment", "vpc", "service", "status", "rule", "severity", "resource", "file", "line"),
    *("message", "why", "fix"),
)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that some spreadsheet takes for a formula."""


def render(report: Report, style: Style) -> str:
    """Return the table with its heading. Rows of ``kind`` "coverage" come first, then those of "finding"."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for root, covered in coverage(report):
        writer.writerows(map(_row, _coverage(root, covered, style)))
    for root in report.roots:
        writer.writerows(map(_row, _findings(root, style)))
    return text.getvalue()


def _coverage(root: RootReport, covered: Iterable[VpcCoverage], style: Style) -> Iterator[dict[str, str]]:
    places = {vpc.address: vpc.span for vpc in root.inventory.vpcs}
    for each in covered:
        span = places[each.vpc]
        for service, state in each.cells.items():
            yield {
                **_of_root(root, style),
                "kind": "coverage",
                "vpc": each.vpc,
                "service": service,
                "status": state,
                "file": relative(span.file, style.cwd),
                "line": str(span.line),
            }


def _findings(root: RootReport, style: Style) -> Iterator[dict[str, str]]:
    for finding in root.findings:
        if finding.status in style.statuses:
            yield {**_of_root(root, style), **_finding(finding, root, style)}


def _finding(finding: Finding, root: RootReport, style: Style) -> dict[str, str]:
    span = finding.about.span
    fix = write_fix(finding, root.networks) if finding.status == "fail" else None
    where = f"{fix.where} {relative(fix.file, style.cwd)}:\n" if fix is not None and fix.where else ""
    return {
        "kind": "finding",
        "vpc": finding.vpc or "",
        "service": finding.service or "",
        "status": finding.status,
        "rule": finding.rule,
        "severity": finding.severity,
        "resource": finding.resource,
        "file": relative(span.file, style.cwd),
        "line": str(span.line),
        "message": full_message(finding),
        "why": "; ".join(step_text(step, style.cwd) for step in reasons(finding)),
        "fix": f"{where}{fix.text}" if fix is not None else "",
    }


def _of_root(root: RootReport, style: Style) -> dict[str, str]:
    return {"root": relative(root.path, style.cwd), "deployment": root.deployment}


def _row(values: dict[str, str]) -> list[str]:
    return [_cell(values.get(column, "")) for column in COLUMNS]


def _cell(text: str) -> str:
    """Return text that no spreadsheet runs and no terminal obeys. Only a fix has several lines."""
    shown = "\n".join((escape_source if "\n" in text else escape)(line) for line in text.split("\n"))
    return f"'{shown}" if text.startswith(FORMULA) else shown
