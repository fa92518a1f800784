"""The filters of the page. They are hidden until the script shows them, as they do nothing without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.project.results import Report
from vpce_checks.report import Style, root_name
from vpce_checks.report.html.blocks import Block
from vpce_checks.report.html.markup import text
from vpce_checks.report.rule_text import rule_texts

STATES = (("fail", "fails"), ("unknown", "undecided"), ("pass", "passes"), ("ignored", "ignored, known or exempt"))


def filters(report: Report, blocks: Sequence[Block], style: Style) -> Iterator[str]:
    """Yield the form: what to show of the matrix, of the findings and of the VPCs."""
    texts = rule_texts(same.finding for block in blocks for same in block.members)
    named = [(id, f"{id} {rule.name}") for id, rule in texts.items()]
    yield '<form id="filters" aria-label="Filters" hidden>'
    if report.root_count > 1:
        names = (
            (str(number), root_name(root.key, style.cwd)) for number, root in enumerate(report.roots) if root.is_root
        )
        yield from _select("root", names)
    yield from _select("rule", named)
    yield from _select("state", STATES)
    yield '<label>containing <input type="search" name="words" autocomplete="off"></label>'
    yield '<button type="reset">Show all</button>'
    yield '<output name="shown"></output>'
    yield "</form>"


def _select(name: str, options: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f'<label>{name} <select name="{name}">'
    yield '<option value="">all</option>'
    yield from (f'<option value="{text(value)}">{text(words)}</option>' for value, words in options)
    yield "</select></label>"
