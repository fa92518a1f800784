"""Ids and ARNs of EC2 that the deployment will assign: what they are made of is known, though not the id itself.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-resources-for-iam-policies
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vpce_checks.model.network import without_keys
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Value, join_strings

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


def read_with_ids(read: Callable[[str], Value], value: Value) -> Value:
    """Return what ``read`` makes of a text in which nothing but ids is unknown. Null if more is, or if there is an id in a key.

    ``read`` must not ask what the letters of an id are, as no format of data does: a stand-in is read in its place.
    """
    parts = value.parts if isinstance(value, PartialString) else (value,)
    ids = [part for part in parts if isinstance(part, Reference)]
    if not all(isinstance(part, str) or is_id(part) for part in parts):
        return None
    stand_in = "vpc-0"
    while any(stand_in in part for part in parts if isinstance(part, str)):
        stand_in += "f"
    numbers = iter(range(len(ids)))
    text = "".join(part if isinstance(part, str) else f"{stand_in}{next(numbers):0{_DIGITS}}" for part in parts)
    try:
        return _put_back(read(text), stand_in, ids)
    except _IdInKey:
        return None


_DIGITS = 4
"""How many digits number a stand-in; a text has at most MAX_PARTS parts."""


class _IdInKey(Exception):
    """An id is the key of a map, or a part of it."""


def _put_back(value: Value, stand_in: str, ids: Sequence[Reference]) -> Value:
    if isinstance(value, str):
        first, *others = value.split(stand_in)
        pieces: list[Value] = [first]
        for other in others:
            pieces += (ids[int(other[:_DIGITS])], other[_DIGITS:])
        return join_strings(pieces)
    if isinstance(value, ListValue):
        return ListValue(tuple(_put_back(item, stand_in, ids) for item in value.items), value.kind)
    if isinstance(value, MapValue):
        if any(stand_in in key for key in value.items):
            raise _IdInKey
        items = {key: _put_back(item, stand_in, ids) for key, item in value.items.items()}
        return MapValue(items, value.kind)
    return value


def _type(value: Reference) -> str:
    steps = without_keys(value.address).rpartition(":")[2].split(".")  # without the label of another root
    return steps[-2] if len(steps) > 1 else ""
