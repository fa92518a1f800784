"""The CloudFormation resource types that filter traffic: security groups, network ACLs, prefix lists, CIDR blocks of VPCs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.filters import (
    GroupAssociation,
    IngressRule,
    NetworkAcl,
    NetworkAclAssociation,
    NetworkAclRule,
    PrefixList,
    VpcRange,
)
from vpce_checks.model.network import Declaration, NetworkObject, SecurityGroup, ipv6_block
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Reference, Unknown, Value, merge_causes

if TYPE_CHECKING:
    from vpce_checks.cloudformation.reader import Reader

Get = Callable[[str], Value]
"""Returns a property of a resource, or of a mapping within one; None where it is omitted."""


def _within(value: Value) -> Get:
    """Return what reads the entries of ``value``, a mapping. Each of them is unknown if ``value`` is."""

    def get(name: str) -> Value:
        if isinstance(value, MapValue):
            return value.items.get(name, value.rest)
        return value if isinstance(value, Opaque) else None

    return get


def _set(*values: Value) -> Value:
    return ListValue(tuple(value for value in values if value is not None), "set")


def _block(read: Reader, name: str) -> Value:
    value = read.quiet_value(name)
    return ipv6_block(value, read.stack.prefix + read.resource.id, name) if name == "Ipv6CidrBlock" else value


def cidr_blocks(read: Reader, *names: str) -> Value:
    """Return a set of the CIDR blocks that the properties ``names`` hold, and the blocks that AWS chooses."""
    found = [_block(read, name) for name in names]
    if all(value is None for value in found):
        cause = Cause("AWS chooses its CIDR block", read.resource.span)
        found = [Reference(read.stack.prefix + read.resource.id, ("CidrBlock",), "resource", (cause,))]
    return _set(*found)


def _group(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"vpc": "VpcId"})
    yield SecurityGroup(declared, read.value("VpcId"))
    group = Reference(declared.address, ("GroupId",), "resource")
    rules = read.quiet_items("SecurityGroupIngress")
    if isinstance(rules, ListValue):
        for place, item in enumerate(rules.items):
            presence = rules.maybe.get(place)
            yield _rule(declared if presence is None else replace(declared, exists=presence), group, _within(item))
    rest = rules.rest if isinstance(rules, ListValue) else Unknown(merge_causes([rules]))
    if rest is not None:
        yield _rule(replace(declared, exists=rest), group, _within(rest))


def _group_association(read: Reader) -> Iterator[NetworkObject]:
    yield GroupAssociation(read.declaration({"vpc": "VpcId"}), read.value("GroupId"), read.value("VpcId"))


def _group_rule(read: Reader) -> Iterator[NetworkObject]:
    get = read.quiet_value
    group = get("GroupId")
    yield _rule(read.declaration({}), get("GroupName") if group is None else group, get)


def _rule(declared: Declaration, group: Value, get: Get) -> IngressRule:
    return IngressRule(
        declared,
        group,
        get("IpProtocol"),
        get("FromPort"),
        get("ToPort"),
        _set(get("CidrIp"), get("CidrIpv6")),
        _set(get("SourcePrefixListId")),
        _set(get("SourceSecurityGroupId"), get("SourceSecurityGroupName")),
    )


def _prefix_list(read: Reader) -> Iterator[NetworkObject]:
    entries = read.quiet_items("Entries")
    if isinstance(entries, ListValue):
        cidrs = tuple(_within(item)("Cidr") for item in entries.items)
        entries = ListValue(cidrs, "set", entries.maybe, entries.rest)
    yield PrefixList(read.declaration({}), entries)


def _network_acl(read: Reader) -> Iterator[NetworkObject]:
    yield NetworkAcl(read.declaration({"vpc": "VpcId"}), read.value("VpcId"))


def _network_acl_rule(read: Reader) -> Iterator[NetworkObject]:
    get = read.quiet_value
    with read.stack.world.choices.freezing():
        egress = read.flag("Egress", default=False)
    cidr = get("CidrBlock")
    ports = _within(get("PortRange"))
    yield NetworkAclRule(
        read.declaration({}),
        get("NetworkAclId"),
        get("RuleNumber"),
        egress,
        get("RuleAction"),
        get("Protocol"),
        get("Ipv6CidrBlock") if cidr is None else cidr,
        ports("From"),
        ports("To"),
    )


def _network_acl_association(read: Reader) -> Iterator[NetworkObject]:
    get = read.quiet_value
    yield NetworkAclAssociation(read.declaration({}), get("NetworkAclId"), get("SubnetId"))


def _vpc_range(read: Reader) -> Iterator[NetworkObject]:
    get = read.quiet_value
    cidr = get("CidrBlock")
    yield VpcRange(read.declaration({}), get("VpcId"), get("Ipv6CidrBlock") if cidr is None else cidr)


BUILDERS: dict[str, Callable[[Reader], Iterator[NetworkObject]]] = {
    "AWS::EC2::VPCCidrBlock": _vpc_range,
    "AWS::EC2::SecurityGroup": _group,
    "AWS::EC2::SecurityGroupIngress": _group_rule,
    "AWS::EC2::SecurityGroupVpcAssociation": _group_association,
    "AWS::EC2::PrefixList": _prefix_list,
    "AWS::EC2::NetworkAcl": _network_acl,
    "AWS::EC2::NetworkAclEntry": _network_acl_rule,
    "AWS::EC2::SubnetNetworkAclAssociation": _network_acl_association,
}
"""By resource type: the network objects that one resource is. No condition is decided for their sake."""
