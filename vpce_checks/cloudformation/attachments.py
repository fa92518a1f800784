"""The CloudFormation resource types that attach subnets of a VPC to a transit gateway or to a Cloud WAN core network.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-transitgatewayattachment.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.model.attachments import attachments
from vpce_checks.model.network import NetworkObject

if TYPE_CHECKING:
    from vpce_checks.cloudformation.reader import Reader


def _attachment(kind: str, name: str) -> Callable[[Reader], Iterator[NetworkObject]]:
    def build(read: Reader) -> Iterator[NetworkObject]:
        yield from attachments(read.declaration({"subnet": name}), kind, read.quiet_items(name))

    return build


BUILDERS: dict[str, Callable[[Reader], Iterator[NetworkObject]]] = {
    "AWS::EC2::TransitGatewayAttachment": _attachment("transit_gateway", "SubnetIds"),
    "AWS::EC2::TransitGatewayVpcAttachment": _attachment("transit_gateway", "SubnetIds"),
    "AWS::NetworkManager::VpcAttachment": _attachment("cloud_wan", "SubnetArns"),
}
"""By resource type: the network objects that one resource is. No condition is decided for their sake."""
