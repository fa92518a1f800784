"""Doubt what resources that own all rules of a security group, or all records of a zone, do not list.

They take it away, and the next apply adds it again: neither is certain to be the last one.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_rules_exclusive
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_records_exclusive
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from vpce_checks.base.record import replace
from vpce_checks.model.filters import Exclusive, IngressRule
from vpce_checks.model.network import INVENTORY, Declaration, Network, Part, ZoneRecord, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Reference, Unknown, Value
from vpce_checks.reach.endpoints import exists, same_object
from vpce_checks.reach.indexes import Naming
from vpce_checks.reach.listed import listed

Taken = TypeVar("Taken", IngressRule, ZoneRecord, Part)


def without_taken(network: Network) -> Network:
    """Return ``network`` with doubt about the rules and records that its exclusive resources take away, or may take away. What they
    keep and is not in this code may be anything."""
    if not network.exclusives:
        return network
    incoming, outgoing, records = (_by_owner(network, kind) for kind in ("ingress", "egress", "records"))
    known = frozenset((*_addresses(network.ingress_rules), *_addresses(network.parts)))
    rules = (left for rule in network.ingress_rules for left in _left(rule, rule.group, incoming))
    parts = (left for part in network.parts for left in _part_left(part, outgoing))
    return replace(
        network,
        ingress_rules=(*rules, *(_any_rule(each, why) for each, why in _of_elsewhere(incoming.all, known))),
        parts=(*parts, *(_any_way_out(each, why) for each, why in _of_elsewhere(outgoing.all, known))),
        zone_records=tuple(left for record in network.zone_records for left in _left(record, record.zone, records)),
    )


def _addresses(things: Iterable[IngressRule | Part]) -> Iterator[str]:
    return (each.declared.address for each in things)


def _by_owner(network: Network, kind: str) -> Naming[Exclusive]:
    return Naming([each for each in network.exclusives if each.kind == kind], lambda each: each.owner)


def _may_own(exclusives: Naming[Exclusive], owner: Value) -> Sequence[Exclusive]:
    """Return those that may be for the group or zone ``owner``."""
    address = link(owner).address
    return exclusives.all if address is None else exclusives.may_name(address)


def _left(thing: Taken, owner: Value, exclusives: Naming[Exclusive]) -> Iterator[Taken]:
    """Yield ``thing``, which may not be there if it is taken away."""
    for each in _may_own(exclusives, owner):
        taken = _takes(each, thing.declared, owner)
        if taken.possible:
            thing = replace(thing, declared=_doubted(thing.declared, each, taken))
    yield thing


def _takes(exclusive: Exclusive, declared: Declaration, owner: Value) -> TriState:
    """Return whether ``exclusive`` takes away what is declared so, and belongs to ``owner``."""
    if exclusive.declared.address == declared.address:
        return NO
    if exclusive.kind == "records":
        # A record of a name that is kept is the one that the exclusive resource declares itself.
        listed_all = isinstance(exclusive.kept, ListValue) and exclusive.kept.exact
        kept = NO if listed_all else maybe(cause for _, presence in listed(exclusive.kept) for cause in presence.causes)
    else:
        kept = any_of(all_of((presence, _is(item, declared))) for item, presence in listed(exclusive.kept))
    return all_of((same_object(exclusive.owner, owner), exists(exclusive.declared), not_(kept)))


def _is(item: Value, declared: Declaration) -> TriState:
    """Return whether the id ``item`` is of the rule that is declared so. An inventory may list a rule whose id is written out."""
    named = link(item)
    if named.address == declared.address:
        return YES
    if named.may_be(declared.address) or (named.external is not None and declared.type == INVENTORY):
        return maybe(named.causes)
    return NO


def _doubted(declared: Declaration, exclusive: Exclusive, taken: TriState) -> Declaration:
    cause = _taking(exclusive, declared, taken)
    earlier = () if declared.exists is True else declared.exists.causes
    return replace(declared, exists=Unknown((*earlier, cause, *taken.causes)))


def _taking(exclusive: Exclusive, declared: Declaration, taken: TriState) -> Cause:
    here, there = exclusive.declared.address, declared.address
    words = f"{here} takes away what {there} adds, and each apply undoes the last one"
    return Cause(words if taken.yes else f"{here} may take {there} away", exclusive.declared.span)


def _part_left(part: Part, exclusives: Naming[Exclusive]) -> Iterator[Part]:
    """Yield a part. The rules in a security group that are taken away are not known."""
    if part.kind in ("firewall_rule", "egress_rule"):
        if part.kind == "firewall_rule" and part.get("direction") == "ingress":
            yield part
        else:
            yield from _left(part, part.get("firewall"), exclusives)
        return
    if part.kind == "firewall" and part.get("egress") is not None:
        own = Reference(part.address, ("id",))
        taken = ((each, _takes(each, part.declared, own)) for each in _may_own(exclusives, own))
        doubts = [(_taking(each, part.declared, answer), *answer.causes) for each, answer in taken if answer.possible]
        if doubts:
            items = {**part.arguments.items, "egress": Unknown(tuple(chain.from_iterable(doubts)))}
            part = replace(part, arguments=replace(part.arguments, items=items))
    yield part


def _of_elsewhere(exclusives: Iterable[Exclusive], known: frozenset[str]) -> Iterator[tuple[Exclusive, Unknown]]:
    """Yield the exclusive resources that keep rules of which nothing is in this code, with what says so."""
    for each in exclusives:
        if any((link(item).address or "") not in known for item, _ in listed(each.kept)):
            text = f"{each.declared.address} keeps rules that are not in this code"
            yield each, Unknown((Cause(text, each.declared.span),))


def _any_rule(exclusive: Exclusive, why: Opaque) -> IngressRule:
    declared = replace(exclusive.declared, exists=why)
    return IngressRule(declared, exclusive.owner, why, why, why, why, why, why, why)


def _any_way_out(exclusive: Exclusive, why: Opaque) -> Part:
    fields = ("protocol", "from", "to", "ranges", "lists", "groups", "ipv6")
    arguments = {"firewall": exclusive.owner, **dict.fromkeys(fields, why)}
    return Part(replace(exclusive.declared, exists=why), "egress_rule", MapValue(arguments, "map"))
