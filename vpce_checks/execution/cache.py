"""Verdicts of earlier scans, kept for as long as everything that they rest on is the same.

An entry is named by what is known beforehand: the root, the options, the policy, this version of the tool and of its
data. It holds the report together with everything that was seen of the file system for it (see :mod:`vpce_checks.files.tracked`),
and counts only if looking again shows the same, content for content.

Who can write into the cache can write verdicts, so it has to lie outside of what is scanned. Entries are read without
running anything (see :mod:`vpce_checks.execution.pickling`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from pickle import PicklingError

from vpce_checks.base.digest import blake2b
from vpce_checks.base.hints import TYPE_CHECKING
from vpce_checks.base.version import VERSION
from vpce_checks.execution.pickling import pack, unpack
from vpce_checks.files.containment import is_within
from vpce_checks.files.errors import CacheError
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.files.tracked import Look, Seen, again, recording, remember
from vpce_checks.project.results import RootReport

if TYPE_CHECKING:
    from vpce_checks.project.project import Survey
    from vpce_checks.terraform.lang.scope import ModuleDirectory
    from vpce_checks.terraform.roots import Called
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

MAX_AGE = 30 * 24 * 3600
"""Seconds after which what another version of the tool left behind is removed."""


class Cache:
    """The cache in one directory, for one scan."""

    def __init__(self, directory: str, survey: Survey, called: Called) -> None:
        """``called`` tells which directories a directory calls, where the cache does not. Raises CacheError."""
        self._called = called
        real = os.path.realpath(directory)
        for place in (*survey.places.values(), *survey.named.values()):
            if is_within(real, place.boundary):
                raise CacheError(
                    f"the cache {directory} lies inside of what is scanned, where whoever changes the code could "
                    "change verdicts; choose a directory outside of the repository"
                )
        self._directory = os.path.join(real, _version())
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
        except OSError as error:
            raise CacheError(f"the cache {directory} cannot be written: {error.strerror}") from error
        _remove_old(real, self._directory)
        self._real_path = RealPaths()
        self._answers: dict[Look, str] = {}
        self._calls: dict[tuple[object, ...], _Calls] = {}

    # -- reports -------------------------------------------------------------------------------------------------

    def find(self, key: Sequence[object]) -> list[RootReport] | None:
        """The reports kept under ``key``, if they still hold."""
        entry = self._load(_name(key))
        if not isinstance(entry, tuple) or len(entry) != 2:
            return None
        seen, reports = entry
        if not self._same(seen):
            return None
        return reports if isinstance(reports, list) else None

    def keep(self, key: Sequence[object], reports: list[RootReport], seen: Seen) -> None:
        """Keep reports and what they rest on. One with a defect of ours is not kept."""
        if not any("internal error" in item.message for report in reports for item in report.diagnostics):
            self._save(_name(key), (seen, reports))

    def _same(self, seen: Seen) -> bool:
        answers = self._answers
        for look, then in seen.items():
            now = answers.get(look)
            if now is None:
                try:
                    now = answers[look] = again(look, self._real_path)
                except LookupError:
                    return False
            if now != then:
                return False
        remember(seen)
        return True

    # -- module calls --------------------------------------------------------------------------------------------

    def called(self, directory: str, loader: ModuleLoader, sources: tuple[ModuleDirectory, ...]) -> set[str]:
        """:func:`vpce_checks.terraform.roots.called_directories`, out of the cache where nothing has changed."""
        key = ("calls", loader.boundary, sources)
        if key not in self._calls:
            self._calls[key] = _Calls(self._load(_name(key)))
        calls = self._calls[key]
        kept = calls.entries.get(directory)
        if kept is not None and self._same(kept[0]):
            return kept[1]
        with recording() as seen:
            found = self._called(directory, loader, sources)
        calls.entries[directory] = (seen, found)
        calls.changed = True
        return found

    def close(self) -> None:
        """Write what is still to be written."""
        for key, calls in self._calls.items():
            if calls.changed:
                self._save(_name(key), calls.entries)

    # -- files ---------------------------------------------------------------------------------------------------

    def _load(self, name: str) -> object:
        try:
            with open(os.path.join(self._directory, name), "rb", buffering=0) as file:
                data = file.readall()
            checksum, packed = data[:32], data[32:]
            return unpack(packed) if checksum == blake2b(packed, digest_size=32).digest() else None
        except Exception:  # whatever is wrong with it, it is no entry
            return None

    def _save(self, name: str, entry: object) -> None:
        """A cache that cannot be written to is none: the scan has its verdicts all the same."""
        path = os.path.join(self._directory, name)
        temporary = f"{path}.{os.getpid()}"
        with suppress(OSError, PicklingError, RecursionError):
            data = pack(entry)
            with open(temporary, "wb") as file:
                file.write(blake2b(data, digest_size=32).digest() + data)
            os.replace(temporary, path)


class _Calls:
    """Which directories call which, each with what was seen to tell."""

    def __init__(self, kept: object) -> None:
        self.entries: dict[str, tuple[Seen, set[str]]] = kept if isinstance(kept, dict) else {}
        self.changed = False


def _name(key: Iterable[object]) -> str:
    return blake2b(repr(tuple(key)).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


@lru_cache(maxsize=1)
def _version() -> str:
    """What tells this state of the tool from any other: its version, Python's, and every file of code and data."""
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
                    os.unlink(file.path)
                os.rmdir(entry.path)
