"""What ``vpce-checks fix`` prints: the changes as a unified diff, and what they settle and leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING, TypeVar

from vpce_checks.base.redact import redact_code
from vpce_checks.project.networks import inventory_of
from vpce_checks.report import relative
from vpce_checks.report.deduplicate import deduplicate, in_roots
from vpce_checks.report.message import named_message
from vpce_checks.report.settled import Settled as Undecided
from vpce_checks.report.settled import local_name, settled_together
from vpce_checks.report.text.escape import escape
from vpce_checks.report.text.summary import MAX_CAUSES, by_cause, cause_lines
from vpce_checks.report.text.wrap import plural, wrap

if TYPE_CHECKING:
    from vpce_checks.fixing.plan import Left, Plan, Settled
    from vpce_checks.rules.finding import Finding

    T = TypeVar("T", bound=Settled | Left)

NO_LINE_END = "\\ No newline at end of file"


SETTLED_BY = (
    "Values come from --var-file, --var, --parameters, --region and --inventory, or from roots in the policy. "
    "vpce-checks scan shows the evidence."
)
"""What may decide what is undecided, unless all of it is code that was not read."""


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


def summary_lines(plan: Plan, cwd: str, columns: int, *, written: bool) -> Iterator[str]:
    """Yield what the changes settle and what is left, and why."""
    several = len({each.root for each in plan.settled} | {each.root for each in plan.left}) > 1
    if plan.after:
        places = list(_together(plan.settled, lambda each: ()))
        changed = [same for same in places if not all(each.along for each in same)]
        along = [same for same in places if all(each.along for each in same)]
        if not written:  # after the diff
            yield ""
        verb = "settled" if written else "these changes settle"
        yield f"{verb} {plural(sum(map(len, changed)), 'failure')} in {plural(len(plan.after), 'file')}:"
        for same in changed:
            yield from _item(same, cwd, columns, several=several)
        if along:
            yield ""
            yield f"and along the way {plural(sum(map(len, along)), 'more failure')}:"
        for same in along:
            yield from _item(same, cwd, columns, several=several)
    if plan.left:
        if plan.after:
            yield ""
        yield f"left {plural(len(plan.left), 'failure')}:"
        for same_left in _together(plan.left, lambda each: (each.reason,)):
            yield from _item(same_left, cwd, columns, several=several)
            yield from wrap(escape(same_left[0].reason), columns, "    why: ", " " * 9)
    undecided = _undecided(plan, cwd)
    causes = by_cause(undecided, cwd)
    if not plan.after and not plan.left:
        yield (
            "nothing failed: there is nothing to change"
            if not causes
            else "nothing failed, but not everything is decided"
        )
    if causes:
        count = sum(each.findings for those in causes.values() for each in those)
        yield ""
        yield f"undecided: {plural(count, 'finding')}, for which nothing is changed:"
        yield from cause_lines(causes, MAX_CAUSES, columns)
        if len(causes) > MAX_CAUSES:
            yield f"  and {plural(len(causes) - MAX_CAUSES, 'more cause')} (vpce-checks scan --statistics lists them)"
        if not all(map(_is_of_unread_code, undecided)):
            yield from wrap(SETTLED_BY, columns, "  ", "  ")


def _is_of_unread_code(undecided: Undecided) -> bool:
    """Return whether nothing but code that was not read is the cause: no value decides that."""
    if undecided.first.rule == "VPCE011":
        return True
    causes = [(same, step) for same in undecided.members for step in same.finding.why if step.kind == "cause"]
    return bool(causes) and all(
        step.span is not None and (step.span.file, step.span.line) in inventory_of(same.networks).opaque
        for same, step in causes
    )


def _undecided(plan: Plan, cwd: str) -> list[Undecided]:
    """Return what is undecided of the rules that were asked for."""
    found = deduplicate(plan.reports, "unknown")
    return settled_together(
        (each for each in found if not plan.rules or each.finding.rule in plan.rules), plan.reports, cwd
    )


def _together(items: Iterable[T], more: Callable[[T], tuple[str, ...]]) -> Iterable[list[T]]:
    """Return the failures, those of one place in the code that several instances, roots, or deployments of a root share put
    together."""
    found: dict[object, list[T]] = {}
    for each in items:
        finding = each.finding
        found.setdefault((finding.rule, _local_message(finding), finding.about.span, *more(each)), []).append(each)
    return found.values()


def _local_message(finding: Finding) -> str:
    """Return the message with the resource as its own module calls it."""
    return named_message(finding).replace(finding.resource, local_name(finding.resource))


def _item(same: Sequence[Settled | Left], cwd: str, columns: int, *, several: bool) -> Iterator[str]:
    """Yield the lines of a failure, with the roots that have it."""
    finding = same[0].finding
    span = finding.about.span
    roots = list(dict.fromkeys(each.root for each in same))
    instances = {each.finding.resource for each in same}
    message = named_message(finding) if len(instances) == 1 else _local_message(finding)
    times = f", {len(same)} times" if len(instances) > 1 else ""
    where = f" {in_roots(roots, cwd)}" if several and roots != [(span.file, "")] else ""
    text = f"{finding.rule} {message} ({relative(span.file, cwd)}:{span.line}){times}{where}"
    yield from wrap(escape(text), columns, "  ", "    ")
