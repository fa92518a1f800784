"""Find the endpoint through which a VPC reaches a service: one that does for certain, or those that may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from vpce_checks.base.record import record, replace
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
from vpce_checks.reach.indexes import Naming, endpoints_by_service, once
from vpce_checks.reach.opaque import endpoints_behind_opaque

MAX_ELSEWHERE = 3
"""How many endpoints of other VPCs the evidence names."""

MAX_DOUBTS = 12
"""About how many doubtful endpoints the evidence names: a landing zone has thousands of endpoints of unknown VPC."""

MAX_NEAR = 12
"""How many endpoints that do not count the evidence names."""


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
    """The endpoint to find. ``place`` is the address of its VPC, if that is known. ``in_vpc`` and ``in_region`` check one
    endpoint. The endpoint must exist whenever the object declared by ``whenever`` exists."""

    service: str
    type: str
    place: str | None
    in_vpc: Callable[[Endpoint], TriState]
    in_region: Callable[[Endpoint], TriState]
    whenever: Declaration


def coverage(network: Network, vpc: Vpc, service: str, type: str) -> Coverage:
    """Return how ``vpc`` reaches ``service`` through its own endpoints of ``type`` (``"Gateway"`` or ``"Interface"``)."""
    wanted = _Wanted(
        service,
        type,
        vpc.address,
        lambda endpoint: is_vpc(endpoint.vpc, vpc),
        lambda endpoint: serves_region_of(endpoint, vpc),
        vpc.declared,
    )
    found = _look(network, wanted, endpoints_behind_opaque(network, vpc.address))
    if found.by is not None:
        return found
    other_type = next(
        (each for each in _like(network, service).certain(vpc.address) if _has_other_type(each, wanted)), None
    )
    return replace(found, near=(*found.near, *_elsewhere(network, wanted)), other_type=other_type)


def gateway_beside(network: Network, endpoint: Endpoint, service: str) -> Coverage:
    """Return whether the VPC of ``endpoint`` has a gateway endpoint for ``service``.

    The VPC may be created elsewhere. Then it may also have endpoints that this configuration does not show.
    """
    wanted = _Wanted(
        service,
        "Gateway",
        link(endpoint.vpc).address,
        lambda other: same_vpc(other, endpoint),
        lambda other: same_service_region(other, endpoint),
        endpoint.declared,
    )
    found = _look(network, wanted, _unseen(network, endpoint))
    return found if found.by is not None else replace(found, near=(*found.near, *_elsewhere(network, wanted)))


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
    candidates = _candidates(_suitable(network, wanted.service, wanted.type), wanted)
    found, last = first_of(candidates, lambda endpoint: all_of(_tests(endpoint, wanted).values()), unseen)
    if found.by is not None:
        return found
    near = _near_misses(_candidates(_like(network, wanted.service), wanted), wanted, last)
    return replace(found, near=tuple(islice(near, MAX_NEAR)))


def first_of(
    candidates: Iterable[Endpoint], counts: Callable[[Endpoint], TriState], unseen: Iterable[Evidence]
) -> tuple[Coverage, Endpoint | None]:
    """Return the first of ``candidates`` that certainly counts or, if there is none, what may count; and the one with which
    there were enough doubts (None: all were looked at).

    Those of certain VPC come first. ``unseen`` is the evidence that there may be more.
    """
    perhaps: list[Evidence] = []
    last: Endpoint | None = None
    for endpoint in candidates:
        if len(perhaps) >= MAX_DOUBTS and not link(endpoint.vpc).certain:
            break  # the rest cannot serve it for certain, and would only make the list longer
        answer = counts(endpoint)
        if answer.yes:
            return Coverage(endpoint), last
        if answer.possible:
            perhaps.append(Evidence(f"{endpoint.address} may satisfy this", endpoint.declared.span))
            perhaps += doubt(answer, f"cannot determine the service, type, VPC or region of {endpoint.address}")
            last = last or (endpoint if len(perhaps) >= MAX_DOUBTS else None)
    return Coverage(None, tuple(dict.fromkeys(chain(perhaps, islice(unseen, MAX_DOUBTS))))), last


def _candidates(endpoints: Naming[Endpoint], wanted: _Wanted) -> Iterable[Endpoint]:
    return endpoints.all if wanted.place is None else endpoints.likeliest_first(wanted.place)


def _like(network: Network, service: str) -> Naming[Endpoint]:
    """Return the endpoints that may be for ``service``, or for one with a similar name, by their VPC."""

    def make() -> Naming[Endpoint]:
        found = [each for each in network.endpoints if is_of(each, service).possible or _has_like_name(each, service)]
        return Naming(found, lambda endpoint: endpoint.vpc)

    return once(network, f"endpoints like {service}", make)


def _suitable(network: Network, service: str, type: str) -> Naming[Endpoint]:
    """Return the endpoints that may be for ``service`` and may have ``type``, by their VPC."""

    def make() -> Naming[Endpoint]:
        like = _like(network, service).all
        found = [each for each in like if is_of(each, service).possible and has_type(each, type).possible]
        return Naming(found, lambda endpoint: endpoint.vpc)

    return once(network, f"endpoints of {service}, {type}", make)


def _near_misses(endpoints: Iterable[Endpoint], wanted: _Wanted, last: Endpoint | None) -> Iterator[Evidence]:
    """Yield the endpoints that count but for one thing. Those of unknown VPC that come after ``last`` are left out."""
    is_full = False
    for endpoint in endpoints:
        if is_full and not link(endpoint.vpc).certain:
            return
        is_full = is_full or endpoint is last
        failed = [name for name, test in _tests(endpoint, wanted).items() if test.no]
        if len(failed) == 1 and (step := _near_miss(endpoint, failed[0], wanted.service)) is not None:
            yield step


def _has_other_type(endpoint: Endpoint, wanted: _Wanted) -> bool:
    """Return whether an endpoint would count if it had another type."""
    tests = _tests(endpoint, wanted)
    return tests.pop("type").no and all_of(tests.values()).yes


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
    if failed == "service" and _has_like_name(endpoint, service):
        return Evidence(f"{endpoint.address} is for {service_label(endpoint)}, not for {service}", span)
    return None


def _has_like_name(endpoint: Endpoint, service: str) -> bool:
    short = sole_service(endpoint).short
    return short is not None and (short.startswith(service) or service.startswith(short))
