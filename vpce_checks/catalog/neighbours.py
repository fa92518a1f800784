"""Find the roots that have something to do with the endpoints of a root, among the many that use one VPC.

A VPC of which hundreds of roots add an endpoint each is ordinary. An interface endpoint has nothing to do with one for
another service, and of those that are alike one is as good as any other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from vpce_checks.catalog.host_names import host_names
from vpce_checks.catalog.service_names import parse_service_name
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import (
    Endpoint,
    EndpointAssociation,
    NetworkObject,
    Part,
    SecurityGroup,
    Vpc,
    link,
)
from vpce_checks.model.values import Reference, Value

T = TypeVar("T")

MAX_ALIKE = 4
"""How many roots with endpoints that are alike one root sees. AWS refuses the second endpoint, whichever the first one is."""


_FILTERS = ("firewall", "firewall_rule", "egress_rule", "group_attachment")
"""Parts of workloads that are security groups, their rules, and who has them. Others are callers."""


class Kind(NamedTuple):
    """A certain interface endpoint for a service of AWS. ``rest`` is all else that counts for other endpoints."""

    service: str
    rest: Hashable


class Neighbours(Generic[T]):
    """Roots with the objects that each of them creates."""

    def __init__(self, roots: Iterable[tuple[T, Sequence[NetworkObject]]]) -> None:
        self._every: list[tuple[int, T]] = []
        self._others: list[tuple[int, T]] = []  # those that create something else than interface endpoints
        self._alike: dict[Kind, list[tuple[int, T]]] = {}
        for place, (root, objects) in enumerate(roots):
            self._every.append((place, root))
            kinds = _only_kinds(objects)
            if kinds is None:
                self._others.append((place, root))
            for kind in kinds or ():
                known = self._alike.setdefault(kind, [])
                if len(known) <= MAX_ALIKE:  # one of them may be the root that looks
                    known.append((place, root))

    def of(self, objects: Iterable[NetworkObject]) -> list[T]:
        """Return the roots that have, or may have, something to do with the VPCs and endpoints among ``objects``."""
        kinds = _kinds_of_endpoints(objects)
        if kinds is None:
            return [root for _, root in self._every]
        services = {kind.service for kind in kinds}
        found = dict(self._others)
        for kind, roots in self._alike.items():
            if any(are_related(kind.service, service) for service in services):
                found.update(roots)
        return [found[place] for place in sorted(found)]


def _kinds_of_endpoints(objects: Iterable[NetworkObject]) -> set[Kind] | None:
    """Return the kinds of all endpoints. None if a kind is not certain, or if there is a VPC."""
    kinds: set[Kind] = set()
    for each in objects:
        kind = _kind_of(each) if isinstance(each, Endpoint) else None
        if isinstance(each, Vpc) or (isinstance(each, Endpoint) and kind is None):
            return None
        if kind is not None:
            kinds.add(kind)
    return kinds


def _only_kinds(objects: Sequence[NetworkObject]) -> set[Kind] | None:
    """Return the kinds of all endpoints. None if there is anything else that counts for endpoints of other roots."""
    own = {each.declared.address for each in objects}
    if not all(_is_private(each, own) for each in objects if not isinstance(each, Endpoint)):
        return None
    return _kinds_of_endpoints(objects)


def _is_private(thing: NetworkObject, own: set[str]) -> bool:
    """Return whether something counts for the objects of its own root (``own``) alone."""
    if isinstance(thing, IngressRule):
        return link(thing.group).address in own
    if isinstance(thing, EndpointAssociation):
        return thing.kind in ("subnet", "security_group", "policy") and link(thing.endpoint).address in own
    return isinstance(thing, SecurityGroup) or (isinstance(thing, Part) and thing.kind in _FILTERS)


def _kind_of(endpoint: Endpoint) -> Kind | None:
    name = parse_service_name(endpoint.service_name)
    vpc = link(endpoint.vpc)
    rest = (endpoint.private_dns, endpoint.dns_inbound_only, endpoint.region, endpoint.service_region)
    if name is None or name.kind != "aws" or name.short is None or not vpc.certain:
        return None
    if endpoint.type != "Interface" or endpoint.declared.exists is not True or not all(map(_is_plain, rest)):
        return None
    return Kind(name.short, (vpc.address, vpc.external, *rest))


def _is_plain(value: Value) -> bool:
    return value is None or isinstance(value, (bool, str, Reference))


@lru_cache(maxsize=4096)
def are_related(one: str, other: str) -> bool:
    """Return whether two services have like names, or one may have a host name that private DNS of the other answers."""
    if one.startswith(other) or other.startswith(one):
        return True
    return any(
        left == right or left.endswith(f".{right}") or right.endswith(f".{left}")
        for left in _zones(one)
        for right in _zones(other)
    )


@lru_cache(maxsize=1024)
def _zones(service: str) -> tuple[str, ...]:
    """Return the host names of a service, without wildcards."""
    names = (host.name for host in host_names(service, "us-east-1"))
    return tuple(name.removeprefix("*.") for name in names if isinstance(name, str))
