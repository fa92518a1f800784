"""Regular expressions as Terraform runs them: RE2's syntax and leftmost-first matches, in time that cannot explode.

Python's own engine reads another dialect and can take exponential time on a stranger's pattern, so patterns are
compiled here to a small program and run by a backtracker that visits each (instruction, position) once.
Syntax: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from vpce_checks.base.record import field, mutable, record
from vpce_checks.terraform.lang.functions.declare import NotComputed
from vpce_checks.terraform.types.errors import EvalError

MAX_STEPS = 3_000_000
"""Instructions times characters beyond which a match is not tried."""

MAX_PROGRAM = 20_000
"""Instructions of a pattern at most."""

MAX_REPEAT = 1000
"""Go refuses a larger count in ``{n,m}``."""

MAX_NESTING = 200

Ranges: TypeAlias = "tuple[tuple[int, int], ...]"
Captures: TypeAlias = "tuple[int, ...]"

_LAST = 0x10FFFF


# ---------------------------------------------------------------------------------- the tree


@record
class _Chars:
    ranges: Ranges
    fold: bool = False


@record
class _Category:
    names: tuple[str, ...]
    negated: bool


@record
class _Assert:
    kind: str  # begin | end | line-begin | line-end | word | not-word


@record
class _Sequence:
    items: tuple[_Node, ...]


@record
class _Alternatives:
    items: tuple[_Node, ...]


@record
class _Group:
    index: int
    item: _Node


@record
class _Repeat:
    item: _Node
    least: int
    most: int | None
    lazy: bool


_Node: TypeAlias = "_Chars | _Category | _Assert | _Sequence | _Alternatives | _Group | _Repeat"

_EMPTY = _Sequence(())


# ---------------------------------------------------------------------------------- the parser

_PERL: dict[str, Ranges] = {
    "d": ((0x30, 0x39),),
    "s": ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
}

_POSIX: dict[str, Ranges] = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": ((0x30, 0x39),),
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}

_ESCAPES = {"a": 0x07, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}


def _negate(ranges: Ranges) -> Ranges:
    result: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            result.append((start, low - 1))
        start = max(start, high + 1)
    if start <= _LAST:
        result.append((start, _LAST))
    return tuple(result)


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.names: list[str | None] = []
        self.depth = 0
        # i: fold case, m: ^ and $ at lines, s: . matches newlines, U: lazy by default
        self.flags: frozenset[str] = frozenset()

    def error(self, message: str) -> EvalError:
        return EvalError(f"invalid regexp pattern: {message} in {self.text[:100]}")

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def parse(self) -> _Node:
        node = self.alternatives()
        if self.at < len(self.text):
            raise self.error("unexpected )")
        return node

    def alternatives(self) -> _Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise NotComputed("needs a regular expression nested too deeply")
        options = [self.sequence()]
        while self.peek("|"):
            self.at += 1
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else _Alternatives(tuple(options))

    def sequence(self) -> _Node:
        items: list[_Node] = []
        repeated = False
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in "|)":
                break
            bounds = self.repetition()
            if bounds is not None:
                if not items:
                    raise self.error("missing argument to repetition operator")
                if repeated:
                    raise self.error("invalid nested repetition operator")
                lazy = self.peek("?")
                if lazy:
                    self.at += 1
                if "U" in self.flags:
                    lazy = not lazy
                items[-1] = _Repeat(items[-1], bounds[0], bounds[1], lazy)
                repeated = True
                continue
            before = self.at
            found = self.atom()
            if found is None:
                # flags, or an empty quotation: nothing that could be repeated, and nothing to repeat before it
                if self.text.startswith("(?", before):
                    repeated = False
                    if self.at < len(self.text) and self.text[self.at] in "*+?":
                        raise self.error("missing argument to repetition operator")
                continue
            items.extend(found)
            repeated = False
        return items[0] if len(items) == 1 else _Sequence(tuple(items))

    def repetition(self) -> tuple[int, int | None] | None:
        character = self.text[self.at]
        if character in "*+?":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
        if character != "{":
            return None
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not _is_count(low) or (high and not _is_count(high)):
            return None
        self.at = end + 1
        least = int(low) if len(low) < 5 else MAX_REPEAT + 1
        most = least if not comma else (None if not high else int(high) if len(high) < 5 else MAX_REPEAT + 1)
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise self.error("invalid repeat count")
        return least, most

    def atom(self) -> list[_Node] | None:
        character = self.text[self.at]
        if character == "(":
            return self.group()
        if character == "[":
            return [self.char_class()]
        self.at += 1
        if character == ".":
            newline: Ranges = ((0x0A, 0x0A),)
            return [_Chars(((0, _LAST),) if "s" in self.flags else _negate(newline))]
        if character == "^":
            return [_Assert("line-begin" if "m" in self.flags else "begin")]
        if character == "$":
            return [_Assert("line-end" if "m" in self.flags else "end")]
        if character == "\\":
            return self.escape()
        return [self.literal(ord(character))]

    def literal(self, code: int) -> _Node:
        fold = "i" in self.flags
        if fold and code > 0x7F:
            raise NotComputed("needs case folding beyond ASCII")
        return _Chars(((code, code),), fold)

    def group(self) -> list[_Node] | None:
        self.at += 1
        outer = self.flags
        if not self.peek("?"):
            return [self.finish_group(None, outer)]
        for opening in ("?P<", "?<"):
            if self.peek(opening) and self.text[self.at + 2 : self.at + 3] not in ("=", "!"):
                start = self.at + len(opening)
                end = self.text.find(">", start)
                name = self.text[start:end]
                if end < 0 or not name or not all(part.isalnum() or part == "_" for part in name):
                    raise self.error("invalid named capture")
                self.at = end + 1
                return [self.finish_group(name, outer)]
        self.at += 1
        flags = set(self.flags)
        remove = False
        seen = False
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if character in "imsU":
                seen = True
                if remove:
                    flags.discard(character)
                else:
                    flags.add(character)
            elif character == "-" and not remove:
                remove, seen = True, False
            elif character in ":)":
                if remove and not seen:
                    break
                self.flags = frozenset(flags)
                if character == ")":
                    return None
                inside = self.alternatives()
                self.close(outer)
                return [inside]
            else:
                break
        raise self.error("invalid or unsupported Perl syntax")

    def finish_group(self, name: str | None, outer: frozenset[str]) -> _Node:
        self.names.append(name)
        index = len(self.names)
        inside = self.alternatives()
        self.close(outer)
        return _Group(index, inside)

    def close(self, outer: frozenset[str]) -> None:
        if not self.peek(")"):
            raise self.error("missing closing )")
        self.at += 1
        self.flags = outer

    def escape(self) -> list[_Node] | None:
        if self.at >= len(self.text):
            raise self.error("trailing backslash at end of expression")
        character = self.text[self.at]
        if character in "Az":
            self.at += 1
            return [_Assert("begin" if character == "A" else "end")]
        if character in "bB":
            self.at += 1
            return [_Assert("word" if character == "b" else "not-word")]
        if character == "C":
            raise NotComputed("needs a regular expression over bytes")
        if character == "Q":
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at + 1 : end if end >= 0 else None]
            self.at = end + 2 if end >= 0 else len(self.text)
            return [self.literal(ord(part)) for part in quoted] or None
        if character in "pP":
            return [self.category()]
        if character.lower() in _PERL:
            self.at += 1
            ranges = _PERL[character.lower()]
            return [_Chars(ranges if character.islower() else _negate(ranges), "i" in self.flags)]
        return [self.literal(self.escaped_code())]

    def escaped_code(self) -> int:
        if self.at >= len(self.text):
            raise self.error("trailing backslash at end of expression")
        character = self.text[self.at]
        self.at += 1
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character in "01234567":
            digits = character
            if character != "0" and (self.text[self.at : self.at + 1] or "x") not in "01234567":
                raise self.error("invalid escape sequence")
            while len(digits) < 3 and (self.text[self.at : self.at + 1] or "x") in "01234567":
                digits += self.text[self.at]
                self.at += 1
            return int(digits, 8)
        if character == "x":
            if self.peek("{"):
                end = self.text.find("}", self.at)
                digits, after = self.text[self.at + 1 : end], end + 1
            else:
                digits, after = self.text[self.at : self.at + 2], self.at + 2
                if len(digits) != 2:
                    raise self.error("invalid escape sequence")
            if not 1 <= len(digits) <= 8 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
                raise self.error("invalid escape sequence")
            code = int(digits, 16)
            if code > _LAST:
                raise self.error("invalid escape sequence")
            self.at = after
            return code
        if character.isascii() and not character.isalnum() and character != "_":
            return ord(character)
        raise self.error("invalid escape sequence")

    def category(self) -> _Category:
        negated = self.text[self.at] == "P"
        self.at += 1
        if self.peek("{"):
            end = self.text.find("}", self.at)
            if end < 0:
                raise self.error("invalid character class range")
            name = self.text[self.at + 1 : end]
            self.at = end + 1
        else:
            name = self.text[self.at : self.at + 1]
            self.at += 1
        if name.startswith("^"):
            negated, name = not negated, name[1:]
        if name == "Any":
            return _Category(("",), negated)
        if name not in _CATEGORIES:
            raise NotComputed("needs a character class of Unicode")
        if "i" in self.flags:
            raise NotComputed("needs case folding of a character class")
        return _Category((name,), negated)

    def char_class(self) -> _Node:
        self.at += 1
        negated = self.peek("^")
        if negated:
            self.at += 1
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self.peek("]"):
            if self.at >= len(self.text):
                raise self.error("missing closing ]")
            first = False
            if self.peek("[:"):
                end = self.text.find(":]", self.at)
                if end >= 0:
                    name = self.text[self.at + 2 : end]
                    inverse = name.startswith("^")
                    if name.lstrip("^") not in _POSIX:
                        raise self.error("invalid character class range")
                    found = _POSIX[name.lstrip("^")]
                    ranges.extend(_negate(found) if inverse else found)
                    self.at = end + 2
                    continue
            following = self.text[self.at + 1 : self.at + 2]
            if self.peek("\\") and following and following in "pP":
                raise NotComputed("needs a Unicode category inside a character class")
            if self.peek("\\") and following and following.lower() in _PERL:
                found = _PERL[following.lower()]
                ranges.extend(found if following.islower() else _negate(found))
                self.at += 2
                continue
            low = self.class_char()
            high = low
            if self.peek("-") and not self.text.startswith("]", self.at + 1) and self.at + 1 < len(self.text):
                self.at += 1
                high = self.class_char()
                if high < low:
                    raise self.error("invalid character class range")
            ranges.append((low, high))
        self.at += 1
        fold = "i" in self.flags
        if fold:
            if any(high > 0x7F for low, high in ranges):
                raise NotComputed("needs case folding beyond ASCII")
            ranges.extend(list(_folded(ranges)))
        return _Chars(_negate(tuple(ranges)) if negated else tuple(sorted(ranges)))

    def class_char(self) -> int:
        if self.at >= len(self.text):
            raise self.error("missing closing ]")
        character = self.text[self.at]
        self.at += 1
        return self.escaped_code() if character == "\\" else ord(character)


_CATEGORIES = frozenset(
    [
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cs",
        "L",
        "Ll",
        "Lm",
        "Lo",
        "Lt",
        "Lu",
        "M",
        "Mc",
        "Me",
        "Mn",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Pe",
        "Pf",
        "Pi",
        "Po",
        "Ps",
        "S",
        "Sc",
        "Sk",
        "Sm",
        "So",
        "Z",
        "Zl",
        "Zp",
        "Zs",
    ]
)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


def _folded(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for low, high in ranges:
        for code in range(low, high + 1):
            yield from ((other, other) for other in _variants(code))


def _variants(code: int) -> tuple[int, ...]:
    """The characters that an ASCII letter is the same as when case is folded."""
    letter = chr(code)
    if not (letter.isascii() and letter.isalpha()):
        return ()
    special = {"k": (0x212A,), "s": (0x017F,)}.get(letter.lower(), ())
    return (ord(letter.lower()), ord(letter.upper()), *special)


# ---------------------------------------------------------------------------------- the program

Test: TypeAlias = "Callable[[str], bool]"


@mutable
class _Instruction:
    kind: str  # char | split | jump | save | assert | match
    test: Test | None = None
    first: int = 0
    second: int = 0
    name: str = ""


@mutable
class _Compiler:
    program: list[_Instruction] = field(default_factory=list)

    def emit(self, instruction: _Instruction) -> int:
        if len(self.program) >= MAX_PROGRAM:
            raise NotComputed("needs too large a regular expression")
        self.program.append(instruction)
        return len(self.program) - 1

    def add(self, node: _Node) -> None:
        if isinstance(node, _Chars):
            self.emit(_Instruction("char", _test_of(node)))
        elif isinstance(node, _Category):
            self.emit(_Instruction("char", _category_test(node)))
        elif isinstance(node, _Assert):
            self.emit(_Instruction("assert", name=node.kind))
        elif isinstance(node, _Sequence):
            for item in node.items:
                self.add(item)
        elif isinstance(node, _Alternatives):
            self.alternatives(node.items)
        elif isinstance(node, _Group):
            self.emit(_Instruction("save", first=2 * node.index))
            self.add(node.item)
            self.emit(_Instruction("save", first=2 * node.index + 1))
        else:
            self.repeat(node)

    def alternatives(self, items: tuple[_Node, ...]) -> None:
        jumps: list[int] = []
        for item in items[:-1]:
            split = self.emit(_Instruction("split"))
            self.program[split].first = len(self.program)
            self.add(item)
            jumps.append(self.emit(_Instruction("jump")))
            self.program[split].second = len(self.program)
        self.add(items[-1])
        for jump in jumps:
            self.program[jump].first = len(self.program)

    def repeat(self, node: _Repeat) -> None:
        if node.most is None:
            if node.least == 0:
                if _nullable(node.item):
                    # as Go does, so that an empty iteration takes its right place among the alternatives
                    self.optional(lambda: self.plus(node), node.lazy)
                else:
                    self.star(node)
                return
            for _ in range(node.least - 1):
                self.add(node.item)
            self.plus(node)
            return
        for _ in range(node.least):
            self.add(node.item)
        splits: list[int] = []
        for _ in range(node.most - node.least):
            splits.append(self.split(node.lazy))
            self.add(node.item)
        for split in splits:
            self.leave(split, node.lazy)

    def split(self, lazy: bool) -> int:
        split = self.emit(_Instruction("split"))
        if lazy:
            self.program[split].second = len(self.program)
        else:
            self.program[split].first = len(self.program)
        return split

    def leave(self, split: int, lazy: bool) -> None:
        if lazy:
            self.program[split].first = len(self.program)
        else:
            self.program[split].second = len(self.program)

    def optional(self, inside: Callable[[], None], lazy: bool) -> None:
        split = self.split(lazy)
        inside()
        self.leave(split, lazy)

    def star(self, node: _Repeat) -> None:
        split = self.split(node.lazy)
        self.add(node.item)
        self.emit(_Instruction("jump", first=split))
        self.leave(split, node.lazy)

    def plus(self, node: _Repeat) -> None:
        start = len(self.program)
        self.add(node.item)
        after = len(self.program) + 1
        first, second = (after, start) if node.lazy else (start, after)
        self.emit(_Instruction("split", first=first, second=second))


def _nullable(node: _Node) -> bool:
    if isinstance(node, (_Chars, _Category)):
        return False
    if isinstance(node, _Sequence):
        return all(_nullable(item) for item in node.items)
    if isinstance(node, _Alternatives):
        return any(_nullable(item) for item in node.items)
    if isinstance(node, _Group):
        return _nullable(node.item)
    if isinstance(node, _Repeat):
        return node.least == 0 or _nullable(node.item)
    return True


def _test_of(node: _Chars) -> Test:
    ranges = node.ranges
    if node.fold and len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        same = frozenset(map(chr, _variants(ranges[0][0]) or (ranges[0][0],)))
        return lambda character: character in same
    if node.fold:
        ranges = tuple(sorted((*ranges, *_folded([pair for pair in ranges if pair[1] <= 0x7F]))))
    if len(ranges) == 1:
        low, high = chr(ranges[0][0]), chr(ranges[0][1])
        return lambda character: low <= character <= high
    pairs = tuple((chr(low), chr(high)) for low, high in ranges)
    return lambda character: any(low <= character <= high for low, high in pairs)


def _category_test(node: _Category) -> Test:
    from unicodedata import category

    names, negated = node.names, node.negated
    return lambda character: category(character).startswith(names) != negated


# ---------------------------------------------------------------------------------- matching


@record
class Pattern:
    """A compiled pattern. ``names`` holds a name or None for every group, in order."""

    names: tuple[str | None, ...]
    program: tuple[_Instruction, ...]

    def search(self, text: str, start: int = 0) -> Captures | None:
        """The positions of the leftmost match at or after ``start`` and of its groups (-1: took no part)."""
        if len(self.program) * (len(text) - start + 1) > MAX_STEPS:
            raise NotComputed("needs a regular expression over too long a string")
        # what has failed from one starting point fails from a later one
        visited: set[int] = set()
        for begin in range(start, len(text) + 1):
            found = self._match(text, begin, visited)
            if found is not None:
                return found
        return None

    def _match(self, text: str, begin: int, visited: set[int]) -> Captures | None:
        program, size, width = self.program, len(text), len(self.program)
        captures = [-1] * (2 * len(self.names) + 2)
        captures[0] = begin
        # either (instruction, position) to try, or (-slot - 1, old value) to put back
        stack: list[tuple[int, int]] = [(0, begin)]
        while stack:
            at, position = stack.pop()
            if at < 0:
                captures[-at - 1] = position
                continue
            while True:
                key = position * width + at
                if key in visited:
                    break
                visited.add(key)
                instruction = program[at]
                kind = instruction.kind
                if kind == "char":
                    if position >= size or not instruction.test(text[position]):  # type: ignore[misc]
                        break
                    at, position = at + 1, position + 1
                elif kind == "split":
                    stack.append((instruction.second, position))
                    at = instruction.first
                elif kind == "jump":
                    at = instruction.first
                elif kind == "save":
                    stack.append((-instruction.first - 1, captures[instruction.first]))
                    captures[instruction.first] = position
                    at += 1
                elif kind == "assert":
                    if not _holds(instruction.name, text, position):
                        break
                    at += 1
                else:
                    captures[1] = position
                    return tuple(captures)
        return None

    def find_all(self, text: str) -> Iterator[Captures]:
        """Every match that does not overlap the one before, as Go finds them."""
        position, last_end = 0, -1
        while position <= len(text):
            found = self.search(text, position)
            if found is None:
                return
            accept = True
            if found[1] == position:
                accept = found[0] != last_end
                position += 1
            else:
                position = found[1]
            last_end = found[1]
            if accept:
                yield found

    def replace(self, text: str, template: str) -> str:
        """``text`` with every match replaced by ``template``, in which ``$1`` and ``${name}`` stand for groups."""
        pieces: list[str] = []
        last_end = position = 0
        while position <= len(text):
            found = self.search(text, position)
            if found is None:
                break
            pieces.append(text[last_end : found[0]])
            if found[1] > last_end or found[0] == 0:
                pieces.append(self._expand(template, text, found))
            last_end = found[1]
            position = max(position + 1, found[1])
        pieces.append(text[last_end:])
        return "".join(pieces)

    def _expand(self, template: str, text: str, found: Captures) -> str:
        pieces: list[str] = []
        at = 0
        while True:
            dollar = template.find("$", at)
            if dollar < 0:
                pieces.append(template[at:])
                return "".join(pieces)
            pieces.append(template[at:dollar])
            if template.startswith("$", dollar + 1):
                pieces.append("$")
                at = dollar + 2
                continue
            name, after = _reference(template, dollar + 1)
            if name is None:
                pieces.append("$")
                at = dollar + 1
                continue
            at = after
            index = int(name) if name.isascii() and name.isdigit() and len(name) < 9 else self._named(name)
            if 0 <= index <= len(self.names) and found[2 * index] >= 0:
                pieces.append(text[found[2 * index] : found[2 * index + 1]])

    def _named(self, name: str) -> int:
        return self.names.index(name) + 1 if name in self.names else -1


def _reference(template: str, at: int) -> tuple[str | None, int]:
    braced = template.startswith("{", at)
    end = start = at + braced
    while end < len(template) and (template[end].isalnum() or template[end] == "_"):
        end += 1
    if end == start or (braced and not template.startswith("}", end)):
        return None, at
    return template[start:end], end + braced


def _is_word(text: str, position: int) -> bool:
    if not 0 <= position < len(text):
        return False
    character = text[position]
    return character == "_" or (character.isascii() and character.isalnum())


def _holds(kind: str, text: str, position: int) -> bool:
    if kind == "begin":
        return position == 0
    if kind == "end":
        return position == len(text)
    if kind == "line-begin":
        return position == 0 or text[position - 1] == "\n"
    if kind == "line-end":
        return position == len(text) or text[position] == "\n"
    return (_is_word(text, position - 1) != _is_word(text, position)) == (kind == "word")


def compile_pattern(pattern: str) -> Pattern:
    """Compile ``pattern``.

    Raises EvalError where RE2 refuses it, NotComputed where it needs something that is not supported here.
    """
    parser = _Parser(pattern)
    tree = parser.parse()
    compiler = _Compiler()
    compiler.add(tree)
    compiler.emit(_Instruction("match"))
    return Pattern(tuple(parser.names), tuple(compiler.program))
