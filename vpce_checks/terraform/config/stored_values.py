"""What a module finds by the name of a stored parameter: the value that the code stores under that name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vpce_checks.base.record import record
from vpce_checks.model.values import (
    ListValue,
    MapValue,
    PartialString,
    Reference,
    Unknown,
    Value,
    made_of,
    opaque_parts,
)
from vpce_checks.terraform.config.module import Module

PARAMETER_TYPE = "aws_ssm_parameter"
"""The type of resource that stores a parameter."""

_NAMING = frozenset({"name", "id", "arn"})


@record
class Stored:
    """A stored parameter: its address, its name and its value."""

    address: str
    name: Value
    value: Value


def stored_in(modules: Iterable[Module]) -> list[Stored]:
    """Return the parameters that ``modules`` store, with values that have something of a resource."""
    return [stored for module in modules for stored in _stored(module) if _says_something(stored.value)]


def _stored(module: Module) -> Iterator[Stored]:
    for type, name in module.source.resources:
        if type == PARAMETER_TYPE and module.session.cut is None:
            for instance in module.instances(type, name):
                for argument in ("value", "insecure_value"):
                    yield Stored(instance.address, instance.get("name"), instance.get(argument))


def _says_something(value: Value) -> bool:
    return any(isinstance(part, Reference) for part in opaque_parts(value))


def found_by_names(inputs: Iterable[Value], stored: Iterable[Stored]) -> tuple[Value, ...]:
    """Return the values that whoever gets ``inputs`` can read, as they name the parameters."""
    texts: set[str] = set()
    partial: list[Value] = []
    addresses: set[str] = set()
    for value in _parts(inputs):
        if isinstance(value, str):
            texts.add(value)
        elif isinstance(value, PartialString):
            partial.append(value)
        elif isinstance(value, Reference) and (not value.path or value.path[0] in _NAMING):
            addresses.add(value.address)
    return tuple(
        each.value
        for each in stored
        if each.address in addresses or (each.name in texts if isinstance(each.name, str) else each.name in partial)
    )


def _parts(values: Iterable[Value]) -> Iterator[Value]:
    """Yield ``values`` and what is in them, each collection once."""
    stack, seen = list(values), set[int]()
    while stack:
        value = stack.pop()
        if not isinstance(value, (ListValue, MapValue, Unknown)):
            yield value
        elif id(value) not in seen:
            seen.add(id(value))
            if isinstance(value, Unknown):
                stack.extend(made_of(value))
            else:
                stack.extend(value.items.values() if isinstance(value, MapValue) else value.items)
