"""A policy: which endpoints are required of which VPC, how severe the rules are, and what is ignored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from vpce_checks.base.record import field, record
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.verdict import Severity
from vpce_checks.policy.address_index import AddressIndex
from vpce_checks.policy.glob import matches_address
from vpce_checks.policy.paths import declared_in

if TYPE_CHECKING:
    from datetime import date

    from vpce_checks.model.links import Link
    from vpce_checks.model.network import Declaration
    from vpce_checks.policy.scan_keys import Exclusion, InventoryEntry, RootEntry, RulesDir

BASELINE = "aws-baseline"
"""The pack that holds without a policy file."""

_NOTHING: Mapping[str, str] = {}


WorkloadsMode: TypeAlias = Literal["off", "report", "require"]
"""What is said of workloads: nothing; what certainly cannot work; also what likely cannot."""

WORKLOADS_MODES: tuple[WorkloadsMode, ...] = get_args(WorkloadsMode)

Egress: TypeAlias = Literal["internet", "none"]
"""Where a way leads whose end the code does not show, such as a transit gateway."""

EGRESS: tuple[Egress, ...] = get_args(Egress)

Asks: TypeAlias = Literal["must_have", "must_not_have"]
"""What a rule of the policy's own asks of VPCs: to have an endpoint, or to have none."""


class PolicyError(Exception):
    """A policy that cannot be used: every mistake in it, each with file and line."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(f"{item.file}:{item.line}: {item.message}" for item in self.diagnostics))


def error_at(file: str, line: int, message: str) -> PolicyError:
    """Return the error of one mistake."""
    return PolicyError([Diagnostic("error", message, file, line)])


@record
class Source:
    """Where a policy says something: in words ("the pack aws-baseline"), and the place for a file of the user's."""

    text: str
    span: Span | None = None


@record
class Requirement:
    """A service, by short name, that a policy asks an endpoint for or speaks of otherwise."""

    service: str
    source: Source


@record
class VpcMatch:
    """Which VPCs an entry of ``vpcs`` is for: globs, all of which must match. ``directory`` is what ``path`` starts at.

    ``default`` selects the default VPCs that the code adopts, or all others.
    """

    address: str | None = None
    name: str | None = None
    path: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    directory: str = ""
    default: bool | None = None

    @property
    def words(self) -> str:
        """What it asks for, as in "tag env prod and path envs/**"."""
        globs = [("address", self.address), ("name", self.name), ("path", self.path)]
        globs += [(f"tag {key}", glob) for key, glob in self.tags]
        if self.default is not None:
            globs.append(("default", "true" if self.default else "false"))
        return " and ".join(f"{name} {glob}" for name, glob in globs if glob is not None)


@record
class VpcOverride:
    """What holds for the VPCs that ``match`` names.

    ``gateway``, ``interface`` and ``central`` replace the policy's own lists where they are not None; the ``add_``
    ones add to them. ``exempt`` maps a service to the reason why it is not required.
    """

    match: VpcMatch
    source: Source
    gateway: tuple[Requirement, ...] | None = None
    interface: tuple[Requirement, ...] | None = None
    add_gateway: tuple[Requirement, ...] = ()
    add_interface: tuple[Requirement, ...] = ()
    central: tuple[Requirement, ...] | None = None
    exempt: Mapping[str, str] = _NOTHING
    workloads: WorkloadsMode | None = None
    egress: Egress | None = None


@record
class Described:
    """Which endpoints are meant: all that is not None must hold.

    ``service`` is the short name of a service or a glob of them; services that are not AWS's go by their whole names.
    ``type`` is AWS's word.
    """

    service: str | None = None
    type: str | None = None
    private_dns: bool | None = None


@record
class OwnRule:
    """A rule that a policy declares: an endpoint that some VPCs must have, or must not have. ``match`` is None for
    every VPC. ``elsewhere``: what VPCE003 takes for an endpoint of another VPC is enough."""

    id: str
    title: str
    severity: Severity
    asks: Asks
    endpoint: Described
    source: Source
    match: VpcMatch | None = None
    elsewhere: bool = False
    why: str = ""
    fix: str = ""
    url: str = ""


@record
class RuleSetting:
    """What a policy says of a rule, and where. ``severity`` is None for the rule's own."""

    severity: Severity | None = None
    off: bool = False
    span: Span | None = None


@record
class ModuleEntry:
    """Where the code of a module is: its source as calls write it, an absolute directory, the place that says so.

    ``directory`` is None if the user says that the module creates no VPC, endpoint or route (``none``).
    """

    source: str
    directory: str | None
    span: Span


@record
class IgnoreEntry:
    """Findings of ``rule`` on addresses that match ``resource`` are not reported, up to and including ``until``.

    ``path`` is a glob, relative to ``directory``; it limits the entry to what is declared, or called, in such a file.
    """

    rule: str
    resource: str
    reason: str
    until: date | None
    source: Source
    path: str | None = None
    directory: str = ""

    def covers(self, rule: str, about: Declaration) -> bool:
        """Whether it is for findings of ``rule`` on a resource."""
        if self.rule != rule or not matches_address(self.resource, about.address):
            return False
        return self.path is None or declared_in(about, self.path, self.directory)

    def expired(self, today: date | None = None) -> bool:
        """Whether its time is over (by default: now)."""
        return self.until is not None and (today or type(self.until).today()) > self.until


@record
class Policy:
    """Everything a policy file and what it extends say. ``files`` are the files read, absolute, the user's own first;
    it is empty where a shipped pack alone holds."""

    __slots__ = ("__dict__",)

    gateway: tuple[Requirement, ...] = ()
    interface: tuple[Requirement, ...] = ()
    vpcs: tuple[VpcOverride, ...] = ()
    central: tuple[Requirement, ...] = ()
    rules: Mapping[str, RuleSetting] = field(default_factory=dict)
    ignore: tuple[IgnoreEntry, ...] = ()
    files: tuple[str, ...] = ()
    modules: tuple[ModuleEntry, ...] = ()
    exclude: tuple[Exclusion, ...] = ()
    roots: tuple[RootEntry, ...] = ()
    formats: tuple[tuple[str, Span], ...] = ()
    workloads: WorkloadsMode = "report"
    links: tuple[Link, ...] = ()
    inventory: tuple[InventoryEntry, ...] = ()
    own_rules: tuple[OwnRule, ...] = ()
    rules_dirs: tuple[RulesDir, ...] = ()

    @property
    def name(self) -> str:
        """The absolute path of the user's file, or the name of the pack that holds without one."""
        return self.files[0] if self.files else BASELINE

    @property
    def selects_by_tags(self) -> bool:
        """Whether it selects VPCs by a tag, or by their name, which is one."""
        matches = [*(entry.match for entry in self.vpcs), *(rule.match for rule in self.own_rules)]
        return any(match is not None and (match.tags or match.name is not None) for match in matches)

    def central_of(self, entry: VpcOverride | None) -> tuple[Requirement, ...]:
        """The services that a hub VPC serves if ``entry`` is the one that counts (None: no entry is)."""
        return self.central if entry is None or entry.central is None else entry.central

    def is_off(self, rule: str, *, by_default: bool = False) -> bool:
        """Whether the rule is not to be run. ``by_default``: it is not unless the policy names it."""
        setting = self.rules.get(rule)
        return by_default if setting is None else setting.off

    def severity_of(self, rule: str, default: Severity) -> Severity:
        """The rule's severity: the policy's, else ``default``."""
        setting = self.rules.get(rule)
        return setting.severity if setting is not None and setting.severity is not None else default

    def ignore_for(self, rule: str, about: Declaration, today: date | None = None) -> IgnoreEntry | None:
        """The first entry in force that ignores ``rule`` on a resource."""
        return next((entry for entry in self.ignores_of(rule, about) if not entry.expired(today)), None)

    def ignores_of(self, rule: str, about: Declaration) -> Iterator[IgnoreEntry]:
        """The entries that ignore ``rule`` on a resource, in force or not, in their order."""
        return (entry for entry in self._ignores.candidates(about.address) if entry.covers(rule, about))

    def vpc_entries(self, address: str) -> list[VpcOverride]:
        """The entries of ``vpcs`` whose address may be ``address``, in their order."""
        return self._entries.candidates(address)

    @cached_property
    def _ignores(self) -> AddressIndex[IgnoreEntry]:
        return AddressIndex((entry.resource, entry) for entry in self.ignore)

    @cached_property
    def _entries(self) -> AddressIndex[VpcOverride]:
        return AddressIndex((entry.match.address, entry) for entry in self.vpcs)

    def expired(self, today: date | None = None) -> tuple[Diagnostic, ...]:
        """A warning for every ``ignore`` entry whose time is over, and which therefore ignores nothing any more."""
        return tuple(
            Diagnostic(
                "warning",
                f"this ignore of {entry.rule} on {entry.resource} expired on {entry.until}",
                entry.source.span.file if entry.source.span else entry.source.text,
                entry.source.span.line if entry.source.span else 1,
            )
            for entry in self.ignore
            if entry.expired(today)
        )
