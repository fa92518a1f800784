"""Find out whether the private DNS of an endpoint is on."""

from __future__ import annotations

from collections.abc import Hashable

from vpce_checks.base.record import record
from vpce_checks.model.evidence import Evidence, setting
from vpce_checks.model.network import Endpoint, Network, Vpc, link
from vpce_checks.model.tristate import TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause
from vpce_checks.reach.endpoints import (
    exists,
    exists_with,
    has_type,
    identity_of,
    names,
    same_names,
    same_vpc,
    sole_service,
    truth,
)
from vpce_checks.reach.indexes import associations_by_endpoint, once
from vpce_checks.reach.opaque import opaque_may_use

MAX_COMPARED = 64
"""With how many endpoints of one VPC and service one is compared at most, to bound the time."""

TYPES_WITHOUT = ("GatewayLoadBalancer", "Tunnel")
"""The types of endpoints that have no private DNS, besides gateways.

https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
"""


@record
class PrivateDns:
    """Whether private DNS is on, and the evidence. ``set_by`` is the address of a resource that certainly sets it after the
    endpoint is created, if one does."""

    on: TriState
    why: tuple[Evidence, ...]
    set_by: str | None = None


def dns_attributes(vpc: Vpc) -> dict[str, TriState]:
    """Return whether the two DNS attributes of a VPC are on, by name. By default, DNS support is on and DNS hostnames are off.

    https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
    """
    return {
        "enable_dns_support": truth(vpc.enable_dns_support, default=True),
        "enable_dns_hostnames": truth(vpc.enable_dns_hostnames),
    }


def private_dns(network: Network, endpoint: Endpoint) -> PrivateDns:
    """Return the private DNS of ``endpoint``. A separate resource may set it after the endpoint is created.

    An opaque module that receives the endpoint is assumed not to turn private DNS off. It may turn it on or replace it:
    :func:`vpce_checks.reach.dns.reverse.names_lead_to` counts that.
    """
    declared = endpoint.declared
    inline = truth(endpoint.private_dns)
    said = "on" if inline.yes else "off" if inline.no else "unknown"
    omitted = "private DNS is off, because nothing turns it on" if inline.no else ""
    why = [setting(declared, "private_dns", f"private DNS is {said}", omitted)]
    certain: list[TriState] = []
    possible: list[TriState] = []
    doubts: list[Cause] = []
    set_by: str | None = None
    for association in associations_by_endpoint(network).may_name(declared.address):
        if association.kind != "private_dns":
            continue
        applies = all_of((names(link(association.endpoint), declared.address), exists(association.declared)))
        if applies.no:
            continue
        target = truth(association.target)
        (certain if applies.yes else possible).append(target)
        set_by = association.declared.address if applies.yes and set_by is None else set_by
        doubts += applies.causes
        verb, value = (
            ("turn", "on" if target.yes else "off") if target.value is not None else ("set", "to an unknown value")
        )
        does = f"{verb}s" if applies.yes else f"may {verb}"
        why.append(Evidence(f"{association.declared.address} {does} it {value}", association.declared.span))
    on = one_of([*(certain or [inline]), *possible])
    return PrivateDns(on if on.value is not None else maybe((*on.causes, *doubts)), tuple(why), set_by)


def of_same_names(network: Network, endpoint: Endpoint) -> list[Endpoint]:
    """Return the interface endpoints of the same VPC with the same private DNS names, ``endpoint`` among them, that are there
    whenever it is. AWS lets one of them have private DNS on."""

    def make() -> dict[tuple[Hashable, str | None], list[Endpoint]]:
        found: dict[tuple[Hashable, str | None], list[Endpoint]] = {}
        for each in network.endpoints:
            if has_type(each, "Interface").yes:
                found.setdefault((identity_of(each.vpc), sole_service(each).short), []).append(each)
        return found

    short = sole_service(endpoint).short
    if short is None:
        return [endpoint]
    same = once(network, "interface endpoints by vpc and service", make).get((identity_of(endpoint.vpc), short), [])
    return [
        each
        for each in same[:MAX_COMPARED]
        if each is endpoint
        or all_of(
            (same_vpc(each, endpoint), same_names(each, endpoint), exists_with(each.declared, endpoint.declared))
        ).yes
    ]


def may_be_on(network: Network, endpoint: Endpoint) -> TriState:
    """Return whether the private DNS of ``endpoint`` is on, or whether code that was not read may turn it on."""
    return any_of((private_dns(network, endpoint).on, opaque_may_use(network, endpoint.address)))
