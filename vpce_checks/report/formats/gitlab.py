"""GitLab's code quality report, shown in merge requests. https://docs.gitlab.com/ci/testing/code_quality/"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.results import Report
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import deduplicated_diagnostics
from vpce_checks.report.fingerprint import fingerprint
from vpce_checks.report.message import named_message
from vpce_checks.report.place import shown_span
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding

SEVERITIES = {"high": "critical", "medium": "major", "low": "minor"}


def render(report: Report, style: Style) -> str:
    """Return the failures, the unknown verdicts, the inputs that could not be read and the warnings, as a JSON array."""
    entries = [
        *(_diagnostic(item, style) for item in deduplicated_diagnostics(report)),
        *(
            _entry(finding, root.path, style)
            for root in report.roots
            for finding in root.findings
            if finding.status in ("fail", "unknown")
        ),
    ]
    return json.dumps(entries, indent=2) + "\n"


def _entry(finding: Finding, root: str, style: Style) -> dict[str, Any]:
    failed = finding.status == "fail" or style.strict
    text = named_message(finding)
    span = shown_span(finding, style.cwd)
    return {
        "type": "issue",
        "check_name": finding.rule,
        "categories": ["Security"],
        "description": escape(f"{finding.rule} {'' if finding.status == 'fail' else '(undecided) '}{text}"),
        "severity": SEVERITIES[finding.severity] if failed else "info",
        "fingerprint": fingerprint(finding, root, style.cwd),
        "location": _location(span.file, span.line, span.last_line, style),
    }


def _diagnostic(item: Diagnostic, style: Style) -> dict[str, Any]:
    place = f"{relative(item.file, style.cwd)}\0{item.message}"
    return {
        "type": "issue",
        "check_name": "vpce-checks-input",
        "categories": ["Bug Risk"],
        "description": escape(item.message),
        "severity": "blocker" if item.severity == "error" else "info",
        "fingerprint": sha256(place.encode("utf-8", "backslashreplace")).hexdigest(),
        "location": _location(item.file, item.line, item.line, style),
    }


def _location(file: str, line: int, last: int, style: Style) -> dict[str, Any]:
    return {"path": escape(relative(file, style.cwd)), "lines": {"begin": line, "end": last}}
