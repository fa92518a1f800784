"""Compare what a root wants with what other roots offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from vpce_checks.base.record import replace
from vpce_checks.model.name_index import NameIndex
from vpce_checks.model.outside import STATE, Found, Offer, Wanted
from vpce_checks.model.tristate import NO, YES, TriState, all_of, maybe, one_of
from vpce_checks.model.values import (
    Cause,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    same,
    unknown,
)

T = TypeVar("T")

PLACE = frozenset({"region", "account"})
"""Parts of a key that many objects have in common."""

MIN_KNOWN = 2
"""How many characters in a row of a partly known text must be known to find it by a look-up."""


def may_mean(wanted: Wanted, offer: Offer) -> TriState:
    """Return whether ``wanted`` is ``offer``. A part of the key that one side does not state says nothing, unless the offer
    needs it."""
    if not offer.needs <= wanted.key.keys():
        return NO
    shared = wanted.key.keys() & offer.key.keys()
    named = equal(wanted.name, offer.name)
    answer = all_of((named, *(equal(wanted.key[part], offer.key[part]) for part in sorted(shared))))
    if wanted.vpc is None or not answer.possible:
        return answer
    return all_of((answer, equal(_address(wanted.vpc), _address(offer.value("vpc_id")))))


def _address(id: Value) -> Value:
    """Return the address of the object that has an id."""
    if isinstance(id, Reference) and id.kind == "resource":
        return id.address
    if isinstance(id, Unknown) and id.one_of:
        return choose(map(_address, id.one_of), id.causes)
    return id if isinstance(id, PartialString) else Unknown(merge_causes([id]))


def may_join(wanted: Wanted, offer: Offer, *, at_home: bool) -> bool:
    """Return whether a join with an offer that may match is worth a doubt.

    A look-up may find any object of its own root. In another root, it must have something in common with it: a name, a tag
    or a CIDR block, or a part of one (``${var.env}-vpc``), or a VPC; or may have, where only a stub says what the other is.
    """
    if at_home or not wanted.is_search or offer.is_hidden:
        return True
    parts = (wanted.key.keys() & offer.key.keys()) - PLACE
    pairs = [(wanted.name, offer.name), *((wanted.key[part], offer.key[part]) for part in parts)]
    if wanted.vpc is not None:
        pairs.append((_address(wanted.vpc), _address(offer.value("vpc_id"))))
    return any(equal(one, other).yes or is_alike(one, other) for one, other in pairs)


def is_alike(one: Value, other: Value) -> bool:
    """Return whether two texts may be the same and have enough known text in common, so that this is no chance."""
    for value, rest in ((one, other), (other, one)):
        if isinstance(value, Unknown) and value.one_of:
            return any(equal(member, rest).yes or is_alike(member, rest) for member in value.one_of)
    partial = [value for value in (one, other) if isinstance(value, PartialString)]
    if not partial or not all(isinstance(value, (str, PartialString)) for value in (one, other)):
        return False
    return equal(one, other).possible and all(max(map(len, _known(value)), default=0) >= MIN_KNOWN for value in partial)


def equal(one: Value, other: Value) -> TriState:
    """Return whether two texts are the same in the deployment."""
    if isinstance(one, str) and isinstance(other, str):
        return YES if one == other else NO
    if (one is None or other is None) and not isinstance(one if other is None else other, Unknown):
        return YES if one is other else NO
    if same(one, other):
        return YES
    for value, rest in ((one, other), (other, one)):
        if isinstance(value, Unknown) and value.one_of:
            answer = one_of(equal(member, rest) for member in value.one_of)
            return maybe(merge_causes([value])) if answer.possible and not answer.yes else answer
    if isinstance(one, str) and isinstance(other, PartialString):
        one, other = other, one
    if isinstance(one, PartialString) and isinstance(other, str) and not fits(one, other):
        return NO
    if isinstance(one, PartialString) and isinstance(other, PartialString) and not _agree(one, other):
        return NO
    return maybe(merge_causes([one, other]))


def fits(partial: PartialString, text: str) -> bool:
    """Return whether ``text`` is what a partly known string may be: its known parts are there, in their order."""
    last = partial.parts[-1]
    at = 0
    for number, part in enumerate(partial.parts):
        if isinstance(part, str):
            place = text.find(part, at)
            if place < 0 or (number == 0 and place > 0):
                return False
            at = place + len(part)
    return not isinstance(last, str) or text.endswith(last)


def _agree(one: PartialString, other: PartialString) -> bool:
    """Return whether the known beginnings and the known ends of two texts can be those of one."""
    starts = (one.parts[0], other.parts[0])
    ends = (one.parts[-1], other.parts[-1])
    return all(
        not (isinstance(left, str) and isinstance(right, str)) or agree(left, right) or agree(right, left)
        for (left, right), agree in ((starts, str.startswith), (ends, str.endswith))
    )


def _known(partial: PartialString) -> list[str]:
    return [part for part in partial.parts if isinstance(part, str)]


def settle(wanted: Wanted, offers: Iterable[tuple[str, Offer]]) -> Found | None:
    """Return which of ``offers`` (each with the name of its root) are meant by ``wanted``. None if none of them is.

    One that surely matches is the one; others may not have the same key.
    """
    answers = [(name, offer, may_mean(wanted, offer)) for name, offer in offers]
    sure = [(name, offer) for name, offer, answer in answers if answer.yes]
    possible = sure or _once([(name, offer) for name, offer, answer in answers if answer.possible])
    if not possible:
        return None
    certain = len(sure) == 1 and not wanted.is_search
    reasons: tuple[Cause, ...] = ()
    if not sure:
        reasons = tuple(dict.fromkeys(cause for _, _, answer in answers for cause in answer.causes))
    titles = tuple(f"{offer.what} of {name}" for name, offer in possible)
    return Found(wanted, tuple(offer for _, offer in possible), titles, certain, reasons)


def _once(offers: list[tuple[str, Offer]]) -> list[tuple[str, Offer]]:
    """Return each offer once, where one has several names."""
    values = [offer.value for _, offer in offers]
    return [each for at, each in enumerate(offers) if each[1].value not in values[:at]]


def in_one_workspace(offer: Offer, wants: Iterable[Wanted]) -> Offer:
    """Return an offer whose workspace is unknown if others want it in several: it is deployed in each of them."""
    if offer.kind != STATE or "workspace" in offer.key:
        return offer
    asked = {
        workspace
        for want in wants
        if want.kind == STATE and want.name == offer.name and isinstance(workspace := want.key.get("workspace"), str)
    }
    if len(asked) < 2:
        return offer
    text = f"it is deployed in the workspaces {' and '.join(sorted(asked))}; set TF_WORKSPACE to choose one"
    return replace(offer, key={**offer.key, "workspace": unknown(text, offer.span)})


class OfferIndex(Generic[T]):
    """Offers by kind and name, each with its owner, so that not each of them is compared with each want."""

    def __init__(self, offers: Iterable[tuple[T, Offer]]) -> None:
        by_kind: dict[str, list[tuple[T, Offer]]] = {}
        for owner, offer in offers:
            by_kind.setdefault(offer.kind, []).append((owner, offer))
        self._of_kind = {kind: NameIndex((each[1].name, each) for each in those) for kind, those in by_kind.items()}

    def candidates(self, wanted: Wanted) -> Sequence[tuple[T, Offer]]:
        """Return every offer that ``wanted`` may be, with its owner."""
        named = self._of_kind[wanted.kind].candidates(wanted.name) if wanted.kind in self._of_kind else ()
        return [(owner, offer) for owner, offer in named if may_mean(wanted, offer).possible]


def components(edges: Mapping[T, Iterable[T]]) -> dict[T, tuple[T, ...]]:
    """Return, for each root with an edge, the others that it is joined with, directly or through each other."""
    neighbours: dict[T, dict[T, None]] = {}
    for one, others in edges.items():
        for other in others:
            neighbours.setdefault(one, {})[other] = None
            neighbours.setdefault(other, {})[one] = None
    found: dict[T, tuple[T, ...]] = {}
    for start in neighbours:
        if start in found:
            continue
        members = {start: None}
        pending = [start]
        while pending:
            for other in neighbours[pending.pop()]:
                if other not in members:
                    members[other] = None
                    pending.append(other)
        together = tuple(members)
        found.update(dict.fromkeys(together, together))
    return found
