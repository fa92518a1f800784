"""Find the endpoint through which a VPC reaches a service: one that does for certain, or those that may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, doubt
from vpce_checks.model.network import Declaration, Endpoint, Network, Vpc, link
from vpce_checks.model.tristate import TriState, all_of
from vpce_checks.model.values import Reference
from vpce_checks.reach.endpoints import (
    exists_with,
    has_type,
    is_of,
    is_vpc,
    same_service_region,
    same_vpc,
    serves_region_of,
    service_label,
    sole_service,
    type_label,
    vpc_label,
)
from vpce_checks.reach.indexes import endpoints_by_service, endpoints_by_vpc
from vpce_checks.reach.opaque import endpoints_behind_opaque

MAX_ELSEWHERE = 3
"""How many endpoints of other VPCs the evidence names."""

MAX_DOUBTS = 12
"""About how many doubtful endpoints the evidence names: a landing zone has thousands of endpoints of unknown VPC."""


@record
class Coverage:
    """How a VPC reaches a service. ``by`` is the endpoint that serves it for certain.

    ``perhaps`` names what may serve it. ``near`` names endpoints that look right but do not count. ``other_type`` is an
    endpoint that would count if it had another type.
    """

    by: Endpoint | None = None
    perhaps: tuple[Evidence, ...] = ()
    near: tuple[Evidence, ...] = ()
    other_type: Endpoint | None = None

    @property
    def status(self) -> str:
        """Return the verdict on a VPC that needs the service."""
        return "pass" if self.by is not None else "unknown" if self.perhaps else "fail"


def satisfied_by(endpoint: Endpoint) -> tuple[Evidence, ...]:
    """Return the evidence that ``endpoint`` is the one that was looked for, and how another root comes to its VPC."""
    through = endpoint.vpc.through if isinstance(endpoint.vpc, Reference) else ()
    steps = (Evidence(step.text, step.span) for step in through)
    return (Evidence(f"satisfied by {endpoint.address}", endpoint.declared.span), *steps)


@record
class _Wanted:
    """The endpoint to find among ``candidates``. ``in_vpc`` and ``in_region`` check one endpoint. The endpoint must
    exist whenever the object declared by ``whenever`` exists."""

    service: str
    type: str
    candidates: Iterable[Endpoint]
    in_vpc: Callable[[Endpoint], TriState]
    in_region: Callable[[Endpoint], TriState]
    whenever: Declaration


def coverage(network: Network, vpc: Vpc, service: str, type: str) -> Coverage:
    """Return how ``vpc`` reaches ``service`` through its own endpoints of ``type`` (``"Gateway"`` or ``"Interface"``)."""
    wanted = _Wanted(
        service,
        type,
        endpoints_by_vpc(network).likeliest_first(vpc.address),
        lambda endpoint: is_vpc(endpoint.vpc, vpc),
        lambda endpoint: serves_region_of(endpoint, vpc),
        vpc.declared,
    )
    return _look(network, wanted, endpoints_behind_opaque(network, vpc.address))


def gateway_beside(network: Network, endpoint: Endpoint, service: str) -> Coverage:
    """Return whether the VPC of ``endpoint`` has a gateway endpoint for ``service``.

    The VPC may be created elsewhere. Then it may also have endpoints that this configuration does not show.
    """
    place = link(endpoint.vpc)
    candidates = (
        network.endpoints if place.address is None else endpoints_by_vpc(network).likeliest_first(place.address)
    )
    wanted = _Wanted(
        service,
        "Gateway",
        candidates,
        lambda other: same_vpc(other, endpoint),
        lambda other: same_service_region(other, endpoint),
        endpoint.declared,
    )
    return _look(network, wanted, _unseen(network, endpoint))


def _unseen(network: Network, endpoint: Endpoint) -> Iterator[Evidence]:
    place = link(endpoint.vpc)
    ours = [vpc.address for vpc in network.vpcs if vpc.address in (place.address, *place.candidates)]
    for address in ours:
        yield from endpoints_behind_opaque(network, address)
    if place.anything or not ours:
        name = vpc_label(endpoint) or "its VPC"
        yield Evidence(
            f"this configuration does not create {name}, so it may have endpoints that are created elsewhere"
        )


def _look(network: Network, wanted: _Wanted, unseen: Iterator[Evidence]) -> Coverage:
    perhaps: list[Evidence] = []
    near: list[Evidence] = []
    other_type = None
    for endpoint in wanted.candidates:
        if len(perhaps) >= MAX_DOUBTS and not link(endpoint.vpc).certain:
            break  # the rest cannot serve it for certain, and would only make the list longer
        tests = _tests(endpoint, wanted)
        answer = all_of(tests.values())
        if answer.yes:
            return Coverage(endpoint)
        if answer.possible:
            perhaps.append(Evidence(f"{endpoint.address} may satisfy this", endpoint.declared.span))
            perhaps += doubt(answer, f"cannot determine the service, type, VPC or region of {endpoint.address}")
            continue
        failed = [name for name, test in tests.items() if test.no]
        if len(failed) == 1 and (step := _near_miss(endpoint, failed[0], wanted.service)) is not None:
            near.append(step)
            if failed == ["type"] and all_of(test for name, test in tests.items() if name != "type").yes:
                other_type = other_type or endpoint
    perhaps += islice(unseen, MAX_DOUBTS)
    return Coverage(None, tuple(dict.fromkeys(perhaps)), (*near, *_elsewhere(network, wanted)), other_type)


def _elsewhere(network: Network, wanted: _Wanted) -> Iterator[Evidence]:
    """Yield a few endpoints that would count if they belonged to this VPC."""
    for endpoint in endpoints_by_service(network).get(wanted.service, ())[:MAX_ELSEWHERE]:
        if wanted.in_vpc(endpoint).no and has_type(endpoint, wanted.type).yes:
            yield Evidence(
                f"{endpoint.address} belongs to {vpc_label(endpoint) or 'another VPC'}", endpoint.declared.span
            )


def _tests(endpoint: Endpoint, wanted: _Wanted) -> dict[str, TriState]:
    """Return everything that must hold for an endpoint to count, each with its answer."""
    return {
        "service": is_of(endpoint, wanted.service),
        "type": has_type(endpoint, wanted.type),
        "vpc": wanted.in_vpc(endpoint),
        "region": wanted.in_region(endpoint),
        "exists": exists_with(endpoint.declared, wanted.whenever),
    }


def _near_miss(endpoint: Endpoint, failed: str, service: str) -> Evidence | None:
    span = endpoint.declared.span
    if failed == "type":
        return Evidence(f"{endpoint.address} has type {type_label(endpoint) or 'unknown'}, so it does not count", span)
    if failed == "region":
        return Evidence(f"{endpoint.address} reaches {service} in another region", span)
    short = sole_service(endpoint).short
    if failed == "service" and short is not None and (short.startswith(service) or service.startswith(short)):
        return Evidence(f"{endpoint.address} is for {service_label(endpoint)}, not for {service}", span)
    return None
