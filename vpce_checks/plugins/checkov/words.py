"""Findings in the lines that Checkov prints below a check."""

from __future__ import annotations

import os
from collections.abc import Iterator

from vpce_checks.report import relative
from vpce_checks.report.message import named_message, reasons, step_text
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding


def advice_lines(finding: Finding) -> Iterator[str]:
    """The message and the evidence, a line each, with paths from the current directory."""
    yield escape(named_message(finding))
    if finding.about.calls:  # a module has as many verdicts as roots that call it
        yield escape(f"in {relative(finding.root, os.getcwd())}")
    for step in reasons(finding):
        yield escape(step_text(step, os.getcwd()))


def reason_of(finding: Finding) -> str:
    """Why an ignored finding is ignored."""
    return finding.reason or "ignored"
