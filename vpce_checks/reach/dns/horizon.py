"""What the resolver of a VPC consults: zones, private DNS of endpoints and Resolver rules, its own and those of Profiles.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import field, record, replace
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Declaration, Endpoint, Link, Network, ProfileResource, key_of, link
from vpce_checks.model.resolver import ResolverRule
from vpce_checks.model.tristate import YES, TriState, all_of, maybe, not_
from vpce_checks.model.values import Cause, ListValue, Opaque, PartialString, Reference, Unknown, Value, merge_causes
from vpce_checks.reach.dns.names import Name, is_within, names_of
from vpce_checks.reach.dns.private_names import private_names
from vpce_checks.reach.dns.zones import Zone, zones_named, zones_of
from vpce_checks.reach.endpoints import exists, has_type, is_present, sole_service, truth
from vpce_checks.reach.indexes import endpoints_by_address, once
from vpce_checks.reach.opaque import led_by_opaque, opaque_may_use
from vpce_checks.reach.private_dns import private_dns

DEFAULT_PRIORITY = 100
"""The priority of a Profile that sets none."""

MAX_GROUPS = 32
"""How many kinds of doubt about a VPC are kept apart."""


@record
class Source:
    """Something that answers ``name`` and the names below it: a zone, the private DNS of an endpoint, or a Resolver rule.

    ``name`` is None if nothing is known of it. ``applies`` is whether the VPC sees it; ``step`` shows where the code says
    so. ``hosts`` are the names that private DNS of the endpoint answers. ``profile`` is the priority of the Profile that it
    comes with (0: none), and ``through`` shows its association. A source that is neither zone, endpoint nor rule was not
    seen at all.
    """

    name: Name | None
    applies: TriState
    step: Evidence
    zone: Zone | None = None
    endpoint: Endpoint | None = None
    hosts: tuple[Name, ...] = ()
    rule: ResolverRule | None = None
    profile: int = 0
    through: Evidence | None = None

    @property
    def steps(self) -> tuple[Evidence, ...]:
        """Where the code says that the VPC sees it."""
        return (self.step,) if self.through is None else (self.through, self.step)

    @property
    def order(self) -> tuple[int, int, bool]:
        """Its place among others: first the more specific name, then the VPC before its Profiles, then rules before zones."""
        return -self.name.depth if self.name is not None else -1_000, self.profile, self.rule is None

    def limited(self, answer: TriState) -> Source:
        """Return the same source, seen only if ``answer`` holds as well."""
        return self if answer.yes else replace(self, applies=all_of((self.applies, answer)))


@record
class Table:
    """Sources, by the name from which they answer. ``partial`` are those a part of whose name is not known, ``anywhere``
    those of whose name nothing is. ``zones`` are those sources by name that are zones."""

    by_name: dict[Name, list[Source]] = field(default_factory=dict)
    zones: dict[Name, list[Source]] = field(default_factory=dict)
    partial: list[Source] = field(default_factory=list)
    anywhere: list[Source] = field(default_factory=list)

    def add(self, source: Source) -> None:
        """Put a source into the table."""
        if source.name is None:
            self.anywhere.append(source)
            return
        self.by_name.setdefault(source.name, []).append(source)
        if source.zone is not None:
            self.zones.setdefault(source.name, []).append(source)
        if not source.name.known:
            self.partial.append(source)

    def above(self, query: Name) -> Iterator[Source]:
        """Yield the sources that answer, or may answer, ``query``."""
        yield from self.anywhere
        for depth in range(query.depth + 1):
            yield from self.by_name.get(Name(query.labels[:depth]), ())
        everything = (source for listed in self.by_name.values() for source in listed)
        for source in self.partial if query.known else everything:
            if source.name is not None and is_within(query, source.name) is None:
                cause = Cause(f"cannot compare {query.text} with {source.name.text}", source.step.span)
                yield source.limited(maybe((cause,)))


@record
class Binding:
    """A Profile that a VPC is associated with: the key of the Profile ("" if not known), and the priority of the
    association, if that is known."""

    profile: str
    applies: TriState
    priority: int | None
    step: Evidence


@record
class Horizon:
    """Everything that is associated with one VPC, or with VPCs that are not known."""

    direct: Table = field(default_factory=Table)
    bindings: list[Binding] = field(default_factory=list)


@record
class Horizons:
    """The horizons of a network: by the key of the VPC, and by what is known of VPCs that are not certain.

    ``profiles`` holds what Profiles share, by the key of the Profile; the key "" is for a Profile that is not known.
    """

    by_vpc: dict[str, Horizon] = field(default_factory=dict)
    unplaced: dict[Link, Horizon] = field(default_factory=dict)
    profiles: dict[str, Table] = field(default_factory=dict)

    def of(self, vpc: Value) -> Horizon:
        """Return the horizon of the VPC that ``vpc`` names."""
        linked = link(vpc)
        key = key_of(linked)
        if key is not None:
            return self.by_vpc.setdefault(key, Horizon())
        if len(self.unplaced) >= MAX_GROUPS and linked not in self.unplaced:
            linked = Link(anything=True, causes=(Cause("many VPCs are not known"),))
        return self.unplaced.setdefault(linked, Horizon())

    def sources(self, place: str, query: Name) -> list[Source]:
        """Return the sources that answer, or may answer, ``query`` in the VPC at ``place``, first those that come first."""
        found: list[Source] = []
        own = self.by_vpc.get(place)
        if own is not None:
            found += self._within(own, YES, query)
        for linked, horizon in self.unplaced.items():
            if linked.may_be(place):
                found += self._within(horizon, maybe(linked.causes), query)
        return sorted(found, key=lambda source: source.order)

    def _within(self, horizon: Horizon, here: TriState, query: Name) -> Iterator[Source]:
        for source in horizon.direct.above(query):
            yield source.limited(here)
        ranked = all(binding.priority is not None for binding in horizon.bindings)
        for binding in horizon.bindings:
            applies = all_of((here, binding.applies))
            priority = binding.priority if ranked and binding.priority is not None else DEFAULT_PRIORITY
            for key, answer in ((binding.profile, applies), ("", maybe(applies.causes))):
                shared = self.profiles.get(key)
                for source in shared.above(query) if shared is not None else ():
                    yield replace(source.limited(answer), profile=priority, through=binding.step)


def horizons_of(network: Network) -> Horizons:
    """Return what is associated with the VPCs of ``network``."""
    return once(network, "dns horizons", lambda: _build(network))


def _build(network: Network) -> Horizons:
    found = Horizons()
    _add_zones(network, found)
    for endpoint in network.endpoints:
        for source in _private_dns_sources(network, endpoint):
            found.of(endpoint.vpc).direct.add(source)
    for bound in network.resolver_rule_associations:
        source = _rule_source(network, bound.rule, bound.declared)
        found.of(bound.vpc).direct.add(source.limited(exists(bound.declared)))
    _add_profiles(network, found)
    for vpc, step in led_by_opaque(network):
        here = found.of(Reference(vpc.address, ("id",))).direct
        here.anywhere.append(Source(None, maybe((Cause(step.text, step.span),)), step))
    return found


def _add_zones(network: Network, found: Horizons) -> None:
    zones = zones_of(network)
    for zone in list(zones.by_key.values()):
        if zone.created is not None:
            declared = zone.created.declared
            step = Evidence(f"{zone.label} is associated with the VPC", declared.field_spans.get("vpcs", declared.span))
            sources = list(_zone_sources(zone, step))
            for vpc, present in _items(zone.created.vpcs):
                for source in sources:
                    found.of(vpc).direct.add(source.limited(present))
    for association in network.zone_associations:
        declared = association.declared
        certain = exists(declared)
        homes = list(zones_named(network, zones, association.zone))
        for zone, is_it in homes:
            step = Evidence(f"{declared.address} associates {zone.label} with the VPC", declared.span)
            for source in _zone_sources(zone, step):
                found.of(association.vpc).direct.add(source.limited(all_of((certain, is_it))))
        if not homes:
            step = Evidence(f"{declared.address} associates a zone that is not known with the VPC", declared.span)
            doubt = maybe(merge_causes([association.zone]))
            found.of(association.vpc).direct.add(Source(None, all_of((certain, doubt)), step))


def _items(value: Value) -> Iterator[tuple[Value, TriState]]:
    """Yield the items of a list, each with whether it is present. Unknown items besides come as one unknown item."""
    if isinstance(value, ListValue):
        for place, item in enumerate(value.items):
            yield item, is_present(value, place)
        if value.rest is not None:
            yield Unknown(value.rest.causes), maybe(value.rest.causes)
    elif isinstance(value, Unknown) and value.one_of:
        for member in value.one_of:
            for item, present in _items(member):
                yield item, all_of((present, maybe(value.causes)))
    elif value is not None:
        causes = merge_causes([value])
        yield Unknown(causes), maybe(causes)


def _zone_sources(zone: Zone, step: Evidence) -> Iterator[Source]:
    """Yield a zone once for each name that it may have."""
    there = YES if zone.created is None else exists(zone.created.declared)
    which = YES if len(zone.names) == 1 else maybe((Cause(f"the name of {zone.label} is not known", step.span),))
    for name in zone.names:
        yield Source(name, all_of((there, which)), step, zone)


def _private_dns_sources(network: Network, endpoint: Endpoint) -> Iterator[Source]:
    """Yield what the private DNS of an endpoint answers in the VPC of the endpoint."""
    dns = private_dns(network, endpoint)
    on = all_of((has_type(endpoint, "Interface"), dns.on, exists(endpoint.declared), _for_callers_inside(endpoint)))
    if on.possible and endpoint.service_name is not None:
        yield from _named_sources(network, endpoint, on, dns.why[-1])


def _named_sources(network: Network, endpoint: Endpoint, on: TriState, step: Evidence) -> Iterator[Source]:
    """Yield the zones that AWS manages for the private DNS of an endpoint: one for each name, wildcards included."""
    zones: dict[tuple[Name | None, TriState], list[Name]] = {}
    for name, proven in private_names(network, endpoint):
        hosts = zones.setdefault((name and name.above_wildcard, proven), [])
        if name is not None:
            hosts.append(name)
    for (zone, proven), hosts in zones.items():
        yield Source(zone, all_of((on, proven)), step, endpoint=endpoint, hosts=tuple(hosts))


def _for_callers_inside(endpoint: Endpoint) -> TriState:
    """Return whether the private DNS of an S3 endpoint is not limited to the inbound Resolver endpoint. AWS limits it by
    default, and it is not documented that every tool keeps that default.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
    """
    if sole_service(endpoint).short != "s3":
        return YES
    if endpoint.dns_inbound_only is None:
        return maybe((Cause("private_dns_only_for_inbound_resolver_endpoint is not set", endpoint.declared.span),))
    return not_(truth(endpoint.dns_inbound_only))


def _rule_source(network: Network, rule: Value, declared: Declaration) -> Source:
    """Return the Resolver rule that ``rule`` names, and ``declared`` associates."""
    rules = once(network, "resolver rules", lambda: {each.declared.address: each for each in network.resolver_rules})
    known = rules.get(object_named(rule) or "")
    if known is None:
        step = Evidence(f"{declared.address} associates a Resolver rule that is not in this code", declared.span)
        return Source(None, maybe((Cause(step.text, step.span),)), step)
    step = Evidence(f"{declared.address} associates {known.declared.address} with the VPC", declared.span)
    names = names_of(network).all_of(known.domain)
    return Source(names[0] if len(names) == 1 else None, exists(known.declared), step, rule=known)


def object_named(value: Value) -> str | None:
    """Return the address of the object that an id or an ARN names. An ARN may be put together of the id and other parts."""
    if isinstance(value, PartialString):
        inside = {part.address for part in value.parts if isinstance(part, Reference) and part.kind == "resource"}
        return inside.pop() if len(inside) == 1 else None
    return link(value).address


def _add_profiles(network: Network, found: Horizons) -> None:
    for shared in network.profile_resources:
        table = found.profiles.setdefault(key_of(link(shared.profile)) or "", Table())
        for resource, is_it in _meant(shared.resource):
            shares = all_of((exists(shared.declared), is_it))
            for source in _shared_sources(network, resource, shared.declared):
                table.add(source.limited(shares))
    for binding in network.profile_associations:
        declared, linked = binding.declared, link(binding.profile)
        key = key_of(linked)
        step = Evidence(f"{declared.address} associates the Profile {key or 'that is not known'}", declared.span)
        horizon = found.of(binding.vpc)
        horizon.bindings.append(Binding(key or "", exists(declared), _priority(binding.priority), step))
        unseen = _unseen_of(network, linked, declared)
        if unseen is not None:
            horizon.direct.anywhere.append(unseen.limited(exists(declared)))


def _meant(value: Value) -> Iterator[tuple[Value, TriState]]:
    """Yield each object that ``value`` may name, with whether it is the one."""
    members: list[Value] = [value]
    if isinstance(value, Unknown) and value.one_of:
        members = [member for member in value.one_of if member is not None and member != ""]  # as link does
    elif isinstance(value, PartialString) and object_named(value) is None:
        members = [Reference(address) for address in link(value).candidates] or members
    if len(members) == 1 and members[0] is value:
        yield value, YES
        return
    which = YES if len(members) == 1 else maybe(merge_causes([value]))
    for member in members:
        for inner, is_it in _meant(member):
            yield inner, all_of((which, is_it))


def _shared_sources(network: Network, resource: Value, declared: Declaration) -> Iterator[Source]:
    """Yield what a Profile answers that shares ``resource``."""
    address = object_named(resource)
    endpoint = endpoints_by_address(network).get(address or "")
    if endpoint is not None:
        yield from _shared_endpoint(network, endpoint, declared)
    elif address is not None and any(rule.declared.address == address for rule in network.resolver_rules):
        yield _rule_source(network, resource, declared)
    elif isinstance(resource, Opaque) and address is None and link(resource).anything:
        step = Evidence(f"{declared.address} shares something that is not known", declared.span)
        yield Source(None, maybe(merge_causes([resource])), step)
    else:
        wanted: Value = resource if address is None else Reference(address)
        for zone, is_it in zones_named(network, zones_of(network), wanted):
            step = Evidence(f"{declared.address} shares {zone.label} through a Route 53 Profile", declared.span)
            for source in _zone_sources(zone, step):
                yield source.limited(is_it)


def _priority(value: Value) -> int | None:
    if value is None:
        return DEFAULT_PRIORITY
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None


def _unseen_of(network: Network, profile: Link, declared: Declaration) -> Source | None:
    """Return what a Profile may share besides: anything, if it is from elsewhere, or code that was not read gets it."""
    if profile.address is not None:
        opaque = opaque_may_use(network, profile.address)
        if opaque.no:
            return None
        causes = opaque.causes
    else:
        label = profile.external or "that Profile"
        causes = profile.causes or (Cause(f"what the Profile {label} shares is not in this code", declared.span),)
    return Source(None, maybe(causes), Evidence(f"{declared.address} associates a Profile", declared.span))


def _shared_endpoint(network: Network, endpoint: Endpoint, declared: Declaration) -> Iterator[Source]:
    step = Evidence(f"{declared.address} shares {endpoint.address} through a Route 53 Profile", declared.span)
    there = all_of((_answers_in_profile(network, endpoint, declared), exists(endpoint.declared)))
    yield from _named_sources(network, endpoint, there, step)


def _answers_in_profile(network: Network, endpoint: Endpoint, declared: Declaration) -> TriState:
    """Return whether a Profile that shares an endpoint answers the names of its service.

    With private DNS on it does. AWS does not document whether it does while private DNS is off.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profile-associate-vpc-endpoints.html
    """
    on = private_dns(network, endpoint).on
    if not on.yes:
        text = f"AWS does not document that a Profile answers for {endpoint.address} while its private DNS is off"
        on = maybe((*on.causes, Cause(text, declared.span)))
    return all_of((on, has_type(endpoint, "Interface")))


def shares_of(network: Network, endpoint: Endpoint) -> Iterator[tuple[Declaration, TriState]]:
    """Yield where a Profile shares ``endpoint``, or may, each with whether some VPC, seen or not, may be answered by it."""

    def make() -> tuple[dict[str, list[ProfileResource]], list[ProfileResource]]:
        certain: dict[str, list[ProfileResource]] = {}
        doubtful = []
        for shared in network.profile_resources:
            address = object_named(shared.resource)
            if address is not None:
                certain.setdefault(address, []).append(shared)
            elif link(shared.resource).external is None:
                doubtful.append(shared)
        return certain, doubtful

    certain, doubtful = once(network, "profile resources", make)
    for shared in certain.get(endpoint.address, ()):
        yield shared.declared, maybe(_answers_in_profile(network, endpoint, shared.declared).causes)
    for shared in doubtful:
        if link(shared.resource).may_be(endpoint.address):
            yield shared.declared, maybe(merge_causes([shared.resource]))
