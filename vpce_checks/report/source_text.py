"""The text of a file that a report quotes."""

from __future__ import annotations

import os

from vpce_checks.files.containment import boundary_of, place_within
from vpce_checks.files.regular import read_regular


def quotable(file: str) -> str | None:
    """Where the ``file`` of a place really lies; None for what is no file of its repository.

    A place may name what the scan refused to read, as a link that leads out of the repository, or no file at all.
    """
    return place_within(file, (boundary_of(os.path.dirname(file)),)) if os.path.isabs(file) else None


def start_of(file: str, limit: int) -> str:
    """The first ``limit`` bytes of a file as text, nothing where it cannot be read (any more)."""
    place = quotable(file)
    try:
        return read_regular(place, limit).decode("utf-8", "replace") if place is not None else ""
    except OSError:
        return ""
