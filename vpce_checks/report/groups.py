"""Findings that reports for people show together, as nobody wants to read the same thing about each default VPC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vpce_checks.base.record import record
from vpce_checks.model.verdict import Group, Status
from vpce_checks.report.deduplicate import Same

TITLES: dict[Group, str] = {"default-vpc": "default VPCs that the code adopts and nothing in it uses"}


@record
class Grouped:
    """The findings of one group and status. ``advice`` is what to write into the policy to be rid of them."""

    title: str
    status: Status
    members: tuple[Same, ...]
    advice: str


def grouped(found: Iterable[Same]) -> tuple[list[Same], list[Grouped]]:
    """Return the findings that are shown by themselves, and the groups of the others."""
    alone: list[Same] = []
    groups: dict[tuple[Group, Status], list[Same]] = {}
    for same in found:
        group = same.finding.group
        if group is None:
            alone.append(same)
        else:
            groups.setdefault((group, same.finding.status), []).append(same)
    return alone, [
        Grouped(TITLES[name], status, tuple(members), _advice(members)) for (name, status), members in groups.items()
    ]


def _advice(members: Sequence[Same]) -> str:
    fixes = {same.finding.fix.kind for same in members if same.finding.fix is not None}
    lists = ["gateway: []"] if fixes != {"add-interface-endpoint"} else []
    if "add-interface-endpoint" in fixes:
        lists.append("interface: []")
    return f"vpcs: [{{match: {{default: true}}, {', '.join(lists)}}}]"
