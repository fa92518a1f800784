"""Availability zones of subnets: AWS takes one subnet of each for an interface endpoint, and refuses a second one.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from __future__ import annotations

from vpce_checks.model.network import Subnet
from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import Reference, Value, same


def same_zone(one: Subnet, other: Subnet) -> TriState:
    """Return whether two subnets are in one availability zone."""
    left, right = one.availability_zone, other.availability_zone
    if left is None or right is None:
        return maybe()
    if same(left, right) and (isinstance(left, str) or _is_item(left)):
        return YES
    if isinstance(left, str) and isinstance(right, str):
        return NO if _is_id(left) == _is_id(right) else maybe()
    if _is_item(left) and _is_item(right):
        assert isinstance(left, Reference) and isinstance(right, Reference)
        same_list = (left.address, left.path[:-1]) == (right.address, right.path[:-1])
        return NO if same_list and _lists_zones(left) else maybe()
    return maybe()


def in_different_zones(one: Subnet, other: Subnet) -> TriState:
    """Return whether two subnets are in different availability zones."""
    answer = same_zone(one, other)
    return answer if answer.value is None else TriState(not answer.value)


def _is_item(zone: Value) -> bool:
    """Whether ``zone`` is an item, at a known place, of a list that is read from AWS or given."""
    return isinstance(zone, Reference) and bool(zone.path) and isinstance(zone.path[-1], int)


def _lists_zones(zone: Reference) -> bool:
    """Whether ``zone`` is of a list in which AWS names each zone once."""
    return zone.address.rpartition("data.")[2].startswith("aws_availability_zones.") or "zones" in zone.path


def _is_id(zone: str) -> bool:
    """Whether ``zone`` is the id of a zone (``euw1-az1``) and not its name (``eu-west-1a``)."""
    return "-az" in zone
