"""Which endpoints serve a VPC with a service: for certain, perhaps, or nearly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from vpce_checks.model.evidence import Evidence, doubt
from vpce_checks.model.network import Declaration, Endpoint, Network, Vpc, link
from vpce_checks.model.tristate import TriState, all_of
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

MAX_DOUBTS = 12
"""How many steps of doubt a verdict tells, about: a landing zone has thousands of endpoints of unknown VPC."""


class Coverage(NamedTuple):
    """``by`` serves the VPC for certain; ``perhaps`` says what may serve it, ``near`` what looks as if and does not.

    ``other_type`` is an endpoint that differs in its type alone.
    """

    by: Endpoint | None = None
    perhaps: tuple[Evidence, ...] = ()
    near: tuple[Evidence, ...] = ()
    other_type: Endpoint | None = None

    @property
    def status(self) -> str:
        """The verdict on a VPC that needs the service."""
        return "pass" if self.by is not None else "unknown" if self.perhaps else "fail"


class _Wanted(NamedTuple):
    """What is looked for among ``candidates``: ``in_vpc`` and ``in_region`` tell of an endpoint; it must be there
    ``whenever`` what it is to serve is."""

    service: str
    type: str
    candidates: Iterable[Endpoint]
    in_vpc: Callable[[Endpoint], TriState]
    in_region: Callable[[Endpoint], TriState]
    whenever: Declaration


def coverage(network: Network, vpc: Vpc, service: str, type: str) -> Coverage:
    """How ``vpc`` is served with ``service`` by endpoints of ``type`` (``"Gateway"`` or ``"Interface"``)."""
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
    """Whether the VPC of ``endpoint``, created here or elsewhere, has a gateway endpoint for ``service``.

    What is attached elsewhere to a VPC that is created elsewhere cannot be seen.
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
        yield Evidence(f"{name} is not created here, so an endpoint may be attached to it elsewhere")


def _look(network: Network, wanted: _Wanted, unseen: Iterator[Evidence]) -> Coverage:
    perhaps: list[Evidence] = []
    near: list[Evidence] = []
    other_type = None
    for endpoint in wanted.candidates:
        if len(perhaps) >= MAX_DOUBTS and not link(endpoint.vpc).certain:
            break  # more of them cannot serve it for certain, and would only lengthen the list
        tests = _tests(endpoint, wanted)
        answer = all_of(tests.values())
        if answer.yes:
            return Coverage(endpoint)
        if answer.possible:
            perhaps.append(Evidence(f"{endpoint.address} may be one", endpoint.declared.span))
            perhaps += doubt(answer, f"what {endpoint.address} is cannot be told")
            continue
        failed = [name for name, test in tests.items() if test.no]
        if len(failed) == 1 and (step := _near_miss(endpoint, failed[0], wanted.service)) is not None:
            near.append(step)
            if failed == ["type"] and all_of(test for name, test in tests.items() if name != "type").yes:
                other_type = other_type or endpoint
    perhaps += islice(unseen, MAX_DOUBTS)
    return Coverage(None, tuple(dict.fromkeys(perhaps)), (*near, *_elsewhere(network, wanted)), other_type)


def _elsewhere(network: Network, wanted: _Wanted) -> Iterator[Evidence]:
    """A few endpoints that would do if they were not of another VPC."""
    for endpoint in endpoints_by_service(network).get(wanted.service, ())[:MAX_ELSEWHERE]:
        if wanted.in_vpc(endpoint).no and has_type(endpoint, wanted.type).yes:
            yield Evidence(
                f"{endpoint.address} belongs to {vpc_label(endpoint) or 'another VPC'}", endpoint.declared.span
            )


def _tests(endpoint: Endpoint, wanted: _Wanted) -> dict[str, TriState]:
    """Everything that an endpoint must be, to count."""
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
        return Evidence(f"{endpoint.address} is of type {type_label(endpoint) or 'another'} and does not count", span)
    if failed == "region":
        return Evidence(f"{endpoint.address} reaches {service} in another region", span)
    short = sole_service(endpoint).short
    if failed == "service" and short is not None and (short.startswith(service) or service.startswith(short)):
        return Evidence(f"{endpoint.address} is for {service_label(endpoint)}, which is not {service}", span)
    return None
