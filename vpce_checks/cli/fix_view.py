"""What ``vpce-checks fix`` prints: the changes as a unified diff, and what they settle and leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING, TypeVar

from vpce_checks.base.redact import redact_code
from vpce_checks.report import relative
from vpce_checks.report.deduplicate import in_roots
from vpce_checks.report.message import named_message
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.wrap import plural, wrap

if TYPE_CHECKING:
    from vpce_checks.fixing.plan import Left, Plan, Settled

    T = TypeVar("T", bound=Settled | Left)

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
        for same in _together(plan.settled, lambda each: ()):
            yield from _item(same, cwd, columns, several)
    if plan.left:
        yield ""
        yield f"left {plural(len(plan.left), 'failure')}:"
        for same_left in _together(plan.left, lambda each: (each.reason,)):
            yield from _item(same_left, cwd, columns, several)
            yield from wrap(escape(same_left[0].reason), columns, "    why: ", " " * 9)
    if not plan.after and not plan.left:
        yield "nothing failed: there is nothing to change"


def _together(items: Iterable[T], more: Callable[[T], tuple[str, ...]]) -> Iterable[list[T]]:
    """Return the failures, those of one place in the code that several roots, or deployments of a root, share put together."""
    found: dict[object, list[T]] = {}
    for each in items:
        finding = each.finding
        found.setdefault((finding.rule, named_message(finding), finding.about.span, *more(each)), []).append(each)
    return found.values()


def _item(same: Sequence[Settled | Left], cwd: str, columns: int, several: bool) -> Iterator[str]:
    """Yield the lines of a failure, with the roots that have it."""
    finding = same[0].finding
    span = finding.about.span
    roots = [each.root for each in same]
    where = f" {in_roots(roots, cwd)}" if several and roots != [(span.file, "")] else ""
    text = f"{finding.rule} {named_message(finding)} ({relative(span.file, cwd)}:{span.line}){where}"
    yield from wrap(escape(text), columns, "  ", "    ")
