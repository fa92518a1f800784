"""The report for people: failures with their fixes, unknown verdicts, the coverage matrix, and a summary line."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.spans import Span
from vpce_checks.model.verdict import Status
from vpce_checks.project.networks import inventory_of
from vpce_checks.project.results import Report
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import Same, deduplicate, deduplicated_diagnostics, in_roots
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.groups import Grouped, grouped
from vpce_checks.report.message import COUNTED, full_message, named_message, reasons
from vpce_checks.report.policies import policies_in_words
from vpce_checks.report.text.escape import escape, escape_source
from vpce_checks.report.text.frame import code_frame
from vpce_checks.report.text.matrix_text import matrix_lines
from vpce_checks.report.text.paint import STATUS_COLOURS, paint
from vpce_checks.report.text.wrap import wrap
from vpce_checks.rules.finding import Finding


def render(report: Report, style: Style) -> str:
    """Return the whole report, ending with a line feed."""
    sections = [
        list(_diagnostics(report, style)),
        *(block for status in style.statuses for block in _findings(report, status, style)),
        list(matrix_lines(report, style)),
        list(_summary(report, style)),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _diagnostics(report: Report, style: Style) -> Iterator[str]:
    for item in deduplicated_diagnostics(report):
        colour = "red" if item.severity == "error" else "yellow"
        place = f"{escape(relative(item.file, style.cwd))}:{item.line}"
        first, *rest = wrap(f"{place}: {escape(item.message)}", style.width, f"{item.severity}: ", "  ")
        yield paint(item.severity, colour, style) + first[len(item.severity) :]
        yield from rest


def _findings(report: Report, status: Status, style: Style) -> Iterator[list[str]]:
    """Yield a block of lines for each finding with ``status``. Passed and ignored findings get one line each."""
    found = deduplicate(report.roots, status)
    if status in ("pass", "ignored"):
        if found:
            yield [line for same in found for line in _brief(same, style)]
        return
    alone, groups = grouped(found)
    for same in alone:
        yield list(_block(same, len(report.roots) > 1, style))
    for group in groups:
        yield list(_group(group, status, len(report.roots) > 1, style))


def _group(group: Grouped, status: Status, several_roots: bool, style: Style) -> Iterator[str]:
    first = group.members[0].finding
    yield f"{paint(status.upper(), STATUS_COLOURS[status], style)} {group.title} ({first.severity})"
    for same in group.members:
        finding = same.finding
        where = f" {in_roots(same.roots, style.cwd)}" if several_roots else ""
        missing = "no" if status == "fail" else "maybe no"
        service = f": {missing} {finding.service}" if finding.service else ""
        head = f"  {finding.rule} {paint(_place(finding.about.span, style), 'cyan', style)}"
        yield f"{head}  {escape(finding.resource)}{escape(service)}{escape(where)}"
    yield "  fix: add the endpoints or, to leave these VPCs out, write into the policy"
    yield ""
    yield paint(f"    {group.advice}", "green", style)


def _block(same: Same, several_roots: bool, style: Style) -> Iterator[str]:
    finding = same.finding
    message = full_message(finding)
    yield _title(finding, style)
    yield from wrap(escape(message), style.width, "  ")
    place = _place(finding.about.span, style)
    if finding.resource not in message:
        yield from wrap(escape(finding.resource), style.width, "  ")
    yield f"  {paint(place, 'cyan', style)}"
    if several_roots and same.roots != [(finding.about.span.file, "")]:
        yield from wrap(escape(in_roots(same.roots, style.cwd)), style.width, "  ")
    if finding.status == "fail":
        mark = finding.about.field_spans.get(finding.fix.field) if finding.fix else None
        language = inventory_of(same.networks).language
        # Do not quote a plan: its lines contain sensitive values.
        in_plan = language == "terraform-plan" and finding.about.span.file == finding.root
        frame = [] if in_plan else code_frame(finding.about.span, mark, style.width - 4)
        if frame:
            yield ""
            yield from (paint(f"    {line}", "bold" if line[:1] == ">" else "dim", style) for line in frame)
            yield ""
    yield from _why(finding, style)
    fix = write_fix(finding, same.networks)
    if fix is not None and finding.status == "fail":
        yield from _fix(fix, style)


def _why(finding: Finding, style: Style) -> Iterator[str]:
    for number, step in enumerate(reasons(finding)):
        where = f" ({_place(step.span, style)})" if step.span else ""
        yield from wrap(escape(step.text) + where, style.width, "       " if number else "  why: ", " " * 9)


def _title(finding: Finding, style: Style) -> str:
    from vpce_checks.rules.registry import find_rule

    rule = find_rule(finding.rule)
    status = paint(finding.status.upper(), STATUS_COLOURS[finding.status], style)
    return f"{status} {finding.rule}{' ' + rule.name if rule else ''} ({finding.severity})"


def _fix(fix: FixText, style: Style) -> Iterator[str]:
    if not fix.where:
        yield from wrap(escape(fix.text), style.width, "  fix: ")
        return
    file = escape(relative(fix.file, style.cwd))
    yield from wrap(f"{fix.where} {file}", style.width, "  fix: ")
    yield ""
    yield from (paint(f"    {escape_source(line)}".rstrip(), "green", style) for line in fix.text.split("\n"))


def _brief(same: Same, style: Style) -> Iterator[str]:
    finding = same.finding
    text = named_message(finding)
    head = f"{finding.status:7} {finding.rule}  "
    first, *rest = wrap(escape(text), style.width, head)
    yield paint(finding.status, STATUS_COLOURS[finding.status], style) + first[len(finding.status) :]
    yield from rest


def _place(span: Span, style: Style) -> str:
    return f"{escape(relative(span.file, style.cwd))}:{span.line}"


def _summary(report: Report, style: Style) -> Iterator[str]:
    counts = {status: report.count(status) for status in COUNTED}
    parts = [
        paint(f"{count} {COUNTED[status]}", STATUS_COLOURS[status] if count else "dim", style)
        for status, count in counts.items()
    ]
    vpcs = sum(not vpc.external for root in report.roots for vpc in root.inventory.vpcs)
    scope = f"{_plural(vpcs, 'VPC')} in {_plural(len(report.roots), 'root')}, {_plural(len(report.files), 'file')}"
    yield f"{', '.join(parts)} ({scope})"
    policies = policies_in_words(report, style.cwd)
    if policies:
        yield from (paint(line, "dim", style) for line in wrap(escape(policies), style.width, "policy: ", "  "))
    opaque = sum(len(root.inventory.unread_calls) for root in report.roots)
    if opaque:
        yield paint(f"not read: {_plural(opaque, 'module call')} (`vpce-checks modules` shows why)", "dim", style)
    if not report.complete:
        yield paint("incomplete: see the errors above", "red", style)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
