"""Write what interface endpoints cost as a table, with the assumptions on the lines below it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

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


def costs_lines(report: Report, style: Style) -> Iterator[str]:
    """Yield the table, the most expensive VPC first, the duplicates, and how it was reckoned."""
    found = sorted(costs(report), key=lambda pair: -pair[1].month)
    unread = any(root.inventory.unread for root in report.roots)
    if not found:
        yield (
            "no interface endpoint was found; what was not read may hold some"
            if unread
            else "interface endpoints cost nothing, as there are none"
        )
        return
    several = report.root_count > 1
    total = sum((each.month for _, each in found), Decimal())
    more = " or more" if unread or any(each.more for _, each in found) else ""
    yield f"interface endpoints cost {total:.2f} USD a month{more}"
    shown = found if style.verbose else found[:MAX_ROWS]
    yield from (f"  {line}" for line in columns([_row(root, each, several, style) for root, each in shown]))
    if len(found) > len(shown):
        yield f"  {plural(len(found) - len(shown), 'VPC')} more (--verbose lists them)"
    for root, each in found:
        for twin in each.duplicates:
            text = f"{twin.first} and {twin.second} are both for {twin.service}"
            where = f" ({root_name(root.key, style.cwd)})" if several else ""
            yield from wrap(escape(f"{text}{where}"), style.width, "  twice: ", "    ")
    used = sorted({each.prices for _, each in found})
    for prices in used:
        yield from (paint(line, "dim", style) for line in wrap(_assumption(prices), style.width, "  ", "  "))
    others = sorted({each.region or "a region that is not known" for _, each in found} - {each.region for each in used})
    if others:
        text = f"The prices of {ELSEWHERE} stand for those of {', '.join(map(escape, others))}."
        yield from (paint(line, "dim", style) for line in wrap(text, style.width, "  ", "  "))


def _row(root: RootReport, each: VpcCosts, several: bool, style: Style) -> list[str]:
    more = " or more" if each.more else ""
    cells = [
        escape(each.vpc) if each.vpc is not None else NO_VPC,
        plural(each.endpoints, "endpoint"),
        f"{plural(each.interfaces, 'network interface')}{more}",
        f"{each.month:.2f} USD",
    ]
    return [escape(root_name(root.key, style.cwd)), *cells] if several else cells


def _assumption(prices: Prices) -> str:
    """Return on what the numbers rest, and what the same data costs through a NAT gateway."""
    least = prices.endpoint_month / (prices.nat_gb - prices.endpoint_gb)
    return (
        f"Prices of {prices.region}, {prices.as_of}: {prices.endpoint_hour} USD an hour for each network interface, "
        f"{HOURS} hours, so {prices.endpoint_month:.2f} USD a month. Data is not in it: a GB costs {prices.endpoint_gb} USD "
        f"by an interface endpoint, {prices.nat_gb} USD by a NAT gateway and nothing by a gateway endpoint. So a network "
        f"interface pays for itself if a NAT gateway would carry {least:.0f} GB a month for it."
    )
