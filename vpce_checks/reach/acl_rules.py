"""Find out which network ACL a subnet has, and what its rules let through.

Rules are tried by number, the first that matches counts, and what no rule matches is denied. A subnet without an ACL of its
own has the default ACL of the VPC, which lets everything through unless it is changed.
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from vpce_checks.base.record import replace
from vpce_checks.catalog.service_ports import Ports
from vpce_checks.model.filters import NetworkAcl, NetworkAclRule
from vpce_checks.model.network import Network, Subnet, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, ListValue, Reference, Unknown, Value, merge_causes
from vpce_checks.reach.endpoints import exists, exists_with, is_present, names, same_object, truth
from vpce_checks.reach.indexes import Naming, once
from vpce_checks.reach.opaque import known_by_stub, opaque_may_use
from vpce_checks.reach.ranges import covers, is_every_protocol, overlap, port, size_of, takes_ports, takes_tcp

REPLIES: Ports = ((1024, 65_535),)
"""Ephemeral ports, to which the replies go. Which of them a client uses depends on its operating system.

https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
"""

LINUX_REPLIES: Ports = ((32_768, 60_999),)
"""The ephemeral ports of Linux: every VPC is taken to have clients that use them.

https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)
"""

DEFAULT_ACL = "default network ACL"
"""The type in the declaration of an ACL that AWS makes with a VPC."""

_DEFAULT_ATTRIBUTES = (("default_network_acl_id",), ("default_network_acl",), ("DefaultNetworkAcl",))
"""The attribute of a VPC that is the id of its default ACL: in Terraform, for Cloud Control, in CloudFormation."""

Ranges: TypeAlias = tuple[tuple[Value, TriState], ...]
"""CIDR blocks, each with whether it counts."""


def acls_of(network: Network, subnet: Subnet) -> list[NetworkAcl | None]:
    """Return the network ACLs that ``subnet`` may have, one of which it has. None is AWS's default ACL, which lets
    everything through."""
    index = once(network, "acls by subnet", lambda: _AclsBySubnet(network))
    own = index.certain.get(subnet.declared.address)
    perhaps = (*index.doubtful.get(subnet.declared.address, ()), *index.anywhere)
    doubtful = [acl for acl in perhaps if _may_have(acl, subnet)]
    if own is not None:
        return [own, *(acl for acl in doubtful if acl is not own)]
    home = link(subnet.vpc).address
    defaults = index.defaults.may_name(home) if home is not None else index.defaults.all
    is_it = [
        (acl, all_of((same_object(subnet.vpc, acl.vpc), exists_with(acl.declared, subnet.declared))))
        for acl in defaults
    ]
    certain = next((acl for acl, answer in is_it if answer.yes), None)
    if certain is not None:
        return [certain, *doubtful]
    made = _made_with(network, network.vpc_by_address.get(home or ""))
    return [made, *(acl for acl, answer in is_it if answer.possible), *doubtful]


def _may_have(acl: NetworkAcl, subnet: Subnet) -> bool:
    """Whether ``subnet`` may be in the VPC of ``acl``: an ACL is for subnets of its own VPC.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
    """
    if acl.default and link(acl.vpc).address is None:
        return True  # it is named by its own id, which says nothing of the VPC
    return same_object(acl.vpc, subnet.vpc).possible


def _made_with(network: Network, vpc: Vpc | None) -> NetworkAcl | None:
    """Return the default ACL that AWS makes with ``vpc``, if rules may be added to it; None if it is as AWS made it."""
    if vpc is None or not _by_acl(network).may_name(vpc.address):
        return None
    declared = replace(vpc.declared, address=f"the default network ACL of {vpc.address}", type=DEFAULT_ACL)
    return NetworkAcl(declared, Reference(vpc.address, ("id",)), default=True)


def _rules_of_aws(acl: NetworkAcl) -> list[NetworkAclRule]:
    """Return the rules that AWS makes with a default ACL: everything is let through.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
    """
    if acl.declared.type != DEFAULT_ACL:
        return []
    own = Reference(acl.declared.address, ())
    return [
        NetworkAclRule(acl.declared, own, number, egress, "allow", "-1", everywhere)
        for number, everywhere in ((100, "0.0.0.0/0"), (101, "::/0"))
        for egress in (False, True)
    ]


class _AclsBySubnet:
    """The network ACLs of subnets, by the addresses of the subnets: ``certain`` ones, those that are ``doubtful``, and
    those that may be of any subnet; and the ``defaults`` of VPCs."""

    def __init__(self, network: Network) -> None:
        self.certain: dict[str, NetworkAcl] = {}
        self.doubtful: dict[str, list[NetworkAcl]] = {}
        self.anywhere: list[NetworkAcl] = []
        self.defaults = Naming([acl for acl in network.network_acls if acl.default], lambda acl: acl.vpc)
        acls = {acl.declared.address: acl for acl in network.network_acls}
        for acl in network.network_acls:
            listed = acl.subnets if isinstance(acl.subnets, ListValue) else ListValue((), rest=_unknown(acl.subnets))
            for place, item in enumerate(listed.items):
                self._add(acl, item, all_of((is_present(listed, place), exists(acl.declared))))
            if listed.rest is not None:
                self.anywhere.append(acl)
        for association in network.network_acl_associations:
            linked = link(association.acl)
            named = acls.get(linked.address or "")
            if named is not None:
                self._add(named, association.subnet, exists(association.declared))
            elif linked.external is None:
                for acl in acls.values():
                    self._add(acl, association.subnet, maybe(linked.causes))

    def _add(self, acl: NetworkAcl, subnet: Value, presence: TriState) -> None:
        linked = link(subnet)
        if linked.address is None:
            if linked.external is None:
                self.anywhere.append(acl)
        elif presence.yes:
            self.certain[linked.address] = acl
        else:
            self.doubtful.setdefault(linked.address, []).append(acl)


def _unknown(value: Value) -> Unknown | None:
    return None if value is None else Unknown(merge_causes([value]))


def lets(network: Network, acl: NetworkAcl, ports: Ports, others: Ranges, *, egress: bool) -> TriState:
    """Return whether ``acl`` lets TCP traffic on one of ``ports`` in from (or out to) one of the ranges ``others``."""
    hidden = any_of((opaque_may_use(network, acl.declared.address), known_by_stub(acl.declared)))
    rules = sorted(_rules(network, acl), key=lambda rule: port(rule.number) or 0)
    found = (all_of((fits, _lets_range(acl, rules, ports, other, egress=egress))) for other, fits in others)
    return any_of((*found, hidden))


def _rules(network: Network, acl: NetworkAcl) -> list[NetworkAclRule]:
    addresses = [acl.declared.address]
    vpc = link(acl.vpc).address
    if acl.default and vpc is not None:
        addresses.append(vpc)
    return [*_rules_of_aws(acl), *_by_acl(network).may_name(*addresses)]


def _by_acl(network: Network) -> Naming[NetworkAclRule]:
    return once(network, "acl rules", lambda: Naming(network.network_acl_rules, lambda rule: rule.acl))


def _lets_range(acl: NetworkAcl, rules: list[NetworkAclRule], ports: Ports, other: Value, *, egress: bool) -> TriState:
    """Return what the first matching rule says of traffic from (or to) the range ``other``."""
    doubts: list[TriState] = []
    may_allow = False
    denied = 0  # addresses that earlier rules deny
    for rule in rules:
        matches = all_of(_matches(acl, rule, ports, other, egress=egress))
        if matches.no:
            continue
        action = rule.action.lower() if isinstance(rule.action, str) else None
        if action == "deny":
            whole = all_of((matches, covers(rule.cidr, other), _takes_all(rule, ports)))
            if whole.yes:
                break
            size = size_of(rule.cidr)
            if size is not None and matches.value is not None:
                denied += size
            else:
                doubts.append(maybe(whole.causes))
            continue
        if action == "allow" and matches.yes and not doubts and (not denied or _leaves(rule.cidr, other, denied)):
            return YES
        may_allow = True
        doubts.append(maybe((*matches.causes, *merge_causes([rule.action]))))
    return maybe(cause for doubt in doubts for cause in doubt.causes) if may_allow else NO


def _leaves(allowed: Value, other: Value, denied: int) -> bool:
    """Whether ``allowed`` lets more addresses of ``other`` through than ``denied``."""
    sizes = (size_of(allowed), size_of(other))
    return all(size is not None and size > denied for size in sizes)


def _matches(acl: NetworkAcl, rule: NetworkAclRule, ports: Ports, other: Value, *, egress: bool) -> Iterator[TriState]:
    outward = truth(rule.egress)
    yield outward if egress else not_(outward)
    yield takes_tcp(rule.protocol)
    yield _on_ports(rule, ports)
    yield YES if _by_vpc(rule, acl) else names(link(rule.acl), acl.declared.address)
    yield overlap(rule.cidr, other)
    yield exists_with(rule.declared, acl.declared)
    yield YES if port(rule.number) is not None else maybe(merge_causes([rule.number]))


def _by_vpc(rule: NetworkAclRule, acl: NetworkAcl) -> bool:
    """Whether ``rule`` names ``acl`` as the default ACL of its VPC."""
    return (
        acl.default
        and isinstance(rule.acl, Reference)
        and rule.acl.path[:1] in _DEFAULT_ATTRIBUTES
        and rule.acl.address == link(acl.vpc).address
    )


def _on_ports(rule: NetworkAclRule, ports: Ports) -> TriState:
    """Return whether ``rule`` is about traffic on ``ports``: about one port of a service, about all replies to Linux.

    A rule that denies other replies than those leaves them alone.
    """
    if ports is not REPLIES:
        return _takes_any(rule, ports)
    if _takes_all(rule, LINUX_REPLIES).yes:
        return YES
    denies = isinstance(rule.action, str) and rule.action.lower() == "deny"
    found = _takes_any(rule, LINUX_REPLIES if denies else REPLIES)
    if not found.yes:
        return found
    return maybe((Cause(f"{rule.declared.address} is for a part of the ephemeral ports", rule.declared.span),))


def _takes_any(rule: NetworkAclRule, ports: Ports) -> TriState:
    return any_of((is_every_protocol(rule.protocol), takes_ports(rule.from_port, rule.to_port, ports)))


def _takes_all(rule: NetworkAclRule, ports: Ports) -> TriState:
    """Return whether ``rule`` is about every one of ``ports``."""
    every = is_every_protocol(rule.protocol)
    low, high = port(rule.from_port), port(rule.to_port)
    if low is None or high is None:
        return every
    return any_of((every, YES if all(low <= start and end <= high for start, end in ports) else NO))
