"""Write findings as blocks of text: one block for what one change settles, or for what one cause leaves undecided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from vpce_checks.model.spans import Span
from vpce_checks.project.networks import inventory_of
from vpce_checks.report import Style, relative
from vpce_checks.report.deduplicate import in_roots
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.message import full_message, named_message
from vpce_checks.report.settled import Settled, shared_words, steps_of
from vpce_checks.report.text.escape import escape, escape_source
from vpce_checks.report.text.frame import code_frame
from vpce_checks.report.text.paint import STATUS_COLOURS, paint
from vpce_checks.report.text.unread import UnreadSource, calls_not_read, sources_shown
from vpce_checks.report.text.wrap import plural, wrap
from vpce_checks.rules.finding import Finding

T = TypeVar("T")

MAX_LISTED = 10
"""How many instances, findings or sources a block lists. ``--verbose`` lists all."""


def block(settled: Settled, style: Style, *, several_roots: bool) -> Iterator[str]:
    """Yield the lines of one block."""
    sources = sources_shown(settled)
    if sources:
        yield from _unread(settled, sources, style)
    elif len(settled.members) == 1:
        yield from _one(settled, style, several_roots=several_roots)
    elif settled.first.status == "fail":
        yield from _same_change(settled, style, several_roots=several_roots)
    else:
        yield from _same_cause(settled, style, several_roots=several_roots)


def _one(settled: Settled, style: Style, *, several_roots: bool) -> Iterator[str]:
    (same,) = settled.members
    finding = same.finding
    message = full_message(finding)
    yield title(finding, style)
    yield from wrap(escape(message), style.width, "  ")
    if finding.resource not in message:
        yield from wrap(escape(finding.resource), style.width, "  ")
    yield f"  {paint(place_of(finding.about.span, style), 'cyan', style)}"
    if several_roots and same.roots != [(finding.about.span.file, "")]:
        yield from wrap(escape(in_roots(same.roots, style.cwd)), style.width, "  ")
    yield from _evidence(settled, style)


def _same_change(settled: Settled, style: Style, *, several_roots: bool) -> Iterator[str]:
    shared, own = shared_words(settled.members)
    yield title(settled.first, style) + _times(settled)
    if shared:
        yield from wrap(escape(shared), style.width, "  ")
    yield f"  {paint(place_of(settled.first.about.span, style), 'cyan', style)}"
    for same, words in _folded(list(zip(settled.members, own, strict=True)), style):
        calls = same.finding.about.calls
        called = f" ({place_of(calls[-1].span, style)})" if calls else ""
        where = f" {in_roots(same.roots, style.cwd)}" if several_roots else ""
        differs = f": {words}" if words else ""
        text = f"{escape(same.finding.resource)}{escape(where)}{called}{escape(differs)}"
        yield from wrap(text, style.width, "  - ")
    yield from _more(len(settled.members), "instance", style)
    yield from _evidence(settled, style)


def _same_cause(settled: Settled, style: Style, *, several_roots: bool) -> Iterator[str]:
    rules = {same.finding.rule for same in settled.members}
    if len(rules) == 1:
        yield title(settled.first, style) + _times(settled)
    else:
        status = paint(settled.first.status.upper(), STATUS_COLOURS[settled.first.status], style)
        yield f"{status} {settled.findings} findings with the same cause"
    for same in _folded(settled.members, style):
        finding = same.finding
        rule = f"{finding.rule} ({finding.severity}) " if len(rules) > 1 else ""
        where = f", {in_roots(same.roots, style.cwd)}" if several_roots else ""
        text = f"{rule}{named_message(finding)} ({place_of(finding.about.span, style)}){where}"
        yield from wrap(escape(text), style.width, "  - ")
    yield from _more(len(settled.members), "finding", style)
    yield from _evidence(settled, style)


def _unread(settled: Settled, sources: list[UnreadSource], style: Style) -> Iterator[str]:
    """Yield what was not read, by source."""
    yield title(settled.first, style) + _times(settled)
    text = f"{calls_not_read(sources)} not read, and could create VPCs, endpoints or routes"
    yield from wrap(text, style.width, "  ")
    for source in _folded(sources, style):
        first = source.rows[0]
        looks = ", looks like a network" if source.is_network else ""
        calls = first.address + (f" and {source.instances - 1} more" if source.instances > 1 else "")
        yield from wrap(escape(f"{source.name}{looks}: {calls} ({place_of(first.span, style)})"), style.width, "  - ")
    yield from _more(len(sources), "source", style)
    every = list(dict.fromkeys(row.reason for source in sources for row in source.rows))
    for number, reason in enumerate(_folded(every, style)):
        yield from wrap(escape(reason), style.width, "       " if number else "  why: ", " " * 9)
    if settled.fix is not None:
        yield from _fix(settled, settled.fix, style)


def _times(settled: Settled) -> str:
    return f", {settled.findings} times" if settled.findings > 1 else ""


def _folded(items: Sequence[T], style: Style) -> Sequence[T]:
    return items if style.verbose else items[:MAX_LISTED]


def _more(count: int, what: str, style: Style) -> Iterator[str]:
    if count > MAX_LISTED and not style.verbose:
        yield f"  - and {plural(count - MAX_LISTED, f'more {what}')} (--verbose lists them)"


def _evidence(settled: Settled, style: Style) -> Iterator[str]:
    """Yield the code, the reasons and the fix."""
    finding = settled.first
    if finding.status == "fail":
        frame = frame_of(settled, style.width - 4)
        if frame:
            yield from ("", *(paint(f"    {line}", "bold" if line[:1] == ">" else "dim", style) for line in frame), "")
    for number, (words, span) in enumerate(steps_of(settled)):
        text = escape(words) if span is None else f"{escape(words)} ({place_of(span, style)})"
        yield from wrap(text, style.width, "       " if number else "  why: ", " " * 9)
    if settled.fix is not None:
        yield from _fix(settled, settled.fix, style)


def frame_of(settled: Settled, width: int) -> list[str]:
    """Return the lines of code that a block of failures shows: see :func:`code_frame`."""
    finding = settled.first
    span = finding.about.span
    language = inventory_of(settled.members[0].networks).language
    if language == "terraform-plan" and span.file == finding.root:  # its lines contain sensitive values
        return []
    mark = settled.fix.at if settled.fix is not None else None
    if (mark is None or mark.file != span.file) and finding.fix is not None:
        mark = finding.about.field_spans.get(finding.fix.field)
    if mark == span:  # the code of a stub: the whole call stands for it
        mark = None
    return code_frame(span, mark, width)


def title(finding: Finding, style: Style) -> str:
    """Return the first line of a block: "FAIL VPCE001 s3-gateway-endpoint (high)"."""
    from vpce_checks.report.rule_text import rule_text

    rule = rule_text(finding)
    status = paint(finding.status.upper(), STATUS_COLOURS[finding.status], style)
    return f"{status} {finding.rule}{' ' + rule.name if rule else ''} ({finding.severity})"


def _fix(settled: Settled, fix: FixText, style: Style) -> Iterator[str]:
    if not fix.where:
        yield from wrap(escape(fix.text), style.width, "  fix: ")
        return
    file = escape(relative(fix.file, style.cwd)) if fix.at is None else place_of(fix.at, style)
    which = f", for {escape(settled.fix_for)}; it differs for the others" if settled.fix_for else ""
    yield from wrap(f"{fix.where} {file}{which}", style.width, "  fix: ")
    yield ""
    yield from (paint(f"    {escape_source(line)}".rstrip(), "green", style) for line in fix.text.split("\n"))


def place_of(span: Span, style: Style) -> str:
    """Return a place as "FILE:LINE", escaped."""
    return f"{escape(relative(span.file, style.cwd))}:{span.line}"
