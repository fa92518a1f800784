"""What filters traffic in a VPC: the rules of security groups, network ACLs, and the lists of ranges that both name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.model.values import EMPTY_SET, Value

if TYPE_CHECKING:
    from vpce_checks.model.declaration import Declaration


@record
class VpcRange:
    """A stand-alone resource that adds a CIDR block to a VPC. ``cidr`` is None where AWS chooses it."""

    declared: Declaration
    vpc: Value
    cidr: Value


@record
class GroupAssociation:
    """The use of a security group in another VPC than its own.

    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html
    """

    declared: Declaration
    group: Value
    vpc: Value


@record
class IngressRule:
    """A rule of security group ``group`` that lets traffic in, inline or a resource of its own.

    ``protocol`` is as written ("tcp", "6", -1). The sources are CIDR blocks (``cidrs``, IPv4 and IPv6), the ids of
    ``prefix_lists``, the ids of security ``groups``, and with ``own`` the members of the group itself.
    """

    declared: Declaration
    group: Value
    protocol: Value
    from_port: Value = None
    to_port: Value = None
    cidrs: Value = EMPTY_SET
    prefix_lists: Value = EMPTY_SET
    groups: Value = EMPTY_SET
    own: Value = False


@record
class Exclusive:
    """What takes away everything of one ``kind`` that it does not list: the ``"ingress"`` or ``"egress"`` rules of a security
    group, or the ``"records"`` of a zone. ``owner`` is the id of the group or zone. ``kept`` are the ids of the rules, or the
    names of the records, which are records of the same declaration.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_rules_exclusive
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_records_exclusive
    """

    declared: Declaration
    kind: str
    owner: Value
    kept: Value = EMPTY_SET


@record
class PrefixList:
    """A customer-managed prefix list. ``cidrs`` are its entries."""

    declared: Declaration
    cidrs: Value = EMPTY_SET


@record
class PrefixListEntry:
    """A stand-alone entry of a prefix list."""

    declared: Declaration
    prefix_list: Value
    cidr: Value


@record
class NetworkAcl:
    """A network ACL. ``subnets`` are ids; ``default`` where it is the one that a VPC's other subnets have."""

    declared: Declaration
    vpc: Value
    subnets: Value = EMPTY_SET
    default: bool = False


@record
class NetworkAclRule:
    """A rule of network ACL ``acl``: AWS takes the first rule by ``number`` that matches. ``action`` is "allow" or "deny"."""

    declared: Declaration
    acl: Value
    number: Value
    egress: Value
    action: Value
    protocol: Value
    cidr: Value
    from_port: Value = None
    to_port: Value = None


@record
class NetworkAclAssociation:
    """A stand-alone association of a subnet with a network ACL."""

    declared: Declaration
    acl: Value
    subnet: Value
