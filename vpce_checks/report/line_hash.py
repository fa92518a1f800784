"""Compute ``primaryLocationLineHash``, by which GitHub's code scanning follows an alert from commit to commit.

It is a rolling hash of 100 characters from the start of the line, without blanks. GitHub's upload action computes it as
well and rejects other values. Uploads through the API must send it.
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.files.regular import read_regular
from vpce_checks.report.source_text import quotable

WINDOW = 100
FACTOR = 37
MASK = (1 << 64) - 1
DROPPED = pow(FACTOR, WINDOW, 1 << 64)
"""The weight of a character that leaves the window."""

END_OF_FILE = 0xFFFF
MAX_BYTES = 2 * 1024 * 1024


def line_hash(file: str, line: int) -> str | None:
    """Return the hash of ``line`` of ``file``: digits, a colon, and the number of this line among equal ones, from 1."""
    place = quotable(file)
    try:
        facts = os.lstat(place) if place is not None else None
        hashes = (
            _line_hashes(place, facts.st_mtime_ns, facts.st_size) if place is not None and facts is not None else ()
        )
    except OSError:
        return None
    return hashes[line - 1] if 0 < line <= len(hashes) else None


@lru_cache(maxsize=64)
def _line_hashes(file: str, changed: int, size: int) -> tuple[str, ...]:
    """Return the hashes of the lines of ``file``. ``changed`` and ``size`` are there to renew the cached result."""
    if size > MAX_BYTES:
        return ()
    return tuple(line_hashes(read_regular(file, MAX_BYTES).decode("utf-8", "replace")))


def line_hashes(text: str) -> list[str]:
    """Return the hash of every line of ``text``."""
    codes, starts = _hashed_codes(text)
    prefix = [0]  # prefix[n]: the hash of the first n codes, nothing dropped
    for code in (*codes, *[0] * WINDOW):
        prefix.append((prefix[-1] * FACTOR + code) & MASK)
    seen: dict[str, int] = {}
    hashes = []
    for start in starts:
        value = f"{(prefix[start + WINDOW] - prefix[start] * DROPPED) & MASK:x}"
        seen[value] = seen.get(value, 0) + 1
        hashes.append(f"{value}:{seen[value]}")
    return hashes


def _hashed_codes(text: str) -> tuple[list[int], list[int]]:
    """Return the UTF-16 codes that count, with each line end as one line feed, and where each line starts in them."""
    codes: list[int] = []
    starts: list[int] = []
    at_start = True
    units = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16-le", "surrogatepass")
    for place in range(0, len(units), 2):
        code = units[place] | units[place + 1] << 8
        if code in (0x20, 0x09):
            continue
        if at_start:
            starts.append(len(codes))
            at_start = False
        codes.append(code)
        at_start = code == 0x0A
    if at_start:
        starts.append(len(codes))
    codes.append(END_OF_FILE)
    return codes, starts
