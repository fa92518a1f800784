"""Find the parameters that must be keys of a mapping, since the template cannot be deployed with any other value.

Only look-ups that every deployment makes count: those of the conditions, and of resources and outputs without a condition.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence, entry, text_of


def required_keys(body: Mapping) -> dict[str, tuple[str, ...]]:
    """Return the possible values of the parameters that are keys in every deployment of the template ``body``."""
    mappings = body.entries.get("Mappings")
    if not isinstance(mappings, Mapping):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for look_up in _look_ups(body):
        for name, keys in _required(look_up, mappings):
            found[name] = tuple(key for key in found.get(name, keys) if key in keys)
    return found


def _look_ups(body: Mapping) -> Iterator[Sequence]:
    """Yield the arguments of every ``Fn::FindInMap`` that every deployment evaluates."""
    pending: list[Node] = []
    for section in ("Conditions", "Resources", "Outputs"):
        entries = body.entries.get(section)
        for node in entries.entries.values() if isinstance(entries, Mapping) else ():
            if section == "Conditions" or (isinstance(node, Mapping) and "Condition" not in node.entries):
                pending.append(node)
    while pending:
        node = pending.pop()
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            for key, child in node.entries.items():
                if key == "Fn::FindInMap" and isinstance(child, Sequence):
                    yield child
                if key == "Fn::If" and isinstance(child, Sequence):
                    pending += child.items[:1]
                elif not key.startswith("Fn::ForEach"):
                    pending.append(child)


def _required(look_up: Sequence, mappings: Mapping) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the parameters that are keys of a look-up, with the keys that lead to a value."""
    if len(look_up.items) != 3:
        return  # with a default, any key will do
    table = mappings.entries.get(text_of(look_up.items[0]) or "")
    if not isinstance(table, Mapping) or "Fn::Transform" in table.entries:
        return
    first, second = look_up.items[1:]
    inner = text_of(second)
    keys = tuple(key for key, below in table.entries.items() if inner is None or entry(below, inner) is not None)
    if (name := text_of(entry(first, "Ref"))) is not None:
        yield name, keys
    if (name := text_of(entry(second, "Ref"))) is not None:
        tables = [entry(table, first.text)] if isinstance(first, Scalar) else list(table.entries.values())
        yield name, tuple(dict.fromkeys(key for below in tables if isinstance(below, Mapping) for key in below.entries))
