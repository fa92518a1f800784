"""Findings that one change settles, or that have one cause: reports for people show them in one block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vpce_checks.base.record import record, replace
from vpce_checks.model.addresses import leaf, terraform_place
from vpce_checks.model.evidence import Evidence
from vpce_checks.report.deduplicate import Same
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.message import full_message, reasons
from vpce_checks.rules.finding import Finding


@record
class Settled:
    """Findings with one remedy. ``fix`` is what to write (None: nothing can be proposed)."""

    members: tuple[Same, ...]
    fix: FixText | None

    @property
    def first(self) -> Finding:
        """The first finding, which stands for all of them."""
        return self.members[0].finding

    @property
    def findings(self) -> int:
        """How many findings of the report are in it: one a root."""
        return sum(len(same.roots) for same in self.members)


def settled_together(found: Iterable[Same]) -> list[Settled]:
    """Return the findings of one status by remedy, in the order of the first of each.

    Failures are together if the same change of the same code settles them, unknowns if their fix or all their causes are
    the same.
    """
    groups: dict[tuple[object, ...], list[Same]] = {}
    for same in found:
        groups.setdefault(_remedy(same), []).append(same)
    return [Settled(tuple(members), _common_fix(members)) for members in groups.values()]


def _remedy(same: Same) -> tuple[object, ...]:
    finding, fix = same.finding, same.finding.fix
    if finding.status == "unknown":
        if fix is not None and fix.kind == "text":
            return finding.rule, finding.severity, fix.value
        causes = frozenset(step for step in finding.why if step.kind == "cause")
        return (causes,) if causes else (finding.rule, finding.resource, finding.service, finding.about.span)
    place = (finding.rule, finding.severity, finding.about.span, finding.when)
    written = write_fix(finding, same.networks)
    if fix is None or written is None:
        return *place, shared_message([same]), finding.service
    if fix.adds:
        return *place, fix.service, written.file, "" if written.where else written.text
    return *place, fix.field, written.file, written.text


def _common_fix(members: Sequence[Same]) -> FixText | None:
    """Return the fix of the first, which may not name a region if another one is in another region."""
    first = members[0]
    fix = first.finding.fix
    regions = {same.finding.fix.region for same in members if same.finding.fix is not None}
    if fix is None or len(regions) < 2:
        return write_fix(first.finding, first.networks)
    return write_fix(replace(first.finding, fix=replace(fix, region="")), first.networks)


def shared_message(members: Sequence[Same]) -> str:
    """Return the message of the members with the resource as its own module calls it; that of the first if they differ."""
    texts = {
        full_message(same.finding).replace(same.finding.resource, local_name(same.finding.resource)) for same in members
    }
    return texts.pop() if len(texts) == 1 else full_message(members[0].finding)


def local_name(address: str) -> str:
    """Return an address without the way to its module and without instance keys: ``aws_vpc.this``, ``Main``."""
    place = terraform_place(leaf(address))
    return f"{place.type}.{place.name}" if place.type else place.name


def shared_reasons(members: Sequence[Same]) -> list[Evidence]:
    """Return the evidence that all members have."""
    first, *others = ([*reasons(same.finding)] for same in members)
    return [step for step in first if all(step in steps for steps in others)]
