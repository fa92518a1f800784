"""Say whether an endpoint serves the calls that workloads of one subnet make to one service.

This is the one question that the rules about workloads ask of DNS, endpoints and their route tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.base.record import record, replace
from vpce_checks.catalog import is_gateway_service
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network, Part, RouteTable, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, ListValue
from vpce_checks.reach.endpoint_tables import has_table
from vpce_checks.reach.endpoints import (
    exists_with,
    has_type,
    is_exactly,
    is_of,
    is_vpc,
    serves_region_of,
    truth,
)
from vpce_checks.reach.hub import hub_endpoint
from vpce_checks.reach.indexes import endpoints_by_vpc
from vpce_checks.reach.opaque import endpoints_behind_opaque
from vpce_checks.reach.parts import parts_of
from vpce_checks.reach.private_dns import may_be_on


class Service(NamedTuple):
    """Whether a service is served. ``by`` is an endpoint that serves it for certain; ``near`` are endpoints that do not.

    ``idle`` is the first of them that is certainly for the service, in the VPC and there.

    ``barred`` is a gateway endpoint that would serve it, if the caller's security groups let the calls out. ``shut`` is such
    an interface endpoint. ``refuses`` is one that does not let the caller in: its security groups, or ``by_acls``.
    """

    answer: TriState
    by: str | None = None
    near: tuple[Evidence, ...] = ()
    barred: str | None = None
    shut: str | None = None
    refuses: str | None = None
    by_acls: bool = False
    idle: str | None = None

    @property
    def misled_to(self) -> str | None:
        """The interface endpoint that takes all calls to itself, and that the caller does not get into."""
        return self.shut or self.refuses


@record
class Calls:
    """Calls to ``service`` from subnets of ``vpc`` that follow ``table``.

    ``lists`` says whether the security groups of the caller let it reach prefix lists, which a gateway endpoint needs.
    ``gateway_only``: only a gateway endpoint serves them.
    """

    vpc: Vpc
    table: RouteTable
    service: str
    lists: TriState
    gateway_only: bool = False


def serves(network: Network, calls: Calls) -> Service:
    """Return whether ``calls`` reach an endpoint."""
    vpc, service = calls.vpc, calls.service
    answers: list[TriState] = []
    near: list[Evidence] = []
    barred: str | None = None
    idle: str | None = None
    for endpoint in endpoints_by_vpc(network).may_name(vpc.address):
        if is_of(endpoint, service).no or is_vpc(endpoint.vpc, vpc).no:
            continue
        own = all_of(_ways(network, calls, endpoint))
        if own.yes:
            return Service(own, endpoint.address)
        answers.append(own)
        if calls.lists.no and all_of(_ways(network, replace(calls, lists=YES), endpoint)).yes:
            barred = endpoint.address
        elif own.no:
            near.append(Evidence(f"{endpoint.address} does not serve it", endpoint.declared.span))
            idle = idle or (endpoint.address if _is_idle(vpc, endpoint, service) else None)
    hidden = [Cause(step.text, step.span) for step in endpoints_behind_opaque(network, vpc.address)]
    answers += [maybe(hidden)] if hidden else []
    answers += () if calls.gateway_only else _by_name(network, vpc, service)
    found = any_of(answers)
    return Service(found, None, tuple(near), barred, idle=idle)


def _is_idle(vpc: Vpc, endpoint: Endpoint, service: str) -> bool:
    """Return whether ``endpoint`` is certainly there for ``service``, so that a second one beside it is no way to serve it. An
    interface endpoint for S3, or for the service in another region, stands in nobody's way."""
    there = (is_exactly(endpoint, service), is_vpc(endpoint.vpc, vpc), exists_with(endpoint.declared, vpc.declared))
    return all_of((*there, serves_region_of(endpoint, vpc))).yes and (
        not is_gateway_service(service) or has_type(endpoint, "Gateway").yes
    )


def _ways(network: Network, calls: Calls, endpoint: Endpoint) -> Iterator[TriState]:
    """Yield what must hold for ``endpoint`` to serve ``calls``."""
    yield is_vpc(endpoint.vpc, calls.vpc)
    yield exists_with(endpoint.declared, calls.vpc.declared)
    yield serves_region_of(endpoint, calls.vpc)
    exact = is_exactly(endpoint, calls.service)
    yield maybe(exact.causes) if exact.no else exact  # a FIPS endpoint serves those who ask for its name
    gateway = has_type(endpoint, "Gateway")
    by_gateway = NO
    if is_gateway_service(calls.service):
        by_gateway = all_of((gateway, has_table(network, endpoint, calls.table), calls.lists))
    by_interface = NO if calls.gateway_only else all_of((has_type(endpoint, "Interface"), _answers(network, endpoint)))
    yield any_of((by_gateway, by_interface))


def _answers(network: Network, endpoint: Endpoint) -> TriState:
    """Return whether the private DNS of an interface endpoint answers for the service's ordinary host name."""
    on = may_be_on(network, endpoint)
    if truth(endpoint.dns_inbound_only).possible and on.possible:
        on = maybe([Cause(f"{endpoint.address} may have private DNS for inbound queries only", endpoint.declared.span)])
    return on


def _by_name(network: Network, vpc: Vpc, service: str) -> Iterator[TriState]:
    """Yield whether a private zone, a Profile or a DNS server leads the VPC's queries to some endpoint."""
    yield may_have_other_dns(network, vpc)
    hub = hub_endpoint(network, vpc, service)
    if hub.by is not None:
        yield YES
    elif hub.why:
        yield maybe(Cause(step.text, step.span) for step in hub.why)


def may_have_other_dns(network: Network, vpc: Vpc) -> TriState:
    """Return whether something else than AWS's DNS may answer the workloads of ``vpc``, such as the endpoints of a peer.

    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html
    """
    support = truth(vpc.enable_dns_support, default=True)
    if not support.yes:
        cause = Cause(f"{vpc.address} may use DNS servers other than AWS's", vpc.declared.span)
        return maybe((cause, *support.causes))
    for part in parts_of(network).of_kind("dhcp_link"):
        if not link(part.get("vpc")).may_be(vpc.address):
            continue
        if _is_plain(network, part):
            continue
        return maybe([Cause(f"{part.address} sends DNS queries of {vpc.address} elsewhere", part.declared.span)])
    return NO


def _is_plain(network: Network, dhcp: Part) -> bool:
    """Return whether DHCP options certainly leave DNS to AWS."""
    options = parts_of(network).find(dhcp.get("options"), "dhcp_options")
    if options is None:
        return False
    servers = options.get("servers")
    return servers is None or (
        isinstance(servers, ListValue) and servers.exact and all(item == "AmazonProvidedDNS" for item in servers.items)
    )
