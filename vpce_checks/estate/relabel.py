"""Write the addresses of one root's objects as another root sees them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from vpce_checks.base.record import replace
from vpce_checks.model.network import Declaration, NetworkObject, OpaqueModule, without_keys
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown, Value

Rename = Callable[[str], str]
"""Returns the new address of an object."""

T = TypeVar("T", bound=NetworkObject)

_NOT_OBJECTS = frozenset({"import"})
"""Kinds of references that are named alike in every root."""


def outward(label: str, labels: Collection[str]) -> Rename:
    """Return how others see the addresses of a root: with its label, but for what has the label of another root."""
    others = tuple(labels)
    return lambda address: address if address.startswith(others) else label + address


def homeward(*labels: str) -> Rename:
    """Return how a root sees addresses: its own, which begin with one of ``labels``, without it."""

    def rename(address: str) -> str:
        return next((address.removeprefix(label) for label in labels if address.startswith(label)), address)

    return rename


def renamed(thing: T, rename: Rename) -> T:
    """Return a network object with every address in it renamed."""
    changes: dict[str, Any] = {}
    for name in thing.__match_args__:
        value = getattr(thing, name)
        new: Any
        if isinstance(value, Declaration):
            new = _declaration(value, rename)
        elif name == "inputs" and isinstance(thing, OpaqueModule):
            new = tuple(in_value(each, rename) for each in value)
        elif name == "reach" and isinstance(value, Mapping):
            new = {without_keys(rename(address)): attributes for address, attributes in value.items()}
        else:
            new = in_value(value, rename)
        if new is not value:
            changes[name] = new
    return replace(thing, **changes) if changes else thing


def _declaration(declared: Declaration, rename: Rename) -> Declaration:
    return replace(
        declared,
        address=rename(declared.address),
        calls=tuple(replace(call, address=rename(call.address)) for call in declared.calls),
        exists=in_value(declared.exists, rename),
    )


def in_value(value: Any, rename: Rename) -> Any:
    """Return a value with the addresses of its references renamed. Anything but a value comes back as it is."""
    if isinstance(value, Reference):
        if value.kind in _NOT_OBJECTS or value.address.startswith(("AWS::", "{{")):
            return value
        return Reference(rename(value.address), value.path, value.kind, value.causes, value.type, through=value.through)
    if isinstance(value, Unknown):
        return replace(value, one_of=_each(value.one_of, rename)) if value.one_of else value
    if isinstance(value, PartialString):
        return PartialString(_each(value.parts, rename))
    if isinstance(value, ListValue):
        return ListValue(
            _each(value.items, rename), value.kind, in_mapping(value.maybe, rename), in_value(value.rest, rename)
        )
    if isinstance(value, MapValue):
        return MapValue(
            in_mapping(value.items, rename), value.kind, in_mapping(value.maybe, rename), in_value(value.rest, rename)
        )
    return value


def _each(values: tuple[Any, ...], rename: Rename) -> tuple[Any, ...]:
    return tuple(in_value(value, rename) for value in values)


def in_mapping(values: Mapping[Any, Value], rename: Rename) -> dict[Any, Any]:
    """Return a mapping whose values are renamed."""
    return {key: in_value(value, rename) for key, value in values.items()}


def labels_in(thing: NetworkObject, labels: Collection[str]) -> set[str]:
    """Return which of ``labels`` begin an address in ``thing``."""
    found: set[str] = set()

    def note(address: str) -> str:
        found.update(label for label in labels if address.startswith(label))
        return address

    renamed(thing, note)
    return found
