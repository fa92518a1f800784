"""Looking at the file system, and remembering what was seen.

What a root's verdict rests on, beside options and policy, is what was seen of files: contents, listings, what exists,
where links lead. Inside of :func:`recording` every look through a :func:`watched` function is noted with its answer, so
that the verdict can be kept (see :mod:`vpce_checks.execution.cache`) for as long as looking again gives the same answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from importlib import import_module

from vpce_checks.base.hints import Any, TypeAlias, TypeVar

T = TypeVar("T")

Look: TypeAlias = tuple[str, str]
"""A question and the path that it is about."""

Seen: TypeAlias = dict[Look, str]
"""Looks with what was seen."""

_REAL_PATH = "real path"

_hash: Any = None
_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)
_questions: dict[str, Callable[[str], object]] = {}


def watched(look: Callable[[str], T], name: str = "") -> Callable[[str], T]:
    """A way to look at a path (its answer bytes, or something whose ``repr`` tells all of it; or OSError), watched."""
    question = name or f"{look.__module__}:{look.__qualname__}"
    _questions[question] = look

    @wraps(look)
    def asked(path: str) -> T:
        seen = _seen.get()
        if seen is None:
            return look(path)
        try:
            answer = look(path)
        except OSError as error:
            seen[question, path] = _failure(error)
            raise
        seen[question, path] = _digest(answer)
        return answer

    return asked


is_directory = watched(os.path.isdir, "is a directory")
is_file = watched(os.path.isfile, "is a file")
is_link = watched(os.path.islink, "is a link")
exists = watched(os.path.exists, "exists")
real_path = watched(os.path.realpath, _REAL_PATH)
size = watched(os.path.getsize, "size")


@watched
def contents(path: str) -> bytes:
    """What is in a file, or the first 64 MiB of it and one byte more."""
    with open(path, "rb") as stream:
        return stream.read(64 * 1024 * 1024 + 1)


@contextmanager
def recording(wanted: bool = True) -> Iterator[Seen]:
    """Note the looks made inside. They count as made by what is recording around it, too."""
    if not wanted:
        yield {}
        return
    seen: Seen = {}
    around = _seen.get()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)
        if around is not None:
            around.update(seen)


def is_recording() -> bool:
    """Whether looks are noted."""
    return _seen.get() is not None


def remember(seen: Mapping[Look, str]) -> None:
    """Count looks that were made earlier as made now, where their result is used again."""
    around = _seen.get()
    if around is not None:
        around.update(seen)


def again(look: Look, where: Callable[[str], str]) -> str:
    """What is seen now. ``where`` tells real paths. Raises LookupError for a question that nobody asks any more."""
    question, path = look
    if question == _REAL_PATH:
        return _digest(where(path))
    if question not in _questions:
        module = question.partition(":")[0]
        if not module.startswith("vpce_checks."):
            raise LookupError(question)
        try:
            import_module(module)
        except ImportError:
            raise LookupError(question) from None
    try:
        return _digest(_questions[question](path))
    except OSError as error:
        return _failure(error)


def _digest(answer: object) -> str:
    global _hash
    if _hash is None:  # importing it is for those alone who record
        from vpce_checks.base.digest import blake2b as _hash
    data = answer if isinstance(answer, bytes) else repr(answer).encode("utf-8", "surrogatepass")
    digest: str = _hash(data, digest_size=16).hexdigest()
    return digest


def _failure(error: OSError) -> str:
    return f"error: {error.strerror or error}"
