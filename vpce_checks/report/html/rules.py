"""What the rules that the page names check, and the AWS pages that they rest on."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.report.html.blocks import Block
from vpce_checks.report.html.markup import table, text
from vpce_checks.rules.registry import find_rule


def rules(blocks: Iterable[Block]) -> list[str]:
    """Return a table of the rules; nothing without findings. The id of a row is that of its rule."""
    names = sorted({same.finding.rule for block in blocks for same in block.members})
    rows = [
        f'<tr id="{rule.id}"><th scope="row">{rule.id}</th><td>{rule.name}</td><td>{text(rule.title)}</td>'
        f'<td><a href="{text(rule.url)}" rel="noreferrer">documentation on {rule.name}</a></td></tr>'
        for rule in filter(None, map(find_rule, names))
    ]
    return table("What the rules check", ("rule", "name", "checks", "source"), rows) if rows else []
