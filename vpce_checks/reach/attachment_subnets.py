"""Find the subnets of which nothing is known but that a transit gateway or a Cloud WAN core network is attached to them.

Gateway endpoints serve no traffic that comes in there, so a proposal does without the route tables of such subnets. That proves
nothing: callers that no code shows may be in them. So a verdict has at most a doubt from here.
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-best-design-practices.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from vpce_checks.base.pattern import pattern
from vpce_checks.model.addresses import leaf, terraform_place
from vpce_checks.model.network import Network, Subnet, link
from vpce_checks.model.tristate import NO, TriState, maybe
from vpce_checks.model.values import Cause, ListValue, MapValue, Value
from vpce_checks.reach.callers import ATTACHMENTS
from vpce_checks.reach.indexes import once
from vpce_checks.reach.interfaces import endpoint_subnets

_WORD = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_for_attachment(network: Network, subnet: Value) -> bool:
    """Return whether the subnet that ``subnet`` names, or each that it may name, is there for an attachment as far as the code
    shows: one is in it, or its name says so where other code makes the attachment, and nothing else is."""
    linked = link(subnet)
    addresses = linked.candidates if linked.address is None else (linked.address,)
    if not addresses or linked.anything or linked.external is not None:
        return False
    attached = once(network, "subnets of attachments", lambda: frozenset(_attached(network)))
    used = once(network, "subnets with something in them", lambda: frozenset(_used(network)))
    named = _named_for_one(network)
    return all((each in attached or each in named) and each not in used for each in addresses)


def any_named_for_attachment(network: Network) -> bool:
    """Whether the name of a subnet says that it is there for an attachment."""
    return bool(_named_for_one(network))


def may_be_for_attachment(network: Network, subnet: Value) -> TriState:
    """Return the doubt whether a subnet is there for an attachment that other code makes, because its name says so."""
    linked = link(subnet)
    addresses = linked.candidates if linked.address is None else (linked.address,)
    found = [each for address in addresses if (each := _named_for_one(network).get(address)) is not None]
    if not found or not is_for_attachment(network, subnet):
        return NO
    text = "callers may be in {}, by its name a subnet for transit gateway attachments"
    return maybe(tuple(Cause(text.format(each.declared.address), each.declared.span) for each in found))


def _named_for_one(network: Network) -> Mapping[str, Subnet]:
    def find() -> dict[str, Subnet]:
        return {each.declared.address: each for each in network.subnets if _has_its_name(each.declared.address)}

    return once(network, "subnets named for attachments", find)


def _attached(network: Network) -> Iterator[str]:
    """Yield the addresses of the subnets that are, or may be, attached."""
    for appliance in network.appliances:
        if appliance.kind in ATTACHMENTS:
            yield from _named(appliance.subnet)


def _used(network: Network) -> Iterator[str]:
    """Yield the addresses of the subnets that something else is, or may be, in."""
    for part in network.parts:
        yield from _named(part.arguments)
    for endpoint in network.endpoints:
        for subnet, _ in endpoint_subnets(network, endpoint):
            yield from _named(subnet)
    for appliance in network.appliances:
        if appliance.kind not in ATTACHMENTS:
            yield from _named(appliance.subnet)


def _named(value: Value) -> Iterator[str]:
    """Yield the addresses that a value names, or may name, with those of all that it holds."""
    if isinstance(value, (ListValue, MapValue)):
        for item in value.items.values() if isinstance(value, MapValue) else value.items:
            yield from _named(item)
        return
    linked = link(value)
    yield from linked.candidates if linked.address is None else (linked.address,)


def _has_its_name(address: str) -> bool:
    """Return whether a subnet has a name such as ``aws_subnet.tgw["a"]`` or ``TransitGatewaySubnet``."""
    place = terraform_place(address)
    own = place.name + place.key if place.type else leaf(address)
    words = [word.lower() for word in _WORD.findall(own)]
    return "tgw" in words or ("transit", "gateway") in pairwise(words)
