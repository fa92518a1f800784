"""Attachments of subnets to a transit gateway or to a Cloud WAN core network."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.network import Appliance, Declaration
from vpce_checks.model.values import ListValue, Opaque, PartialString, Unknown, Value, choose, merge_causes


def attachments(declared: Declaration, kind: str, subnets: Value) -> Iterator[Appliance]:
    """Yield an attachment of ``kind`` for each of ``subnets``, a set of ids or ARNs."""
    if not isinstance(subnets, ListValue):
        subnets = ListValue((), "set", rest=_one_of(subnets))
    for place, subnet in enumerate(subnets.items):
        presence = subnets.maybe.get(place)
        yield Appliance(declared if presence is None else replace(declared, exists=presence), kind, _subnet(subnet))
    if subnets.rest is not None:
        yield Appliance(replace(declared, exists=subnets.rest), kind, subnets.rest)


def _one_of(subnets: Value) -> Unknown:
    """Return what may be in a set that is not known: one of the members of the sets that it may be."""
    causes = merge_causes([subnets])
    sets = subnets.one_of if isinstance(subnets, Unknown) else ()
    members = [item for each in sets for item in ((*each.items, each.rest) if isinstance(each, ListValue) else (each,))]
    members = [item for item in members if item is not None]
    chosen = choose(members, causes) if members else None
    return chosen if isinstance(chosen, Unknown) else Unknown(causes, one_of=() if chosen is None else (chosen,))


def _subnet(value: Value) -> Value:
    """Return the id in an ARN that is put together: ``arn:aws:ec2:eu-west-1:111122223333:subnet/${id}``."""
    if isinstance(value, PartialString) and len(value.parts) > 1:
        *_, before, last = value.parts
        if isinstance(last, Opaque) and isinstance(before, str) and before.endswith("subnet/"):
            return last
    return value
