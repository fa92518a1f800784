"""The Terraform resource types that filter traffic: security groups, network ACLs, prefix lists, CIDR blocks of VPCs.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.filters import (
    Exclusive,
    GroupAssociation,
    IngressRule,
    NetworkAcl,
    NetworkAclAssociation,
    NetworkAclRule,
    PrefixList,
    PrefixListEntry,
    VpcRange,
)
from vpce_checks.model.network import Declaration, NetworkObject, SecurityGroup
from vpce_checks.model.values import Unknown, Value, merge_causes
from vpce_checks.terraform.aws.coerce import as_bool, as_string, as_strings, collected, united

if TYPE_CHECKING:
    from vpce_checks.terraform.aws.instance import ResourceBlock, ResourceInstance


def _vpc_range(instance: ResourceInstance) -> Iterator[NetworkObject]:
    cidr = instance.get("cidr_block")
    if cidr is None:
        cidr = instance.get("ipv6_cidr_block")
    yield VpcRange(instance.declaration(), instance.get("vpc_id"), cidr)


def _security_group(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield SecurityGroup(instance.declaration(), instance.get("vpc_id"), instance.type == "aws_default_security_group")
    for block in instance.blocks("ingress"):
        yield _rule(_at(instance, block), instance.attribute("id"), block)


def _at(instance: ResourceInstance, block: ResourceBlock) -> Declaration:
    declared = instance.declaration()
    return declared if block.exists is True else replace(declared, exists=block.exists)


def _rule(declared: Declaration, group: Value, source: ResourceInstance | ResourceBlock) -> IngressRule:
    """Return the rule in an inline block, or of an ``aws_security_group_rule``: they name their arguments alike."""
    single = (as_string(source.get("source_security_group_id")),)
    return IngressRule(
        declared,
        group,
        as_string(source.get("protocol")),
        source.get("from_port"),
        source.get("to_port"),
        united(as_strings(source.get("cidr_blocks")), as_strings(source.get("ipv6_cidr_blocks"))),
        as_strings(source.get("prefix_list_ids")),
        collected(source.get("security_groups"), single),
        as_bool(source.get("self"), default=False),
    )


def _group_rule(instance: ResourceInstance) -> Iterator[NetworkObject]:
    direction = as_string(instance.get("type"))
    from vpce_checks.terraform.types.equality import equals

    incoming = equals(direction, "ingress")
    if incoming is False:
        return
    declared = instance.declaration()
    if incoming is None:
        declared = replace(declared, exists=Unknown(merge_causes([direction])))
    yield _rule(declared, instance.get("security_group_id"), instance)


def _ingress_rule(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule"""
    yield IngressRule(
        instance.declaration(),
        instance.get("security_group_id"),
        as_string(instance.get("ip_protocol")),
        instance.get("from_port"),
        instance.get("to_port"),
        collected(None, (instance.get("cidr_ipv4"), instance.get("cidr_ipv6"))),
        collected(None, (instance.get("prefix_list_id"),)),
        collected(None, (instance.get("referenced_security_group_id"),)),
    )


def _exclusive_rules(instance: ResourceInstance) -> Iterator[NetworkObject]:
    for kind in ("ingress", "egress"):
        kept = as_strings(instance.get(f"{kind}_rule_ids"))
        yield Exclusive(instance.declaration(), kind, instance.get("security_group_id"), kept)


def _group_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    group = "group_id" if instance.type.startswith("awscc_") else "security_group_id"
    yield GroupAssociation(instance.declaration(), instance.get(group), instance.get("vpc_id"))


def _awscc_group(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield SecurityGroup(instance.declaration(), instance.get("vpc_id"))
    for block in instance.blocks("security_group_ingress"):
        yield _awscc_rule(_at(instance, block), instance.attribute("group_id"), block)


def _awscc_group_rule(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield _awscc_rule(instance.declaration(), instance.get("group_id"), instance)


def _awscc_rule(declared: Declaration, group: Value, source: ResourceInstance | ResourceBlock) -> IngressRule:
    return IngressRule(
        declared,
        group,
        as_string(source.get("ip_protocol")),
        source.get("from_port"),
        source.get("to_port"),
        collected(None, (source.get("cidr_ip"), source.get("cidr_ipv_6"))),
        collected(None, (source.get("source_prefix_list_id"),)),
        collected(None, (source.get("source_security_group_id"),)),
    )


def _prefix_list(instance: ResourceInstance) -> Iterator[NetworkObject]:
    argument = "entries" if instance.type.startswith("awscc_") else "entry"
    blocks = list(instance.blocks(argument))
    certain = [block.get("cidr") for block in blocks if block.exists is True]
    yield PrefixList(instance.declaration(), collected(None, certain))
    for block in blocks:
        if block.exists is not True:
            yield PrefixListEntry(_at(instance, block), instance.attribute("id"), block.get("cidr"))


def _prefix_list_entry(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield PrefixListEntry(instance.declaration(), instance.get("prefix_list_id"), instance.get("cidr"))


def _network_acl(instance: ResourceInstance) -> Iterator[NetworkObject]:
    default = instance.type == "aws_default_network_acl"
    named = instance.get("default_network_acl_id") if default else instance.get("vpc_id")
    yield NetworkAcl(instance.declaration(), named, as_strings(instance.get("subnet_ids")), default)
    for direction in ("ingress", "egress"):
        for block in instance.blocks(direction):
            yield NetworkAclRule(
                _at(instance, block),
                instance.attribute("id"),
                block.get("rule_no"),
                direction == "egress",
                as_string(block.get("action")),
                as_string(block.get("protocol")),
                block.get("cidr_block") or block.get("ipv6_cidr_block"),
                block.get("from_port"),
                block.get("to_port"),
            )


def _network_acl_rule(instance: ResourceInstance) -> Iterator[NetworkObject]:
    first, last = ("port_range_from", "port_range_to") if _is_awscc(instance) else ("from_port", "to_port")
    cidr = instance.get("cidr_block")
    yield NetworkAclRule(
        instance.declaration(),
        instance.get("network_acl_id"),
        instance.get("rule_number"),
        as_bool(instance.get("egress"), default=False),
        as_string(instance.get("rule_action")),
        as_string(instance.get("protocol")),
        cidr if cidr is not None else instance.get("ipv6_cidr_block"),
        instance.get(first),
        instance.get(last),
    )


def _is_awscc(instance: ResourceInstance) -> bool:
    return instance.type.startswith("awscc_")


def _network_acl_association(instance: ResourceInstance) -> Iterator[NetworkObject]:
    yield NetworkAclAssociation(instance.declaration(), instance.get("network_acl_id"), instance.get("subnet_id"))


BUILDERS: dict[str, Callable[[ResourceInstance], Iterator[NetworkObject]]] = {
    "aws_vpc_ipv4_cidr_block_association": _vpc_range,
    "aws_vpc_ipv6_cidr_block_association": _vpc_range,
    "awscc_ec2_vpc_cidr_block": _vpc_range,
    "aws_security_group": _security_group,
    "aws_default_security_group": _security_group,
    "aws_security_group_rule": _group_rule,
    "aws_vpc_security_group_ingress_rule": _ingress_rule,
    "aws_vpc_security_group_rules_exclusive": _exclusive_rules,
    "aws_vpc_security_group_vpc_association": _group_association,
    "awscc_ec2_security_group": _awscc_group,
    "awscc_ec2_security_group_ingress": _awscc_group_rule,
    "awscc_ec2_security_group_vpc_association": _group_association,
    "aws_ec2_managed_prefix_list": _prefix_list,
    "awscc_ec2_prefix_list": _prefix_list,
    "aws_ec2_managed_prefix_list_entry": _prefix_list_entry,
    "aws_network_acl": _network_acl,
    "aws_default_network_acl": _network_acl,
    "awscc_ec2_network_acl": _network_acl,
    "aws_network_acl_rule": _network_acl_rule,
    "aws_network_acl_association": _network_acl_association,
    "awscc_ec2_subnet_network_acl_association": _network_acl_association,
}
"""By resource type: the network objects that one instance of it is."""
