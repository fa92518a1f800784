"""Questions about one endpoint: its service, type, VPC and region, and whether it exists. Answers have three values."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from vpce_checks.base.record import record
from vpce_checks.catalog import ServiceName, find_service, parse_service_name, satisfies
from vpce_checks.model.network import INVENTORY, Declaration, Endpoint, Link, Network, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, maybe, one_of
from vpce_checks.model.values import ListValue, Opaque, PartialString, Reference, Unknown, Value, merge_causes, same

TYPES = frozenset({"Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork", "Tunnel"})
"""The types of endpoints in AWS.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
"""


@record
class Service:
    """A service that an endpoint may be for.

    ``value`` is the service name as far as it is known. ``name`` is the parsed name: None if the endpoint is for a
    resource or a service network, or if nothing is known of the name.
    """

    value: Value
    name: ServiceName | None

    @property
    def short(self) -> str | None:
        """The short name of the AWS service, if known."""
        return self.name.short if self.name is not None and self.name.kind == "aws" else None

    @property
    def known(self) -> bool:
        """Whether it is certain which service it is."""
        if self.value is None or self.short is not None or self.of_others:
            return True
        return self.name is not None and bool(self.name.malformed)

    @property
    def of_others(self) -> bool:
        """Whether it is an endpoint service of a customer or partner, not of AWS."""
        return self.name is not None and self.name.kind == "customer"


def possible_values(value: Value) -> tuple[Value, ...]:
    """Return the values that ``value`` may have; only itself if they are not known."""
    return value.one_of if isinstance(value, Unknown) and value.one_of else (value,)


def services(endpoint: Endpoint) -> tuple[Service, ...]:
    """Return the services that ``endpoint`` may be for: one, if its service name is known."""
    name = endpoint.service_name
    if isinstance(name, str):
        return _services_of_name(name)
    return tuple(Service(value, parse_service_name(value)) for value in possible_values(name))


@lru_cache(maxsize=1024)
def _services_of_name(name: str) -> tuple[Service, ...]:
    return (Service(name, parse_service_name(name)),)


def sole_service(endpoint: Endpoint) -> Service:
    """Return the service of ``endpoint``. It has no name if several services are possible."""
    possible = services(endpoint)
    if len(possible) == 1 and possible[0].known:
        return possible[0]
    shorts = {(service.short, service.of_others) for service in possible}
    if len(shorts) == 1 and all(service.known for service in possible):
        return possible[0]
    return Service(endpoint.service_name, None)


def is_of(endpoint: Endpoint, short: str) -> TriState:
    """Return whether ``endpoint`` is for the AWS service ``short``. Its FIPS variant counts."""
    return one_of(_is_service(service, short) for service in services(endpoint))


def _is_service(service: Service, short: str) -> TriState:
    if service.value is None:
        return NO
    if service.name is not None and service.short is not None:
        return YES if satisfies(service.short, short) else NO
    if service.name is not None and not service.name.may_be(short):
        return NO
    return maybe(merge_causes([service.value]))


def type_of(endpoint: Endpoint) -> str | None:
    """Return the type of ``endpoint``; None if it is not certain."""
    types = {_type_name(value) for value in possible_values(endpoint.type)}
    return types.pop() if len(types) == 1 else None


def has_type(endpoint: Endpoint, type: str) -> TriState:
    """Return whether ``endpoint`` has ``type``, e.g. ``"Gateway"``."""
    if isinstance(endpoint.type, str):
        return YES if endpoint.type == type else NO
    return one_of(_is_type(value, type) for value in possible_values(endpoint.type))


def _is_type(value: Value, type: str) -> TriState:
    name = _type_name(value)
    if name is None:
        return maybe(merge_causes([value]))
    return YES if name == type else NO


def _type_name(value: Value) -> str | None:
    """Return the type as text; None if unknown. Null means the default, as if it was omitted."""
    return "Gateway" if value is None else value if isinstance(value, str) else None


def truth(value: Value, *, default: bool = False) -> TriState:
    """Return whether a switch is on. Null means ``default``. The strings "true" and "false" count as both languages
    convert them."""
    return one_of(_switch(possible, default=default) for possible in possible_values(value))


def _switch(value: Value, *, default: bool) -> TriState:
    if value is None:
        value = default
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value)
    if isinstance(value, bool):
        return YES if value else NO
    return maybe(merge_causes([value]))


def may_repeat_at(endpoint: Endpoint, place: str) -> bool:
    """Return whether ``endpoint`` stands for several instances (``aws_vpc_endpoint.x[*]``) while ``place`` is one object."""
    return "[*]" in endpoint.address and "[*]" not in place


def exists(declared: Declaration) -> TriState:
    """Return whether an object exists: yes or maybe."""
    return YES if declared.exists is True else maybe(declared.exists.causes)


def is_present(listed: ListValue, place: int) -> TriState:
    """Return whether the item at ``place`` of a list is present: yes or maybe."""
    presence = listed.maybe.get(place)
    return YES if presence is None else maybe(presence.causes)


def exists_with(declared: Declaration, other: Declaration) -> TriState:
    """Return whether an object exists whenever ``other`` exists.

    Equal causes are not enough: ``count = var.a ? 1 : 0`` and ``count = var.a ? 0 : 1`` have the same causes.
    """
    if declared.exists is not True and same(declared.exists, other.exists):
        return YES
    return exists(declared)


def may_be_deployed(other: Endpoint) -> bool:
    """Return whether ``other`` is what an inventory lists, and may be an endpoint of the code that is deployed already."""
    return other.declared.type == INVENTORY and not exists(other.declared).yes


def is_vpc(value: Value, vpc: Vpc) -> TriState:
    """Return whether ``value`` is the id of ``vpc``."""
    return names(link(value), vpc.address)


def names(linked: Link, address: str) -> TriState:
    """Return whether a link leads to the object of this configuration at ``address``."""
    if linked.address == address:
        return YES
    return maybe(linked.causes) if linked.may_be(address) else NO


def same_vpc(one: Endpoint, other: Endpoint) -> TriState:
    """Return whether two endpoints belong to the same VPC."""
    return same_object(one.vpc, other.vpc)


def same_object(one: Value, other: Value) -> TriState:
    """Return whether two values name the same object. Two external references may; two different literal ids cannot."""
    if same(one, other):
        return YES
    left, right = link(one), link(other)
    if left.certain and right.certain:
        if left.address is not None or right.address is not None:
            return YES if left.address == right.address else NO
        if left.external == right.external:
            return YES
        if isinstance(one, str) and isinstance(other, str):
            return NO
    shared = {left.address, *left.candidates} & {right.address, *right.candidates} - {None}
    if shared or left.anything or right.anything or (left.external and right.external):
        return maybe((*left.causes, *right.causes))
    return NO


def identity_of(value: Value) -> Hashable:
    """Return a key for the object that ``value`` names: equal for two values if :func:`same_object` says yes of them."""
    linked = link(value)
    if linked.certain:
        return linked.address, linked.external
    return value if isinstance(value, (Reference, PartialString)) else id(value)


def same_names(one: Endpoint, other: Endpoint) -> TriState:
    """Return whether two endpoints of one VPC have the same private DNS names.

    A service, its FIPS variant, and the same service in another region have different names.
    """
    return all_of((_same_short(one, other), same_service_region(one, other)))


def _same_short(one: Endpoint, other: Endpoint) -> TriState:
    left, right = sole_service(one), sole_service(other)
    if left.short is not None:
        return is_exactly(other, left.short)
    return is_exactly(one, right.short) if right.short is not None else maybe()


def same_service_region(one: Endpoint, other: Endpoint) -> TriState:
    """Return whether two endpoints of one VPC reach their services in the same region. The default is that of the VPC."""
    regions = [
        endpoint.region if endpoint.service_region is None else endpoint.service_region for endpoint in (one, other)
    ]
    if one.service_region is None and other.service_region is None:
        return YES  # that of their VPC
    return same_region(*regions)


def is_exactly(endpoint: Endpoint, short: str) -> TriState:
    """Return whether ``endpoint`` is for exactly the AWS service ``short``, not for a variant of it."""
    sole = sole_service(endpoint)
    if sole.short is not None:
        return YES if sole.short == short else NO
    return NO if is_of(endpoint, short).no else maybe(merge_causes([endpoint.service_name]))


def home_vpc(network: Network, endpoint: Endpoint) -> Vpc | None:
    """Return the VPC of ``endpoint``, if it is certain and created in this configuration."""
    return network.vpc_by_address.get(link(endpoint.vpc).address or "")


def home_region(network: Network, endpoint: Endpoint) -> str | None:
    """Return the region of ``endpoint``, if known: its own, else that of its VPC."""
    if isinstance(endpoint.region, str):
        return endpoint.region
    vpc = home_vpc(network, endpoint)
    return vpc.region if vpc is not None and isinstance(vpc.region, str) else None


def home_region_label(network: Network, endpoint: Endpoint) -> str | None:
    """Return what a report calls the region of ``endpoint``, if known."""
    region = home_region(network, endpoint)
    vpc = home_vpc(network, endpoint)
    declared = endpoint.declared if isinstance(endpoint.region, str) or vpc is None else vpc.declared
    return None if region is None else declared.shown("region", region)


def vpc_label(endpoint: Endpoint) -> str | None:
    """Return what a report calls the VPC of ``endpoint``: its address or external name; None if it is not known."""
    linked = link(endpoint.vpc)
    if linked.address is None and linked.external is not None:
        return endpoint.declared.shown("vpc", linked.external)
    return linked.address


def service_label(endpoint: Endpoint) -> str | None:
    """Return what a report calls the service of ``endpoint``, if known. The name of an AWS service is shown even if it
    is sensitive."""
    short = sole_service(endpoint).short
    if short is None or find_service(short) is not None:
        return short
    return endpoint.declared.shown("service_name", short)


def type_label(endpoint: Endpoint) -> str | None:
    """Return what a report calls the type of ``endpoint``, where certain. One that AWS has is named though it be sensitive."""
    type = type_of(endpoint)
    return type if type is None or type in TYPES else endpoint.declared.shown("type", type)


def serves_region_of(endpoint: Endpoint, vpc: Vpc) -> TriState:
    """Return whether an endpoint of ``vpc`` reaches the service in the region of ``vpc``.

    Without a service region it does, or AWS refuses to create it: VPCE008 reports service names of another region.
    """
    return one_of(
        YES if region is None else same_region(region, vpc.region)
        for region in possible_values(endpoint.service_region)
    )


def same_region(one: Value, other: Value) -> TriState:
    """Return whether two values name the same region."""
    if same(one, other):
        return YES
    if isinstance(one, str) and isinstance(other, str):
        return NO
    return maybe(merge_causes(value for value in (one, other) if isinstance(value, (Opaque, PartialString))))
