"""Look-ups of data sources that find objects of inventories.

A look-up finds an object if all that it asks for is what the inventory says. It is that object for certain if the region and
the account are the same for certain as well: AWS refuses a look-up of one object that finds two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from vpce_checks.estate.deployed import Deployed, Findable
from vpce_checks.estate.matching import PLACE, equal, is_alike
from vpce_checks.model.links import Linked
from vpce_checks.model.outside import DEPLOYED, Found, Offer, Outside, Wanted
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, ListValue, Opaque, Reference, Unknown, Value
from vpce_checks.policy.glob import has_wildcard, matches_value

_COMPLETE = ("tag:", "tag-key")
"""Beginnings of the names of traits of which an object has none besides those that are listed."""

_IDS = (
    *("vpc-id", "subnet-id", "route-table-id", "group-id", "zone-id", "vpc-endpoint-id"),
    "association.subnet-id",
)
"""Traits with ids, which say in which region and account an object is."""

_SEVERAL = {
    "aws_vpcs": "aws_vpc",
    "aws_subnets": "aws_subnet",
    "aws_subnet_ids": "aws_subnet",
    "aws_route_tables": "aws_route_table",
    "aws_security_groups": "aws_security_group",
}
"""Type of data source that finds several objects -> the type of one of them."""


class OutsideWithDeployed:
    """The outside of a root, with what inventories say is deployed. ``inner`` are the other roots; None: there are none."""

    def __init__(self, inner: Outside | None, deployed: Deployed) -> None:
        self._inner = inner
        self._deployed = deployed
        self._known: dict[tuple[str, str], tuple[Wanted, Found | None]] = {}

    def find(self, wanted: Wanted) -> Found | None:
        """Return what ``wanted`` is or may be."""
        if wanted.kind.startswith(DEPLOYED):
            key = wanted.kind, wanted.what
            known = self._known.get(key)
            if known is None or known[0] != wanted:
                known = self._known[key] = wanted, find_deployed(self._deployed, wanted)
            return known[1]
        return self._inner.find(wanted) if self._inner is not None else None

    def links(self) -> Collection[str]:
        """Return the inputs that a policy links."""
        return self._inner.links() if self._inner is not None else ()

    def linked(self, input: str) -> Linked | None:
        """Return the objects that a policy says ``input`` is."""
        return self._inner.linked(input) if self._inner is not None else None

    def at(self, path: str) -> OutsideWithDeployed:
        """Return the outside of another root, the one at ``path``, with the same inventories."""
        return OutsideWithDeployed(self._inner.at(path), self._deployed) if self._inner is not None else self

    @property
    def group(self) -> object:
        """What is the same object for all roots that are joined with each other. None: this one is joined with none."""
        return self._inner.group if self._inner is not None else None


def find_deployed(deployed: Deployed, wanted: Wanted) -> Found | None:
    """Return what a data source finds. None if it is nothing that an inventory holds."""
    type = wanted.kind.removeprefix(DEPLOYED)
    candidates = _candidates(deployed, _SEVERAL.get(type, type), wanted)
    answers = [(each, _matches(wanted, each)) for each in candidates]
    found = [(each, answer) for each, answer in answers if answer.possible]
    if not found:
        return None
    if type in _SEVERAL:
        return _several(wanted, found)
    sure = [each for each, answer in found if answer.yes]
    possible = sure or [each for each, _ in found]
    certain = len(sure) == 1
    reasons = () if sure else tuple(dict.fromkeys(cause for _, answer in found for cause in answer.causes))
    return Found(wanted, tuple(map(_offer, possible)), tuple(each.title for each in possible), certain, reasons)


def _candidates(deployed: Deployed, kind: str, wanted: Wanted) -> Sequence[Findable]:
    """Return the objects that a look-up may find: not each look-up is compared with all of them."""
    for trait in (*_IDS, *sorted(wanted.key)):
        value = wanted.key.get(trait)
        if isinstance(value, ListValue) and value.exact and len(value.items) == 1:
            value = value.items[0]
        if trait not in PLACE and isinstance(value, str) and not has_wildcard(value):
            return deployed.with_trait(kind, trait, value)
    return deployed.findable.get(kind, ())


def _offer(found: Findable) -> Offer:
    return Offer(
        DEPLOYED,
        found.id,
        found.title,
        found.span,
        lambda name: found.attributes[name],
        lambda: tuple(found.attributes),
    )


def _several(wanted: Wanted, found: Sequence[tuple[Findable, TriState]]) -> Found:
    """Return the list of objects that a data source finds. There may be more of them than inventories hold."""
    doubts: dict[int, Opaque] = {
        place: Unknown(answer.causes, "bool") for place, (_, answer) in enumerate(found) if not answer.yes
    }
    doubt = Cause(f"{wanted.what} may find more than the inventory holds", wanted.span)
    more = Reference(wanted.what, ("ids", "*"), "data", (doubt,), "string")
    ids = ListValue(tuple(each.id for each, _ in found), "list", doubts, more)
    first = found[0][0]
    offer = Offer(DEPLOYED, "", first.title, first.span, lambda name: ids, lambda: ("ids",))
    return Found(wanted, (offer,), (first.title,), certain=True)


def _matches(wanted: Wanted, found: Findable) -> TriState:
    """Return whether a look-up finds an object. What has nothing in common with it but the place is not found."""
    asked = {trait: value for trait, value in wanted.key.items() if trait not in PLACE}
    answers = {trait: _has(found, trait, value) for trait, value in asked.items()}
    answer = all_of(answers.values())
    if answer.no or not any(answers[trait].yes or _is_alike(found, trait, value) for trait, value in asked.items()):
        return NO
    places = [_is_there(found, part, wanted.key[part]) for part in ("region", "account") if part in wanted.key]
    if any(place.no for place in places):
        return NO
    if any(answers[trait].yes for trait in _IDS if trait in answers):
        return answer
    if "region" not in wanted.key and found.kind != "aws_route53_zone":
        places.append(maybe((Cause(f"the region of {wanted.what} is not known", wanted.span),)))
    return all_of((answer, *places))


def _is_there(found: Findable, part: str, value: Value) -> TriState:
    """Return whether an object is in a region or account. One that no inventory says may be any."""
    texts = found.traits.get(part, ())
    if part == "region" and found.kind == "aws_route53_zone":
        return YES  # zones are in no region
    if not texts:
        return maybe((Cause(f"the {part} of {found.title} is not known: say it in the inventory", found.span),))
    return any_of(equal(value, text) for text in texts)


def _has(found: Findable, trait: str, value: Value) -> TriState:
    """Return whether an object has a trait with one of the values that are asked for."""
    texts = found.traits.get(trait)
    if texts is None and not trait.startswith(_COMPLETE):
        return maybe((Cause(f"the inventory does not say {trait} of {found.id}", found.span),))
    answer = _asked(value, texts or ())
    if answer.no and _asked(value, found.doubts.get(trait, ())).possible:
        return maybe((Cause(f"inventories say different things of {trait} of {found.id}", found.span),))
    return answer


def _asked(value: Value, texts: tuple[str, ...]) -> TriState:
    """Return whether one of the values that are asked for is among ``texts``."""
    if isinstance(value, ListValue) and texts:
        return any_of(_any(each, texts) for each in value.items) if value.exact else maybe(_causes(value))
    return _any(value, texts) if texts else NO


def _is_alike(found: Findable, trait: str, value: Value) -> bool:
    """Return whether a partly known text may be one of an object, and has enough in common with it, or some inventory says it."""
    values = value.items if isinstance(value, ListValue) else (value,)
    doubts = found.doubts.get(trait, ())
    return any(is_alike(each, text) for each in values for text in (*found.traits.get(trait, ()), *doubts)) or any(
        _any(each, doubts).yes for each in values if doubts
    )


def _causes(value: ListValue) -> tuple[Cause, ...]:
    return value.rest.causes if value.rest is not None else ()


def _any(value: Value, texts: Iterable[str]) -> TriState:
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, str) and has_wildcard(value):
        if "\\" in value:
            return maybe()
        return YES if any(matches_value(value, text) for text in texts) else NO
    return any_of(equal(value, text) for text in texts)
