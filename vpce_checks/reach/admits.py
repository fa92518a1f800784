"""Find out whether an interface endpoint lets the traffic of its clients in: security groups, then network ACLs.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html#prerequisites-interface-endpoints
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.service_ports import HTTPS, Ports, port_words, service_ports
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import INVENTORY, Declaration, Endpoint, Network, SecurityGroup, Subnet, Vpc, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_, one_of
from vpce_checks.model.values import Cause, PartialString, Reference, Value, join_strings, merge_causes, same
from vpce_checks.reach.acls import Traffic, acls_let_through
from vpce_checks.reach.clients import (
    Clients,
    family_fits,
    is_range_of,
    own_clients,
    ranges_of,
    remote_clients,
    subnet_ranges,
)
from vpce_checks.reach.endpoints import (
    exists,
    exists_with,
    home_vpc,
    names,
    possible_values,
    same_object,
    sole_service,
    truth,
    vpc_label,
)
from vpce_checks.reach.indexes import Naming, associations_by_endpoint, once, subnets_by_vpc
from vpce_checks.reach.listed import listed
from vpce_checks.reach.opaque import known_by_stub, opaque_may_use
from vpce_checks.reach.prefix_lists import any_entry
from vpce_checks.reach.ranges import (
    ANY_IPV4,
    ANY_IPV6,
    is_every_protocol,
    overlap,
    takes_ports,
    takes_tcp,
)


@record
class Caller:
    """Clients in ``subnet`` that have the security ``groups``, which are as in the code: none stands for the default group."""

    subnet: Subnet
    groups: Value


Source: TypeAlias = Vpc | Subnet | Caller | None
"""Where clients are. Of those in a VPC or subnet it is not known which groups they have: some have the right one."""

MAX_RULES_SHOWN = 4
"""How many rules of a group the evidence names that do not admit the traffic."""

MAX_RULES = 20_000
"""How many rules of one group are read, to bound the time. AWS allows 1,000."""


@record
class Admission:
    """Whether an endpoint lets traffic in. ``ports`` are those that were asked for. ``why`` is the evidence.

    ``settles`` are the addresses or labels of the groups whose rules are not known: what they are settles the answer for
    every endpoint that has them. ``default`` is whether the answer hangs on who is in the default group of the VPC.
    ``stopped_by`` is what a no or a doubt comes from: the security groups, or the network ACLs, which do not check clients
    in the subnets of the endpoint.
    """

    answer: TriState
    ports: Ports
    why: tuple[Evidence, ...] = ()
    settles: tuple[str, ...] = ()
    default: bool = False
    stopped_by: Literal["groups", "acls"] = "groups"


def ports_of(endpoint: Endpoint) -> Ports | None:
    """Return the TCP ports of the service of ``endpoint``; None if they are not known."""
    short = sole_service(endpoint).short
    return None if short is None else service_ports(short)


def admits(network: Network, endpoint: Endpoint, source: Source = None) -> Admission:
    """Return whether ``endpoint`` lets in the traffic of clients in ``source``, on a port of its service.

    Without ``source``, clients are in the VPC of the endpoint, or in a VPC that a private zone or a Route 53 Profile
    leads to it: one that is let in suffices.
    """
    ports = ports_of(endpoint) or HTTPS
    groups = _by_groups(network, endpoint, ports, source)
    if groups.answer.no:
        return groups
    place = source.subnet if isinstance(source, Caller) else source
    traffic = Traffic(
        network, endpoint, ports, place, lambda subnet: _by_groups(network, endpoint, ports, subnet).answer
    )
    acls, steps = acls_let_through(traffic)
    answer = all_of((groups.answer, acls))
    if acls.yes:
        return groups
    by: Literal["groups", "acls"] = "groups" if groups.answer.value is None else "acls"
    settles = groups.settles if by == "groups" else (endpoint.address,)
    return Admission(answer, ports, (*groups.why, *steps), settles, groups.default, by)


@record
class _Group:
    """A security group that an endpoint has, as far as it is known which. ``presence``: whether it has it."""

    value: Value
    presence: TriState
    default: bool = False


def _by_groups(network: Network, endpoint: Endpoint, ports: Ports, source: Source) -> Admission:
    groups = list(_groups(network, endpoint))
    verdicts = [_group_admits(network, endpoint, group, ports, source) for group in groups]
    answer = any_of(all_of((group.presence, each.answer)) for group, each in zip(groups, verdicts, strict=True))
    kept = [each for each in verdicts if each.answer.value is answer.value] or verdicts
    why = tuple(step for each in kept for step in each.why)
    settles = tuple(dict.fromkeys(name for each in kept for name in each.settles))
    return Admission(answer, ports, why, settles, answer.value is None and any(each.default for each in kept))


def _groups(network: Network, endpoint: Endpoint) -> Iterator[_Group]:
    """Yield the security groups of ``endpoint``. AWS gives it the default group of its VPC if none is named."""
    separate = list(_separate(network, endpoint))
    bare: list[TriState] = []
    for value in possible_values(endpoint.security_groups):
        certain = YES if value is endpoint.security_groups else maybe(endpoint_causes(endpoint))
        found = list(listed(value))
        for item, presence in found:
            yield _Group(item, all_of((certain, presence)))
        bare.append(all_of((certain, not_(any_of(presence for _, presence in found)))))
    for group, _ in separate:
        yield group
    # A separate association adds a group. The default group goes only if the association says so.
    replaced = any_of(all_of((group.presence, replaces)) for group, replaces in separate)
    default = all_of((any_of(bare), not_(replaced)))
    if default.possible:
        place = link(endpoint.vpc).address
        yield _Group(Reference(place, ("default_security_group_id",)) if place else None, default, default=True)


def endpoint_causes(endpoint: Endpoint) -> tuple[Cause, ...]:
    """Return why the security groups of ``endpoint`` are not known."""
    return merge_causes([endpoint.security_groups])


def _separate(network: Network, endpoint: Endpoint) -> Iterator[tuple[_Group, TriState]]:
    """Yield the groups of separate associations, each with whether it takes the place of the default group."""
    for each in associations_by_endpoint(network).may_name(endpoint.address):
        if each.kind == "security_group":
            named = names(link(each.endpoint), endpoint.address)
            presence = all_of((named, exists_with(each.declared, endpoint.declared)))
            if presence.possible:
                yield _Group(each.target, presence), truth(each.replaces_default)


def _group_admits(network: Network, endpoint: Endpoint, group: _Group, ports: Ports, source: Source) -> Admission:
    if _is_default_attribute(group.value):
        return _of_default(network, endpoint, group.value, ports, source)
    declared = _declared(network, group.value)
    if declared is not None:
        found = _declared_admits(network, endpoint, declared, ports, source)
        at_home = _is_at_home(network, endpoint, declared)
        return found if at_home.yes else replace(found, answer=all_of((found.answer, at_home)))
    if group.default:  # of a VPC that is created elsewhere
        return _default_admits(network, endpoint, group.value, ports, source)
    named = link(group.value)
    label = named.external or "a security group"
    text = f"the rules of {label} are not known here" if named.external else "its security groups are not known"
    causes = merge_causes([group.value]) or (Cause(text),)
    return Admission(maybe(causes), ports, (Evidence(text, endpoint.declared.span),), _settles(group.value, causes))


def _of_default(network: Network, endpoint: Endpoint, group: Value, ports: Ports, source: Source) -> Admission:
    """Return what the default group of a VPC does. A declaration that is not certain may leave it as AWS made it."""
    vpc = link(group).address
    adopted = _adopted(network, vpc) if vpc is not None else []
    for each in adopted:
        if vpc is not None and names(link(each.vpc), vpc).yes and exists_with(each.declared, endpoint.declared).yes:
            return _declared_admits(network, endpoint, each, ports, source)
    found = [_declared_admits(network, endpoint, each, ports, source) for each in adopted]
    found.append(_default_admits(network, endpoint, group, ports, source))
    return Admission(
        one_of(each.answer for each in found),
        ports,
        tuple(step for each in found for step in each.why),
        tuple(name for each in found for name in each.settles),
        any(each.default for each in found),
    )


def _default_admits(network: Network, endpoint: Endpoint, group: Value, ports: Ports, source: Source) -> Admission:
    """Return what the default group of a VPC does that no code declares: it has its rule for its members, and added ones."""
    place = vpc_label(endpoint) or "its VPC"
    home = home_vpc(network, endpoint)
    known = home is None or home.declared.type != INVENTORY
    does = "admits only its own members" if known else "is not in the inventory"
    cause = Cause(f"the default security group of {place} {does}", endpoint.declared.span)
    steps = [Evidence(cause.text, cause.span)]
    for rule, added in _added(network, endpoint, group, ports, source):
        if added.yes:
            text = (
                f"{rule.declared.address} adds a rule for {port_words(ports)} to the default security group of {place}"
            )
            return Admission(added, ports, (Evidence(text, rule.declared.span),))
        if added.possible and len(steps) <= MAX_RULES_SHOWN:
            steps.append(Evidence(f"{rule.declared.address} may admit {port_words(ports)}", rule.declared.span))
    return Admission(maybe((cause,)), ports, tuple(steps), (f"the default group of {place}",), default=True)


def _declared_admits(
    network: Network, endpoint: Endpoint, group: SecurityGroup, ports: Ports, source: Source
) -> Admission:
    """Return what the rules of a group of this configuration do."""
    address = group.declared.address
    rules = _rules(network, group)
    if len(rules) > MAX_RULES:
        cause = Cause(f"{address} has more than {MAX_RULES:,} rules", group.declared.span)
        return Admission(maybe((cause,)), ports, (), (address,))
    answers = [_rule_admits(network, endpoint, group, rule, ports, source) for rule in rules]
    hidden = any_of((opaque_may_use(network, address), known_by_stub(group.declared)))
    answer = any_of((*answers, hidden))
    only_members = answer.value is None and hidden.no and group.default
    return Admission(
        answer, ports, tuple(_steps(group, rules, answers, answer, ports, source)), (address,), only_members
    )


def _added(
    network: Network, endpoint: Endpoint, group: Value, ports: Ports, source: Source
) -> Iterator[tuple[IngressRule, TriState]]:
    """Yield the rules that are added to a default group that no code declares, each with whether it admits the traffic."""
    if link(group).address is not None:
        declared = Declaration("the default security group", "default", endpoint.declared.span)
        implicit = SecurityGroup(declared, group, default=True)
        for rule in _rules(network, implicit):
            yield rule, _rule_admits(network, endpoint, implicit, rule, ports, source)


def _settles(value: Value, causes: tuple[Cause, ...]) -> tuple[str, ...]:
    linked = link(value)
    return (linked.external,) if linked.external is not None else tuple(cause.text for cause in causes)


def _is_default_attribute(value: Value) -> bool:
    """Whether ``value`` is the attribute of a VPC that holds the id of its default group."""
    return (
        isinstance(value, Reference)
        and bool(value.path)
        and str(value.path[0]).lower().replace("_", "").startswith("defaultsecuritygroup")
    )


def _declared(network: Network, value: Value) -> SecurityGroup | None:
    """Return the security group of this configuration that ``value`` names for certain."""
    by_address = once(
        network, "groups by address", lambda: {group.declared.address: group for group in network.security_groups}
    )
    return by_address.get(link(value).address or "")


def _adopted(network: Network, vpc: str) -> list[SecurityGroup]:
    """Return the declarations that may adopt the default group of the VPC at ``vpc``."""
    defaults = once(
        network,
        "default groups by vpc",
        lambda: Naming([group for group in network.security_groups if group.default], lambda group: group.vpc),
    )
    return defaults.may_name(vpc)


def _rules(network: Network, group: SecurityGroup) -> list[IngressRule]:
    """Return the ingress rules that belong, or may belong, to ``group``."""
    by_group = once(network, "rules by group", lambda: Naming(network.ingress_rules, lambda rule: rule.group))
    addresses = [group.declared.address]
    vpc = link(group.vpc).address
    if group.default and vpc is not None:
        addresses.append(vpc)
    return by_group.may_name(*addresses)


def _belongs(network: Network, rule: IngressRule, group: SecurityGroup) -> TriState:
    if _is_default_attribute(rule.group):
        return YES if group.default and link(rule.group).address == link(group.vpc).address else NO
    return names(link(rule.group), group.declared.address)


def _rule_admits(
    network: Network,
    endpoint: Endpoint,
    group: SecurityGroup,
    rule: IngressRule,
    ports: Ports,
    source: Source,
) -> TriState:
    """Return whether ``rule`` of ``group`` lets the traffic in. The first no ends it."""

    def tests() -> Iterator[TriState]:
        yield _belongs(network, rule, group)
        yield takes_tcp(rule.protocol)
        yield any_of((is_every_protocol(rule.protocol), takes_ports(rule.from_port, rule.to_port, ports)))
        yield exists_with(rule.declared, endpoint.declared)
        yield _from(network, endpoint, group, rule, source)

    return all_of(tests())


def _from(network: Network, endpoint: Endpoint, group: SecurityGroup, rule: IngressRule, source: Source) -> TriState:
    """Return whether the sources of ``rule`` take in clients of ``endpoint``."""
    cidrs = list(listed(rule.cidrs))
    found = any_of(
        (
            *(all_of((presence, _cidr_admits(network, endpoint, cidr, source))) for cidr, presence in cidrs),
            *(
                all_of((presence, _list_admits(network, endpoint, item, source)))
                for item, presence in listed(rule.prefix_lists)
            ),
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
    return _is_at_home(network, endpoint, _declared(network, value))


def _has_group(network: Network, source: Source, value: Value) -> TriState:
    """Return whether clients in ``source`` have the security group that ``value`` names: of many clients, some do.

    A group that the code only names, by an input or a look-up, may be one that it creates.
    """
    if not isinstance(source, Caller):
        return YES
    own = list(listed(source.groups, or_one=True))
    value = _without_account(value)
    if not own:
        return maybe((Cause("the callers have the default security group"),))
    return any_of(all_of((presence, _is_same_group(network, item, value))) for item, presence in own)


def _without_account(group: Value) -> Value:
    """Return the group that a rule names, without its account, which may stand before it: ``111122223333/sg-1a2b3c4d``.

    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    if isinstance(group, str):
        return group.rpartition("/")[2]
    if isinstance(group, PartialString) and any(isinstance(part, str) and "/" in part for part in group.parts):
        at = max(place for place, part in enumerate(group.parts) if isinstance(part, str) and "/" in part)
        head = str(group.parts[at]).rpartition("/")[2]
        return join_strings((head, *group.parts[at + 1 :]))
    return group


def _is_same_group(network: Network, one: Value, other: Value) -> TriState:
    """Return whether two values name one group. The default group of a VPC has two names where a resource adopts it."""
    named = link(one), link(other)
    if {each.external is not None for each in named} == {True, False}:
        label = next(each.external for each in named if each.external is not None)
        return maybe((Cause(f"{label} may be another security group of the code"),))
    if (known := same_object(one, other)).possible:
        return known
    return any_of((_is_default_of(network, one, other), _is_default_of(network, other, one)))


def _is_default_of(network: Network, value: Value, group: Value) -> TriState:
    """Return whether ``value`` is the attribute of a VPC for its default group, and ``group`` the resource that adopts it."""
    possible = possible_values(value)
    certain = YES if len(possible) == 1 else maybe(merge_causes([value]))
    linked = [link(each) for each in possible if _is_default_attribute(each)]
    return any_of(
        all_of(
            (
                certain,
                names(each, vpc),
                names(link(adopted.vpc), vpc),
                names(link(group), adopted.declared.address),
                exists(adopted.declared),
            )
        )
        for each in linked
        for vpc in (each.candidates if each.address is None else (each.address,))
        for adopted in _adopted(network, vpc)
    )


def _is_at_home(network: Network, endpoint: Endpoint, group: SecurityGroup | None) -> TriState:
    """Return whether a group belongs to the VPC of ``endpoint``, or is associated with it.

    One that no code declares is taken to belong there.
    """
    if group is None or not same_object(group.vpc, endpoint.vpc).no:
        return YES
    associations = once(
        network, "group associations", lambda: Naming(network.group_associations, lambda each: each.group)
    )
    associated = any_of(
        all_of(
            (
                names(link(each.group), group.declared.address),
                same_object(each.vpc, endpoint.vpc),
                exists_with(each.declared, endpoint.declared),
            )
        )
        for each in associations.may_name(group.declared.address)
    )
    cause = Cause(f"{group.declared.address} belongs to another VPC", group.declared.span)
    return associated if associated.possible else maybe((cause,))


def _cidr_admits(network: Network, endpoint: Endpoint, cidr: Value, source: Source) -> TriState:
    source = source.subnet if isinstance(source, Caller) else source
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


def _list_admits(network: Network, endpoint: Endpoint, value: Value, source: Source) -> TriState:
    return any_entry(network, value, lambda cidr: _cidr_admits(network, endpoint, cidr, source))


def _steps(
    group: SecurityGroup,
    rules: list[IngressRule],
    answers: list[TriState],
    answer: TriState,
    ports: Ports,
    source: Source,
) -> Iterable[Evidence]:
    """Yield the evidence for what a group does: the rule that admits the traffic, or those that do not."""
    address = group.declared.address
    wanted = port_words(ports)
    if answer.yes:
        place = next((rule.declared.span for rule, each in zip(rules, answers, strict=True) if each.yes), None)
        yield Evidence(f"{address} admits {wanted}", place or group.declared.span)
        return
    if not rules:
        yield Evidence(f"{address} has no ingress rule", group.declared.span)
        return
    verb = "does not admit" if answer.no else "may admit"
    clients = "this caller" if isinstance(source, Caller) else "the clients of the endpoint"
    shown = [rule for rule, each in zip(rules, answers, strict=True) if each.value is answer.value]
    for rule in shown[:MAX_RULES_SHOWN]:
        yield Evidence(f"{rule.declared.address} {verb} {wanted} from {clients}", rule.declared.span)
