"""The report for people: failures with their fixes, unknown verdicts, the coverage matrix, and a summary line."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import Status
from vpce_checks.project.results import Report
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import Same, deduplicate, deduplicated_diagnostics, in_roots
from vpce_checks.report.groups import Grouped, grouped
from vpce_checks.report.message import COUNTED, named_message
from vpce_checks.report.policies import policies_in_words
from vpce_checks.report.settled import settled_together
from vpce_checks.report.text.blocks import block, place_of
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.matrix_text import matrix_lines
from vpce_checks.report.text.paint import STATUS_COLOURS, paint
from vpce_checks.report.text.summary import scope_in_words, summary_lines, unread_in_words
from vpce_checks.report.text.wrap import plural, wrap

BRIEF: tuple[Status, ...] = ("ignored", "pass")
"""What ``--verbose`` adds, one line a finding."""

FEW_BLOCKS, FEW_FINDINGS = 3, 10
"""As many blocks, with as many findings in them, need no summary before them."""

MAX_PLACES = 3
"""How many more places of one message about the input are named."""


def render(report: Report, style: Style) -> str:
    """Return the whole report, ending with a line feed."""
    alone, groups = grouped(deduplicate(report.roots, "fail", "unknown"))
    failing, undecided = (
        settled_together((same for same in alone if same.finding.status == status), report.roots, style.cwd)
        for status in ("fail", "unknown")
    )
    summary = list(summary_lines(report, failing, undecided, style))
    several = report.root_count > 1
    sections = [list(_diagnostics(report, style))]
    blocks_shown = [*failing, *undecided]
    many = len(blocks_shown) > FEW_BLOCKS or sum(settled.findings for settled in blocks_shown) > FEW_FINDINGS
    if style.statistics or many:
        sections.append(summary)
    if not style.statistics:
        for status, blocks in (("fail", failing), ("unknown", undecided)):
            sections += (list(block(settled, style, several_roots=several)) for settled in blocks)
            sections += (
                list(_group(group, style, several_roots=several)) for group in groups if group.status == status
            )
        if style.verbose:
            sections += (
                [line for same in deduplicate(report.roots, status) for line in _brief(same, style)] for status in BRIEF
            )
        sections.append(list(matrix_lines(report, style)))
    if style.costs:
        from vpce_checks.report.text.costs_text import costs_lines

        sections.append(list(costs_lines(report, style)))
    sections.append(list(_summary(report, style)))
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _diagnostics(report: Report, style: Style) -> Iterator[str]:
    """Yield the lines about the input. What is said of several places is said once, unless all is to be shown."""
    same: dict[object, list[Diagnostic]] = {}
    for item in deduplicated_diagnostics(report):
        same.setdefault(item if style.verbose else (item.severity, item.message), []).append(item)
    for item, *others in same.values():
        colour = "red" if item.severity == "error" else "yellow"
        places = [f"{escape(relative(each.file, style.cwd))}:{each.line}" for each in (item, *others[:MAX_PLACES])]
        text = f"{places[0]}: {escape(item.message)}"
        if others:
            more = f" and {len(others) - MAX_PLACES} more" if len(others) > MAX_PLACES else ""
            text += f" (also {', '.join(places[1:])}{more})"
        first, *rest = wrap(text, style.width, f"{item.severity}: ", "  ")
        yield paint(item.severity, colour, style) + first[len(item.severity) :]
        yield from rest


def _group(group: Grouped, style: Style, *, several_roots: bool) -> Iterator[str]:
    first, status = group.members[0].finding, group.status
    yield f"{paint(status.upper(), STATUS_COLOURS[status], style)} {group.title} ({first.severity})"
    for same in group.members:
        finding = same.finding
        where = f" {in_roots(same.roots, style.cwd)}" if several_roots else ""
        missing = "no" if status == "fail" else "maybe no"
        service = f": {missing} {finding.service}" if finding.service else ""
        head = f"  {finding.rule} {paint(place_of(finding.about.span, style), 'cyan', style)}"
        yield f"{head}  {escape(finding.resource)}{escape(service)}{escape(where)}"
    yield "  fix: add the endpoints or, to leave these VPCs out, write into the policy"
    yield ""
    yield paint(f"    {group.advice}", "green", style)


def _brief(same: Same, style: Style) -> Iterator[str]:
    finding = same.finding
    text = named_message(finding)
    head = f"{finding.status:7} {finding.rule}  "
    first, *rest = wrap(escape(text), style.width, head)
    yield paint(finding.status, STATUS_COLOURS[finding.status], style) + first[len(finding.status) :]
    yield from rest


def _summary(report: Report, style: Style) -> Iterator[str]:
    counts = {status: report.count(status) for status in COUNTED}
    parts = [
        paint(f"{count} {COUNTED[status]}", STATUS_COLOURS[status] if count else "dim", style)
        for status, count in counts.items()
    ]
    yield f"{', '.join(parts)} ({scope_in_words(report)})"
    known = sum(finding.is_known for root in report.roots for finding in root.findings)
    if known and style.compared_with:
        already = f"{plural(known, 'finding')} already in {style.compared_with}"
        shown = "" if style.verbose else " (--verbose shows them)"
        yield from (paint(line, "dim", style) for line in wrap(escape(already + shown), style.width, "known: ", "  "))
    policies = policies_in_words(report, style.cwd)
    if policies:
        yield from (paint(line, "dim", style) for line in wrap(escape(policies), style.width, "policy: ", "  "))
    calls, others = unread_in_words(report)
    if calls:
        yield paint(f"not read: {calls} (`vpce-checks modules` shows why)", "dim", style)
    if others:
        yield paint(f"not read: {others}", "dim", style)
    if not report.complete:
        yield paint("incomplete: see the errors above", "red", style)
