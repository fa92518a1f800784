"""What ``vpce-checks fix`` prints: the changes as a unified diff, and what they settle and leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

from vpce_checks.base.redact import redact_code
from vpce_checks.report import relative, root_name
from vpce_checks.report.message import named_message
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.wrap import plural, wrap

if TYPE_CHECKING:
    from vpce_checks.fixing.plan import Left, Plan, Settled

NO_LINE_END = "\\ No newline at end of file"


def diff_lines(plan: Plan, cwd: str) -> Iterator[str]:
    """Yield the changes as ``diff -u`` writes them. Control characters are escaped, but for tabs and line ends."""
    for file in sorted(plan.after):
        name = escape(relative(file, cwd))
        lines = unified_diff(_lines(plan.before[file]), _lines(plan.after[file]), f"a/{name}", f"b/{name}", lineterm="")
        for line in lines:
            text, end, _ = line.partition(NO_LINE_END)
            yield _shown(text)
            if end:
                yield NO_LINE_END


def _lines(text: str) -> list[str]:
    """Return the lines of a text; the last one says if it has no line end."""
    *lines, last = text.split("\n")
    return [*lines, last + NO_LINE_END] if last else lines


def _shown(line: str) -> str:
    end = "\r" if line.endswith("\r") else ""
    return "\t".join(escape(part) for part in redact_code(line.removesuffix("\r")).split("\t")) + end


def summary_lines(plan: Plan, cwd: str, columns: int, written: bool) -> Iterator[str]:
    """Yield what the changes settle and what is left, and why."""
    several = len({each.root for each in plan.settled} | {each.root for each in plan.left}) > 1
    if plan.after:
        yield ""
        verb = "settled" if written else "these changes settle"
        yield f"{verb} {plural(len(plan.settled), 'failure')} in {plural(len(plan.after), 'file')}:"
        yield from _items(plan.settled, cwd, columns, several)
    if plan.left:
        yield ""
        yield f"left {plural(len(plan.left), 'failure')}:"
        for each in plan.left:
            yield from _items([each], cwd, columns, several)
            yield from wrap(escape(each.reason), columns, "    why: ", " " * 9)
    if not plan.after and not plan.left:
        yield "nothing failed: there is nothing to change"


def _items(findings: Sequence[Settled | Left], cwd: str, columns: int, several: bool) -> Iterator[str]:
    for each in findings:
        span = each.finding.about.span
        root = f" in {root_name(each.root, cwd)}" if several and each.root != (span.file, "") else ""
        text = f"{each.finding.rule} {named_message(each.finding)} ({relative(span.file, cwd)}:{span.line}){root}"
        yield from wrap(escape(text), columns, "  ", "    ")
