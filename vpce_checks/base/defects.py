"""Exceptions that nobody foresaw, in words for a user.

A guard (``except Exception``) is placed where one value, resource, file, rule or format can fail alone. It reports
:func:`defect` as an error, and everything else goes on. Such an error makes the exit code 3.
"""

from __future__ import annotations

import os
from contextvars import ContextVar

MAX_TEXT = 200
"""Characters of an exception's own text that are shown."""


class Failure(Exception):
    """What went wrong in code of somebody else, in words for a user."""


_withheld: ContextVar[bool] = ContextVar("withheld", default=False)


def withhold_texts(*, wanted: bool = True) -> None:
    """From here on (or no longer) show no exception's own text, as it may quote a sensitive value."""
    _withheld.set(wanted)


def defect(error: Exception) -> str:
    """Return what went wrong. A defect of ours comes with its place in our code, so that its report can be acted on."""
    if isinstance(error, Failure):
        return str(error)
    if _withheld.get():
        what = (
            "cannot read a file"
            if isinstance(error, OSError)
            else f"internal error, please report it: {type(error).__name__}"
        )
        if not isinstance(error, (RecursionError, MemoryError)):
            return f"{what} (its text may hold sensitive values){_where(error)}"
    if isinstance(error, RecursionError):
        return "this is nested too deeply"
    if isinstance(error, MemoryError):
        return "this takes more memory than there is"
    if isinstance(error, OSError) and isinstance(error.filename, str):  # it vanished during the scan
        return f"cannot read {error.filename}: {error.strerror}"
    return f"internal error, please report it: {type(error).__name__}: {str(error)[:MAX_TEXT]}{_where(error)}"


def failure(error: BaseException, where: str) -> Failure:
    """Return an exception in code of somebody else, which is at ``where``, as what went wrong there."""
    text = str(error)[:MAX_TEXT]
    if _withheld.get() and text:
        text = "its text may hold sensitive values"
    return Failure(f"{type(error).__name__}{f': {text}' if text else ''} at {where}")


def _where(error: Exception) -> str:
    """The last line of our own code on the way to where ``error`` was raised."""
    trace = error.__traceback__
    where = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "vpce_checks" in file:
            where = f" at {file[file.rindex('vpce_checks') :].replace(os.sep, '/')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where
