"""How look-ups of the code find what inventories list, and what they then read of it.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from vpce_checks.estate.deployed import Findable
from vpce_checks.model.values import ListValue, MapValue, Value, unknown
from vpce_checks.project.inventory_file import Kind
from vpce_checks.project.inventory_item import Item, inner_texts

_TYPES: Mapping[Kind, str] = {
    "vpc": "aws_vpc",
    "subnet": "aws_subnet",
    "table": "aws_route_table",
    "group": "aws_security_group",
    "zone": "aws_route53_zone",
    "endpoint": "aws_vpc_endpoint",
}
"""What data sources call the objects that they find."""

_TRAITS: Mapping[Kind, Mapping[str, str]] = {
    "vpc": {"vpc-id": "VpcId", "is-default": "IsDefault", "state": "State", "owner-id": "OwnerId"},
    "subnet": {
        "subnet-id": "SubnetId",
        "vpc-id": "VpcId",
        "cidr": "CidrBlock",
        "availability-zone": "AvailabilityZone",
        "availability-zone-id": "AvailabilityZoneId",
        "map-public-ip-on-launch": "MapPublicIpOnLaunch",
        "default-for-az": "DefaultForAz",
        "state": "State",
        "owner-id": "OwnerId",
    },
    "table": {"route-table-id": "RouteTableId", "vpc-id": "VpcId", "owner-id": "OwnerId"},
    "group": {"group-id": "GroupId", "vpc-id": "VpcId", "group-name": "GroupName", "owner-id": "OwnerId"},
    "zone": {},
    "endpoint": {
        "vpc-endpoint-id": "VpcEndpointId",
        "vpc-id": "VpcId",
        "service-name": "ServiceName",
        "vpc-endpoint-type": "VpcEndpointType",
        "vpc-endpoint-state": "State",
    },
}
"""Filter of a data source -> the key with what it is compared with.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html and its neighbours
"""

_IDS: Mapping[Kind, tuple[str, ...]] = {
    "vpc": ("id",),
    "subnet": ("id", "subnet_id"),
    "table": ("id", "route_table_id"),
    "group": ("id",),
    "zone": ("id", "zone_id"),
    "endpoint": ("id",),
}
_ATTRIBUTES: Mapping[Kind, Mapping[str, str]] = {
    "vpc": {
        "cidr_block": "CidrBlock",
        "owner_id": "OwnerId",
        "default": "IsDefault",
        "enable_dns_support": "EnableDnsSupport",
        "enable_dns_hostnames": "EnableDnsHostnames",
    },
    "subnet": {
        "vpc_id": "VpcId",
        "cidr_block": "CidrBlock",
        "availability_zone": "AvailabilityZone",
        "availability_zone_id": "AvailabilityZoneId",
        "owner_id": "OwnerId",
    },
    "table": {"vpc_id": "VpcId", "owner_id": "OwnerId"},
    "group": {"vpc_id": "VpcId", "name": "GroupName"},
    "zone": {},
    "endpoint": {"vpc_id": "VpcId", "service_name": "ServiceName", "vpc_endpoint_type": "VpcEndpointType"},
}
"""Attribute of a data source -> the key with its value."""


def findable(
    item: Item, regions: Mapping[str, Mapping[str, None]], tables: Callable[[str], Sequence[Item]]
) -> Iterator[Findable]:
    """Yield an object as look-ups find it: none if they look for nothing of its kind.

    ``regions`` are those of VPCs by their ids, and ``tables`` returns the route tables of a VPC.
    """
    type = _TYPES.get(item.kind)
    if type is None or item.existence("State") is None:
        return
    vpc = item.id if item.kind == "vpc" else next(iter(item.texts("VpcId")), "")
    tags = item.tags
    traits: dict[str, tuple[str, ...]] = {
        f"tag:{name}": (text,) for name, text in tags.items() if isinstance(text, str)
    }
    known = tuple(name for name, text in tags.items() if isinstance(text, str))
    doubts = _doubts_of_tags(item, tags.keys() - known)
    traits.update({"tag-key": known, "account": item.accounts})
    if item.kind != "zone":
        traits["region"] = tuple(regions.get(vpc, ()))
    for trait, key in _TRAITS[item.kind].items():
        found = tuple(_spelled(each.raw) for each in item.said(key) if isinstance(each.raw, (str, bool, int)))
        if len(found) == 1:  # else outputs differ
            traits[trait] = found
    traits.update(_own_traits(item))
    attributes: dict[str, Value] = dict.fromkeys(_IDS[item.kind], item.id)
    for name, key in _ATTRIBUTES[item.kind].items():
        if item.said(key):
            attributes[name] = item.value(key, _plain)
    attributes.update(_own_attributes(item, tables))
    yield Findable(type, item.id, item.address, item.span, traits, attributes, doubts)


def _doubts_of_tags(item: Item, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return what filters may find of the tags ``names``, of which outputs differ: their keys, and each value that one says."""
    if not names:
        return {}
    said: dict[str, tuple[str, ...]] = {"tag-key": tuple(sorted(names))}
    for each in item.listed("Tags"):
        key, text = each.get("Key"), each.get("Value")
        if isinstance(key, str) and key in names and isinstance(text, str):
            trait = f"tag:{key}"
            said[trait] = (*said.get(trait, ()), text)
    return said


def _own_traits(item: Item) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the traits that more than one key has."""
    if item.kind == "vpc":
        blocks = (*inner_texts(item, "CidrBlockAssociationSet", "CidrBlock"), *item.texts("CidrBlock"))
        yield "cidr", blocks
    elif item.kind == "table":
        bound = [each for each, there in item.whole("Associations") if there is True]
        yield (
            "association.subnet-id",
            tuple(text for each in bound if isinstance(text := each.get("SubnetId"), str)),
        )
        mains = (each.get("Main") for each in bound)
        yield "association.main", tuple(dict.fromkeys(_spelled(main) for main in mains if isinstance(main, bool)))
    elif item.kind == "zone":
        yield "zone-id", (item.id,)
        yield "name", tuple(text.rstrip(".").lower() for text in item.texts("Name"))
        kinds = [raw.get("PrivateZone") for raw, _ in item.said("Config") if isinstance(raw, dict)]
        yield "private-zone", tuple(_spelled(each) for each in kinds if isinstance(each, bool))
        yield "vpc-id", tuple(inner_texts(item, "VPCs", "VPCId"))


def _own_attributes(item: Item, tables: Callable[[str], Sequence[Item]]) -> Iterator[tuple[str, Value]]:
    tags = item.tags
    yield "tags", MapValue(dict(tags), "map")
    if item.kind == "vpc":
        mains = [
            table.id
            for table in tables(item.id)
            if any(each.get("Main") is True and there is True for each, there in table.whole("Associations"))
        ]
        if len(mains) == 1:
            yield "main_route_table_id", mains[0]
    elif item.kind == "endpoint":
        entries = [
            MapValue({"dns_name": each["DnsName"], "hosted_zone_id": each["HostedZoneId"]}, "object")
            for each in item.listed("DnsEntries")
            if isinstance(each.get("DnsName"), str) and isinstance(each.get("HostedZoneId"), str)
        ]
        if entries:
            yield "dns_entry", ListValue(tuple(entries), "list")
    elif item.kind == "zone":
        yield (
            "name",
            item.value("Name", lambda raw: raw.rstrip(".") if isinstance(raw, str) else unknown("no name")),
        )


def _plain(raw: Any) -> Value:
    return raw if isinstance(raw, (str, bool)) else unknown("this is no text in the inventory")


def _spelled(raw: Any) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)
