"""The contents of files that need not be there."""

from __future__ import annotations

from vpce_checks.files.containment import Places, place_within
from vpce_checks.files.regular import read_regular

MAX_BYTES = 16 * 1024 * 1024
"""How much of a file is read to see what it is or names; a larger one shows it by then."""


def may_go_on(content: bytes) -> bool:
    """Whether a file may have more than ``content``, which :func:`read_start` returned."""
    return len(content) >= MAX_BYTES


def read_start(file: str, places: Places, limit: int = MAX_BYTES) -> bytes:
    """The content of a file, as much of it as could matter; nothing where it cannot be read."""
    place = place_within(file, places)
    try:
        return read_regular(place, limit) if place is not None else b""
    except OSError:
        return b""
