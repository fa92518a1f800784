"""Data sources that may find an object which an inventory holds: what each of them asks for.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html and its neighbours have the names of filters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vpce_checks.model.outside import DEPLOYED, Wanted
from vpce_checks.model.values import ListValue, MapValue, Opaque, Unknown, Value, merge_causes
from vpce_checks.terraform.config.outputs_of_others import environment_key

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance

_OF_SEVERAL = {"vpc_id": "vpc-id"}

_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "aws_vpc": {"id": "vpc-id", "cidr_block": "cidr", "default": "is-default", "state": "state"},
    "aws_vpcs": {},
    "aws_subnet": {
        "id": "subnet-id",
        "vpc_id": "vpc-id",
        "cidr_block": "cidr",
        "availability_zone": "availability-zone",
        "availability_zone_id": "availability-zone-id",
        "default_for_az": "default-for-az",
        "state": "state",
    },
    "aws_subnets": {},
    "aws_subnet_ids": _OF_SEVERAL,
    "aws_route_table": {
        "route_table_id": "route-table-id",
        "subnet_id": "association.subnet-id",
        "vpc_id": "vpc-id",
        "gateway_id": "association.gateway-id",
    },
    "aws_route_tables": _OF_SEVERAL,
    "aws_security_group": {"id": "group-id", "name": "group-name", "vpc_id": "vpc-id"},
    "aws_security_groups": {},
    "aws_vpc_endpoint": {
        "id": "vpc-endpoint-id",
        "vpc_id": "vpc-id",
        "service_name": "service-name",
        "state": "vpc-endpoint-state",
    },
    "aws_route53_zone": {"zone_id": "zone-id", "name": "name", "private_zone": "private-zone", "vpc_id": "vpc-id"},
}
"""Type of data source -> its arguments, each with the filter that it stands for."""

FILTERS = {
    "cidr-block": "cidr",
    "cidrBlock": "cidr",
    "cidr-block-association.cidr-block": "cidr",
    "isDefault": "is-default",
}
"""Name of a filter -> our name for the same thing."""

_WITHOUT_MEANING = frozenset({"count", "for_each", "provider", "depends_on", "tags", "region", "filter"})


def wanted_deployed(instance: Instance) -> Wanted | None:
    """Return what a data source asks for.

    None if no inventory lists what its type finds, or has what an argument asks for.
    """
    arguments = _ARGUMENTS.get(instance.type)
    if arguments is None:
        return None
    key: dict[str, Value] = {}
    for name in instance.block.body.attributes:
        value = instance.get(name) if name not in _WITHOUT_MEANING else None
        if value is None:
            continue
        if name not in arguments or arguments[name] in key:
            return None
        key[arguments[name]] = value
    tags = instance.get("tags")
    if isinstance(tags, MapValue) and tags.exact:
        key.update({f"tag:{name}": value for name, value in tags.items.items()})
    elif tags is not None:
        return None
    for block in instance.blocks("filter"):
        filter = block.get("name")
        part = FILTERS.get(filter, filter) if isinstance(filter, str) else None
        if part is None or part in key or block.exists is not True:
            return None
        key[part] = _listed(block.get("values"))
    if instance.type == "aws_route53_zone":
        _complete_zone(key)
    span = instance.block.header
    key.update(environment_key(instance))
    return Wanted(f"{DEPLOYED}{instance.type}", "", instance.address, span, key, is_search=True)


def _listed(values: Value) -> Value:
    """Return the values of a filter, one of which must match."""
    if isinstance(values, (ListValue, str, Opaque)):
        return values
    return Unknown(merge_causes([values]))


def _complete_zone(key: dict[str, Value]) -> None:
    """Add what the provider adds to a look-up of a zone: it looks for a public one, unless told otherwise.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/route53_zone
    """
    name = key.get("name")
    if isinstance(name, str):
        key["name"] = name.rstrip(".").lower()
    if "zone-id" not in key:
        key.setdefault("private-zone", "vpc-id" in key)
