"""What the rules that the page names check, and the AWS pages that they rest on."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.report.html.blocks import Block
from vpce_checks.report.html.markup import table, text
from vpce_checks.report.rule_text import rule_texts
from vpce_checks.rules.finding import Rule, RuleText


def rules(blocks: Iterable[Block]) -> list[str]:
    """Return a table of the rules; nothing without findings. The id of a row is that of its rule."""
    texts = rule_texts(same.finding for block in blocks for same in block.members)
    rows = [
        f'<tr id="{text(id)}"><th scope="row">{text(id)}</th><td>{text(rule.name)}</td><td>{text(rule.title)}</td>'
        f"<td>{_source(rule)}</td></tr>"
        for id, rule in texts.items()
    ]
    return table("What the rules check", ("rule", "name", "checks", "source"), rows) if rows else []


def _source(rule: Rule | RuleText) -> str:
    """Return a link to what the rule rests on; empty for a rule of the user's own that names nothing."""
    name = text(rule.name)
    return f'<a href="{text(rule.url)}" rel="noreferrer">documentation on {name}</a>' if rule.url else ""
