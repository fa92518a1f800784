"""Find out whether a workload in a subnet has a way to the public endpoints of AWS: by routes and security groups.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.catalog import is_gateway_service
from vpce_checks.catalog.service_ports import service_ports
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Network, Part, Route, RouteTable, Subnet, Vpc, link
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, ListValue, Opaque, Value
from vpce_checks.model.workload import Workload
from vpce_checks.reach.acls import lets_out_of
from vpce_checks.reach.endpoints import exists, is_vpc, names, truth
from vpce_checks.reach.firewalls import Outward, is_private
from vpce_checks.reach.opaque import network_may_use, opaque_may_use
from vpce_checks.reach.parts import parts_of
from vpce_checks.reach.route import followed_by
from vpce_checks.reach.route_tables import routes_of, table_name
from vpce_checks.reach.run_time_routes import route_changer

Way: TypeAlias = Literal["none", "public", "nat", "unknown"]
"""How calls leave: not at all, by an internet gateway with a public address, by a NAT gateway, or an unknown way."""

DEFAULT = "0.0.0.0/0"


class WayOut(NamedTuple):
    """The way out of a subnet for one workload, and what shows it."""

    way: Way
    why: tuple[Evidence, ...] = ()


def way_out(network: Network, vpc: Vpc, workload: Workload, subnet: Subnet) -> WayOut:
    """Return the way out of ``subnet`` of ``vpc`` for ``workload`` by the routes."""
    found = _by_routes(network, vpc, workload, subnet)
    if found.way == "none" and (changer := route_changer(network)) is not None:
        return WayOut("unknown", (*found.why, *because((changer,))))
    return found


def through_groups(out: WayOut, workload: Workload, groups: Outward, service: str) -> WayOut:
    """Return what the security ``groups`` of ``workload`` leave of its way out by the routes, for calls to ``service``."""
    if out.way not in ("public", "nat"):
        return out
    allowed = groups.anywhere
    if is_gateway_service(service) and groups.lists.possible:
        # The list may be that of the service, whose addresses are public.
        place = _groups(workload)
        named = maybe((Cause(f"the security groups of {workload.address} name a prefix list", place),))
        allowed = any_of((allowed, named))
    if allowed.yes:
        return out
    if allowed.no:
        step = Evidence(f"no security group of {workload.address} allows HTTPS to public addresses", _groups(workload))
        return WayOut("none", (*out.why, step))
    return WayOut("unknown", (*out.why, *because(allowed.causes)))


def through_acls(network: Network, out: WayOut, subnet: Subnet, service: str) -> WayOut:
    """Return what the network ACL of ``subnet`` leaves of a way out for calls to ``service``."""
    if out.way not in ("public", "nat"):
        return out
    passes, steps = lets_out_of(network, subnet, service_ports(service))
    if passes.yes:
        return out
    return WayOut("none" if passes.no else "unknown", (*out.why, *steps, *because(passes.causes)))


def _groups(workload: Workload) -> Span:
    return workload.declared.field_spans.get("security_groups", workload.declared.span)


def _by_routes(network: Network, vpc: Vpc, workload: Workload, subnet: Subnet) -> WayOut:
    followed = followed_by(network, subnet)
    table = followed.table
    if table is None:
        return WayOut("unknown", because(followed.causes))
    address = table_name(table)
    opaque = any_of(
        (opaque_may_use(network, table.declared.address), network_may_use(network, subnet.declared.address))
    )
    if opaque.possible:
        return WayOut("unknown", because(opaque.causes))
    where = Evidence(f"{subnet.declared.address} uses {address}", subnet.declared.span)
    steps: dict[Way, Evidence] = {}
    for route, presence in routes_of(network, table):
        way = _leads(network, vpc, route, presence)
        if way != "none":
            text = f"{route.declared.address} leads out of it" if way != "unknown" else _cannot_tell(route)
            steps.setdefault(way, Evidence(text, route.declared.span))
    if "nat" in steps:
        return WayOut("nat", (where, steps["nat"]))
    unknown = steps.get("unknown") or _propagated(network, table)
    if unknown is not None:
        return WayOut("unknown", (where, unknown))
    if "public" in steps:
        return _with_address(network, workload, subnet, (where, steps["public"]))
    return WayOut("none", (where, Evidence(f"{address} has no route out of the VPC", table.declared.span)))


def may_lead_out(network: Network, vpc: Vpc, table: RouteTable) -> tuple[Evidence, ...]:
    """Return what leads, or may lead, calls out of ``vpc`` by ``table``: a default route, routes for a part of the public
    addresses, or what adds routes that are not in the code."""
    opaque = opaque_may_use(network, table.declared.address)
    if opaque.possible:
        return because(opaque.causes)
    for route, presence in routes_of(network, table):
        if _leads(network, vpc, route, presence) != "none":
            return (Evidence(_cannot_tell(route), route.declared.span),)
    propagated = _propagated(network, table)
    if propagated is not None:
        return (propagated,)
    changer = route_changer(network)
    return () if changer is None else because((changer,))


def _cannot_tell(route: Route) -> str:
    return f"cannot determine whether {route.declared.address} leads to AWS's public endpoints"


def _leads(network: Network, vpc: Vpc, route: Route, presence: TriState) -> Way:
    """Return where a route leads. Routes to private addresses lead to no public endpoint."""
    destination = route.destination
    if isinstance(destination, str) and "/" in destination and is_private(destination):
        return "none"
    if route.target_kind == "gateway" and isinstance(route.target, str) and route.target in ("local", ""):
        return "none"
    if not presence.yes or destination != DEFAULT:
        return "unknown"
    if route.target_kind == "gateway":
        return "public" if _is_internet_gateway(network, route.target) else "unknown"
    if route.target_kind == "nat":
        return "nat" if _is_public_nat(network, vpc, route.target) else "unknown"
    return "unknown"


def _is_internet_gateway(network: Network, target: Value) -> bool:
    address = link(target).address
    known = (gateway.declared for gateway in network.internet_gateways)
    return any(declared.address == address and declared.exists is True for declared in known)


def _is_public_nat(network: Network, vpc: Vpc, target: Value) -> bool:
    """Return whether ``target`` is certainly a NAT gateway with a public address, in a subnet that leads out.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
    """
    nat = parts_of(network).find(target, "nat")
    if nat is None or nat.get("connectivity") not in (None, "public"):
        return False
    address = link(nat.get("subnets")).address
    subnet = next((each for each in network.subnets if each.declared.address == address), None)
    if subnet is None or not is_vpc(subnet.vpc, vpc).yes:
        return False
    table = followed_by(network, subnet).table
    return table is not None and any(
        route.target_kind == "gateway" and _leads(network, vpc, route, presence) == "public"
        for route, presence in routes_of(network, table)
    )


def _propagated(network: Network, table: RouteTable) -> Evidence | None:
    """Return what may bring routes of a VPN, Direct Connect or route server into ``table``; they are seen nowhere in the code."""
    parts = parts_of(network)
    for part in parts.of_kind("propagation", "server_propagation"):
        if _may_hold(part.get("tables"), table.declared.address):
            return Evidence(f"{part.address} adds routes to it", part.declared.span)
    for part in parts.of_kind("table_propagation"):
        gateways = part.get("gateways")
        if part.address == table.declared.address and gateways is not None and gateways != ListValue((), "tuple"):
            return Evidence("a virtual private gateway adds routes to it", part.place("gateways"))
    return None


def _may_hold(value: Value, address: str) -> bool:
    items: Iterable[Value] = value.items if isinstance(value, ListValue) else (value,)
    unseen = isinstance(value, ListValue) and value.rest is not None
    return unseen or any(link(item).may_be(address) for item in items)


def _with_address(network: Network, workload: Workload, subnet: Subnet, why: tuple[Evidence, ...]) -> WayOut:
    """Return the way out by an internet gateway: there is one only with a public address."""
    has_address = _has_address(network, workload, subnet)
    if has_address.yes:
        return WayOut("public", why)
    if has_address.no:
        step = Evidence(f"{workload.address} has no public address, so that is no way out", workload.declared.span)
        return WayOut("none", (*why, step))
    return WayOut("unknown", (*why, *because(has_address.causes)))


def _has_address(network: Network, workload: Workload, subnet: Subnet) -> TriState:
    if workload.addressing == "never":
        return NO
    if workload.addressing == "always":
        return YES
    if workload.addressing == "perhaps":
        doubt = Cause(f"AWS may give {workload.address} a public address in a public subnet", workload.declared.span)
        return any_of((truth(subnet.public_ip_on_launch), maybe((doubt,))))
    asked = workload.public_ip
    if isinstance(asked, str) and asked.upper() in ("ENABLED", "DISABLED"):
        asked = asked.upper() == "ENABLED"
    if workload.addressing == "asked" or (asked is not None and not isinstance(asked, Opaque)):
        own = truth(asked)
    else:
        own = any_of((truth(asked), truth(subnet.public_ip_on_launch)))
    return any_of((own, *(_given(part, workload) for part in _elastic(network))))


def _elastic(network: Network) -> list[Part]:
    return list(parts_of(network).of_kind("elastic_ip", "elastic_ip_link"))


def _given(part: Part, workload: Workload) -> TriState:
    """Return whether an elastic IP address goes to ``workload``. One for an interface may."""
    interface = part.get("interface")
    if interface is not None:
        return TriState(None, (Cause(f"{part.address} gives an address to an interface", part.declared.span),))
    named = part.get("instance")
    if named is None:
        return NO
    return all_of((names(link(named), workload.address), exists(part.declared)))
