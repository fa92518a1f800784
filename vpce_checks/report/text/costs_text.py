"""What interface endpoints cost, in words: the sum, a table, and on what it rests. The text report is made of these lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TypeAlias

from vpce_checks.catalog.prices import ELSEWHERE, HOURS, Prices
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, root_name
from vpce_checks.report.costs import VpcCosts, costs
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.paint import paint
from vpce_checks.report.text.wrap import columns, plural, wrap

MAX_ROWS = 20
"""How many VPCs the table lists, the most expensive first. ``--verbose`` lists all."""

NO_VPC = "a VPC that is not known"


Found: TypeAlias = Sequence[tuple[RootReport, VpcCosts]]
"""What the endpoints of each VPC cost, the most expensive first."""


def costs_found(report: Report) -> Found:
    """Return what the endpoints of each VPC cost."""
    return sorted(costs(report), key=lambda pair: -pair[1].month)


def sum_in_words(report: Report, found: Found) -> str:
    """Return in one sentence what all of it costs."""
    unread = any(root.inventory.unread for root in report.roots)
    if not found:
        if unread:
            return "no interface endpoint was found; what was not read may hold some"
        return "interface endpoints cost nothing, as there are none"
    total = sum((each.month for _, each in found), Decimal())
    more = unread or any(each.more for _, each in found)
    if more and not total:
        return "what interface endpoints cost is not known: the code does not show all endpoints and subnets"
    return f"interface endpoints cost {total:.2f} USD a month{' or more' if more else ''}"


def sentence(words: str) -> str:
    """Return words as a sentence of their own."""
    return f"{words[:1].upper()}{words[1:]}."


def costs_rows(found: Found, style: Style, *, several_roots: bool) -> list[list[str]]:
    """Return the cells of a table: VPC, endpoints, network interfaces and price, after the root if there are several."""
    return [_row(root, each, style, several=several_roots) for root, each in found]


def twins_in_words(found: Found, style: Style, *, several_roots: bool) -> Iterator[str]:
    """Yield a sentence about each two endpoints of which one would do."""
    for root, each in found:
        for twin in each.duplicates:
            where = f" ({root_name(root.key, style.cwd)})" if several_roots else ""
            yield f"{twin.first} and {twin.second} are both for {twin.service}{where}"


def assumptions(found: Found) -> Iterator[str]:
    """Yield on what the numbers rest."""
    used = sorted({each.prices for _, each in found})
    yield from map(_assumption, used)
    others = {each.region for _, each in found} - {each.region for each in used}
    named = [f"those of {', '.join(sorted(filter(None, others)))}"] if others - {None} else []
    unknown = ["those of regions that are not known"] if None in others else []
    if others:
        yield f"The prices of {ELSEWHERE} stand for {' and '.join(named + unknown)}."


def costs_lines(report: Report, style: Style) -> Iterator[str]:
    """Yield the table, the most expensive VPC first, the duplicates, and how it was reckoned."""
    found = costs_found(report)
    several = report.root_count > 1
    yield sum_in_words(report, found)
    if not found:
        return
    shown = found if style.verbose else found[:MAX_ROWS]
    rows = [[escape(cell) for cell in cells] for cells in costs_rows(shown, style, several_roots=several)]
    yield from (f"  {line}" for line in columns(rows))
    if len(found) > len(shown):
        yield f"  {plural(len(found) - len(shown), 'VPC')} more (--verbose lists them)"
    for twin in twins_in_words(found, style, several_roots=several):
        yield from wrap(escape(twin), style.width, "  twice: ", "    ")
    for each in assumptions(found):
        yield from (paint(line, "dim", style) for line in wrap(escape(each), style.width, "  ", "  "))


def _row(root: RootReport, each: VpcCosts, style: Style, *, several: bool) -> list[str]:
    is_open = each.more and not each.interfaces
    more = " or more" if each.more else ""
    cells = [
        each.vpc if each.vpc is not None else NO_VPC,
        f"{plural(each.endpoints, 'endpoint')}{more if not each.endpoints else ''}",
        "network interfaces not known" if is_open else f"{plural(each.interfaces, 'network interface')}{more}",
        "not known" if is_open else f"{each.month:.2f} USD{more}",
    ]
    return [root_name(root.key, style.cwd), *cells] if several else cells


def _assumption(prices: Prices) -> str:
    """Return on what the numbers rest, and what the same data costs through a NAT gateway."""
    least = prices.endpoint_month / (prices.nat_gb - prices.endpoint_gb)
    return (
        f"Prices of {prices.region}, {prices.as_of}: {prices.endpoint_hour} USD an hour for each network interface, "
        f"{HOURS} hours, so {prices.endpoint_month:.2f} USD a month. Data is not in it: a GB costs {prices.endpoint_gb} USD "
        f"by an interface endpoint, {prices.nat_gb} USD by a NAT gateway and nothing by a gateway endpoint. So a network "
        f"interface pays for itself if a NAT gateway would carry {least:.0f} GB a month for it."
    )
