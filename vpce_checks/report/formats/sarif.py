"""SARIF 2.1.0, for code scanning and editors. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

Failures and unknown verdicts are results. With ``verbose``, passed and ignored ones are results too (ignored ones are
suppressed), but not every viewer hides these. A failure has its fix as ``fixes`` if its lines are known. An input that
could not be read is a notification, and the invocation is then unsuccessful.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from vpce_checks.base.version import VERSION
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.verdict import IgnoredBy
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import deduplicated_diagnostics
from vpce_checks.report.fingerprint import fingerprint
from vpce_checks.report.fixes.advice import advice
from vpce_checks.report.fixes.sarif_fixes import SarifFixes, sarif_fixes
from vpce_checks.report.json_text import json_text
from vpce_checks.report.line_hash import line_hash
from vpce_checks.report.message import named_message
from vpce_checks.report.place import shown_span
from vpce_checks.report.policies import policy_name
from vpce_checks.report.rule_page import own_rule_help, rule_help
from vpce_checks.report.rule_text import own_texts
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding, Rule, RuleText
from vpce_checks.rules.registry import all_rules

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"high": "error", "medium": "warning", "low": "note"}
SECURITY_SEVERITIES = {"high": "7.0", "medium": "5.0", "low": "3.0"}
"""The numbers that code scanning shows as high, medium and low."""

KINDS = {"fail": "fail", "unknown": "open", "pass": "pass", "ignored": "fail"}


IN_SOURCE: frozenset[IgnoredBy | None] = frozenset({"comment"})
"""The reasons to ignore a finding that are in the code itself, not in a policy or baseline file."""


def render(report: Report, style: Style) -> str:
    """Return the report as one SARIF run: indented JSON in ASCII."""
    rules = all_rules()
    own = own_texts(report.findings)
    places = {id: place for place, id in enumerate((*(rule.id for rule in rules), *own))}
    fixes = sarif_fixes(report, partial(_changeable, report, style.cwd))
    results = [
        {**_result(finding, root, places, style), **_fixes(finding, root, fixes)}
        for root in report.roots
        for finding in root.findings
        if finding.status in style.statuses
    ]
    run = {
        "tool": {
            "driver": {
                "name": "vpce-checks",
                "semanticVersion": VERSION,
                "rules": [
                    *(_rule(rule.id, rule, rule_help(rule)) for rule in rules),
                    *(_rule(id, text, own_rule_help(id, text)) for id, text in own.items()),
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": report.complete,
                "toolExecutionNotifications": [
                    _notification(item, style.cwd) for item in deduplicated_diagnostics(report)
                ],
            }
        ],
        "results": results,
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(id: str, rule: Rule | RuleText, markdown: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.rationale},
        "helpUri": rule.url,
        "help": {"text": f"{rule.rationale}\n\n{rule.url}".rstrip(), "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", "aws", "vpc"],
            "precision": "very-high",
            "problem.severity": {"high": "error", "medium": "warning", "low": "recommendation"}[rule.severity],
            "security-severity": SECURITY_SEVERITIES[rule.severity],
        },
    }
    if not rule.url:  # helpUri must be an address
        del described["helpUri"]
    return described


def _result(finding: Finding, root: RootReport, places: dict[str, int], style: Style) -> dict[str, Any]:
    about = finding.about
    shown = shown_span(finding, style.cwd)
    related = _related(finding, shown, style.cwd)
    kind = "fail" if finding.status == "unknown" and style.strict else KINDS[finding.status]
    prints = {"vpceChecks/v1": fingerprint(finding, root.path, style.cwd)}
    hashed = line_hash(shown.file, shown.line)
    if hashed is not None:
        prints["primaryLocationLineHash"] = hashed
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "kind": kind,
        "level": LEVELS[finding.severity] if kind == "fail" else "none",
        "message": {"text": _message(finding, root, related, style.cwd)},
        "locations": [
            {
                "physicalLocation": _physical(shown, style.cwd),
                "logicalLocations": [{"fullyQualifiedName": escape(about.address), "kind": "resource"}],
            }
        ],
        "partialFingerprints": prints,
        "properties": {
            "status": finding.status,
            "root": escape(relative(root.path, style.cwd)),
            **({"deployment": escape(root.deployment)} if root.deployment else {}),
            "policy": escape(policy_name(root, style.cwd)),
            "vpc": escape(finding.vpc) if finding.vpc is not None else None,
            "service": escape(finding.service) if finding.service is not None else None,
        },
    }
    if related:
        result["relatedLocations"] = related
    if finding.status == "ignored":
        kind = "inSource" if finding.ignored_by in IN_SOURCE else "external"
        result["suppressions"] = [{"kind": kind, "justification": escape(finding.reason)}]
    return result


def _fixes(finding: Finding, root: RootReport, fixes: SarifFixes) -> dict[str, Any]:
    found = fixes.of(finding, root)
    return {"fixes": found} if found else {}


def _changeable(report: Report, cwd: str, file: str) -> dict[str, str] | None:
    """Return the location of a file; None for one that ``fix`` would not change."""
    location = _artifact(file, cwd)
    is_excluded = report.scope is not None and report.scope.is_excluded(file)
    return location if "uriBaseId" in location and not is_excluded else None


def _related(finding: Finding, shown: Span, cwd: str) -> list[dict[str, Any]]:
    """Return the module calls from the root to the declaration, then the places of the evidence; each place once."""
    steps = {call.span: f"{call.address} is called" for call in finding.about.calls}
    steps.setdefault(finding.about.span, f"{finding.resource} is declared")
    for step in finding.why:
        if step.span is not None:
            steps.setdefault(step.span, step.text)
    steps.pop(shown)
    return [
        {"id": number, "message": {"text": _plain(text)}, "physicalLocation": _physical(span, cwd)}
        for number, (span, text) in enumerate(steps.items(), 1)
    ]


def _message(finding: Finding, root: RootReport, related: Sequence[dict[str, Any]], cwd: str) -> str:
    """Return the message, the evidence with links to the related locations, and the fix."""
    linked = {item["message"]["text"] for item in related}
    why = (step for step in finding.why if step.kind not in ("declaration", "call"))
    loose = [text for step in why if (text := _plain(step.text)) not in linked]
    steps = [f"{item['message']['text']} at [{_link_text(item)}]({item['id']})" for item in related]
    lines = [_plain(named_message(finding)), *(f"- {step}" for step in (*loose, *steps))]
    fix = advice(finding, root.networks, cwd)
    if fix:
        lines += ["", *(_unlinked(line) for line in fix)]
    return "\n".join(lines)


def _link_text(location: dict[str, Any]) -> str:
    physical = location["physicalLocation"]
    name = f"{physical['artifactLocation']['uri']}:{physical['region']['startLine']}"
    return name.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _plain(text: str) -> str:
    return _unlinked(escape(text))


def _unlinked(text: str) -> str:
    """Return ``text`` without links: SARIF reads ``[words](target)`` in messages as a link."""
    return text.replace("](", "] (")


def _physical(span: Span, cwd: str) -> dict[str, Any]:
    return {"artifactLocation": _artifact(span.file, cwd), "region": _region(span)}


def _artifact(file: str, cwd: str) -> dict[str, str]:
    path = relative(file, cwd)
    if path.startswith("../") or ":" in path.split("/")[0]:  # outside the repository
        from pathlib import Path

        return {"uri": Path(file).as_uri()}
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    return {"startLine": max(span.line, 1), "endLine": max(span.last_line, span.line, 1)}


def _notification(item: Diagnostic, cwd: str) -> dict[str, Any]:
    location = {"physicalLocation": _physical(Span(item.file, item.line), cwd)}
    return {"level": item.severity, "message": {"text": _plain(item.message)}, "locations": [location]}
