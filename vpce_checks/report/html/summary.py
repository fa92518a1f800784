"""The answer, before all else: VPCs by state, what fails by rule, what is undecided and what would decide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.project.results import Report
from vpce_checks.report import Style
from vpce_checks.report.deduplicate import deduplicated_diagnostics
from vpce_checks.report.html.blocks import Block
from vpce_checks.report.html.markup import folded, link, row, table, text
from vpce_checks.report.message import COUNTED
from vpce_checks.report.settled import Settled
from vpce_checks.report.text.summary import MAX_CAUSES, by_cause, rules_failing, unread_in_words, vpc_counts
from vpce_checks.report.text.wrap import plural

STATES = (("fail", "with failures"), ("unknown", "undecided"), ("pass", "without either"))


def summary(report: Report, blocks: Sequence[Block], style: Style) -> Iterator[str]:
    """Yield the parts of the summary."""
    yield '<ul class="counts" aria-label="VPCs by state">'
    for (status, words), count in zip(STATES, vpc_counts(report), strict=True):
        yield f'<li class="{status}"><strong>{count}</strong> {"VPC" if count == 1 else "VPCs"} {words}</li>'
    yield "</ul>"
    linked = not style.statistics
    yield from _failing([block for block in blocks if block.status == "fail"], linked=linked)
    yield from _undecided([block for block in blocks if block.status == "unknown"], style.cwd, linked=linked)
    counts = ", ".join(f"{report.count(status)} {word}" for status, word in COUNTED.items())
    yield f"<p>Findings: {counts}.</p>"
    yield from _not_read(report)


def _settled(blocks: Iterable[Block]) -> list[tuple[Settled, str]]:
    return [(block.content, block.anchor) for block in blocks if isinstance(block.content, Settled)]


def _failing(blocks: Sequence[Block], *, linked: bool) -> Iterator[str]:
    settled = _settled(blocks)
    if not settled:
        return
    first: dict[str, str] = {}
    for each, anchor in settled:
        first.setdefault(each.first.rule, anchor)
    rows = (
        row(link(first[rule], text(rule)) if linked else text(rule), (text(name), severity, count))
        for rule, name, severity, count in rules_failing([each for each, _ in settled])
    )
    yield from table(f"To change: {plural(len(settled), 'place')}", ("rule", "name", "severity", "how much"), rows)


def _undecided(blocks: Sequence[Block], cwd: str, *, linked: bool) -> Iterator[str]:
    settled = _settled(blocks)
    if not settled:
        return
    anchors = {id(each): anchor for each, anchor in settled}
    causes = by_cause([each for each, _ in settled], cwd)
    yield f'<h3 id="causes">Undecided: {plural(len(causes), "cause")}</h3>'
    items = []
    for words, those in causes.items():
        if linked:
            count = ", ".join(link(anchors[id(each)], plural(each.findings, "finding")) for each in those)
        else:
            count = plural(sum(each.findings for each in those), "finding")
        items.append(f"<li>{count}: {text(words)}</li>")
    yield from ("<ul>", *items[:MAX_CAUSES], "</ul>")
    rest = items[MAX_CAUSES:]
    if rest:
        yield from folded(f"{len(rest)} more", ("<ul>", *rest, "</ul>"))


def _not_read(report: Report) -> Iterator[str]:
    parts = [words for words in unread_in_words(report) if words]
    if parts:
        yield f"<p>{link('unread', 'Not read')}: {' and '.join(parts)}. What is in there may change the verdicts.</p>"
    errors = sum(item.severity == "error" for item in deduplicated_diagnostics(report))
    if errors:
        yield f'<p class="fail"><strong>Incomplete:</strong> {link("problems", plural(errors, "error"))} about the input.</p>'
