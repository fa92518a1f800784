"""VPCE007: a gateway endpoint is not in the route tables of the private subnets."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.catalog import is_gateway_service
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network, RouteTable, link
from vpce_checks.model.tristate import TriState, all_of, any_of, not_
from vpce_checks.model.values import Reference, Value
from vpce_checks.policy import Policy
from vpce_checks.reach.endpoint_tables import has_any_table, has_table, strangers
from vpce_checks.reach.endpoints import (
    Service,
    exists,
    has_type,
    home_vpc,
    is_vpc,
    same_names,
    same_vpc,
    service_label,
    services,
)
from vpce_checks.reach.indexes import TOO_MANY, can_compare, gateways_beside, once
from vpce_checks.reach.private_tables import private_tables, serves_attachments
from vpce_checks.reach.route_tables import MAIN_TABLE, table_words
from vpce_checks.reach.shared_tables import naming
from vpce_checks.rules.finding import Finding, Fix, Rule, about_endpoint

_REMEDY = "associate the endpoint with every private route table of its VPC"

MAX_NAMED = 3
"""How many subnets a fix names, and how many route tables the evidence."""

MAX_DOUBTS = 12
"""How many endpoints that only may serve a table are asked. After them, those that name the table are."""


def check(network: Network, endpoint: Endpoint, policy: Policy) -> Iterator[Finding]:
    """Judge a gateway endpoint."""
    gateway = has_type(endpoint, "Gateway")
    if gateway.possible and any(_has_gateways(service) for service in services(endpoint)):
        yield _judge(network, endpoint, gateway)


def _has_gateways(service: Service) -> bool:
    """Return whether the service may have gateway endpoints. VPCE006 reports gateway endpoints for other services."""
    return not service.known or (service.short is not None and is_gateway_service(service.short))


def _judge(network: Network, endpoint: Endpoint, gateway: TriState) -> Finding:
    short = service_label(endpoint)
    routed = has_any_table(network, endpoint)
    missed = list(_missed(network, endpoint))
    if routed.no:
        message = f"{endpoint.address} is not associated with any route table, so no traffic uses it"
        return _verdict(endpoint, gateway, message, (), _add_tables(network, endpoint))
    foreign = list(strangers(network, endpoint))
    for value, table, answer in foreign:
        if not answer.yes:
            continue
        name = _name(value, table)
        message = f"{endpoint.address} is associated with {name}, which belongs to another VPC, so AWS refuses it"
        step = Evidence(f"{name} belongs to another VPC", table.declared.span if table is not None else None)
        return replace(_verdict(endpoint, gateway, message, (step,), _associate(endpoint)), is_refused=True)
    certain = [table for table, misses in missed if misses.yes]
    for table in certain[:1]:
        message = f"{endpoint.address} is not associated with {_and_more(table, len(certain))}"
        steps = tuple(_serves(network, each) for each in certain[:MAX_NAMED])
        if table.declared.type == MAIN_TABLE and network.language.startswith("cloudformation"):
            fix = Fix("text", address=endpoint.address, field="route_tables", value=_remedy_for_main(network, table))
        else:
            fix = _add_tables(network, endpoint)
        finding = _verdict(endpoint, gateway, message, steps, fix)
        return replace(finding, serves_some=_serves_some(network, endpoint))
    if not routed.yes:
        message = f"{endpoint.address} might not be associated with any route table"
        return about_endpoint(RULE, endpoint, "unknown", message, short, because(routed.causes))
    for table, misses in missed:
        message = f"{endpoint.address} might not be associated with {_and_more(table, len(missed))}"
        step = Evidence(f"{table_words(table)} may serve private subnets", table.declared.span)
        finding = about_endpoint(RULE, endpoint, "unknown", message, short, (step, *because(misses.causes)))
        home = home_vpc(network, endpoint)
        left_out = home is not None and all(serves_attachments(network, each, home) for each, _ in missed)
        return replace(finding, leaves_out=left_out and not foreign)
    for value, table, answer in foreign:
        name = _name(value, table)
        message = f"{endpoint.address} might be associated with {name} of another VPC"
        step = Evidence(f"{name} may belong to another VPC", table.declared.span if table is not None else None)
        finding = about_endpoint(RULE, endpoint, "unknown", message, short, (step, *because(answer.causes)))
        return replace(finding, is_refused=True)
    message = f"{endpoint.address} is associated with every private route table of its VPC in this configuration"
    if home_vpc(network, endpoint) is None:
        message = f"{endpoint.address} is associated with a route table"
    return about_endpoint(RULE, endpoint, "pass", message, short)


def _and_more(table: RouteTable, count: int) -> str:
    """Return what a message calls ``count`` route tables of which ``table`` is the first."""
    return table_words(table) + (f" and {count - 1} more" if count > 1 else "")


def _serves(network: Network, table: RouteTable) -> Evidence:
    """Return the evidence that a route table serves private subnets, with those that certainly follow it."""
    named = _followers(network, table)
    return Evidence(f"{table_words(table)} serves private subnets{f': {named}' if named else ''}", table.declared.span)


def _followers(network: Network, table: RouteTable) -> str:
    """Return the names of the subnets that certainly follow ``table``, without those that are there for attachments or
    firewalls. "" if there are none."""
    from vpce_checks.reach.attachment_subnets import is_for_attachment, is_for_firewall

    _, following = _by_table(network).get(table.declared.address, (table, ()))
    ids = ((address, Reference(address, ("id",))) for address in following)
    subnets = [
        address for address, id in ids if not is_for_attachment(network, id) and not is_for_firewall(network, id)
    ]
    more = f" and {len(subnets) - MAX_NAMED} more" if len(subnets) > MAX_NAMED else ""
    return ", ".join(subnets[:MAX_NAMED]) + more


def _by_table(network: Network) -> dict[str, tuple[RouteTable, list[str]]]:
    """Return the tables that subnets certainly follow, by their addresses, each with the addresses of those subnets."""
    from vpce_checks.reach.route import followed_by

    def make() -> dict[str, tuple[RouteTable, list[str]]]:
        found: dict[str, tuple[RouteTable, list[str]]] = {}
        for subnet in network.subnets:
            table = followed_by(network, subnet).table
            if table is not None:
                found.setdefault(table.declared.address, (table, []))[1].append(subnet.declared.address)
        return found

    return once(network, "followers by table", make)


def _serves_some(network: Network, endpoint: Endpoint) -> bool:
    """Return whether a subnet certainly follows a table that ``endpoint`` certainly has."""
    return any(has_table(network, endpoint, table).yes for table, _ in _by_table(network).values())


def _remedy_for_main(network: Network, table: RouteTable) -> str:
    """Return what to do about a main route table that AWS makes: a template cannot name it."""
    named = _followers(network, table)
    which = f"the subnets without a route table of their own ({named})" if named else "its subnets"
    return f"associate {which} with a route table of the endpoint, or the endpoint with {table_words(table)}"


def _name(value: Value, table: RouteTable | None) -> str:
    return table.declared.address if table is not None else f"the main route table of {link(value).address}"


def _missed(network: Network, endpoint: Endpoint) -> Iterator[tuple[RouteTable, TriState]]:
    """Yield the private route tables of the VPC that the endpoint is not, or may not be, associated with."""
    home = home_vpc(network, endpoint)
    cost = 1 + len(gateways_beside(network, endpoint))
    for vpc in network.vpcs if home is None else (home,):
        place = is_vpc(endpoint.vpc, vpc)
        if place.no:
            continue
        for table, private in private_tables(network, vpc):
            if not can_compare(network, cost):
                yield table, TOO_MANY
                return
            misses = all_of((place, private, not_(_served(network, endpoint, table))))
            if misses.possible:
                yield table, misses
                if home is None:
                    return  # no other table can be more certain


def _served(network: Network, endpoint: Endpoint, table: RouteTable) -> TriState:
    """Return whether ``table`` has ``endpoint`` or another gateway endpoint for the same service.

    A route table can have only one of them, so several endpoints may share the tables of a VPC.
    """
    own = has_table(network, endpoint, table)
    if own.yes:
        return own
    others: list[TriState] = []
    named = naming(network, table)
    doubts = 0
    for other in gateways_beside(network, endpoint):
        if other is endpoint or (doubts >= MAX_DOUBTS and id(other) not in named):
            continue
        answer = all_of(_does_the_same(network, other, endpoint, table))
        doubts += answer.value is None
        others.append(answer)
    from vpce_checks.reach.route import served_behind_nat

    return any_of((own, *others, served_behind_nat(network, endpoint, table)))


def _does_the_same(network: Network, other: Endpoint, endpoint: Endpoint, table: RouteTable) -> Iterator[TriState]:
    """Yield what must hold for ``other`` to serve ``table`` instead of ``endpoint``. The first no ends it."""
    yield has_type(other, "Gateway")
    yield same_vpc(other, endpoint)
    yield same_names(other, endpoint)
    yield exists(other.declared)
    yield has_table(network, other, table)


def _associate(endpoint: Endpoint) -> Fix:
    return Fix("text", address=endpoint.address, value=_REMEDY)


def _add_tables(network: Network, endpoint: Endpoint) -> Fix:
    """Return the fix that adds route tables to the endpoint; in words, if it is not known which VPC they belong to."""
    home = home_vpc(network, endpoint)
    if home is None:
        return _associate(endpoint)
    return Fix("set", address=endpoint.address, vpc=home.address, field="route_tables", value=_REMEDY)


def _verdict(endpoint: Endpoint, gateway: TriState, message: str, why: tuple[Evidence, ...], fix: Fix) -> Finding:
    """Return a failure, or an unknown verdict if the endpoint may not be a gateway endpoint."""
    short = service_label(endpoint)
    if gateway.yes:
        return about_endpoint(RULE, endpoint, "fail", message, short, why, fix)
    return about_endpoint(
        RULE, endpoint, "unknown", f"{message}, if it is a gateway endpoint", short, (*why, *because(gateway.causes))
    )


RULE = Rule(
    id="VPCE007",
    name="gateway-without-route-table",
    severity="medium",
    title="A gateway endpoint is not associated with every private route table",
    rationale=(
        "A gateway endpoint works through a route that AWS adds to the route tables associated with the endpoint. "
        "Subnets that use another route table keep using the public path. Without a public path they do not reach the "
        "service at all. Every route table of private subnets needs the endpoint. Route tables with a route to an "
        "internet gateway do not count."
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    judges="endpoint",
    check=check,
    fix="Name the route tables of the private subnets in the endpoint. It costs nothing.",
    ignore_when="The subnets hold nothing that calls the service, or another tool associates the route tables.",
    limits="Associations that somebody made by hand, which subnets have callers, and route tables in code that was not read.",
    bad="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}
""",
    good="""\
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
""",
)
