"""Availability zones of subnets: AWS takes one subnet of each for an interface endpoint, and refuses a second one.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from __future__ import annotations

from vpce_checks.model.network import Subnet
from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import PartialString, Reference, Value, same

_ZONE_ATTRIBUTES = (("availability_zone",), ("availability_zone_id",), ("AvailabilityZone",), ("AvailabilityZoneId",))
"""The attributes of a subnet that say which zone it is in, in either language."""


def same_zone(one: Subnet, other: Subnet) -> TriState:
    """Return whether two subnets are in one availability zone."""
    left, right = one.availability_zone, other.availability_zone
    if _is_zone_of(left, other) or _is_zone_of(right, one):
        return YES
    if left is None or right is None:
        return maybe()
    if same(left, right) and (isinstance(left, str) or is_item(left)):
        return YES
    if isinstance(left, str) and isinstance(right, str):
        return NO if _is_id(left) == _is_id(right) else maybe()
    if isinstance(left, PartialString) and isinstance(right, PartialString):
        return _same_name(left, right)
    if is_item(left) and is_item(right):
        assert isinstance(left, Reference) and isinstance(right, Reference)
        same_list = (left.address, left.path[:-1]) == (right.address, right.path[:-1])
        return NO if same_list and _lists_zones(left) else maybe()
    return maybe()


def in_different_zones(one: Subnet, other: Subnet) -> TriState:
    """Return whether two subnets are in different availability zones."""
    answer = same_zone(one, other)
    return answer if answer.value is None else TriState(not answer.value)


def _is_zone_of(zone: Value, subnet: Subnet) -> bool:
    """Whether ``zone`` is the attribute of ``subnet`` that names its zone, or gives the id of it."""
    if not isinstance(zone, Reference) or zone.kind != "resource" or zone.address != subnet.declared.address:
        return False
    return zone.path in _ZONE_ATTRIBUTES


def _same_name(left: PartialString, right: PartialString) -> TriState:
    """Return whether two zones are the same: names that hold the same region, which is not known, and a letter.

    Where one literal part differs and all others are the same, the names differ.
    """
    pairs = list(zip(left.parts, right.parts, strict=False))
    opaque = [(one, other) for one, other in pairs if not (isinstance(one, str) and isinstance(other, str))]
    alike = all(one is other or (isinstance(one, Reference) and one == other) for one, other in opaque)
    if len(left.parts) != len(right.parts) or not alike:
        return maybe()
    differing = [(one, other) for one, other in pairs if isinstance(one, str) and one != other]
    if not differing:
        return YES
    return NO if len(differing) == 1 and _is_id(str(left.parts)) == _is_id(str(right.parts)) else maybe()


def is_item(zone: Value) -> bool:
    """Whether ``zone`` is an item, at a known place, of a list that is read from AWS or given."""
    return isinstance(zone, Reference) and bool(zone.path) and isinstance(zone.path[-1], int)


def _lists_zones(zone: Reference) -> bool:
    """Whether ``zone`` is of a list in which AWS names each zone once."""
    return zone.address.rpartition("data.")[2].startswith("aws_availability_zones.") or "zones" in zone.path


def _is_id(zone: str) -> bool:
    """Whether ``zone`` is the id of a zone (``euw1-az1``) and not its name (``eu-west-1a``)."""
    return "-az" in zone
