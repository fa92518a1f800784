"""The states of files in a directory: while they are the same, nobody has to open the files again.

A state holds the names in the directory, and device, inode, size, time of change and time of status change of the files that
were read. The last one is set by the system at each change, so no tool can put an old one back. There is no state where something
was changed right before it was read: its next change could carry the same times. Nor for a directory with links in it, whose
targets may be anywhere.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from time import time_ns

SETTLED = 2_000_000_000
"""Nanoseconds for which a file must be unchanged when it is looked at: the coarsest times of file systems in use are
two seconds."""

Times = tuple[int, int, int, int, int]


def state_of(directory: str, files: Collection[str], before: int | None = None) -> str:
    """Return the state of a directory for whoever has read ``files`` of it. Empty: it has none.

    ``before`` is when the reader began, in nanoseconds. There is no state then if something has changed since, or right before.
    """
    names = _names(directory)
    if names is None:
        return ""
    found = {name: _times(directory, name) for name in files}
    known = {name: times for name, times in found.items() if times is not None}
    if len(known) < len(found):
        return ""
    if before is not None:
        newest = _newest(directory, known)
        if newest is None or before - newest < SETTLED:
            return ""
    from hashlib import blake2b  # a scan without a cache needs none

    text = repr((names, sorted(known.items()))).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).hexdigest()


def _newest(directory: str, files: Mapping[str, Times]) -> int | None:
    """Return when the last change was, of the names in a directory or of files in it. None: it is not there."""
    try:
        own = os.lstat(directory)
    except OSError:
        return None
    return max(own.st_mtime_ns, own.st_ctime_ns, *(time for times in files.values() for time in times[3:]))


def _names(directory: str) -> tuple[str, ...] | None:
    if os.name != "posix":
        return None
    try:
        with os.scandir(directory) as listing:
            entries = list(listing)
    except (OSError, ValueError):
        return None
    if any(entry.is_symlink() for entry in entries):
        return None
    return tuple(sorted(f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries))


def _times(directory: str, name: str) -> Times | None:
    try:
        found = os.lstat(f"{directory}/{name}")
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


# --- what was made of directories ---------------------------------------------------------------------------------

Recalled = tuple[str, tuple[str, ...], str]
"""The state of a directory, the files of it that were read, and what was made of them."""


class Memory:
    """What was made of directories in earlier scans and in this one, by the name of the maker and the directory."""

    def __init__(self, kept: Mapping[tuple[str, str], Recalled]) -> None:
        self.entries = dict(kept)
        self.changed = False
        self._began = time_ns()
        self._states: dict[tuple[str, tuple[str, ...]], str] = {}

    def state(self, directory: str, files: tuple[str, ...]) -> str:
        """Return the state of a directory when it was first asked for."""
        if (directory, files) not in self._states:
            self._states[directory, files] = state_of(directory, files)
        return self._states[directory, files]

    def recall(self, maker: str, directory: str, make: Callable[[], tuple[str, tuple[str, ...]]]) -> str:
        """Return what ``make`` makes: a text, and the names of the files in ``directory`` that it read. It may rest on
        nothing but these and the names in the directory."""
        kept = self.entries.get((maker, directory))
        if kept is not None and self.state(directory, kept[1]) == kept[0]:
            return kept[2]
        made, files = make()
        state = state_of(directory, files, self._began)
        if state:
            self.entries[maker, directory] = state, files, made
            self.changed = True
        return made


_memory: ContextVar[Memory | None] = ContextVar("memory", default=None)


@contextmanager
def remembering(memory: Memory) -> Iterator[None]:
    """Let :func:`recall` use ``memory``."""
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)


def recall(maker: str, directory: str, make: Callable[[], tuple[str, tuple[str, ...]]]) -> str:
    """Return what ``make`` makes, out of the memory of the scan if it has one: see :meth:`Memory.recall`."""
    memory = _memory.get()
    return make()[0] if memory is None else memory.recall(maker, directory, make)
