"""Compare the verdicts of two scans of one repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vpce_checks.model.roots import RootKey
from vpce_checks.project.results import RootReport
from vpce_checks.report.comparison import OPEN, WORST_FIRST, compare
from vpce_checks.rules.finding import Finding


def worse(before: Mapping[RootKey, RootReport], after: Mapping[RootKey, RootReport]) -> dict[RootKey, str]:
    """Return the roots of ``after`` in which anything is worse, with the first such thing in words."""
    found = compare(_document(before[key] for key in after if key in before), _document(after.values()))
    changed = (each.new for each in found.changed if _rank(each.new) < _rank(each.old))
    harm: dict[RootKey, str] = {}
    for result in (*found.new, *changed):
        verdict = "a failure" if result["status"] == "fail" else str(result["status"])
        words = f"{result['rule']} of {result['resource']} would be {verdict}"
        harm.setdefault((result["root"], result["deployment"]), words)
    for key, root in after.items():
        known = [item.message for item in before[key].diagnostics if item.severity == "error"] if key in before else []
        errors = [item.message for item in root.diagnostics if item.severity == "error"]
        if len(errors) > len(known):
            new = next((text for text in errors if text not in known), errors[-1])
            harm[key] = f"the code would have an error: {new}"
    return harm


def _rank(result: Mapping[str, Any]) -> int:
    return WORST_FIRST.index(result["status"])


def is_open(finding: Finding, root: RootReport) -> bool:
    """Return whether a root still has a finding that fails or is unknown."""
    return any(
        each.status in OPEN
        and (each.rule, each.resource, each.service) == (finding.rule, finding.resource, finding.service)
        for each in root.findings
    )


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
