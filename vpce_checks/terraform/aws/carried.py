"""Attributes that an object has from another one: what is in a subnet is in the VPC of that subnet.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs (the attribute ``vpc_id`` of each resource)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from vpce_checks.model.network import link
from vpce_checks.model.values import ListValue, Reference, Unknown, Value, choose
from vpce_checks.terraform.aws.instance import ResourceBlock, ResourceInstance
from vpce_checks.terraform.lang.scope import DeclaredObject

Lookup: TypeAlias = Callable[[str], DeclaredObject | None]
"""Return the resource or data source that the configuration declares at an address."""

_VPC_ID = {"aws_vpc": "id", "aws_default_vpc": "id", "awscc_ec2_vpc": "vpc_id"}
"""Types of VPCs, and the attribute with their id."""

_IN_THE_VPC: Mapping[str, tuple[str, ...]] = {
    "vpc_id": (
        *("subnet_id", "subnet_ids", "subnets", "subnet_mapping.subnet_id"),
        *("network_interface_id", "default_route_table_id", "default_network_acl_id"),
        *("filter:vpc-id", "filter:attachment.vpc-id", "filter:subnet-id", "filter:association.subnet-id"),
        "filter:network-interface-id",
    ),
    "host_vpc_id": ("ip_address.subnet_id",),
}
"""Attribute that holds the VPC of an object -> arguments that name something in that VPC, or the VPC itself.

``block.argument`` is in a nested block. ``filter:name`` are the values of a filter of a data source.
"""

CARRIED = frozenset(_IN_THE_VPC)
"""Attributes that an object has from another one."""

_IDENTIFYING: Mapping[str, tuple[str, ...]] = {
    "aws_alb": ("arn", "name"),
    "aws_db_subnet_group": ("name",),
    "aws_ec2_transit_gateway_vpc_attachment": ("id",),
    "aws_eks_cluster": ("name",),
    "aws_elasticache_subnet_group": ("name",),
    "aws_elb": ("name",),
    "aws_instance": ("instance_id", "filter:instance-id"),
    "aws_internet_gateway": ("internet_gateway_id", "filter:internet-gateway-id"),
    "aws_lambda_function": ("function_name",),
    "aws_lb": ("arn", "name"),
    "aws_lb_target_group": ("arn", "name"),
    "aws_nat_gateway": ("id", "filter:nat-gateway-id"),
    "aws_network_interface": ("id", "filter:network-interface-id"),
    "aws_networkfirewall_firewall": ("arn", "name"),
    "aws_opensearch_domain": ("domain_name",),
    "aws_route53_resolver_endpoint": ("resolver_endpoint_id",),
    "aws_route53_zone": ("zone_id",),
    "aws_route_table": ("route_table_id", "filter:route-table-id"),
    "aws_security_group": ("id", "filter:group-id"),
    "aws_ssm_parameter": ("name",),
    "aws_subnet": ("id", "filter:subnet-id"),
    "aws_vpc": ("id", "filter:vpc-id"),
    "aws_vpc_endpoint": ("id", "filter:vpc-endpoint-id"),
    "aws_vpc_peering_connection": ("id",),
    "aws_vpn_gateway": ("id", "filter:vpn-gateway-id"),
    "awscc_ssm_parameter": ("id",),
}
"""Type of data source -> the arguments that identify the one object that it finds."""

_IDENTIFIERS = frozenset({"id", "arn", "name", "function_name", "domain_name", "zone_id"})
"""Attributes of an object that identify it."""


def carried(source: ResourceInstance | ResourceBlock, name: str, lookup: Lookup) -> Value:
    """Return attribute ``name`` of ``source`` if its arguments lead to the VPC that it is; null if they do not."""
    found = [_vpc_of(value, lookup) for argument in _IN_THE_VPC.get(name, ()) for value in _arguments(source, argument)]
    known = [value for value in found if value is not None]
    return next((value for value in known if link(value).certain), known[0] if known else None)


def found_object(data: ResourceInstance, name: str, lookup: Lookup) -> Value:
    """Return attribute ``name`` of a data source that looks up an object of the configuration; null if it does not.

    A data source has the attributes of the resource that it finds.
    """
    for argument in _IDENTIFYING.get(data.type, ()):
        for identifier in _arguments(data, argument):
            value = _each(identifier, lambda part: _found_attribute(part, name, data.type, lookup))
            if value is not None:
                return value
    return None


def identifying_arguments(type: str) -> tuple[str, ...]:
    """Return the arguments by which a data source of ``type`` finds one object."""
    return tuple(argument for argument in _IDENTIFYING.get(type, ()) if ":" not in argument)


def finds(data_type: str, resource_type: str) -> bool:
    """Whether data sources of one type find resources of the other type."""
    return _without_prefix(data_type) == _without_prefix(resource_type)


def _arguments(source: ResourceInstance | ResourceBlock, argument: str) -> Iterator[Value]:
    """Yield the values of an argument, written as in :data:`_IN_THE_VPC`."""
    outer, _, inner = argument.rpartition(".")
    if argument.startswith("filter:"):
        for block in _blocks(source, "filter"):
            if block.get("name") == argument.removeprefix("filter:"):
                yield block.get("values")
    elif outer:
        yield from (block.get(inner) for block in _blocks(source, outer))
    else:
        yield source.get(argument)


def _blocks(source: ResourceInstance | ResourceBlock, type: str) -> Iterator[ResourceBlock]:
    blocks = getattr(source, "blocks", None)
    return iter(()) if blocks is None else (block for block in blocks(type) if block.exists is True)


def _each(value: Value, of: Callable[[Reference], Value]) -> Value:
    """Return ``of`` a reference, or of each value that ``value`` may be. A list with one item stands for the item."""
    if isinstance(value, ListValue):
        return _each(value.items[0], of) if value.exact and len(value.items) == 1 else None
    if isinstance(value, Unknown) and value.one_of:
        options = [_each(member, of) for member in value.one_of if member is not None]
        return choose(options, value.causes) if options and all(option is not None for option in options) else None
    return of(value) if isinstance(value, Reference) and value.path else None


def _vpc_of(value: Value, lookup: Lookup) -> Value:
    """Return the VPC of what ``value`` identifies; null if that is not known. Several subnets are in one VPC."""
    if isinstance(value, ListValue) and len(value.items) > 1:
        found = [_vpc_of(item, lookup) for place, item in enumerate(value.items) if place not in value.maybe]
        return next((vpc for vpc in found if vpc is not None and link(vpc).certain), None)
    return _each(value, lambda part: _vpc_of_part(part, lookup))


def _vpc_of_part(part: Reference, lookup: Lookup) -> Value:
    owner = lookup(part.address)
    if owner is None:
        return None
    vpc = owner.attribute(_VPC_ID.get(owner.type, "vpc_id"))
    certain = link(vpc).certain or (isinstance(vpc, Unknown) and bool(vpc.one_of))
    return vpc if certain else None


def _found_attribute(identifier: Reference, name: str, type: str, lookup: Lookup) -> Value:
    found = lookup(identifier.address)
    if found is None:
        return None
    if finds(type, found.type) and identifier.path[0] in _IDENTIFIERS:
        return found.attribute(name)
    if name == "id":  # the main route table of a VPC, say, which no resource declares
        return identifier
    return _vpc_of_part(identifier, lookup) if name == "vpc_id" else None


def _without_prefix(type: str) -> str:
    return {"aws_alb": "lb"}.get(type, type.removeprefix("aws_").removeprefix("default_"))
