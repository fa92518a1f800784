"""The blocks of findings of the page, and where on the page the findings on a VPC and a service are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vpce_checks.base.record import record
from vpce_checks.model.roots import RootKey
from vpce_checks.model.verdict import Status
from vpce_checks.project.results import Report
from vpce_checks.report.deduplicate import Same
from vpce_checks.report.groups import Grouped
from vpce_checks.report.settled import Settled
from vpce_checks.report.text.matrix import ENDPOINT_RULES, Place, VpcCoverage
from vpce_checks.rules.finding import Finding

VpcKey = tuple[RootKey, str]
"""A VPC of the report: its root and its address there."""


@record
class Block:
    """What one change settles, what has one cause, or one group. ``anchor`` is its id on the page."""

    anchor: str
    content: Settled | Grouped

    @property
    def members(self) -> tuple[Same, ...]:
        """Its findings."""
        return self.content.members

    @property
    def status(self) -> Status:
        """The status of its findings."""
        return self.members[0].finding.status

    def anchor_of(self, number: int) -> str:
        """Return the id of one of its findings."""
        return self.anchor if len(self.members) == 1 else f"{self.anchor}-{number + 1}"


@record
class Anchor:
    """One finding on the page."""

    anchor: str
    finding: Finding


@record
class Places:
    """Where things are on the page. ``roots`` are numbers; ``vpcs`` are ids; ``findings`` are those on a VPC by
    service, worst first, and those on endpoints of other VPCs that serve it and cannot work."""

    roots: Mapping[RootKey, int]
    vpcs: Mapping[VpcKey, str]
    findings: Mapping[VpcKey, Mapping[str | None, Sequence[Anchor]]]

    def of_row(self, row: VpcCoverage) -> Mapping[str | None, Sequence[Anchor]]:
        """Return the findings on a VPC by service (None: about no single one)."""
        return self.findings.get((row.root, row.vpc), {})


def numbered(contents: Iterable[Settled | Grouped]) -> list[Block]:
    """Return the contents with the ids that they have on the page."""
    return [Block(f"f{number}", content) for number, content in enumerate(contents, 1)]


def places_of(report: Report, rows: Sequence[VpcCoverage], blocks: Sequence[Block]) -> Places:
    """Return where on the page the VPCs in ``rows`` and their findings are."""
    vpcs = {(row.root, row.vpc): f"v{number}" for number, row in enumerate(rows, 1)}
    findings: dict[VpcKey, dict[str | None, list[Anchor]]] = {}
    of_endpoints: dict[Place, list[Anchor]] = {}
    owners = _Owners(report)
    for block in blocks:
        for number, same in enumerate(block.members):
            anchor = Anchor(block.anchor_of(number), same.finding)
            for key in owners.of(same):
                findings.setdefault(key, {}).setdefault(same.finding.service, []).append(anchor)
            if same.finding.rule in ENDPOINT_RULES and same.finding.status == "fail":
                for root in same.roots:
                    of_endpoints.setdefault((root[0], same.finding.resource), []).append(anchor)
    for row in rows:
        for service, place in row.in_vain.items():
            found = findings.setdefault((row.root, row.vpc), {}).setdefault(service, [])
            found += of_endpoints.get(place, ())
    return Places({root.key: number for number, root in enumerate(report.roots)}, vpcs, findings)


class _Owners:
    """Says which VPCs of the report a finding is about: those of its own roots, or those of the root that creates it."""

    def __init__(self, report: Report) -> None:
        self._inventories = {root.key: root.inventory for root in report.roots}
        self._by_path: dict[str, list[RootKey]] = {}
        for root in report.roots:
            self._by_path.setdefault(root.path, []).append(root.key)

    def of(self, same: Same) -> Iterable[VpcKey]:
        vpc = same.finding.vpc
        found: dict[VpcKey, None] = {}
        if vpc is None:
            return found
        for key in same.roots:
            own, path = self._inventories[key].made_by(vpc)
            if own is not None and path in self._by_path:
                found.update(dict.fromkeys((owner, own) for owner in self._by_path[path]))
            else:  # its own, or one of an inventory
                found[key, vpc] = None
        return found
