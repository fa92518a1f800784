"""What is deployed elsewhere, as inventories say it, joined with what a root deploys.

A root names an object by its real id (``vpc-0abc...``), wherever the id comes from: the default of a variable, a literal, the
look-up of a data source. If an inventory holds that object, it and all that belongs to it are added to the network of the
root, like objects of another root: seen here, and never judged. An inventory says what there is. It proves nothing about
what it does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from vpce_checks.base.record import record, replace
from vpce_checks.estate.variants import objects_of
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import (
    Endpoint,
    HostedZone,
    Network,
    NetworkObject,
    OpaqueModule,
    Route,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    ZoneAssociation,
    ZoneRecord,
    grouped,
    key_of,
    link,
)
from vpce_checks.model.resolver import ZoneLookup
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, MapValue, Reference, Unknown, Value

T = TypeVar("T", bound=NetworkObject)

_TEXTS = frozenset({"declared", "name", "tags", "policy", "reach", "waits_for", "holds", "words", "outputs"})
"""Fields that name no other object, whatever they say."""


_IN_VPCS = (Endpoint, RouteTable, Subnet, SecurityGroup)
"""Objects of which the code may create what an inventory lists in the same VPC."""


@record
class DeployedObject:
    """An object of an inventory. References in it are to objects of inventories.

    ``id`` is its real id ("" for a part of another object, such as a route). It is of interest to whoever names one of
    ``anchors``, and then those in ``pulls`` are too.
    """

    thing: NetworkObject
    id: str
    anchors: tuple[str, ...]
    pulls: tuple[str, ...] = ()


@record
class Findable:
    """An object of an inventory as a look-up finds it: ``traits`` are the values of filters that it matches, by the
    name of the filter, and ``attributes`` what the data source then has. ``doubts`` are further values, which not all
    inventories say."""

    kind: str
    id: str
    title: str
    span: Span
    traits: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, Value]
    doubts: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def endpoint_in(text: str) -> str:
    """Return the id of the endpoint that a DNS name of an endpoint has: ``vpce-0abc-xyz.ssm.eu-west-1.vpce.amazonaws.com``.
    Empty if it is none."""
    if ".vpce." not in text:
        return ""
    return "-".join(text.removeprefix("*.").split(".")[0].split("-")[:2])


class Deployed:
    """The objects of inventories. ``find`` returns those that look-ups find. ``labels`` maps what addresses begin with to the
    path of the file, ``as_of`` the path to when it was so."""

    def __init__(
        self,
        objects: Iterable[DeployedObject] = (),
        find: Callable[[], Iterable[Findable]] = tuple,
        labels: Mapping[str, str] = MappingProxyType({}),
        as_of: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.objects = tuple(objects)
        self.labels = labels
        self.as_of = as_of
        self._find = find
        self._by_trait: dict[tuple[str, str], tuple[dict[str, list[Findable]], list[Findable]]] = {}
        self._by_id = {each.id: each.thing for each in self.objects if each.id}
        self._at: dict[str, list[int]] = {}
        for place, one in enumerate(self.objects):
            for anchor in dict.fromkeys(one.anchors):
                self._at.setdefault(anchor, []).append(place)

    @cached_property
    def findable(self) -> Mapping[str, Sequence[Findable]]:
        """What look-ups find, by its kind."""
        found: dict[str, list[Findable]] = {}
        for each in self._find():
            found.setdefault(each.kind, []).append(each)
        return found

    def with_trait(self, kind: str, trait: str, text: str) -> list[Findable]:
        """Return the objects of a kind that have a trait, or of which it is not known whether they do."""
        key = (kind, trait)
        if key not in self._by_trait:
            by_text: dict[str, list[Findable]] = {}
            rest: list[Findable] = []
            for each in self.findable.get(kind, ()):
                for one in (*each.traits.get(trait, ()), *each.doubts.get(trait, ())):
                    by_text.setdefault(one, []).append(each)
                if trait not in each.traits and trait not in each.doubts:
                    rest.append(each)
            self._by_trait[key] = by_text, rest
        by_text, rest = self._by_trait[key]
        return [*by_text.get(text, ()), *rest]

    def id_of(self, text: str) -> tuple[str, str]:
        """Return the id of the object that ``text`` names, and by which attribute: its id, its ARN or a DNS name of its
        own. The id is empty if it is none of these objects."""
        if text in self._by_id:
            return text, "id"
        if text.startswith("arn:"):
            id, attribute = text.rpartition("/")[2], "arn"
        elif text.startswith("/hostedzone/"):
            id, attribute = text.removeprefix("/hostedzone/"), "id"
        else:
            id, attribute = endpoint_in(text), "dns_entry"
        return (id, attribute) if id in self._by_id else ("", "")

    def concerns(self, text: str) -> bool:
        """Return whether anything here is of interest to whoever names ``text``."""
        return text in self._at or bool(self.id_of(text)[0])

    def reference(self, text: str) -> Reference | None:
        """Return the object that ``text`` names. None if no inventory holds it."""
        id, attribute = self.id_of(text)
        if not id:
            return None
        declared = self._by_id[id].declared
        step = Cause(f"{declared.address} is deployed, says this inventory", declared.span)
        return Reference(declared.address, (attribute,), "resource", (step,), "string", through=(step,))

    def around(self, ids: Iterable[str]) -> list[DeployedObject]:
        """Return the objects of interest to whoever names ``ids``, in their order."""
        pending = list(dict.fromkeys(ids))
        seen = set(pending)
        found: set[int] = set()
        while pending:
            for place in self._at.get(pending.pop(), ()):
                if place not in found:
                    found.add(place)
                    one = self.objects[place]
                    new = {*one.pulls, one.id} - seen - {""}
                    seen |= new
                    pending += new
        return [self.objects[place] for place in sorted(found)]


def with_deployed(networks: Sequence[Network], deployed: Deployed) -> list[Network]:
    """Return the networks of a root with the deployed objects that they name, and with what belongs to those."""
    return [_with_deployed(network, deployed) for network in networks]


def _with_deployed(network: Network, deployed: Deployed) -> Network:
    named: dict[str, None] = {}

    def find(text: str) -> Reference | None:
        found = deployed.reference(text)
        if deployed.concerns(text):
            named[deployed.id_of(text)[0] or text] = None
        return found

    own = [_identified(each, find) for each in objects_of(network)]
    if not named:
        return network
    others = list(_beside(own, deployed.around(named), named))
    return replace(
        network,
        **grouped([*others, *own]),
        foreign=network.foreign | {each.declared.address for each in others},
        labels={**network.labels, **deployed.labels},
    )


# -- which object a text names ---------------------------------------------------------------------------------------

Find = Callable[[str], "Reference | None"]


def _identified(thing: T, find: Find) -> T:
    """Return a network object in which each real id that ``find`` knows is a reference to the object."""
    changes: dict[str, Any] = {}
    hidden = thing.declared.sensitive or ()  # a report would show which object such a field names
    names = ("inputs",) if isinstance(thing, OpaqueModule) else thing.__match_args__
    for name in names:
        if name not in _TEXTS and name not in hidden:
            value = getattr(thing, name)
            new = tuple(_in_value(each, find) for each in value) if name == "inputs" else _in_value(value, find)
            if new is not value and new != value:
                changes[name] = new
    return replace(thing, **changes) if changes else thing


def _in_value(value: Any, find: Find) -> Any:
    if isinstance(value, str):
        found = find(value)
        return value if found is None else found
    if isinstance(value, Reference) and value.text is not None:
        found = find(value.text)
        return value if found is None else found
    if isinstance(value, Unknown) and value.one_of:
        members = _each(value.one_of, find)
        return value if members is value.one_of else replace(value, one_of=members)
    if isinstance(value, ListValue):
        items = _each(value.items, find)
        return value if items is value.items else ListValue(items, value.kind, value.maybe, value.rest)
    if isinstance(value, MapValue):
        entries = {key: _in_value(each, find) for key, each in value.items.items()}
        is_same = all(new is old for new, old in zip(entries.values(), value.items.values(), strict=True))
        return value if is_same else MapValue(entries, value.kind, value.maybe, value.rest)
    return value


def _each(values: tuple[Any, ...], find: Find) -> tuple[Any, ...]:
    found = tuple(_in_value(value, find) for value in values)
    return values if all(new is old for new, old in zip(found, values, strict=True)) else found


# -- what the code creates may be what an inventory lists ------------------------------------------------------------


def _beside(
    own: Sequence[NetworkObject], found: Iterable[DeployedObject], named: Mapping[str, None]
) -> Iterator[NetworkObject]:
    """Yield the objects in ``found`` as they are beside the objects of the code, which may be deployed already.

    What the code sets itself (a route, a record) is as the code sets it. An object that the code does not name may be one
    that it creates.
    """
    created: dict[tuple[type, str | None], list[NetworkObject]] = {}
    claimed: set[object] = set()
    twins: dict[str, NetworkObject] = {}
    adopting = [each for each in own if _is_adopting(each)]
    for each in own:
        if isinstance(each, (HostedZone, *_IN_VPCS)):
            created.setdefault((type(each), _home(each)), []).append(each)
        claimed.update(_claims(each) if each.declared.exists is True else ())
    for one in found:
        thing = one.thing
        if not claimed.isdisjoint(_claims(thing)):
            continue
        twin = next((each for each in adopting if _adopts(each, thing)), None)
        if twin is None and one.id not in named:
            twin = next((each for each in _alike(created, thing) if _may_be(each, thing)), None)
        if isinstance(thing, (ZoneAssociation, Route, IngressRule)):
            twin = twins.get(link(_owner(thing)).address or "")
        if twin is not None:
            twins[thing.declared.address] = twin
        yield thing if twin is None else _doubted(thing, twin)


def _is_adopting(own: NetworkObject) -> bool:
    return (isinstance(own, RouteTable) and own.main) or (isinstance(own, SecurityGroup) and own.default)


def _adopts(own: NetworkObject, thing: NetworkObject) -> bool:
    """Return whether the code may adopt ``thing``, the main table or the default group of a VPC, and so replaces its rules."""
    if isinstance(own, RouteTable) and isinstance(thing, RouteTable) and thing.main:
        return _may_be_there(own.vpc, thing.vpc) or link(own.vpc).may_be(thing.declared.address)
    return (
        isinstance(own, SecurityGroup)
        and isinstance(thing, SecurityGroup)
        and thing.default
        and _may_be_there(own.vpc, thing.vpc)
    )


def _owner(thing: ZoneAssociation | Route | IngressRule) -> Value:
    if isinstance(thing, ZoneAssociation):
        return thing.zone
    return thing.route_table if isinstance(thing, Route) else thing.group


def _alike(
    created: Mapping[tuple[type, str | None], Sequence[NetworkObject]], thing: NetworkObject
) -> Iterator[NetworkObject]:
    """Yield the objects of the code that are of the kind of ``thing`` and may be at the same place."""
    if not isinstance(thing, (ZoneLookup, *_IN_VPCS)):
        return
    kind: type = HostedZone if isinstance(thing, ZoneLookup) else type(thing)
    home = _home(thing)
    if home is None:
        yield from (each for (other, _), listed in created.items() if other is kind for each in listed)
        return
    yield from created.get((kind, home), ())
    yield from created.get((kind, None), ())


def _home(thing: NetworkObject) -> str | None:
    """Return in which VPC an object certainly is, or what name a zone certainly has."""
    if isinstance(thing, (HostedZone, ZoneLookup)):
        return _host(thing.name) if isinstance(thing.name, str) else None
    return key_of(link(thing.vpc)) if isinstance(thing, _IN_VPCS) else None


def _claims(thing: NetworkObject) -> Iterator[object]:
    """Yield what an object says something about, where only one object can: a route, a record, an association."""
    if isinstance(thing, Route) and isinstance(thing.destination, str):
        yield "route", key_of(link(thing.route_table)), thing.destination
    elif isinstance(thing, RouteTableAssociation):
        for kind, value in (("subnet", thing.subnet), ("main", thing.main_of)):
            if value is not None and (place := key_of(link(value))) is not None:
                yield kind, place
    elif isinstance(thing, ZoneAssociation):
        yield "zone", key_of(link(thing.zone)), key_of(link(thing.vpc))
    elif isinstance(thing, ZoneRecord) and isinstance(thing.name, str) and thing.set_identifier is None:
        yield "record", key_of(link(thing.zone)), _host(thing.name), repr(thing.type)


def _host(name: str) -> str:
    return name.replace("\\052", "*").rstrip(".").lower()  # as the AWS CLI prints an asterisk


def _may_be(own: NetworkObject, thing: NetworkObject) -> bool:
    """Return whether ``thing`` may be what the code creates as ``own``."""
    if isinstance(own, HostedZone):
        return True  # the names are compared already
    if not isinstance(own, _IN_VPCS) or not isinstance(thing, _IN_VPCS):
        return False
    if not _may_be_there(own.vpc, thing.vpc):
        return False
    if isinstance(own, Endpoint) and isinstance(thing, Endpoint):
        return not (_differ(own.service_name, thing.service_name) or _differ(own.type, thing.type))
    if isinstance(own, Subnet) and isinstance(thing, Subnet):
        return not _differ_in_all(own.cidrs, thing.cidrs)
    return True


def _may_be_there(own: Value, place: Value) -> bool:
    mine, theirs = link(own), link(place)
    if theirs.address is not None:
        return mine.may_be(theirs.address)
    return mine.anything or (mine.external is not None and mine.external == theirs.external)


def _differ(one: object, other: object) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one != other


def _differ_in_all(one: Value, other: Value) -> bool:
    """Return whether two sets of known texts have nothing in common."""
    if not isinstance(one, ListValue) or not isinstance(other, ListValue) or not (one.exact and other.exact):
        return False
    texts = [{each for each in listed.items if isinstance(each, str)} for listed in (one, other)]
    known = len(texts[0]) == len(one.items) and len(texts[1]) == len(other.items)
    return known and bool(one.items) and bool(other.items) and texts[0].isdisjoint(texts[1])


def _doubted(thing: T, twin: NetworkObject) -> T:
    declared = thing.declared
    cause = Cause(f"{declared.address} may be {twin.declared.address}, which the code creates", declared.span)
    causes = (cause,) if declared.exists is True else (cause, *declared.exists.causes)
    return replace(thing, declared=replace(declared, exists=Unknown(causes[:4], "bool")))
