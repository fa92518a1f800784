"""Workflow commands, which GitHub shows beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vpce_checks.project.results import Report
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import Same, deduplicate, deduplicated_diagnostics, in_roots
from vpce_checks.report.fixes.advice import advice
from vpce_checks.report.message import COUNTED, named_message, reason_lines
from vpce_checks.report.place import shown_span
from vpce_checks.report.rule_text import rule_text
from vpce_checks.report.text.escape import escape

COMMANDS = {"high": "error", "medium": "warning", "low": "notice"}


def render(report: Report, style: Style) -> str:
    """Return one command a line, then the summary line."""
    return "".join(f"{line}\n" for line in (*_diagnostics(report, style), *_findings(report, style), _summary(report)))


def _diagnostics(report: Report, style: Style) -> Iterator[str]:
    for item in deduplicated_diagnostics(report):
        place = {"file": relative(item.file, style.cwd), "line": item.line, "title": "vpce-checks"}
        yield _command(item.severity, place, escape(item.message))


def _findings(report: Report, style: Style) -> Iterator[str]:
    several = report.root_count > 1
    for same in deduplicate(report.roots, "fail", "unknown"):
        finding = same.finding
        failed = finding.status == "fail" or style.strict
        span = shown_span(finding, style.cwd)
        rule = rule_text(finding)
        properties = {
            "file": relative(span.file, style.cwd),
            "line": span.line,
            "endLine": span.last_line,
            "title": f"{finding.rule} {rule.name if rule else ''}{'' if finding.status == 'fail' else ' (undecided)'}",
        }
        command = COMMANDS[finding.severity] if failed else "notice"
        yield _command(command, properties, "\n".join(_message(same, style, several=several)))


def _message(same: Same, style: Style, *, several: bool) -> Iterator[str]:
    finding = same.finding
    yield escape(named_message(finding))
    if several:
        yield escape(in_roots(same.roots, style.cwd))
    yield from reason_lines(finding, style.cwd)
    yield from advice(finding, same.networks, style.cwd)


def _summary(report: Report) -> str:
    counts = ", ".join(f"{report.count(status)} {word}" for status, word in COUNTED.items())
    return f"vpce-checks: {counts}{'' if report.complete else '; not everything could be read'}"


def _command(name: str, properties: Mapping[str, object], message: str) -> str:
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escape(text)).replace(":", "%3A").replace(",", "%2C")
