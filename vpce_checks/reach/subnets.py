"""Find the subnets of a VPC that interface endpoints belong in."""

from __future__ import annotations

from vpce_checks.model.network import Network, Subnet
from vpce_checks.reach.indexes import subnets_by_vpc


def private_subnets(network: Network, vpc: str, only: bool = False) -> list[Subnet]:
    """Return the subnets of ``vpc`` that give out no public addresses. If there are none, return all, unless ``only``."""
    subnets = subnets_by_vpc(network).certain(vpc)
    private = [subnet for subnet in subnets if subnet.public_ip_on_launch is False]
    return private or ([] if only else subnets)
