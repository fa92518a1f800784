"""Findings that one change settles, or that have one cause: reports for people show them in one block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.base.record import record, replace
from vpce_checks.model.addresses import leaf, terraform_place
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.spans import Span
from vpce_checks.project.results import RootReport
from vpce_checks.report import root_name
from vpce_checks.report.common_fix import common_fix
from vpce_checks.report.deduplicate import Same
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.message import full_message, reasons
from vpce_checks.rules.finding import Finding


@record
class Settled:
    """Findings with one remedy. ``fix`` is what to write (None: nothing can be proposed). If it does not fit all of them,
    ``fix_for`` says which one it is for."""

    members: tuple[Same, ...]
    fix: FixText | None
    fix_for: str = ""

    @property
    def first(self) -> Finding:
        """The first finding, which stands for all of them."""
        return self.members[0].finding

    @property
    def findings(self) -> int:
        """How many findings of the report are in it: one a root."""
        return sum(len(same.roots) for same in self.members)


def settled_together(found: Iterable[Same], roots: Sequence[RootReport], cwd: str) -> list[Settled]:
    """Return the findings of one status by remedy, in the order of the first of each.

    Failures are together if the same change of the same code settles them, unknowns if their fix or all their causes are
    the same. ``roots`` are all of the report: a change of a module must not break another caller of it.
    """
    groups: dict[tuple[object, ...], tuple[list[Same], list[FixText | None]]] = {}
    for same in found:
        written = _written(same)
        members, fixes = groups.setdefault(_remedy(same, written), ([], []))
        members.append(same)
        fixes.append(written)
    settled = [Settled(tuple(members), *common_fix(members, fixes, cwd)) for members, fixes in groups.values()]
    return list(_beside_satisfied_callers(settled, roots, cwd))


def _beside_satisfied_callers(settled: Sequence[Settled], roots: Sequence[RootReport], cwd: str) -> Iterator[Settled]:
    """Yield the same, with words instead of an endpoint in a module whose VPC has such an endpoint for another caller."""
    passing: dict[tuple[str, str | None, Span], str] = {}
    for place in (place for each in settled if (place := _module_changed(each)) is not None):
        passing[place] = ""
    if passing:
        for root in roots:
            for finding in root.findings:
                place = (finding.rule, finding.service, finding.about.span)
                if finding.status == "pass" and passing.get(place) == "":
                    passing[place] = f"{finding.resource} in {root_name(root.key, cwd)}"
    for each in settled:
        place_changed = _module_changed(each)
        other = passing.get(place_changed, "") if place_changed is not None else ""
        yield replace(each, fix=FixText(_words(each.first, other)), fix_for="") if other else each


def _module_changed(settled: Settled) -> tuple[str, str | None, Span] | None:
    """Return the rule, the service and the VPC in a module that the fix adds an endpoint to; None for other fixes."""
    fix, about = settled.first.fix, settled.first.about
    if fix is None or not fix.adds or not about.calls or settled.fix is None or settled.fix.file != about.span.file:
        return None
    return settled.first.rule, settled.first.service, about.span


def _words(finding: Finding, other: str) -> str:
    service = finding.fix.service if finding.fix is not None else ""
    return (
        f"add the endpoint for {service} beside the call of the module, with the ids that the module outputs; an endpoint in "
        f"the module would be a second one for {other}"
    )


def _written(same: Same) -> FixText | None:
    """Return the fix of a finding; None for an unknown for which nothing is to be added or changed before it is decided."""
    finding = same.finding
    if finding.status == "unknown" and (finding.fix is None or finding.fix.kind != "text"):
        return None
    return write_fix(finding, same.networks)


def _remedy(same: Same, written: FixText | None) -> tuple[object, ...]:
    finding, fix = same.finding, same.finding.fix
    if finding.status == "unknown":
        if fix is not None and fix.kind == "text":
            return finding.rule, finding.severity, fix.value
        causes = frozenset(step for step in finding.why if step.kind == "cause")
        if causes:
            return (causes,)
        return finding.rule, finding.severity, finding.about.span, shared_message([same]), *reasons(finding)
    place = (finding.rule, finding.severity, finding.about.span, finding.when)
    if fix is None or written is None:
        return *place, shared_message([same]), finding.service
    if fix.adds:
        return *place, fix.service, written.file, "" if written.where else written.text
    return *place, fix.field, written.file, written.text


def shared_message(members: Sequence[Same]) -> str:
    """Return the message of the members with the resource as its own module calls it; that of the first if they differ."""
    texts = {_local_message(same) for same in members}
    return texts.pop() if len(texts) == 1 else full_message(members[0].finding)


def shared_words(members: Sequence[Same]) -> tuple[str, list[str]]:
    """Return the clauses that the messages of the members begin with, with the resource as its own module calls it, and what
    each message has beside them. Messages that begin differently share nothing."""
    clauses = [_local_message(same).split("; ") for same in members]
    shared = 0
    for those in zip(*clauses, strict=False):
        if len(set(those)) > 1:
            break
        shared += 1
    return "; ".join(clauses[0][:shared]), ["; ".join(each[shared:]) for each in clauses]


def _local_message(same: Same) -> str:
    return full_message(same.finding).replace(same.finding.resource, local_name(same.finding.resource))


def local_name(address: str) -> str:
    """Return an address without the way to its module and without instance keys: ``aws_vpc.this``, ``Main``."""
    place = terraform_place(leaf(address))
    return f"{place.type}.{place.name}" if place.type else place.name


def shared_reasons(members: Sequence[Same]) -> list[Evidence]:
    """Return the evidence that all members have."""
    first, *others = ([*reasons(same.finding)] for same in members)
    return [step for step in first if all(step in steps for steps in others)]


def steps_of(settled: Settled) -> Iterator[tuple[str, Span | None]]:
    """Yield the evidence that a block shows, each step with its place where the reader does not see that already.

    The block shows the place of the finding. Of several calls, each needs its place to be found.
    """
    before: Span | None = None
    steps = shared_reasons(settled.members)
    here = settled.first.about.span
    is_nested = any(step.kind == "call" and step.span != here for step in steps)
    for step in steps:
        is_shown = step.span == here and not (is_nested and step.kind == "call")
        yield step.text, None if step.span == before or is_shown else step.span
        before = step.span
