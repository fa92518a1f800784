"""Ask arguments of parts what they say for certain."""

from __future__ import annotations

from vpce_checks.model.documents import certain_items
from vpce_checks.model.network import Part
from vpce_checks.model.values import ListValue, Opaque, PartialString, Unknown, Value


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
    if test == "=":
        return is_word(value, word)
    return is_known_word(value) and not is_word(value, word)


def is_set(value: Value) -> bool:
    """Return whether an argument is certainly set. A reference is set; a value that may be null is not."""
    if isinstance(value, ListValue):
        return any(map(is_set, certain_items(value)))
    return value is not None and value != "" and not isinstance(value, Unknown)
