"""Ask arguments of parts what they say for certain."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.model.documents import certain_items
from vpce_checks.model.network import Part
from vpce_checks.model.values import ListValue, Opaque, PartialString, Unknown, Value, join_strings, merge_causes


def is_word(value: Value, word: str) -> bool:
    """Return whether a value is certainly ``word``, in any case. ``true`` is the word for yes."""
    if isinstance(value, bool):
        return word == str(value).lower()
    return isinstance(value, str) and value.lower() == word.lower()


def is_known_word(value: Value) -> bool:
    """Return whether a value is known, or certainly not set."""
    return not isinstance(value, Opaque | PartialString)


def holds(part: Part, field: str, test: str, word: str) -> bool:
    """Return whether the argument ``field`` certainly is as a line of ``catalog/calls.tsv`` asks."""
    value = part.get(field)
    if test == "":
        return True
    if test == "?":
        return is_set(value)
    if test == "+":
        return isinstance(value, ListValue) and is_set(value)
    if test == "=":
        return is_word(value, word)
    return is_known_word(value) and not is_word(value, word)


def as_list(value: Value) -> Value:
    """Return a list that the language takes as text with commas, too. Null stays null; a single value is a list of one."""
    if value is None or isinstance(value, ListValue | Unknown):
        return value
    items: list[list[Value]] = [[]]
    for part in value.parts if isinstance(value, PartialString) else (value,):
        first, *others = part.split(",") if isinstance(part, str) else (part,)
        items[-1].append(first.strip() if isinstance(first, str) else first)
        items += ([other.strip()] for other in others)
    return ListValue(tuple(join_strings(item) for item in items), "list")


def joined_lists(values: Iterable[Value]) -> Value:
    """Return the items of several lists as one list. What is not known of one is not known of all."""
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    rest: list[Value] = []
    for value in map(as_list, values):
        if isinstance(value, ListValue):
            maybe |= {len(items) + place: doubt for place, doubt in value.maybe.items()}
            items += value.items
            rest += [value.rest] if value.rest is not None else []
        elif value is not None:
            rest.append(value)
    return ListValue(tuple(items), "list", maybe, Unknown(merge_causes(rest)) if rest else None)


def is_set(value: Value) -> bool:
    """Return whether an argument is certainly set. A reference is set; a value that may be null is not."""
    if isinstance(value, ListValue):
        return any(map(is_set, certain_items(value)))
    return value is not None and value != "" and not isinstance(value, Unknown)
