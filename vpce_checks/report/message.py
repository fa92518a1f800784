"""A finding in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

from vpce_checks.model.evidence import Evidence
from vpce_checks.model.verdict import Status
from vpce_checks.report import relative
from vpce_checks.rules.finding import Finding

COUNTED: Mapping[Status, str] = {"fail": "failed", "unknown": "unknown", "pass": "passed", "ignored": "ignored"}
"""How the line of sum calls the findings of each status, in its order."""


def full_message(finding: Finding) -> str:
    """The message with the scenario in which it holds: "...; when Environment is dev or test"."""
    if not finding.when:
        return finding.message
    return f"{finding.message.rstrip('.')}; when {' and '.join(finding.when)}"


def named_message(finding: Finding) -> str:
    """The full message, after the resource where it does not name it: for reports that say nothing else of it."""
    message = full_message(finding)
    return message if finding.resource in message else f"{finding.resource}: {message}"


def step_text(step: Evidence, cwd: str) -> str:
    """A step of evidence with its place: "the pack aws-baseline requires it (policy.yaml:3)"."""
    if step.span is None:
        return step.text
    return f"{step.text} ({relative(step.span.file, cwd)}:{step.span.line})"


def reasons(finding: Finding) -> list[Evidence]:
    """The evidence without the place of the declaration, which a report that shows it has said."""
    return [step for step in finding.why if step.kind != "declaration"]
