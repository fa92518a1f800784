"""Find the entries of a policy that are for an address, without comparing it with each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from vpce_checks.policy.glob import has_wildcard, without_indexes

T = TypeVar("T")


class AddressIndex(Generic[T]):
    """Entries, each with the glob of addresses that it is for (None: any address)."""

    def __init__(self, entries: Iterable[tuple[str | None, T]]) -> None:
        self._exact: dict[str, list[tuple[int, T]]] = {}
        self._others: list[tuple[int, T]] = []
        for place, (glob, entry) in enumerate(entries):
            if glob is None or has_wildcard(glob):
                self._others.append((place, entry))
            else:
                self._exact.setdefault(glob, []).append((place, entry))

    def candidates(self, address: str) -> list[T]:
        """Return the entries that may be for ``address``, in their order. A glob with wildcards is not compared here."""
        found = [*self._others]
        for text in dict.fromkeys((address, without_indexes(address))) if self._exact else ():
            found += self._exact.get(text, ())
        return [entry for _, entry in sorted(found, key=lambda item: item[0])]
