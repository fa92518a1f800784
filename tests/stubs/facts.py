"""What two networks must agree on, as lines of text that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from vpce_checks.model.network import Declaration, Network
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown, Value, pattern

_NOT_COMPARED = {"tags"}


def network_facts(network: Network) -> set[str]:
    """One line for every object that the network holds, with all that is known of it."""
    return {line for name in _collections(network) for line in map(_line, getattr(network, name))}


def vpcs_and_endpoints(network: Network) -> tuple[int, int]:
    return len(network.vpcs), len(network.endpoints)


def show(value: Value) -> str:
    """A value as text: where it is not known, what it refers to."""
    if isinstance(value, Reference):
        return f"<{value}>"
    if isinstance(value, Unknown):
        return f"?({' | '.join(sorted(map(show, value.one_of)))})" if value.one_of else "?"
    if isinstance(value, PartialString):
        return f'"{pattern(value)}"'
    if isinstance(value, ListValue):
        items = [show(item) + ("?" if at in value.maybe else "") for at, item in enumerate(value.items)]
        if value.kind == "set":
            items.sort()
        return f"[{', '.join(items)}{', ...' if value.rest is not None else ''}]"
    if isinstance(value, MapValue):
        pairs = [f"{key}{'?' if key in value.maybe else ''}: {show(item)}" for key, item in sorted(value.items.items())]
        return f"{{{', '.join(pairs)}{', ...' if value.rest is not None else ''}}}"
    return repr(value)


def _collections(network: Network) -> Iterator[str]:
    for field in fields(network):
        value = getattr(network, field.name)
        if isinstance(value, tuple) and value and hasattr(value[0], "declared") and field.name != "opaque_modules":
            yield field.name


def _line(thing: object) -> str:
    parts = [type(thing).__name__]
    for field in fields(thing):  # type: ignore[arg-type]
        value = getattr(thing, field.name)
        if isinstance(value, Declaration):
            parts.append(value.address + ("" if value.exists is True else "?"))
        elif field.name not in _NOT_COMPARED:
            parts.append(f"{field.name}={show(value)}")
    return " ".join(parts)
