"""The text of one source file and the way from positions in it to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from vpce_checks.source import Span

_CONTINUATION_BYTE = re.compile(rb"[\x80-\xbf]")
_NEWLINE = re.compile("\n")


class SourceText:
    """A decoded file. Offsets count characters from 0; ``first_line`` is the line on which the text starts."""

    __slots__ = ("_data", "_extra_bytes", "_line_starts", "file", "first_line", "text")

    def __init__(self, text: str, file: str, first_line: int = 1, data: bytes | None = None) -> None:
        self.text = text
        self.file = file
        self.first_line = first_line
        self._data = data
        self._extra_bytes: list[int] | None = None
        self._line_starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """The offset of each line's first character."""
        starts = self._line_starts
        if starts is None:
            starts = [0]
            starts += [match.end() for match in _NEWLINE.finditer(self.text)]
            self._line_starts = starts
        return starts

    def line(self, offset: int) -> int:
        """The line number of the character at ``offset``."""
        return bisect_right(self.line_starts, offset) + self.first_line - 1

    def span(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]``; its ``end_column`` is the column after the last character."""
        starts = self._line_starts
        if starts is None:
            starts = self.line_starts
        row = bisect_right(starts, start) - 1
        column = start - starts[row] + 1
        if row + 1 == len(starts) or end < starts[row + 1]:
            line = row + self.first_line
            return Span(self.file, line, column, line, end - starts[row] + 1)
        end_row = bisect_right(starts, end) - 1
        first = self.first_line
        return Span(self.file, row + first, column, end_row + first, end - starts[end_row] + 1)

    def character(self, byte: int) -> int:
        """The offset of the character that starts at ``byte`` of the UTF-8 encoded text."""
        extra = self._extra_bytes
        if extra is None:
            data = self._data
            if data is None or data.isascii():
                extra = []
            else:
                extra = [match.start() for match in _CONTINUATION_BYTE.finditer(data)]
            self._extra_bytes = extra
        if not extra:
            return byte
        return byte - bisect_left(extra, byte)
