"""Find the subnets of a VPC that interface endpoints belong in."""

from __future__ import annotations

from vpce_checks.model.network import Network, Subnet, without_keys
from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import Reference, Value, same
from vpce_checks.reach.indexes import subnets_by_vpc


def private_subnets(network: Network, vpc: str, only: bool = False) -> list[Subnet]:
    """Return the subnets of ``vpc`` that give out no public addresses, without those whose default route goes to an internet
    gateway if others remain. If there are none, return all, unless ``only``."""
    subnets = subnets_by_vpc(network).certain(vpc)
    private = [subnet for subnet in subnets if subnet.public_ip_on_launch is False]
    inner = [subnet for subnet in private if not _opens(network, subnet)]
    return inner or private or ([] if only else subnets)


def _opens(network: Network, subnet: Subnet) -> bool:
    """Whether the calls of ``subnet`` certainly leave by an internet gateway."""
    from vpce_checks.reach.route import route

    out = route(network, subnet, "s3").out
    return out is not None and out.target_kind == "gateway"


def one_block_of_each_zone(subnets: list[Subnet]) -> list[Subnet]:
    """Return the subnets of those blocks of code that are not, and do not look, in a zone of a block before them. The larger
    blocks come first, those that are called public last. AWS refuses an endpoint with two subnets of one zone."""
    blocks: dict[str, list[Subnet]] = {}
    for subnet in subnets:
        blocks.setdefault(without_keys(subnet.declared.address), []).append(subnet)
    chosen: list[Subnet] = []
    for block in sorted(blocks.values(), key=lambda each: ("public" in each[0].declared.address.lower(), -len(each))):
        if not any(_looks_in_zone_of(one, other) for one in block for other in chosen):
            chosen += block
    return chosen


def _looks_in_zone_of(one: Subnet, other: Subnet) -> bool:
    """Whether two subnets are in one zone, or are repeated over the same list of zones that is not known."""
    left, right = one.availability_zone, other.availability_zone
    is_repeated = any(each.declared.address.endswith("]") for each in (one, other))
    return same_zone(one, other).yes or (is_repeated and left is not None and left == right)


def same_zone(one: Subnet, other: Subnet) -> TriState:
    """Whether two subnets are in the same availability zone."""
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


def _is_item(zone: Value) -> bool:
    """Whether ``zone`` is an item, at a known place, of a list that is read from AWS or given."""
    return isinstance(zone, Reference) and bool(zone.path) and isinstance(zone.path[-1], int)


def _lists_zones(zone: Reference) -> bool:
    """Whether ``zone`` is of a list in which AWS names each zone once."""
    return zone.address.rpartition("data.")[2].startswith("aws_availability_zones.") or "zones" in zone.path


def _is_id(zone: str) -> bool:
    """Whether ``zone`` is the id of a zone (``euw1-az1``) and not its name (``eu-west-1a``)."""
    return "-az" in zone
