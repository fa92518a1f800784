"""Resolve a name in a VPC, as Route 53 Resolver does it.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html: the most specific zone
decides; if it has no record of that name, the name does not exist; a Resolver rule for the same name comes before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.model.evidence import Evidence
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, merge_causes
from vpce_checks.reach.dns.firewall import Block, Blocked, blocked
from vpce_checks.reach.dns.horizon import Source, horizons_of
from vpce_checks.reach.dns.names import ANY_LABEL, Name, is_within
from vpce_checks.reach.dns.targets import targets_of
from vpce_checks.reach.dns.zones import Entry, Zone, may_hide_records, records_for
from vpce_checks.reach.indexes import once
from vpce_checks.reach.private_dns import dns_attributes

MAX_HOPS = 8
"""How many CNAME records are followed in a row."""

Kind: TypeAlias = Literal["endpoint", "other", "none", "public", "unknown"]
"""What a name resolves to: an endpoint; something that is no endpoint; nothing (it does not exist, or no server answers);
the public address; not known."""


@record
class Outcome:
    """One way in which a query may end. ``sources`` show what decides about the name, ``records`` what is in it. ``zone`` is
    the zone that decided, ``firewall`` what a DNS Firewall did. ``doubts`` say why the query may end otherwise, or why it is not known how."""

    kind: Kind
    sources: tuple[Evidence, ...] = ()
    records: tuple[Evidence, ...] = ()
    endpoint: Endpoint | None = None
    zone: Zone | None = None
    firewall: Block | None = None
    doubts: tuple[Cause, ...] = ()

    @property
    def steps(self) -> tuple[Evidence, ...]:
        """All of the evidence."""
        return (*self.sources, *self.records)


@record
class Query:
    """A question for ``name`` in the VPC at ``place``, after ``hops`` CNAME records."""

    network: Network
    place: str
    name: Name
    hops: int = 0


def resolve(network: Network, place: str, query: Name, hops: int = 0) -> tuple[Outcome, ...]:
    """Return the outcomes that a query for ``query`` in the VPC at ``place`` may have: one, if it is certain.

    ``place`` is the address of a VPC created here, or the label of another one. The label ``*`` of a query stands for
    whatever the client puts there.
    """
    kept = once(network, "dns answers", dict[tuple[str, Name, int], tuple[Outcome, ...]])
    found = kept.get((place, query, hops))
    if found is None:
        found = kept[place, query, hops] = _resolve(Query(network, place, query, hops))
    return found


def _resolve(query: Query) -> tuple[Outcome, ...]:
    network, place = query.network, query.place
    support, zones = _dns_attributes(network, place)
    found: list[Outcome] = []
    if not support.yes:
        found.append(Outcome("none", (_attribute_step(network, place, "enable_dns_support"),), doubts=support.causes))
        if support.no:
            return tuple(found)
    stopped = _blocked_on_the_way(network, place, query.name) if query.hops else blocked(network, place, query.name)
    if stopped.answer.possible:
        found.append(Outcome("none", stopped.why, firewall=stopped.by, doubts=stopped.answer.causes))
        if stopped.answer.yes:
            return _each_once(found)
    forwards = YES
    decided: tuple[int, int, bool] | None = None
    for source in horizons_of(network).sources(place, query.name):
        applies = source.applies
        if decided is not None and source.order != decided:
            return _each_once(found)  # AWS refuses two zones of one name, and does not say which of two it would ask
        if source.rule is not None and source.rule.kind == "SYSTEM":
            covers = applies if source.name is not None else maybe(merge_causes([source.rule.domain]))
            forwards = all_of((forwards, not_(covers)))
            continue
        if source.zone is not None or source.endpoint is not None:
            applies = all_of((applies, zones))
        elif source.rule is not None:
            applies = all_of((applies, forwards))
        if applies.no:
            continue
        outcomes = _answers(query, source)
        found += (replace(each, doubts=(*each.doubts, *applies.causes)) for each in outcomes)
        if applies.yes:
            decided = source.order
    if decided is not None:
        return _each_once(found)
    found.append(Outcome("public", doubts=_doubts(found)))
    return _each_once(found)


def _blocked_on_the_way(network: Network, place: str, query: Name) -> Blocked:
    """Return whether a DNS Firewall blocks a name that a CNAME record leads to. A rule may trust such names."""
    found = blocked(network, place, query)
    if not found.answer.possible:
        return found
    cause = Cause(f"a DNS Firewall may block {query.text}, to which a record leads")
    return replace(found, answer=maybe((*found.answer.causes, cause)))


def _doubts(found: Iterable[Outcome]) -> tuple[Cause, ...]:
    return tuple(dict.fromkeys(cause for each in found for cause in each.doubts))


def _dns_attributes(network: Network, place: str) -> tuple[TriState, TriState]:
    """Return whether Route 53 Resolver answers in a VPC, and whether it consults private zones there.

    https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html: private zones need both attributes.
    """
    vpc = network.vpc_by_address.get(place)
    if vpc is None:
        return YES, YES
    support, hostnames = dns_attributes(vpc).values()
    return support, hostnames


def _attribute_step(network: Network, place: str, field: str) -> Evidence:
    declared = network.vpc_by_address[place].declared
    return Evidence(f"{field} of {place} may be off", declared.field_spans.get(field, declared.span))


def _each_once(found: list[Outcome]) -> tuple[Outcome, ...]:
    kept: dict[object, Outcome] = {}
    for each in found:
        kept.setdefault((each.kind, each.endpoint and each.endpoint.address, each.zone and each.zone.key), each)
    return tuple(kept.values())


def _answers(query: Query, source: Source) -> Iterator[Outcome]:
    """Yield how ``source`` may answer, if the VPC sees it."""
    if source.endpoint is not None and (not source.hosts or any(_is_for(host, query.name) for host in source.hosts)):
        yield Outcome("endpoint", source.steps, endpoint=source.endpoint)
    elif source.endpoint is not None:
        text = f"what private DNS of {source.endpoint.address} answers for {query.name.text} is not documented"
        doubts = (Cause(text, source.step.span),)
        yield Outcome("endpoint", source.steps, endpoint=source.endpoint, doubts=doubts)
        yield Outcome("none", source.steps, doubts=doubts)
    elif source.zone is not None and source.name is None:
        cause = Cause(f"the name of {source.zone.label} is not known", source.step.span)
        yield Outcome("unknown", source.steps, zone=source.zone, doubts=(cause,))
    elif source.zone is not None:
        yield from _in_zone(query, source, source.zone)
    elif source.rule is not None:
        address = source.rule.declared.address
        cause = Cause(f"{address} forwards {query.name.text} to a resolver that is not in this code", source.step.span)
        yield Outcome("unknown", source.steps, (Evidence(cause.text, source.rule.declared.span),), doubts=(cause,))
    else:
        yield Outcome("unknown", source.steps, doubts=source.applies.causes)


def _is_for(host: Name, query: Name) -> bool:
    """Whether private DNS of the name ``host`` answers ``query``: the name itself, or below a wildcard."""
    above = host.above_wildcard
    return host == query or (above != host and query.depth > above.depth)


def answers_of_zone(network: Network, zone: Zone, query: Name, step: Evidence) -> tuple[Outcome, ...]:
    """Return how ``zone`` answers ``query`` in a VPC of which nothing else is known. ``step`` shows the zone."""
    names = [name for name in zone.names if name is None or is_within(query, name) is not False]
    if not names:
        return (Outcome("public"),)
    source = Source(names[0] if len(zone.names) == 1 else None, YES, step, zone)
    found = list(_answers(Query(network, "", query), source))
    if names[0] is not None and is_within(query, names[0]) is None:
        found.append(Outcome("unknown", (step,), zone=zone, doubts=(Cause(f"the name of {zone.label} is not known"),)))
    return _each_once(found)


_FOR_IPV4 = ("A", "CNAME")

_OF_ENDPOINTS = Name(("com", "amazonaws", "vpce", ANY_LABEL))
"""The names that AWS gives the endpoints themselves."""


def _in_zone(query: Query, source: Source, zone: Zone) -> Iterator[Outcome]:
    """Yield how a zone may answer, if it is the one that decides."""
    answering = records_for(zone, query.name)
    certain = False
    refused: list[Evidence] = []
    for entry in answering.entries:
        suits = _suits(entry)
        if not suits.possible:
            continue
        if query.name == source.name and _is_cname(entry):
            declared = entry.record.declared
            refused.append(
                Evidence(f"Route 53 refuses {declared.address}: a zone's own name has no CNAME", declared.span)
            )
            continue
        present = all_of((entry.present, suits))
        certain = certain or (present.yes and answering.certain)
        for outcome in _of_record(query, source, zone, entry):
            yield replace(outcome, doubts=(*outcome.doubts, *present.causes))
    if certain:
        return
    hidden = may_hide_records(zone)
    causes = answering.causes or (() if answering.certain else hidden.causes)
    if causes or (hidden.possible and not answering.certain):
        yield Outcome("unknown", source.steps, zone=zone, doubts=causes)
    else:
        span = zone.declared.span if zone.declared is not None else source.step.span
        nothing = _nothing(zone, query.name, answering.below, span)
        doubts = tuple(cause for entry in answering.entries for cause in entry.present.causes)
        yield Outcome("none", source.steps, (*refused, nothing), zone=zone, doubts=doubts)


def _nothing(zone: Zone, query: Name, below: Entry | None, span: Span | None) -> Evidence:
    """Return the evidence that a zone has no answer for a name."""
    if below is None:
        return Evidence(f"{zone.label} has no record for {query.text}, so this name does not exist", span)
    declared = below.record.declared
    text = (
        f"{zone.label} has no record for {query.text}, and {declared.address} below it keeps wildcards from answering"
    )
    return Evidence(text, declared.span)


def _through_firewall(query: Query, reached: Outcome) -> Iterator[Outcome]:
    """Yield how a query ends whose CNAME record leads to an endpoint. A DNS Firewall is asked about that name, too."""
    stopped = _blocked_on_the_way(query.network, query.place, _OF_ENDPOINTS)
    doubts = stopped.answer.causes
    yield replace(reached, doubts=doubts)
    if stopped.answer.possible:
        records = (*reached.records, *stopped.why)
        yield Outcome("none", reached.sources, records, zone=reached.zone, firewall=stopped.by, doubts=doubts)


def _is_cname(entry: Entry) -> bool:
    """Return whether a record is a CNAME, which Route 53 takes for each name but that of the zone itself.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
    """
    return isinstance(entry.record.type, str) and entry.record.type.upper() == "CNAME"


def _suits(entry: Entry) -> TriState:
    """Return whether a record gives an IPv4 client an address. One of IPv6 addresses alone may do for others."""
    type = entry.record.type
    if not isinstance(type, str):
        return maybe((Cause(f"the type of {entry.record.declared.address} is not known", entry.record.declared.span),))
    if type.upper() in _FOR_IPV4:
        return YES
    if type.upper() == "AAAA":
        return maybe((Cause(f"{entry.record.declared.address} is for IPv6 only", entry.record.declared.span),))
    return any_of(())


def _of_record(query: Query, source: Source, zone: Zone, entry: Entry) -> Iterator[Outcome]:
    """Yield what a record that answers leads to."""
    declared = entry.record.declared
    for target in targets_of(query.network, entry.record):
        step = Evidence(f"the DNS record {declared.address} points to {target.label}", declared.span)
        if target.endpoint is not None:
            reached = Outcome("endpoint", source.steps, (step,), target.endpoint, zone)
            yield from _through_firewall(query, reached) if _is_cname(entry) else (reached,)
        elif target.name is None:
            kind: Kind = "unknown" if target.causes else "other"
            yield Outcome(kind, source.steps, (step,), zone=zone, doubts=target.causes)
        elif query.hops == MAX_HOPS:
            last = Evidence(f"more than {MAX_HOPS} records point to each other", declared.span)
            yield Outcome("none", source.steps, (step, last), None, zone)
        else:
            for end in resolve(query.network, query.place, target.name, query.hops + 1):
                kind = "other" if end.kind == "public" else end.kind
                records = (step, *end.steps)
                yield Outcome(kind, source.steps, records, end.endpoint, end.zone or zone, end.firewall, end.doubts)
