"""Count the work that code does, so that a test can ask for bounded or linear work without a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def work(run: Callable[[], object]) -> int:
    """Return how many functions ``run`` calls, built-in ones included. It is the same number on every machine."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    earlier = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(earlier)
    return count
