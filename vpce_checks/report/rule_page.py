"""Write the documentation of a rule, which its own file holds: as a page in Markdown, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vpce_checks.report.text.markdown import fenced, prose
from vpce_checks.rules.finding import Rule, RuleText

VARIES = "The page of a rule says which findings have another severity. A severity in the policy is that of all findings of the rule."


def headings(rule: Rule) -> tuple[str, str]:
    """Return what stands above the two examples of a rule. One that never fails has another kind of example."""
    return ("Fails", "Passes") if rule.fails else ("Unknown", "Not reported")


def rule_help(rule: Rule) -> str:
    """Return what code scanning shows beside a finding, in Markdown."""
    parts = [rule.rationale, *([f"To fix it: {rule.fix}"] if rule.fix else []), *_examples(rule, "")]
    parts += [_how_to_ignore(rule.id), f"[{_publisher(rule)} documentation]({rule.url})"]
    return "\n\n".join(parts)


def own_rule_help(id: str, rule: RuleText) -> str:
    """Return the same for a rule of the user's own."""
    parts = [prose(rule.rationale), *([f"To fix it: {prose(rule.fix)}"] if rule.fix else []), _how_to_ignore(id)]
    return "\n\n".join(parts)


def _how_to_ignore(id: str) -> str:
    return f"To ignore it for one resource, put the comment `vpce-checks:ignore {id} reason` inside its block, or right above it."


def rule_page(rule: Rule) -> str:
    """Return the page ``docs/rules/ID.md``, ending with a line feed."""
    default = f"Severity: {rule.severity}{'' if rule.on_by_default else ', off by default'}."
    never = "" if rule.fails else " The status is always `unknown`, so it fails only with `--strict`."
    parts = [
        "<!-- written by python -m tests.test_rule_pages from the file of the rule -->",
        f"# {rule.id} {rule.name}",
        f"{rule.title}. {default}{never}",
        *([rule.severity_varies] if rule.severity_varies else []),
        "## Why",
        rule.rationale,
        f"See the [{_publisher(rule)} documentation]({rule.url}).",
        *_examples(rule, "## "),
        *("## How to fix it", rule.fix),
        *("## When to ignore it", rule.ignore_when),
        "In Terraform, inside the block of the resource or right above it:",
        fenced(f"# vpce-checks:ignore {rule.id} until=2027-03-01 reason", "hcl"),
        "In the policy file, for one resource or for all:",
        fenced(
            f'ignore:\n  - {{rule: {rule.id}, resource: "ADDRESS", reason: "..."}}\nrules:\n  {rule.id}: off', "yaml"
        ),
        *("## What it cannot know", rule.limits),
    ]
    if rule.controls:
        parts += ["## Controls that ask for the same", "\n".join(f"- {control}" for control in rule.controls)]
    return "\n\n".join(parts) + "\n"


def rule_index(rules: tuple[Rule, ...]) -> str:
    """Return the page ``docs/rules/README.md``: a table of the rules."""
    rows = [f"| [{rule.id}]({rule.id}.md) | {rule.name} | {rule.severity} | {rule.title} |" for rule in rules]
    head = ["# Rules", "", "| rule | name | severity | checks |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", VARIES]) + "\n"


def rule_json(rule: Rule) -> dict[str, Any]:
    """Return the documentation as JSON values. Texts are plain, ``examples`` are Terraform code."""
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity,
        "severity_varies": rule.severity_varies,
        "on_by_default": rule.on_by_default,
        "statuses": ["pass", "fail", "unknown"] if rule.fails else ["unknown"],
        "title": rule.title,
        "rationale": rule.rationale,
        "url": rule.url,
        "fix": rule.fix,
        "ignore_when": rule.ignore_when,
        "limits": rule.limits,
        "controls": list(rule.controls),
        "examples": {"bad": rule.bad, "good": rule.good},
    }


def _examples(rule: Rule, level: str) -> Iterator[str]:
    for heading, code in zip(headings(rule), (rule.bad, rule.good), strict=True):
        if code:
            yield f"{level}{heading}" if level else f"{heading}:"
            yield fenced(code.strip("\n"), "hcl")


def _publisher(rule: Rule) -> str:
    return "AWS" if "://docs.aws.amazon.com/" in rule.url else "Terraform"
