"""Find out whether network ACLs let the traffic of clients through to an endpoint, or out to public addresses.

AWS checks a packet against the ACL of the subnet that it leaves or enters, and not within one subnet.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.service_ports import Ports
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.filters import NetworkAcl
from vpce_checks.model.network import Endpoint, Network, Subnet, Vpc, link
from vpce_checks.model.tristate import YES, TriState, all_of, any_of, maybe, one_of
from vpce_checks.model.values import Cause, Value
from vpce_checks.reach.acl_rules import REPLIES, Ranges, acls_of, lets
from vpce_checks.reach.clients import family_fits, ranges_of, subnet_ranges, subnets_by_address
from vpce_checks.reach.endpoints import exists_with, home_vpc, is_vpc
from vpce_checks.reach.indexes import subnets_by_vpc
from vpce_checks.reach.interfaces import endpoint_subnets

Answer: TypeAlias = tuple[TriState, tuple[Evidence, ...]]
"""Whether traffic gets through, and why not."""


@record
class Traffic:
    """Traffic to ``endpoint`` on ``ports``, from clients in ``source`` or, without it, in the VPC of the endpoint.

    ``admitted`` says whether the security groups of the endpoint admit the clients in a subnet.
    """

    network: Network
    endpoint: Endpoint
    ports: Ports
    source: Vpc | Subnet | None
    admitted: Callable[[Subnet], TriState]

    @property
    def home(self) -> Vpc | None:
        """The VPC of the clients, if it is known."""
        return self.source if isinstance(self.source, Vpc) else home_vpc(self.network, self.endpoint)


def acls_let_through(traffic: Traffic) -> Answer:
    """Return whether traffic gets through the network ACLs, and why not."""
    network, home = traffic.network, traffic.home
    if not network.network_acls and not network.network_acl_rules:
        return YES, ()
    if home is None and not isinstance(traffic.source, Subnet):
        return YES, ()  # ACLs of a VPC that is created elsewhere are there
    named = list(endpoint_subnets(network, traffic.endpoint))
    if not all(presence.yes and link(value).certain for value, presence in named):
        return _into_any(traffic)
    by_address = subnets_by_address(network)
    known = [by_address[address] for value, _ in named if (address := link(value).address) in by_address]
    if not known or len(known) < len(named):
        return YES, ()
    return _into(traffic, known)


def _into_any(traffic: Traffic) -> Answer:
    """Return the answer for an endpoint that may be in any subnet of its VPC: yes if all of them let the traffic in."""
    network, home = traffic.network, traffic.home
    for subnet in subnets_by_vpc(network).may_name(home.address) if home is not None else network.subnets:
        answer, steps = _into(traffic, [subnet])
        if not answer.yes:
            cause = Cause(f"the subnets of {traffic.endpoint.address} are not known", traffic.endpoint.declared.span)
            return maybe((cause, *answer.causes)), steps
    return YES, ()


def _into(traffic: Traffic, known: Sequence[Subnet]) -> Answer:
    """Return whether traffic gets into one of the subnets ``known``, in which the endpoint is."""
    home = home_vpc(traffic.network, traffic.endpoint)
    is_remote = isinstance(traffic.source, Vpc) and (home is None or home.address != traffic.source.address)
    if traffic.home is None or is_remote or isinstance(traffic.source, Subnet):
        return _into_some(traffic, known)
    others = _others(traffic, traffic.home, known)
    answer = _from_others(traffic, known, others) if others else None
    if answer is not None:
        return answer
    found, steps = _into_some(traffic, known)
    if not found.no:
        return found, steps
    text = "network ACLs do not check clients in the subnets of the endpoint itself, and no others are known"
    if others:
        text = "the security groups admit only addresses outside of the known subnets"
    return maybe((Cause(text, traffic.endpoint.declared.span),)), steps


def _others(traffic: Traffic, home: Vpc, known: Iterable[Subnet]) -> list[tuple[Subnet, TriState]]:
    """Return the subnets beside ``known``, each with whether it is in the VPC whenever the endpoint is."""
    inside = {subnet.declared.address for subnet in known}
    return [
        (each, all_of((is_vpc(each.vpc, home), exists_with(each.declared, traffic.endpoint.declared))))
        for each in subnets_by_vpc(traffic.network).may_name(home.address)
        if each.declared.address not in inside
    ]


def _from_others(traffic: Traffic, known: Sequence[Subnet], others: Iterable[tuple[Subnet, TriState]]) -> Answer | None:
    """Return whether clients in one of the ``others`` get through. None if the security groups admit no known subnet.

    No ACL checks clients in the subnets of the endpoint itself (``known``). If the groups admit only those, the endpoint is
    for them. If they admit those as well, it is unknown whether the endpoint is for them alone.
    """
    answers: list[TriState] = []
    steps: dict[Evidence, None] = {}
    clients: list[TriState] = []
    is_open = True
    for other, presence in others:
        is_client = all_of((presence, traffic.admitted(other)))
        if is_client.no:
            continue
        answer, why = _into_some(replace(traffic, source=other), known)
        if answer.yes and is_client.yes:
            return YES, ()
        is_open = is_open and answer.yes
        clients.append(is_client)
        answers.append(all_of((is_client, answer)))
        steps.update(dict.fromkeys(why))
    inside = any_of(map(traffic.admitted, known))
    if not clients:
        return (YES, ()) if inside.possible else None
    if is_open:
        return YES, ()  # whichever of them the security groups admit
    found, sure = any_of(answers), any_of(clients)
    if found.no and inside.possible:
        place = traffic.endpoint.declared.span
        cause = Cause("only clients in the subnets of the endpoint itself get through", place)
        return maybe((cause, *inside.causes)), tuple(steps)
    return (maybe(sure.causes) if found.no and not sure.yes else found), tuple(steps)


def _into_some(traffic: Traffic, subnets: Iterable[Subnet]) -> Answer:
    """Return whether a call gets into one of ``subnets``, and its replies out."""
    found = [_between(traffic, subnet) for subnet in subnets]
    return any_of(answer for answer, _ in found), tuple(step for _, why in found for step in why)


def _between(traffic: Traffic, subnet: Subnet) -> Answer:
    """Return whether the ACLs of ``subnet``, and of the client's, let a call and its replies through."""
    network, home = traffic.network, traffic.home
    client = traffic.source if isinstance(traffic.source, Subnet) else None
    if client is not None and client.declared.address == subnet.declared.address:
        return YES, ()
    blocks = subnet_ranges(client) if client is not None else ranges_of(network, home) if home is not None else ()
    ranges = _with_family(traffic, blocks)
    checks = [(subnet, False, traffic.ports, ranges), (subnet, True, REPLIES, ranges)]
    if client is not None:
        target = _with_family(traffic, subnet_ranges(subnet))
        checks += [(client, True, traffic.ports, target), (client, False, REPLIES, target)]
    answers = []
    steps: list[Evidence] = []
    for place, egress, wanted, others in checks:
        possible = acls_of(network, place)
        answer = one_of(
            YES if each is None else lets(network, each, wanted, others, egress=egress) for each in possible
        )
        answers.append(answer)
        named = next((each for each in possible if each is not None), None)
        if not answer.yes and named is not None:
            steps.append(_step(named, answer, egress=egress))
    return all_of(answers), tuple(steps)


_PUBLIC = (
    *("0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/3", "96.0.0.0/6"),
    *("100.0.0.0/10", "100.128.0.0/9", "101.0.0.0/8", "102.0.0.0/7", "104.0.0.0/5", "112.0.0.0/4", "128.0.0.0/3"),
    *("160.0.0.0/5", "168.0.0.0/8", "169.0.0.0/9", "169.128.0.0/10", "169.192.0.0/11", "169.224.0.0/12"),
    *("169.240.0.0/13", "169.248.0.0/14", "169.252.0.0/15", "169.255.0.0/16", "170.0.0.0/7", "172.0.0.0/12"),
    *("172.32.0.0/11", "172.64.0.0/10", "172.128.0.0/9", "173.0.0.0/8", "174.0.0.0/7", "176.0.0.0/4"),
    *("192.0.0.0/9", "192.128.0.0/11", "192.160.0.0/13", "192.169.0.0/16", "192.170.0.0/15", "192.172.0.0/14"),
    *("192.176.0.0/12", "192.192.0.0/10", "193.0.0.0/8", "194.0.0.0/7", "196.0.0.0/6", "200.0.0.0/5", "208.0.0.0/4"),
)
"""Where public endpoints may have addresses: all but the private and shared ones, and multicast.

https://www.iana.org/assignments/iana-ipv4-special-registry
"""

_SOMEWHERE = "198.51.100.7/32"
"""A public address that no rule singles out (https://www.rfc-editor.org/rfc/rfc5737): what lets it through is for all."""


def lets_out_of(network: Network, subnet: Subnet, ports: Ports) -> Answer:
    """Return whether the network ACL of ``subnet`` lets traffic to public addresses out on one of ``ports``, and the replies in.

    One that lets only some public addresses through may be meant for those of the service.
    """
    if not network.network_acls and not network.network_acl_rules:
        return YES, ()
    answers: list[TriState] = []
    steps: list[Evidence] = []
    possible = acls_of(network, subnet)
    for egress, wanted in ((True, ports), (False, REPLIES)):
        found = one_of(YES if each is None else _with_public(network, each, wanted, egress=egress) for each in possible)
        answers.append(found)
        named = next((each for each in possible if each is not None), None)
        if not found.yes and named is not None:
            steps.append(_step(named, found, egress=egress))
    return all_of(answers), tuple(steps)


def _with_public(network: Network, acl: NetworkAcl, ports: Ports, *, egress: bool) -> TriState:
    every = lets(network, acl, ports, ((_SOMEWHERE, YES),), egress=egress)
    if every.yes:
        return every
    some = lets(network, acl, ports, tuple((block, YES) for block in (*_PUBLIC, "::/0")), egress=egress)
    if some.no:
        return some
    cause = Cause(f"{acl.declared.address} lets only some addresses through", acl.declared.span)
    return maybe((*some.causes, *every.causes) or (cause,))


def _with_family(traffic: Traffic, blocks: Iterable[Value]) -> Ranges:
    """Return CIDR blocks, each with whether the endpoint has addresses of its family."""
    return tuple((each, family_fits(traffic.network, traffic.endpoint, each)) for each in blocks)


def _step(acl: NetworkAcl, answer: TriState, *, egress: bool) -> Evidence:
    verb = "denies" if answer.no else "may deny"
    way = "out" if egress else "in"
    return Evidence(f"{acl.declared.address} {verb} this traffic on its way {way}", acl.declared.span)
