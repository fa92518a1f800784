"""Reading regular files, and nothing else: no pipe that would block, no device, no socket, and no end of either."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_CHUNK = 64 * 1024
"""Bytes that are asked for at once where a file holds more than its size says."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# Without O_NONBLOCK, opening a named pipe would wait for its writer.


_instead: dict[str, bytes] = {}


@contextmanager
def instead_of_files(contents: Mapping[str, bytes]) -> Iterator[None]:
    """Read these contents where the files at these real paths are asked for, in this process: what if they were so?"""
    before = dict(_instead)
    _instead.update(contents)
    try:
        yield
    finally:
        _instead.clear()
        _instead.update(before)


class NotRegularError(OSError):
    """It is a directory, a pipe, a device or a socket."""

    def __init__(self) -> None:
        super().__init__("not a regular file")


def read_regular(path: str, limit: int) -> bytes:
    """The first ``limit`` bytes of the regular file at ``path``, a real path. Raises OSError."""
    if path in _instead:
        return _instead[path][:limit]
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError as error:  # a zero byte, or what the file system cannot spell
        raise OSError(f"this is not a path: {error}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegularError
        # To make a stream would take longer than to read most files.
        data = os.read(descriptor, min(status.st_size + 1, limit))
        chunks, left = [data], limit - len(data)
        while left > 0 and (data := os.read(descriptor, min(left, _CHUNK))):
            chunks.append(data)
            left -= len(data)
    finally:
        os.close(descriptor)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
