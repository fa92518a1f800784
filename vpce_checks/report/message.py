"""The sentences that reports show for a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vpce_checks.model.evidence import Evidence
from vpce_checks.model.verdict import Status
from vpce_checks.report import relative
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding

COUNTED: Mapping[Status, str] = {"fail": "failed", "unknown": "unknown", "pass": "passed", "ignored": "ignored"}
"""The words for each status in the summary line, in the order of that line."""


def full_message(finding: Finding) -> str:
    """Return the message with the scenarios in which it holds: "...; when Environment is dev or test".

    "(not by default)" follows if the rule passes where every parameter has its default.
    """
    if not finding.when:
        return finding.message
    by_default = " (not by default)" if finding.passes_by_default else ""
    return f"{finding.message.rstrip('.')}; when {' and '.join(finding.when)}{by_default}"


def named_message(finding: Finding) -> str:
    """Return the full message, preceded by the resource if the message does not name it."""
    message = full_message(finding)
    return message if finding.resource in message else f"{finding.resource}: {message}"


def step_text(step: Evidence, cwd: str) -> str:
    """Return a step of evidence with its place: "the pack aws-baseline requires it (policy.yaml:3)"."""
    if step.span is None:
        return step.text
    return f"{step.text} ({relative(step.span.file, cwd)}:{step.span.line})"


def reasons(finding: Finding) -> list[Evidence]:
    """Return the evidence without the place of the declaration, for reports that show this place anyway."""
    return [step for step in finding.why if step.kind != "declaration"]


def reason_lines(finding: Finding, cwd: str) -> Iterator[str]:
    """Yield the evidence as the lines of a list, escaped."""
    return (f"- {escape(step_text(step, cwd))}" for step in reasons(finding))
