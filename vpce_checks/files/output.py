"""Writing the files that a user asks for: whole or not at all, and never through a link that a checkout holds.

A repository can hold symbolic links. Who writes ``out/report.json`` through a committed ``out -> /home/me`` writes where
somebody else wants it. A link outside of the checkouts is the user's own and is followed. Devices, pipes and everything
in ``/dev`` or ``/proc`` (``/dev/stdout``, ``/dev/fd/3``) are written to as they are.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from vpce_checks.files.containment import is_within

MAX_LINKS = 40
"""So many links lead to a file at most, as on Linux."""

AS_THEY_ARE = ("/dev", "/proc")
"""Names in here stand for something that is already open, and cannot be replaced."""


class OutputError(Exception):
    """A file that cannot be written, in a sentence that names it."""


def check_output(path: str, checkouts: Iterable[str]) -> None:
    """Raise OutputError if ``path`` cannot be written: it leads through a link in one of ``checkouts``
    (directories, absolute and without links), it is a directory, or the directory that it would be in is not there."""
    check_directory(path, checkouts)
    if _is_open_already(path):
        return
    if os.path.isdir(path):
        raise OutputError(f"cannot write {path}: it is a directory")
    directory = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(directory):
        raise OutputError(f"cannot write {path}: there is no directory {os.path.dirname(path) or directory}")


def check_directory(path: str, checkouts: Iterable[str]) -> None:
    """Raise OutputError if a directory to write into leads through a link in one of ``checkouts``."""
    link = _link_within(path, tuple(checkouts))
    if link is not None:
        raise OutputError(
            f"cannot write {path}: {link} is a symbolic link inside of the repository; remove it, or write elsewhere"
        )


def write_output(path: str, text: str, checkouts: Iterable[str] = ()) -> None:
    """Write ``text`` to the file ``path``. What was there before stays unless all of it can be written.

    Raises OutputError, also for what :func:`check_output` refuses.
    """
    check_output(path, checkouts)
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_open_already(path) or _is_no_file(path):
            with open(path, "wb") as stream:
                stream.write(data)
        else:
            _replace(os.path.realpath(path), data)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def create_output(path: str, text: str, checkouts: Iterable[str] = ()) -> None:
    """Write ``text`` to the file ``path``, which must not be there, not even as a link. Raises OutputError."""
    check_output(path, checkouts)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags, 0o666), "wb") as stream:
            try:
                stream.write(text.encode("utf-8", "backslashreplace"))
                stream.flush()
            except BaseException:
                with suppress(OSError):
                    os.unlink(path)
                raise
    except FileExistsError:
        raise OutputError(f"cannot write {path}: it is there already") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error


def _replace(path: str, data: bytes) -> None:
    """Write a file beside ``path``, and put it into its place."""
    temporary = os.path.join(os.path.dirname(path), f".vpce-checks-{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
        with suppress(OSError):  # a new file has the usual permissions, another keeps its own
            os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _is_open_already(path: str) -> bool:
    return any(is_within(os.path.abspath(path), directory) for directory in AS_THEY_ARE)


def _is_no_file(path: str) -> bool:
    """Whether it is there and a device, a pipe or the like."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _link_within(path: str, checkouts: tuple[str, ...]) -> str | None:
    """The first symbolic link in one of ``checkouts`` on the way to ``path``, as a path."""
    directory = os.path.realpath(os.getcwd())
    ahead = _parts(path)
    followed = 0
    while ahead:
        part = ahead.pop()
        if os.path.isabs(part):
            directory = part
        elif part == os.pardir:
            directory = os.path.dirname(directory)
        elif part not in ("", os.curdir):
            entry = os.path.join(directory, part)
            if not os.path.islink(entry):
                directory = entry
                continue
            followed += 1
            if followed > MAX_LINKS or any(is_within(directory, checkout) for checkout in checkouts):
                return os.path.relpath(entry) if is_within(entry, os.path.realpath(os.getcwd())) else entry
            ahead += _parts(os.readlink(entry))
    return None


def _parts(path: str) -> list[str]:
    """The components of ``path``, the last one first. The root of an absolute one is a component."""
    drive, rest = os.path.splitdrive(path.replace(os.altsep, os.sep) if os.altsep else path)
    root = [drive + os.sep] if drive or rest.startswith(os.sep) else []
    return [*reversed(rest.split(os.sep)), *root]
