"""Return the fix of a finding as plain lines, for formats that have no markup for code."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.model.network import Network
from vpce_checks.report import relative
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.text.escape import escape, escape_source
from vpce_checks.rules.finding import Finding


def advice(finding: Finding, networks: Sequence[Network], cwd: str) -> list[str]:
    """Return what to do about a failure, escaped: a sentence, or the file and its code. Empty if there is no fix."""
    fix = write_fix(finding, networks) if finding.status == "fail" else None
    if fix is None:
        return []
    if not fix.where:
        return [f"To fix it: {escape(fix.text)}"]
    heading = f"To fix it, {fix.where} {escape(relative(fix.file, cwd))}:"
    return [heading, *(escape_source(line) for line in fix.text.split("\n"))]
