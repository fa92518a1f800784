"""Find out whether the DNS Firewall of a VPC answers a name in place of everything else.

It asks its rules before Resolver looks at zones, in the order of priority, and the first one whose domains match decides.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html ("... including VPC endpoint names")
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-groups.html
"""

from __future__ import annotations

from vpce_checks.base.record import record, replace
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Network, key_of, link
from vpce_checks.model.resolver import DomainList, FirewallAssociation, FirewallRule
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause, ListValue, Value, merge_causes
from vpce_checks.reach.dns.names import Name, is_same, is_within, names_of
from vpce_checks.reach.endpoints import exists, is_present
from vpce_checks.reach.indexes import once


@record
class Blocked:
    """Whether DNS Firewall blocks a name, the first rule that does, or may, and what shows it."""

    answer: TriState
    rule: FirewallRule | None = None
    why: tuple[Evidence, ...] = ()


@record
class _Asked:
    """A rule that a VPC asks by an association."""

    rule: FirewallRule
    association: FirewallAssociation
    is_in_order: bool = True

    @property
    def priorities(self) -> tuple[int | None, int | None]:
        """What orders it among others: first the priority of its group, then its own."""
        return _number(self.association.priority), _number(self.rule.priority)

    @property
    def applies(self) -> TriState:
        """Whether the rule is there, and is asked before others answer."""
        order = YES if self.is_in_order else maybe((Cause("a priority is not known", self.rule.declared.span),))
        return all_of((exists(self.association.declared), exists(self.rule.declared), order))

    @property
    def step(self) -> Evidence:
        """Where the code says that the VPC asks it."""
        declared = self.association.declared
        return Evidence(f"{declared.address} associates a DNS Firewall with the VPC", declared.span)


NOT_BLOCKED = Blocked(NO)


def blocked(network: Network, place: str, query: Name) -> Blocked:
    """Return whether the DNS Firewall of the VPC at ``place`` blocks ``query``.

    Domains of which nothing is known block nothing: the lists that AWS manages hold malicious domains, and so do those that
    people keep outside of their code. A list that blocks everything is written out.
    """
    asked = once(network, "dns firewall", lambda: _rules_by_vpc(network)).get(place)
    if not asked:
        return NOT_BLOCKED
    lists = {each.declared.address: each for each in network.domain_lists}
    found: list[TriState] = []
    rules: list[FirewallRule] = []
    why: list[Evidence] = []
    for each in asked:
        listed = lists.get(link(each.rule.domains).address or "")
        matches = all_of((each.applies, NO if listed is None else _has(network, listed, query)))
        blocks = all_of((matches, _is_block(each.rule)))
        if blocks.possible:
            found.append(blocks)
            rules.append(each.rule)
            why += [each.step, Evidence(f"{each.rule.declared.address} blocks {query.text}", each.rule.declared.span)]
        if matches.yes:
            break
    return Blocked(any_of(found), rules[0] if rules else None, tuple(dict.fromkeys(why)))


def _rules_by_vpc(network: Network) -> dict[str, list[_Asked]]:
    """Return the rules that each VPC asks, in their order."""
    groups: dict[str, list[FirewallRule]] = {}
    for rule in network.firewall_rules:
        groups.setdefault(key_of(link(rule.group)) or "", []).append(rule)
    found: dict[str, list[_Asked]] = {}
    for association in network.firewall_associations:
        vpc, group = key_of(link(association.vpc)), key_of(link(association.group))
        if vpc is not None and group is not None:
            found.setdefault(vpc, []).extend(_Asked(rule, association) for rule in groups.get(group, ()))
    return {vpc: _in_order(asked) for vpc, asked in found.items()}


def _in_order(asked: list[_Asked]) -> list[_Asked]:
    """Return rules by priority. Where one is not known, none of them is certain to be asked."""
    if all(None not in each.priorities for each in asked):
        return sorted(asked, key=lambda each: [number or 0 for number in each.priorities])
    return [replace(each, is_in_order=False) for each in asked]


def _number(value: Value) -> int | None:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None


def _is_block(rule: FirewallRule) -> TriState:
    if isinstance(rule.action, str):
        return YES if rule.action.upper() == "BLOCK" else NO
    return maybe(merge_causes([rule.action]))


def _has(network: Network, listed: DomainList, query: Name) -> TriState:
    """Return whether a list has ``query``: the name itself, a wildcard above it, or ``*`` for every name."""
    domains = listed.domains
    if not isinstance(domains, ListValue):
        return NO
    answers = [
        all_of((is_present(domains, place), one_of(_is_for(name, query) for name in names_of(network).all_of(item))))
        for place, item in enumerate(domains.items)
    ]
    return all_of((exists(listed.declared), any_of(answers)))


def _is_for(name: Name | None, query: Name) -> TriState:
    if name is None:
        return NO
    above = name.above_wildcard
    same = is_same(query, name) if above == name else query.depth > above.depth and is_within(query, above)
    if same is None:
        return maybe((Cause(f"cannot compare {query.text} with {name.text}"),))
    return YES if same else NO
