"""Compare the verdicts of two scans of one repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vpce_checks.model.roots import RootKey
from vpce_checks.project.results import RootReport
from vpce_checks.report.comparison import OPEN, WORST_FIRST, compare
from vpce_checks.rules.finding import Finding


def worse(before: dict[RootKey, RootReport], after: dict[RootKey, RootReport]) -> str:
    """Return in words what is worse in the roots of ``after``; empty if nothing is."""
    old = _document(before[key] for key in after if key in before)
    found = compare(old, _document(after.values()))
    for result in found.new:
        return f"{result['rule']} of {result['resource']} would be {_verdict(result)}"
    for change in found.changed:
        if WORST_FIRST.index(change.new["status"]) < WORST_FIRST.index(change.old["status"]):
            return f"{change.new['rule']} of {change.new['resource']} would be {_verdict(change.new)}"
    if found.errors > compare(old, old).errors:
        return "the code would have an error: " + _new_error(before, after)
    return ""


def is_open(finding: Finding, root: RootReport) -> bool:
    """Return whether a root still has a finding that fails or is unknown."""
    return any(
        each.status in OPEN
        and (each.rule, each.resource, each.service) == (finding.rule, finding.resource, finding.service)
        for each in root.findings
    )


def _verdict(result: Any) -> str:
    return "a failure" if result["status"] == "fail" else str(result["status"])


def _new_error(before: dict[RootKey, RootReport], after: dict[RootKey, RootReport]) -> str:
    known = {item.message for root in before.values() for item in root.diagnostics}
    errors = (item for root in after.values() for item in root.diagnostics if item.severity == "error")
    return next((item.message for item in errors if item.message not in known), "one more than before")


def _document(roots: Iterable[RootReport]) -> dict[str, Any]:
    """Return as much of the JSON report as a comparison needs."""
    reports = list(roots)
    return {
        "version": 1,
        "roots": [
            {
                "path": root.path,
                "deployment": root.deployment,
                "diagnostics": [{"severity": item.severity} for item in root.diagnostics],
            }
            for root in reports
        ],
        "results": [
            {
                "root": root.path,
                "deployment": root.deployment,
                "rule": finding.rule,
                "resource": finding.resource,
                "service": finding.service,
                "status": finding.status,
                "severity": finding.severity,
            }
            for root in reports
            for finding in root.findings
        ],
    }
