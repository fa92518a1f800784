"""What makes AWS refuse the private DNS of an endpoint: its type, its service, or a private zone of the same name.

https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from vpce_checks.catalog import find_service
from vpce_checks.model.evidence import Evidence, setting
from vpce_checks.model.network import Endpoint, Network, key_of, link
from vpce_checks.model.resolver import EndpointService
from vpce_checks.model.tristate import NO, YES, TriState, all_of, maybe, not_
from vpce_checks.model.values import merge_causes
from vpce_checks.reach.dns.horizon import horizons_of
from vpce_checks.reach.dns.names import is_same
from vpce_checks.reach.dns.private_names import own_service, private_names
from vpce_checks.reach.endpoints import exists, has_type, same_object, services
from vpce_checks.reach.indexes import once
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.private_dns import TYPES_WITHOUT


class Refusal(NamedTuple):
    """A reason for AWS to refuse private DNS: whether it is given, the reason in words, and the evidence."""

    answer: TriState
    text: str
    why: tuple[Evidence, ...]


def refusals(network: Network, endpoint: Endpoint) -> Iterator[Refusal]:
    """Yield what may make AWS refuse private DNS for ``endpoint``, whether it asks for it or not."""
    for type in TYPES_WITHOUT:
        text = f"endpoints of type {type} have none"
        where = setting(endpoint.declared, "type", f"the type is {type}")
        yield Refusal(has_type(endpoint, type), text, (where,))
    shorts = {service.short for service in services(endpoint)}
    known = [find_service(short) for short in shorts if short is not None]
    if len(known) == len(shorts) and all(each is not None and each.private_dns == "no" for each in known):
        text = f"AWS does not offer it for {' or '.join(sorted(filter(None, shorts)))}"
        yield Refusal(has_type(endpoint, "Interface"), text, (setting(endpoint.declared, "service_name", text),))
    own = own_service(network, endpoint)
    if own is not None:
        nameless = all_of((_has_no_name(network, own), exists(own.declared)))
        step = Evidence(f"{own.declared.address} sets no private DNS name", own.declared.span)
        yield Refusal(nameless, f"the endpoint service {own.declared.address} has no private DNS name", (step,))
    yield from _zones_of_the_name(network, endpoint)


def _has_no_name(network: Network, service: EndpointService) -> TriState:
    name = service.private_dns_name
    if name is None or name == "":
        return not_(opaque_may_use(network, service.declared.address))
    return NO if isinstance(name, str) else maybe(merge_causes([name]))


def _zones_of_the_name(network: Network, endpoint: Endpoint) -> Iterator[Refusal]:
    """Yield the private zones that are associated with the VPC of ``endpoint`` and have a name that its private DNS needs.

    A zone that a Profile shares is not associated with the VPC, and one of a name above it is no conflict.
    """
    horizons = horizons_of(network)
    place = key_of(link(endpoint.vpc))
    near = [(YES, horizons.by_vpc[place].direct)] if place in horizons.by_vpc else []
    near += [
        (maybe(linked.causes), horizon.direct)
        for linked, horizon in horizons.unplaced.items()
        if place is None or linked.may_be(place)
    ]
    if place is None:
        near += [(maybe(link(endpoint.vpc).causes), horizon.direct) for horizon in horizons.by_vpc.values()]
    for name, proven in private_names(network, endpoint):
        if name is None:
            continue
        for here, table in near:
            for source in table.zones.get(name.above_wildcard, ()):
                if source.zone is not None:
                    answer = all_of((here, proven, source.applies))
                    text = f"the private zone {source.zone.label} of the same name is associated with its VPC"
                    yield Refusal(answer, text, (source.step,))


def zones_are_known(network: Network, endpoint: Endpoint) -> bool:
    """Whether it is known of all zones that may be associated with the VPC of ``endpoint`` if they have one of its names."""
    if _may_have_unknown_zone(network, endpoint):
        return False
    horizons = horizons_of(network)
    place = key_of(link(endpoint.vpc))
    own = horizons.by_vpc.get(place or "")
    tables = [horizon.direct for linked, horizon in horizons.unplaced.items() if place is None or linked.may_be(place)]
    if own is not None:
        tables.append(own.direct)
    names = [name.above_wildcard for name, _ in private_names(network, endpoint) if name is not None]
    zones = [
        source
        for table in tables
        for source in chain(table.anywhere, *table.zones.values())
        if source.zone is not None and source.applies.possible
    ]
    return not any(
        source.name is None or any(is_same(name, source.name) is None for name in names)
        for source in zones
        if source.name is None or not source.name.known or not all(name.known for name in names)
    )


def _may_have_unknown_zone(network: Network, endpoint: Endpoint) -> bool:
    """Whether a zone of which nothing is known is, or may be, associated with the VPC of ``endpoint``."""
    return any(
        same_object(each.vpc, endpoint.vpc).possible
        for each in once(
            network,
            "associations of unknown zones",
            lambda: [each for each in network.zone_associations if link(each.zone).anything],
        )
    )
