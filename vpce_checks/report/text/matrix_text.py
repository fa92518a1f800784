"""Write the coverage matrix as a table of VPCs and services, or as lists if the table is wider than the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vpce_checks.base.record import record
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, root_name
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.matrix import COLOURS, STATES, VpcCoverage, coverage, services_of, unread_networks
from vpce_checks.report.text.paint import paint
from vpce_checks.report.text.wrap import wrap

_INDENT = "  "
_GAP = "  "

MAX_ROWS = 40
"""If there are more VPCs than this, those with the same cells are one row. ``--verbose`` shows all."""

NOT_READ = "not read"


@record
class Row:
    """A line of the matrix: a VPC, several alike, or (without cells) code that was not read and looks like a network."""

    name: str
    cells: Mapping[str, str]


def matrix_lines(report: Report, style: Style) -> Iterator[str]:
    """Yield the matrix of the VPCs that need or have an endpoint; nothing if there is no such VPC."""
    several = report.root_count > 1
    groups = [
        (escape(root_name(root.key, style.cwd)) if several else "", _rows(root, covered))
        for root, covered in coverage(report)
    ]
    groups = [group for group in groups if group[1]]
    if not any(row.cells for _, rows in groups for row in rows):
        return
    if sum(len(rows) for _, rows in groups) > MAX_ROWS and not style.verbose:
        groups = [("", _alike(groups))]
    services = services_of(row.cells for _, rows in groups for row in rows)
    indent = _INDENT if any(heading for heading, _ in groups) else ""
    names = max(len(indent + row.name) for _, rows in groups for row in rows)
    widths = {
        service: max(len(escape(service)), *(len(_cell(row, service)) for _, rows in groups for row in rows))
        for service in services
    }
    table = max(names, len("VPC")) + sum(len(_GAP) + width for width in widths.values()) <= style.width
    if table:
        heading = _GAP.join([f"{'VPC':{names}}", *(f"{escape(service):{widths[service]}}" for service in services)])
        yield paint(heading.rstrip(), "bold", style)
    for heading, rows in groups:
        if heading:
            yield heading
        for row in rows:
            if not table:
                yield from _as_list(row, indent, style)
            elif row.cells:
                cells = [_cell(row, service) for service in services]
                painted = [
                    paint(cell, COLOURS[cell], style) + " " * (widths[service] - len(cell))
                    for service, cell in zip(services, cells, strict=True)
                ]
                yield _GAP.join([f"{indent + row.name:{names}}", *painted]).rstrip()
            else:
                yield f"{indent + row.name:{names}}{_GAP}{paint(NOT_READ, 'yellow', style)}"


def _rows(root: RootReport, covered: Iterable[VpcCoverage]) -> list[Row]:
    """Return the VPCs of a root, and the modules that may hold more: one row a source."""
    rows = [Row(_name(row), row.cells) for row in covered if row.cells]
    return [*rows, *(Row(and_more(escape(those[0]), len(those)), {}) for those in unread_networks(root))]


def _alike(groups: Iterable[tuple[str, list[Row]]]) -> list[Row]:
    """Return one row for all VPCs with the same cells. Its name is that of the first, with its root."""
    found: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for heading, rows in groups:
        for row in rows:
            name = f"{heading}:{row.name}" if heading else row.name
            found.setdefault(tuple(row.cells.items()), []).append(name)
    return [Row(and_more(names[0], len(names)), dict(cells)) for cells, names in found.items()]


def and_more(first: str, count: int) -> str:
    """Return the name of the first of several: "module.a and 2 more"."""
    return first if count == 1 else f"{first} and {count - 1} more"


def _as_list(row: Row, indent: str, style: Style) -> Iterator[str]:
    yield paint(f"{indent}{row.name}", "bold", style)
    if not row.cells:
        yield f"{indent}{_INDENT}{paint(NOT_READ, 'yellow', style)}"
    for state in STATES:
        held = [escape(service) for service, cell in row.cells.items() if cell == state]
        if held:
            label = f"{indent}{_INDENT}{state:9}"
            first, *rest = wrap(", ".join(held), style.width, label + _GAP)
            yield paint(label, COLOURS[state], style) + first[len(label) :]
            yield from rest


def _cell(row: Row, service: str) -> str:
    return row.cells.get(service, "-") if row.cells else ""


def _name(row: VpcCoverage) -> str:
    return escape(row.vpc) + (" (external)" if row.external else "")
