"""Write the addresses of one root's objects as another root sees them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import is_
from typing import Any, TypeVar

from vpce_checks.base.record import replace
from vpce_checks.model.addresses import labels_of
from vpce_checks.model.network import Declaration, NetworkObject, OpaqueModule, without_keys
from vpce_checks.model.outside import root_label
from vpce_checks.model.roots import Root
from vpce_checks.model.values import (
    Base64Text,
    JsonText,
    ListValue,
    MapValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    YamlText,
    is_known,
)

Rename = Callable[[str], str]
"""Returns the new address of an object."""

T = TypeVar("T", bound=NetworkObject)

_NOT_OBJECTS = frozenset({"import"})
"""Kinds of references that are named alike in every root."""


def same_address(address: str) -> str:
    """Return an address as it is."""
    return address


def label_of(root: Root) -> str:
    """Return what addresses in ``root`` begin with where another root sees them."""
    return root_label(root.path, root.deployment.name)


def outward(label: str, labels: Collection[str]) -> Rename:
    """Return how others see the addresses of a root: with its label, but for what has the label of another root."""
    others = tuple(labels)
    return lambda address: address if address.startswith(others) else label + address


class Homeward:
    """How a root sees addresses: its own, which begin with one of ``labels``, without it."""

    def __init__(self, *labels: str) -> None:
        self.labels = labels

    def __call__(self, address: str) -> str:
        """Return the new address of an object."""
        return next((address.removeprefix(label) for label in self.labels if address.startswith(label)), address)


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
        elif name == "waits_for":
            new = type(value)(map(rename, value))
        elif name == "reach" and isinstance(value, Mapping):
            new = {without_keys(rename(address)): attributes for address, attributes in value.items()}
        else:
            new = in_value(value, rename)
        if new is not value:
            changes[name] = new
    return replace(thing, **changes) if changes else thing


def _declaration(declared: Declaration, rename: Rename) -> Declaration:
    address, exists = rename(declared.address), in_value(declared.exists, rename)
    calls = tuple(replace(call, address=rename(call.address)) for call in declared.calls)
    if (address, exists, calls) == (declared.address, declared.exists, declared.calls):
        return declared
    return replace(declared, address=address, calls=calls, exists=exists)


def in_value(value: Any, rename: Rename) -> Any:
    """Return a value with the addresses of its references renamed. What has none comes back as it is."""
    if isinstance(value, Reference):
        if value.kind in _NOT_OBJECTS or value.address.startswith(("AWS::", "{{")):
            return value
        address = rename(value.address)
        if address == value.address:
            return value
        return Reference(
            address, value.path, value.kind, value.causes, value.type, value.least, value.through, value.text
        )
    if isinstance(value, Unknown):
        members = _each(value.one_of, rename)
        found = value if members is value.one_of else replace(value, one_of=members)
        return _text_renamed(found, rename)
    if isinstance(value, PartialString):
        parts = _each(value.parts, rename)
        return value if parts is value.parts else PartialString(parts)
    if isinstance(value, ListValue) and not is_known(value):
        items, maybe, rest = _each(value.items, rename), in_mapping(value.maybe, rename), in_value(value.rest, rename)
        same = items is value.items and maybe is value.maybe and rest is value.rest
        return value if same else ListValue(items, value.kind, maybe, rest)
    if isinstance(value, MapValue) and not is_known(value):
        entries, maybe = in_mapping(value.items, rename), in_mapping(value.maybe, rename)
        return MapValue(entries, value.kind, maybe, in_value(value.rest, rename))
    return value


def _text_renamed(value: Unknown, rename: Rename) -> Unknown:
    """Return an unknown value, with the addresses in what it is the text of renamed."""
    if isinstance(value, (JsonText, YamlText)):
        document = in_value(value.document, rename)
        return value if document is value.document else replace(value, document=document)
    if isinstance(value, Base64Text):
        text = in_value(value.text, rename)
        return value if text is value.text else replace(value, text=text)
    return value


def _each(values: tuple[Any, ...], rename: Rename) -> tuple[Any, ...]:
    if isinstance(rename, Homeward):  # of the hundreds of objects that a value may be, one is at home
        labels = rename.labels
        found = tuple(
            [
                value
                if isinstance(value, Reference) and not value.address.startswith(labels)
                else in_value(value, rename)
                for value in values
            ]
        )
    else:
        found = tuple([in_value(value, rename) for value in values])
    return values if all(map(is_, found, values)) else found


def in_mapping(values: Mapping[Any, Value], rename: Rename) -> Mapping[Any, Any]:
    """Return a mapping whose values are renamed."""
    return {key: in_value(value, rename) for key, value in values.items()} if values else values


def noting(rename: Rename, labels: Collection[str], found: set[str]) -> Rename:
    """Return ``rename``, which adds to ``found`` those of ``labels`` that addresses begin with."""

    def note(address: str) -> str:
        found.update(labels_of(address, labels))
        return rename(address)

    return note


def labels_in(thing: NetworkObject, labels: Collection[str]) -> set[str]:
    """Return which of ``labels`` begin an address in ``thing``."""
    found: set[str] = set()
    renamed(thing, noting(same_address, labels, found))
    return found
