"""The matrix of the page: how each VPC reaches each service. A cell leads to what was found on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vpce_checks.base.record import record
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, root_name
from vpce_checks.report.html.blocks import Anchor, Places
from vpce_checks.report.html.markup import code, folded, link, scrollable, text
from vpce_checks.report.text.matrix import COLOURS, STATES, WORDS, VpcCoverage, is_broad, services_of, unread_networks
from vpce_checks.report.text.matrix_text import and_more

MEANINGS: Mapping[str, str] = {
    "missing": "a required endpoint is not there",
    "DNS off": "the interface endpoint has private DNS off, so clients do not use it",
    "broken": "an endpoint is there or in a hub, another rule fails on it, and no other endpoint takes the calls",
    "partial": "a gateway endpoint serves it, but is not in all the route tables that need it",
    "by default": "as it must be while every parameter has its default, and not with other values",
    "unknown": "it cannot be decided; the findings say why",
    "known": "a failure that the baseline or the compared revision already has",
    "gateway": "a gateway endpoint serves it",
    "interface": "an interface endpoint serves it",
    "both": "a gateway and an interface endpoint serve it",
    "central": "an endpoint of another VPC serves it",
    "exempt": "the policy requires none here, or the finding is ignored",
}

KINDS: Mapping[str, str] = {"red": "fail", "yellow": "unknown", "green": "pass", "dim": "ignored"}
"""Which status a colour of the matrix stands for."""

NARROW = 6
"""As many services fit on a page of paper. A wider table is printed on a page that is turned."""


@record
class Row:
    """A VPC of the matrix. ``name`` and ``root`` are markup."""

    name: str
    root: str
    region: str
    covered: VpcCoverage
    found: Mapping[str | None, Sequence[Anchor]]
    number: int


def kind_of(state: str) -> str:
    """Return the status that a state counts as for filters: ``fail``, ``unknown``, ``pass`` or ``ignored``."""
    return "fail" if state == "by default" else "ignored" if state == "known" else KINDS[COLOURS[state]]


def matrix(
    report: Report, covered: Sequence[tuple[RootReport, list[VpcCoverage]]], places: Places, style: Style
) -> Iterator[str]:
    """Yield the matrix; nothing if no VPC needs or has an endpoint."""
    several = report.root_count > 1
    rows = list(_rows(covered, places, style, several=several))
    if not rows:
        return
    services = services_of(row.covered.cells for row in rows)
    broad = is_broad(len(rows), len(services))
    yield from _legend(rows)
    table = _services_down(rows, services) if broad else _vpcs_down(rows, services, several=several)
    yield from scrollable("VPCs and services", table)
    yield from _not_read(report, style, several=several)


def _rows(
    covered: Sequence[tuple[RootReport, list[VpcCoverage]]], places: Places, style: Style, *, several: bool
) -> Iterator[Row]:
    for root, vpcs in covered:
        regions = {vpc.address: vpc.region or "" for vpc in root.inventory.vpcs}
        name = code(root_name(root.key, style.cwd)) if several else ""
        for each in vpcs:
            if each.cells:
                external = " (external)" if each.external else ""
                vpc = link(places.vpcs[each.root, each.vpc], code(each.vpc)) + external
                yield Row(vpc, name, regions[each.vpc], each, places.of_row(each), places.roots[root.key])


def _vpcs_down(rows: Sequence[Row], services: Sequence[str], *, several: bool) -> Iterator[str]:
    wide = " wide" if len(services) > NARROW else ""
    yield f'<table class="matrix{wide}" data-items="rows">'
    yield "<caption>How each VPC reaches each service</caption>"
    yield "<thead><tr>"
    yield '<th scope="col">VPC</th>'
    if several:
        yield '<th scope="col">root</th>'
    yield '<th scope="col">region</th>'
    yield from (f'<th scope="col">{text(service)}</th>' for service in services)
    yield "</tr></thead>"
    yield "<tbody>"
    for row in rows:
        yield f"<tr{_data(row)}>"
        yield f'<th scope="row">{row.name}</th>'
        if several:
            yield f"<td>{row.root}</td>"
        yield f"<td>{text(row.region)}</td>"
        yield from (_cell(row, service) for service in services)
        yield "</tr>"
    yield from ("</tbody>", "</table>")


def _services_down(rows: Sequence[Row], services: Sequence[str]) -> Iterator[str]:
    yield '<table class="matrix" data-items="columns">'
    yield "<caption>How each VPC reaches each service</caption>"
    yield "<thead><tr>"
    yield '<th scope="col">service</th>'
    for row in rows:
        where = f" <small>{' '.join(filter(None, (row.root, text(row.region))))}</small>"
        yield f'<th scope="col"{_data(row)}>{row.name}{where}</th>'
    yield "</tr></thead>"
    yield "<tbody>"
    for service in services:
        yield "<tr>"
        yield f'<th scope="row">{text(service)}</th>'
        yield from (_cell(row, service) for row in rows)
        yield "</tr>"
    yield from ("</tbody>", "</table>")


def _cell(row: Row, service: str) -> str:
    state = row.covered.cells.get(service)
    if state is None:
        return '<td class="none">-</td>'
    inner = WORDS[state]
    found = row.found.get(service, ())
    if found:
        first, *others = found
        inner = link(first.anchor, inner)
        inner += "".join(f" {link(each.anchor, text(each.finding.rule))}" for each in others)
    return f'<td class="{KINDS[COLOURS[state]]}">{inner}</td>'


def _data(row: Row) -> str:
    """Return what the filters ask about a VPC."""
    states = dict.fromkeys(map(kind_of, row.covered.cells.values()))
    rules = dict.fromkeys(each.finding.rule for those in row.found.values() for each in those)
    return f' data-states="{" ".join(states)}" data-rules="{" ".join(map(text, rules))}" data-roots="{row.number}"'


def _legend(rows: Sequence[Row]) -> Iterator[str]:
    there = {state for row in rows for state in row.covered.cells.values()}
    words = (
        f'<dt class="{KINDS[COLOURS[state]]}">{WORDS[state]}</dt><dd>{MEANINGS[state]}</dd>'
        for state in STATES
        if state in there
    )
    return iter(folded("What the words mean", ("<dl>", *words, "</dl>")))


def _not_read(report: Report, style: Style, *, several: bool) -> Iterator[str]:
    """Yield what may hold more VPCs."""
    for root in report.roots:
        where = f" in {code(root_name(root.key, style.cwd))}" if several else ""
        for calls in unread_networks(root):
            yield f"<p>{code(and_more(calls[0], len(calls)))}{where}: not read, and may hold more VPCs</p>"
