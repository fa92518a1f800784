"""Match the ``AllowedPattern`` of a parameter in time that grows with the text alone.

The patterns come from the scanned repository, so Python's ``re`` must not run them: it backtracks. This matcher follows
all ways through a pattern at once. It knows what such patterns use: characters, classes, groups, alternatives,
repetitions and anchors. CloudFormation requires the pattern to match the entire value.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

MAX_PATTERN = 1_000
"""How long a pattern may be."""

MAX_INSTRUCTIONS = 4_000
"""How large a compiled pattern may be: bounded repetitions copy what they repeat."""

MAX_TEXT = 4_096
"""How long a text may be. CloudFormation refuses longer values of parameters."""

MAX_DEPTH = 30

MAX_KNOWN = 100
"""How many texts a pattern keeps the answers for: a default and the values of a few choices, asked for in each scenario."""


class _Unsupported(Exception):
    """The pattern uses something that this matcher does not know."""


class _Class(NamedTuple):
    """A set of characters: those in ``ranges`` (pairs of first and last), or with ``negated`` all others."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def holds(self, character: str) -> bool:
        return any(first <= character <= last for first, last in self.ranges) is not self.negated

    def members(self, limit: int) -> list[str] | None:
        if self.negated or sum(ord(last) - ord(first) + 1 for first, last in self.ranges) > limit:
            return None
        return [chr(code) for first, last in self.ranges for code in range(ord(first), ord(last) + 1)]


class _Anchor(NamedTuple):
    """``^`` or ``$``."""

    at_end: bool


class _Sequence(NamedTuple):
    parts: tuple[_Part, ...]


class _Alternatives(NamedTuple):
    parts: tuple[_Part, ...]


class _Repeat(NamedTuple):
    """``part`` from ``least`` to ``most`` times (None: any number of times)."""

    part: _Part
    least: int
    most: int | None


_Part: TypeAlias = "_Class | _Anchor | _Sequence | _Alternatives | _Repeat"

_DIGIT = _Class((("0", "9"),))
_WORD = _Class((("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")))
_SPACE = _Class((("\t", "\r"), (" ", " ")))
_ESCAPES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_ANY = _Class((("\n", "\n"), ("\r", "\r")), negated=True)


class AllowedPattern:
    """A compiled pattern."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[str, bool] = {}
        self._part: _Part | None
        self._program: list[_Instruction] | None
        try:
            if len(text) > MAX_PATTERN:
                raise _Unsupported
            self._part = _Parser(text).parse()
            self._program = _compile(self._part)
        except _Unsupported:
            self._part = self._program = None

    def matches(self, text: str) -> bool | None:
        """Return whether the pattern matches all of ``text``. None if the pattern uses something that is not known here."""
        if self._program is None or len(text) > MAX_TEXT:
            return None
        if text not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[text] = _run(self._program, text)
        return self._known[text]

    def texts(self, limit: int) -> tuple[str, ...] | None:
        """Return all texts that the pattern matches, in its order. None if there are more than ``limit``, or unknown."""
        found = _texts(self._part, limit) if self._part is not None else None
        if found is None:
            return None
        return tuple(text for text in dict.fromkeys(found) if self.matches(text))


@lru_cache(maxsize=256)
def allowed_pattern(text: str) -> AllowedPattern:
    """Return the compiled pattern ``text``."""
    return AllowedPattern(text)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def parse(self) -> _Part:
        part = self._alternatives()
        if self.at < len(self.text):
            raise _Unsupported
        return part

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        character = self._next()
        if not character:
            raise _Unsupported
        self.at += 1
        return character

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._next() == "|":
            self.at += 1
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Alternatives(tuple(parts))

    def _sequence(self) -> _Part:
        parts = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else _Sequence(tuple(parts))

    def _atom(self) -> _Part:
        character = self._take()
        if character == "(":
            if self._next() == "?":
                if self.text[self.at : self.at + 2] != "?:":
                    raise _Unsupported  # look-around, flags, names
                self.at += 2
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise _Unsupported
            part = self._alternatives()
            self.depth -= 1
            if self._take() != ")":
                raise _Unsupported
            return part
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        if character in "*+?{}])":
            raise _Unsupported
        if character in "^$":
            return _Anchor(character == "$")
        return _ANY if character == "." else _Class(((character, character),))

    def _escape(self) -> _Class:
        character = self._take()
        if character.lower() in _ESCAPES:
            known = _ESCAPES[character.lower()]
            return known._replace(negated=character.isupper())
        if character in _CONTROLS:
            character = _CONTROLS[character]
        elif character.isalnum():
            raise _Unsupported
        return _Class(((character, character),))

    def _class(self) -> _Class:
        negated = self._next() == "^"
        if negated:
            self.at += 1
        ranges: list[tuple[str, str]] = []
        first = True
        while self._next() != "]" or first:
            character = self._take()
            if character == "[" or self.text.startswith("&&", self.at - 1):
                raise _Unsupported  # unions and intersections
            one = self._escape() if character == "\\" else _Class(((character, character),))
            first = False
            if one.negated:
                raise _Unsupported
            is_range = self._next() == "-" and self.text[self.at + 1 : self.at + 2] not in ("", "]")
            if not is_range or len(one.ranges) > 1 or one.ranges[0][0] != one.ranges[0][1]:
                ranges += one.ranges
                continue
            self.at += 1
            character = self._take()
            last = self._escape() if character == "\\" else _Class(((character, character),))
            if last.negated or len(last.ranges) > 1 or last.ranges[0][0] < one.ranges[0][0]:
                raise _Unsupported
            ranges.append((one.ranges[0][0], last.ranges[0][1]))
        self.at += 1
        return _Class(tuple(ranges), negated)

    def _repeated(self, part: _Part) -> _Part:
        while self._next() and self._next() in "*+?{":
            character = self._take()
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(character) or self._bounds()
            if self._next() == "?":
                self.at += 1  # a reluctant repetition matches the same texts
            elif self._next() == "+":
                raise _Unsupported  # a possessive one does not
            part = _Repeat(part, least, most)
        return part

    def _bounds(self) -> tuple[int, int | None]:
        inside, closed, _ = self.text[self.at :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isascii() or not low.isdecimal() or len(low) > 4:
            raise _Unsupported
        if high and (not high.isascii() or not high.isdecimal() or len(high) > 4):
            raise _Unsupported
        self.at += len(inside) + 1
        return int(low), int(high) if high else None if comma else int(low)


class _Split(NamedTuple):
    """Go on at ``first`` and at ``second``."""

    first: int
    second: int


_Instruction: TypeAlias = "_Class | _Anchor | _Split"


def _compile(part: _Part) -> list[_Instruction]:
    program: list[_Instruction] = []
    _emit(part, program)
    return program


def _add(program: list[_Instruction], instruction: _Instruction) -> int:
    if len(program) >= MAX_INSTRUCTIONS:
        raise _Unsupported
    program.append(instruction)
    return len(program) - 1


def _emit(part: _Part, program: list[_Instruction]) -> None:
    if isinstance(part, (_Class, _Anchor)):
        _add(program, part)
    elif isinstance(part, _Sequence):
        for inner in part.parts:
            _emit(inner, program)
    elif isinstance(part, _Alternatives):
        ends = []
        for inner in part.parts[:-1]:
            split = _add(program, _Split(0, 0))
            _emit(inner, program)
            ends.append(_add(program, _Split(0, 0)))
            program[split] = _Split(split + 1, len(program))
        _emit(part.parts[-1], program)
        for end in ends:
            program[end] = _Split(len(program), len(program))
    else:
        for _ in range(part.least):
            _emit(part.part, program)
        if part.most is None:
            split = _add(program, _Split(0, 0))
            _emit(part.part, program)
            _add(program, _Split(split, split))
            program[split] = _Split(split + 1, len(program))
            return
        splits = []
        for _ in range(part.most - part.least):
            splits.append(_add(program, _Split(0, 0)))
            _emit(part.part, program)
        for split in splits:
            program[split] = _Split(split + 1, len(program))


def _run(program: list[_Instruction], text: str) -> bool:
    current = _reached(program, [0], text, 0)
    for at, character in enumerate(text):
        onward = [
            place + 1
            for place in current
            if place < len(program) and isinstance(found := program[place], _Class) and found.holds(character)
        ]
        if not onward:
            return False
        current = _reached(program, onward, text, at + 1)
    return len(program) in current


def _reached(program: list[_Instruction], places: Iterable[int], text: str, at: int) -> set[int]:
    """Return the places that ``places`` lead to without a further character."""
    found: set[int] = set()
    pending = list(places)
    while pending:
        place = pending.pop()
        if place in found:
            continue
        found.add(place)
        instruction = program[place] if place < len(program) else None
        if isinstance(instruction, _Split):
            pending += instruction
        elif isinstance(instruction, _Anchor) and at == (len(text) if instruction.at_end else 0):
            pending.append(place + 1)
    return found


def _texts(part: _Part, limit: int) -> list[str] | None:
    """Return every text that ``part`` may match. None if there are more than ``limit``."""
    if isinstance(part, _Class):
        return part.members(limit)
    if isinstance(part, _Anchor):
        return [""]
    if isinstance(part, _Alternatives):
        found: list[str] = []
        for inner in part.parts:
            texts = _texts(inner, limit)
            if texts is None or len(found) + len(texts) > limit:
                return None
            found += texts
        return found
    if isinstance(part, _Sequence):
        return _product((_texts(inner, limit) for inner in part.parts), limit)
    if part.most is None or part.most > limit:
        return None
    texts = _texts(part.part, limit)
    found = []
    for times in range(part.least, part.most + 1):
        power = _product((texts for _ in range(times)), limit)
        if power is None or len(found) + len(power) > limit:
            return None
        found += power
    return found


def _product(each: Iterator[list[str] | None], limit: int) -> list[str] | None:
    found = [""]
    for texts in each:
        if texts is None or len(found) * len(texts) > limit:
            return None
        found = [first + second for first in found for second in texts]
    return found
