"""What one root names and another root creates: a state, an export, a stored parameter.

A language says what a root :class:`Offer` s to others and what it has :class:`Wanted` from them. ``estate/`` finds out who
means whom. While a root is read, it asks an :class:`Outside` for the values of other roots.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Protocol

from vpce_checks.base.record import field, record, replace
from vpce_checks.model.links import Linked
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MAX_CAUSES, Cause, Opaque, Reference, Unknown, Value, choose, merge_causes

STATE, EXPORT, PARAMETER, STACK = "state", "export", "parameter", "stack"
"""The kinds of what roots share: a Terraform state, an export of CloudFormation, a parameter of the Parameter Store, the
outputs of a stack."""

_WORDS = {EXPORT: "the export", PARAMETER: "the stored parameter"}

_LEFT_OUT = "*-_:"
"""What the rest of an export's name begins or ends with where a part of it is not in the code, such as the name of a stack."""


def words_for(kind: str, name: str) -> str:
    """Return what reports call an export or a stored parameter. ``name`` has a wildcard for each unknown part."""
    inner = name.strip("*")
    if kind == EXPORT and inner and "*" not in inner and (name[0] in _LEFT_OUT) != (name[-1] in _LEFT_OUT):
        return f"an export whose name {'ends in' if name[0] in _LEFT_OUT else 'begins with'} {inner}"
    return f"{_WORDS.get(kind, kind)} {name}"


VPC, SUBNET, ROUTE_TABLE, SECURITY_GROUP, ENDPOINT = "vpc", "subnet", "route table", "security group", "endpoint"
"""The kinds of objects that roots look up, by their tags (``tag:KEY``), tag keys (``tag-key:KEY``), ``cidr``, ``region``,
GROUP_NAME or SERVICE_NAME. Their ``name`` is the tag Name."""

GROUP_NAME = "group-name"
"""The name of a security group, which is not its tag ``Name``. AWS calls the filter so."""

SERVICE_NAME = "service-name"
"""That of an endpoint."""


DEPLOYED = "deployed "
"""What the kind of a look-up begins with that only inventories answer; the type of the data source follows."""


@record
class Wanted:
    """Something that a root names, and that another root may create.

    ``name`` is what it is called (an export's name, the path of a state). ``key`` holds whatever else identifies it, such
    as a bucket or a region. ``what`` is what reports call it, and ``span`` the place that names it. A search (by tags or a
    CIDR block) may find any object that matches, so a match is never certain (``is_search``). ``vpc`` is the id of the VPC
    that the object must be in, if another root has to do with that; its address where only a part of that is known.
    """

    kind: str
    name: Value
    what: str
    span: Span
    key: Mapping[str, Value] = field(default_factory=dict)
    is_search: bool = False
    vpc: Value = None


def _unlisted() -> tuple[str, ...] | None:
    return None


def _never(name: str) -> bool:
    return False


def _no_more() -> tuple[Cause, ...]:
    return ()


@record
class Offer:
    """Something that a root creates under a name that others may use. Fields as of :class:`Wanted`.

    ``value`` returns one of its values (an output of a state; a parameter has only ``""``), None where there is none of
    this name. ``names`` returns the names of all of them; None if any name will do. ``why_more`` returns why there may be
    others besides; empty if there are none. References in values begin with the label of the root. ``is_sensitive`` returns
    whether reports must not show a value. Who does not state the parts ``needs`` of the key does not mean it.
    ``doubts`` says why names may not be there. ``is_hidden``: its name and tags are what a published module makes of which only
    a stub is there, so that a look-up that asks for them may find it.
    """

    kind: str
    name: Value
    what: str
    span: Span
    value: Callable[[str], Value]
    names: Callable[[], tuple[str, ...] | None] = _unlisted
    key: Mapping[str, Value] = field(default_factory=dict)
    is_sensitive: Callable[[str], bool] = _never
    why_more: Callable[[], tuple[Cause, ...]] = _no_more
    needs: frozenset[str] = frozenset()
    doubts: Mapping[str, Opaque] = field(default_factory=dict)
    is_hidden: bool = False

    def has(self, name: str) -> bool:
        """Return whether there is a value ``name``."""
        names = self.names()
        return names is None or name in names


@record
class Sharing:
    """What a root shares with others.

    ``offered`` returns what it offers, which takes long to find out: nobody asks where no root wants anything. ``beside`` are
    the paths of roots that its language reads together with it anyway, as they use values of it. Where one of them is joined
    with others, all are.
    """

    __slots__ = ("__dict__",)

    offered: Callable[[], tuple[Offer, ...]] = tuple
    wants: tuple[Wanted, ...] = ()
    beside: tuple[str, ...] = ()

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """What it offers."""
        return self.offered()


MAX_NAMED = 8
"""How many further candidates are called by their names."""


def candidates_of(
    what: str, place: Span, candidates: Sequence[tuple[str, Span]], reasons: Sequence[Cause] = ()
) -> tuple[Cause, ...]:
    """Return the steps that say what ``what``, named at ``place``, may be, and why that is not certain.

    They are few enough for an unknown value to keep (MAX_CAUSES). Those that get no step of their own share one.
    """
    steps = [Cause(f"{what} may be {title}", span) for title, span in candidates]
    if len(steps) + len(reasons) > MAX_CAUSES:
        reasons = reasons[:1]
    room = MAX_CAUSES - len(reasons)
    if len(steps) > room:
        rest = [f"{title} ({os.path.relpath(span.file)}:{span.line})" for title, span in candidates[room - 1 :]]
        names = ", ".join(rest[:MAX_NAMED]) + (f" and {len(rest) - MAX_NAMED} more" if len(rest) > MAX_NAMED else "")
        steps[room - 1 :] = [Cause(f"{what} may also be one of {len(rest)} others: {names}", place)]
    return (*steps, *reasons)


@record
class Found:
    """What :class:`Wanted` means: the only one of ``offers`` if it is ``certain``. Else one of them, or something else.

    ``titles`` are what reports call the offers, with their roots. ``reasons`` say why it is not certain.
    """

    __slots__ = ("__dict__",)

    wanted: Wanted
    offers: tuple[Offer, ...]
    titles: tuple[str, ...]
    certain: bool
    reasons: tuple[Cause, ...] = ()

    @property
    def why(self) -> tuple[Cause, ...]:
        """The steps that say which offers there are, each with its place, and why none of them is certain."""
        return self._steps(list(zip(self.titles, self.offers, strict=True)))

    def _steps(self, offers: Sequence[tuple[str, Offer]]) -> tuple[Cause, ...]:
        if self.certain:
            return tuple(Cause(f"this is {title}", offer.span) for title, offer in offers)
        places = [(title, offer.span) for title, offer in offers]
        return candidates_of(self.wanted.what, self.wanted.span, places, self.reasons)

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[tuple[str, Offer], ...]]:
        """The offers that have each name, with their titles. Those with any name are with each one, and with ``""``."""
        listed = [(title, offer, offer.names()) for title, offer in zip(self.titles, self.offers, strict=True)]
        found: dict[str, list[tuple[str, Offer]]] = {name: [] for _, _, names in listed for name in names or ()}
        found.setdefault("", [])
        for title, offer, names in listed:
            for name in found if names is None else dict.fromkeys(names):
                found[name].append((title, offer))
        return {name: tuple(those) for name, those in found.items()}

    def _with(self, name: str) -> tuple[tuple[str, Offer], ...]:
        """Return the offers that have a value ``name``, with their titles."""
        return self._by_name.get(name) or tuple(each for each in self._by_name[""] if each[1].has(name))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all values that there are in any of the offers."""
        return tuple(dict.fromkeys(name for offer in self.offers for name in offer.names() or ()))

    @property
    def maybe(self) -> dict[str, Opaque]:
        """The names of :attr:`names` that may not be there, each with why."""
        if not self.certain:
            return dict.fromkeys(self.names, Unknown(self.why))
        return {name: doubt for offer in self.offers for name, doubt in offer.doubts.items()}

    @property
    def rest(self) -> Unknown | None:
        """Why there may be values with other names than :attr:`names`. None if there are none."""
        causes = tuple(cause for offer in self.offers for cause in offer.why_more())
        if self.certain and not causes and all(offer.names() is not None for offer in self.offers):
            return None
        return Unknown((*self.why, *causes)[:MAX_CAUSES])

    def value(self, name: str, otherwise: Value) -> Value:
        """Return the value ``name``. It may be ``otherwise`` where the join is not certain, or no offer has it."""
        holders = self._with(name)
        if not holders:
            return otherwise
        if self.certain:
            return self._through(holders[0][1].value(name))
        return choose([*(offer.value(name) for _, offer in holders), otherwise], self._steps(holders))

    def is_sensitive(self, name: str) -> bool:
        """Return whether reports must not show the value ``name``."""
        return any(offer.is_sensitive(name) for _, offer in self._with(name))

    def _through(self, value: Value) -> Value:
        if not isinstance(value, Reference):
            return value
        named = Cause(f"{self.wanted.what} is read here", self.wanted.span)
        return replace(value, through=(named, *self.why, *value.through))


class Outside(Protocol):
    """The other roots of the repository, as one root sees them."""

    def find(self, wanted: Wanted) -> Found | None:
        """Return what ``wanted`` is or may be. None if no root of the repository creates it."""

    def links(self) -> Collection[str]:
        """Return the inputs of the root that a policy links to objects of other roots."""

    def linked(self, input: str) -> Linked | None:
        """Return the objects that a policy says ``input`` is. None if it says nothing."""

    def at(self, path: str) -> Outside:
        """Return the outside of another root, the one at ``path``."""

    @property
    def group(self) -> object:
        """What is the same object for all roots that are joined with each other. None if it is not known yet who is."""


class Alone:
    """The outside of a root that is joined with no other one. With it, workloads in VPCs that the root does not create are
    read too."""

    group = None

    def find(self, wanted: Wanted) -> None:
        """Find nothing."""

    def links(self) -> tuple[str, ...]:
        """Return no input."""
        return ()

    def linked(self, input: str) -> None:
        """Find nothing."""

    def at(self, path: str) -> Outside:
        """Return the outside of another root: nothing, either."""
        return self


def offered_elsewhere(offer: Offer, cause: Cause) -> Offer:
    """Return an offer in an account that the code does not show: what is wanted may be one of its values, or something else."""

    def value(name: str) -> Value:
        return choose([offer.value(name), Unknown((cause,))], (cause,))

    return replace(offer, value=value)


class OutsideElsewhere:
    """The other roots, as a stack in an account that the code does not show sees them: nothing in it is certainly theirs."""

    def __init__(self, outside: Outside, cause: Cause) -> None:
        self._outside = outside
        self._cause = cause

    def find(self, wanted: Wanted) -> Found | None:
        """Return what ``wanted`` may be."""
        found = self._outside.find(wanted)
        return replace(found, certain=False, reasons=(*found.reasons, self._cause)) if found is not None else None

    def links(self) -> Collection[str]:
        """Return no input: those of the root are not those of the template."""
        return ()

    def linked(self, input: str) -> Linked | None:
        """Return nothing: see ``links``."""
        return None

    def at(self, path: str) -> Outside:
        """Return the outside of another root."""
        return self._outside.at(path)

    @property
    def group(self) -> object:
        """What is the same object for all roots that are joined with each other."""
        return self._outside.group


def root_label(path: str, deployment: str = "") -> str:
    """Return what addresses in the root at ``path`` begin with where another root sees them: ``envs/prod:``.

    ``deployment`` is the name of one of several deployments of the root.
    """
    shown = _shown(path, os.getcwd())
    return f"{shown} ({deployment}):" if deployment else f"{shown}:"


@lru_cache(maxsize=4096)
def _shown(path: str, directory: str) -> str:
    return os.path.relpath(path, directory).replace(os.sep, "/")


def causes_of(wanted: Wanted) -> tuple[Cause, ...]:
    """Return why the name or the key of ``wanted`` is not known for certain."""
    return merge_causes([wanted.name, *wanted.key.values()])
