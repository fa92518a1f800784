"""Which roots of the repository use values of each other, and reading those together.

The texts of the repository are looked at first: where none names a value of another root, nothing more is done. Else each
root that may share something is asked what it offers and wants. Those that may mean each other are joined. A scan of a part
of the repository reads the roots that are joined with those of the part, and judges only the part.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from vpce_checks.base.record import replace
from vpce_checks.files.containment import is_within
from vpce_checks.model.roots import Root

if TYPE_CHECKING:
    from vpce_checks.estate.joined import Estate
    from vpce_checks.model.links import Link, Linked
    from vpce_checks.model.network import Network
    from vpce_checks.model.outside import Found, Outside, Sharing, Wanted
    from vpce_checks.model.roots import Batch, Marks, Place, RootKey
    from vpce_checks.model.spans import Diagnostic
    from vpce_checks.project.language import Language
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.scope import Scope

JoinKey = tuple[object, ...]


class Roots(Protocol):
    """The part of a project that joining needs: where its roots are, and how each of them is read."""

    options: ScanOptions
    scope: Scope

    @property
    def languages(self) -> Sequence[Language]: ...
    @property
    def places(self) -> tuple[Place, ...]: ...
    def place_of(self, root: Root) -> Place: ...
    def language(self, name: str) -> Language: ...
    def outside_of(self, root: Root, others: Outside | None) -> Outside | None: ...
    def unjoined(self) -> tuple[Batch, ...]: ...
    def affected_by(self, changed: frozenset[str], roots: Iterable[Root]) -> set[Root]: ...


class Joining:
    """The joins of the roots of one project. It can be pickled; what was found so far does not go along."""

    def __init__(self, project: Roots, whole: Callable[[tuple[str, ...]], Roots]) -> None:
        """``whole`` makes a project of some directories, with the options of ``project``."""
        self._project = project
        self._make_whole = whole
        self._forget()

    def _forget(self) -> None:
        self._whole: Roots | None = None
        self._beyond: tuple[tuple[Place, ...], Scope] | None = None
        self._shown: list[Mapping[str, Marks]] | None = None
        self._estate: Estate | None = None
        self._found: dict[tuple[str, RootKey], Root] | None = None
        self._shared: dict[Root, tuple[Sharing, _Later]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_project": self._project, "_make_whole": self._make_whole}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._forget()

    def is_possible(self) -> bool:
        """Return whether a root may be joined with another one: a policy links it, or its text uses values of others."""
        return bool(self._links) or any(mark.takes for each in self._marks for mark in each.values())

    def key(self) -> JoinKey:
        """Return what the joins rest on, for the names of kept reports."""
        said = (tuple(self._links.values()), self._look_beyond()[1].inventories)
        return (
            os.getcwd(),
            said,
            *sorted((path, mark.digest()) for each in self._marks for path, mark in each.items()),
        )

    @property
    def _marks(self) -> Sequence[Mapping[str, Marks]]:
        """What the texts of the repositories show."""
        if self._shown is None:
            project = self._project
            self._shown = [
                language.marks(place)
                for language in project.languages
                if language.kind in project.options.kinds
                for place in (*project.places, *self._look_beyond()[0])
            ]
        return self._shown

    def _look_beyond(self) -> tuple[tuple[Place, ...], Scope]:
        """Return the repositories of which only a part is scanned, and what the policy files in them say."""
        if self._beyond is None:
            from vpce_checks.policy import PolicyError
            from vpce_checks.project.discovery import find_place
            from vpce_checks.project.scope import scope_of

            project = self._project
            boundaries = self._boundaries_beyond()
            scope = scope_of(project.options) if boundaries else project.scope
            try:
                found = tuple(find_place(boundary, project.languages, scope) for boundary in boundaries)
            except PolicyError:  # a policy file beside the scanned part, whose own scan reports it
                scope = project.scope
                found = tuple(find_place(boundary, project.languages) for boundary in boundaries)
            self._beyond = found, scope
        return self._beyond

    def joined(self, roots: Iterable[Root], batches: Sequence[Batch]) -> list[Root]:
        """Return ``roots``, each with those that it is joined with. ``batches`` are all of the project."""
        if self._found is None:
            whole = self.whole
            batches = batches if whole is self._project else whole.unjoined()
            every = [root for batch in batches for root in batch.roots()]
            linked = linked_roots(every, whole.scope.links.values())
            self._found = {
                (root.language, root.key): with_others
                for root, with_others in joined_roots(every, self._sharing_alone, linked).items()
            }
            joined = {member for each in self._found.values() for member in each.joined}
            # The names of one that has asked depend on others: it is asked again.
            self._shared = {
                root: (sharing, later)
                for root, (sharing, later) in self._shared.items()
                if root in joined and not later.was_asked
            }
        found = self._found
        return [
            replace(root, joined=each.joined) if (each := found.get((root.language, root.key))) else root
            for root in roots
        ]

    def networks(self, root: Root) -> list[Network]:
        """Return what a root deploys, with what the roots that it is joined with have to do with its VPCs."""
        if self._estate is None:
            from vpce_checks.estate.joined import Estate

            self._estate = Estate(self._read, self._sharing, self.whole.scope.links_of)
        return self._estate.networks(next(each for each in root.joined if _same(each, root)), root.joined)

    def affected(self, roots: Iterable[Root], changed: frozenset[str]) -> set[Root]:
        """Return the roots that are joined with one that ``changed`` files have an effect on."""
        found = set()
        known: dict[tuple[Root, ...], bool] = {}
        for root in roots:
            if root.joined and root.joined not in known:
                known[root.joined] = bool(self.whole.affected_by(changed, root.joined))
            if root.joined and known[root.joined]:
                found.add(root)
        return found

    @property
    def _links(self) -> Mapping[tuple[str, str], Link]:
        """The links of all policy files of the repositories in which the scan paths are."""
        return self._look_beyond()[1].links

    def broken_links(self) -> Iterator[Diagnostic]:
        """Yield an error for each link of a root in the scan, or by a policy in it, that names a root or an input that there is
        not."""
        if not self._links:
            return
        from vpce_checks.project.broken_links import broken_links

        scanned = [place.path for place in self._project.places]
        links = [
            link
            for link in self._links.values()
            if any(is_within(path, place) for place in scanned for path in (link.root, link.span.file))
        ]
        whole = self.whole
        roots = [root for batch in whole.unjoined() for root in batch.roots()]
        yield from broken_links(
            links, roots, lambda root: whole.language(root.language).inputs(root, whole.place_of(root))
        )

    @property
    def whole(self) -> Roots:
        """The whole repositories in which the scan paths are: the project itself where it scans them all."""
        if self._whole is None:
            boundaries = tuple(dict.fromkeys(place.boundary for place in self._project.places))
            self._whole = self._make_whole(boundaries) if self._boundaries_beyond() else self._project
        return self._whole

    def _boundaries_beyond(self) -> tuple[str, ...]:
        """Return the repositories of which only a part is scanned."""
        places = self._project.places
        walked = {place.path for place in places if not place.is_root}
        return tuple(dict.fromkeys(place.boundary for place in places if place.boundary not in walked))

    def _read(self, root: Root, outside: Outside) -> list[Network]:
        whole = self.whole
        return whole.language(root.language).read(root, whole.place_of(root), whole.outside_of(root, outside))

    def _sharing(self, root: Root, outside: Outside) -> Sharing:
        known = self._shared.get(root)
        if known is not None:
            known[1].outside = outside
            return known[0]
        whole = self.whole
        seen = whole.outside_of(root, outside) or outside
        return whole.language(root.language).sharing(root, whole.place_of(root), seen)

    def _sharing_alone(self, root: Root) -> Sharing:
        """Return what a root shares, before it is known whom it is joined with."""
        later = _Later()
        sharing = self._sharing(root, later)
        self._shared[root] = sharing, later
        return sharing


class _Later:
    """The outside of a root whose joins are not known yet: nobody, until ``outside`` is set."""

    def __init__(self) -> None:
        self.outside: Outside | None = None
        self.was_asked = False

    def find(self, wanted: Wanted) -> Found | None:
        """Return what ``wanted`` is or may be."""
        self.was_asked = True
        return self.outside.find(wanted) if self.outside is not None else None

    def links(self) -> Collection[str]:
        """Return the inputs that a policy links."""
        self.was_asked = True
        return self.outside.links() if self.outside is not None else ()

    def linked(self, input: str) -> Linked | None:
        """Return the objects that a policy says ``input`` is."""
        self.was_asked = True
        return self.outside.linked(input) if self.outside is not None else None

    def at(self, path: str) -> Outside:
        """Return the outside of the root at ``path``."""
        self.was_asked = True
        return self.outside.at(path) if self.outside is not None else self

    @property
    def group(self) -> object:
        """What is the same for all roots that are joined."""
        return self.outside.group if self.outside is not None else None


def linked_roots(roots: Iterable[Root], links: Iterable[Link]) -> dict[Root, list[Root]]:
    """Return the roots to whose objects links of a root lead."""
    by_path: dict[str, list[Root]] = {}
    for root in roots:
        by_path.setdefault(root.path, []).append(root)
    found: dict[Root, list[Root]] = {}
    for link in links:
        owners = [each for to in link.targets for each in by_path.get(to.root, ())]
        for root in by_path.get(link.root, ()):
            found.setdefault(root, []).extend(owners)
    return found


def joined_roots(
    roots: Iterable[Root],
    sharing: Callable[[Root], Sharing],
    linked: Mapping[Root, Iterable[Root]] = MappingProxyType({}),
) -> dict[Root, Root]:
    """Return the roots that are joined with others or with themselves: each root -> the same with its ``joined``.

    ``linked`` are the roots that the policy joins with a root.
    """
    from vpce_checks.estate.matching import OfferIndex, components, may_join

    shared = {root: sharing(root) for root in roots}
    if not linked and not any(found.wants for found in shared.values()):
        return {}
    offers = OfferIndex((root, offer) for root, found in shared.items() for offer in found.offers)
    edges = {
        root: dict.fromkeys(
            owner
            for want in found.wants
            for owner, offer in offers.candidates(want)
            if may_join(want, offer, at_home=owner == root)
        )
        for root, found in shared.items()
        if found.wants
    }
    for root, others in linked.items():
        edges.setdefault(root, {}).update(dict.fromkeys(others))
    edges = {root: owners for root, owners in edges.items() if owners}
    if not edges:
        return {}
    joined = {each for root, owners in edges.items() for each in (root, *owners)}
    together = components(_with_those_beside(edges, shared))
    return {root: replace(root, joined=members) for root, members in together.items() if not joined.isdisjoint(members)}


def _with_those_beside(
    edges: Mapping[Root, Mapping[Root, None]], shared: Mapping[Root, Sharing]
) -> dict[Root, dict[Root, None]]:
    """Return the edges between roots that are joined, and those to roots that are read together anyway."""
    found = {root: dict(owners) for root, owners in edges.items()}
    beside = [(root, path) for root, sharing in shared.items() for path in sharing.beside]
    if beside:
        by_key: dict[tuple[str, str], list[Root]] = {}
        for root in shared:
            by_key.setdefault((root.language, root.path), []).append(root)
        for root, path in beside:
            found.setdefault(root, {}).update(dict.fromkeys(by_key.get((root.language, path), ())))
    return found


def _same(one: Root, other: Root) -> bool:
    return (one.language, one.key) == (other.language, other.key)
