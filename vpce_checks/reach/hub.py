"""Find out whether a VPC reaches a service through an endpoint of another VPC: the hub of a hub-and-spoke network.

The other VPCs (the spokes) find the endpoint through a private hosted zone with the host name of the service, or through a
Route 53 Profile.
https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.model.tristate import TriState, all_of
from vpce_checks.reach.connected import connected
from vpce_checks.reach.coverage import satisfied_by
from vpce_checks.reach.dns.answers import Test, names_lead
from vpce_checks.reach.dns.horizon import horizons_of
from vpce_checks.reach.dns.private_names import service_region
from vpce_checks.reach.dns.reverse import zones_not_seen
from vpce_checks.reach.endpoints import exists, has_type, is_of, same_region
from vpce_checks.reach.indexes import endpoints_by_service, once
from vpce_checks.reach.opaque import opaque_may_use

MAX_NEAR = 10
"""How many zones that a VPC does not see are named at most: a hub may have one for each of its services, and more."""


@record
class HubEndpoint:
    """``by`` is the endpoint of another VPC that serves a VPC for certain. ``why`` is the evidence for it or, if ``by`` is
    None, names what may serve the VPC. ``near`` shows what the host names of the service lead to instead, and which zones
    would lead them to an endpoint if the VPC saw them."""

    by: Endpoint | None = None
    why: tuple[Evidence, ...] = ()
    near: tuple[Evidence, ...] = ()


def hub_endpoint(network: Network, vpc: Vpc, service: str) -> HubEndpoint:
    """Find the interface endpoint that clients in ``vpc`` reach by the host names of ``service``, or by those of its FIPS
    variants."""

    def wanted(endpoint: Endpoint) -> TriState:
        right_region = same_region(service_region(network, endpoint), vpc.region)
        return all_of(
            (
                has_type(endpoint, "Interface"),
                is_of(endpoint, service),
                right_region,
                exists(endpoint.declared),
                connected(network, vpc, endpoint),
            )
        )

    perhaps: list[Evidence] = []
    near: list[Evidence] = []
    for short in _variants(network, service):
        led = names_lead(network, vpc.address, short, vpc.region, wanted)
        if led.answer.yes and led.endpoint is not None:
            return HubEndpoint(led.endpoint, (*satisfied_by(led.endpoint), *led.why))
        if led.answer.possible:
            perhaps += (*led.why, *because(led.answer.causes))
        near += led.instead
        meant = (endpoint for endpoint in endpoints_by_service(network).get(short, ()) if wanted(endpoint).possible)
        unseen = (step for endpoint in meant for step in zones_not_seen(network, vpc.address, endpoint))
        near += islice(unseen, MAX_NEAR)
    perhaps += _behind_opaque(network, vpc, wanted)
    return HubEndpoint(None, tuple(dict.fromkeys(perhaps)), tuple(dict.fromkeys(near)))


def _variants(network: Network, service: str) -> list[str]:
    """Return ``service`` and the FIPS variants of it that the network has endpoints for."""
    found = once(network, "fips variants", dict[str, list[str]])
    if service not in found:
        served = (short for short, those in endpoints_by_service(network).items() if is_of(those[0], service).yes)
        found[service] = list(dict.fromkeys((service, *served)))
    return found[service]


def _behind_opaque(network: Network, vpc: Vpc, wanted: Test) -> Iterator[Evidence]:
    """Yield the endpoints whose DNS records may be in code that was not read, if the VPC has zones or Profiles at all."""
    if not network.opaque_modules or vpc.address not in horizons_of(network).by_vpc:
        return
    for endpoint in network.endpoints:
        if wanted(endpoint).possible and opaque_may_use(network, endpoint.address).possible:
            text = f"DNS records for {endpoint.address} may be in code that vpce-checks cannot read"
            yield Evidence(text, endpoint.declared.span)
