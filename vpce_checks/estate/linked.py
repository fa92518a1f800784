"""The objects to which links of policies lead, in roots that are joined with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.model.links import Link, Linked, Target
from vpce_checks.model.relabel import label_of
from vpce_checks.model.roots import Root
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import Cause, Reference, Value, unknown

Links: TypeAlias = "Callable[[Root], Sequence[Link]]"
"""Returns the links of a root."""


class LinkedObjects:
    """What is known of the objects to which links lead. ``members`` are the roots that are joined."""

    def __init__(self, members: Sequence[Root], links: Links) -> None:
        self._links = links
        self._by_key = {member.key: member for member in members}
        self._created: dict[Root, frozenset[str]] = {}

    def of(self, root: Root) -> Mapping[str, Link]:
        """Return the links of a root by their inputs."""
        return {link.input: link for link in self._links(root)}

    def reached_from(self, root: Root) -> list[Root]:
        """Return the roots to which links of ``root`` lead, and links of those, and so on; the nearest first."""
        found: dict[Root, None] = {}
        pending = [root]
        for each in pending:
            new = [owner for owner in self.owners(each) if owner not in found]
            found.update(dict.fromkeys(new))
            pending += new
        return list(found)

    def owners(self, root: Root) -> list[Root]:
        """Return the roots to which links of ``root`` lead."""
        owners = (self._owner(to) for link in self._links(root) for to in link.targets)
        return list(dict.fromkeys(owner for owner in owners if owner is not None))

    def is_noted(self, owner: Root) -> bool:
        """Return whether it is known what a root creates."""
        return owner in self._created

    def note(self, owner: Root, addresses: Iterable[str]) -> None:
        """Take in the addresses, with their label, of everything that a root creates."""
        self._created[owner] = frozenset(addresses)

    def linked(self, root: Root, input: str) -> Linked | None:
        """Return the objects that an input of ``root`` is. None if no policy says it."""
        link = self.of(root).get(input)
        if link is None:
            return None
        return Linked(tuple(self._object(link, to) for to in link.targets), link.is_list, link.span)

    def problems(self, root: Root) -> Iterator[Diagnostic]:
        """Yield an error for each link of ``root`` to an object that its root does not create."""
        for link in self._links(root):
            for to in link.targets:
                owner = self._owner(to)
                if owner is not None and self._lacks(owner, to):
                    text = f"{link.input} is linked to {to.address}, which {label_of(owner).removesuffix(':')} does not create"
                    known = (each.removeprefix(label_of(owner)) for each in self._created[owner])
                    near = did_you_mean(to.address, known)
                    yield Diagnostic("error", text + near, link.span.file, link.span.line)

    def _owner(self, to: Target) -> Root | None:
        return self._by_key.get((to.root, to.deployment))

    def _lacks(self, owner: Root, to: Target) -> bool:
        return owner in self._created and label_of(owner) + to.address not in self._created[owner]

    def _object(self, link: Link, to: Target) -> Value:
        owner = self._owner(to)
        if owner is None or self._lacks(owner, to):
            return unknown(f"{link.input} is linked to {to.address}, which is not there", link.span)
        address = label_of(owner) + to.address
        step = Cause(f"{link.input} is linked to {address} here", link.span)
        return Reference(address, ("id",), "resource", (step,), through=(step,))
