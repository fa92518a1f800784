"""Find out whether an interface endpoint lets the traffic of its clients in: security groups, then network ACLs.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html#prerequisites-interface-endpoints
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.service_ports import HTTPS, Ports, port_words, service_ports
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import INVENTORY, Declaration, Endpoint, Network, SecurityGroup, Subnet, link
from vpce_checks.model.tristate import TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause, Value, merge_causes
from vpce_checks.reach.acls import Traffic, acls_let_through
from vpce_checks.reach.endpoints import exists_with, home_vpc, names, sole_service, vpc_label
from vpce_checks.reach.opaque import known_by_stub, opaque_may_use
from vpce_checks.reach.ranges import is_every_protocol, takes_ports, takes_tcp
from vpce_checks.reach.rule_sources import Caller, Inbound, Source, takes_in_clients
from vpce_checks.reach.security_groups import (
    HeldGroup,
    adopting,
    belongs,
    declared_group,
    groups_of,
    is_at_home,
    is_default_attribute,
    rules_of,
)

MAX_RULES_SHOWN = 4
"""How many rules of a group the evidence names that do not admit the traffic."""

MAX_RULES = 20_000
"""How many rules of one group are read, to bound the time. AWS allows 1,000."""


@record
class Admission:
    """Whether an endpoint lets traffic in. ``ports`` are those that were asked for. ``why`` is the evidence.

    ``settles`` are the addresses or labels of the groups whose rules are not known: what they are settles the answer for
    every endpoint that has them. ``default`` is whether the answer hangs on who is in the default group of the VPC.
    ``stopped_by`` is what a no or a doubt comes from: the security groups, or the network ACLs, which do not check clients
    in the subnets of the endpoint.
    """

    answer: TriState
    ports: Ports
    why: tuple[Evidence, ...] = ()
    settles: tuple[str, ...] = ()
    default: bool = False
    stopped_by: Literal["groups", "acls"] = "groups"


def ports_of(endpoint: Endpoint) -> Ports | None:
    """Return the TCP ports of the service of ``endpoint``; None if they are not known."""
    short = sole_service(endpoint).short
    return None if short is None else service_ports(short)


def admits(network: Network, endpoint: Endpoint, source: Source = None) -> Admission:
    """Return whether ``endpoint`` lets in the traffic of clients in ``source``, on a port of its service.

    Without ``source``, clients are in the VPC of the endpoint, or in a VPC that a private zone or a Route 53 Profile
    leads to it: one that is let in suffices.
    """
    ports = ports_of(endpoint) or HTTPS
    inbound = Inbound(network, endpoint, ports, source)
    groups = _by_groups(inbound)
    if groups.answer.no:
        return groups

    def admitted(subnet: Subnet) -> TriState:
        return _by_groups(replace(inbound, source=subnet)).answer

    traffic = Traffic(network, endpoint, ports, inbound.place, admitted)
    acls, steps = acls_let_through(traffic)
    answer = all_of((groups.answer, acls))
    if acls.yes:
        return groups
    by: Literal["groups", "acls"] = "groups" if groups.answer.value is None else "acls"
    settles = groups.settles if by == "groups" else (endpoint.address,)
    return Admission(answer, ports, (*groups.why, *steps), settles, groups.default, by)


def _by_groups(inbound: Inbound) -> Admission:
    groups = list(groups_of(inbound.network, inbound.endpoint))
    verdicts = [_group_admits(inbound, group) for group in groups]
    answer = any_of(all_of((group.presence, each.answer)) for group, each in zip(groups, verdicts, strict=True))
    kept = [each for each in verdicts if each.answer.value is answer.value] or verdicts
    why = tuple(step for each in kept for step in each.why)
    settles = tuple(dict.fromkeys(name for each in kept for name in each.settles))
    return Admission(answer, inbound.ports, why, settles, answer.value is None and any(each.default for each in kept))


def _group_admits(inbound: Inbound, group: HeldGroup) -> Admission:
    network, endpoint = inbound.network, inbound.endpoint
    if is_default_attribute(group.value):
        return _of_default(inbound, group.value)
    declared = declared_group(network, group.value)
    if declared is not None:
        found = _declared_admits(inbound, declared)
        at_home = is_at_home(network, endpoint, declared)
        return found if at_home.yes else replace(found, answer=all_of((found.answer, at_home)))
    if group.default:  # of a VPC that is created elsewhere
        return _default_admits(inbound, group.value)
    named = link(group.value)
    label = named.external or "a security group"
    text = f"the rules of {label} are not known here" if named.external else "its security groups are not known"
    causes = merge_causes([group.value]) or (Cause(text),)
    return Admission(
        maybe(causes), inbound.ports, (Evidence(text, endpoint.declared.span),), _settles(group.value, causes)
    )


def _of_default(inbound: Inbound, group: Value) -> Admission:
    """Return what the default group of a VPC does. A declaration that is not certain may leave it as AWS made it."""
    vpc = link(group).address
    adopted = adopting(inbound.network, vpc) if vpc is not None else []
    for each in adopted:
        if (
            vpc is not None
            and names(link(each.vpc), vpc).yes
            and exists_with(each.declared, inbound.endpoint.declared).yes
        ):
            return _declared_admits(inbound, each)
    found = [_declared_admits(inbound, each) for each in adopted]
    found.append(_default_admits(inbound, group))
    return Admission(
        one_of(each.answer for each in found),
        inbound.ports,
        tuple(step for each in found for step in each.why),
        tuple(name for each in found for name in each.settles),
        any(each.default for each in found),
    )


def _default_admits(inbound: Inbound, group: Value) -> Admission:
    """Return what the default group of a VPC does that no code declares: it has its rule for its members, and added ones."""
    endpoint, ports = inbound.endpoint, inbound.ports
    place = vpc_label(endpoint) or "its VPC"
    home = home_vpc(inbound.network, endpoint)
    known = home is None or home.declared.type != INVENTORY
    does = "admits only its own members" if known else "is not in the inventory"
    cause = Cause(f"the default security group of {place} {does}", endpoint.declared.span)
    steps = [Evidence(cause.text, cause.span)]
    for rule, added in _added(inbound, group):
        if added.yes:
            text = (
                f"{rule.declared.address} adds a rule for {port_words(ports)} to the default security group of {place}"
            )
            return Admission(added, ports, (Evidence(text, rule.declared.span),))
        if added.possible and len(steps) <= MAX_RULES_SHOWN:
            steps.append(Evidence(f"{rule.declared.address} may admit {port_words(ports)}", rule.declared.span))
    return Admission(maybe((cause,)), ports, tuple(steps), (f"the default group of {place}",), default=True)


def _declared_admits(inbound: Inbound, group: SecurityGroup) -> Admission:
    """Return what the rules of a group of this configuration do."""
    network, ports = inbound.network, inbound.ports
    address = group.declared.address
    rules = rules_of(network, group)
    if len(rules) > MAX_RULES:
        cause = Cause(f"{address} has more than {MAX_RULES:,} rules", group.declared.span)
        return Admission(maybe((cause,)), ports, (), (address,))
    answers = [_rule_admits(inbound, group, rule) for rule in rules]
    hidden = any_of((opaque_may_use(network, address), known_by_stub(group.declared)))
    answer = any_of((*answers, hidden))
    only_members = answer.value is None and hidden.no and group.default
    steps = tuple(_steps(inbound, group, list(zip(rules, answers, strict=True)), answer))
    return Admission(answer, ports, steps, (address,), only_members)


def _added(inbound: Inbound, group: Value) -> Iterator[tuple[IngressRule, TriState]]:
    """Yield the rules that are added to a default group that no code declares, each with whether it admits the traffic."""
    if link(group).address is not None:
        declared = Declaration("the default security group", "default", inbound.endpoint.declared.span)
        implicit = SecurityGroup(declared, group, default=True)
        for rule in rules_of(inbound.network, implicit):
            yield rule, _rule_admits(inbound, implicit, rule)


def _settles(value: Value, causes: tuple[Cause, ...]) -> tuple[str, ...]:
    linked = link(value)
    return (linked.external,) if linked.external is not None else tuple(cause.text for cause in causes)


def _rule_admits(inbound: Inbound, group: SecurityGroup, rule: IngressRule) -> TriState:
    """Return whether ``rule`` of ``group`` lets the traffic in. The first no ends it."""

    def tests() -> Iterator[TriState]:
        yield belongs(rule, group)
        yield takes_tcp(rule.protocol)
        yield any_of((is_every_protocol(rule.protocol), takes_ports(rule.from_port, rule.to_port, inbound.ports)))
        yield exists_with(rule.declared, inbound.endpoint.declared)
        yield takes_in_clients(inbound, group, rule)

    return all_of(tests())


def _steps(
    inbound: Inbound, group: SecurityGroup, judged: list[tuple[IngressRule, TriState]], answer: TriState
) -> Iterable[Evidence]:
    """Yield the evidence for what a group does: the rule that admits the traffic, or those that do not.

    ``judged`` are its rules, each with whether it admits the traffic.
    """
    address = group.declared.address
    wanted = port_words(inbound.ports)
    if answer.yes:
        place = next((rule.declared.span for rule, each in judged if each.yes), None)
        yield Evidence(f"{address} admits {wanted}", place or group.declared.span)
        return
    if not judged:
        yield Evidence(f"{address} has no ingress rule", group.declared.span)
        return
    verb = "does not admit" if answer.no else "may admit"
    clients = "this caller" if isinstance(inbound.source, Caller) else "the clients of the endpoint"
    shown = [rule for rule, each in judged if each.value is answer.value]
    for rule in shown[:MAX_RULES_SHOWN]:
        yield Evidence(f"{rule.declared.address} {verb} {wanted} from {clients}", rule.declared.span)
