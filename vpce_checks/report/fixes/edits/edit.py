"""Edits of a text file. All that is outside of an edit stays as it is, to the byte."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.base.record import record
from vpce_checks.files.regular import read_regular
from vpce_checks.model.spans import Span
from vpce_checks.report.source_text import quotable

MAX_BYTES = 12 * 1024 * 1024
"""The largest file that is edited: no larger one is read as code."""


class RefusedError(Exception):
    """A change cannot be made, for the reason that it says."""


@record
class Edit:
    """Put ``new`` into the place of the characters from ``start`` to ``end`` of ``file``. Both are the same for what goes in
    between. What ``stands_alone`` may be put at the same place as others; ``tail`` then follows the last of them."""

    file: str
    start: int
    end: int
    new: str
    stands_alone: bool = False
    tail: str = ""


@record
class Source:
    """The text of a file, with its byte order mark and line ends. ``head`` is 1 if there is such a mark, else 0."""

    file: str
    text: str

    @property
    def head(self) -> int:
        """The number of characters that columns of the first line do not count."""
        return int(self.text.startswith("\ufeff"))

    @property
    def newline(self) -> str:
        """The line end of the first line."""
        first, _, _ = self.text.partition("\n")
        return "\r\n" if first.endswith("\r") else "\n"

    def offset(self, line: int, column: int) -> int:
        """Return the place of a line and column, which count from 1. Raises RefusedError."""
        at = 0
        for _ in range(line - 1):
            at = self.text.find("\n", at) + 1
            if not at:
                raise RefusedError(f"{self.file} has changed")
        return at + column - 1 + (self.head if line == 1 else 0)

    def range(self, span: Span) -> tuple[int, int]:
        """Return where a span with an exclusive end begins and ends."""
        return self.offset(span.line, span.column), self.offset(span.last_line, span.end_column)

    def line_start(self, at: int) -> int:
        """Return where the line of a character begins."""
        return max(self.text.rfind("\n", 0, at) + 1, self.head)

    def line_end(self, at: int) -> int:
        """Return where the line of a character ends, before its line end."""
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > at and self.text[end - 1] == "\r" else end

    def with_line_ends(self, text: str) -> str:
        """Return ``text`` with the line ends of the file."""
        return text.replace("\n", self.newline)


def read_source(file: str) -> Source:
    """Return the text of a file of the repository. Raises RefusedError."""
    place = quotable(file)
    if place is None or place != file:
        raise RefusedError(f"{file} is reached through a symbolic link, or is outside of the repository")
    try:
        data = read_regular(place, MAX_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise RefusedError(f"{file} is not UTF-8") from error
    if len(data) > MAX_BYTES:
        raise RefusedError(f"{file} is too large")
    if "\r" in text.replace("\r\n", ""):
        raise RefusedError(f"{file} has carriage returns that end no line")
    return Source(file, text)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with edits of one file that do not overlap. Those at one place keep their order."""
    parts, at = [], 0
    tail = ""
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if edit.start > at:
            parts += [tail, text[at : edit.start]]
        parts.append(edit.new)
        at, tail = edit.end, edit.tail
    return "".join([*parts, tail, text[at:]])


def overlap(one: Edit, other: Edit) -> bool:
    """Return whether two edits cannot both be made. Several may add to one place."""
    if one == other or one.file != other.file:
        return False
    if one.start == one.end == other.start == other.end:
        return not (one.stands_alone and other.stands_alone)
    return (one.start < other.end and other.start < one.end) or (one.start, one.end) == (other.start, other.end)
