"""Read the files that a report quotes."""

from __future__ import annotations

import os

from vpce_checks.files.containment import boundary_of, place_within
from vpce_checks.files.regular import read_regular


def quotable(file: str) -> str | None:
    """Return the real path of ``file``; None if it is not a file of its repository.

    A place may name a file that the scan refused to read, such as a link that leads out of the repository.
    """
    return place_within(file, (boundary_of(os.path.dirname(file)),)) if os.path.isabs(file) else None


def start_of(file: str, limit: int) -> str:
    """Return the first ``limit`` bytes of a file as text; empty if the file cannot be read."""
    place = quotable(file)
    try:
        return read_regular(place, limit).decode("utf-8", "replace") if place is not None else ""
    except OSError:
        return ""
