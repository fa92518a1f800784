"""What a module finds by the name of a stored parameter, a secret, an object or a file: what the code stores under that name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import record
from vpce_checks.model.values import PartialString, Reference, Value, held, opaque_parts
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.config.stores import PARAMETER_TYPES, STORE_TYPES, stored_name, stored_value

_NAMING = frozenset({"name", "id", "arn"})


@record
class Stored:
    """A stored text or parameter: the addresses of its resource and of the secret that this is of, its name and its value."""

    addresses: frozenset[str]
    name: Value
    value: Value


def stored_in(modules: Iterable[Module]) -> list[Stored]:
    """Return what ``modules`` store, if the value comes from a resource, at least in part."""
    return [stored for module in modules for stored in _stored(module) if _says_something(stored.value)]


def _stored(module: Module) -> Iterator[Stored]:
    for type, name in module.source.resources:
        if (type in PARAMETER_TYPES or type in STORE_TYPES) and module.session.cut is None:
            for instance in module.instances(type, name):
                written, known = stored_name(instance)
                owner = {written.address} if isinstance(written, Reference) else set()
                yield Stored(frozenset({instance.address, *owner}), known, stored_value(instance))


def _says_something(value: Value) -> bool:
    return any(isinstance(part, Reference) for each in (value, *held((value,))) for part in opaque_parts(each))


def found_by_names(inputs: Iterable[Value], stored: Iterable[Stored]) -> tuple[Value, ...]:
    """Return the stored values that ``inputs`` name: who gets these can read them."""
    texts: set[str] = set()
    partial: list[Value] = []
    addresses: set[str] = set()
    for value in held(inputs):
        if isinstance(value, str):
            texts.add(value)
        elif isinstance(value, PartialString):
            partial.append(value)
        elif isinstance(value, Reference) and (not value.path or value.path[0] in _NAMING):
            addresses.add(value.address)
    return tuple(
        part
        for each in stored
        if not addresses.isdisjoint(each.addresses)
        or (each.name in texts if isinstance(each.name, str) else each.name in partial)
        for part in held((each.value,))
    )
