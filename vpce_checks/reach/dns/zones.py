"""Private hosted zones and what is in them, whoever created them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from vpce_checks.base.record import field, record
from vpce_checks.model.network import (
    Declaration,
    HostedZone,
    Link,
    Network,
    ZoneRecord,
    link,
)
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, Reference, Unknown, Value, merge_causes
from vpce_checks.reach.dns.names import ANY_LABEL, Name, is_same, is_within, names_of
from vpce_checks.reach.endpoints import exists, truth
from vpce_checks.reach.indexes import once
from vpce_checks.reach.opaque import opaque_may_find, opaque_may_use

MAX_UNPLACED = 16
"""How many records whose zone is not known are put into every zone. If there are more, every zone may answer anything."""

MAX_LOOSE = 64
"""How many records of a zone are compared one by one, when a part of the query or of their names is not known."""


class Entry(NamedTuple):
    """A record of a zone. ``present`` is whether it is there; ``name`` is None if it can be any name of the zone."""

    record: ZoneRecord
    name: Name | None
    present: TriState


@record
class Zone:
    """A hosted zone. ``names`` are those it may have (None: any). ``created`` is None for a zone of elsewhere: its other
    records are not known. ``unseen`` is whether code that was not read may add records; ``doubts`` say why there may be
    more for other reasons."""

    key: str
    label: str
    names: tuple[Name | None, ...]
    created: HostedZone | None
    declared: Declaration | None
    unseen: TriState
    by_name: dict[Name, list[Entry]] = field(default_factory=dict, compare=False)
    loose: list[Entry] = field(default_factory=list, compare=False)
    nodes: dict[tuple[str, ...], bool] = field(default_factory=dict, compare=False)
    above: dict[tuple[str, ...], Entry] = field(default_factory=dict, compare=False)
    below: dict[tuple[str, ...], Entry] = field(default_factory=dict, compare=False)
    deeper: dict[tuple[str, ...], dict[str, Entry]] = field(default_factory=dict, compare=False)
    doubts: list[Cause] = field(default_factory=list, compare=False)

    def add(self, entry: Entry) -> None:
        """Put a record into the zone.

        ``loose`` are records a part of whose name is not known. ``nodes`` are the names that exist, because a record has
        them or a name below them, each with whether that is certain. ``above`` are those with a record below them, each with
        one, a certain one if there is one. ``below`` maps a name to a record directly below, ``deeper`` to the labels
        directly below that have a record further below, with one.
        """
        name = entry.name
        if name is None or not name.known:
            self.loose.append(entry)
        if name is None:
            return
        self.by_name.setdefault(name, []).append(entry)
        for depth in range(1, name.depth + 1):
            node = name.labels[:depth]
            self.nodes[node] = self.nodes.get(node, False) or entry.present.yes
            if depth < name.depth and (node not in self.above or not self.above[node].present.yes):
                self.above[node] = entry
        if name.labels and name.labels[-1] != ANY_LABEL:
            self.below.setdefault(name.labels[:-1], entry)
        for depth, label in enumerate(name.labels[:-1]):
            if label != ANY_LABEL:
                self.deeper.setdefault(name.labels[:depth], {}).setdefault(label, entry)


class Zones(NamedTuple):
    """The zones of a network, by key, and the keys by which values name them."""

    by_key: dict[str, Zone]
    by_address: dict[str, Zone]
    by_id: dict[str, Zone]
    by_name: dict[Name, list[Zone]]


def zones_of(network: Network) -> Zones:
    """Return the zones that a network creates, looks up or names, with their records."""
    return once(network, "dns zones", lambda: _collect(network))


def _collect(network: Network) -> Zones:
    naming = names_of(network)
    found = Zones({}, {}, {}, {})
    for zone in network.hosted_zones:
        address = zone.declared.address
        unseen = any_of((opaque_may_use(network, address), opaque_may_find(network, zone.name)))
        made = Zone(address, address, naming.all_of(zone.name), zone, zone.declared, unseen)
        _keep(found, made)
    for lookup in network.zone_lookups:
        address = lookup.declared.address
        made = Zone(address, address, naming.all_of(lookup.name), None, lookup.declared, maybe())
        _keep(found, made)
        if isinstance(lookup.id, str):
            found.by_id[lookup.id] = made
    private = frozenset(each.declared.address for each in network.zone_lookups if truth(each.private).possible)
    unplaced: list[ZoneRecord] = []
    for each in network.zone_records:
        if not exists(each.declared).possible:
            continue
        homes = list(zones_named(network, found, each.zone, each.zone_name))
        if not homes:
            unplaced.append(each)
        for home, certain in homes:
            home.add(_entry(network, each, home, certain))
            for found_here in _perhaps_found(found, home) if home.key in private else ():
                cause = Cause(f"{home.label} may find {found_here.label}", each.declared.span)
                found_here.add(_entry(network, each, found_here, all_of((certain, maybe((cause,))))))
    if unplaced:
        _place_anywhere(network, found, unplaced)
    return found


def _perhaps_found(zones: Zones, looked_up: Zone) -> Iterator[Zone]:
    """Yield the private zones of this configuration that a look-up may find: those of its name."""
    name = looked_up.names[0] if len(looked_up.names) == 1 else None
    if name is not None:
        yield from (zone for zone in zones.by_name.get(name, ()) if zone.created is not None)


def _keep(found: Zones, zone: Zone) -> None:
    found.by_key[zone.key] = zone
    found.by_address[zone.key] = zone
    for name in zone.names:
        if name is not None and len(zone.names) == 1:
            found.by_name.setdefault(name, []).append(zone)


def zones_named(network: Network, zones: Zones, id: Value, name: Value = None) -> Iterator[tuple[Zone, TriState]]:
    """Yield the zones that a zone's id, its ARN or else its name may mean. Nothing if it may be any zone."""
    if id is None:
        wanted = names_of(network).of(name)
        if wanted is None:
            return
        homes = zones.by_name.get(wanted, [])
        if not homes:
            homes = [_elsewhere(zones, f"the zone {wanted.text}", (wanted,))]
        yield from ((zone, YES if len(homes) == 1 else maybe()) for zone in homes)
        return
    linked = link(id)
    if linked.certain:
        yield _certain_zone(zones, id, linked), YES
    elif not linked.anything:
        yield from ((zone, maybe(linked.causes)) for zone in _perhaps_named(zones, id, linked))


def _perhaps_named(zones: Zones, id: Value, linked: Link) -> Iterator[Zone]:
    """Yield the zones that may be meant, those of elsewhere among them."""
    if not isinstance(id, Unknown):
        yield from (zones.by_address[address] for address in linked.candidates if address in zones.by_address)
        return
    for member in id.one_of:
        meant = link(member)
        if meant.certain:
            yield _certain_zone(zones, member, meant)
        else:
            yield from _perhaps_named(zones, member, meant)


def _certain_zone(zones: Zones, id: Value, linked: Link) -> Zone:
    if linked.address is not None:
        known = zones.by_address.get(linked.address)
        return known or _elsewhere(zones, linked.address, (None,))
    if isinstance(id, Reference) and id.address in zones.by_address:
        return zones.by_address[id.address]
    label = linked.external or ""
    known = zones.by_id.get(label.rpartition("/")[2])
    return known or _elsewhere(zones, label, (None,))


def _elsewhere(zones: Zones, label: str, names: tuple[Name | None, ...]) -> Zone:
    """Return the zone of elsewhere that is called ``label``."""
    known = zones.by_key.get(label)
    if known is None:
        known = zones.by_key[label] = Zone(label, label, names, None, None, maybe())
    return known


def _entry(network: Network, each: ZoneRecord, zone: Zone, certain: TriState) -> Entry:
    return Entry(each, full_name(network, each, zone), all_of((certain, exists(each.declared))))


def full_name(network: Network, each: ZoneRecord, zone: Zone) -> Name | None:
    """Return the whole name of a record of ``zone``. None if it is not known.

    Terraform takes a name that does not end with the name of the zone as a part of it:
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record
    """
    naming = names_of(network)
    own = Name(()) if each.relative and each.name == "" else naming.of(each.name)
    if own is None or not each.relative:
        return own
    apex = zone.names[0] if len(zone.names) == 1 else None
    if apex is None:
        return None
    if not own.labels:
        return apex
    if own.labels[: apex.depth] == apex.labels:
        return own
    if is_within(own, apex) is None:
        return None  # it may end with the name of the zone
    return Name((*apex.labels, *own.labels), apex.sure and own.sure)


def _place_anywhere(network: Network, zones: Zones, unplaced: list[ZoneRecord]) -> None:
    """Put records whose zone is not known into every zone, and into one of elsewhere."""
    _elsewhere(zones, "a zone that is not known", (None,))
    for zone in zones.by_key.values():
        for each in unplaced[:MAX_UNPLACED]:
            zone.add(_entry(network, each, zone, maybe(merge_causes([each.zone, each.zone_name]))))
        if len(unplaced) > MAX_UNPLACED:
            zone.doubts.append(Cause("the zones of many records are not known", unplaced[MAX_UNPLACED].declared.span))


class Answering(NamedTuple):
    """The records of a zone that may answer a query. ``certain`` is whether one of them does for sure. ``causes`` say why
    it is not certain which do. ``below`` is a record below the name, which keeps a wildcard from answering for it."""

    entries: list[Entry]
    certain: bool
    causes: tuple[Cause, ...] = ()
    below: Entry | None = None


def records_for(zone: Zone, query: Name) -> Answering:
    """Return the records that may answer ``query``: those of the name, else those of the closest wildcard.

    A name with records below it exists, with records of its own or without: no wildcard answers for it (RFC 4592).
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    exact = zone.by_name.get(query, []) if query.sure else []
    loose = _loose(zone, query)
    if any(entry.present.yes for entry in exact):
        causes = _empty_names(zone, query)
        return Answering([*exact, *loose], not causes, causes)
    below = zone.above.get(query.labels) if query.sure else None
    wildcards, certain = _wildcards(zone, query)
    if below is not None and below.present.yes:
        return Answering([*exact, *loose], certain=False, below=below if wildcards else None)
    found = [*exact, *loose, *(entry for entry in wildcards if entry not in exact)]
    if wildcards and zone.created is None:
        # One of the hidden records may be for this very name.
        return Answering(found, certain=False, causes=may_hide_records(zone).causes)
    if wildcards and below is not None:
        declared = below.record.declared
        text = f"{declared.address} may be for a name below {query.text}, for which no wildcard answers then"
        return Answering(found, certain=False, causes=(Cause(text, declared.span), *below.present.causes))
    narrower = zone.below.get(query.labels[:-1]) if query.labels[-1:] == (ANY_LABEL,) else None
    if narrower is None:
        return Answering(found, certain)
    declared = narrower.record.declared
    return Answering(
        found, certain=False, causes=(Cause(f"{declared.address} answers some of these names only", declared.span),)
    )


def _empty_names(zone: Zone, query: Name) -> tuple[Cause, ...]:
    """Return why the wildcard record that is asked for does not answer all of its names: one of them only has a record below."""
    if query.labels[-1:] != (ANY_LABEL,):
        return ()
    above = query.labels[:-1]
    return tuple(
        Cause(f"{each.record.declared.address} keeps the wildcard from answering a name", each.record.declared.span)
        for label, each in zone.deeper.get(above, {}).items()
        if Name((*above, label)) not in zone.by_name
    )[:1]


def _loose(zone: Zone, query: Name) -> list[Entry]:
    """Return the records that may be for ``query``, where a part of one of the names is not known."""
    entries = zone.loose[:MAX_LOOSE]
    if not query.known:
        named = islice((entry for listed in zone.by_name.values() for entry in listed), MAX_LOOSE)
        entries = [*named, *(entry for entry in entries if entry.name is None)]
    return [
        entry._replace(present=all_of((entry.present, maybe(_unclear(entry)))))
        for entry in entries
        if entry.name is None or (entry.name != query and _may_answer(entry.name, query))
    ]


def _unclear(entry: Entry) -> tuple[Cause, ...]:
    causes = merge_causes([entry.record.name])
    return causes or (Cause("a part of the name asked for is not known", entry.record.declared.span),)


def _may_answer(name: Name, query: Name) -> bool:
    """Return whether a record of ``name`` may answer ``query`` where that is not certain."""
    if is_same(name, query) is None:
        return True
    return name.labels[-1:] == (ANY_LABEL,) and is_within(query, Name(name.labels[:-1], name.sure)) is None


def _wildcards(zone: Zone, query: Name) -> tuple[list[Entry], bool]:
    """Return the wildcard records that may answer ``query``, and whether one of them does for sure.

    Only the wildcard directly below the closest name that exists counts (RFC 4592).
    """
    found: list[Entry] = []
    certain = query.sure
    for depth in range(query.depth - 1, 0, -1):
        above = query.labels[:depth]
        entries = zone.by_name.get(Name((*above, ANY_LABEL)), [])
        found += entries
        if any(entry.present.yes for entry in entries):
            return found, certain and not _may_be_closer(zone, query, depth)
        exists_here = zone.nodes.get(above)
        if exists_here:
            break
        certain = certain and exists_here is None
    return found, False


def _may_be_closer(zone: Zone, query: Name, depth: int) -> bool:
    """Return whether a record a part of whose name is not known may keep the wildcard below the first ``depth`` labels of
    ``query`` from answering: one for a name between them, or for the query or a name below it."""
    closer = Name(query.labels[: depth + 1], query.sure)
    return len(zone.loose) > MAX_LOOSE or any(
        entry.name is None or is_within(entry.name, closer) is None for entry in zone.loose
    )


def may_hide_records(zone: Zone) -> TriState:
    """Return whether a zone may have records that are not listed."""
    if zone.created is None:
        declared = zone.declared
        return maybe((Cause(f"the records of {zone.label} are not in this code", declared.span if declared else None),))
    return any_of((zone.unseen, maybe(zone.doubts) if zone.doubts else NO))
