"""Quote the lines of source code that a finding is about."""

from __future__ import annotations

from functools import lru_cache

from vpce_checks.base.redact import redact_code
from vpce_checks.model.spans import Span
from vpce_checks.report.source_text import start_of
from vpce_checks.report.text.escape import escape_source

MAX_BYTES = 8 * 1024 * 1024
MAX_LINE = 2000
"""The longest line that is shown. Programs write longer ones."""
CONTEXT_LINES = 5
"""How many lines of a block are shown. Dots stand for the rest."""


def code_frame(span: Span, mark: Span | None, width: int) -> list[str]:
    """Return the first lines of the block at ``span`` with line numbers, and the lines at ``mark``, which are marked.

    Empty if the file cannot be read.
    """
    lines = _lines(span.file)
    marked = range(mark.line, min(mark.last_line, mark.line + CONTEXT_LINES - 1) + 1) if mark else range(0)
    if mark is not None and mark.file != span.file:
        marked = range(0)
    head = range(span.line, min(span.last_line, span.line + (CONTEXT_LINES if not marked else 1) - 1) + 1)
    numbers = sorted({*head, *marked})
    digits = len(str(numbers[-1]))
    frame: list[str] = []
    previous = numbers[0]
    for number in numbers:
        if not 1 <= number <= len(lines) or len(lines[number - 1]) > MAX_LINE:
            continue
        if number > previous + 1:
            frame.append(f"  {'':{digits}} | ...")
        text = f"{'>' if number in marked else ' '} {number:{digits}} | {escape_source(redact_code(lines[number - 1]))}".rstrip()
        frame.append(text if len(text) <= width else text[: width - 3] + "...")
        previous = number
    if frame and not marked and head[-1] < span.last_line:
        frame.append(f"  {'':{digits}} | ...")
    return frame


def source_line(file: str, number: int) -> str:
    """Return one line of a file; empty if there is no such line."""
    lines = _lines(file)
    return lines[number - 1] if 1 <= number <= len(lines) else ""


def text_of(file: str) -> str:
    """Return what a report may quote of a file; empty if it cannot be read."""
    return start_of(file, MAX_BYTES)


@lru_cache(maxsize=64)
def _lines(file: str) -> list[str]:
    text = text_of(file)
    return text.replace("\r\n", "\n").split("\n") if text else []


def forget_lines() -> None:
    """Read files again: they may have changed."""
    _lines.cache_clear()
