"""Globs over addresses, paths and values that may be unknown: ``*`` is any text, ``?`` one character.

Brackets stand for themselves, since addresses are full of them. A glob is split at its ``*`` or, where that does not do, run
as a set of states over the text. Either way its time is at most its length times the text's, whatever a stranger's policy
file holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from vpce_checks.model.values import Opaque, PartialString, Unknown, Value

MAX_TEXT = 4096
"""Texts longer than this are compared by their beginning."""

_ANY, _ANY_IN_SEGMENT, _ONE, _ONE_IN_SEGMENT, _ANY_SEGMENTS = (object() for _ in range(5))
_HOLE = object()


def matches_address(glob: str, address: str) -> bool:
    """Whether a glob names the object at ``address``; one without brackets names all instances of a resource."""
    if _matches(glob, address):
        return True
    return "[" not in glob and "[" in address and _matches(glob, without_indexes(address))


def has_wildcard(glob: str) -> bool:
    """Whether a glob matches more than itself."""
    return "*" in glob or "?" in glob


def matches_path(glob: str, path: str) -> bool:
    """Whether a glob names ``path`` (parted by ``/``) or a directory that contains it. ``**`` is any number of directories."""
    tokens = _path_tokens(glob.removeprefix("./").rstrip("/"))
    segments = path.split("/")
    return any(_run(tokens, "/".join(segments[:length])) for length in range(len(segments), 0, -1))


def matches_value(glob: str, value: Value) -> bool | None:
    """Whether the text of ``value`` matches; None where that is not certain. Null has no text and matches nothing."""
    if isinstance(value, Unknown) and value.one_of:
        answers = {matches_value(glob, member) for member in value.one_of}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(value, Opaque):
        return None
    if isinstance(value, PartialString):
        tokens = _tokens(glob)
        elements: list[object] = []
        for part in value.parts:
            elements.extend(part if isinstance(part, str) else (_HOLE,))
        if len(elements) > MAX_TEXT:
            return None
        if not _run(tokens, elements, can=True):
            return False
        return True if _run(tokens, elements) else None
    if isinstance(value, bool):
        return _matches(glob, "true" if value else "false")
    if isinstance(value, (str, int, Decimal)):
        return _matches(glob, str(value))
    return False


def without_indexes(address: str) -> str:
    """An address without the ``[...]`` of its instances."""
    if "[" not in address:
        return address
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for character in address:
        if depth and quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == "[":
            depth += 1
        elif depth and character == "]":
            depth -= 1
        elif depth and character == '"':
            quoted = True
        elif not depth:
            kept.append(character)
    return "".join(kept)


def _matches(glob: str, text: str) -> bool:
    """Whether a glob matches all of ``text``. Between two ``*``, the first place that fits is as good as any later one."""
    text = text[:MAX_TEXT]
    if "*" not in glob:
        return len(text) == len(glob) and _fits(glob, text, 0)
    first, *middle, last = glob.split("*")
    end = len(text) - len(last)
    if end < len(first) or not _fits(first, text, 0) or not _fits(last, text, end):
        return False
    at = len(first)
    for chunk in middle:
        at = _find(chunk, text, at, end)
        if at < 0:
            return False
        at += len(chunk)
    return True


def _fits(chunk: str, text: str, at: int) -> bool:
    """Whether ``text`` has at ``at`` what ``chunk`` says, which has no ``*``."""
    if "?" not in chunk:
        return text.startswith(chunk, at)
    return all(wanted in ("?", text[at + place]) for place, wanted in enumerate(chunk))


def _find(chunk: str, text: str, start: int, end: int) -> int:
    """The first place between ``start`` and ``end`` that ``chunk`` fits; -1 if there is none."""
    if "?" not in chunk:
        return text.find(chunk, start, end)
    return next((at for at in range(start, end - len(chunk) + 1) if _fits(chunk, text, at)), -1)


def _tokens(glob: str) -> list[object]:
    return [_ANY if character == "*" else _ONE if character == "?" else character for character in glob]


def _path_tokens(glob: str) -> list[object]:
    tokens: list[object] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            tokens.append(_ANY_SEGMENTS)
            at += 3
        elif glob.startswith("**", at):
            tokens.append(_ANY)
            at += 2
        else:
            character = glob[at]
            tokens.append(_ANY_IN_SEGMENT if character == "*" else _ONE_IN_SEGMENT if character == "?" else character)
            at += 1
    return tokens


def _run(tokens: list[object], text: Sequence[object], *, can: bool = False) -> bool:
    """Whether the tokens match all of ``text``. A hole in it must match whatever it is or, with ``can``, may match."""
    states = _reach({0}, tokens)
    for element in text[:MAX_TEXT]:
        if element is _HOLE and can:
            # Some text takes a glob from any state to any later one.
            states = set(range(min(states), len(tokens) + 1))
            continue
        following: set[int] = set()
        inside: set[int] = set()  # within a directory's name, which only a slash ends
        for state in states:
            if state == len(tokens):
                continue
            token = tokens[state]
            if token is _ANY:
                following.add(state)
            elif element is _HOLE:
                continue
            elif token is _ANY_IN_SEGMENT:
                if element != "/":
                    following.add(state)
            elif token is _ANY_SEGMENTS:
                inside.add(state)
                if element == "/":
                    following.add(state + 1)
            elif token is _ONE or (token is _ONE_IN_SEGMENT and element != "/") or token == element:
                following.add(state + 1)
        if not following and not inside:
            return False
        states = _reach(following, tokens) | inside
    return len(tokens) in states


def _reach(states: set[int], tokens: list[object]) -> set[int]:
    """The states with those that follow without any text."""
    reached = set(states)
    for state in sorted(states):
        while state < len(tokens) and tokens[state] in (_ANY, _ANY_IN_SEGMENT, _ANY_SEGMENTS):
            state += 1
            reached.add(state)
    return reached
