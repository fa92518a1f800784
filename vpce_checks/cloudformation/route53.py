"""The resource types that decide which address a name resolves to: hosted zones, Resolver rules and Profiles.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Route53.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vpce_checks.base.record import replace
from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.reader import Reader
from vpce_checks.model.network import (
    HostedZone,
    NetworkObject,
    ProfileAssociation,
    ProfileResource,
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
)
from vpce_checks.model.values import (
    EMPTY_SET,
    Cause,
    ListValue,
    MapValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    merge_causes,
)


def _hosted_zone(read: Reader) -> Iterator[NetworkObject]:
    vpcs = read.value("VPCs", EMPTY_SET)
    if isinstance(vpcs, ListValue):
        ids = [item.items.get("VPCId") if isinstance(item, MapValue) else item for item in vpcs.items]
        vpcs = ListValue(tuple(ids), "list", vpcs.maybe, vpcs.rest)
    yield HostedZone(read.declaration({"name": "Name", "vpcs": "VPCs"}), read.text("Name"), vpcs)


def _record(read: Reader) -> Iterator[NetworkObject]:
    yield _zone_record(read, read.value, *_zone(read.value))


def _text(value: Value) -> Value:
    return None if value is None else text(value)


def _zone(value: Callable[[str], Value]) -> tuple[Value, Value]:
    """Return the id and the name of the zone of a record. One of them is None."""
    zone = value("HostedZoneId")
    return zone, _text(value("HostedZoneName")) if zone is None else None


def _zone_record(read: Reader, value: Callable[[str], Value], zone: Value, zone_name: Value) -> ZoneRecord:
    targets: list[Value] = []
    maybe: dict[int, Opaque] = {}
    rest: Opaque | None = None
    alias, records = value("AliasTarget"), value("ResourceRecords")
    if isinstance(alias, MapValue):
        targets.append(alias.items.get("DNSName"))
    elif alias is not None:
        rest = Unknown(merge_causes([alias]) or (Cause("its alias target is unknown"),))
    if isinstance(records, ListValue):
        maybe = {len(targets) + place: why for place, why in records.maybe.items()}
        targets += records.items
        rest = rest or records.rest
    elif isinstance(records, Opaque):
        rest = rest or records
    elif isinstance(records, str):
        targets.append(records)
    declared = read.declaration({"name": "Name", "zone": "HostedZoneId", "targets": "AliasTarget"})
    location = value("GeoLocation")
    if location is not None:
        declared = answering_from(
            declared, location.items.get("CountryCode") if isinstance(location, MapValue) else None
        )
    return ZoneRecord(
        declared,
        zone,
        _text(value("Name")),
        ListValue(tuple(targets), "list", maybe, rest),
        _text(value("Type")),
        _text(value("SetIdentifier")),
        zone_name,
    )


def _record_group(read: Reader) -> Iterator[NetworkObject]:
    zone = _zone(read.value)
    records = read.value("RecordSets", EMPTY_SET)
    listed = records if isinstance(records, ListValue) else ListValue(())
    for place, item in enumerate(listed.items):
        if isinstance(item, MapValue):
            own = _zone(item.items.get)
            found = _zone_record(read, item.items.get, *(own if own != (None, None) else zone))
            why = listed.maybe.get(place)
            yield found if why is None else replace(found, declared=replace(found.declared, exists=why))
    if not isinstance(records, ListValue) or records.rest is not None:
        unseen = Unknown(merge_causes([records]) or (Cause("its records are unknown", read.resource.span),))
        declared = read.declaration({"name": "RecordSets"})
        yield ZoneRecord(declared, zone[0], unseen, ListValue((), "list", rest=unseen), unseen, zone_name=zone[1])


def _profile_resource(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"profile": "ProfileId", "resource": "ResourceArn"})
    yield ProfileResource(declared, read.value("ProfileId"), read.value("ResourceArn"))


def _profile_association(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"profile": "ProfileId", "vpc": "ResourceId"})
    yield ProfileAssociation(declared, read.value("ProfileId"), read.value("ResourceId"), read.value("Priority"))


def _resolver_rule(read: Reader) -> Iterator[NetworkObject]:
    yield ResolverRule(read.declaration({"domain": "DomainName"}), read.text("DomainName"), read.text("RuleType"))


def _rule_association(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"rule": "ResolverRuleId", "vpc": "VPCId"})
    yield ResolverRuleAssociation(declared, read.value("ResolverRuleId"), read.value("VPCId"))


def _domain_list(read: Reader) -> Iterator[NetworkObject]:
    yield DomainList(read.declaration({"domains": "Domains"}), read.value("Domains"))


def _firewall_rules(read: Reader) -> Iterator[NetworkObject]:
    listed, declared = read.value("FirewallRules"), read.declaration({"rules": "FirewallRules"})
    group = Reference(declared.address, ("Id",))
    if not isinstance(listed, ListValue):
        listed = ListValue((), "list", rest=None if listed is None else Unknown(merge_causes([listed])))
    for place, item in enumerate(listed.items):
        why = listed.maybe.get(place)
        there = declared if why is None else replace(declared, exists=why)
        if not isinstance(item, MapValue):
            yield FirewallRule(there, group, item, item, item)
            continue
        value = item.items.get
        yield FirewallRule(
            there,
            group,
            _text(value("Action")),
            value("FirewallDomainListId"),
            _text(value("Priority")),
            _text(value("Qtype")),
            _text(value("BlockResponse")),
        )
    if listed.rest is not None:
        yield FirewallRule(replace(declared, exists=listed.rest), group, listed.rest, listed.rest, listed.rest)


def _firewall_association(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"group": "FirewallRuleGroupId", "vpc": "VpcId"})
    yield FirewallAssociation(declared, read.value("FirewallRuleGroupId"), read.value("VpcId"), read.text("Priority"))


def _endpoint_service(read: Reader) -> Iterator[NetworkObject]:
    """An endpoint service. CloudFormation cannot give it a private DNS name."""
    yield EndpointService(read.declaration({}))


BUILDERS: dict[str, Callable[[Reader], Iterator[NetworkObject]]] = {
    "AWS::Route53::HostedZone": _hosted_zone,
    "AWS::Route53::RecordSet": _record,
    "AWS::Route53::RecordSetGroup": _record_group,
    "AWS::Route53Profiles::ProfileResourceAssociation": _profile_resource,
    "AWS::Route53Profiles::ProfileAssociation": _profile_association,
    "AWS::Route53Resolver::ResolverRule": _resolver_rule,
    "AWS::Route53Resolver::ResolverRuleAssociation": _rule_association,
    "AWS::Route53Resolver::FirewallDomainList": _domain_list,
    "AWS::Route53Resolver::FirewallRuleGroup": _firewall_rules,
    "AWS::Route53Resolver::FirewallRuleGroupAssociation": _firewall_association,
    "AWS::EC2::VPCEndpointService": _endpoint_service,
}
"""By resource type: the network objects that one resource of it is."""
