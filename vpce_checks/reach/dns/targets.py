"""What a DNS record points to: an endpoint, another name, or an address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.model.network import Endpoint, Network, ZoneRecord
from vpce_checks.model.values import Cause, ListValue, PartialString, Reference, Unknown, Value, merge_causes
from vpce_checks.reach.dns.names import Name, names_of
from vpce_checks.reach.dns.zones import full_name, zones_named, zones_of
from vpce_checks.reach.indexes import endpoints_by_address, once

_IDENTITIES = frozenset({("id",), ("arn",)})
"""Attributes that are no address: a record with one of them leads nowhere."""

MAX_ALTERNATIVES = 64
"""How many values that a target may have are looked at."""


class Target(NamedTuple):
    """What a record points to: an endpoint, a name that is to be resolved, or else something that is no endpoint.

    ``causes``, if there are any, say why it is not known at all.
    """

    label: str
    endpoint: Endpoint | None = None
    name: Name | None = None
    causes: tuple[Cause, ...] = ()


def targets_of(network: Network, record: ZoneRecord) -> tuple[Target, ...]:
    """Return what ``record`` points to. Several values that point to the same thing count once."""
    kept = once(network, "dns targets", dict[int, tuple[Target, ...]])
    found = kept.get(id(record))
    if found is None:
        targets: dict[object, Target] = {}
        for target in _list_targets(network, record, record.targets):
            targets.setdefault((target.endpoint and target.endpoint.address, target.name, bool(target.causes)), target)
        found = kept[id(record)] = tuple(targets.values())
    return found


def _list_targets(network: Network, record: ZoneRecord, targets: Value) -> Iterator[Target]:
    if not isinstance(targets, ListValue):
        yield _not_known(record, merge_causes([targets]))
        return
    for place, value in enumerate(targets.items):
        yield from _targets(network, record, value)
        if place in targets.maybe:
            yield _not_known(record, targets.maybe[place].causes)
    if targets.rest is not None:
        yield _not_known(record, targets.rest.causes)


def _not_known(record: ZoneRecord, causes: tuple[Cause, ...]) -> Target:
    span = record.declared.span
    return Target("what is not known", causes=causes or (Cause("the value of a record is not known", span),))


def _targets(network: Network, record: ZoneRecord, value: Value) -> Iterator[Target]:
    if value is None or value == "":
        return
    if isinstance(value, Unknown) and value.one_of:
        for member in value.one_of[:MAX_ALTERNATIVES]:
            yield from _targets(network, record, member)
        if len(value.one_of) > MAX_ALTERNATIVES:
            yield _not_known(record, value.causes)
    elif isinstance(value, str):
        yield _of_text(network, record, value)
    elif isinstance(value, Reference):
        yield from _of_reference(network, record, value)
    elif isinstance(value, PartialString):
        inside = [part for part in value.parts if isinstance(part, Reference) and part.kind == "resource"]
        rest = [part for part in value.parts if not isinstance(part, str)]
        if len(inside) == 1 and len(rest) == 1 and all(p.strip(".") == "" for p in value.parts if isinstance(p, str)):
            yield from _of_reference(network, record, inside[0])
        else:
            yield _partly_known(network, record, value)
    else:
        yield _not_known(record, merge_causes([value]))


def _partly_known(network: Network, record: ZoneRecord, value: PartialString) -> Target:
    """Return a name with an unknown part, e.g. ``kms.${AWS::Region}.corp.internal``."""
    name = names_of(network).of(value)
    if name is None or not name.sure:
        return _not_known(record, value.causes)
    return Target(name.text, name=name)


def _of_reference(network: Network, record: ZoneRecord, value: Reference) -> Iterator[Target]:
    endpoint = endpoints_by_address(network).get(value.address)
    if endpoint is not None:
        leads = value.path not in _IDENTITIES
        yield Target(endpoint.address, endpoint=endpoint if leads else None)
        return
    records = once(
        network, "records by address", lambda: {each.declared.address: each for each in network.zone_records}
    )
    other = records.get(value.address)
    if other is not None:
        zones = list(zones_named(network, zones_of(network), other.zone, other.zone_name))
        name = full_name(network, other, zones[0][0]) if len(zones) == 1 else None
        yield Target(other.declared.address, name=name) if name is not None else _not_known(record, value.causes)
    elif value.kind in ("resource", "computed"):
        yield Target(value.address)
    else:
        yield _not_known(record, value.causes or (Cause(f"{value} is not in this code", record.declared.span),))


def _of_text(network: Network, record: ZoneRecord, text: str) -> Target:
    addresses = once(network, "fixed addresses", lambda: dict(_fixed(network)))
    endpoint = addresses.get(text.strip().lower())
    if endpoint is not None:
        return Target(f"{text}, an address of {endpoint.address}", endpoint=endpoint)
    last = text.rstrip(".").rpartition(".")[2]
    if ":" in text or last.isdecimal():
        cause = Cause(f"no endpoint here is known to have the address {text}", record.declared.span)
        return Target(text, causes=(cause,))
    if "vpce" in text.split("."):
        return Target(
            text, causes=(Cause(f"{text} belongs to an endpoint that is not in this code", record.declared.span),)
        )
    return Target(text, name=names_of(network).of(text))


def _fixed(network: Network) -> Iterator[tuple[str, Endpoint]]:
    for endpoint in network.endpoints:
        listed = endpoint.addresses
        for place, address in enumerate(listed.items if isinstance(listed, ListValue) else ()):
            if isinstance(address, str) and isinstance(listed, ListValue) and place not in listed.maybe:
                yield address.lower(), endpoint
