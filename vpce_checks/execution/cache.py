"""Verdicts of earlier scans, kept for as long as everything that they rest on is the same.

An entry is named by what is known beforehand: the root, the options, the policy, this version of the tool and of its
data. It holds the report together with everything that was seen of the file system for it (see :mod:`vpce_checks.files.tracked`),
and counts only if looking again shows the same, content for content.

Who can write entries that count can write verdicts. So each is sealed with a key (see :mod:`vpce_checks.execution.cache_key`)
over its name and its content: an entry of somebody else, of another root or of another version is none. What a good seal
is on is still read as data only (see :mod:`vpce_checks.execution.codec`). What is kept is what reports show.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from time import time_ns
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from vpce_checks.base.version import VERSION
from vpce_checks.execution.cache_key import cache_key
from vpce_checks.execution.codec import Codec, Malformed
from vpce_checks.execution.kept import Entry, entries, give_back, keep
from vpce_checks.files.containment import is_within, ways_to
from vpce_checks.files.errors import CacheError
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.files.states import Memory, Recalled, state_of
from vpce_checks.files.tracked import Footprint, Look, again, files_in, is_covered, recording, remember
from vpce_checks.project.results import RootReport

if TYPE_CHECKING:
    from vpce_checks.model.roots import Batch, Called
    from vpce_checks.project.project import Project

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""An entry is not larger than this: reading one takes a few times as much memory."""

SEAL = 32
"""Bytes at the beginning of an entry."""

MAX_AGE = 30 * 24 * 3600
"""Seconds after which what another version of the tool left behind is removed."""


class Cache:
    """The cache in one directory, for one scan."""

    def __init__(self, directory: str, project: Project, called: Called) -> None:
        """``called`` returns the directories that a directory calls, where the cache does not know. Raises CacheError."""
        self._called = called
        self._project = project
        scanned = {place.boundary for place in project.places}
        if any(is_within(place, boundary) for place in ways_to(directory) for boundary in scanned):
            raise CacheError(
                f"the cache {directory} is inside of what is scanned, where anyone who changes the code could "
                "change it; choose a directory outside of the repository"
            )
        self._key = cache_key(os.environ, scanned)
        real = os.path.realpath(directory)
        self._directory = os.path.join(real, _version())
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
        except OSError as error:
            raise CacheError(f"the cache {directory} cannot be written: {error.strerror}") from error
        if os.path.islink(self._directory):
            raise CacheError(
                f"the cache {directory} holds a link, {self._directory}, which points elsewhere; remove it"
            )
        _remove_old(real, self._directory)
        self._real_path = RealPaths()
        self._answers: dict[Look, str] = {}
        self._calls: dict[tuple[object, ...], _Calls] = {}
        self._memory_name = self._name(("memory", *sorted(scanned)))
        self._memory: Memory | None = None
        self._began = time_ns()

    # -- reports -------------------------------------------------------------------------------------------------

    def find(self, batch: Batch) -> list[RootReport] | None:
        """The reports kept for ``batch``, if they still hold."""
        entry = self._load(self._name(batch.key), entries())
        if entry is None or not self._same(entry.footprint):
            return None
        try:
            return [give_back(kept, self._project.networks_of(batch, kept.key)) for kept in entry.reports]
        except Malformed:
            return None

    def keep(self, batch: Batch, reports: Sequence[RootReport], footprint: Footprint) -> None:
        """Keep reports and what they depend on. A report with a defect of ours is not kept."""
        if not any(item.is_defect for report in reports for item in report.diagnostics):
            self._save(self._name(batch.key), entries(), Entry(footprint, tuple(map(keep, reports))))

    def _same(self, footprint: Footprint) -> bool:
        answers = self._answers
        for look, then in footprint.items():
            now = answers.get(look)
            if now is None:
                try:
                    now = answers[look] = again(look, self._real_path)
                except LookupError:
                    return False
            if now != then:
                return False
        remember(footprint)
        return True

    # -- module calls --------------------------------------------------------------------------------------------

    def called(self, language: str, directory: str, scope: Hashable) -> set[str]:
        """:meth:`vpce_checks.project.project.Project.calls`, out of the cache where nothing has changed."""
        key = ("calls", language, scope)
        if key not in self._calls:
            self._calls[key] = _Calls(self._load(self._name(key), _calls()) or {})
        calls = self._calls[key]
        kept = calls.entries.get(directory)
        if kept is not None and self._is_unchanged(directory, kept):
            return set(kept.called)
        if kept is not None and self._same(kept.footprint):
            footprint, found = kept.footprint, set(kept.called)
        else:
            with recording() as footprint:
                found = self._called(language, directory, scope)
        files = files_in(directory, footprint)
        is_real = self._real_path(directory) == directory
        state = state_of(directory, files, self._began) if is_real else ""
        elsewhere = {look: then for look, then in footprint.items() if not is_covered(look, then, directory, files)}
        calls.entries[directory] = CallsOf(footprint, frozenset(found), state, files, elsewhere)
        calls.changed = calls.changed or calls.entries[directory] != kept
        return found

    def _is_unchanged(self, directory: str, kept: CallsOf) -> bool:
        """Whether what was seen for ``kept`` is the same, without a look at the files in ``directory`` if its state is
        the same."""
        if not kept.state or self._real_path(directory) != directory:
            return False
        if self.memory().state(directory, kept.files) != kept.state or not self._same(kept.elsewhere):
            return False
        remember(kept.footprint)
        return True

    def memory(self) -> Memory:
        """What was made of directories in earlier scans."""
        if self._memory is None:
            self._memory = Memory(self._load(self._memory_name, _memories()) or {})
        return self._memory

    def close(self) -> None:
        """Write what is still to be written."""
        for key, calls in self._calls.items():
            if calls.changed:
                self._save(self._name(key), _calls(), calls.entries)
        if self._memory is not None and self._memory.changed:
            self._save(self._memory_name, _memories(), self._memory.entries)

    # -- files ---------------------------------------------------------------------------------------------------

    def _name(self, key: Iterable[object]) -> str:
        text = repr(tuple(key)).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=20, key=self._key).hexdigest()

    def _seal(self, name: str, packed: bytes) -> bytes:
        digest = blake2b(f"{os.path.basename(self._directory)}/{name}\n".encode(), digest_size=SEAL, key=self._key)
        digest.update(packed)
        return digest.digest()

    def _load(self, name: str, codec: Codec[T]) -> T | None:
        """The entry ``name``; None where there is none that this cache has written."""
        with suppress(OSError, Malformed):
            data = _read(os.path.join(self._directory, name))
            packed = data[SEAL:]
            if data[:SEAL] == self._seal(name, packed):
                return codec.unpack(packed)
        return None

    def _save(self, name: str, codec: Codec[T], entry: T) -> None:
        """A cache that cannot be written to is none: the scan has its verdicts all the same."""
        with suppress(OSError, ValueError):
            packed = codec.pack(entry)
            if len(packed) < MAX_BYTES:
                _write(os.path.join(self._directory, name), self._seal(name, packed) + packed)


class CallsOf(NamedTuple):
    """What a directory calls, and what was seen to find out.

    ``state`` is that of the directory then (empty: none) and of ``files`` in it. It covers all that was seen but ``elsewhere``.
    """

    footprint: Footprint
    called: frozenset[str]
    state: str
    files: tuple[str, ...]
    elsewhere: Footprint


class _Calls:
    """Which directories call which."""

    def __init__(self, kept: Mapping[str, CallsOf]) -> None:
        self.entries = dict(kept)
        self.changed = False


@lru_cache(maxsize=1)
def _calls() -> Codec[Mapping[str, CallsOf]]:
    return Codec(Mapping[str, CallsOf])


@lru_cache(maxsize=1)
def _memories() -> Codec[Mapping[tuple[str, str], Recalled]]:
    return Codec(Mapping[tuple[str, str], Recalled])


def _read(path: str) -> bytes:
    """What is in a file, not in one that a link leads to. Raises OSError."""
    opened = os.open(path, os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES + SEAL:
            return b""
        return os.read(opened, found.st_size)
    finally:
        os.close(opened)


def _write(path: str, data: bytes) -> None:
    """Write a file anew, in the place of whatever is there, be it a link. Raises OSError."""
    temporary = f"{path}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY
    try:
        opened = os.open(temporary, flags, 0o600)
    except FileExistsError:  # of a process that was killed, or put there by somebody
        os.unlink(temporary)
        opened = os.open(temporary, flags, 0o600)
    try:
        with open(opened, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


@lru_cache(maxsize=1)
def _version() -> str:
    """Return what identifies this state of the tool: its version, Python's, and every file of code and data."""
    digest = blake2b(f"{VERSION} {sys.version_info[:3]}".encode(), digest_size=12)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    pending = [package, os.path.join(os.path.dirname(package), "policies")]
    while pending:
        directory = pending.pop()
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name == "__pycache__":
                continue
            if entry.is_dir():
                pending.append(entry.path)
            else:
                found = entry.stat()
                digest.update(f"{entry.path} {found.st_size} {found.st_mtime_ns}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _remove_old(directory: str, current: str) -> None:
    """Remove what other versions have left behind long ago."""
    from time import time

    with suppress(OSError):
        os.utime(current)
        for entry in os.scandir(directory):
            old = (
                entry.is_dir(follow_symlinks=False)
                and len(entry.name) == 24
                and entry.stat().st_mtime < time() - MAX_AGE
            )
            if old and entry.path != current:
                for file in os.scandir(entry.path):
                    if len(file.name.partition(".")[0]) == 40:  # as entries are named
                        os.unlink(file.path)
                os.rmdir(entry.path)
