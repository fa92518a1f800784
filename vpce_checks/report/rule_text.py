"""What reports say of the rule of a finding, whether it is one of ours or of the user's own."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.base.record import replace
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding, Rule, RuleText
from vpce_checks.rules.registry import find_rule


def rule_text(finding: Finding) -> Rule | RuleText | None:
    """Return the rule of ``finding``, or its text; None for a rule that is not known."""
    return finding.own or find_rule(finding.rule)


def rule_texts(findings: Iterable[Finding]) -> dict[str, Rule | RuleText]:
    """Return the rules of ``findings`` by their ids, in order. Those that are not known are left out."""
    found: dict[str, Rule | RuleText] = {}
    for finding in findings:
        if finding.rule not in found and (text := rule_text(finding)) is not None:
            found[finding.rule] = text
    return dict(sorted(found.items()))


def own_texts(findings: Iterable[Finding]) -> dict[str, RuleText]:
    """Return the texts of the user's own rules among those of ``findings``, by id and escaped. Of two with one id the
    first counts."""
    found: dict[str, RuleText] = {}
    for finding in findings:
        if finding.own is not None:
            found.setdefault(finding.rule, finding.own)
    return {id: _escaped(text) for id, text in sorted(found.items())}


def _escaped(text: RuleText) -> RuleText:
    return replace(text, title=escape(text.title), rationale=escape(text.rationale), fix=escape(text.fix))
