"""What the page says about the input itself: errors, warnings, and code that was not read."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import without_keys
from vpce_checks.model.roots import RootKey
from vpce_checks.model.spans import Span
from vpce_checks.project.listing import UnreadRow
from vpce_checks.project.results import Report
from vpce_checks.report import Style, root_name
from vpce_checks.report.deduplicate import deduplicated_diagnostics
from vpce_checks.report.html.markup import code, place, row, scrollable, table, text


def problems(report: Report, style: Style) -> Iterator[str]:
    """Yield the errors and warnings about the input, errors first."""
    items = sorted(deduplicated_diagnostics(report), key=lambda item: item.severity != "error")
    if items:
        yield "<ul>"
        for item in items:
            kind = "fail" if item.severity == "error" else "unknown"
            where = place(Span(item.file, item.line), style)
            yield f'<li><strong class="{kind}">{item.severity}:</strong> {where} {text(item.message)}</li>'
        yield "</ul>"


def unread(report: Report, style: Style, *, several: bool) -> list[str]:
    """Return a table of the code that was not read: what looks like a network first. Empty if all was read."""
    found: dict[tuple[bool, str, str], dict[tuple[RootKey, str], UnreadRow]] = {}
    for root in report.roots:
        for each in root.inventory.unread:
            key = not each.is_network, each.source or each.address, each.reason
            found.setdefault(key, {}).setdefault((root.key, without_keys(each.address)), each)
    rows = []
    for (is_other, name, reason), calls in sorted(found.items(), key=lambda item: item[0][0]):
        ((root_key, _), first), *others = calls.items()
        where = f"{code(first.address)} {place(first.span, style)}"
        if several:
            where += f" in {code(root_name(root_key, style.cwd))}"
        if others:
            where += f" and {len(others)} more"
        rows.append(row(code(name), (where, "no" if is_other else "yes", text(reason))))
    if not rows:
        return []
    heads = ("source", "called at", "looks like a network", "why")
    return scrollable("Code that was not read", table("Each may create VPCs, endpoints or routes", heads, rows))
