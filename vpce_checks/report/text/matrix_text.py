"""Write the coverage matrix as a table of VPCs and services, or as lists if the table is wider than the page."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.project.results import Report
from vpce_checks.report import Style, root_name
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.matrix import STATES, VpcCoverage, coverage
from vpce_checks.report.text.paint import paint
from vpce_checks.report.text.wrap import wrap

_COLOURS = {
    "missing": "red",
    "DNS off": "red",
    "by default": "yellow",
    "unknown": "yellow",
    "known": "red",
    "gateway": "green",
    "interface": "green",
    "both": "green",
    "central": "green",
    "exempt": "dim",
    "-": "dim",
}
_INDENT = "  "
_GAP = "  "


def matrix_lines(report: Report, style: Style) -> Iterator[str]:
    """Yield the matrix of the VPCs that need or have an endpoint; nothing if there is no such VPC."""
    groups = [(root.key, [row for row in coverage(root) if row.cells]) for root in report.roots]
    groups = [group for group in groups if group[1]]
    if not groups:
        return
    several = len(report.roots) > 1
    services = sorted({service for _, rows in groups for row in rows for service in row.cells})
    indent = _INDENT if several else ""
    names = max(len(indent + _name(row)) for _, rows in groups for row in rows)
    widths = {
        service: max(len(escape(service)), *(len(_cell(row, service)) for _, rows in groups for row in rows))
        for service in services
    }
    table = max(names, len("VPC")) + sum(len(_GAP) + width for width in widths.values()) <= style.width
    if table:
        heading = _GAP.join([f"{'VPC':{names}}", *(f"{escape(service):{widths[service]}}" for service in services)])
        yield paint(heading.rstrip(), "bold", style)
    for root, rows in groups:
        if several:
            yield escape(root_name(root, style.cwd))
        for row in rows:
            if table:
                cells = [_cell(row, service) for service in services]
                painted = [
                    paint(cell, _COLOURS[cell], style) + " " * (widths[service] - len(cell))
                    for service, cell in zip(services, cells, strict=True)
                ]
                yield _GAP.join([f"{indent + _name(row):{names}}", *painted]).rstrip()
            else:
                yield from _as_list(row, indent, style)


def _as_list(row: VpcCoverage, indent: str, style: Style) -> Iterator[str]:
    yield paint(f"{indent}{_name(row)}", "bold", style)
    for state in STATES:
        held = [escape(service) for service, cell in row.cells.items() if cell == state]
        if held:
            label = f"{indent}{_INDENT}{state:9}"
            first, *rest = wrap(", ".join(held), style.width, label + _GAP)
            yield paint(label, _COLOURS[state], style) + first[len(label) :]
            yield from rest


def _cell(row: VpcCoverage, service: str) -> str:
    return row.cells.get(service, "-")


def _name(row: VpcCoverage) -> str:
    return escape(row.vpc) + (" (external)" if row.external else "")
