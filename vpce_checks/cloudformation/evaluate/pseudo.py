"""Pseudo parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.catalog.partitions import dns_suffix, partition_of
from vpce_checks.cloudformation.evaluate.choices import Choice
from vpce_checks.cloudformation.evaluate.stack import NO_VALUE
from vpce_checks.cloudformation.template.nodes import Node
from vpce_checks.model.values import Value, unknown

if TYPE_CHECKING:
    from vpce_checks.cloudformation.evaluate.stack import Stack

REGION = Choice("AWS::Region", min_length=1)
PARTITION = Choice("AWS::Partition", min_length=1)


def pseudo_parameter(stack: Stack, name: str, node: Node, mode: str) -> Value:
    """Return the value of ``Ref: name`` for a pseudo parameter."""
    world = stack.world
    if name == "AWS::NoValue":
        return NO_VALUE
    if name == "AWS::Region":
        return world.region if world.region is not None else stack.choose(REGION, mode)
    if name in ("AWS::Partition", "AWS::URLSuffix"):
        region = world.region or world.choices.value(REGION)
        partition: Value = partition_of(region) if region is not None else stack.choose(PARTITION, mode)
        if name == "AWS::Partition":
            return partition
        if isinstance(partition, str):
            return dns_suffix(partition)
        return stack.choose(Choice(name, min_length=1), mode)
    if name in ("AWS::AccountId", "AWS::StackName", "AWS::StackId", "AWS::NotificationARNs"):
        where = "" if name == "AWS::AccountId" else stack.prefix
        return stack.choose(Choice(where + name, min_length=1), mode)
    stack.warn(f"unknown pseudo parameter {name}", node)
    return unknown(f"unknown pseudo parameter {name}", stack.span(node))
