"""Hints for Python's garbage collector: what a scan has parsed stays, and garbage appears root by root.

Left alone it walks through every syntax tree again and again, a sixth of the time of a large scan. Only for processes that
do nothing but scan: the collector belongs to the whole process.
"""

from __future__ import annotations

import gc

ENOUGH = 500_000
"""How many objects may have come up since the last look: some seventy megabytes, most of it garbage."""

_taken_over = False


def take_over() -> None:
    """Collect no garbage but in :func:`sweep`, in this process."""
    global _taken_over
    _taken_over = True
    gc.disable()


def sweep() -> None:
    """Between two roots: once there can be much garbage, collect it, and never again look at what is still there."""
    if _taken_over and gc.get_count()[0] > ENOUGH:
        gc.collect()
        gc.freeze()
