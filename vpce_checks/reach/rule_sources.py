"""Say whether the sources of an ingress rule take in clients: CIDR blocks, prefix lists, security groups.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from typing import TypeAlias

from vpce_checks.base.record import record
from vpce_checks.catalog.service_ports import Ports
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import Endpoint, Network, SecurityGroup, Subnet, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause, Reference, Value, same
from vpce_checks.reach.clients import (
    Clients,
    family_fits,
    is_range_of,
    own_clients,
    ranges_of,
    remote_clients,
    subnet_ranges,
)
from vpce_checks.reach.endpoints import home_vpc, possible_values, truth
from vpce_checks.reach.indexes import once, subnets_by_vpc
from vpce_checks.reach.listed import listed
from vpce_checks.reach.prefix_lists import any_entry
from vpce_checks.reach.ranges import ANY_IPV4, ANY_IPV6, overlap
from vpce_checks.reach.security_groups import declared_group, is_at_home, is_same_group, without_account


@record
class Caller:
    """Clients in ``subnet`` that have the security ``groups``, which are as in the code: none stands for the default group."""

    subnet: Subnet
    groups: Value


Source: TypeAlias = Vpc | Subnet | Caller | None
"""Where clients are. Of those in a VPC or subnet it is not known which groups they have: some have the right one."""


@record
class Inbound:
    """Traffic of clients in ``source`` that comes to ``endpoint`` on ``ports``.

    Without ``source``, clients are in the VPC of the endpoint, or in a VPC that a private zone or a Route 53 Profile
    leads to it: one that is let in suffices.
    """

    network: Network
    endpoint: Endpoint
    ports: Ports
    source: Source = None

    @property
    def place(self) -> Vpc | Subnet | None:
        """The VPC or subnet of the clients, if it is said."""
        return self.source.subnet if isinstance(self.source, Caller) else self.source


def takes_in_clients(inbound: Inbound, group: SecurityGroup, rule: IngressRule) -> TriState:
    """Return whether the sources of ``rule``, which is one of ``group``, take in the clients."""
    network, endpoint, source = inbound.network, inbound.endpoint, inbound.source
    cidrs = list(listed(rule.cidrs))
    found = any_of(
        (
            *(all_of((presence, _cidr_admits(inbound, cidr))) for cidr, presence in cidrs),
            *(all_of((presence, _list_admits(inbound, item))) for item, presence in listed(rule.prefix_lists)),
            *(
                all_of((presence, _group_is_source(network, endpoint, item), _has_group(network, source, item)))
                for item, presence in listed(rule.groups)
            ),
            all_of(
                (_own_members(rule, group), _has_group(network, source, Reference(group.declared.address, ("id",))))
            ),
        )
    )
    if found.yes or source is not None:
        return found
    remote = once(network, f"remote clients of {endpoint.address}", lambda: remote_clients(network, endpoint))
    if not remote.vpcs and remote.elsewhere.no:
        return found
    others = any_of(all_of((presence, _takes_in(network, endpoint, cidr, remote))) for cidr, presence in cidrs)
    lists = any_of(
        all_of((presence, any_entry(network, item, lambda cidr: _takes_in(network, endpoint, cidr, remote))))
        for item, presence in listed(rule.prefix_lists)
    )
    return any_of((found, others, lists))


def _own_members(rule: IngressRule, group: SecurityGroup) -> TriState:
    """Return whether the rule admits the members of its own group, and clients are in it.

    Who writes a group and admits its members puts the clients into it. The default group of a VPC is nobody's choice.
    """
    on = truth(rule.own)
    if on.no or not group.default:
        return on
    cause = Cause(f"{group.declared.address} admits only its own members", rule.declared.span)
    return all_of((on, maybe((cause,))))


def _group_is_source(network: Network, endpoint: Endpoint, value: Value) -> TriState:
    """Return whether members of a group are clients. Those of a group of another VPC are, if the two are connected."""
    linked = link(value)
    if not linked.certain:
        return maybe(linked.causes)
    return is_at_home(network, endpoint, declared_group(network, value))


def _has_group(network: Network, source: Source, value: Value) -> TriState:
    """Return whether clients in ``source`` have the security group that ``value`` names: of many clients, some do.

    A group that the code only names, by an input or a look-up, may be one that it creates.
    """
    if not isinstance(source, Caller):
        return YES
    own = list(listed(source.groups, or_one=True))
    value = without_account(value)
    if not own:
        return maybe((Cause("the callers have the default security group"),))
    return any_of(all_of((presence, is_same_group(network, item, value))) for item, presence in own)


def _cidr_admits(inbound: Inbound, cidr: Value) -> TriState:
    network, endpoint, source = inbound.network, inbound.endpoint, inbound.place
    if isinstance(source, Subnet):
        return all_of((family_fits(network, endpoint, cidr), _takes_in_subnet(cidr, source)))
    clients = Clients(((source, YES),)) if isinstance(source, Vpc) else own_clients(network, endpoint)
    return _takes_in(network, endpoint, cidr, clients)


def _takes_in_subnet(cidr: Value, subnet: Subnet) -> TriState:
    if cidr == ANY_IPV4:
        return YES
    if isinstance(cidr, Reference) and cidr.address == subnet.declared.address:
        return YES
    ranges = subnet_ranges(subnet)
    return any_of(overlap(cidr, each) for each in ranges) if ranges else maybe()


def _takes_in(network: Network, endpoint: Endpoint, cidr: Value, clients: Clients) -> TriState:
    """Return whether the CIDR block ``cidr`` has addresses of ``clients``."""
    family = family_fits(network, endpoint, cidr)
    if family.no:
        return NO
    if cidr in (ANY_IPV4, ANY_IPV6):
        return family
    known = any_of(all_of((there, _in_vpc(network, cidr, vpc))) for vpc, there in clients.vpcs)
    if not clients.elsewhere.possible:
        return all_of((family, known))
    if same_range := _is_of_external(cidr, endpoint):
        return all_of((family, same_range))
    certain = known if known.yes and [vpc for vpc, _ in clients.vpcs] == [home_vpc(network, endpoint)] else None
    return all_of((family, certain or maybe((*clients.elsewhere.causes, *known.causes))))


def _is_of_external(cidr: Value, endpoint: Endpoint) -> TriState | None:
    """Return yes if ``cidr`` is the CIDR block of the VPC that ``endpoint`` names, which is created elsewhere."""
    if isinstance(cidr, Reference) and isinstance(endpoint.vpc, Reference) and cidr.path:
        is_it = (cidr.address, cidr.kind) == (endpoint.vpc.address, endpoint.vpc.kind)
        return YES if is_it and "cidr" in str(cidr.path[0]).lower() else None
    return None


def _in_vpc(network: Network, cidr: Value, vpc: Vpc) -> TriState:
    ranges = ranges_of(network, vpc)
    if any(same(cidr, own) for own in ranges):
        return YES  # whichever of several it is
    found = one_of(
        YES if is_range_of(network, each, vpc) else any_of(overlap(each, own) for own in ranges)
        for each in possible_values(cidr)
    )
    return found if found.value is not None or not _is_of_subnet(network, cidr, vpc) else YES


def _is_of_subnet(network: Network, cidr: Value, vpc: Vpc) -> bool:
    """Whether ``cidr`` is the block of a subnet of ``vpc``, whichever of several it is."""
    subnets = subnets_by_vpc(network).certain(vpc.address)
    return any(same(cidr, block) for subnet in subnets for block in subnet_ranges(subnet))


def _list_admits(inbound: Inbound, value: Value) -> TriState:
    return any_entry(inbound.network, value, lambda cidr: _cidr_admits(inbound, cidr))
