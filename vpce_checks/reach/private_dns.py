"""Whether an endpoint answers to its service's ordinary name: by private DNS, or by a private zone in its stead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.model.evidence import Evidence, setting
from vpce_checks.model.network import Endpoint, HostedZone, Network, ZoneRecord, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause, ListValue, Opaque, Reference, Unknown, Value, merge_causes, opaque_parts
from vpce_checks.reach.endpoints import exists, names, truth
from vpce_checks.reach.indexes import associations_by_endpoint
from vpce_checks.reach.opaque import opaque_may_use


class PrivateDns(NamedTuple):
    """Whether private DNS is on, and what says so."""

    on: TriState
    why: tuple[Evidence, ...]


def private_dns(network: Network, endpoint: Endpoint) -> PrivateDns:
    """The private DNS of ``endpoint``, with the separate resource that may set it after the endpoint is created.

    A closed module that is handed the endpoint could turn it on, but is not thought to turn it off.
    """
    declared = endpoint.declared
    inline = truth(endpoint.private_dns)
    said = "on" if inline.yes else "off" if inline.no else "not known"
    omitted = "private DNS is off, as nothing turns it on" if inline.no else ""
    why = [setting(declared, "private_dns", f"private DNS is {said}", omitted)]
    certain: list[TriState] = []
    possible: list[TriState] = []
    doubts: list[Cause] = []
    for association in associations_by_endpoint(network).may_name(declared.address):
        if association.kind != "private_dns":
            continue
        applies = all_of((names(link(association.endpoint), declared.address), exists(association.declared)))
        if applies.no:
            continue
        target = truth(association.target)
        (certain if applies.yes else possible).append(target)
        doubts += applies.causes
        sets = "on" if target.yes else "off" if target.no else "to a value that is not known"
        turns = "turns" if applies.yes else "may turn"
        why.append(Evidence(f"{association.declared.address} {turns} it {sets}", association.declared.span))
    on = one_of([*(certain or [inline]), *possible])
    return PrivateDns(on if on.value is not None else maybe((*on.causes, *doubts)), tuple(why))


def named_by_zone(network: Network, endpoint: Endpoint) -> tuple[TriState, tuple[Evidence, ...]]:
    """Whether a private hosted zone's record or a Route 53 Profile leads to ``endpoint``, and which."""
    answers: list[TriState] = []
    why: list[Evidence] = []
    for record in network.zone_records:
        answer = all_of(
            (mentions(record.targets, endpoint.address), _private(network, record), exists(record.declared))
        )
        answers.append(answer)
        if answer.possible:
            leads = "leads" if answer.yes else "may lead"
            why.append(Evidence(f"the record {record.declared.address} {leads} to it", record.declared.span))
    for shared in network.profile_resources:
        answer = all_of((mentions(shared.resource, endpoint.address), exists(shared.declared)))
        answers.append(answer)
        if answer.possible:
            shares = "shares" if answer.yes else "may share"
            why.append(
                Evidence(f"the Route 53 Profile resource {shared.declared.address} {shares} it", shared.declared.span)
            )
    opaque = opaque_may_use(network, endpoint.address)
    if opaque.possible:
        answers.append(opaque)
        why += (Evidence(f"{cause.text}, and may hold a record for it", cause.span) for cause in opaque.causes)
    return any_of(answers), tuple(why)


def mentions(value: Value, address: str) -> TriState:
    """Whether ``value`` holds a name or id of the object at ``address``.

    Outputs of closed modules and what comes from data sources or variables cannot be names of something created here
    without having been handed them.
    """
    if isinstance(value, ListValue):
        return any_of(_items_mention(value, address))
    return any_of(_partmentions(part, address) for part in opaque_parts(value))


def _items_mention(listed: ListValue, address: str) -> Iterator[TriState]:
    for place, item in enumerate(listed.items):
        presence = listed.maybe.get(place)
        found = any_of(_partmentions(part, address) for part in opaque_parts(item))
        yield all_of((found, YES if presence is None else maybe(presence.causes)))
    if listed.rest is not None:
        yield maybe(listed.rest.causes)


def _partmentions(part: Opaque, address: str) -> TriState:
    if isinstance(part, Reference):
        return YES if part.kind == "resource" and part.address == address else NO
    if isinstance(part, Unknown):
        if part.one_of:
            return one_of(mentions(member, address) for member in part.one_of)
        return NO if part.type in ("bool", "number") else maybe(part.causes)
    return NO


def _private(network: Network, record: ZoneRecord) -> TriState:
    """Whether the zone of ``record`` is private. A zone that is not created here is taken to be: nobody publishes
    the addresses of an endpoint."""
    linked = link(record.zone)
    if linked.external is not None:
        return YES
    zones = [zone for zone in network.hosted_zones if linked.may_be(zone.declared.address)]
    if not zones:
        return YES if linked.certain else maybe(linked.causes)
    answers = [_zone_is_private(network, zone) for zone in zones]
    return one_of([*answers, maybe(linked.causes)] if linked.anything else answers)


def _zone_is_private(network: Network, zone: HostedZone) -> TriState:
    return any_of((_has_vpcs(zone.vpcs), *_associations(network, zone)))


def _associations(network: Network, zone: HostedZone) -> Iterator[TriState]:
    for association in network.zone_associations:
        yield all_of((names(link(association.zone), zone.declared.address), exists(association.declared)))


def _has_vpcs(vpcs: Value) -> TriState:
    if isinstance(vpcs, ListValue):
        if len(vpcs.items) > len(vpcs.maybe):
            return YES
        return NO if vpcs.exact else maybe(merge_causes([vpcs]))
    return NO if vpcs is None else maybe(merge_causes([vpcs]))
