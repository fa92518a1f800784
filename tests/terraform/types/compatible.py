"""The law of partial knowledge as a function: could this partly known value turn out to be that known one?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown, Value

Allows = Callable[[Value, Value], bool]


def compatible(known: Value, partial: Value) -> bool:
    """Whether ``known``, known through and through, is one of the values that ``partial`` allows.

    * An unknown allows anything, or anything that one of its ``one_of`` allows; a reference allows anything.
    * A partly known string allows what its literal parts allow, in their order.
    * A collection allows items that its own allow: an item in ``maybe`` may be missing, ``rest`` may add others.
      Where the number of items is certain or only ``maybe`` makes it uncertain, a list promises the order as well;
      with ``rest`` it promises only that its items are there. A set promises no order.
    * Lists and tuples are not told apart here, nor maps and objects: nothing but their types tells them apart.
    """
    if isinstance(partial, Unknown):
        return not partial.one_of or any(compatible(known, option) for option in partial.one_of)
    if isinstance(partial, Reference):
        return True
    if isinstance(partial, PartialString):
        return isinstance(known, str) and _text_allowed(known, partial.parts)
    if partial is None or isinstance(partial, (bool, str)):
        return type(known) is type(partial) and known == partial
    if isinstance(partial, (int, Decimal)):
        return isinstance(known, (int, Decimal)) and not isinstance(known, bool) and known == partial
    if isinstance(partial, ListValue):
        if not isinstance(known, ListValue) or (known.kind == "set") != (partial.kind == "set"):
            return False
        if partial.rest is None and partial.kind != "set":
            return _in_order(known.items, partial)
        return _as_bag(known.items, partial)
    if isinstance(partial, MapValue):
        if not isinstance(known, MapValue):
            return False
        if partial.rest is None and not known.items.keys() <= partial.items.keys():
            return False
        return all(
            compatible(known.items[key], value) if key in known.items else key in partial.maybe
            for key, value in partial.items.items()
        )
    raise TypeError(f"not a value: {partial!r}")


def _text_allowed(text: str, parts: Sequence[object]) -> bool:
    # which positions can be reached after each part; an unknown part may be anything
    reachable = {0}
    for part in parts:
        if isinstance(part, Unknown) and part.one_of and all(isinstance(option, str) for option in part.one_of):
            reachable = {
                at + len(option)
                for at in reachable
                for option in part.one_of
                if isinstance(option, str) and text.startswith(option, at)
            }
        elif not isinstance(part, str):
            reachable = set(range(min(reachable), len(text) + 1)) if reachable else set()
        else:
            reachable = {at + len(part) for at in reachable if text.startswith(part, at)}
    return len(text) in reachable


def _in_order(known: Sequence[Value], partial: ListValue) -> bool:
    # how many of the known items the first partial ones can account for
    reachable = {0}
    for index, item in enumerate(partial.items):
        following = {at + 1 for at in reachable if at < len(known) and compatible(known[at], item)}
        if index in partial.maybe:
            following |= reachable
        reachable = following
    return len(known) in reachable


def _as_bag(known: Sequence[Value], partial: ListValue) -> bool:
    certain = [item for index, item in enumerate(partial.items) if index not in partial.maybe]
    # every certain item stands for a known one of its own ...
    if _largest_matching(known, certain) < len(certain):
        return False
    # ... and without a rest, every known item is accounted for, the certain ones included
    if partial.rest is not None:
        return True
    return _largest_matching(known, partial.items) == len(known)


def _largest_matching(known: Sequence[Value], items: Sequence[Value]) -> int:
    allowed = [[index for index, value in enumerate(known) if compatible(value, item)] for item in items]
    owner: dict[int, int] = {}

    def place(item: int, tried: set[int]) -> bool:
        for index in allowed[item]:
            if index in tried:
                continue
            tried.add(index)
            if index not in owner or place(owner[index], tried):
                owner[index] = item
                return True
        return False

    return sum(place(item, set()) for item in range(len(items)))
