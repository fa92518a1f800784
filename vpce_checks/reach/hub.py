"""Find out whether a VPC reaches a service through an endpoint of another VPC: the hub of a hub-and-spoke network.

The endpoint of the hub has private DNS off. The other VPCs (the spokes) find it through a private hosted zone with the
hostname of the service, or through a Route 53 Profile.
https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from vpce_checks.base.record import record
from vpce_checks.catalog import find_service
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, HostedZone, Link, Network, Vpc, ZoneRecord, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import (
    Cause,
    ListValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    merge_causes,
    opaque_parts,
    pattern,
)
from vpce_checks.reach.coverage import satisfied_by
from vpce_checks.reach.endpoints import (
    exists,
    has_type,
    is_of,
    is_present,
    is_vpc,
    names,
    same_object,
    serves_region_of,
)
from vpce_checks.reach.indexes import TOO_MANY, can_compare, zone_associations, zones_by_address
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.private_dns import mentions, points_to, shares

_ENDS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".aws", ".gov", ".cloud.adc-e.uk")
"""The endings of hostnames of AWS services, in any partition."""


@record
class HubEndpoint:
    """``by`` is the endpoint of another VPC that serves a VPC for certain. ``why`` is the evidence for it or, if ``by`` is
    None, names what may serve the VPC."""

    by: Endpoint | None = None
    why: tuple[Evidence, ...] = ()


def hub_endpoint(network: Network, vpc: Vpc, service: str) -> HubEndpoint:
    """Find the interface endpoint of another VPC that ``vpc`` uses for ``service`` through a zone or a Profile."""
    perhaps: list[Evidence] = []
    for answer, endpoint, step in _ways(network, vpc, service):
        if answer.yes and endpoint is not None:
            return HubEndpoint(endpoint, (satisfied_by(endpoint), step))
        if answer.possible:
            perhaps += (step, *(Evidence(cause.text, cause.span) for cause in answer.causes))
    return HubEndpoint(None, tuple(perhaps))


def _ways(network: Network, vpc: Vpc, service: str) -> Iterator[tuple[TriState, Endpoint | None, Evidence]]:
    """Yield each way to an endpoint for the service: whether it leads there, the endpoint, and the evidence."""
    records, profiles, zones = _seen_from(network, vpc)
    if not records and not profiles and zones.no:
        return
    if not can_compare(network, len(network.endpoints) + len(records) + len(profiles)):
        yield TOO_MANY, None, Evidence(f"the private hosted zones and Profiles of {vpc.address} were not compared")
        return
    named = [_is_name_of(network, record, service) for record, _ in records]
    for endpoint in network.endpoints:
        fits = all_of(_fits(endpoint, vpc, service))
        if fits.no:
            continue
        if not can_compare(network, len(records) + len(profiles) * len(network.profile_resources)):
            yield TOO_MANY, None, Evidence(f"the DNS records for {endpoint.address} were not compared")
            return
        for (zone_record, reach), name in zip(records, named, strict=True):
            points = mentions(zone_record.targets, endpoint.address)
            yield all_of((fits, points, reach, name)), endpoint, points_to(zone_record, endpoint, points)
        for profile, bound in profiles:
            for shared in network.profile_resources:
                same_profile = same_object(shared.profile, profile)
                about = mentions(shared.resource, endpoint.address)
                yield (
                    all_of((fits, about, same_profile, exists(shared.declared), bound)),
                    endpoint,
                    shares(shared, endpoint, about),
                )
        opaque = opaque_may_use(network, endpoint.address)
        if opaque.possible and (zones.possible or profiles):
            step = Evidence(
                f"DNS records for {endpoint.address} may be in code that vpce-checks cannot read",
                endpoint.declared.span,
            )
            yield all_of((fits, opaque)), endpoint, step
    for zone_record, reach in records:
        if _may_lead_elsewhere(zone_record.targets):
            declared = zone_record.declared
            step = Evidence(f"the DNS record {declared.address} may point to such an endpoint", declared.span)
            yield all_of((reach, maybe(merge_causes([zone_record.targets])))), None, step


_Seen = tuple[list[tuple[ZoneRecord, TriState]], list[tuple[Value, TriState]], TriState]
"""The DNS records for AWS hostnames that a VPC sees, its Profiles, and whether it has private hosted zones."""


def _seen_from(network: Network, vpc: Vpc) -> _Seen:
    key = f"names seen from {vpc.address}"
    found = network.lookups.get(key)
    if found is None:
        reaches = ((record, _reaches(network, record, vpc)) for record in network.zone_records)
        records = [(record, reach) for record, reach in reaches if reach.possible]
        zones = any_of(all_of((_of_vpc(network, zone, vpc), _is_of_aws(zone.name))) for zone in network.hosted_zones)
        found = network.lookups[key] = (records, _profiles(network, vpc), zones)
    return cast(_Seen, found)


def _fits(endpoint: Endpoint, vpc: Vpc, service: str) -> Iterator[TriState]:
    yield has_type(endpoint, "Interface")
    yield is_of(endpoint, service)
    yield serves_region_of(endpoint, vpc)
    yield exists(endpoint.declared)


def _reaches(network: Network, record: ZoneRecord, vpc: Vpc) -> TriState:
    """Return whether ``vpc`` sees ``record`` and the record is for a hostname of AWS."""
    linked = link(record.zone)
    zones = _may_be_zones(network, linked)
    others = 0 if linked.address is not None else len(network.zone_associations)
    if not can_compare(network, 1 + len(zones) * (1 + len(zone_associations(network).unsure)) + others):
        return TOO_MANY
    seen = [
        all_of((names(linked, zone.declared.address), _of_vpc(network, zone, vpc), _is_of_aws(zone.name)))
        for zone in zones
    ]
    elsewhere = (
        all_of(
            (
                same_object(association.zone, record.zone),
                is_vpc(association.vpc, vpc),
                exists(association.declared),
                _is_of_aws(record.name),
            )
        )
        for association in network.zone_associations
        if linked.address is None
    )
    return all_of((any_of((*seen, *elsewhere)), exists(record.declared)))


def _may_be_zones(network: Network, linked: Link) -> list[HostedZone]:
    """Return the zones that a link may lead to."""
    if linked.address is not None:
        zone = zones_by_address(network).get(linked.address)
        return [] if zone is None else [zone]
    return [zone for zone in network.hosted_zones if linked.may_be(zone.declared.address)]


def _of_vpc(network: Network, zone: HostedZone, vpc: Vpc) -> TriState:
    """Return whether ``zone`` exists and is associated with ``vpc``."""
    inline = any_of(_items_are(zone.vpcs, vpc))
    separate = (
        all_of(
            (
                names(link(association.zone), zone.declared.address),
                is_vpc(association.vpc, vpc),
                exists(association.declared),
            )
        )
        for association in zone_associations(network).may_be_of(zone.declared.address, vpc.address)
    )
    return all_of((exists(zone.declared), any_of((inline, *separate))))


def _items_are(value: Value, vpc: Vpc) -> Iterator[TriState]:
    if isinstance(value, ListValue):
        for place, item in enumerate(value.items):
            yield all_of((is_vpc(item, vpc), is_present(value, place)))
        if value.rest is not None:
            yield maybe(value.rest.causes)
    elif isinstance(value, Unknown) and value.one_of:
        yield one_of(any_of(_items_are(member, vpc)) for member in value.one_of)
    elif value is not None:
        yield maybe(merge_causes([value]))


def _is_name_of(network: Network, record: ZoneRecord, service: str) -> TriState:
    """Return whether ``record`` is for a hostname of ``service``: yes or maybe, as the known hostnames may be incomplete."""
    linked = link(record.zone)
    zones = [_start(zone.name) for zone in network.hosted_zones if linked.may_be(zone.declared.address)] or [""]
    known = find_service(service)
    names = (*known.private_dns_names, *known.usual_dns_names) if known is not None else ()
    heads = tuple(name.partition("{region}")[0].removeprefix("*.") for name in names)
    own = _start(record.name).removeprefix("*").removeprefix(".")
    for zone in zones:
        whole = zone if own in ("", zone) else own if own.rstrip(".").endswith(_ENDS) else f"{own}.{zone}"
        if not whole.startswith(heads):
            return maybe(
                (
                    Cause(
                        f"it is for {_shown(network, record, zone)}, which might not be a hostname of {service}",
                        record.declared.span,
                    ),
                )
            )
    return YES


def _shown(network: Network, record: ZoneRecord, zone: str) -> str:
    """Return what a report calls the name of ``record`` or of its zone."""
    name = pattern(record.name)
    if name:
        return record.declared.shown("name", name)
    zones = (each for each in network.hosted_zones if _start(each.name) == zone)
    return next((each.declared.shown("name", zone) for each in zones if each.declared.sensitive is not None), zone)


def _start(name: Value) -> str:
    """Return the known beginning of a domain name."""
    start = name.parts[0] if isinstance(name, PartialString) else name
    return start.lower() if isinstance(start, str) else "" if start is None else "?"


def _is_of_aws(name: Value) -> TriState:
    """Return whether a domain name is one of AWS. If only its end is known, the end decides."""
    end = name.parts[-1] if isinstance(name, PartialString) else f".{name}" if isinstance(name, str) else None
    if not isinstance(end, str):
        return maybe(merge_causes([name]))
    end = end.rstrip(".")
    if end.endswith(_ENDS):
        return YES
    may_be_longer = isinstance(name, PartialString) and any(suffix.endswith(end) for suffix in _ENDS)
    return maybe(merge_causes([name])) if may_be_longer else NO


def _profiles(network: Network, vpc: Vpc) -> list[tuple[Value, TriState]]:
    """Return the Profiles that are, or may be, associated with ``vpc``."""
    found = []
    for association in network.profile_associations:
        bound = all_of((is_vpc(association.vpc, vpc), exists(association.declared)))
        if bound.possible:
            found.append((association.profile, bound))
    return found


def _may_lead_elsewhere(targets: Value) -> bool:
    """Return whether ``targets`` may name endpoints that we cannot see: outputs of opaque modules, or unknown values."""
    return any(
        part.kind == "module" if isinstance(part, Reference) else isinstance(part, Unknown) and not part.one_of
        for part in opaque_parts(targets)
    )
