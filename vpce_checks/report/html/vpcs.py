"""Each VPC of the page by itself: where it is declared, its endpoints, and what was found on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from vpce_checks.project.listing import EndpointRow, VpcRow
from vpce_checks.project.results import RootReport
from vpce_checks.report import Style, root_name
from vpce_checks.report.html.blocks import Places
from vpce_checks.report.html.drawing import drawing
from vpce_checks.report.html.markup import code, folded, link, place, row, scrollable, table, text
from vpce_checks.report.text.matrix import VpcCoverage

MAX_OPEN = 3
"""If there are more VPCs, they are folded."""

MAX_DRAWN = 250
"""How many VPCs are drawn, so that a page is no larger than a browser shows at once."""

Held = tuple[EndpointRow, tuple[str, ...]]
"""An endpoint, and what singles out the scenarios in which it is so."""


def vpcs(
    covered: Sequence[tuple[RootReport, list[VpcCoverage]]], places: Places, style: Style, *, several: bool
) -> Iterator[str]:
    """Yield the VPCs of all roots."""
    is_open = sum(len(rows) for _, rows in covered) <= MAX_OPEN
    drawn = 0
    if sum(len(root.layouts) for root, _ in covered) > MAX_DRAWN:
        yield f"<p>The first {MAX_DRAWN} VPCs are drawn.</p>"
    for root, rows in covered:
        declared = {each.address: each for each in root.inventory.vpcs}
        held: dict[str, list[Held]] = {}
        for endpoint, when in root.inventory.endpoints:
            if endpoint.vpc is not None:
                held.setdefault(endpoint.vpc, []).append((endpoint, when))
        where = f" in {code(root_name(root.key, style.cwd))}" if several else ""
        for vpc in rows:
            name = f"{code(vpc.vpc)}{' (external)' if vpc.external else ''}{where}"
            anchor = places.vpcs[vpc.root, vpc.vpc]
            inner: Iterable[str] = _vpc(declared[vpc.vpc], held.get(vpc.vpc, ()), vpc, places, style)
            layout = root.layouts.get(vpc.vpc) if drawn < MAX_DRAWN else None
            if layout is not None:
                inner, drawn = chain(inner, drawing(vpc.vpc, layout)), drawn + 1
            yield f'<div data-roots="{places.roots[vpc.root]}">'
            yield from folded(
                name, (f'<div id="{anchor}" tabindex="-1" class="vpc">', *inner, "</div>"), is_open=is_open
            )
            yield "</div>"


def _vpc(vpc: VpcRow, held: Sequence[Held], covered: VpcCoverage, places: Places, style: Style) -> Iterator[str]:
    region = f", region {text(vpc.region)}" if vpc.region else ""
    yield f"<p>{'Named' if covered.external else 'Declared'} at {place(vpc.span, style)}{region}</p>"
    found = places.of_row(covered)
    links = dict.fromkeys(
        (each.anchor, each.finding.rule, service or "") for service, those in found.items() for each in those
    )
    if links:
        named = (link(anchor, text(f"{rule} {service}".rstrip())) for anchor, rule, service in links)
        yield f"<p>Findings: {', '.join(named)}</p>"
    yield from _endpoints(held, style) if held else ("<p>No endpoints.</p>",)


def _endpoints(held: Sequence[Held], style: Style) -> list[str]:
    rows = []
    for each, when in held:
        condition = f" when {text(' and '.join(when))}" if when else ""
        cells = (
            text(each.service or each.service_name or "unknown"),
            text(each.type or "unknown"),
            _in_words(ON_OFF, each.private_dns) if each.type != "Gateway" else "",
            _in_words(YES_NO, each.exists) + condition,
            place(each.span, style),
        )
        rows.append(row(code(each.address), cells))
    heads = ("endpoint", "service", "type", "private DNS", "exists", "place")
    return scrollable("Endpoints", table("Endpoints", heads, rows))


ON_OFF: Mapping[bool, str] = {True: "on", False: "off"}
YES_NO: Mapping[bool, str] = {True: "yes", False: "no"}


def _in_words(words: Mapping[bool, str], answer: object) -> str:
    return words[answer] if isinstance(answer, bool) else "unknown"
