"""A finding in one sentence."""

from __future__ import annotations

from vpce_checks.rules.finding import Finding


def full_message(finding: Finding) -> str:
    """The message with the scenario in which it holds: "...; when Environment is dev or test"."""
    if not finding.when:
        return finding.message
    return f"{finding.message.rstrip('.')}; when {' and '.join(finding.when)}"
