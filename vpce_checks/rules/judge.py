"""Judge the networks of one root: run the rules, merge the scenarios, apply severities and ignores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from vpce_checks.base.defects import defect
from vpce_checks.base.record import replace
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network, OpaqueModule, Vpc, link
from vpce_checks.model.scenario import cases_of, single_out
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import ListValue, Opaque, Reference, Value
from vpce_checks.model.verdict import IgnoredBy, Status
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoints import home_vpc
from vpce_checks.reach.indexes import once
from vpce_checks.rules.comment_index import CommentIndex
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.registry import all_rules

if TYPE_CHECKING:
    from datetime import date

WORST_FIRST: tuple[Status, ...] = ("fail", "unknown", "ignored", "pass")
MOST_CERTAIN_FIRST: tuple[Status, ...] = ("fail", "ignored", "pass", "unknown")

MAX_FAILURES = 100
"""A rule that fails more often than this in one network does not judge the rest of that network."""

ReportDiagnostic = Callable[[Diagnostic], None]

_Key = tuple[str, str, str]

_GIVEN = Reference("what another root gives", kind="parameter")


def judge(
    networks: Sequence[Network],
    policy: Policy,
    rules: Iterable[Rule] | None = None,
    today: date | None = None,
    report: ReportDiagnostic = lambda item: None,
    in_python: Iterable[Rule] = (),
) -> list[Finding]:
    """Return the findings of ``rules`` (default: all rules, and those that the policy declares) and of the users' rules
    ``in_python`` for one root, in a fixed order.

    ``networks`` holds one network for each scenario. A finding holds in every scenario in which its resource exists,
    unless its ``when`` names the scenarios. ``today`` (default: the current date) decides which entries of the policy's
    ``ignore`` have expired. ``report`` receives an error for every rule that fails because of a defect in vpce-checks, or
    of its own; its verdict is then unknown.
    """
    own = (*(_own_rules(policy) if rules is None else ()), *in_python)
    run = [
        rule
        for rule in (*(all_rules() if rules is None else rules), *own)
        if not policy.is_off(rule.id, by_default=not rule.on_by_default)
    ]
    verdicts: dict[_Key, list[tuple[Network, Finding]]] = {}
    for network in networks:
        for rule in run:
            for finding in _check(rule, network, policy, report):
                key = (finding.rule, finding.resource, finding.service or "")
                verdicts.setdefault(key, []).append((network, finding))
    comments = CommentIndex(comment for network in networks for comment in network.ignores)
    shared: dict[object, Any] = {}
    findings = (_merged(_doubted(found), networks, shared, report) for found in verdicts.values())
    settled = [_settle(finding, policy, comments, today) for finding in findings]
    if own:
        texts = {rule.id: rule.text for rule in own}
        settled = [replace(each, own=texts[each.rule]) if each.rule in texts else each for each in settled]
    return sorted(_gathered(settled, run, networks), key=_order)


def _own_rules(policy: Policy) -> tuple[Rule, ...]:
    if not policy.own_rules:
        return ()
    from vpce_checks.rules.own import declared_rules

    return declared_rules(policy)


def _check(rule: Rule, network: Network, policy: Policy, report: ReportDiagnostic) -> Iterator[Finding]:
    """Yield the findings of ``rule``. If it raises for a VPC or endpoint, that one is unknown and reported as an error."""
    subjects = _subjects(rule, network)
    failures = 0
    for subject in subjects:
        check = rule.check
        if subject.address in network.foreign:
            if subject.address not in network.handed:
                continue  # the root that deploys it judges it
            check = partial(_by_its_vpc, rule)
        if network.focus is not None and isinstance(subject, Endpoint) and subject.address not in network.focus:
            continue  # another view shows it more clearly
        if failures == MAX_FAILURES:
            yield _undecided(rule, subject, f"{rule.id} failed too often in {network.root}")
            continue
        try:
            yield from list(check(network, subject, policy))
        except Exception as error:
            failures += 1
            reason, span = defect(error), subject.declared.span
            message = f"{rule.id} could not check {subject.address}: {reason}"
            report(Diagnostic("error", message, span.file, span.line, is_defect=True))
            yield _undecided(rule, subject, reason)


def _by_its_vpc(
    rule: Rule, network: Network, subject: Vpc | Endpoint | OpaqueModule, policy: Policy
) -> Iterator[Finding]:
    """Yield what ``rule`` says of an endpoint only because its VPC and its region are known here. The root that deploys it,
    and does not know them, says the rest."""
    if not isinstance(subject, Endpoint) or home_vpc(network, subject) is None:
        return
    there = once(network, "without the VPCs that are handed on", lambda: _as_seen_there(network))
    same = next(each for each in there.endpoints if each.address == subject.address)
    said = {(finding.service, finding.status) for finding in rule.check(there, same, policy)}
    for finding in rule.check(network, subject, policy):
        if finding.status != "pass" and (finding.service, finding.status) not in said:
            yield finding


def _as_seen_there(network: Network) -> Network:
    """Return ``network`` as the roots see it that deploy the endpoints which are ``handed`` their VPC: without what they get."""

    def hidden(endpoint: Endpoint) -> Endpoint:
        tables, subnets, groups = (
            _without_given(value, network.handed)
            for value in (endpoint.route_tables, endpoint.subnets, endpoint.security_groups)
        )
        return replace(
            endpoint, vpc=_GIVEN, region=_GIVEN, route_tables=tables, subnets=subnets, security_groups=groups
        )

    return replace(
        network, endpoints=tuple(hidden(each) if each.address in network.handed else each for each in network.endpoints)
    )


def _without_given(items: Value, own: frozenset[str]) -> Value:
    """Return ``items`` with each object hidden that is not one of ``own``."""
    if not isinstance(items, ListValue):
        return items
    shown = (_GIVEN if isinstance(each, Opaque) and link(each).address not in own else each for each in items.items)
    return replace(items, items=tuple(shown))


def _subjects(rule: Rule, network: Network) -> Sequence[Vpc | Endpoint | OpaqueModule]:
    if rule.judges == "opaque":
        return network.opaque_modules
    return network.vpcs if rule.judges == "vpc" else network.endpoints


def _undecided(rule: Rule, subject: Vpc | Endpoint | OpaqueModule, reason: str) -> Finding:
    message = f"{rule.id} could not check {subject.address}"
    vpc = subject.address if isinstance(subject, Vpc) else None
    steps = (Evidence(reason, subject.declared.span),)
    return Finding(rule.id, "unknown", rule.severity, subject.declared, message, vpc, why=steps)


def _doubted(found: list[tuple[Network, Finding]]) -> list[tuple[Network, Finding]]:
    """Return the verdicts on one thing. One that fails only in scenarios that may be impossible is unknown there."""
    if not any(network.doubt for network, _ in found):
        return found
    if any(finding.status == "fail" and not network.doubt for network, finding in found):
        return found
    return [
        (
            network,
            replace(finding, status="unknown", why=(*finding.why, Evidence(network.doubt, None, "cause")))
            if finding.status == "fail"
            else finding,
        )
        for network, finding in found
    ]


def _merged(
    found: list[tuple[Network, Finding]],
    networks: Sequence[Network],
    shared: dict[object, Any],
    report: ReportDiagnostic,
) -> Finding:
    """Call :func:`_merge`. If it raises, the finding is unknown and the defect is reported as an error."""
    try:
        return _merge(found, networks, shared)
    except Exception as error:
        network, finding = found[0]
        reason, span = defect(error), finding.about.span
        message = f"{finding.rule} could not check {finding.resource}"
        report(Diagnostic("error", f"{message}: {reason}", span.file, span.line, is_defect=True))
        return replace(
            finding, status="unknown", message=message, why=(Evidence(reason, span),), fix=None, root=network.root
        )


def _merge(found: list[tuple[Network, Finding]], networks: Sequence[Network], shared: dict[object, Any]) -> Finding:
    """Return the worst verdict of all scenarios, with the scenarios in which it holds.

    Most evidence is part of many findings: ``shared`` keeps one copy. If there are several views, each of them is true
    of all scenarios, so the most certain verdict counts.
    """
    views: dict[str, list[tuple[Network, Finding]]] = {}
    for pair in found:
        views.setdefault(pair[0].view, []).append(pair)
    if len(views) > 1:
        worst_of = {
            view: min((item.status for _, item in pairs), key=WORST_FIRST.index) for view, pairs in views.items()
        }
        view = min(views, key=lambda view: MOST_CERTAIN_FIRST.index(worst_of[view]))
        return _merge(views[view], [network for network in networks if network.view == view], shared)
    worst = min((finding.status for _, finding in found), key=WORST_FIRST.index)
    holding = [(network, finding) for network, finding in found if finding.status == worst]
    network, finding = holding[0]
    if worst == "pass":
        return replace(finding, root=network.root, why=_share(finding.why, shared))
    scenarios = [network.scenario for network, _ in holding], [network.scenario for network in networks]
    construct = finding.about.construct_path
    made_by = (Evidence(f"created by the CDK construct {construct}"),) if construct else ()
    doubts = tuple(_doubts_beside(found, networks)) if worst == "fail" else ()
    by_default = {
        item.status for network, item in found if network.scenario is not None and network.scenario.is_default
    }
    return replace(
        finding,
        when=single_out(*scenarios),
        cases=cases_of(*scenarios),
        passes_by_default=worst == "fail" and by_default == {"pass"},
        root=network.root,
        why=_share((*finding.why, *doubts, *made_by), shared),
    )


def _doubts_beside(found: list[tuple[Network, Finding]], networks: Sequence[Network]) -> Iterator[Evidence]:
    """Yield what is unknown in other scenarios than those that fail, so that nobody takes them for passes."""
    unknown = [(network, finding) for network, finding in found if finding.status == "unknown"]
    if unknown:
        when = single_out([network.scenario for network, _ in unknown], [network.scenario for network in networks])
        first = unknown[0][1]
        yield Evidence(f"when {' and '.join(when)}: {first.message}", None, "cause")
        yield from (step for step in first.why if step.kind == "cause")


def _share(why: tuple[Evidence, ...], shared: dict[object, Any]) -> tuple[Evidence, ...]:
    known: tuple[Evidence, ...] | None = shared.get(why)
    if known is None:
        known = shared[why] = tuple(shared.setdefault(step, step) for step in why)
    return known


def _gathered(found: list[Finding], rules: Iterable[Rule], networks: Sequence[Network]) -> Iterator[Finding]:
    """Yield the findings; of a rule that gathers them, those of one root that nobody ignores are put together."""
    gatherers = {rule.id: rule.gather for rule in rules if rule.gather is not None}
    loose: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.rule in gatherers and finding.status != "ignored":
            loose.setdefault(finding.rule, []).append(finding)
        else:
            yield finding
    for rule, findings in loose.items():
        yield from gatherers[rule](findings, networks)


def _settle(finding: Finding, policy: Policy, comments: CommentIndex, today: date | None) -> Finding:
    """Apply the policy's severity to a finding, and ignore it if a comment or the policy says so."""
    severity = policy.severity_of(finding.rule, finding.severity)
    finding = finding if severity == finding.severity else replace(finding, severity=severity)
    if finding.status not in ("fail", "unknown"):
        return finding
    for comment in comments.about(finding):
        if comment.holds(today):
            where = Span(comment.file, comment.line)
            return ignored(finding, "comment", comment.reason or "a comment in the code", where)
    entry = policy.ignore_for(finding.rule, finding.about, today)
    if entry is not None:
        return ignored(finding, "policy", entry.reason, entry.source.span)
    return finding


def ignored(finding: Finding, by: IgnoredBy, reason: str, where: Span | None = None) -> Finding:
    """Return ``finding`` with the status ignored, for ``reason``."""
    step = Evidence(f"ignored: {reason}", where, "ignored")
    message = f"{finding.message} (ignored: {reason})"
    why = (*finding.why, step)
    failed = finding.status == "fail" and not finding.passes_by_default
    settled = replace(finding, status="ignored", message=message, why=why, fix=None, ignored_by=by, reason=reason)
    return replace(settled, failed=failed)


def _order(finding: Finding) -> tuple[str, int, str, str, str]:
    span = finding.about.span
    return span.file, span.line, finding.resource, finding.rule, finding.service or ""
