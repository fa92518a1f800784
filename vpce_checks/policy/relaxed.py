"""What a later policy asks less than an earlier one. Compared is what they say in the end, not how they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vpce_checks.base.record import replace
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.verdict import Severity
from vpce_checks.policy.glob import matches_address
from vpce_checks.policy.model import WORKLOADS_MODES, IgnoreEntry, OwnRule, Policy, Source, VpcMatch, VpcOverride
from vpce_checks.policy.required import Demands, demands_of

LEVELS = {"off": 0, "low": 1, "medium": 2, "high": 3}

_Key = tuple[str, str]  # type and service of an endpoint


def relaxed(before: Policy, now: Policy, severities: Mapping[str, Severity], file: str) -> Iterator[Diagnostic]:
    """A warning for each thing that ``now`` asks less than ``before``, at its place.

    ``severities`` gives the rules' own by id. ``file`` is the place of what is no longer there. The entries of ``vpcs``
    must give their directories from the same place in both.
    """
    fewer = _Fewer(before, now, Span(file, 1))
    yield from fewer.for_every_vpc()
    yield from fewer.for_some_vpcs()
    yield from _rules(before, now, severities, file)
    yield from _workloads(before, now, file)
    yield from _ignores(before, now)
    yield from _modules(before, now)
    yield from _links(before, now)
    yield from _inventory(before, now, file)
    yield from _rules_dirs(before, now, file)
    yield from _exclusions(before, now)
    yield from _roots(before, now, file)


def _warning(message: str, span: Span) -> Diagnostic:
    return Diagnostic("warning", message, span.file, span.line)


class _Fewer:
    """Endpoints that are no longer required."""

    def __init__(self, before: Policy, now: Policy, place: Span) -> None:
        self._before, self._now = before, now
        self._place = place
        self._entries_before = _by_match(before)
        self._entries = _by_match(now)
        self._dropped = _required(demands_of(before, None)) - _required(demands_of(now, None))

    def for_every_vpc(self) -> Iterator[Diagnostic]:
        """What is asked of a VPC that no entry of ``vpcs`` is for."""
        demands = demands_of(self._now, None)
        for key in sorted(self._dropped):
            yield self._no_more(key, demands, None)

    def for_some_vpcs(self) -> Iterator[Diagnostic]:
        """What is asked of those that an entry is for, in one of the policies at least."""
        for match in dict.fromkeys((*self._entries, *self._entries_before)):
            entry = self._entries.get(match)
            demands = demands_of(self._now, entry)
            asked = _required(demands_of(self._before, self._entries_before.get(match)))
            for key in sorted(asked - _required(demands) - self._dropped):
                yield self._no_more(key, demands, match)
        yield from self._out_of_order()

    def _out_of_order(self) -> Iterator[Diagnostic]:
        """The first entry that matches counts: one that comes before another now, and did not, takes its VPCs away."""
        order = {match: number for number, match in enumerate(self._entries_before)}
        entries = list(self._entries.items())
        for at, (match, entry) in enumerate(entries):
            asked = _required(demands_of(self._now, entry))
            for other, later in entries[at + 1 :]:
                overtaken = other in order and (match not in order or order[match] > order[other])
                lost = _required(demands_of(self._now, later)) - asked
                if overtaken and lost:
                    services = ", ".join(sorted({service for _, service in lost}))
                    message = f"VPCs with {match.words} need no {services} even where {other.words} asks for it"
                    yield _warning(message, entry.source.span or self._place)
                    break

    def _no_more(self, key: _Key, demands: Demands, match: VpcMatch | None) -> Diagnostic:
        type, service = key
        entry = self._entries.get(match) if match is not None else None
        source = entry.source if entry is not None else Source("")
        where = f" in VPCs with {match.words}" if match is not None else ""
        demand = demands.get(key)
        if demand is not None and demand.state == "exempt":
            message = f"{service} is exempt{where}: {demand.reason}"
        elif demand is not None:
            message = f"{service} counts as served by a hub VPC{where}"
            source = demand.source
        else:
            message = f"{service} needs no {type} endpoint any more{where}"
        return _warning(message, source.span or self._place)


def _required(demands: Demands) -> frozenset[_Key]:
    return frozenset(key for key, demand in demands.items() if demand.state == "required")


def _by_match(policy: Policy) -> dict[VpcMatch, VpcOverride]:
    """The entries of ``vpcs`` by what they match. Of two that match the same, the first counts."""
    found: dict[VpcMatch, VpcOverride] = {}
    for entry in policy.vpcs:
        match = entry.match if entry.match.path is not None else replace(entry.match, directory="")
        found.setdefault(match, entry)
    return found


def _rules(before: Policy, now: Policy, severities: Mapping[str, Severity], file: str) -> Iterator[Diagnostic]:
    own = [{rule.id: rule for rule in policy.own_rules} for policy in (before, now)]

    def level(policy: Policy, rule: str) -> str:
        declared = own[policy is now].get(rule)
        default = declared.severity if declared is not None else severities.get(rule, "high")
        return "off" if policy.is_off(rule) else policy.severity_of(rule, default)

    for rule in sorted({*before.rules, *now.rules, *own[0]} - (own[1].keys() - own[0].keys())):
        if before.is_off(rule) and rule in own[0]:
            continue
        if rule in own[0] and rule not in own[1]:
            yield _warning(f"the rule {rule} is not declared any more", Span(file, 1))
            continue
        then, today = level(before, rule), level(now, rule)
        if LEVELS[today] < LEVELS[then]:
            setting = now.rules.get(rule)
            span = (setting.span if setting is not None else None) or Span(file, 1)
            if setting is None and rule in own[1]:
                span = own[1][rule].source.span or span
            how = "is off" if today == "off" else f"has severity {today}, was {then}"
            yield _warning(f"{rule} {how}", span)
        if rule in own[0] and _asked(own[0][rule]) != _asked(own[1][rule]):
            yield _warning(f"maybe: {rule} asks for something else", own[1][rule].source.span or Span(file, 1))


def _asked(rule: OwnRule) -> tuple[object, ...]:
    return rule.asks, rule.endpoint, rule.match, rule.elsewhere


def _workloads(before: Policy, now: Policy, file: str) -> Iterator[Diagnostic]:
    """Yield where less is said of workloads, or where their unknown ways out are said to lead to the Internet."""
    if WORKLOADS_MODES.index(now.workloads) < WORKLOADS_MODES.index(before.workloads):
        yield _warning(f"'workloads' is {now.workloads}, was {before.workloads}", Span(file, 1))
    entries = _by_match(before)
    for match, entry in _by_match(now).items():
        span = entry.source.span or Span(file, 1)
        earlier = entries.get(match)
        mode = entry.workloads or now.workloads
        was = before.workloads if earlier is None else earlier.workloads or before.workloads
        if entry.workloads is not None and WORKLOADS_MODES.index(mode) < WORKLOADS_MODES.index(was):
            yield _warning(f"'workloads' is {mode} in VPCs with {match.words}, was {was}", span)
        if entry.egress == "internet" and (earlier is None or earlier.egress != "internet"):
            yield _warning(f"unknown ways out of VPCs with {match.words} count as leading to the Internet", span)


def _ignores(before: Policy, now: Policy) -> Iterator[Diagnostic]:
    for entry in now.ignore:
        if not entry.expired() and not any(_covers(earlier, entry) for earlier in before.ignore):
            until = f" until {entry.until}" if entry.until is not None else ""
            where = f" in {entry.path}" if entry.path is not None else ""
            message = f"{entry.rule} on {entry.resource}{where} is ignored{until}: {entry.reason}"
            yield _warning(message, entry.source.span or Span(entry.source.text, 1))


def _covers(earlier: IgnoreEntry, entry: IgnoreEntry) -> bool:
    """Whether an earlier entry ignores, for as long, all that ``entry`` does."""
    if earlier.rule != entry.rule:
        return False
    if earlier.until is not None and (entry.until is None or entry.until > earlier.until):
        return False
    if earlier.path is not None and (earlier.path, earlier.directory) != (entry.path, entry.directory):
        return False
    if earlier.resource == entry.resource:
        return True
    # A "*" takes any glob's own characters; a "?" would take the "*" of the other, which is more than one character.
    return "?" not in earlier.resource and matches_address(earlier.resource, entry.resource)


def _modules(before: Policy, now: Policy) -> Iterator[Diagnostic]:
    known = {entry.source: entry.directory for entry in before.modules}
    for entry in now.modules:
        if entry.directory is None and known.get(entry.source, "") is not None:
            yield _warning(f"the module {entry.source} counts as one that creates no endpoints", entry.span)
        elif entry.directory is not None and known.get(entry.source) != entry.directory:
            yield _warning(f"the code of the module {entry.source} is taken from {entry.directory}", entry.span)


def _links(before: Policy, now: Policy) -> Iterator[Diagnostic]:
    """An endpoint in the VPC that a link names satisfies what is required there."""
    known = {(link.root, link.input): link.targets for link in before.links}
    for link in now.links:
        if known.get((link.root, link.input)) != link.targets:
            objects = ", ".join(to.address for to in link.targets)
            yield _warning(f"{link.input} of {link.root} counts as {objects}", link.span)


def _inventory(before: Policy, now: Policy, file: str) -> Iterator[Diagnostic]:
    """What an inventory lists satisfies what is required, and what it no longer lists fails no longer."""
    then = {replace(entry, span=None, as_of=""): entry for entry in before.inventory}
    today = {replace(entry, span=None, as_of=""): entry for entry in now.inventory}
    for key, entry in today.items():
        if key not in then:
            yield _warning(f"what {entry.file} lists counts as deployed", entry.span or Span(file, 1))
    for key, entry in then.items():
        if key not in today and all(other.file != entry.file for other in today.values()):
            yield _warning(f"the inventory {entry.file} is gone", Span(file, 1))


def _rules_dirs(before: Policy, now: Policy, file: str) -> Iterator[Diagnostic]:
    today = {entry.directory for entry in now.rules_dirs}
    for entry in before.rules_dirs:
        if entry.directory not in today:
            yield _warning(f"the rules in {entry.directory} do not hold any more", Span(file, 1))


def _exclusions(before: Policy, now: Policy) -> Iterator[Diagnostic]:
    known = {(entry.glob, entry.directory) for entry in before.exclude}
    for entry in now.exclude:
        if (entry.glob, entry.directory) not in known and entry.span is not None:
            yield _warning(f"{entry.glob} is excluded", entry.span)


def _roots(before: Policy, now: Policy, file: str) -> Iterator[Diagnostic]:
    """Other values may deploy less: nobody knows without a look at them."""
    then = {entry.path: entry.deployments for entry in before.roots}
    today = {entry.path: entry for entry in now.roots}
    for path in sorted({*then, *today}):
        entry = today.get(path)
        if entry is None:
            yield _warning(f"the settings of the root {path} are gone", Span(file, 1))
        elif then.get(path) != entry.deployments:
            yield _warning(f"the root {path} is judged with other settings", entry.span)
