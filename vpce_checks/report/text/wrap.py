"""Wrap text, put it into columns, and count things."""

from __future__ import annotations


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Break ``text`` at blanks so that lines fit ``width``. ``first`` precedes the first line, ``rest`` the others.

    A word that is longer than a line is not broken: it may be a path to click on.
    """
    rest = " " * len(first) if rest is None else rest
    lines: list[str] = []
    line = first
    empty = True
    for word in text.split():
        if not empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, empty = rest, True
        line = line + word if empty else f"{line} {word}"
        empty = False
    return [*lines, line]


def plural(count: int, word: str) -> str:
    """Return "1 root", "2 roots"."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def columns(rows: list[list[str]], gap: int = 2) -> list[str]:
    """Return rows of cells as lines. Each column is as wide as its widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        (" " * gap).join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
