"""What is kept of a report, in a cache or on the way from a machine that is not trusted as this one is: what formats show
of it, and not its networks, which hold every value that was handed to a module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.execution.codec import Codec, Malformed
from vpce_checks.files.tracked import Footprint
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import RootKind
from vpce_checks.project.layout import Layout
from vpce_checks.project.listing import Inventory
from vpce_checks.project.networks import Networks
from vpce_checks.project.results import RootReport
from vpce_checks.project.surroundings import Surroundings
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.ignore_uses import IgnoreUse
from vpce_checks.rules.registry import rule_ids

if TYPE_CHECKING:
    from vpce_checks.model.roots import RootKey
    from vpce_checks.project.networks import Unread


class KeptReport(NamedTuple):
    """A :class:`RootReport`, with what formats need of its networks in their place."""

    path: str
    kind: RootKind
    inventory: Inventory
    surroundings: tuple[Surroundings, ...]
    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]
    deployment: str
    policy: str
    ignores: tuple[IgnoreUse, ...]
    layouts: Mapping[str, Layout]

    @property
    def key(self) -> RootKey:
        """What no other report of the scan has."""
        return self.path, self.deployment


class Entry(NamedTuple):
    """Reports, and what was seen of files for them."""

    footprint: Footprint
    reports: tuple[KeptReport, ...]


def keep(report: RootReport) -> KeptReport:
    """What is to be kept of ``report``."""
    networks = report.networks
    if not isinstance(networks, Networks):
        networks = Networks(tuple(networks))
    return KeptReport(
        report.path,
        report.kind,
        networks.inventory,
        networks.surroundings,
        report.findings,
        report.diagnostics,
        report.deployment,
        report.policy,
        report.ignores,
        report.layouts,
    )


def give_back(kept: KeptReport, read: Unread | None = None) -> RootReport:
    """The report that was kept. ``read`` reads its networks once somebody looks at them; without, it has none. Raises
    Malformed for findings of rules that there are not."""
    if not _rules().issuperset(finding.rule for finding in kept.findings if finding.own is None):
        raise Malformed("a rule that there is not")
    unread = read if read is not None and kept.inventory.language else ()
    return RootReport(
        kept.path,
        kept.kind,
        Networks(unread, kept.inventory, kept.surroundings),
        kept.findings,
        kept.diagnostics,
        kept.deployment,
        kept.policy,
        kept.ignores,
        layouts=kept.layouts,
    )


@lru_cache(maxsize=1)
def _rules() -> frozenset[str]:
    return frozenset(rule_ids())


@lru_cache(maxsize=1)
def entries() -> Codec[Entry]:
    """Keeps entries."""
    return Codec(Entry)


@lru_cache(maxsize=1)
def scans() -> Codec[tuple[tuple[KeptReport, Footprint], ...]]:
    """Keeps reports, each with what was seen of files for it."""
    return Codec(tuple[tuple[KeptReport, Footprint], ...])
