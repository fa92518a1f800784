"""Read lists and sets whose items may be uncertain."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.tristate import YES, TriState, all_of, maybe
from vpce_checks.model.values import ListValue, Value, merge_causes
from vpce_checks.reach.endpoints import is_present, possible_values


def listed(value: Value, *, or_one: bool = False) -> Iterator[tuple[Value, TriState]]:
    """Yield the items of a list, each with whether it is in it. Null yields nothing.

    Where the list is one of several, its items are uncertain. What it may hold besides is one unknown item. So is a value
    that is no list, unless a single value may stand for a list of one (``or_one``).
    """
    for possible in possible_values(value):
        certain = YES if possible is value else maybe(merge_causes([value]))
        if possible is None:
            continue
        if not isinstance(possible, ListValue):
            yield possible, certain if or_one else maybe(merge_causes([possible, value]))
            continue
        for place, item in enumerate(possible.items):
            if item is not None:
                yield item, all_of((certain, is_present(possible, place)))
        if possible.rest is not None:
            yield possible.rest, maybe(possible.rest.causes)
