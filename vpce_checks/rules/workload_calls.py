"""Judge the calls of workloads: what VPCE017 and VPCE018 share, and what they leave to VPCE001, VPCE002 and VPCE003."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import record, replace
from vpce_checks.catalog import is_gateway_service
from vpce_checks.catalog.service_ports import HTTPS, service_ports
from vpce_checks.model.evidence import Evidence, declaration
from vpce_checks.model.network import Endpoint, Network, Subnet, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import ListValue, Value
from vpce_checks.model.verdict import Status, higher
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.policy import Policy
from vpce_checks.policy.workloads import WorkloadsSetting, workloads_setting
from vpce_checks.reach.acls import lets_out_of
from vpce_checks.reach.admits import admits
from vpce_checks.reach.connected import blocks_of
from vpce_checks.reach.egress import Way, WayOut, through_acls, through_groups, way_out
from vpce_checks.reach.endpoints import has_type, is_present, is_vpc, same_region
from vpce_checks.reach.firewalls import Outward, lets_out, lets_out_to
from vpce_checks.reach.indexes import endpoints_by_address, once
from vpce_checks.reach.private_dns import private_dns
from vpce_checks.reach.route import followed_by
from vpce_checks.reach.route_tables import table_name
from vpce_checks.reach.rule_sources import Caller
from vpce_checks.reach.serves import Calls, Service, may_have_other_dns, serves
from vpce_checks.rules.finding import Finding, Fix, Rule, addition

FREE = ("s3", "dynamodb")
"""Services whose gateway endpoints cost nothing: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"""

MAX_CALLERS = 5
"""How many callers the finding about a missing endpoint names as evidence."""


@record
class Outcome:
    """What a call does that ``workload`` makes from ``subnet``: it leaves by ``out``, unless an endpoint serves it.

    ``differs``: it does not fail from another one of its subnets.
    """

    workload: Workload
    call: ServiceCall
    subnet: Subnet
    out: WayOut
    served: Service
    differs: bool = False

    @property
    def fails(self) -> bool:
        """Whether the call certainly cannot work."""
        return self.served.misled_to is not None or (self.out.way == "none" and self.served.answer.no)

    @property
    def leaves(self) -> bool:
        """Whether the call certainly leaves by a NAT gateway, although a gateway endpoint costs nothing."""
        stays = self.served.misled_to is not None
        return self.out.way == "nat" and self.served.answer.no and not stays and self.call.service in FREE

    @property
    def why(self) -> tuple[Evidence, ...]:
        """What shows it."""
        call = Evidence(self.call.why, self.call.span)
        if self.served.misled_to is not None:
            return (call, Evidence(f"the private DNS of {self.served.misled_to} answers for it"), *self.served.near)
        return (call, *self.out.why, *self.served.near)


def outcomes_in(network: Network, vpc: Vpc, policy: Policy) -> tuple[Outcome, ...]:
    """Return what the calls of the workloads in ``vpc`` do: for each workload and service the worst outcome.

    Nothing if the policy says so, or for what it excuses.
    """
    if not network.parts:
        return ()
    setting = workloads_setting(policy, vpc)
    if setting.mode == "off":
        return ()
    key = f"outcomes {vpc.address} {setting.egress}"
    found = once(network, key, lambda: tuple(_outcomes(network, vpc, setting)))
    return tuple(each for each in found if each.call.service not in setting.excused)


def _outcomes(network: Network, vpc: Vpc, setting: WorkloadsSetting) -> Iterator[Outcome]:
    for workload in workloads_in(network, vpc):
        places = list(_places(network, vpc, workload))
        if not places or workload.declared.exists is not True or workload.proxied:
            continue
        groups = lets_out(network, workload.security_groups)
        ways = [(subnet, way_out(network, vpc, workload, subnet)) for subnet in places]
        for call in _once_each(call for call in workload.calls if is_in_region(call, vpc)):
            reached = []
            for subnet, by_routes in ways:
                allowed = through_groups(by_routes, workload, groups, call.service)
                out = _known(through_acls(network, allowed, subnet, call.service), setting)
                found = _served(
                    network, vpc, call, subnet, groups, gateway_only=call.gateway_only and out.way == "none"
                )
                served = _past_groups(network, vpc, found, workload, call, subnet)
                reached.append(Outcome(workload, call, subnet, out, served))
            yield _worst(reached, workload)


def is_in_region(call: ServiceCall, vpc: Vpc) -> bool:
    """Return whether a call certainly goes to the region of ``vpc``. An endpoint for another region is another matter.

    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    """
    return call.region is None or same_region(call.region, vpc.region).yes


def _known(out: WayOut, setting: WorkloadsSetting) -> WayOut:
    """Return a way out, or what the policy says of one that the code does not show."""
    if out.way != "unknown" or setting.egress is None:
        return out
    way: Way = "public" if setting.egress == "internet" else "none"
    step = Evidence(f"the policy says that its way out leads to {setting.egress}", kind="policy")
    return WayOut(way, (*out.why, step))


def workloads_in(network: Network, vpc: Vpc) -> list[Workload]:
    """Return the workloads that certainly name a subnet of ``vpc``, which the code creates."""
    from vpce_checks.workloads import workloads_of

    def make() -> dict[str | None, list[Workload]]:
        found: dict[str | None, list[Workload]] = {}
        for workload in workloads_of(network):
            for address in dict.fromkeys(link(subnet.vpc).address for subnet in _subnets(network, workload)):
                found.setdefault(address, []).append(workload)
        return found

    return once(network, "workloads by vpc", make).get(vpc.address, [])


def _places(network: Network, vpc: Vpc, workload: Workload) -> Iterator[Subnet]:
    """Yield the subnets of ``vpc`` that a workload certainly names."""
    return (subnet for subnet in _subnets(network, workload) if is_vpc(subnet.vpc, vpc).yes)


def _subnets(network: Network, workload: Workload) -> Iterator[Subnet]:
    """Yield the subnets of the code that a workload certainly names, and that are there."""
    subnets = once(network, "subnet at", lambda: {each.declared.address: each for each in network.subnets})
    for address in _certain(workload.subnets):
        subnet = subnets.get(address)
        if subnet is not None and subnet.declared.exists is True:
            yield subnet


def _certain(value: Value) -> Iterator[str]:
    listed = value if isinstance(value, ListValue) else ListValue((value,), "list")
    for place, item in enumerate(listed.items):
        address = link(item).address if is_present(listed, place).yes else None
        if address is not None:
            yield address


def _once_each(calls: Iterable[ServiceCall]) -> Iterator[ServiceCall]:
    """Yield one call a service: a certain one, if there is one."""
    best: dict[str, ServiceCall] = {}
    for call in calls:
        known = best.get(call.service)
        if known is None or (known.certainty == "likely" and call.certainty == "certain"):
            best[call.service] = call
    yield from best.values()


def _served(
    network: Network, vpc: Vpc, call: ServiceCall, subnet: Subnet, groups: Outward, *, gateway_only: bool
) -> Service:
    """Return whether an endpoint serves ``call`` from ``subnet``, with ``gateway_only`` none but a gateway endpoint.

    A caller for which only a gateway endpoint or a NAT gateway will do, and which has a way out, still asks the DNS of the
    VPC: that leads its calls to an interface endpoint.
    """
    table = followed_by(network, subnet)
    if table.table is None:
        return Service(maybe(table.causes))
    # A gateway endpoint changes the route, and not the public address that the calls go to.
    passes = past_acls(network, subnet, call.service)
    lists = passes if passes.no else groups.lists
    return serves(network, Calls(vpc, table.table, call.service, lists, gateway_only))


def _past_groups(
    network: Network, vpc: Vpc, served: Service, workload: Workload, call: ServiceCall, subnet: Subnet
) -> Service:
    """Return what serves ``call``, unless the security groups of ``workload`` certainly keep it from an interface endpoint, or the
    endpoint does not let it in. One that lets nobody in is VPCE013's.

    The private DNS of such an endpoint leads all calls to it, and its addresses are private ones, whatever way out there is.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    if not served.answer.yes or served.by is None or service_ports(call.service) != HTTPS:
        return served
    endpoint = endpoints_by_address(network)[served.by]
    if not has_type(endpoint, "Interface").yes or not _is_asked(network, vpc, endpoint, call):
        return served
    out = lets_out_to(network, workload.security_groups, blocks_of(network, endpoint, subnet))
    if not out.no:
        let_in = admits(network, endpoint, Caller(subnet, workload.security_groups))
        is_refused = let_in.answer.no and not admits(network, endpoint).answer.no
        by_acls = let_in.stopped_by == "acls"
        return Service(NO, near=let_in.why, refuses=served.by, by_acls=by_acls) if is_refused else served
    text = f"no security group of {workload.address} allows HTTPS to its addresses"
    groups = workload.declared.field_spans.get("security_groups", workload.declared.span)
    return Service(out, near=(Evidence(text, groups),), shut=served.by)


def _is_asked(network: Network, vpc: Vpc, endpoint: Endpoint, call: ServiceCall) -> bool:
    """Return whether the names of the service certainly lead to ``endpoint`` from ``vpc``, and to no other one."""
    from vpce_checks.reach.dns.answers import names_lead

    led = names_lead(network, vpc.address, call.service, vpc.region, lambda each: YES if each is endpoint else NO)
    return led.answer.yes and may_have_other_dns(network, vpc).no


def past_acls(network: Network, subnet: Subnet, service: str) -> TriState:
    """Return whether the network ACL of ``subnet`` lets calls to public addresses of ``service`` through."""
    return lets_out_of(network, subnet, service_ports(service))[0]


def _worst(reached: list[Outcome], workload: Workload) -> Outcome:
    """Return the outcome that counts: the worst if the workload runs in all its subnets, else the best."""
    ranked = sorted(reached, key=lambda each: 0 if each.fails else 1 if each.leaves else 2)
    counting = ranked[0] if workload.spread else ranked[-1]
    return replace(counting, differs=counting.fails and not all(each.fails for each in reached))


def about_workload(
    rule: Rule, outcome: Outcome, vpc: Vpc, status: Status, message: str, fix: Fix | None = None
) -> Finding:
    """Return a finding about a workload of ``vpc``."""
    workload, service = outcome.workload, outcome.call.service
    steps = dict.fromkeys((*declaration(workload.declared), *outcome.why))
    return Finding(rule.id, status, rule.severity, workload.declared, message, vpc.address, service, tuple(steps), fix)


def remedy(network: Network, vpc: Vpc, outcome: Outcome) -> Fix:
    """Return how the call gets an endpoint: by one that is there for the service and does not serve it, else by a new one, which is a
    gateway endpoint where there is one for the service."""
    service, idle = outcome.call.service, outcome.served.idle
    if idle is None:
        return addition(vpc, "gateway" if is_gateway_service(service) else "interface", service)
    endpoint = endpoints_by_address(network)[idle]
    table = followed_by(network, outcome.subnet).table
    words = f"mend {idle}, which is there for {service} and does not serve it"
    if is_gateway_service(service) and table is not None:
        words = f"associate {idle} with {table_name(table)}"
    elif has_type(endpoint, "Gateway").yes:
        words = f"make {idle} an interface endpoint"
    elif has_type(endpoint, "Interface").yes and private_dns(network, endpoint).on.no:
        words = f"turn private DNS of {idle} on"
    return Fix("text", address=idle, value=words)


def with_callers(missing: Finding, network: Network, vpc: Vpc, policy: Policy, service: str) -> Finding:
    """Return the finding that ``vpc`` has no endpoint for ``service``, with the workloads whose calls suffer from it.

    VPCE017 and VPCE018 leave these calls to it, so it takes the severity of theirs if that is higher.
    """
    found = [each for each in outcomes_in(network, vpc, policy) if _counts(each, service, policy)]
    if not found:
        return missing
    names = found[0].workload.address + (f" and {len(found) - 1} more" if len(found) > 1 else "")
    steps = [Evidence(f"{each.workload.address}: {each.call.why}", each.call.span) for each in found[:MAX_CALLERS]]
    if len(found) > MAX_CALLERS:
        left = len(found) - MAX_CALLERS
        steps.append(Evidence(f"and {left} more, which vpce-checks services {service} --used lists"))
    return replace(
        missing,
        message=f"{missing.message}; {names} {'call' if len(found) > 1 else 'calls'} {service}",
        why=(*missing.why, *steps),
        severity=higher(missing.severity, "high" if any(each.fails for each in found) else "medium"),
    )


def _counts(outcome: Outcome, service: str, policy: Policy) -> bool:
    if outcome.call.service != service or outcome.call.certainty != "certain":
        return False
    return (outcome.fails and not policy.is_off("VPCE017")) or (outcome.leaves and not policy.is_off("VPCE018"))
