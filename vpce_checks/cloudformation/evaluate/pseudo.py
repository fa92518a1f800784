"""Pseudo parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.catalog.partitions import KNOWN_REGIONS, dns_suffix, partition_of
from vpce_checks.cloudformation.evaluate.choices import Choice
from vpce_checks.cloudformation.evaluate.stack import NO_VALUE
from vpce_checks.cloudformation.template.allowed_pattern import allowed_pattern
from vpce_checks.cloudformation.template.constraints import NON_EMPTY, Constraints
from vpce_checks.cloudformation.template.nodes import Node
from vpce_checks.model.values import Value, unknown

if TYPE_CHECKING:
    from vpce_checks.cloudformation.evaluate.stack import Stack, World

_ACCOUNT = Constraints(pattern=allowed_pattern("[0-9]{12}"))
_STACK_NAME = Constraints(pattern=allowed_pattern("[a-zA-Z][a-zA-Z0-9-]*"), max_length=128)

REGION = Choice(
    "AWS::Region", constraints=Constraints(pattern=allowed_pattern("[a-z]{2,4}(-[a-z]+)+-[0-9]+")), known=KNOWN_REGIONS
)
PARTITION = Choice("AWS::Partition", constraints=NON_EMPTY, follows=REGION, derive=partition_of)
URL_SUFFIX = Choice("AWS::URLSuffix", constraints=NON_EMPTY, follows=PARTITION, derive=dns_suffix)
CONSTRAINTS = {"AWS::AccountId": _ACCOUNT, "AWS::StackName": _STACK_NAME}


def pseudo_parameter(stack: Stack, name: str, node: Node, mode: str) -> Value:
    """Return the value of ``Ref: name`` for a pseudo parameter."""
    world = stack.world
    if name == "AWS::NoValue":
        return NO_VALUE
    if name == "AWS::Region":
        return world.region if world.region is not None else stack.choose(region_choice(world), mode)
    if name in ("AWS::Partition", "AWS::URLSuffix"):
        partition = _partition(world)
        if name == "AWS::Partition":
            return partition or stack.choose(PARTITION, mode)
        return dns_suffix(partition) if partition is not None else stack.choose(URL_SUFFIX, mode)
    if name in ("AWS::AccountId", "AWS::StackName", "AWS::StackId", "AWS::NotificationARNs"):
        where = "" if name == "AWS::AccountId" else stack.prefix
        return stack.choose(Choice(where + name, constraints=CONSTRAINTS.get(name, NON_EMPTY)), mode)
    stack.warn(f"unknown pseudo parameter {name}", node)
    return unknown(f"unknown pseudo parameter {name}", stack.span(node))


def region_choice(world: World) -> Choice:
    """Return the choice of the region, limited to where the root can be deployed."""
    if world.regions is None:
        return REGION
    return replace(REGION, constraints=Constraints(allowed=world.regions), known=world.regions)


def doubt_of_region(world: World) -> str:
    """Return why it is not known that anything can be deployed in the region that was chosen. "" if it is."""
    regions = _regions_left(world) if world.region is None else None
    if not regions or not set(regions).isdisjoint(KNOWN_REGIONS):
        return ""
    return f"cannot determine whether there is a region {' or '.join(regions)}: vpce-checks knows none of this name"


def _regions_left(world: World) -> tuple[str, ...] | None:
    """Return the regions that are left. None: every one that is not excluded."""
    choice = region_choice(world)
    left = world.choices.left(choice)
    if left is not None or world.regions is None:
        return left
    return tuple(region for region in world.regions if world.choices.may_be(choice, region))


def _partition(world: World) -> str | None:
    """Return the partition, if it is known or if all regions that are left are in it."""
    if world.region is not None:
        return partition_of(world.region)
    regions = _regions_left(world)
    found = {partition_of(region) for region in regions} if regions is not None else set()
    return found.pop() if len(found) == 1 else world.choices.value(PARTITION)
