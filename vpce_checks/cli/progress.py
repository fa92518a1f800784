"""How far a long scan has come, for a user who waits at a terminal."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

SILENCE = 1.0
"""Seconds during which nothing is shown: most scans are over by then."""

INTERVAL = 0.1
"""Seconds between two changes of the bar."""

WIDTH = 30


@contextmanager
def progress_bar(stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with the number of scanned roots, and of all. It draws a bar, removed at the end, if
    ``stream`` is a terminal: none in CI, in a pipe or a file."""
    wanted = stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    due = monotonic() + SILENCE
    shown = False

    def show(done: int, total: int) -> None:
        nonlocal due, shown
        now = monotonic()
        if wanted and now >= due:
            due = now + INTERVAL
            shown = True
            filled = WIDTH * done // max(total, 1)
            stream.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total} roots")
            stream.flush()

    try:
        yield show
    finally:
        if shown:
            stream.write("\r\x1b[K")
            stream.flush()
