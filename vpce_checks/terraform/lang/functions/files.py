"""Reading the files that a configuration names: inside the repository, regular, and of bounded size only."""

from __future__ import annotations

import os
import stat

from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.model.values import Unknown, unknown
from vpce_checks.terraform.lang.functions.contract import Environment

MAX_FILE = 5_000_000
"""Bytes. A larger file is not read."""


def locate(environment: Environment, path: str, function: str, returns: str) -> str | Unknown:
    """The real path of an existing file or directory inside the boundary, or why there is none to be had.

    A file that does not exist may yet be made by a step before Terraform runs, so its absence proves nothing.
    """
    if path.startswith("~"):
        return unknown(f'{function}("{path}") reads outside the repository', environment.span, returns)
    if "\0" in path:
        return unknown(f"{function}() of a path with a zero byte", environment.span, returns)
    full = os.path.join(environment.base_directory, path)
    real = tracked.real_path(full)
    if not is_readable(environment, real):
        return unknown(f'{function}("{path}") reads outside the repository', environment.span, returns)
    if not tracked.exists(real):
        return unknown(f'{function}("{path}"): no such file', environment.span, returns)
    return real


def is_readable(environment: Environment, real: str) -> bool:
    """Whether a real path lies where files may be read."""
    places = map(os.path.realpath, (environment.boundary, *environment.outside))
    return any(is_within(real, place) for place in places)


def read_bytes(environment: Environment, path: str, function: str) -> bytes | Unknown:
    """The content of a file that a function names, or why it cannot be read."""
    real = locate(environment, path, function, "string")
    if isinstance(real, Unknown):
        return real
    try:
        return _read(real)
    except _Refused as refusal:
        return unknown(f'{function}("{path}") is {refusal}', environment.span, "string")
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        return unknown(f'{function}("{path}") cannot be read: {reason}', environment.span, "string")


class _Refused(OSError):
    """A file that is not read, whoever may."""


@tracked.watched
def _read(real: str) -> bytes:
    # O_NONBLOCK: opening a pipe must not wait for a writer
    descriptor = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Refused("not a regular file")
        pieces: list[bytes] = []
        size = 0
        while size <= MAX_FILE:
            piece = os.read(descriptor, 1 << 20)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
        raise _Refused(f"larger than {MAX_FILE // 1_000_000} MB")
    finally:
        os.close(descriptor)
