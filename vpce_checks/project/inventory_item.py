"""Everything that the rows of inventories say of one object.

What no row says is unknown. Where two of them say different things, it is one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from vpce_checks.model.network import INVENTORY, Declaration
from vpce_checks.model.outside import root_label
from vpce_checks.model.values import Cause, Unknown, Value, choose, unknown
from vpce_checks.project.inventory_file import Kind, Row

Convert = Callable[[Any], Value]

_GONE = frozenset({"deleted", "deleting", "failed", "rejected", "expired"})
_COMING = frozenset({"pending", "pendingacceptance", "creating", "partial"})
"""States of endpoints and associations that are not there any more, and that are not there yet."""


class Said(NamedTuple):
    raw: Any
    row: Row


class Item:
    """Everything that rows say of one object."""

    def __init__(self, kind: Kind, id: str, rows: Sequence[Row]) -> None:
        self.kind = kind
        self.id = id
        self.rows = rows
        self.label = root_label(rows[0].entry.file)
        self.address = self.label + id
        self.span = rows[0].span

    def said(self, *names: str) -> list[Said]:
        """Return the different values of the first of the keys that any row has. Null says nothing."""
        if len(self.rows) == 1:  # as most have
            row = self.rows[0]
            return next(([Said(raw, row)] for name in names if (raw := row.values.get(name)) is not None), [])
        for name in names:
            found: list[Said] = []
            for row in self.rows:
                raw = row.values.get(name)
                if raw is not None and all(raw != known.raw for known in found):
                    found.append(Said(raw, row))
            if found:
                return found
        return []

    def value(self, name: str, convert: Convert, otherwise: Value = None) -> Value:
        """Return the value of a key: one of several where rows differ."""
        found = self.said(name)
        if not found:
            return otherwise
        if len(found) == 1:
            return convert(found[0].raw)
        values = [convert(each.raw) for each in found]
        if any(isinstance(value, bool) for value in values):
            return Unknown(self._differing(name, found), "bool")
        return choose(values, self._differing(name, found))

    def _differing(self, name: str, found: Sequence[Said]) -> tuple[Cause, ...]:
        return tuple(
            Cause(f"{root_label(each.row.entry.file)}{self.id} has another {name} than others say", each.row.span)
            for each in found[:2]
        )

    def unsaid(self, name: str, type: str | None = None) -> Unknown:
        """Return the value of a key that no row has."""
        return unknown(f"{self.label.removesuffix(':')} does not say {name} of {self.id}", self.span, type)

    def texts(self, *names: str) -> tuple[str, ...]:
        """Return the texts that rows give for a key."""
        return tuple(each.raw for each in self.said(*names) if isinstance(each.raw, str))

    def listed(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the entries of a list of mappings, of all rows together, each once."""
        seen: list[object] = []
        for raw, _ in self.said(name):
            for each in raw if isinstance(raw, list) else ():
                if isinstance(each, dict) and (len(self.rows) == 1 or each not in seen):
                    seen.append(each)
                    yield each

    def whole(self, name: str) -> Iterator[tuple[Mapping[str, Any], Any]]:
        """Yield the entries of a list that an output prints whole, each with whether it is there: outputs may differ."""
        found = self.said(name)
        for each in self.listed(name):
            sure = all(isinstance(raw, list) and each in raw for raw, _ in found) if len(found) > 1 else True
            yield each, sure or Unknown(self._differing(name, found), "bool")

    @property
    def tags(self) -> dict[str, Value]:
        """Its tags, as far as they are texts. One on which outputs differ is unknown."""
        return {
            each["Key"]: each["Value"] if there is True else Unknown(there.causes, "string")
            for each, there in self.whole("Tags")
            if isinstance(each.get("Key"), str) and isinstance(each.get("Value"), str)
        }

    def declaration(self, suffix: str = "", *, exists: Any = True, **keys: str) -> Declaration:
        """Return where it is declared. ``keys`` maps fields of the object to the keys with their values."""
        spans = {field: said[0].row.span for field, key in keys.items() if (said := self.said(key))}
        return Declaration(self.address + suffix, INVENTORY, self.span, exists=exists, field_spans=spans)

    def existence(self, name: str) -> Any:
        """Return whether it exists, by the state that the key ``name`` has. None: it does not."""
        states = {text.lower() for text in self.texts(name)}
        if states and states <= _GONE:
            return None
        if states & (_GONE | _COMING):
            text = f"{self.address} is {' or '.join(sorted(states))}"
            return unknown(text, self.span, "bool")
        return True

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that see it: its owner, and where the command was run."""
        return tuple(
            dict.fromkeys((*self.texts("OwnerId"), *(row.entry.account for row in self.rows if row.entry.account)))
        )


def inner_texts(item: Item, name: str, key: str) -> Iterator[str]:
    return (each[key] for each in item.listed(name) if isinstance(each.get(key), str))
