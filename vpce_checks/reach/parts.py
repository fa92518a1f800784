"""Look up the parts of workloads: by kind, and by a value that names one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from vpce_checks.model.network import Network, Part
from vpce_checks.model.values import ListValue, Opaque, PartialString, Reference, Value
from vpce_checks.reach.endpoints import possible_values
from vpce_checks.reach.indexes import once


class Parts:
    """The parts of one network."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self._of_kind: dict[str, list[Part]] = {}
        self._by_address: dict[tuple[str, str], Part] = {}
        self._by_name: dict[tuple[str, str], Part | None] = {}
        for part in parts:
            self._of_kind.setdefault(part.kind, []).append(part)
            self._by_address[part.kind, part.address] = part
            name = part.get("name")
            if isinstance(name, str):
                # Where two have the same name, the name names neither for certain.
                self._by_name[part.kind, name] = None if (part.kind, name) in self._by_name else part

    def of_kind(self, *kinds: str) -> Iterator[Part]:
        """Yield the parts of ``kinds``."""
        for kind in kinds:
            yield from self._of_kind.get(kind, ())

    def of_address(self, address: str, *kinds: str) -> Part | None:
        """Return the part of one of ``kinds`` at ``address``."""
        return self._at(address, kinds)

    def attached_to(self, address: str) -> Iterator[Part]:
        """Yield what adds, or may add, a security group to an interface of the instance at ``address``."""
        yield from self._attachments.get(address, ())
        yield from self._attachments.get(None, ())

    @cached_property
    def _attachments(self) -> dict[str | None, list[Part]]:
        """The attachments of groups by the address of what has the interface, which may be any for None."""
        found: dict[str | None, list[Part]] = {}
        for part in self.of_kind("group_attachment"):
            for value in possible_values(part.get("interface")):
                found.setdefault(_own_address(value), []).append(part)
        return found

    def find(self, value: Value, *kinds: str) -> Part | None:
        """Return the part of one of ``kinds`` that ``value`` (an id, ARN or name) certainly names.

        None if that is not certain, or if it is not certain that the part exists.
        """
        found = self._named(value, kinds)
        return found if found is not None and found.declared.exists is True else None

    def _named(self, value: Value, kinds: tuple[str, ...]) -> Part | None:
        if isinstance(value, ListValue) and value.exact and len(value.items) == 1:
            value = value.items[0]
        if isinstance(value, Reference):
            return self._at(value.address, kinds)
        if isinstance(value, str):
            return next((part for kind in kinds if (part := self._by_name.get((kind, value))) is not None), None)
        if isinstance(value, PartialString):
            parts = {each.address: each for part in value.parts if (each := self._in(part, kinds)) is not None}
            return next(iter(parts.values())) if len(parts) == 1 else None
        return None

    def _in(self, part: str | Opaque, kinds: tuple[str, ...]) -> Part | None:
        return self._at(part.address, kinds) if isinstance(part, Reference) else None

    def _at(self, address: str, kinds: tuple[str, ...]) -> Part | None:
        return next((part for kind in kinds if (part := self._by_address.get((kind, address))) is not None), None)


def _own_address(value: Value) -> str | None:
    """Return the address of the resource of this code that ``value`` is an attribute of, if it is certain."""
    if isinstance(value, Reference) and value.kind in ("resource", "computed") and "[*]" not in value.address:
        return value.address
    return None


def parts_of(network: Network) -> Parts:
    """Return the parts of ``network``."""
    return once(network, "parts", lambda: Parts(network.parts))
