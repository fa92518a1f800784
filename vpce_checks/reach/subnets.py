"""Find the subnets of a VPC that interface endpoints belong in."""

from __future__ import annotations

from itertools import islice

from vpce_checks.model.network import Network, Subnet, without_keys
from vpce_checks.reach.indexes import subnets_by_vpc
from vpce_checks.reach.zones import same_zone

MAX_COMPARED = 64
"""With how many subnets one is compared. No region has as many zones."""


def private_subnets(network: Network, vpc: str, *, only: bool = False) -> list[Subnet]:
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


def one_of_each_zone(subnets: list[Subnet]) -> list[Subnet]:
    """Return the subnets without those of the same zone as one before that is always there, and without whole blocks of code
    that look in the zones of another one. AWS refuses an endpoint with two subnets of one zone."""
    kept: list[Subnet] = []
    for subnet in _blocks_apart(subnets):
        always = (each for each in kept if each.declared.exists is True and each.declared.condition is None)
        if not any(same_zone(each, subnet).yes for each in islice(always, MAX_COMPARED)):
            kept.append(subnet)
    return kept


def _blocks_apart(subnets: list[Subnet]) -> list[Subnet]:
    """Return the subnets of those blocks that are not, and do not look, in a zone of a block before them. The larger blocks come
    first, those that are called private before others, and those that are called public last."""
    blocks: dict[str, list[Subnet]] = {}
    for subnet in subnets:
        blocks.setdefault(without_keys(subnet.declared.address), []).append(subnet)
    chosen: list[Subnet] = []
    for block in sorted(blocks.values(), key=_order):
        if not any(_looks_in_zone_of(one, other) for one in block for other in chosen):
            chosen += block
    return chosen


def _order(block: list[Subnet]) -> tuple[bool, int, bool]:
    name = block[0].declared.address.lower()
    return "public" in name, -len(block), "private" not in name


def _looks_in_zone_of(one: Subnet, other: Subnet) -> bool:
    """Whether two subnets are in one zone, or are repeated over the same list of zones that is not known."""
    left, right = one.availability_zone, other.availability_zone
    is_repeated = any(each.declared.address.endswith("]") for each in (one, other))
    return same_zone(one, other).yes or (is_repeated and left is not None and left == right)
