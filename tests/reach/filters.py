"""Security groups, their rules and network ACLs made by hand, with as little said as a test needs."""

from __future__ import annotations

from typing import Any

from tests.rules.networks import MAIN, declared, endpoint, id_of, ids
from vpce_checks.model.filters import IngressRule, NetworkAcl, NetworkAclRule
from vpce_checks.model.network import Endpoint, SecurityGroup, Subnet
from vpce_checks.model.values import ListValue, Value

GROUP = "aws_security_group.it"
KMS = "aws_vpc_endpoint.kms"


def cidrs(*blocks: Value) -> ListValue:
    """A set of CIDR blocks."""
    return ListValue(blocks, "set")


def group(address: str = GROUP, of: Value = None, default: bool = False) -> SecurityGroup:
    """A security group of the main VPC."""
    return SecurityGroup(declared(address, 200), id_of(MAIN) if of is None else of, default)


def ingress(*blocks: Value, of: Any = GROUP, ports: Any = 443, protocol: Value = "tcp", **fields: Any) -> IngressRule:
    """A rule of a group for CIDR blocks and a port, or a pair of the first and last one."""
    first, last = ports if isinstance(ports, tuple) else (ports, ports)
    owner = id_of(of) if isinstance(of, str) else of
    about = declared(f"aws_security_group_rule.{len(blocks)}", 210)
    return IngressRule(about, owner, protocol, first, last, cidrs(*blocks), **fields)


def kms(*groups: str, subnets: Value = None, **fields: Any) -> Endpoint:
    """An interface endpoint for KMS with security groups, in ``aws_subnet.gate``."""
    places = ids("aws_subnet.gate") if subnets is None else subnets
    return endpoint("kms", KMS, type="Interface", security_groups=ids(*groups), subnets=places, **fields)


def room(name: str, block: Value = "10.0.1.0/24", zone: Value = None) -> Subnet:
    """A subnet of the main VPC."""
    return Subnet(declared(f"aws_subnet.{name}", 220), id_of(MAIN), zone, False, cidrs(block))


def acl(*subnets: str, address: str = "aws_network_acl.it") -> NetworkAcl:
    """A network ACL of subnets, given by their names."""
    return NetworkAcl(declared(address, 230), id_of(MAIN), ids(*(f"aws_subnet.{name}" for name in subnets)))


def acl_rule(
    number: int, action: Value, block: Value, ports: tuple[Value, Value], egress: bool = False
) -> NetworkAclRule:
    """A rule for TCP of the network ACL ``aws_network_acl.it``."""
    about = declared(f"aws_network_acl_rule.n{number}{egress}", 240)
    return NetworkAclRule(about, id_of("aws_network_acl.it"), number, egress, action, "tcp", block, *ports)
