"""Ids and ARNs of EC2 that the deployment will assign: what they are made of is known, though not the id itself.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-resources-for-iam-policies
"""

from __future__ import annotations

from vpce_checks.model.network import without_keys
from vpce_checks.model.values import PartialString, Reference, Value

_IN_ARNS = {
    "aws_default_route_table": "route-table",
    "aws_default_security_group": "security-group",
    "aws_default_subnet": "subnet",
    "aws_default_vpc": "vpc",
    "aws_internet_gateway": "internet-gateway",
    "aws_network_acl": "network-acl",
    "aws_network_interface": "network-interface",
    "aws_route_table": "route-table",
    "aws_security_group": "security-group",
    "aws_subnet": "subnet",
    "aws_vpc": "vpc",
    "aws_vpc_endpoint": "vpc-endpoint",
}
"""Types of resources, and what their ARNs call them before the id."""

_PARTS = frozenset({"partition", "region", "account"})


def arn_text(value: Value) -> Value:
    """Return the ARN of a resource of EC2 as a text with its id in it: ``arn:P:ec2:R:A:vpc/ID``. Other values stay."""
    if not isinstance(value, Reference) or value.kind != "resource" or value.path != ("arn",):
        return value
    word = _IN_ARNS.get(_type(value))
    if word is None:
        return value
    partition, region, account = (
        Reference(value.address, ("arn", part), "resource", value.causes, "string")
        for part in ("partition", "region", "account")
    )
    own = Reference(value.address, ("id",), "resource", value.causes, "string")
    return PartialString(("arn:", partition, ":ec2:", region, ":", account, f":{word}/", own))


def holds_no_separator(part: object, separator: str) -> bool:
    """Whether an unknown part of a text certainly does not hold any of ``separator``: ids are letters, digits and dashes."""
    if not isinstance(part, Reference) or part.kind != "resource" or _type(part) not in _IN_ARNS:
        return False
    is_plain = part.path == ("id",) or (len(part.path) == 2 and part.path[0] == "arn" and part.path[1] in _PARTS)
    return is_plain and not any(character.isalnum() or character == "-" for character in separator)


def is_id(part: object) -> bool:
    """Whether an unknown part of a text is an id of EC2: letters in lower case, digits and dashes, and a letter first."""
    return isinstance(part, Reference) and part.path == ("id",) and holds_no_separator(part, "/")


def _type(value: Reference) -> str:
    steps = without_keys(value.address).rpartition(":")[2].split(".")  # without the label of another root
    return steps[-2] if len(steps) > 1 else ""
