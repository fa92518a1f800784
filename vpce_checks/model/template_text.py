"""What the text of a CloudFormation template shows that is not read as one: a body that some resource deploys elsewhere."""

from __future__ import annotations

from vpce_checks.base.pattern import pattern

_NETWORK_TYPE = pattern(r"\bAWS::EC2::(?:VPCEndpoint|VPC|RouteTable|Route|Subnet)\b(?!:)")
"""A type that makes a network."""

_MAY_HOLD = (
    *("AWS::EC2::", "AWS::CloudFormation::Stack", "AWS::CloudFormation::CustomResource", "AWS::ServiceCatalog::"),
    *("AWS::Serverless::Application", "Custom::", "Transform", "::MODULE"),
)
"""What stands in every template that creates a VPC, endpoint or route, itself or by something else."""


def may_hold_network(text: str) -> bool:
    """Return whether a template with this text may create a VPC, an endpoint or a route."""
    return any(mark in text for mark in _MAY_HOLD)


def network_types_in(text: str) -> tuple[str, ...]:
    """Return the types of a network that the text of a template names."""
    return tuple(dict.fromkeys(_NETWORK_TYPE.findall(text)))
