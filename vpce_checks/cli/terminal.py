"""Writing to standard output, and messages to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from vpce_checks.cli.errors import UsageError

WIDTH = 80
"""Columns where the output is not a terminal, or its width is unknown."""

NARROWEST, WIDEST = 72, 160
"""Columns that a finding needs, and that a reader's eye can follow."""


def put(text: str) -> None:
    """Write to standard output and flush it. Raises UsageError; BrokenPipeError if nobody reads it any more."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def put_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output. Raises what :func:`put` raises."""
    put("".join(f"{line}\n" for line in lines))


def say(text: str) -> None:
    """Write a message to standard error. What could steer a terminal or a CI log is escaped."""
    from vpce_checks.report.text.escape import escape

    print(f"vpce-checks: {escape(text)}", file=sys.stderr)


def shows_colour() -> bool:
    """Return whether the user wants colours: on a terminal that shows them, or by FORCE_COLOR (https://force-color.org),
    and not if there is NO_COLOR (https://no-color.org)."""
    if os.environ.get("FORCE_COLOR") and not os.environ.get("NO_COLOR"):
        return True
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Return the columns to use on standard output."""
    if not sys.stdout.isatty():
        return WIDTH
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError):
        columns = WIDTH
    return min(max(columns, NARROWEST), WIDEST)
