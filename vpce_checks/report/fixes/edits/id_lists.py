"""Lists of ids in Terraform: what a list in the code has, joined with what a fix wants in it."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.base.pattern import pattern
from vpce_checks.report.fixes.edits.edit import RefusedError

_FOR = pattern(r"\[\s*for\s")
_NO_LIST = pattern(r"\baws_vpc_endpoint\.|\bnull\b|\b(?:toset|setunion|setsubtract|setintersection)\(|\.\.\.")
"""What is in an expression that may be no list: the route tables of an endpoint are a set, and so is
``var.on ? toset(...) : toset([])``. Behind ``lists...`` no other argument may stand."""

_OF_ONE = pattern(r"\[\s*[^*\s]")
"""What names one instance of several."""

SETS = ("toset(", "setunion(", "setsubtract(", "setintersection(")
"""How an expression begins that is a set, which ``concat`` does not take."""


def list_with(present: str, wanted: str) -> str:
    """Return a list as it is written, and what of the wanted one is not in it. Raises RefusedError.

    The wanted one is a list of names and splats, ``concat`` of lists, or a splat. An instance goes where a splat has it.
    """
    if any(sign in present for sign in ("\n", "#", "//", "/*")):
        raise RefusedError("the list is not on one line")
    if not has_names(present):
        raise RefusedError("the list is computed")
    lists = _lists(wanted)
    items = _parts(present[1:-1])
    if has_names(lists[0]):
        items += [item for item in _parts(lists.pop(0)[1:-1]) if item not in items]
    covered = {each.removeprefix("values(").partition("[*]")[0].rstrip(")") for each in lists}
    items = [item for item in items if item.rpartition("[")[0] not in covered]
    return concatenated(([f"[{', '.join(items)}]"] if items or not lists else []) + lists)


def concatenated(lists: Iterable[str]) -> str:
    """Return the expression of one list that has what all of ``lists`` have."""
    flat = [each for text in lists for each in _lists(text)]
    names = dict.fromkeys(item for each in flat if has_names(each) for item in _parts(each[1:-1]))
    computed = [each for each in flat if not has_names(each)]
    parts = ([f"[{', '.join(names)}]"] if names or not computed else []) + computed
    return parts[0] if len(parts) == 1 else f"concat({', '.join(parts)})"


def joined(present: str, wanted: str) -> str:
    """Return the expression of a computed list, on one line, with the wanted lists. Raises RefusedError."""
    if any(sign in present for sign in ("#", "//", "/*")) or _NO_LIST.search(present):
        raise RefusedError("the list may be a set or null, or has a comment")
    if "\n" in present and "{" in present:  # line ends divide the items of an object
        raise RefusedError("the list has an object on several lines")
    return concatenated(dict.fromkeys((*_lists(" ".join(present.split())), *_lists(wanted))))


def is_part_of(present: str, wanted: str) -> bool:
    """Return whether the wanted list has all that the computed one that is there has, and more."""
    try:
        return wanted not in (present, joined(present, "[]")) and joined(present, wanted) == wanted
    except RefusedError:
        return False


def has_all(wide: str, narrow: str, there: str) -> bool:
    """Return whether one list has all that another one has, which is not empty, and more of which it is certain that code for
    the other one can name it: no instance but one of ``there``."""
    rest = _items(wide) - _items(narrow)
    named = (item for item in rest if not item.startswith(f"{there}.") and _OF_ONE.search(item) is not None)
    return bool(_items(narrow)) and _items(narrow) <= _items(wide) and not any(named)


def _items(text: str) -> frozenset[str]:
    """Return what is in a list: the items of lists that are written out, and lists that are computed."""
    parts = (_parts(each[1:-1]) if has_names(each) else [each] for each in _lists(text))
    return frozenset(item for part in parts for item in part)


def items_of(wanted: str) -> list[str]:
    """Return the items of a list of names. Raises RefusedError if there are others."""
    if not has_names(wanted):
        raise RefusedError("the list is on several lines, and would become a computed one")
    return _parts(wanted[1:-1])


def has_names(text: str) -> bool:
    """Return whether a list is written out, and not computed."""
    return text.startswith("[") and _FOR.match(text) is None


def _lists(wanted: str) -> list[str]:
    return _parts(wanted[len("concat(") : -1]) if wanted.startswith("concat(") else [wanted]


def _parts(text: str) -> list[str]:
    """Return what commas outside of brackets and quotes divide."""
    parts: list[str] = []
    depth = start = 0
    quoted = False
    for at, letter in enumerate(text):
        if letter == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (letter in "([{") - (letter in ")]}")
            if letter == "," and not depth:
                parts.append(text[start:at])
                start = at + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]
