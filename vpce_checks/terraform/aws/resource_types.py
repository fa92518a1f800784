"""What each Terraform resource type is in the network, whoever knows its arguments: the code or a plan.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.network import (
    Appliance,
    Declaration,
    Endpoint,
    EndpointAssociation,
    InternetGateway,
    NetworkObject,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    TargetKind,
    Vpc,
    ipv6_block,
)
from vpce_checks.model.values import Unknown, Value, merge_causes
from vpce_checks.terraform.aws import attachments, filters, generic, route53
from vpce_checks.terraform.aws.coerce import as_bool, as_string, as_strings, collected, item
from vpce_checks.terraform.aws.instance import ResourceBlock as ResourceBlock
from vpce_checks.terraform.aws.instance import ResourceInstance as ResourceInstance


def _vpc(instance: ResourceInstance) -> Iterator[NetworkObject]:
    default = instance.type == "aws_default_vpc"
    tags = instance.tags()
    yield Vpc(
        instance.declaration(
            enable_dns_support="enable_dns_support", enable_dns_hostnames="enable_dns_hostnames", region="region"
        ),
        region=as_string(instance.region()),
        enable_dns_support=as_bool(instance.get("enable_dns_support"), default=True),
        enable_dns_hostnames=as_bool(instance.get("enable_dns_hostnames"), default),
        name=item(tags, "Name"),
        tags=tags,
        default=default,
        cidrs=_cidrs(instance),
    )


def _cidrs(instance: ResourceInstance) -> Value:
    """The CIDR blocks of a VPC or subnet. AWS chooses the IPv4 block where an address pool gives it."""
    native = instance.get("ipv6_native") is True
    ipv6 = instance.get("ipv6_cidr_block") is not None or instance.get("assign_generated_ipv6_cidr_block") is True
    block = instance.attribute("ipv6_cidr_block") if ipv6 else None
    block = ipv6_block(block, instance.declaration().address, "ipv6_cidr_block")
    return collected(None, (None if native else instance.attribute("cidr_block"), block))


def _endpoint(instance: ResourceInstance) -> Iterator[NetworkObject]:
    configurations = list(instance.blocks("subnet_configuration"))
    policy = "policy_document" if instance.type.startswith("awscc_") else "policy"
    declared = instance.declaration(
        vpc="vpc_id",
        service_name="service_name",
        type="vpc_endpoint_type",
        private_dns="private_dns_enabled",
        route_tables="route_table_ids",
        subnets="subnet_ids",
        security_groups="security_group_ids",
        service_region="service_region",
        policy=policy,
    )
    null = instance.null_cause("subnet_ids") if instance.get("subnet_ids") is None else None
    yield Endpoint(
        declared if null is None else replace(declared, nulls={"subnets": null}),
        vpc=instance.get("vpc_id"),
        service_name=as_string(instance.get("service_name")),
        type=as_string(instance.get("vpc_endpoint_type"), "Gateway"),
        private_dns=as_bool(instance.get("private_dns_enabled"), default=False),
        region=as_string(instance.region()),
        service_region=as_string(instance.get("service_region")),
        route_tables=as_strings(instance.get("route_table_ids")),
        subnets=collected(instance.get("subnet_ids"), [block.get("subnet_id") for block in configurations]),
        security_groups=as_strings(instance.get("security_group_ids")),
        dns_inbound_only=_dns_inbound_only(instance),
        policy=instance.get(policy),
        ip_address_type=as_string(instance.get("ip_address_type")),
        addresses=route53.fixed_addresses(configurations),
    )


def _dns_inbound_only(instance: ResourceInstance) -> Value:
    argument = "private_dns_only_for_inbound_resolver_endpoint"
    if instance.type.startswith("awscc_"):
        chosen = item(instance.get("dns_options"), argument)
        return {"OnlyInboundResolver": True, "AllResolvers": False}.get(chosen) if isinstance(chosen, str) else chosen
    options = next(instance.blocks("dns_options"), None)
    if options is None:
        return None
    return as_bool(options.get(argument), None) if options.exists is True else options.exists


def _association(kind: str, target: str) -> Callable[[ResourceInstance], Iterator[NetworkObject]]:
    def build(instance: ResourceInstance) -> Iterator[NetworkObject]:
        value = instance.get(target)
        if kind == "private_dns":
            value = as_bool(value, default=False)
        replaces = (
            as_bool(instance.get("replace_default_association"), default=False) if kind == "security_group" else False
        )
        declared = instance.declaration(target=target)
        yield EndpointAssociation(declared, kind, instance.get("vpc_endpoint_id"), value, replaces)

    return build


_TARGETS: dict[str, TargetKind] = {
    "gateway_id": "gateway",
    "nat_gateway_id": "nat",
    "egress_only_gateway_id": "egress_only",
    "egress_only_internet_gateway_id": "egress_only",
    "transit_gateway_id": "transit_gateway",
    "vpc_endpoint_id": "endpoint",
}
_DESTINATIONS = (
    "cidr_block",
    "destination_cidr_block",
    "ipv6_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
)


def _routes_of(declared: Declaration, table: Value, source: ResourceInstance | ResourceBlock) -> Route:
    destination = next((d for d in map(source.get, _DESTINATIONS) if d is not None and d != ""), None)
    target: Value = None
    kind: TargetKind = "other"
    for argument, target_kind in _TARGETS.items():
        value = source.get(argument)
        if value is not None and value != "":
            target, kind = value, target_kind
            break
    return Route(declared, table, destination, target, kind)


def _route(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield _routes_of(instance.declaration(), instance.get("route_table_id"), instance)


def _route_table(instance: ResourceInstance) -> Iterator[NetworkObject]:
    main = instance.type == "aws_default_route_table"
    declared = instance.declaration()
    vpc = instance.get("default_route_table_id") if main else instance.get("vpc_id")
    yield RouteTable(declared, vpc, main)
    table = instance.attribute("route_table_id" if instance.type.startswith("awscc_") else "id")
    for block in instance.blocks("route"):
        route = _routes_of(declared, table, block)
        yield route if block.exists is True else _uncertain(route, block)


def _uncertain(route: Route, block: ResourceBlock) -> Route:
    return replace(route, declared=replace(route.declared, exists=block.exists))


def _table_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield RouteTableAssociation(instance.declaration(), instance.get("route_table_id"), instance.get("subnet_id"))


def _main_table_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield RouteTableAssociation(instance.declaration(), instance.get("route_table_id"), main_of=instance.get("vpc_id"))


def _subnet(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield Subnet(
        instance.declaration(),
        instance.get("vpc_id"),
        instance.get("availability_zone") or instance.get("availability_zone_id"),
        as_bool(instance.get("map_public_ip_on_launch"), default=False),
        _cidrs(instance),
    )


def _internet_gateway(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield InternetGateway(instance.declaration(), instance.get("vpc_id"))


def _nat_gateway(instance: ResourceInstance) -> Iterator[NetworkObject]:
    from vpce_checks.terraform.types.equality import equals

    private = equals(as_string(instance.get("connectivity_type"), "public"), "private")
    if private is True or instance.get("subnet_id") is None:  # a regional one stands in no subnet
        return
    found = Appliance(instance.declaration(), "nat", instance.get("subnet_id"))
    yield found if private is False else _if_there(found, instance.get("connectivity_type"))


def _if_there(appliance: Appliance, why: object) -> Appliance:
    return replace(appliance, declared=replace(appliance.declared, exists=Unknown(merge_causes([why]))))


def _firewall(instance: ResourceInstance) -> Iterator[NetworkObject]:
    for block in instance.blocks("subnet_mapping"):
        found = Appliance(instance.declaration(), "firewall", block.get("subnet_id"))
        yield found if block.exists is True else _if_there(found, block.exists)


BUILDERS: dict[str, Callable[[ResourceInstance], Iterator[NetworkObject]]] = {
    "aws_vpc": _vpc,
    "aws_default_vpc": _vpc,
    "awscc_ec2_vpc": _vpc,
    "aws_vpc_endpoint": _endpoint,
    "awscc_ec2_vpc_endpoint": _endpoint,
    "aws_vpc_endpoint_route_table_association": _association("route_table", "route_table_id"),
    "aws_vpc_endpoint_subnet_association": _association("subnet", "subnet_id"),
    "aws_vpc_endpoint_security_group_association": _association("security_group", "security_group_id"),
    "aws_vpc_endpoint_private_dns": _association("private_dns", "private_dns_enabled"),
    "aws_vpc_endpoint_policy": _association("policy", "policy"),
    "aws_route_table": _route_table,
    "aws_default_route_table": _route_table,
    "awscc_ec2_route_table": _route_table,
    "aws_route": _route,
    "awscc_ec2_route": _route,
    "aws_route_table_association": _table_association,
    "awscc_ec2_subnet_route_table_association": _table_association,
    "aws_main_route_table_association": _main_table_association,
    "aws_subnet": _subnet,
    "aws_default_subnet": _subnet,
    "awscc_ec2_subnet": _subnet,
    "aws_internet_gateway": _internet_gateway,
    "awscc_ec2_internet_gateway": _internet_gateway,
    "aws_nat_gateway": _nat_gateway,
    "awscc_ec2_nat_gateway": _nat_gateway,
    "aws_networkfirewall_firewall": _firewall,
    "aws_networkfirewall_vpc_endpoint_association": _firewall,
    **route53.BUILDERS,
    **generic.BUILDERS,
    **attachments.BUILDERS,
    **filters.BUILDERS,
}
"""By resource type: the network objects that one instance of it is."""

ARGUMENTS = {"vpc": "vpc_id", "type": "vpc_endpoint_type"}
"""Fields of the network model that Terraform's arguments call otherwise, of those that reports show."""
