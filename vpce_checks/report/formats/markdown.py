"""A comment for the reviewer of a change: the coverage of each VPC, then the findings.

It fits into a comment of a pull request (65,536 characters). Findings that do not fit are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from vpce_checks.model.spans import Span
from vpce_checks.project.networks import inventory_of
from vpce_checks.project.results import Report
from vpce_checks.report import Style, relative, root_name
from vpce_checks.report.deduplicate import Same, deduplicate, deduplicated_diagnostics, in_roots
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.groups import Grouped, grouped
from vpce_checks.report.message import full_message, reasons
from vpce_checks.report.policies import policies_in_words
from vpce_checks.report.rule_text import rule_text
from vpce_checks.report.text.markdown import code, fenced, prose
from vpce_checks.report.text.matrix import COLOURS, WORDS, VpcCoverage, coverage, is_broad, services_of
from vpce_checks.report.text.summary import verdict_in_words
from vpce_checks.report.text.wrap import plural
from vpce_checks.rules.finding import Finding

MAX_CHARACTERS = 60_000
MAX_MEMBERS = 50
"""How many findings of a group are listed."""

SIGNS = {"red": "❌", "yellow": "❔", "green": "✅", "dim": "➖"}


def render(report: Report, style: Style) -> str:
    """Return the whole comment."""
    parts = [f"## VPC endpoints: {verdict_in_words(report)}", *_unread(report, style), *_matrix(report, style)]
    if style.costs:
        parts += _costs(report, style)
    found = deduplicate(report.roots, "fail", "unknown")
    if found:
        parts.append(f"### {'What this change adds' if style.compared_with else 'To do'}")
    size = sum(len(part) + 2 for part in parts)
    alone, groups = grouped(found)
    several = report.root_count > 1
    blocks: list[Callable[[], str]] = [partial(_finding, same, style, several_roots=several) for same in alone]
    blocks += [partial(_group, group, style, several_roots=several) for group in groups]
    for place, write in enumerate(blocks):
        block = write()
        size += len(block) + 2
        if size > MAX_CHARACTERS:
            parts.append(f"… and {len(blocks) - place} more, see the full report.")
            break
        parts.append(block)
    return "\n\n".join([*parts, *_footer(report, style)]) + "\n"


def _unread(report: Report, style: Style) -> Iterator[str]:
    items = [
        f"- {item.severity}: {_place(Span(item.file, item.line), style)} {prose(item.message)}"
        for item in deduplicated_diagnostics(report)
    ]
    if items:
        yield "\n".join([*items[:20], *([f"- … and {len(items) - 20} more"] if len(items) > 20 else [])])


# --- the coverage matrix -------------------------------------------------------------------------------------------


def _matrix(report: Report, style: Style) -> Iterator[str]:
    rows = [row for _, covered in coverage(report) for row in covered if row.cells]
    if not rows:
        return
    services = services_of(row.cells for row in rows)
    several = report.root_count > 1
    names = [_vpc(row, style, several_roots=several) for row in rows]
    cells = [[_state(row.cells[service]) if service in row.cells else "" for service in services] for row in rows]
    heads = [code(service, in_table=True) for service in services]
    if is_broad(len(rows), len(services)):
        yield _table("service", names, heads, [list(column) for column in zip(*cells, strict=True)])
    else:
        yield _table("VPC", heads, names, cells)


def _state(state: str) -> str:
    sign = "⚠️" if state == "by default" else SIGNS[COLOURS[state]]
    return f"{sign} {WORDS[state]}"


def _table(corner: str, columns: list[str], rows: list[str], cells: list[list[str]]) -> str:
    lines = [[corner, *columns], ["---"] * (len(columns) + 1)]
    lines += [[name, *values] for name, values in zip(rows, cells, strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines[:200])


def _vpc(row: VpcCoverage, style: Style, *, several_roots: bool) -> str:
    root = f" in {code(root_name(row.root, style.cwd), in_table=True)}" if several_roots else ""
    return f"{code(row.vpc, in_table=True)}{' (external)' if row.external else ''}{root}"


def _costs(report: Report, style: Style) -> Iterator[str]:
    from vpce_checks.report.text.costs_text import (
        MAX_ROWS,
        assumptions,
        costs_found,
        costs_rows,
        sentence,
        sum_in_words,
        twins_in_words,
    )

    found = costs_found(report)
    several = report.root_count > 1
    yield f"### Costs\n\n{prose(sentence(sum_in_words(report, found)))}"
    if not found:
        return
    heads = ["endpoints", "network interfaces", "a month"]
    rows = costs_rows(found[:MAX_ROWS], style, several_roots=several)
    names = [
        f"{code(each[-4], in_table=True)}{f' in {code(each[0], in_table=True)}' if several else ''}" for each in rows
    ]
    yield _table("VPC", heads, names, [[prose(cell) for cell in each[-3:]] for each in rows])
    notes = [
        f"- twice: {prose(each)}" for each in islice(twins_in_words(found, style, several_roots=several), MAX_ROWS)
    ]
    notes += [f"- {prose(each)}" for each in assumptions(found)]
    notes += [f"- {len(found) - MAX_ROWS} VPCs more"] if len(found) > MAX_ROWS else []
    yield "\n".join(notes)


# --- the findings --------------------------------------------------------------------------------------------------


def _finding(same: Same, style: Style, *, several_roots: bool) -> str:
    finding = same.finding
    rule = rule_text(finding)
    sign = "❌" if finding.status == "fail" else "❔ undecided:"
    linked = rule is not None and finding.own is None  # whoever writes the policy writes the address of an own rule
    name = f"[{finding.rule}]({rule.url})" if rule and linked else finding.rule
    name = f"{name} {rule.name}" if rule else name
    lines = [
        f"**{sign} {name}** ({finding.severity})  ",
        f"{_message(finding)}  ",
        _place(finding.about.span, style) + (f" {prose(in_roots(same.roots, style.cwd))}" if several_roots else ""),
    ]
    is_text = finding.fix is not None and finding.fix.kind == "text"  # what would decide an unknown
    fix = write_fix(finding, same.networks) if finding.status == "fail" or is_text else None
    if reasons(finding) or fix is not None:
        lines += ["", f"<details><summary>{'why, and what to do' if fix else 'why'}</summary>", ""]
        lines += [
            f"- {prose(step.text)}{f' ({_place(step.span, style)})' if step.span else ''}" for step in reasons(finding)
        ]
        if fix is not None:
            lines.append("")
            if fix.where:
                file = code(relative(fix.file, style.cwd))
                lines += [f"To fix it, {fix.where} {file}:", "", fenced(fix.text, _language(same))]
            else:
                lines.append(f"To fix it: {prose(fix.text)}")
        lines += ["", "</details>"]
    return "\n".join(lines)


def _group(group: Grouped, style: Style, *, several_roots: bool) -> str:
    members = group.members
    lines = [
        f"**{'❌' if members[0].finding.status == 'fail' else '❔ undecided:'} {group.title}** "
        f"({members[0].finding.severity})",
        "",
        f"<details><summary>{plural(len(members), 'finding')}</summary>",
        "",
    ]
    for same in members[:MAX_MEMBERS]:
        where = f" {prose(in_roots(same.roots, style.cwd))}" if several_roots else ""
        place = _place(same.finding.about.span, style)
        lines.append(f"- {same.finding.rule} {code(same.finding.resource)} {place}{where}")
    if len(members) > MAX_MEMBERS:
        lines.append(f"- … and {len(members) - MAX_MEMBERS} more")
    lines += ["", "To leave these VPCs out, write into the policy:", "", fenced(group.advice, "yaml"), "", "</details>"]
    return "\n".join(lines)


def _message(finding: Finding) -> str:
    text = full_message(finding)
    if not finding.resource or finding.resource not in text:
        return f"{code(finding.resource)}: {prose(text)}"
    return code(finding.resource).join(prose(part) for part in text.split(finding.resource))


def _place(span: Span, style: Style) -> str:
    return code(f"{relative(span.file, style.cwd)}:{span.line}")


def _language(same: Same) -> str:
    if same.finding.about.span.file.lower().endswith((".json", ".template")):
        return "json"
    return "yaml" if inventory_of(same.networks).language.startswith("cloudformation") else "hcl"


def _footer(report: Report, style: Style) -> Iterator[str]:
    notes = []
    if style.compared_with:
        notes.append(f"Compared with {code(style.compared_with)}.")
    policies = policies_in_words(report, style.cwd)
    if policies:
        notes.append(f"Policy: {prose(policies)}.")
    ignored = report.count("ignored")
    if ignored:
        notes.append(f"{ignored} ignored or already known.")
    passed = report.count("pass")
    if passed:
        notes.append(f"{passed} passed.")
    if notes:
        yield f"<sub>{' '.join(notes)}</sub>"
