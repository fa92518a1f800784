"""What interface endpoints cost, on the page."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.project.results import Report
from vpce_checks.report import Style
from vpce_checks.report.html.markup import code, row, scrollable, table, text
from vpce_checks.report.text.costs_text import (
    assumptions,
    costs_found,
    costs_rows,
    sentence,
    sum_in_words,
    twins_in_words,
)


def costs(report: Report, style: Style, *, several: bool) -> Iterator[str]:
    """Yield the sum, a table of the VPCs, and on what it rests."""
    found = costs_found(report)
    yield f"<p>{text(sentence(sum_in_words(report, found)))}</p>"
    if not found:
        return
    heads = ("VPC", "endpoints", "network interfaces", "a month")
    rows = []
    for cells in costs_rows(found, style, several_roots=several):
        *root, vpc, endpoints, interfaces, price = cells
        rows.append(row(code(vpc), map(text, (*root, endpoints, interfaces, price))))
    titles = (heads[0], "root", *heads[1:]) if several else heads
    yield from scrollable("Costs", table("What the interface endpoints of each VPC cost", titles, rows))
    twins = list(twins_in_words(found, style, several_roots=several))
    if twins:
        yield from ("<ul>", *(f"<li>Twice: {text(each)}</li>" for each in twins), "</ul>")
    yield from (f"<p>{text(each)}</p>" for each in assumptions(found))
