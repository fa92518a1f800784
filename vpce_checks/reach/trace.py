"""Follow a call from a VPC to a service, step by step: name, zone, record, endpoint, security group, policy, or the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.catalog.service_ports import HTTPS, port_words, service_ports
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network, Subnet, Vpc, link
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import NO, TriState, all_of
from vpce_checks.model.values import Value
from vpce_checks.reach.acls import lets_out_of
from vpce_checks.reach.admits import Admission, admits
from vpce_checks.reach.allows import allows
from vpce_checks.reach.connected import connected
from vpce_checks.reach.dns.names import Name, names_of
from vpce_checks.reach.dns.private_names import names_of_service
from vpce_checks.reach.dns.resolve import Outcome, resolve
from vpce_checks.reach.egress import may_lead_out
from vpce_checks.reach.endpoints import has_type, is_of, is_vpc, same_region, service_label, truth, vpc_label
from vpce_checks.reach.host_region import region_of_host
from vpce_checks.reach.indexes import endpoints_by_vpc, subnets_by_vpc
from vpce_checks.reach.interfaces import endpoint_subnets
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.permission import Permission
from vpce_checks.reach.private_dns import private_dns
from vpce_checks.reach.route import Way as Route
from vpce_checks.reach.route import route
from vpce_checks.reach.route_tables import default_routes

Certainty: TypeAlias = Literal["certain", "possible", "no"]
"""``certain``: it is so. ``possible``: it may be so. ``no``: it is not so, and the call ends here."""

StepKind: TypeAlias = Literal["name", "zone", "record", "endpoint", "subnet", "security group", "policy", "route"]


@record
class Step:
    """One step of the way. ``span`` shows it in the code. ``why`` are the facts and doubts behind it. ``stops`` is whether
    calls that come this way end here."""

    kind: StepKind
    certainty: Certainty
    text: str
    span: Span | None = None
    why: tuple[Evidence, ...] = ()
    stops: bool = False


@record
class Way:
    """The way of calls from ``vpc`` to the host ``name``. ``end`` says where they arrive, or may, and ``certainty`` whether
    they do: ``no`` if they fail."""

    vpc: Vpc
    service: str
    name: str
    steps: tuple[Step, ...]
    end: str
    certainty: Certainty


def trace(network: Network, vpc: Vpc, service: str, host: str | None = None, subnet: Subnet | None = None) -> list[Way]:
    """Return the ways from ``vpc`` (or one of its subnets) to the host names that clients of ``service`` ask for, or to
    ``host``."""
    if host is not None:
        name = names_of(network).of(host)
        region = region_of_host(host)
        return [] if name is None else [_Trace(network, vpc, subnet, service, name, region).way()]
    asked = (each for each in names_of_service(network, service, vpc.region) if each.host.use in ("asked", "instead"))
    return [_Trace(network, vpc, subnet, service, name, vpc.region).way(verified=host.verified) for name, host in asked]


@record
class _Trace:
    """The call that is followed. ``region`` is the one that the name leads to."""

    network: Network
    vpc: Vpc
    subnet: Subnet | None
    service: str
    name: Name
    region: Value

    def way(self, *, verified: bool = True) -> Way:
        """Return the way of the call. ``verified`` is whether it is proven that clients ask for the name."""
        outcomes = resolve(self.network, self.vpc.address, self.name)
        proof = () if verified else (Evidence("nothing proves that clients of the service ask for this name"),)
        steps = [Step("name", "certain" if verified else "possible", f"clients ask for {self.name.text}", why=proof)]
        ends: dict[str, Certainty] = {}
        for outcome in outcomes:
            certain = len(outcomes) == 1 and outcome.kind != "unknown"
            more = list(self._steps(outcome, "certain" if certain else "possible"))
            steps += more
            ends.setdefault(_end(outcome, more), _certainty(more))
        certainty = next(iter(ends.values())) if len(ends) == 1 else "possible"
        return Way(self.vpc, self.service, self.name.text, tuple(steps), " or ".join(ends), certainty)

    def _steps(self, outcome: Outcome, certainty: Certainty) -> Iterator[Step]:
        doubts = because(outcome.doubts) if certainty != "certain" else ()
        for step in outcome.sources:
            yield Step("zone", certainty, step.text, step.span)
        for step in outcome.records:
            yield Step("record", certainty, step.text, step.span)
        if outcome.kind == "none":
            fails = f"{self.name.text} has no address in {self.vpc.address}"
            yield Step("record", "no" if certainty == "certain" else certainty, fails, why=doubts)
        elif outcome.kind == "unknown":
            yield Step("record", "possible", "what answers is not known", why=doubts)
        elif outcome.endpoint is not None:
            yield from self._through(outcome.endpoint, certainty, doubts)
        elif outcome.kind == "public":
            text = (
                f"no zone, rule or endpoint answers {self.name.text} in {self.vpc.address}: it has its public address"
            )
            yield Step("zone", certainty, text, why=(*self._without_names(), *doubts))
            yield from self._out(certainty)

    def _without_names(self) -> Iterator[Evidence]:
        """Yield why an interface endpoint for the service in the VPC does not answer its name."""
        for endpoint in endpoints_by_vpc(self.network).likeliest_first(self.vpc.address):
            sure = all_of(
                (is_vpc(endpoint.vpc, self.vpc), has_type(endpoint, "Interface"), is_of(endpoint, self.service))
            )
            if sure.yes and private_dns(self.network, endpoint).on.no:
                text = f"{endpoint.address} is for {self.service}, but its private DNS is off"
                yield Evidence(text, endpoint.declared.field_spans.get("private_dns", endpoint.declared.span))
            elif sure.yes and (
                truth(self.vpc.enable_dns_support, default=True).no or truth(self.vpc.enable_dns_hostnames).no
            ):
                text = f"{endpoint.address} is for {self.service}, but DNS support or DNS hostnames of the VPC are off"
                yield Evidence(text, self.vpc.declared.span)

    def _through(self, endpoint: Endpoint, certainty: Certainty, doubts: tuple[Evidence, ...]) -> Iterator[Step]:
        """Yield the steps from the address of an endpoint to its service."""
        home = vpc_label(endpoint) or "a VPC that is not known"
        text = f"{endpoint.address} is for {service_label(endpoint) or 'a service that is not known'}, in {home}"
        at_home = is_vpc(endpoint.vpc, self.vpc)
        if at_home.yes:
            yield Step("endpoint", certainty, text, endpoint.declared.span, doubts)
        else:
            text += f"; {self.vpc.address} {'needs' if at_home.no else 'may need'} a route to it"
            reached = connected(self.network, self.vpc, endpoint)
            why = tuple(dict.fromkeys((*doubts, *because(reached.causes))))
            yield Step("endpoint", _judged(certainty, reached), text, endpoint.declared.span, why)
        subnets = [link(value) for value, _ in endpoint_subnets(self.network, endpoint)]
        if subnets:
            labels = dict.fromkeys(linked.address or linked.external or "one that is not known" for linked in subnets)
            where = endpoint.declared.field_spans.get("subnets")
            yield Step("subnet", certainty, f"{endpoint.address} is in {', '.join(labels)}", where)
        elif not opaque_may_use(self.network, endpoint.address).possible:
            nowhere = f"{endpoint.address} is in no subnet, so it has no network interface"
            yield Step("subnet", _judged(certainty, NO), nowhere, endpoint.declared.span)
        admission = admits(self.network, endpoint, self.subnet or self.vpc)
        verb = _verb(admission.answer, "let", "do not let", "may let")
        filters = f"its security groups and network ACLs {verb} in {port_words(admission.ports)}"
        yield Step("security group", _judged(certainty, admission.answer), filters, why=_why(admission))
        permission = allows(self.network, endpoint)
        verb = _verb(permission.answer, "lets", "does not let", "may let")
        words = (
            f"its policy {verb} calls through" if permission.given else "it has no policy of its own: calls go through"
        )
        yield Step("policy", _judged(certainty, permission.answer), words, why=_why(permission))

    def _out(self, certainty: Certainty) -> Iterator[Step]:
        """Yield where calls to the public address leave the subnets of the VPC, those that leave alike in one step."""
        found: dict[str, tuple[Certainty, list[str], tuple[Evidence, ...], bool]] = {}
        subnets = [self.subnet] if self.subnet is not None else subnets_by_vpc(self.network).certain(self.vpc.address)
        for subnet in subnets:
            where, sure, why = self._exit(subnet)
            status: Certainty = sure if certainty == "certain" else "possible"
            found.setdefault(where, (status, [], why, sure == "no"))[1].append(subnet.declared.address)
        for where, (status, starts, why, stops) in found.items():
            yield Step("route", status, f"from {', '.join(starts)}: {where}", why=why, stops=stops)

    def _exit(self, subnet: Subnet) -> tuple[str, Certainty, tuple[Evidence, ...]]:
        """Return where calls leave a subnet, and how certain that is: ``no`` if they do not get through."""
        here = same_region(self.region, self.vpc.region)
        way = route(self.network, subnet, "" if here.no else self.service)
        where, sure, why = self._by_route(way, here)
        ports = service_ports(self.service)
        passes, steps = lets_out_of(self.network, subnet, ports)
        if passes.yes or where == UNKNOWN_EXIT:
            return where, sure, (*way.why, *why)
        why = (*way.why, *why, *steps, *because(passes.causes))
        if passes.no:
            what = "HTTPS" if ports == HTTPS else port_words(ports)
            return f"nowhere, as its network ACL denies {what} or the replies to it", "no", why
        return where, sure if sure == "no" else "possible", why

    def _by_route(self, way: Route, here: TriState) -> tuple[str, Certainty, tuple[Evidence, ...]]:
        """Return where the route table of a subnet leads calls. ``here`` is whether they go to the region of the VPC."""
        if way.answer.yes and way.gateway is not None:
            behind = ", on the table of the NAT gateway" if way.behind_nat else ""
            where = f"through {way.gateway.address}{behind}"
            permission = allows(self.network, way.gateway)
            if permission.answer.no:
                return f"{where}, whose policy does not let calls through", "no", _why(permission)
            if permission.answer.value is None:
                return f"{where}, whose policy may not let calls through", "possible", _why(permission)
            return where, _judged("certain", here), because(here.causes)
        table = way.followed.table
        if way.answer.possible or table is None:
            return UNKNOWN_EXIT, "possible", ()
        if way.out is not None:
            linked = link(way.out.target)
            return f"by {linked.address or linked.external or 'its default route'}", "certain", ()
        other = may_lead_out(self.network, self.vpc, table)
        if other or any(answer.possible for _, answer in default_routes(self.network, table)):
            return UNKNOWN_EXIT, "possible", other
        return "nowhere, as its route table has no default route", "no", ()


UNKNOWN_EXIT = "it is not known how they leave"


def _verb(answer: TriState, yes: str, no: str, perhaps: str) -> str:
    return yes if answer.yes else no if answer.no else perhaps


def _judged(before: Certainty, answer: TriState) -> Certainty:
    """Return how certain a step is that is so if ``answer`` is, after steps that are ``before``."""
    return before if answer.yes else "no" if answer.no and before == "certain" else "possible"


def _why(judged: Admission | Permission) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys((*judged.why, *because(judged.answer.causes))))


def _certainty(steps: list[Step]) -> Certainty:
    """Return how certain the end of a way is."""
    if any(step.certainty == "no" for step in steps if step.kind != "route"):
        return "no"
    if any(step.certainty == "possible" for step in steps):
        return "possible"
    routes = [step for step in steps if step.kind == "route"]
    return "no" if routes and all(step.certainty == "no" for step in routes) else "certain"


def _end(outcome: Outcome, steps: list[Step]) -> str:
    """Return where calls arrive."""
    stopped = next((step for step in steps if step.certainty == "no" and step.kind != "route"), None)
    if stopped is not None:
        return f"calls fail: {stopped.text}"
    if outcome.endpoint is not None:
        return f"calls reach {outcome.endpoint.address}"
    if outcome.kind == "public":
        routes = [step for step in steps if step.kind == "route"]
        if not routes:
            return "calls go to the public address; no subnet is known that they come from"
        lead = "calls fail:" if all(step.stops for step in routes) else "calls go"
        return f"{lead} {'; '.join(dict.fromkeys(step.text for step in routes))}"
    words = {"other": "calls reach something that is no endpoint", "none": "calls fail: the name has no address"}
    return words.get(outcome.kind, "it is not known where calls go")
