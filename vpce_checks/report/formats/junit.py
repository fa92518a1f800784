"""JUnit XML, for the test tabs of Jenkins, GitLab, Azure and CodeBuild. A root is a suite, a verdict is a test case.

Unknown and ignored verdicts are skipped tests, never passed ones. With ``strict``, an unknown verdict is a failed test.
An input that could not be read is an error. Warnings are the output of a suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, relative, root_name
from vpce_checks.report.fixes.advice import advice
from vpce_checks.report.message import full_message, reason_lines, reasons
from vpce_checks.report.place import shown_span
from vpce_checks.report.policies import policy_name
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding


def render(report: Report, style: Style) -> str:
    """Return the whole document."""
    suites = [_suite(root, style) for root in report.roots]
    totals = [sum(counts) for counts in zip(*(counts for counts, _ in suites), strict=True)] or [0, 0, 0, 0]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="vpce-checks"{_counts(totals)}>',
        *(line for _, suite in suites for line in suite),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _suite(root: RootReport, style: Style) -> tuple[list[int], list[str]]:
    """Return the numbers of tests, failures, errors and skipped tests, and the lines of a suite."""
    path = root_name(root.key, style.cwd)
    lines: list[str] = []
    counts = [0, 0, 0, 0]
    for outcome, case in (*_errors(root, path, style), *_cases(root, path, style)):
        counts[0] += 1
        if outcome:
            counts[outcome] += 1
        lines += case
    opening = f"  <testsuite name={_attribute(path)}{_counts(counts)}>"
    return counts, [opening, *_properties(root, style), *lines, *_warnings(root, style), "  </testsuite>"]


def _properties(root: RootReport, style: Style) -> Iterator[str]:
    policy = policy_name(root, style.cwd)
    if policy:
        yield "    <properties>"
        yield f'      <property name="policy" value={_attribute(policy)}/>'
        yield "    </properties>"


def _warnings(root: RootReport, style: Style) -> Iterator[str]:
    """Yield the warnings as what the suite wrote: they are no tests."""
    warnings = [item for item in root.diagnostics if item.severity == "warning"]
    if warnings:
        yield "    <system-out>"
        for item in warnings:
            yield _text(escape(f"warning: {relative(item.file, style.cwd)}:{item.line}: {item.message}"))
        yield "    </system-out>"


def _errors(root: RootReport, path: str, style: Style) -> Iterator[tuple[int, list[str]]]:
    for item in root.diagnostics:
        if item.severity == "error":
            yield 2, _error(item, path, style)


def _cases(root: RootReport, path: str, style: Style) -> Iterator[tuple[int, list[str]]]:
    for finding in root.findings:
        fails = finding.status == "fail" or (style.strict and finding.status == "unknown")
        opening = _opening(finding, path, style)
        if fails:
            yield 1, [f"{opening}>", *_failure(finding, root, style), "    </testcase>"]
        elif finding.status == "pass":
            yield 0, [f"{opening}/>"]
        else:
            message = f"{finding.status}: {full_message(finding)}"
            skipped = f"      <skipped message={_attribute(message)}/>"
            yield 3, [f"{opening}>", skipped, *_details(finding, style), "    </testcase>"]


def _opening(finding: Finding, path: str, style: Style) -> str:
    service = f" ({finding.service})" if finding.service else ""
    span = shown_span(finding, style.cwd)
    return (
        f"    <testcase name={_attribute(f'{finding.rule} {finding.resource}{service}')} classname={_attribute(path)}"
        f' file={_attribute(relative(span.file, style.cwd))} line="{span.line}" time="0"'
    )


def _failure(finding: Finding, root: RootReport, style: Style) -> Iterator[str]:
    yield f'      <failure type="{finding.severity}" message={_attribute(full_message(finding))}>'
    about = finding.about
    yield _text(escape(f"{relative(about.span.file, style.cwd)}:{about.span.line}"))
    yield from map(_text, reason_lines(finding, style.cwd))
    yield from map(_text, advice(finding, root.networks, style.cwd))
    yield "      </failure>"


def _details(finding: Finding, style: Style) -> Iterator[str]:
    if reasons(finding):
        yield "      <system-out>"
        yield from map(_text, reason_lines(finding, style.cwd))
        yield "      </system-out>"


def _error(item: Diagnostic, path: str, style: Style) -> list[str]:
    file = relative(item.file, style.cwd)
    return [
        f"    <testcase name={_attribute(f'{file}:{item.line}')} classname={_attribute(path)}"
        f' file={_attribute(file)} line="{item.line}" time="0">',
        f'      <error type="input" message={_attribute(item.message)}/>',
        "    </testcase>",
    ]


def _counts(counts: list[int]) -> str:
    tests, failures, errors, skipped = counts
    return f' tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}" time="0"'


def _attribute(text: str) -> str:
    return quoteattr(_xml(escape(text)))


def _text(line: str) -> str:
    """Return a line as the text of an element."""
    return xml_escape(_xml(line))


def _xml(text: str) -> str:
    """Write out the two last codes of a plane, which XML forbids. :func:`escape` has written out the other forbidden ones."""
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
