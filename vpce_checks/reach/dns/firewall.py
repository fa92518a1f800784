"""Find out whether the DNS Firewall of a VPC answers a name in place of everything else.

It asks its rules before Resolver looks at zones, in the order of priority, and the first one whose domains match decides.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html ("... including VPC endpoint names")
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-groups.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateFirewallRule.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Network, key_of, link
from vpce_checks.model.resolver import FirewallAssociation, FirewallRule
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_, one_of
from vpce_checks.model.values import Cause, ListValue, Reference, Value, merge_causes
from vpce_checks.reach.dns.horizon import object_named
from vpce_checks.reach.dns.names import Name, is_same, is_within, names_of
from vpce_checks.reach.endpoints import exists, is_present
from vpce_checks.reach.indexes import once
from vpce_checks.reach.opaque import opaque_may_use

OVERRIDE = "OVERRIDE"
"""The answer of a rule that blocks by another name."""


@record
class Block:
    """A rule that blocks ``name``, or may."""

    rule: FirewallRule
    name: Name


@record
class Blocked:
    """Whether DNS Firewall blocks a name, the first rule that does, or may, and what shows it."""

    answer: TriState
    by: Block | None = None
    why: tuple[Evidence, ...] = ()


NOT_BLOCKED = Blocked(NO)


@record
class _Asked:
    """What a VPC asks by an association of a rule group: a rule, or what of the group is not in this code (None).
    ``applies`` is whether it does so before the later ones."""

    association: FirewallAssociation
    rule: FirewallRule | None
    applies: TriState

    @property
    def order(self) -> tuple[int, int] | None:
        """Its place among others: first the priority of the group, then its own. None where that is not known."""
        of_group = _number(self.association.priority)
        own = _number(self.rule.priority) if self.rule is not None else 0
        return None if of_group is None or own is None else (of_group, own)

    @property
    def step(self) -> Evidence:
        """Where the code says that the VPC asks it."""
        declared = self.association.declared
        return Evidence(f"{declared.address} associates a DNS Firewall with the VPC", declared.span)


def blocked(network: Network, place: str, query: Name) -> Blocked:
    """Return whether the DNS Firewall of the VPC at ``place`` blocks ``query`` for clients that ask for IPv4 addresses.

    Domains of which nothing is known block nothing: the lists that AWS manages hold malicious domains, and so do those that
    people keep outside of their code. A list that blocks everything is written out. They may let a name through.
    """
    asked = once(network, "dns firewall", lambda: _asked_by_vpc(network)).get(place)
    if not asked:
        return NOT_BLOCKED
    in_order = all(each.order is not None for each in asked)
    perhaps_before = maybe((Cause("the order of the DNS Firewall rules is not known", asked[0].step.span),))
    passed = [] if in_order else [all_of((_passes(network, each, query), perhaps_before)) for each in asked]
    found: list[TriState] = []
    by: Block | None = None
    why: list[Evidence] = []
    for each in sorted(asked, key=lambda each: each.order or (0, 0)):
        blocks = all_of((_blocks(network, each, query), not_(any_of(passed))))
        if each.rule is not None and blocks.possible:
            found.append(blocks)
            by = by or Block(each.rule, query)
            why += [each.step, Evidence(f"{each.rule.declared.address} blocks {query.text}", each.rule.declared.span)]
        if in_order:
            passed.append(_passes(network, each, query))
    return Blocked(any_of(found), by, tuple(dict.fromkeys(why)))


# -- which rules a VPC asks --------------------------------------------------------------------------------------


def _asked_by_vpc(network: Network) -> dict[str, list[_Asked]]:
    groups: dict[str, list[FirewallRule]] = {}
    for rule in network.firewall_rules:
        groups.setdefault(key_of(link(rule.group)) or "", []).append(rule)
    found: dict[str, list[_Asked]] = {}
    for association in [*network.firewall_associations, *_by_profiles(network, groups.keys())]:
        for vpc, is_it in _places(network, association.vpc):
            there = all_of((is_it, exists(association.declared)))
            found.setdefault(vpc, []).extend(
                _Asked(association, *each) for each in _rules(network, association, groups, there)
            )
    return found


def _places(network: Network, vpc: Value) -> Iterator[tuple[str, TriState]]:
    """Yield the VPCs that an association may be about. One of which nothing is known is about none."""
    linked = link(vpc)
    key = key_of(linked)
    if key is not None:
        yield key, YES
    else:
        yield from ((address, maybe(linked.causes)) for address in linked.candidates)


def _rules(
    network: Network, association: FirewallAssociation, groups: dict[str, list[FirewallRule]], there: TriState
) -> Iterator[tuple[FirewallRule | None, TriState]]:
    """Yield the rules of the group that is associated, and None for those that may be elsewhere."""
    linked = link(association.group)
    group = key_of(linked)
    for rule in (*groups.get(group or "", ()), *(groups.get("", ()) if group else ())):
        is_of = YES if key_of(link(rule.group)) == group else maybe(merge_causes([rule.group]))
        yield rule, all_of((there, is_of, exists(rule.declared)))
    if linked.address is None:
        span = association.declared.span
        causes = linked.causes or (
            Cause(f"the rules of {linked.external or 'a rule group'} are not in this code", span),
        )
        yield None, all_of((there, maybe(causes)))
    elif (opaque := opaque_may_use(network, linked.address)).possible:
        yield None, all_of((there, opaque))


def _by_profiles(network: Network, groups: Collection[str]) -> Iterator[FirewallAssociation]:
    """Yield the rule groups that a VPC has by a Profile. How their priorities go with those of the VPC is not known."""
    for shared in network.profile_resources:
        address = object_named(shared.resource)
        profile = key_of(link(shared.profile))
        if address is None or address not in groups:
            continue
        for binding in network.profile_associations:
            if profile is not None and key_of(link(binding.profile)) == profile:
                yield FirewallAssociation(binding.declared, Reference(address, ("id",)), binding.vpc, None)


def _number(value: Value) -> int | None:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None


# -- what a rule does --------------------------------------------------------------------------------------------


def _blocks(network: Network, asked: _Asked, query: Name) -> TriState:
    rule = asked.rule
    if rule is None:
        return NO
    return all_of((asked.applies, _is_for_ipv4(rule), _has(network, rule, query, NO), _is_block(rule)))


def _passes(network: Network, asked: _Asked, query: Name) -> TriState:
    """Return whether a rule lets a name through, so that none of the later ones is asked."""
    rule = asked.rule
    if rule is None:
        return asked.applies
    unknown = maybe((Cause(f"{rule.declared.address} may allow {query.text}", rule.declared.span),))
    # With ALERT, people watch the lists that AWS manages.
    has = _has(network, rule, query, NO if rule.action == "ALERT" else unknown)
    return all_of((asked.applies, _is_for_ipv4(rule), has, not_(_is_block(rule))))


def _is_for_ipv4(rule: FirewallRule) -> TriState:
    """Return whether a rule is asked about IPv4 addresses: it is for one type of record, or for all."""
    if rule.query_type is None or isinstance(rule.query_type, str):
        return YES if rule.query_type in (None, "", "A") else NO
    return maybe(merge_causes([rule.query_type]))


def _is_block(rule: FirewallRule) -> TriState:
    if not isinstance(rule.action, str):
        return maybe(merge_causes([rule.action]))
    if rule.action.upper() != "BLOCK":
        return NO
    if rule.response is None or (isinstance(rule.response, str) and rule.response.upper() != OVERRIDE):
        return YES
    return maybe((Cause(f"{rule.declared.address} may answer with another name", rule.declared.span),))


def _has(network: Network, rule: FirewallRule, query: Name, unknown: TriState) -> TriState:
    """Return whether the list of a rule has ``query``: the name itself, a wildcard above it, or ``*`` for every name.
    ``unknown`` is the answer of domains of which nothing is known."""
    lists = once(network, "domain lists", lambda: {each.declared.address: each for each in network.domain_lists})
    listed = lists.get(link(rule.domains).address or "")
    if listed is None or not isinstance(listed.domains, ListValue):
        return unknown
    answers = [
        all_of((is_present(listed.domains, place), one_of(_is_for(name, query, unknown) for name in names)))
        for place, item in enumerate(listed.domains.items)
        for names in [names_of(network).all_of(item)]
    ]
    rest = NO if listed.domains.rest is None else unknown
    return all_of((exists(listed.declared), any_of((*answers, rest))))


def _is_for(name: Name | None, query: Name, unknown: TriState) -> TriState:
    if name is None:
        return unknown
    above = name.above_wildcard
    same = is_same(query, name) if above == name else query.depth > above.depth and is_within(query, above)
    if same is None:
        return maybe((Cause(f"cannot compare {query.text} with {name.text}"),))
    return YES if same else NO
