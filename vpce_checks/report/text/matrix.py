"""The coverage matrix: how each VPC reaches each service."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from vpce_checks.base.record import field, mutable, record
from vpce_checks.catalog import satisfies
from vpce_checks.model.roots import RootKey
from vpce_checks.project.listing import EndpointRow, VpcRow
from vpce_checks.project.results import Report, RootReport
from vpce_checks.rules.finding import Finding

STATES = (
    "missing",
    "DNS off",
    "broken",
    "partial",
    "by default",
    "unknown",
    "known",
    "gateway",
    "interface",
    "both",
    "central",
    "exempt",
)
"""The states of a cell, those that need attention first.

``DNS off``: an interface endpoint has private DNS off, and no other one of the VPC certainly has it on; or that of a FIPS
variant has, and no other one serves the service. ``broken``: an endpoint is there, another rule about endpoints fails on
it, and no other endpoint takes the calls. ``partial``: one that fails is a gateway endpoint, and all that fails for it is
that it is not in some of the route tables. ``by default``: as it must be while every parameter has its default, and
missing or off with other values. ``known``: a failure that the baseline or the compared revision already has. ``central``: an endpoint of
another VPC serves it; if a rule about endpoints fails on that one, it is ``broken`` here too.
"""

WORDS: Mapping[str, str] = {
    **{state: state for state in STATES},
    "DNS off": "private DNS off",
    "by default": "by default only",
    "known": "already known",
}
"""The states in words, where there is room for them."""

COLOURS: Mapping[str, str] = {
    "missing": "red",
    "broken": "red",
    "partial": "red",
    "DNS off": "red",
    "by default": "yellow",
    "unknown": "yellow",
    "known": "red",
    "gateway": "green",
    "interface": "green",
    "both": "green",
    "central": "green",
    "exempt": "dim",
    "-": "dim",
}

BROAD = 8
"""If there are more services than this, VPCs may be the columns and services the rows."""

REQUIREMENT_RULES = frozenset({"VPCE001", "VPCE002", "VPCE003"})
"""The rules that check whether a required endpoint exists."""

PRIVATE_DNS_RULE = "VPCE004"

ENDPOINT_RULES = frozenset(
    {
        *("VPCE005", "VPCE006", "VPCE007", "VPCE008", "VPCE009", "VPCE010"),
        *("VPCE012", "VPCE013", "VPCE014", "VPCE015", "VPCE016"),
    }
)
"""The rules that check whether calls get through an endpoint, and whether AWS creates it."""

CALL_RULE = "VPCE017"
"""The rule that fails for a call that nothing serves, whether its endpoint is required or not."""

_RULES = REQUIREMENT_RULES | ENDPOINT_RULES | {PRIVATE_DNS_RULE, CALL_RULE}


Place: TypeAlias = "tuple[str, str | None]"
"""The path of a root, and the address of an endpoint or a VPC there."""


@record
class VpcCoverage:
    """One VPC: ``cells`` maps the short name of a service to one of :data:`STATES`. ``in_vain`` maps a service to the endpoint
    of another VPC that serves it and cannot work: the path of its root, and its address there."""

    root: RootKey
    vpc: str
    external: bool
    cells: dict[str, str]
    in_vain: Mapping[str, Place] = field(default_factory=dict)


def coverage(report: Report) -> list[tuple[RootReport, list[VpcCoverage]]]:
    """Return for each root its VPCs with the services that the policy requires or that have an endpoint.

    A VPC is in the root that creates it. What is found on its endpoints in other roots counts there.
    """
    elsewhere: dict[Place, list[tuple[str, Finding]]] = {}
    failing: dict[Place, bool] = {}
    of_endpoints = _RULES - REQUIREMENT_RULES
    for root in report.roots:
        inventory = root.inventory
        for finding in root.findings:
            own, path = inventory.made_by(finding.vpc)
            if path is not None and finding.rule in of_endpoints:
                elsewhere.setdefault((path, own), []).append((root.path, finding))
            if finding.rule in ENDPOINT_RULES and (_fails(finding) or _is_known_failure(finding)):
                for place in (_place(root, address) for address in (finding.resource, *finding.also)):
                    failing[place] = failing.get(place, False) or _fails(finding)
    paths = {root.path for root in report.roots}
    return [(root, _of_root(root, elsewhere, paths, failing)) for root in report.roots]


def services_of(cells: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the services of a matrix, given the cells of its VPCs."""
    return sorted({service for each in cells for service in each})


def is_broad(vpcs: int, services: int) -> bool:
    """Return whether the matrix is easier to read with the VPCs as its columns."""
    return services > BROAD and vpcs < services


def unread_networks(root: RootReport) -> list[list[str]]:
    """Return the calls of modules that were not read and look like a network: those of one source together."""
    unread: dict[str, list[str]] = {}
    for each in root.inventory.unread:
        if each.is_network and each.is_call:
            unread.setdefault(each.source, []).append(each.address)
    return list(unread.values())


def _of_root(
    root: RootReport,
    elsewhere: Mapping[Place, list[tuple[str, Finding]]],
    paths: Collection[str],
    failing: Mapping[Place, bool],
) -> list[VpcCoverage]:
    """Return the VPCs that the root creates, and those that no root among ``paths`` does. ``failing`` are the roots and
    addresses of endpoints that cannot work, each with whether that is new."""
    findings: dict[str | None, list[tuple[str, Finding]]] = {}
    for finding in root.findings:
        if finding.rule in _RULES:
            findings.setdefault(finding.vpc, []).append((root.path, finding))
    endpoints = _Endpoints(root, failing)
    rows = []
    for vpc in root.inventory.vpcs:
        if root.inventory.made_by(vpc.address)[1] in paths:
            continue
        about = (*findings.get(vpc.address, ()), *elsewhere.get((root.path, vpc.address), ()))
        cells = _cells(vpc, about, endpoints)
        in_vain = {
            finding.service: place
            for _, finding in about
            if finding.service is not None and (place := endpoints.broken_hub(finding)) is not None
        }
        rows.append(VpcCoverage(root.key, vpc.address, vpc.external, cells, in_vain))
    return rows


class _Endpoints:
    """The endpoints of a root, as the matrix looks them up. ``sure`` are the addresses of those that are certainly there."""

    def __init__(self, root: RootReport, failing: Mapping[Place, bool]) -> None:
        self._root, self._failing = root, failing
        listed = root.inventory.endpoints
        self.sure = frozenset(one.address for one, when in listed if one.goes_with_vpc and not when)
        self._by_vpc: dict[str | None, list[EndpointRow]] = {}
        for one, _ in listed:
            self._by_vpc.setdefault(one.vpc, []).append(one)
        self._names = {one.address: one.service_name for one, _ in listed}
        self._answered = {
            (one.vpc, name)
            for one, when in listed
            if one.type == "Interface" and one.private_dns and one.goes_with_vpc and not when
            for name in (one.service, one.service_name)
        }
        self._addresses = {_place(root, one.address): one.address for one, _ in listed}

    def by_service(self, vpc: VpcRow) -> dict[str, list[EndpointRow]]:
        """Return the endpoints in a VPC by their services."""
        found: dict[str, list[EndpointRow]] = {}
        for one in self._by_vpc.get(vpc.address, ()):
            if one.service is not None and not (one.foreign and vpc.external):
                found.setdefault(one.service, []).append(one)
        return found

    def address(self, path: str, finding: Finding) -> str:
        """Return what this root calls the resource of a finding on the root ``path``."""
        return self._addresses.get((path, finding.resource), finding.resource)

    def broken_hub(self, finding: Finding) -> Place | None:
        """Return the endpoint of another VPC that is why a finding passes, if a rule about endpoints fails on it."""
        place = None if finding.served_by is None else _place(self._root, finding.served_by)
        return place if place is not None and self._failing.get(place) else None

    def is_by_known_failure(self, finding: Finding) -> bool:
        """Return whether all that fails on the endpoint of another VPC that is why a finding passes is known."""
        place = None if finding.served_by is None else _place(self._root, finding.served_by)
        return place is not None and self._failing.get(place) is False

    def is_answered(self, vpc: str, finding: Finding) -> bool:
        """Return whether private DNS of another endpoint certainly answers for the one that a finding is about."""
        return (vpc, self._names.get(finding.resource, finding.service)) in self._answered


@mutable
class _Verdicts:
    """What the findings about one VPC come to, by service.

    ``broken`` holds the rules that fail, by the address that they fail for. ``useless`` holds those of the addresses for which
    more fails than that some callers are not served, ``known_faults`` the rules of known failures, as ``broken`` does. ``bypassed``
    holds the addresses of endpoints whose private DNS is off,
    ``in_vain`` the services that are served by an endpoint of another VPC that cannot work.
    """

    statuses: dict[str, set[str]] = field(default_factory=dict)
    broken: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    useless: dict[str, set[str]] = field(default_factory=dict)
    known_faults: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    dns_off: set[str] = field(default_factory=set)
    bypassed: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    by_default: set[str] = field(default_factory=set)
    in_vain: set[str] = field(default_factory=set)

    def breaks(self, service: str, finding: Finding, address: str) -> None:
        """Add a finding about a fault of an endpoint."""
        if _is_known_failure(finding):
            self.known_faults.setdefault(service, {}).setdefault(address, set()).add(finding.rule)
        if _fails(finding):
            self.broken.setdefault(service, {}).setdefault(address, set()).add(finding.rule)
            if not finding.serves_some and finding.rule != CALL_RULE:  # which is about one caller
                self.useless.setdefault(service, set()).add(address)

    def add(self, service: str, finding: Finding, address: str, *, is_answered: bool) -> None:
        """Add a finding about whether an endpoint is there, and has private DNS."""
        if finding.is_known and (finding.rule != PRIVATE_DNS_RULE or (finding.failed and not is_answered)):
            self.known.add(service)
        if finding.passes_by_default and finding.status == "fail":
            self.by_default.add(service)
        elif finding.rule != PRIVATE_DNS_RULE:
            self.statuses.setdefault(service, set()).add(finding.status)
        elif finding.status == "fail" and not is_answered:
            self.dns_off.add(service)
            self.bypassed.add(address)


def _cells(vpc: VpcRow, findings: Iterable[tuple[str, Finding]], endpoints: _Endpoints) -> dict[str, str]:
    """Return the states of the services in a VPC, given the findings about it with the paths of their roots."""
    present = endpoints.by_service(vpc)
    verdicts = _Verdicts()
    for path, finding in findings:
        service = finding.service
        is_failure = finding.status == "fail" or _is_known_failure(finding)
        if service is None or (finding.rule == CALL_RULE and not is_failure):
            continue
        address = endpoints.address(path, finding)
        if finding.rule in ENDPOINT_RULES or (finding.rule == CALL_RULE and service in present):
            verdicts.breaks(service, finding, address)
        else:
            verdicts.add(service, finding, address, is_answered=endpoints.is_answered(vpc.address, finding))
            if endpoints.broken_hub(finding) is not None:
                verdicts.in_vain.add(service)
            if endpoints.is_by_known_failure(finding):
                verdicts.known.add(service)
    cells = {}
    for service in sorted({*verdicts.statuses, *verdicts.by_default, *present}):
        serving = _serving(service, present)
        broken, before = verdicts.broken.get(service, {}), verdicts.known_faults.get(service, {})
        every = {each: broken.get(each, set()) | before.get(each, set()) for each in (*broken, *before)}
        working = _used(service, serving, every, endpoints)
        used = working or _used(service, serving, broken, endpoints)
        cells[service] = _state(
            verdicts.statuses.get(service, set()),
            used or serving,
            fault=None if used else _fault(service, serving, verdicts),
            dns_off=service in verdicts.dns_off or _all_in(verdicts.bypassed, serving),
            by_default=service in verdicts.by_default,
            known=service in verdicts.known or len(working) < len(used),
        )
    return cells


def _used(
    service: str, serving: list[EndpointRow], failing: Mapping[str, Collection[str]], endpoints: _Endpoints
) -> Sequence[EndpointRow]:
    """Return those of the endpoints of a service that take its calls. ``failing`` are the rules that fail, by the address that
    they fail for."""
    if not failing:
        return serving
    from vpce_checks.report.text.broken import working

    return working(service, serving, endpoints.sure, failing)


def _fault(service: str, serving: Sequence[EndpointRow], verdicts: _Verdicts) -> str | None:
    """Return what is wrong with the endpoints of a service. What fails for something else than them is about all calls."""
    if not serving:
        return "broken" if service in verdicts.in_vain else None
    useless = verdicts.useless.get(service, set())
    failing = verdicts.broken.get(service, {}).keys() & {each.address for each in serving}
    return "partial" if useless <= failing and failing - useless else "broken"


def _fails(finding: Finding) -> bool:
    return finding.status == "fail" and not finding.passes_by_default


def _is_known_failure(finding: Finding) -> bool:
    return finding.is_known and finding.failed


def _place(root: RootReport, address: str) -> Place:
    """Return the root that has an endpoint, and its address there."""
    own, path = root.inventory.made_by(address)
    return path or root.path, own


def _serving(service: str, present: dict[str, list[EndpointRow]]) -> list[EndpointRow]:
    """Return the endpoints that serve a service: its own, and those of its FIPS variant."""
    return [endpoint for name, those in present.items() if satisfies(name, service) for endpoint in those]


def _all_in(bypassed: Collection[str], endpoints: Sequence[EndpointRow]) -> bool:
    """Return whether a service has endpoints, such as those of its FIPS variant, and private DNS is off for all of them."""
    return bool(endpoints) and all(endpoint.address in bypassed for endpoint in endpoints)


def _state(
    statuses: set[str],
    endpoints: Sequence[EndpointRow],
    *,
    fault: str | None,
    dns_off: bool,
    by_default: bool,
    known: bool,
) -> str:
    """Return the state of a cell, given the endpoints that take the calls. What needs attention most counts."""
    if "fail" in statuses:
        return "missing"
    if dns_off:
        return "DNS off"
    if fault is not None:
        return fault
    if by_default:
        return "by default"
    if "unknown" in statuses:
        return "unknown"
    if known:
        return "known"
    types = {endpoint.type for endpoint in endpoints if endpoint.goes_with_vpc}
    if not types and "pass" in statuses:  # one of them is there whenever the VPC is
        types = {endpoint.type for endpoint in endpoints}
    if {"Gateway", "Interface"} <= types:
        return "both"
    for type, state in (("Gateway", "gateway"), ("Interface", "interface")):
        if type in types:
            return state
    if "pass" in statuses:
        return "central"
    return "exempt" if statuses else "unknown"
