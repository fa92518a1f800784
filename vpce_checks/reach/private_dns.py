"""Find out whether the default hostname of a service leads to an endpoint: by private DNS, or by a private zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.model.evidence import Evidence, setting
from vpce_checks.model.network import Endpoint, HostedZone, Network, ProfileResource, ZoneRecord, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause, ListValue, Opaque, Reference, Unknown, Value, merge_causes, opaque_parts
from vpce_checks.reach.endpoints import exists, is_present, names, truth
from vpce_checks.reach.indexes import associations_by_endpoint
from vpce_checks.reach.opaque import opaque_may_use


class PrivateDns(NamedTuple):
    """Whether private DNS is on, and the evidence."""

    on: TriState
    why: tuple[Evidence, ...]


def private_dns(network: Network, endpoint: Endpoint) -> PrivateDns:
    """Return the private DNS of ``endpoint``. A separate resource may set it after the endpoint is created.

    An opaque module that receives the endpoint is assumed not to turn private DNS off. It may turn it on or replace it:
    :func:`named_by_zone` counts that.
    """
    declared = endpoint.declared
    inline = truth(endpoint.private_dns)
    said = "on" if inline.yes else "off" if inline.no else "unknown"
    omitted = "private DNS is off, because nothing turns it on" if inline.no else ""
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
        verb, value = (
            ("turn", "on" if target.yes else "off") if target.value is not None else ("set", "to an unknown value")
        )
        does = f"{verb}s" if applies.yes else f"may {verb}"
        why.append(Evidence(f"{association.declared.address} {does} it {value}", association.declared.span))
    on = one_of([*(certain or [inline]), *possible])
    return PrivateDns(on if on.value is not None else maybe((*on.causes, *doubts)), tuple(why))


def named_by_zone(network: Network, endpoint: Endpoint) -> tuple[TriState, tuple[Evidence, ...]]:
    """Return whether a record of a private hosted zone or a Route 53 Profile leads to ``endpoint``, and the evidence."""
    answers: list[TriState] = []
    why: list[Evidence] = []
    for record in network.zone_records:
        answer = all_of(
            (mentions(record.targets, endpoint.address), _private(network, record), exists(record.declared))
        )
        answers.append(answer)
        if answer.possible:
            why.append(points_to(record, endpoint, answer))
    for shared in network.profile_resources:
        answer = all_of((mentions(shared.resource, endpoint.address), exists(shared.declared)))
        answers.append(answer)
        if answer.possible:
            why.append(shares(shared, endpoint, answer))
    opaque = opaque_may_use(network, endpoint.address)
    if opaque.possible:
        answers.append(opaque)
        why += (
            Evidence(f"{cause.text}; it may create a DNS record for {endpoint.address}", cause.span)
            for cause in opaque.causes
        )
    return any_of(answers), tuple(why)


def points_to(record: ZoneRecord, endpoint: Endpoint, answer: TriState) -> Evidence:
    """Return the evidence that ``record`` points to ``endpoint``, or may."""
    points = "points" if answer.yes else "may point"
    return Evidence(f"the DNS record {record.declared.address} {points} to {endpoint.address}", record.declared.span)


def shares(shared: ProfileResource, endpoint: Endpoint, answer: TriState) -> Evidence:
    """Return the evidence that a Route 53 Profile shares ``endpoint`` with the VPCs that have the Profile, or may."""
    verb = "shares" if answer.yes else "may share"
    text = f"{shared.declared.address} {verb} {endpoint.address} through a Route 53 Profile"
    return Evidence(text, shared.declared.span)


def mentions(value: Value, address: str) -> TriState:
    """Return whether ``value`` holds a name or id of the object at ``address``.

    Outputs of opaque modules, data sources and variables cannot hold a name of something created here, unless they
    receive it.
    """
    if isinstance(value, ListValue):
        return any_of(_items_mention(value, address))
    return any_of(_part_mentions(part, address) for part in opaque_parts(value))


def _items_mention(listed: ListValue, address: str) -> Iterator[TriState]:
    for place, item in enumerate(listed.items):
        found = any_of(_part_mentions(part, address) for part in opaque_parts(item))
        yield all_of((found, is_present(listed, place)))
    if listed.rest is not None:
        yield maybe(listed.rest.causes)


def _part_mentions(part: Opaque, address: str) -> TriState:
    if isinstance(part, Reference):
        return YES if part.kind == "resource" and part.address == address else NO
    if isinstance(part, Unknown):
        if part.one_of:
            return one_of(mentions(member, address) for member in part.one_of)
        return NO if part.type in ("bool", "number") else maybe(part.causes)
    return NO


def _private(network: Network, record: ZoneRecord) -> TriState:
    """Return whether the zone of ``record`` is private. A zone that is created elsewhere counts as private, because
    nobody publishes the addresses of an endpoint."""
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
