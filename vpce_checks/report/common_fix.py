"""The fix that is shown for several findings that a change of the same code settles: one that fits all of them, if there is one."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.base.record import replace
from vpce_checks.report.deduplicate import Same, in_roots
from vpce_checks.report.fixes.edits.id_lists import has_all
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.fixes.fix_text import FixText


def common_fix(members: Sequence[Same], fixes: Sequence[FixText | None], cwd: str) -> tuple[FixText | None, str]:
    """Return the fix to show for ``members``, whose own ones are ``fixes``, and which of them it is for: empty if it fits all."""
    at = next((at for at in range(len(members)) if all(_fits(fixes[at], each) for each in fixes)), None)
    same = members[at or 0]
    shown = _without_region(same, fixes[at or 0], members)
    if at is not None:
        return shown, ""
    several = len({root for each in members for root in each.roots}) > 1
    return shown, same.finding.resource + (f" {in_roots(same.roots, cwd)}" if several else "")


def _fits(fix: FixText | None, other: FixText | None) -> bool:
    """Return whether ``fix`` does what ``other`` does, too."""
    if fix is None or other is None:
        return fix is other
    one, two = fix.added, other.added
    if one is None or two is None:
        return fix.text == other.text
    if (one.vpc, one.rest) != (two.vpc, two.rest):
        return False
    return one.tables == two.tables or has_all(one.tables, two.tables, one.vpc.rpartition(".")[0])


def _without_region(same: Same, written: FixText | None, members: Sequence[Same]) -> FixText | None:
    """Return the fix of ``same``, which may not name a region if another one is in another region."""
    fix = same.finding.fix
    regions = {each.finding.fix.region for each in members if each.finding.fix is not None}
    if fix is None or written is None or len(regions) < 2:
        return written
    return write_fix(replace(same.finding, fix=replace(fix, region="")), same.networks)
