"""What a scan comes to: a report on each root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import field, record, replace
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import RootKind, Status
from vpce_checks.project.networks import inventory_of

if TYPE_CHECKING:
    from vpce_checks.model.network import Network
    from vpce_checks.model.roots import RootKey
    from vpce_checks.project.layout import Layout
    from vpce_checks.project.listing import Inventory
    from vpce_checks.project.scope import Scope
    from vpce_checks.rules.baseline import Baseline
    from vpce_checks.rules.finding import Finding
    from vpce_checks.rules.ignore_uses import IgnoreUse


@record
class RootReport:
    """What one root deploys and what the rules say about it. ``path`` is absolute; ``networks`` is one a scenario.

    ``deployment`` is the name of one of several deployments of the root ("" for the only one). ``policy`` is the
    absolute path of the policy file that judged it, or the name of a pack; "" if nothing did. What is not ``is_root``
    only says what is wrong with a file about the scan (a policy file, an inventory) or which directory was not looked
    into. ``layouts`` are those of its VPCs by address, if the scan was asked for them.
    """

    path: str
    kind: RootKind
    networks: Sequence[Network] = ()
    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    deployment: str = ""
    policy: str = ""
    ignores: tuple[IgnoreUse, ...] = ()
    is_root: bool = True
    layouts: Mapping[str, Layout] = field(default_factory=dict)

    @property
    def key(self) -> RootKey:
        """What no other report of the scan has."""
        return self.path, self.deployment

    @property
    def inventory(self) -> Inventory:
        """Return the rows of what it deploys."""
        return inventory_of(self.networks)


@record
class Report:
    """The outcome of a scan: everything that a format needs. ``gone`` is what of the baseline is no longer there.

    ``scope`` says which files were left out (None: not known). ``ignores`` are the requests to ignore findings.
    ``own_rules`` are the ids of the users' own rules that hold somewhere in the scan, ``not_run`` says which are not known as
    they are not run; it is among the diagnostics too.
    """

    roots: tuple[RootReport, ...]
    gone: Baseline | None = None
    scope: Scope | None = None
    ignores: tuple[IgnoreUse, ...] = ()
    own_rules: frozenset[str] = frozenset()
    not_run: tuple[Diagnostic, ...] = ()

    @property
    def findings(self) -> Iterator[Finding]:
        """Every finding of every root, in order."""
        return (finding for root in self.roots for finding in root.findings)

    @property
    def files(self) -> frozenset[str]:
        """Every file that was read, once."""
        return frozenset(file for root in self.roots for file in root.inventory.files)

    @property
    def root_count(self) -> int:
        """How many roots were scanned."""
        return sum(root.is_root for root in self.roots)

    @property
    def complete(self) -> bool:
        """Whether every input could be read and parsed."""
        return not any(item.severity == "error" for root in self.roots for item in root.diagnostics)

    def with_warnings(self, warnings: Sequence[Diagnostic]) -> Report:
        """The same with warnings about all of it, before all others."""
        if not warnings:
            return self
        if not self.roots:
            return replace(self, roots=(_about_scan(warnings[0].file, warnings),))
        first, *others = self.roots
        return replace(self, roots=(replace(first, diagnostics=(*warnings, *first.diagnostics)), *others))

    def count(self, status: Status) -> int:
        """How many findings have ``status``."""
        return sum([finding.status for finding in root.findings].count(status) for root in self.roots)


def about_files(diagnostics: Iterable[Diagnostic]) -> Iterator[RootReport]:
    """Yield one report, which is no root, for each file or directory that something is said of."""
    by_file: dict[str, list[Diagnostic]] = {}
    for item in diagnostics:
        by_file.setdefault(item.file, []).append(item)
    for file, items in by_file.items():
        yield _about_scan(file, items)


def _about_scan(file: str, diagnostics: Sequence[Diagnostic]) -> RootReport:
    return RootReport(file, "terraform", diagnostics=tuple(diagnostics), is_root=False)
