"""The findings of the page: one block for what one change settles, or for what one cause leaves undecided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.model.roots import RootKey
from vpce_checks.model.verdict import Status
from vpce_checks.report import Style, relative, root_name
from vpce_checks.report.deduplicate import MAX_ROOTS_NAMED, Same, in_roots
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.groups import Grouped
from vpce_checks.report.html.blocks import Block, Places
from vpce_checks.report.html.markup import code, folded, link, place, source, source_lines, text
from vpce_checks.report.message import full_message
from vpce_checks.report.rule_text import rule_text
from vpce_checks.report.settled import Settled, local_name, shared_words, steps_of
from vpce_checks.report.text.blocks import frame_of
from vpce_checks.report.text.unread import calls_not_read, sources_shown
from vpce_checks.rules.finding import Finding

WIDEST = 200
"""Columns of quoted code."""
MAX_LISTED = 10
"""How many findings of a block are listed. The others are folded."""
MAX_OPEN = 20
"""If there are more blocks, their evidence is folded."""
MAX_CHARACTERS = 3_200_000
"""The length of all blocks. What is beyond shows no evidence, code and fix: browsers are slow with larger pages."""

TITLES: dict[Status, str] = {
    "fail": "Failures",
    "unknown": "Undecided",
    "ignored": "Ignored or already known",
    "pass": "Passed",
}
WORDS: dict[Status, str] = {"fail": "Fail", "unknown": "Undecided", "ignored": "Ignored", "pass": "Pass"}


class Findings:
    """Writes the blocks of one page. ``is_cut``: some show no evidence, as the page would be too long."""

    def __init__(self, places: Places, style: Style, *, several_roots: bool) -> None:
        self.is_cut = False
        self._places = places
        self._several = several_roots
        self._style = style

    def sections(self, blocks: Sequence[Block]) -> Iterator[str]:
        """Yield the blocks under a heading for each status."""
        heads = {block.anchor: list(self._head(block)) for block in blocks}
        left = MAX_CHARACTERS - sum(len(line) for lines in heads.values() for line in lines)
        for status in self._style.statuses:
            those = [block for block in blocks if block.status == status]
            is_open = status in ("fail", "unknown") and len(blocks) <= MAX_OPEN
            if those:
                yield f'<h3 id="{status}">{TITLES[status]}</h3>'
            for block in those:
                yield from heads[block.anchor]
                details = list(self._details(block)) if left > 0 else []
                left -= sum(map(len, details))
                self.is_cut = self.is_cut or left < 0
                if details and left > 0:
                    yield from folded(_what_is_in(block), details, is_open=is_open)
                yield "</article>"

    def _head(self, block: Block) -> Iterator[str]:
        rules = dict.fromkeys(same.finding.rule for same in block.members)
        roots = (root for same in block.members for root in same.roots)
        yield f'<article class="{block.status}" id="{block.anchor}"{self._data(rules, roots)}>'
        yield from self._answer(block)

    def _data(self, rules: Iterable[str], roots: Iterable[RootKey]) -> str:
        """Return what the filters ask about a finding."""
        data = f' data-rules="{" ".join(map(text, rules))}"'
        if self._several:
            numbers = dict.fromkeys(self._places.roots[root] for root in roots)
            data += f' data-roots="{" ".join(map(str, numbers))}"'
        return data

    # --- what is always shown ----------------------------------------------------------------------------------------

    def _answer(self, block: Block) -> Iterator[str]:
        content = block.content
        first = block.members[0].finding
        if isinstance(content, Grouped):
            yield f"<h4>{_sign(first)} {text(content.title)} ({first.severity})</h4>"
            yield from self._members(block)
            return
        sources = sources_shown(content)
        if sources:
            yield f"<h4>{_title(first)}{_times(content)}</h4>"
            yield f"<p>{text(calls_not_read(sources))} not read, and could create VPCs, endpoints or routes</p>"
            yield from self._members(block)
        elif len(block.members) == 1:
            yield from self._one(block.members[0])
        elif first.status == "fail":
            yield f"<h4>{_title(first)}{_times(content)}</h4>"
            shared, own = shared_words(content.members)
            message = f"{_named(shared, local_name(first.resource), alone=False)} " if shared else ""
            yield f"<p>{message}({place(first.about.span, self._style)})</p>"
            yield from self._members(block, own)
        else:
            is_one = len({same.finding.rule for same in content.members}) == 1
            title = (
                f"{_title(first)}{_times(content)}"
                if is_one
                else f"{_sign(first)} {content.findings} findings with the same cause"
            )
            yield f"<h4>{title}</h4>"
            yield from self._members(block)

    def _one(self, same: Same) -> Iterator[str]:
        finding = same.finding
        yield f"<h4>{_title(finding)}</h4>"
        message = _named(full_message(finding), finding.resource)
        yield f"<p>{message} ({place(finding.about.span, self._style)})</p>"
        if self._several and same.roots != [(finding.about.span.file, "")]:
            yield from self._roots(same, "p")

    def _members(self, block: Block, own: Sequence[str] | None = None) -> Iterator[str]:
        """Yield the list of the findings. ``own`` is what the message of each has that is not said yet; None: all of it."""
        items = [
            self._member(block, number, None if own is None else own[number]) for number in range(len(block.members))
        ]
        yield from ('<ul class="members">', *(line for item in items[:MAX_LISTED] for line in item), "</ul>")
        rest = items[MAX_LISTED:]
        if rest:
            lines = (line for item in rest for line in item)
            yield from folded(f"{len(rest)} more", ('<ul class="members">', *lines, "</ul>"))

    def _member(self, block: Block, number: int, own: str | None) -> Iterator[str]:
        same = block.members[number]
        finding = same.finding
        yield f'<li id="{block.anchor_of(number)}"{self._data([finding.rule], same.roots)}>'
        if own is None:
            yield (
                f"{text(finding.rule)} ({finding.severity}): {_named(full_message(finding), finding.resource)}"
                f" ({place(finding.about.span, self._style)})"
            )
        else:
            calls = finding.about.calls
            called = f" ({place(calls[-1].span, self._style)})" if calls else ""
            yield code(finding.resource) + called + (f": {text(own)}" if own else "")
        if self._several:
            yield from self._roots(same, "span")
        yield "</li>"

    def _roots(self, same: Same, element: str) -> Iterator[str]:
        words = text(in_roots(same.roots, self._style.cwd))
        if len(same.roots) <= MAX_ROOTS_NAMED:
            yield f"<{element}>{words}</{element}>"
            return
        names = (f"<li>{code(root_name(root, self._style.cwd))}</li>" for root in same.roots)
        yield from folded(words, ("<ul>", *names, "</ul>"))

    # --- evidence, code and fix --------------------------------------------------------------------------------------

    def _details(self, block: Block) -> Iterator[str]:
        content = block.content
        if isinstance(content, Grouped):
            yield "<p>Fix: add the endpoints or, to leave these VPCs out, write into the policy</p>"
            yield source([content.advice])
            return
        sources = sources_shown(content)
        if sources:
            steps = [text(reason) for reason in dict.fromkeys(row.reason for each in sources for row in each.rows)]
        else:
            steps = [
                text(words) + (f" ({place(span, self._style)})" if span else "") for words, span in steps_of(content)
            ]
        if steps:
            yield from ('<ul class="why">', *(f"<li>{step}</li>" for step in steps), "</ul>")
        if block.status == "fail":
            frame = frame_of(content, WIDEST)
            if frame:
                yield _frame(frame)
        if content.fix is not None:
            yield from _fix(content, content.fix, self._style)


def _what_is_in(block: Block) -> str:
    content = block.content
    if isinstance(content, Grouped):
        return "What to do"
    return "Why" if content.fix is None else "Why, and what to do"


def _fix(settled: Settled, fix: FixText, style: Style) -> Iterator[str]:
    if not fix.where:
        yield f"<p><strong>Fix:</strong> {text(fix.text)}</p>"
        return
    file = code(relative(fix.file, style.cwd)) if fix.at is None else place(fix.at, style)
    which = f", for {code(settled.fix_for)}; it differs for the others" if settled.fix_for else ""
    yield f"<p><strong>Fix:</strong> {text(fix.where)} {file}{which}</p>"
    yield source(fix.text.split("\n"))


def _frame(lines: Iterable[str]) -> str:
    """Return a code frame. The lines that it marks begin with ">"."""
    marked = (f"<mark>{source_lines([line])}</mark>" if line[:1] == ">" else source_lines([line]) for line in lines)
    return "<pre><code>{}</code></pre>".format("\n".join(marked))


def _title(finding: Finding) -> str:
    rule = rule_text(finding)
    name = f"{link(finding.rule, finding.rule)} {text(rule.name)}" if rule else text(finding.rule)
    return f"{_sign(finding)} {name} ({finding.severity})"


def _sign(finding: Finding) -> str:
    return f"<b>{WORDS[finding.status]}</b>"


def _times(settled: Settled) -> str:
    return f", {settled.findings} times" if settled.findings > 1 else ""


def _named(message: str, name: str, *, alone: bool = True) -> str:
    """Return a message with the name of its resource as code. ``alone``: the name precedes a message without it."""
    before, found, after = message.partition(name) if name else (message, "", "")
    if found:
        return f"{text(before)}{code(name)}{text(after)}"
    return f"{code(name)}: {text(message)}" if alone else text(message)
