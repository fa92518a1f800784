"""The resource types that decide which address a name resolves to: hosted zones, Resolver rules, Profiles, and the
endpoint services of one's own, which may have private DNS names.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vpce_checks.base.record import replace
from vpce_checks.model.filters import Exclusive
from vpce_checks.model.network import (
    Declaration,
    HostedZone,
    NetworkObject,
    ProfileAssociation,
    ProfileResource,
    ZoneAssociation,
    ZoneRecord,
    answering_from,
)
from vpce_checks.model.resolver import (
    DomainList,
    EndpointService,
    FirewallAssociation,
    FirewallRule,
    ResolverRule,
    ResolverRuleAssociation,
    ZoneLookup,
)
from vpce_checks.model.values import ListValue, Opaque, Reference, Unknown, Value, merge_causes, unknown
from vpce_checks.terraform.aws.coerce import as_bool, as_string, as_strings, item
from vpce_checks.terraform.aws.instance import ResourceBlock, ResourceInstance


def fixed_addresses(configurations: Sequence[ResourceBlock]) -> Value:
    """Return the addresses that the ``subnet_configuration`` blocks of an endpoint set."""
    return _from_blocks(configurations, "ipv4", "ipv6")


def _from_blocks(blocks: Sequence[ResourceBlock], *names: str) -> ListValue:
    """Return a set of what the arguments ``names`` of nested blocks hold. A block that may be absent may hold nothing."""
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    for block in blocks:
        for name in names:
            value = block.get(name)
            if value is None:
                continue
            if block.exists is not True:
                maybe[len(items)] = block.exists
            items.append(value)
    return ListValue(tuple(items), "set", maybe)


def _hosted_zone(instance: ResourceInstance) -> Iterator[NetworkObject]:
    vpcs = _from_blocks(list(instance.blocks("vpc")), "vpc_id")
    yield HostedZone(instance.declaration(name="name"), as_string(instance.get("name")), vpcs)


def _awscc_hosted_zone(instance: ResourceInstance) -> Iterator[NetworkObject]:
    listed = instance.get("vp_cs")  # the provider's name for the property VPCs
    vpcs: Value = as_strings(listed)
    if isinstance(vpcs, ListValue):
        vpcs = replace(vpcs, items=tuple(item(each, "vpc_id") for each in vpcs.items))
    yield HostedZone(instance.declaration(name="name"), as_string(instance.get("name")), vpcs)


def _zone_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield ZoneAssociation(instance.declaration(), instance.get("zone_id"), instance.get("vpc_id"))


def _zone_authorization(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """What lets the account of a VPC associate it with a zone of this account. Whether it does is for that account's code
    to say."""
    declared = instance.declaration()
    why = unknown(f"{declared.address} lets another account make this association", declared.span)
    yield ZoneAssociation(replace(declared, exists=why), instance.get("zone_id"), instance.get("vpc_id"))


def _zone_record(instance: ResourceInstance) -> Iterator[NetworkObject]:
    aliases = _from_blocks(list(instance.blocks("alias")), "name")
    declared = instance.declaration(name="name", targets="records")
    for location in instance.blocks("geolocation_routing_policy"):
        declared = answering_from(declared, as_string(location.get("country")))
    yield ZoneRecord(
        declared,
        instance.get("zone_id"),
        as_string(instance.get("name"), ""),
        _joined(as_strings(instance.get("records")), aliases),
        as_string(instance.get("type")),
        as_string(instance.get("set_identifier")),
        relative=True,
    )


def _joined(records: Value, aliases: ListValue) -> Value:
    if not isinstance(records, ListValue):
        return replace(aliases, rest=Unknown(merge_causes([records])))
    shift = len(records.items)
    maybe = {**records.maybe, **{shift + place: why for place, why in aliases.maybe.items()}}
    return ListValue((*records.items, *aliases.items), "set", maybe, records.rest)


def _exclusive_records(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_records_exclusive"""
    zone, sets = instance.get("zone_id"), list(instance.blocks("resource_record_set"))
    yield Exclusive(instance.declaration(), "records", zone, _from_blocks(sets, "name"))
    for block in sets:
        declared = instance.declaration()
        if block.exists is not True:
            declared = replace(declared, exists=block.exists)
        for location in block.blocks("geolocation"):
            declared = answering_from(declared, as_string(location.get("country_code")))
        yield _record_set(declared, zone, block)


def _record_set(declared: Declaration, zone: Value, block: ResourceBlock) -> ZoneRecord:
    return ZoneRecord(
        declared,
        zone,
        as_string(block.get("name"), ""),
        _joined(
            _from_blocks(list(block.blocks("resource_records")), "value"),
            _from_blocks(list(block.blocks("alias_target")), "dns_name"),
        ),
        as_string(block.get("type")),
        as_string(block.get("set_identifier")),
        relative=True,
    )


def _rest(values: Value) -> Opaque | None:
    return None if values is None else Unknown(merge_causes([values]))


def _awscc_record(instance: ResourceInstance) -> Iterator[NetworkObject]:
    alias = item(instance.get("alias_target"), "dns_name")
    aliases = ListValue(() if alias is None else (alias,), "set")
    zone, location = instance.get("hosted_zone_id"), instance.get("geo_location")
    declared = instance.declaration(name="name", targets="resource_records")
    if location is not None:
        declared = answering_from(declared, item(location, "country_code"))
    yield ZoneRecord(
        declared,
        zone,
        as_string(instance.get("name")),
        _joined(as_strings(instance.get("resource_records")), aliases),
        as_string(instance.get("type")),
        as_string(instance.get("set_identifier")),
        as_string(instance.get("hosted_zone_name")) if zone is None else None,
    )


def _resolver_rule(instance: ResourceInstance) -> Iterator[NetworkObject]:
    domain, kind = as_string(instance.get("domain_name")), as_string(instance.get("rule_type"))
    yield ResolverRule(instance.declaration(), domain, kind)


def _rule_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield ResolverRuleAssociation(instance.declaration(), instance.get("resolver_rule_id"), instance.get("vpc_id"))


def _domain_list(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield DomainList(instance.declaration(), as_strings(instance.get("domains")))


def _firewall_rule(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield FirewallRule(
        instance.declaration(),
        instance.get("firewall_rule_group_id"),
        as_string(instance.get("action")),
        instance.get("firewall_domain_list_id"),
        instance.get("priority"),
        as_string(instance.get("q_type")),
        as_string(instance.get("block_response")),
    )


def _awscc_firewall_rules(instance: ResourceInstance) -> Iterator[NetworkObject]:
    listed, declared = instance.get("firewall_rules"), instance.declaration()
    group = Reference(declared.address, ("id",))
    if not isinstance(listed, ListValue):
        listed = ListValue((), "list", rest=_rest(listed))
    for place, each in enumerate(listed.items):
        why = listed.maybe.get(place)
        yield FirewallRule(
            declared if why is None else replace(declared, exists=why),
            group,
            as_string(item(each, "action")),
            item(each, "firewall_domain_list_id"),
            item(each, "priority"),
            as_string(item(each, "qtype")),
            as_string(item(each, "block_response")),
        )
    if listed.rest is not None:
        yield FirewallRule(replace(declared, exists=listed.rest), group, listed.rest, listed.rest, listed.rest)


def _firewall_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    group, vpc = instance.get("firewall_rule_group_id"), instance.get("vpc_id")
    yield FirewallAssociation(instance.declaration(), group, vpc, instance.get("priority"))


def _profile_resource(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield ProfileResource(instance.declaration(), instance.get("profile_id"), instance.get("resource_arn"))


def _profile_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    vpc = instance.get("resource_id")
    yield ProfileAssociation(instance.declaration(), instance.get("profile_id"), vpc, instance.get("priority"))


def _endpoint_service(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield EndpointService(instance.declaration(), as_string(instance.get("private_dns_name")))


def zone_lookup(instance: ResourceInstance) -> ZoneLookup:
    """Return the zone that the data source ``aws_route53_zone`` finds by its name or its id."""
    private = as_bool(instance.get("private_zone"), instance.get("vpc_id") is not None)
    name, id = as_string(instance.get("name")), as_string(instance.get("zone_id"))
    return ZoneLookup(instance.declaration(), name, id, private)


BUILDERS: dict[str, Callable[[ResourceInstance], Iterator[NetworkObject]]] = {
    "aws_route53_zone": _hosted_zone,
    "awscc_route53_hosted_zone": _awscc_hosted_zone,
    "aws_route53_zone_association": _zone_association,
    "aws_route53_vpc_association_authorization": _zone_authorization,
    "aws_route53_record": _zone_record,
    "aws_route53_records_exclusive": _exclusive_records,
    "awscc_route53_record_set": _awscc_record,
    "aws_route53_resolver_rule": _resolver_rule,
    "awscc_route53resolver_resolver_rule": _resolver_rule,
    "aws_route53_resolver_rule_association": _rule_association,
    "awscc_route53resolver_resolver_rule_association": _rule_association,
    "aws_route53_resolver_firewall_domain_list": _domain_list,
    "awscc_route53resolver_firewall_domain_list": _domain_list,
    "aws_route53_resolver_firewall_rule": _firewall_rule,
    "awscc_route53resolver_firewall_rule_group": _awscc_firewall_rules,
    "aws_route53_resolver_firewall_rule_group_association": _firewall_association,
    "awscc_route53resolver_firewall_rule_group_association": _firewall_association,
    "aws_route53profiles_resource_association": _profile_resource,
    "awscc_route53profiles_profile_resource_association": _profile_resource,
    "aws_route53profiles_association": _profile_association,
    "awscc_route53profiles_profile_association": _profile_association,
    "aws_vpc_endpoint_service": _endpoint_service,
    "awscc_ec2_vpc_endpoint_service": _endpoint_service,
}
"""By resource type: the network objects that one instance of it is."""
