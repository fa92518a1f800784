"""Whether anything uses a default VPC that the code adopts. Most are adopted only to tidy them up."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Declaration, Network, Part, Vpc, link
from vpce_checks.model.values import ListValue, Opaque, Value
from vpce_checks.workloads.inventory import workloads_of

_TIDIED = frozenset({"aws_default_subnet", "aws_default_security_group", "aws_default_route_table"})
"""Types that adopt what AWS has put into the VPC. To adopt it is no use of it."""


_PLACES = ("subnets", "interface_subnets", "interface", "primary_interface", "template", "template_name")
"""Arguments that say, or may say, in which subnet an instance runs."""


def user_of(network: Network, vpc: Vpc) -> Declaration | None:
    """Return something that the code puts into ``vpc``, for certain or possibly; None if there is nothing."""
    subnets = {subnet.declared.address for subnet in network.subnets if _is_in(subnet.vpc, vpc)}
    subnets |= {each.declared.address for each in network.subnets if each.declared.type == "aws_default_subnet"}
    for declared, place in _placed(network):
        if declared.type not in _TIDIED and (_is_in(place, vpc) or any(_names(place, subnet) for subnet in subnets)):
            return declared
    return next((part.declared for part in network.parts if part.kind == "instance" and _has_no_place(part)), None)


def _has_no_place(part: Part) -> bool:
    """Whether an instance says nothing of where it runs: AWS starts it in the default VPC of its region.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
    """
    return all(part.get(name) is None for name in _PLACES)


def _placed(network: Network) -> Iterator[tuple[Declaration, Value]]:
    """Yield what is in a VPC, with the VPC or the subnets that it is in."""
    for subnet in network.subnets:
        yield subnet.declared, subnet.vpc
    for endpoint in network.endpoints:
        yield endpoint.declared, endpoint.vpc
    for table in network.route_tables:
        yield table.declared, table.vpc
    for group in network.security_groups:
        yield group.declared, group.vpc
    for appliance in network.appliances:
        yield appliance.declared, appliance.subnet
    for zone in network.hosted_zones:
        yield zone.declared, zone.vpcs
    for workload in workloads_of(network):
        yield workload.declared, workload.subnets


def _is_in(place: Value, vpc: Vpc) -> bool:
    return _names(place, vpc.address)


def _names(place: Value, address: str) -> bool:
    """Whether a value is, or can be, the id of the object at ``address``, or holds it."""
    if isinstance(place, ListValue):
        return any(_names(item, address) for item in place.items)
    if isinstance(place, (Opaque, str)):
        found = link(place)
        return found.address == address or address in found.candidates
    return False
