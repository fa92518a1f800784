"""The text of one source file and the way from positions in it to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right

from vpce_checks.model.spans import Span

_NEWLINE = re.compile("\n")


MAX_MESSAGE = 240
"""How long a message may get: names in it come from the input."""


def shortened(message: str) -> str:
    """A message of bearable length."""
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"


class SourceText:
    """A decoded text. Offsets count characters from 0.

    ``first_line`` and ``first_column`` are where the text starts in its file. With ``at`` everything in it is said to
    stand there: the text is none of the user's, and that is the place of his that leads to it.
    """

    __slots__ = (
        "_line_starts",
        "_row_end",
        "_row_line",
        "_row_start",
        "at",
        "file",
        "first_column",
        "first_line",
        "text",
    )

    def __init__(
        self, text: str, file: str, first_line: int = 1, first_column: int = 1, at: Span | None = None
    ) -> None:
        self.text = text
        self.file = file if at is None else at.file
        self.at = at
        self.first_line = first_line
        self.first_column = first_column
        self._line_starts: list[int] | None = None
        self._row_start = self._row_end = self._row_line = 0

    @property
    def line_starts(self) -> list[int]:
        """The offset of each line's first character (of column 1, for the first line)."""
        starts = self._line_starts
        if starts is None:
            starts = [1 - self.first_column]
            starts += [match.end() for match in _NEWLINE.finditer(self.text)]
            self._line_starts = starts
        return starts

    def line(self, offset: int) -> int:
        """The line number of the character at ``offset``."""
        if self.at is not None:
            return self.at.line
        return bisect_right(self.line_starts, offset) + self.first_line - 1

    def span(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]``; its ``end_column`` is the column after the last character."""
        if self.at is not None:
            return self.at
        # Most spans stand on the line of the one before.
        if self._row_start <= start and end < self._row_end:
            before = self._row_start - 1
            return Span(self.file, self._row_line, start - before, self._row_line, end - before)
        starts = self.line_starts
        row = bisect_right(starts, start)
        before = starts[row - 1] - 1
        line = row + self.first_line - 1
        row_end = starts[row] if row < len(starts) else len(self.text) + 1
        if end < row_end:
            self._row_start, self._row_end, self._row_line = before + 1, row_end, line
            return Span(self.file, line, start - before, line, end - before)
        end_row = bisect_right(starts, end)
        return Span(self.file, line, start - before, end_row + self.first_line - 1, end - starts[end_row - 1] + 1)
