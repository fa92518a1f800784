"""Which endpoints a description means: by service, type and private DNS. And whether a VPC has one of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from vpce_checks.base.record import replace
from vpce_checks.catalog import find_service
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.model.tristate import NO, YES, TriState, all_of, maybe, not_, one_of
from vpce_checks.model.values import merge_causes
from vpce_checks.policy.glob import matches_value
from vpce_checks.policy.model import Described
from vpce_checks.reach.coverage import MAX_NEAR, Coverage, first_of
from vpce_checks.reach.endpoints import (
    Service,
    exists_with,
    has_type,
    is_of,
    is_vpc,
    serves_region_of,
    service_label,
    services,
    type_label,
)
from vpce_checks.reach.indexes import Naming, once
from vpce_checks.reach.opaque import endpoints_behind_opaque
from vpce_checks.reach.private_dns import may_be_on, private_dns


def fits(network: Network, endpoint: Endpoint, wanted: Described) -> TriState:
    """Return whether ``wanted`` means ``endpoint``. Only interface endpoints have private DNS, if no type is asked for."""
    tests = [_is_named(endpoint, wanted.service)] if wanted.service is not None else []
    type = _type(wanted)
    if type is not None:
        tests.append(has_type(endpoint, type))
    answer = all_of(tests)
    if wanted.private_dns is None or answer.no:
        return answer
    on = may_be_on(network, endpoint)
    return all_of((answer, on if wanted.private_dns else not_(on)))


def _type(wanted: Described) -> str | None:
    return wanted.type or ("Interface" if wanted.private_dns is not None else None)


def own_endpoint(network: Network, vpc: Vpc, wanted: Described) -> Coverage:
    """Return the endpoint of ``vpc`` that ``wanted`` means, or what may be one."""

    def make() -> Naming[Endpoint]:
        found = [each for each in network.endpoints if fits(network, each, wanted).possible]
        return Naming(found, lambda endpoint: endpoint.vpc)

    def counts(endpoint: Endpoint) -> TriState:
        return all_of(
            (
                fits(network, endpoint, wanted),
                is_vpc(endpoint.vpc, vpc),
                serves_region_of(endpoint, vpc),
                exists_with(endpoint.declared, vpc.declared),
            )
        )

    candidates = once(network, f"endpoints that are {wanted}", make).likeliest_first(vpc.address)
    found, _ = first_of(candidates, counts, endpoints_behind_opaque(network, vpc.address))
    if found.by is not None:
        return found
    return replace(found, near=tuple(islice(_near_misses(network, vpc, wanted), MAX_NEAR)))


def _is_named(endpoint: Endpoint, wanted: str) -> TriState:
    """Return whether the service is ``wanted``: a short name, of which the FIPS variant counts, or a glob."""
    if find_service(wanted) is not None:
        return is_of(endpoint, wanted)
    return one_of(_matches(service, wanted) for service in services(endpoint))


def _matches(service: Service, glob: str) -> TriState:
    if service.value is None:
        return NO  # an endpoint for a resource or a service network
    if service.short is not None:
        return YES if matches_value(glob, service.short) else NO
    if not service.known:
        return maybe(merge_causes([service.value]))
    answer = matches_value(glob, service.value)
    return maybe(merge_causes([service.value])) if answer is None else YES if answer else NO


def _near_misses(network: Network, vpc: Vpc, wanted: Described) -> Iterator[Evidence]:
    """Yield the endpoints of the VPC for the service that have another type, or the other private DNS."""
    if wanted.service is None:
        return
    service, type = wanted.service, _type(wanted)

    def make() -> Naming[Endpoint]:
        found = [each for each in network.endpoints if _is_named(each, service).yes]
        return Naming(found, lambda endpoint: endpoint.vpc)

    for endpoint in once(network, f"endpoints named {service}", make).certain(vpc.address):
        if not fits(network, endpoint, wanted).no:
            continue
        what = f"{endpoint.address} is for {service_label(endpoint) or 'this service'}"
        if type is not None and has_type(endpoint, type).no:
            yield Evidence(
                f"{what} and has type {type_label(endpoint) or 'unknown'}, so it does not count", endpoint.declared.span
            )
        elif wanted.private_dns is not None:
            yield Evidence(f"{what}, and does not count because of its private DNS", endpoint.declared.span)
            yield from private_dns(network, endpoint).why
