"""The key that a cache's entries are sealed with: entries that somebody else has made do not count.

Whoever can write entries that count can write verdicts. So a cache that came with a repository, or that a CI system has
restored from the run of a pull request, must not count: its maker does not have the key.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b

from vpce_checks.files.containment import is_within
from vpce_checks.files.errors import CacheError

VARIABLE = "VPCE_CHECKS_CACHE_KEY"
"""The environment variable that holds a key, for runs that share a cache on several machines."""

MIN_LETTERS = 16
"""A shorter key can be guessed."""

SIZE = 32
"""Bytes of a key."""


def cache_key(environment: Mapping[str, str], scanned: Iterable[str]) -> bytes:
    """The key of the environment, else the user's own, which is made where there is none yet.

    ``scanned`` are the repositories that are scanned. Raises CacheError for a key that cannot be used.
    """
    given = environment.get(VARIABLE)
    if given:
        if len(given) < MIN_LETTERS:
            raise CacheError(f"the key in {VARIABLE} is too short: it needs at least {MIN_LETTERS} characters")
        return blake2b(given.encode("utf-8", "surrogateescape"), digest_size=SIZE).digest()
    path = key_file(environment)
    real = os.path.realpath(path)
    if not os.path.isabs(path) or any(is_within(real, boundary) for boundary in scanned):
        raise CacheError(
            f"the key of the cache would be {path}, inside of what is scanned; set {VARIABLE} to a secret of at least "
            f"{MIN_LETTERS} characters instead"
        )
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    try:
        _write(path, os.urandom(SIZE))
        return _read(path)  # of two scans that begin at once, both read the key of the one that was last
    except OSError as error:
        raise _unusable(path, f"cannot be written: {error.strerror}") from error


def key_file(environment: Mapping[str, str]) -> str:
    """Return the file of the user's own key: in the directory for settings, since CI systems restore caches."""
    settings = environment.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", "")
    if not os.path.isabs(settings):
        settings = os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(settings, "vpce-checks", "cache.key")


def _read(path: str) -> bytes:
    """Raises OSError, and CacheError for a file that is no key of the user's alone."""
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        found = os.fstat(opened)
        if os.name == "posix" and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
            raise _unusable(path, "can be used by others; remove it, or keep them out with chmod 600")
        if not stat.S_ISREG(found.st_mode) or found.st_size != SIZE:
            raise _unusable(path, "is damaged; remove it")
        return os.read(opened, SIZE)
    finally:
        os.close(opened)


def _write(path: str, key: bytes) -> None:
    """Raises OSError."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    with suppress(FileNotFoundError):
        os.unlink(temporary)
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.write(opened, key)
    finally:
        os.close(opened)
    os.replace(temporary, path)


def _unusable(path: str, why: str) -> CacheError:
    return CacheError(f"the key of the cache, {path}, {why} (or set {VARIABLE} to a secret)")
