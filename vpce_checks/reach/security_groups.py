"""Find the security groups of an endpoint, and the rules of a group, and say whether two values name one group.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import record
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import Endpoint, Network, SecurityGroup, link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, PartialString, Reference, Value, join_strings, merge_causes
from vpce_checks.reach.endpoints import exists, exists_with, names, possible_values, same_object, truth
from vpce_checks.reach.indexes import Naming, associations_by_endpoint, once
from vpce_checks.reach.listed import listed


@record
class HeldGroup:
    """A security group that an endpoint has, as far as it is known which. ``presence``: whether it has it."""

    value: Value
    presence: TriState
    default: bool = False


def groups_of(network: Network, endpoint: Endpoint) -> Iterator[HeldGroup]:
    """Yield the security groups of ``endpoint``. AWS gives it the default group of its VPC if none is named."""
    separate = list(_separate(network, endpoint))
    bare: list[TriState] = []
    for value in possible_values(endpoint.security_groups):
        certain = YES if value is endpoint.security_groups else maybe(_causes(endpoint))
        found = list(listed(value))
        for item, presence in found:
            yield HeldGroup(item, all_of((certain, presence)))
        bare.append(all_of((certain, not_(any_of(presence for _, presence in found)))))
    for group, _ in separate:
        yield group
    # A separate association adds a group. The default group goes only if the association says so.
    replaced = any_of(all_of((group.presence, replaces)) for group, replaces in separate)
    default = all_of((any_of(bare), not_(replaced)))
    if default.possible:
        place = link(endpoint.vpc).address
        yield HeldGroup(Reference(place, ("default_security_group_id",)) if place else None, default, default=True)


def _causes(endpoint: Endpoint) -> tuple[Cause, ...]:
    """Return why the security groups of ``endpoint`` are not known."""
    return merge_causes([endpoint.security_groups])


def _separate(network: Network, endpoint: Endpoint) -> Iterator[tuple[HeldGroup, TriState]]:
    """Yield the groups of separate associations, each with whether it takes the place of the default group."""
    for each in associations_by_endpoint(network).may_name(endpoint.address):
        if each.kind == "security_group":
            named = names(link(each.endpoint), endpoint.address)
            presence = all_of((named, exists_with(each.declared, endpoint.declared)))
            if presence.possible:
                yield HeldGroup(each.target, presence), truth(each.replaces_default)


def is_default_attribute(value: Value) -> bool:
    """Whether ``value`` is the attribute of a VPC that holds the id of its default group."""
    return (
        isinstance(value, Reference)
        and bool(value.path)
        and str(value.path[0]).lower().replace("_", "").startswith("defaultsecuritygroup")
    )


def declared_group(network: Network, value: Value) -> SecurityGroup | None:
    """Return the security group of this configuration that ``value`` names for certain."""
    by_address = once(
        network, "groups by address", lambda: {group.declared.address: group for group in network.security_groups}
    )
    return by_address.get(link(value).address or "")


def adopting(network: Network, vpc: str) -> list[SecurityGroup]:
    """Return the declarations that may adopt the default group of the VPC at ``vpc``."""
    defaults = once(
        network,
        "default groups by vpc",
        lambda: Naming([group for group in network.security_groups if group.default], lambda group: group.vpc),
    )
    return defaults.may_name(vpc)


def rules_of(network: Network, group: SecurityGroup) -> list[IngressRule]:
    """Return the ingress rules that belong, or may belong, to ``group``."""
    by_group = once(network, "rules by group", lambda: Naming(network.ingress_rules, lambda rule: rule.group))
    addresses = [group.declared.address]
    vpc = link(group.vpc).address
    if group.default and vpc is not None:
        addresses.append(vpc)
    return by_group.may_name(*addresses)


def belongs(rule: IngressRule, group: SecurityGroup) -> TriState:
    """Return whether ``rule`` is one of ``group``."""
    if is_default_attribute(rule.group):
        return YES if group.default and link(rule.group).address == link(group.vpc).address else NO
    return names(link(rule.group), group.declared.address)


def is_at_home(network: Network, endpoint: Endpoint, group: SecurityGroup | None) -> TriState:
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


def is_same_group(network: Network, one: Value, other: Value) -> TriState:
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
    linked = [link(each) for each in possible if is_default_attribute(each)]
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
        for adopted in adopting(network, vpc)
    )


def without_account(group: Value) -> Value:
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
