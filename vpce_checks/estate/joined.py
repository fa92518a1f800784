"""The networks of the roots of a repository, joined: what other roots attach to the VPCs of a root is in its network.

Each root is read once, by itself. While it is read, it asks for the values of the roots that it is joined with. Then the
objects of those roots that concern its VPCs are added, under addresses like ``envs/prod:aws_vpc_endpoint.s3``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from vpce_checks.base.defects import defect
from vpce_checks.base.record import replace
from vpce_checks.catalog.neighbours import Neighbours
from vpce_checks.estate.linked import LinkedObjects, Links
from vpce_checks.estate.matching import OfferIndex, in_one_workspace, may_join, settle
from vpce_checks.estate.variants import (
    Variant,
    joined_variants,
    objects_of,
    renamed_choices,
    uncertain,
    with_other_deployments,
)
from vpce_checks.files import tracked
from vpce_checks.files.tracked import Footprint
from vpce_checks.model.links import Linked
from vpce_checks.model.network import (
    Declaration,
    Endpoint,
    Network,
    NetworkObject,
    ProfileResource,
    SecurityGroup,
    ZoneRecord,
    grouped,
    unread,
)
from vpce_checks.model.outside import Found, Offer, Outside, Sharing, Wanted, root_label
from vpce_checks.model.relabel import Homeward, label_of, labels_in, noting, outward, renamed
from vpce_checks.model.roots import Root
from vpce_checks.model.scenario import describe
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Unknown
from vpce_checks.model.vpc_tags import with_foreign_tags

Read: TypeAlias = "Callable[[Root, Outside], list[Network]]"
Share: TypeAlias = "Callable[[Root, Outside], Sharing]"


class _Own(NamedTuple):
    """What a root deploys by itself, and the labels of the roots whose objects it mentions."""

    networks: list[Network]
    mentioned: frozenset[str]


class _Seen(NamedTuple):
    """A root as others see it: its variants, and the labels of the roots whose objects they mention. ``is_open``: it has
    an endpoint that may belong to any VPC. ``brought`` are the addresses of objects of others in it, which its language reads
    together with it and which are in no root that is joined."""

    variants: tuple[Variant, ...]
    mentioned: frozenset[str]
    is_open: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    brought: frozenset[str] = frozenset()


class _OthersSeen(NamedTuple):
    """The roots of a group, by label: as others see them, their places, those with an endpoint that may belong to any VPC,
    and those that use objects of a root, by the label of that."""

    seen: dict[str, _Seen]
    places: dict[str, int]
    open: list[str]
    by_use: dict[str, Neighbours[str]]


class Estate:
    """Reads roots together with those that they are joined with. Each is read once."""

    def __init__(self, read: Read, share: Share, links: Links) -> None:
        self._read = read
        self._share = share
        self._links = links
        self._reads_linked = False
        self._own: dict[Root, _Own] = {}
        self._seen: dict[Root, _Seen] = {}
        self._groups: dict[tuple[Root, ...], _Group] = {}

    def networks(self, root: Root, joined: tuple[Root, ...]) -> list[Network]:
        """Return what a root deploys, with what other roots have to do with its VPCs. One network a scenario.

        ``joined`` are the roots that it is joined with, itself among them.
        """
        group = self._group(joined)
        with tracked.recording(wanted=tracked.is_recording()) as looks:
            networks = self._with_broken_links(root, group, self._joined(root, group))
        group.footprint.update(looks)
        tracked.remember(group.footprint)  # what was read for another root of the group is not looked at again
        return networks

    def _group(self, members: tuple[Root, ...]) -> _Group:
        if members not in self._groups:
            self._groups[members] = _Group(members, self._share, self._links)
        return self._groups[members]

    def _networks(self, root: Root, group: _Group) -> _Own:
        """Return what a root deploys by itself. Values of other roots have the labels of those."""
        if root not in self._own:
            self._read_linked(root, group)
            others = {name: path for name, path in group.labels.items() if path != root.path}
            mentioned: set[str] = set()
            seen = Homeward(label_of(root), root_label(root.path))
            home = noting(seen, others, mentioned)
            networks = []
            for each in self._read(root, group.outside(root)):
                labels = {**each.labels, **others}
                deployed = _deployed_by_others(each, labels)
                objects = [renamed(one, seen if one.declared.address in deployed else home) for one in objects_of(each)]
                foreign = frozenset(map(seen, each.foreign))
                networks.append(replace(_with(each, objects), labels=labels, foreign=foreign))
            self._own[root] = _Own(networks, frozenset(mentioned))
        return self._own[root]

    def _read_linked(self, root: Root, group: _Group) -> None:
        """Read the roots that links of ``root`` lead to first, so that it is known which objects are there."""
        if self._reads_linked:
            return  # the farthest are read first
        self._reads_linked = True
        for owner in reversed(group.linked.reached_from(root)):
            if owner != root:
                self._note_objects(owner, group)
        self._reads_linked = False

    def _note_objects(self, owner: Root, group: _Group) -> None:
        if group.linked.is_noted(owner):
            return
        seen = self._as_others_see(owner, group)
        if not seen.diagnostics:
            group.linked.note(owner, (each.declared.address for variant in seen.variants for each in variant.objects))

    def _with_broken_links(self, root: Root, group: _Group, networks: list[Network]) -> list[Network]:
        """Return ``networks`` with an error for each link of ``root`` to an object that its root does not create."""
        for owner in group.linked.owners(root):
            self._note_objects(owner, group)
        said = tuple(group.linked.problems(root))
        return [replace(each, diagnostics=(*each.diagnostics, *said)) for each in networks] if said else networks

    def _as_others_see(self, root: Root, group: _Group) -> _Seen:
        if root not in self._seen:
            self._seen[root] = self._look_at(root, group)
        return self._seen[root]

    def _others(self, group: _Group) -> _OthersSeen:
        if group.seen is None:
            seen = {label_of(member): self._as_others_see(member, group) for member in group.members}
            users: dict[str, list[str]] = {}
            for name, each in seen.items():
                for use in each.mentioned if _matters(each) else ():
                    users.setdefault(use, []).append(name)
            alike = {
                names: Neighbours((name, _all_of(seen[name])) for name in names) for names in map(tuple, users.values())
            }
            group.seen = _OthersSeen(
                seen,
                {name: place for place, name in enumerate(seen)},
                [name for name, each in seen.items() if each.is_open],
                {use: alike[tuple(names)] for use, names in users.items()},
            )
        return group.seen

    def _look_at(self, root: Root, group: _Group) -> _Seen:
        label = label_of(root)
        try:
            networks, mentioned = self._networks(root, group)
        except Exception as error:
            said = Diagnostic("error", f"this root cannot be read: {defect(error)}", root.path, is_defect=True)
            hidden = unread(Declaration(label.removesuffix(":"), "root", Span(root.path, 1)))
            return _Seen((Variant((hidden,)),), frozenset(group.labels), is_open=True, diagnostics=(said,))
        labels = {*group.labels, *(each for network in networks for each in network.labels)}
        rename = outward(label, labels)
        members = tuple(group.labels)
        of_members = {each for network in networks for each in network.foreign if each.startswith(members)}
        brought = {each for network in networks for each in network.foreign} - of_members
        variants = tuple(
            Variant(
                tuple(
                    renamed(each, rename)
                    for each in objects_of(network)
                    if each.declared.address not in of_members  # they are seen by themselves
                ),
                renamed_choices(network.scenario, rename),
            )
            for network in networks
            if network.view == networks[0].view
        )
        objects = [each for variant in variants for each in variant.objects]
        return _Seen(variants, mentioned, any(map(_is_open, objects)), brought=frozenset(map(rename, brought)))

    def _joined(self, root: Root, group: _Group) -> list[Network]:
        own, mentioned = self._networks(root, group)
        if not any(network.vpcs or network.endpoints for network in own):
            return own
        label = label_of(root)
        frame = {label, root_label(root.path)} | mentioned
        others = self._others(group)
        objects = [each for network in own for each in objects_of(network) if not _is_foreign(each, network)]
        users = dict.fromkeys(
            others.by_use[use] for use in frame if use in others.by_use
        )  # of many uses, often the same
        using = (name for each in users for name in each.of(objects))
        names = _with_mentioned({*(mentioned & others.seen.keys()), *others.open, *using} - {label}, others.seen, label)
        concerned = [(name, others.seen[name]) for name in sorted(names, key=others.places.__getitem__)]
        if not concerned:
            return own
        said = tuple(item for _, seen in concerned for item in seen.diagnostics)
        vpcs = {vpc.declared.address for network in own for vpc in network.vpcs}
        parts = [
            with_other_deployments(name, variants, vpcs)
            for name, variants in _once_each(concerned, own, root, group.labels)
        ]
        earlier = tuple(name for name, _ in concerned if others.places[name] < others.places[label])
        networks = [joint for network in own for joint in _joint(network, len(own), parts, earlier, said)]
        return _worded(networks) if any(network.scenario is not None for network in networks) else networks


def _deployed_by_others(network: Network, labels: Collection[str]) -> frozenset[str]:
    """Return the addresses of objects that roots with one of ``labels`` deploy. A foreign object without a label is of this
    root too: the template of its stack is judged as a root of its own."""
    others = tuple(labels)
    return frozenset(address for address in network.foreign if address.startswith(others))


def _is_foreign(thing: NetworkObject, network: Network) -> bool:
    return thing.declared.address in network.foreign


def _once_each(
    others: Iterable[tuple[str, _Seen]], own: Sequence[Network], root: Root, labels: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Variant, ...]]]:
    """Yield the variants of other roots as ``root`` sees them, without what its networks, or those of roots before, have of
    them already."""
    known = {address for network in own for address in network.foreign}
    home = Homeward(label_of(root), root_label(root.path))
    for name, seen in others:
        variants = _at_home(seen, root, home)
        if known:
            bare = root_label(labels[name])  # what others call it that mean any of its deployments
            variants = tuple(
                replace(
                    variant,
                    objects=tuple(each for each in variant.objects if _bare(each, name, bare) not in known),
                )
                for variant in variants
            )
        known |= seen.brought
        yield name, variants


def _bare(thing: NetworkObject, label: str, bare: str) -> str:
    address = thing.declared.address
    return bare + address.removeprefix(label) if address.startswith(label) else address


def _is_open(thing: NetworkObject) -> bool:
    return isinstance(thing, Endpoint) and isinstance(thing.vpc, Unknown) and not thing.vpc.one_of


def _with_mentioned(names: Iterable[str], others: Mapping[str, _Seen], home: str) -> set[str]:
    """Return the roots in ``names``, with those (but not ``home``) whose objects the DNS records and Profiles of them
    mention, and so on.

    The record of a zone in one root names an endpoint of another.
    """
    found = set(names)
    pending = list(found)
    while pending:
        seen = others[pending.pop()]
        more = {name for name in seen.mentioned if name in others} - found - {home} if _leads(seen) else set()
        found |= more
        pending += more
    return found


def _leads(seen: _Seen) -> bool:
    """Return whether a root has DNS records or Profiles, which lead to endpoints."""
    leading = (ZoneRecord, ProfileResource)
    return any(isinstance(each, leading) for variant in seen.variants for each in variant.objects)


def _all_of(seen: _Seen) -> Sequence[NetworkObject]:
    """Return what a root creates. In several scenarios, none of it is certain."""
    if len(seen.variants) == 1:
        return seen.variants[0].objects
    return [uncertain(each) for variant in seen.variants for each in variant.objects]


def _matters(seen: _Seen) -> bool:
    """Return whether a root that only names the same VPC has anything to do with what reaches it."""
    return any(not isinstance(each, SecurityGroup) for variant in seen.variants for each in variant.objects)


def _at_home(other: _Seen, root: Root, home: Homeward) -> tuple[Variant, ...]:
    """Return the variants of another root as ``root`` sees them.

    An address that does not say which of several deployments of the root it means may be in another one.
    """
    if other.mentioned.isdisjoint(home.labels):
        return other.variants

    def seen(thing: NetworkObject) -> NetworkObject:
        found = renamed(thing, home)
        return uncertain(found) if root.deployment.name and labels_in(thing, (root_label(root.path),)) else found

    return tuple(
        Variant(tuple(map(seen, variant.objects)), renamed_choices(variant.scenario, home))
        for variant in other.variants
    )


def _joint(
    network: Network,
    beside: int,
    parts: Sequence[Sequence[Variant]],
    earlier: tuple[str, ...],
    said: tuple[Diagnostic, ...],
) -> list[Network]:
    """Return ``network`` with what other roots create, once for each scenario.

    The objects of all roots are in one order, whichever root is looked at: a finding about two endpoints is about the
    later one. ``earlier`` are the labels of the roots before this one.
    """
    own = [each for each in objects_of(network) if not _is_foreign(each, network)]
    brought = [each for each in objects_of(network) if _is_foreign(each, network)]
    return [
        replace(
            _with(network, _in_order(with_foreign_tags(own, variant.objects), [*brought, *variant.objects], earlier)),
            scenario=variant.scenario,
            foreign=network.foreign | {each.declared.address for each in variant.objects},
            diagnostics=(*network.diagnostics, *said),
        )
        for variant in joined_variants(network.scenario, parts, beside)
    ]


def _in_order(
    own: Sequence[NetworkObject], others: Sequence[NetworkObject], earlier: tuple[str, ...]
) -> list[NetworkObject]:
    before = [each for each in others if each.declared.address.startswith(earlier)]
    after = [each for each in others if not each.declared.address.startswith(earlier)]
    return [*before, *own, *after]


def _worded(networks: Sequence[Network]) -> list[Network]:
    """Return the networks with the words that single out their scenarios."""
    found = []
    for network in networks:
        others = [
            each.scenario for each in networks if each is not network and each.view == network.view and each.scenario
        ]
        when = describe([network.scenario], others) if network.scenario is not None and others else ()
        found.append(replace(network, when=when))
    return found


def _with(network: Network, objects: Iterable[NetworkObject]) -> Network:
    return replace(network, **grouped(objects))


class _Group:
    """Roots that are joined with each other."""

    def __init__(self, members: tuple[Root, ...], share: Share, links: Links) -> None:
        self.members = members
        self.linked = LinkedObjects(members, links)
        self.labels = {
            label: member.path for member in members for label in (root_label(member.path), label_of(member))
        }
        self.names = {member: label_of(member).removesuffix(":") for member in members}
        self.footprint: Footprint = {}
        self._share = share
        self.seen: _OthersSeen | None = None
        self._offers: OfferIndex[Root] | None = None
        self._under_way = False

    def outside(self, root: Root) -> Outside:
        """Return the other roots as ``root`` sees them."""
        return _Others(self, root)

    def candidates(self, wanted: Wanted) -> Sequence[tuple[Root, Offer]]:
        """Return what ``wanted`` may be. While the offers are still being read, their names cannot depend on each
        other: then nothing is found."""
        if self._offers is None:
            if self._under_way:
                return ()
            self._under_way = True
            shared = [(member, self._share(member, self.outside(member))) for member in self.members]
            wants = [want for _, sharing in shared for want in sharing.wants]
            self._offers = OfferIndex(
                (member, in_one_workspace(offer, wants)) for member, sharing in shared for offer in sharing.offers
            )
            self._under_way = False
        return self._offers.candidates(wanted)


class _Others:
    """The outside of one root of a group."""

    def __init__(self, group: _Group, root: Root | None) -> None:
        """``root`` is None for one that is none of the group."""
        self._group = group
        self._root = root

    def find(self, wanted: Wanted) -> Found | None:
        """Return what ``wanted`` is or may be."""
        found = [
            (self._group.names[owner], offer)
            for owner, offer in self._group.candidates(wanted)
            if may_join(wanted, offer, at_home=owner == self._root)
        ]
        return settle(wanted, found)

    def links(self) -> Collection[str]:
        """Return the inputs that a policy links."""
        return self._group.linked.of(self._root).keys() if self._root is not None else ()

    def linked(self, input: str) -> Linked | None:
        """Return the objects that a policy says ``input`` is."""
        return self._group.linked.linked(self._root, input) if self._root is not None else None

    def at(self, path: str) -> Outside:
        """Return the outside of the root at ``path``. Of several deployments of it, that of the first one."""
        return _Others(self._group, next((each for each in self._group.members if each.path == path), None))

    @property
    def group(self) -> object:
        """What is the same for all roots that are joined."""
        return self._group
