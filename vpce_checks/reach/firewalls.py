"""Find out what the security groups of a workload let out: HTTPS to everywhere, or to prefix lists.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from vpce_checks.catalog.service_ports import HTTPS
from vpce_checks.model.documents import member
from vpce_checks.model.network import Network, Part, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, ListValue, Opaque, Unknown, Value, merge_causes
from vpce_checks.reach.endpoints import exists, names
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.parts import parts_of
from vpce_checks.reach.ranges import ANY_IPV4, covers, is_every_protocol, read_range, takes_ports, takes_tcp


class Outward(NamedTuple):
    """Whether HTTPS is let out ``anywhere``, and to prefix ``lists``, such as that of a gateway endpoint."""

    anywhere: TriState
    lists: TriState


OPEN = Outward(YES, YES)
"""What a VPC's default security group lets out, unless somebody changes it."""


def lets_out(network: Network, groups: Value) -> Outward:
    """Return what security groups let out together. Without any, the VPC's default group holds."""
    if groups is None or (isinstance(groups, ListValue) and groups.exact and not groups.items):
        adopted = any(part.declared.type == "aws_default_security_group" for part in network.parts)
        doubt = maybe([Cause("the default security group is changed in this configuration")])
        return Outward(doubt, doubt) if adopted else OPEN
    listed = groups if isinstance(groups, ListValue) else ListValue((groups,), "list")
    found = [_of_group(network, item) for item in listed.items]
    if listed.rest is not None or listed.maybe:
        doubt = maybe(merge_causes([listed.rest, *listed.maybe.values()]))
        found.append(Outward(doubt, doubt))
    return Outward(any_of(each.anywhere for each in found), any_of(each.lists for each in found))


def _of_group(network: Network, value: Value) -> Outward:
    group = parts_of(network).find(value, "firewall")
    if group is None:
        doubt = maybe(merge_causes([value]) or (Cause("a security group is not declared in this configuration"),))
        return Outward(doubt, doubt)
    rules = list(_rules(network, group))
    opaque = opaque_may_use(network, group.address)
    return Outward(
        any_of((opaque, *(all_of((certain, _admits(rule, _is_everywhere))) for certain, rule in rules))),
        any_of((opaque, *(all_of((certain, _admits(rule, _reaches_lists))) for certain, rule in rules))),
    )


_Get = Callable[[str], Value]


def _rules(network: Network, group: Part) -> Iterator[tuple[TriState, _Get]]:
    """Yield the outbound rules of a group, each with whether it has them."""
    separate = [
        (all_of((names(link(rule.get("firewall")), group.address), exists(rule.declared), _is_outward(rule))), rule.get)
        for rule in parts_of(network).of_kind("firewall_rule", "egress_rule")
    ]
    separate = [pair for pair in separate if pair[0].possible]
    yield from separate
    inline = group.get("egress")
    if "::" in group.declared.type and inline is None:
        # CloudFormation leaves AWS's rule in place, which allows everything, unless the template says otherwise.
        yield maybe() if separate else YES, _everything
    for place, item in enumerate(inline.items if isinstance(inline, ListValue) else ()):
        doubt = inline.maybe.get(place) if isinstance(inline, ListValue) else None
        yield YES if doubt is None else maybe(doubt.causes), _getter(item)
    rest = inline.rest if isinstance(inline, ListValue) else inline
    if isinstance(rest, Opaque):
        yield maybe(rest.causes), _getter(rest)


def _everything(name: str) -> Value:
    return {"protocol": "-1", "ranges": "0.0.0.0/0"}.get(name)


def _getter(item: Value) -> _Get:
    return lambda name: member(item, name)


def _is_outward(rule: Part) -> TriState:
    direction = rule.get("direction")
    if rule.kind == "egress_rule" or direction == "egress":
        return YES
    return maybe(direction.causes) if isinstance(direction, Opaque) else NO


def _admits(rule: _Get, target: Callable[[_Get], TriState]) -> TriState:
    """Return whether a rule allows HTTPS to what ``target`` looks for."""
    protocol = rule("protocol")
    ports = all_of((takes_tcp(protocol), takes_ports(rule("from"), rule("to"), HTTPS)))
    return all_of((any_of((is_every_protocol(protocol), ports)), target(rule)))


def _is_everywhere(rule: _Get) -> TriState:
    """Return whether a rule is for all addresses. For a part of the public ones, it may or may not do."""
    return any_of(_is_public(item) for item in _values(rule("ranges")))


def _reaches_lists(rule: _Get) -> TriState:
    """Return whether a rule is for a prefix list or for all addresses. Which list it is does not matter here."""
    lists = any_of(maybe(item.causes) if isinstance(item, Unknown) else YES for item in _values(rule("lists")))
    return any_of((lists, _is_everywhere(rule)))


def _is_public(item: Value) -> TriState:
    if not isinstance(item, str):
        return maybe(merge_causes([item]))
    return NO if is_private(item) else YES if item == ANY_IPV4 else maybe()


def _values(value: Value) -> Iterator[Value]:
    if isinstance(value, ListValue):
        yield from (item for place, item in enumerate(value.items) if item is not None and place not in value.maybe)
        yield from (Unknown(doubt.causes) for doubt in value.maybe.values())
        if value.rest is not None:
            yield Unknown(value.rest.causes)
    elif value is not None and value != "":
        yield value


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7")
"""Private and shared addresses: https://www.rfc-editor.org/rfc/rfc1918, rfc6598, rfc4193. No public endpoint has one."""


def is_private(block: str) -> bool:
    """Return whether a CIDR block holds private addresses only."""
    return read_range(block) is not None and any(covers(private, block).yes for private in _PRIVATE)
