"""Find out what the security groups of a workload let out: HTTPS to public addresses, or to prefix lists.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from vpce_checks.catalog.service_ports import HTTPS
from vpce_checks.model.documents import member
from vpce_checks.model.network import Network, Part, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, Opaque, Reference, Unknown, Value, merge_causes
from vpce_checks.reach.endpoints import exists, names
from vpce_checks.reach.indexes import once
from vpce_checks.reach.listed import listed
from vpce_checks.reach.opaque import opaque_may_use
from vpce_checks.reach.parts import parts_of
from vpce_checks.reach.prefix_lists import any_entry, declared_list
from vpce_checks.reach.ranges import ANY_IPV4, covers, is_every_protocol, overlap, read_range, takes_ports, takes_tcp


class Outward(NamedTuple):
    """Whether HTTPS is let out ``anywhere``, and to prefix ``lists``, such as that of a gateway endpoint.

    A list of AWS that a group names by an endpoint or a data source holds the addresses of one service. It counts as no
    way to anywhere.
    """

    anywhere: TriState
    lists: TriState


OPEN = Outward(YES, YES)
"""What a VPC's default security group lets out, unless somebody changes it."""


def lets_out(network: Network, groups: Value) -> Outward:
    """Return what security groups let out together. Without any, the VPC's default group holds."""
    named = list(listed(groups, or_one=True))
    found = [(presence, _of_group(network, item)) for item, presence in named]
    found.append((not_(any_of(presence for _, presence in named)), _of_default(network)))
    return Outward(
        any_of(all_of((presence, each.anywhere)) for presence, each in found),
        any_of(all_of((presence, each.lists)) for presence, each in found),
    )


def lets_out_to(network: Network, groups: Value, blocks: Iterable[Value]) -> TriState:
    """Return whether security groups let HTTPS out to one of the CIDR ``blocks``, such as those of an endpoint.

    A rule for a group, a prefix list or IPv6 addresses may be meant for the endpoint, whatever its IPv4 addresses are.
    """
    if lets_out(network, groups).anywhere.yes:
        return YES
    wanted = tuple(blocks)
    if not wanted:
        return maybe()
    answers: list[TriState] = []
    for item, presence in listed(groups, or_one=True):
        group = parts_of(network).find(item, "firewall")
        if group is None:
            answers.append(maybe(merge_causes([item])))
            continue
        answers.append(all_of((presence, opaque_may_use(network, group.address))))
        for there, rule in _rules(network, group):
            https = all_of((presence, there, _takes_https(rule)))
            answers.append(all_of((https, _is_for_any(rule, wanted))))
    return any_of(answers) if answers else maybe()


def _is_for_any(rule: _Get, blocks: Iterable[Value]) -> TriState:
    """Return whether a rule is for one of ``blocks``. A group that it is for besides is not looked into."""
    found = any_of(all_of((there, overlap(item, block))) for item, there in _named(rule, "ranges") for block in blocks)
    if not found.no:
        return found
    others = [presence for field in _OTHER_TARGETS for item, presence in _named(rule, field) if item is not False]
    return maybe((Cause("a rule may be for the group of the endpoint"),)) if any_of(others).possible else NO


_OTHER_TARGETS = ("lists", "groups", "itself", "ipv6")
"""What a rule may be for, beside ranges of IPv4 addresses."""


def _of_default(network: Network) -> Outward:
    if not any(part.declared.type == "aws_default_security_group" for part in network.parts):
        return OPEN
    doubt = maybe([Cause("the default security group is changed in this configuration")])
    return Outward(doubt, doubt)


def _of_group(network: Network, value: Value) -> Outward:
    group = parts_of(network).find(value, "firewall")
    if group is None:
        doubt = maybe(merge_causes([value]) or (Cause("a security group is not declared in this configuration"),))
        return Outward(doubt, doubt)
    opaque = opaque_may_use(network, group.address)
    anywhere, lists = [opaque], [opaque]
    for presence, rule in _rules(network, group):
        https = all_of((presence, _takes_https(rule)))
        everywhere = _is_everywhere(network, rule)
        anywhere.append(all_of((https, everywhere)))
        lists.append(all_of((https, any_of((everywhere, _names_list(network, rule))))))
    return Outward(any_of(anywhere), any_of(lists))


_Get = Callable[[str], Value]


def _rules(network: Network, group: Part) -> Iterator[tuple[TriState, _Get]]:
    """Yield the outbound rules of a group, each with whether it has them."""
    separate = [
        (all_of((names(link(rule.get("firewall")), group.address), exists(rule.declared), _is_outward(rule))), rule.get)
        for rule in parts_of(network).of_kind("firewall_rule", "egress_rule")
    ]
    separate = [pair for pair in separate if pair[0].possible]
    yield from separate
    inline = list(listed(group.get("egress")))
    yield from ((presence, _getter(item)) for item, presence in inline)
    stays = not_(any_of(presence for _, presence in inline))
    if _keeps_the_rule_of_aws(group) and stays.possible:
        yield maybe(stays.causes) if separate else stays, _everything


def _keeps_the_rule_of_aws(group: Part) -> bool:
    """Whether a new group keeps AWS's rule, which lets everything out, as long as nobody gives it another one.

    Terraform's AWS provider removes it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
    """
    return "::" in group.declared.type or group.declared.type.startswith("awscc_")


def _everything(name: str) -> Value:
    return {"protocol": "-1", "ranges": "0.0.0.0/0"}.get(name)


def _getter(item: Value) -> _Get:
    return lambda name: member(item, name)


def _is_outward(rule: Part) -> TriState:
    direction = rule.get("direction")
    if rule.kind == "egress_rule" or direction == "egress":
        return YES
    return maybe(direction.causes) if isinstance(direction, Opaque) else NO


def _takes_https(rule: _Get) -> TriState:
    protocol = rule("protocol")
    ports = all_of((takes_tcp(protocol), takes_ports(rule("from"), rule("to"), HTTPS)))
    return any_of((is_every_protocol(protocol), ports))


def _is_everywhere(network: Network, rule: _Get) -> TriState:
    """Return whether a rule is for all addresses. For a part of the public ones, it may or may not do."""
    ranges = (all_of((presence, _is_public(item))) for item, presence in _named(rule, "ranges"))
    lists = (
        all_of((presence, any_entry(network, item, _is_public)))
        for item, presence in _named(rule, "lists")
        if not _is_of_a_service(network, item)
    )
    return any_of((*ranges, *lists))


def _named(rule: _Get, field: str) -> Iterator[tuple[Value, TriState]]:
    """Yield what a rule names in a field, each with whether it does: a list or, in a rule of its own, one value."""
    return (each for each in listed(rule(field), or_one=True) if each[0] != "")


def _is_of_a_service(network: Network, item: Value) -> bool:
    """Whether ``item`` certainly is AWS's list for a gateway service: an endpoint or the data source for such lists has it.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/prefix_list
    """
    if not isinstance(item, Reference):
        return False
    addresses = once(network, "endpoint addresses", lambda: frozenset(each.address for each in network.endpoints))
    return item.address in addresses or item.address.rpartition("data.")[2].startswith("aws_prefix_list.")


def _names_list(network: Network, rule: _Get) -> TriState:
    """Return whether a rule is for a prefix list of AWS. Which one it is does not matter here."""
    return any_of(all_of((presence, _is_of_aws(network, item))) for item, presence in _named(rule, "lists"))


def _is_of_aws(network: Network, item: Value) -> TriState:
    if declared_list(network, item) is not None:
        return NO
    return maybe(item.causes) if isinstance(item, Unknown) else YES


def _is_public(item: Value) -> TriState:
    if not isinstance(item, str):
        return maybe(merge_causes([item]))
    return NO if is_private(item) else YES if item == ANY_IPV4 else maybe()


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7")
"""Private and shared addresses: https://www.rfc-editor.org/rfc/rfc1918, rfc6598, rfc4193. No public endpoint has one."""


def is_private(block: str) -> bool:
    """Return whether a CIDR block holds private addresses only."""
    return read_range(block) is not None and any(covers(private, block).yes for private in _PRIVATE)
