"""Draw a VPC: its subnets by tier, the route tables that they follow, and where calls from them go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from vpce_checks.project.layout import Layout, SubnetsRow
from vpce_checks.report.html.markup import text

WIDTH = 800
"""How many units wide a drawing is: pixels, where there is room."""

_COLUMNS = ((1, 290), (317, 210), (553, 246))
"""Where the boxes of subnets, route tables and ways out begin, and how wide they are."""

_LINE, _PADDING, _GAP = 17, 9, 10
_CHARACTER = 6.6
"""About how wide a character is, in units."""

MAX_LINES = 3
"""How many lines the services of an interface endpoint take at most."""


def drawing(vpc: str, layout: Layout) -> Iterator[str]:
    """Yield the drawing of the VPC with the address ``vpc``; nothing if it has no subnets. Every word in it is in its label,
    too."""
    if not layout.subnets:
        return
    parts: list[str] = []
    top = 1
    for _, rows in groupby(layout.subnets, key=_way):
        drawn, top = _group(list(rows), top)
        parts += drawn
    when = f" when {' and '.join(layout.when)}" if layout.when else ""
    sentences = " ".join(map(_sentence, layout.subnets))
    label = text(f"How calls leave {vpc}{when}: {sentences}")
    size = f'viewBox="0 0 {WIDTH} {top - _GAP + 1}" width="{WIDTH}" height="{top - _GAP + 1}"'
    yield f"<figure><figcaption>How calls leave its subnets{text(when)}</figcaption>"
    yield f'<svg {size} role="img" aria-label="{label}">'
    yield from parts
    yield "</svg></figure>"


def _way(row: SubnetsRow) -> object:
    """Return what rows of one way have in common. Tables that are not known may be different ones."""
    return (row.tier, row.table, row.out, row.gateways) if row.table is not None else row.name


def _group(rows: Sequence[SubnetsRow], top: int) -> tuple[list[str], int]:
    """Return the parts that show subnets which follow one table, from ``top`` on, and where the next may begin."""
    parts: list[str] = []
    middles: list[int] = []
    at = top
    for row in rows:
        drawn, below = _box(0, at, [*_wrapped(row.name, 0), *_wrapped(_count(row), 0), *_interfaces(row)])
        parts += drawn
        middles.append((at + below) // 2)
        at = below + _GAP
    middle = (top + at - _GAP) // 2
    for column, words in ((1, _tables(rows)), (2, _ways(rows[0]))):
        lines = [line for each in words for line in _wrapped(each, column)]
        drawn, below = _box(column, max(top, middle - _height(lines) // 2), lines)
        parts += drawn
        at = max(at, below + _GAP)
    parts += (_arrow(0, from_, middle) for from_ in middles)
    parts.append(_arrow(1, middle, middle))
    return parts, at


def _count(row: SubnetsRow) -> str:
    tier = f"{row.tier} " if row.tier != "unknown" else ""
    number = f"{row.count} " if row.count is not None else "perhaps "
    zones = f" in {', '.join(row.zones)}" if row.zones else ""
    return f"{number}{tier}subnet{'' if row.count == 1 else 's'}{zones}"


def _tables(rows: Sequence[SubnetsRow]) -> list[str]:
    table, count = rows[0].table, len({each for row in rows for each in row.tables})
    if not table:
        return ["route table not known" if table is None else "the main route table"]
    return [table, f"{count} route tables" if count > 1 else "route table"]


def _served(row: SubnetsRow) -> str:
    states = {True: "", False: " (DNS off)", None: " (DNS not known)"}
    return ", ".join(f"{service}{states[is_on]}" for service, is_on in row.interfaces)


def _interfaces(row: SubnetsRow) -> list[str]:
    if not row.interfaces:
        return []
    lines = _wrapped(f"interface endpoints: {_served(row)}", 0)
    return lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], f"... {len(row.interfaces)} in all"]


def _ways(row: SubnetsRow) -> list[str]:
    through = [f"{', '.join(row.gateways)}: gateway endpoint"] if row.gateways else []
    return [*through, f"{'other' if through else 'all'} calls: {_out(row)}"]


def _out(row: SubnetsRow) -> str:
    if row.out is not None:
        return row.out
    return "no way out" if row.tier == "isolated" else "not known"


def _sentence(row: SubnetsRow) -> str:
    table = ", ".join(_tables((row,)))
    inside = f"; interface endpoints in it: {_served(row)}" if row.interfaces else ""
    return f"{row.name}, {_count(row)}, follows {table}; {' '.join(_ways(row))}{inside}."


# -- shapes ------------------------------------------------------------------------------------------------------------


def _room(column: int) -> int:
    return int((_COLUMNS[column][1] - 2 * _PADDING) / _CHARACTER)


def _wrapped(words: str, column: int) -> list[str]:
    """Return ``words`` as lines of a box. Of a name that is too long the end is shown, which says more than its beginning."""
    room = _room(column)
    short = " ".join(word if len(word) <= room else f"…{word[1 - room :]}" for word in words.split())
    return wrap(short, room, break_on_hyphens=False)


def _height(lines: Sequence[str]) -> int:
    return len(lines) * _LINE + 2 * _PADDING


def _box(column: int, top: int, lines: Sequence[str]) -> tuple[list[str], int]:
    """Return a box with ``lines`` in it, and where it ends."""
    left, width = _COLUMNS[column]
    spans = _lines(left + _PADDING, top + _PADDING + 12, lines)
    height = _height(lines)
    box = f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="5"/>'
    return [box, f"<text>{spans}</text>"], top + height


def _lines(left: int, top: int, lines: Iterable[str]) -> str:
    return "".join(
        f'<tspan x="{left}" y="{top + place * _LINE}">{text(line)}</tspan>' for place, line in enumerate(lines)
    )


def _arrow(column: int, from_: int, to: int) -> str:
    """Return an arrow from a box in ``column`` to the next one."""
    left, width = _COLUMNS[column]
    start, end = left + width, _COLUMNS[column + 1][0]
    return f'<path d="M{start} {from_}h8V{to}H{end}m-6-4 6 4-6 4"/>'
