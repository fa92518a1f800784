"""Looking at the file system, and remembering what was seen.

What a root's verdict rests on, beside options and policy, is what was seen of files: contents, listings, what exists,
where links lead. Inside of :func:`recording` every look through a :func:`tracked` function is noted with its answer, so
that the verdict can be kept (see :mod:`vpce_checks.execution.cache`) for as long as looking again gives the same answers.

Whatever the scanned repository names is looked at through a :func:`contained` function, which takes the places where it may look.
What those give a path to, and a :func:`tracked` function takes, is a place: a path that no link leads away from.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from importlib import import_module
from typing import Generic, TypeAlias, TypeVar

from vpce_checks.files.containment import Places, place_within
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.files.regular import read_regular

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

Look: TypeAlias = tuple[str, str]
"""A question and the path that it is about."""

Footprint: TypeAlias = dict[Look, str]
"""Looks, each with what was seen. Whoever looks again and sees the same can keep what depends on it."""

MAX_BYTES = 64 * 1024 * 1024
"""How much of a file is read."""

_UNNAMED = "a path that is not named"  # a question that nobody can ask again

_OF_DIRECTORY = {"place"}  # questions about a real directory that the names in it answer
_OF_FILE = {"contents", "place", "is a directory", "is a file", "exists"}  # about a file whose state is known
_NOT_THERE = f"error: {os.strerror(errno.ENOENT)}"

_footprint: ContextVar[Footprint | None] = ContextVar("footprint", default=None)
_questions: dict[str, Callable[[str], object]] = {}


def tracked(look: Callable[[str], T], name: str = "") -> Callable[[str], T]:
    """A way to look at a path (its answer bytes, or something whose ``repr`` says all of it; or OSError), tracked."""
    question = name or f"{look.__module__}:{look.__qualname__}"
    _questions[question] = look

    @wraps(look)
    def asked(path: str) -> T:
        footprint = _footprint.get()
        if footprint is None:
            return look(path)
        try:
            answer = look(path)
        except OSError as error:
            footprint[question, path] = _failure(error)
            raise
        footprint[question, path] = _digest(answer)
        return answer

    return asked


class OutsideError(OSError):
    """A path leads out of what may be read."""

    def __init__(self) -> None:
        super().__init__("it is outside the scanned repository")


def listing(look: Callable[[str], T]) -> Callable[[str, Places], T]:
    """``look`` at a directory, :func:`contained`, that sees nothing but which names are in it, and which are directories."""
    _OF_DIRECTORY.add(f"{look.__module__}:{look.__qualname__}")
    return contained(look)


def contained(look: Callable[[str], T], name: str = "") -> Callable[[str, Places], T]:
    """``look``, as for :func:`tracked`, at the place where a path really leads. Raises OutsideError where that is not in
    ``places``."""
    question = name or f"{look.__module__}:{look.__qualname__}"
    _questions[question] = look
    questions: dict[Places, str] = {}

    @wraps(look)
    def asked(path: str, places: Places) -> T:
        place = place_within(path, places)
        footprint = _footprint.get()
        if footprint is None:
            return look(_inside(place))
        key = questions.get(places)
        if key is None:
            key = questions[places] = "\0".join((question, *places))
        try:
            answer = look(_inside(place))
        except OSError as error:
            footprint[key, path] = _at(place, path, _failure(error))
            raise
        footprint[key, path] = _at(place, path, _digest(answer))
        return answer

    return asked


def _inside(place: str | None) -> str:
    if place is None:
        raise OutsideError
    return place


def _at(place: str | None, path: str, digest: str) -> str:
    """An answer for one place is none for another."""
    return digest if place == path else f"{digest}\0{place or ''}"


def looked_at(footprint: Footprint) -> set[str]:
    """Every path that was looked at, and where each of them led."""
    return {each for (_, path), answer in footprint.items() for each in (path, answer.partition("\0")[2])}


def _has_mode(is_kind: Callable[[int], bool]) -> Callable[[str], bool]:
    def look(place: str) -> bool:
        try:
            return is_kind(os.lstat(place).st_mode)
        except (OSError, ValueError):
            return False

    return look


def _is_there(look: Callable[[str, Places], bool]) -> Callable[[str, Places], bool]:
    def asked(path: str, places: Places) -> bool:
        try:
            return look(path, places)
        except OutsideError:
            return False

    return asked


is_directory = _is_there(contained(_has_mode(stat.S_ISDIR), "is a directory"))
is_file = _is_there(contained(_has_mode(stat.S_ISREG), "is a file"))
exists = _is_there(contained(_has_mode(lambda mode: not stat.S_ISLNK(mode)), "exists"))
"""Whether there is such a thing in ``places``. What is outside of them is not there, whether it exists or not."""

_place = contained(lambda place: place, "place")


def place_of(path: str, places: Places) -> str | None:
    """Where ``path`` leads, if that is in ``places``; see :func:`place_within`."""
    try:
        return _place(path, places)
    except OutsideError:
        return None


def _contents(place: str) -> bytes:
    return read_regular(place, MAX_BYTES + 1)


contents = contained(_contents, "contents")
"""What is in a regular file, or the first ``MAX_BYTES`` of it and one byte more. Raises OSError."""


@contextmanager
def recording(*, wanted: bool = True) -> Iterator[Footprint]:
    """Note the looks made inside. They count as made by what is recording around it, too."""
    if not wanted:
        yield {}
        return
    footprint: Footprint = {}
    around = _footprint.get()
    token = _footprint.set(footprint)
    try:
        yield footprint
    finally:
        _footprint.reset(token)
        if around is not None:
            around.update(footprint)


def looks_at_any(files: Collection[str], read: Callable[[], object]) -> bool:
    """Whether ``read`` looks at one of ``files``, or at the directory that one is in, gone from or new in."""
    if not files:
        return False
    with recording() as footprint:
        read()
    paths = looked_at(footprint)
    return any(file in paths or os.path.dirname(file) in paths for file in files)


@contextmanager
def path_untold() -> Iterator[None]:
    """Look at paths that must not be noted, as their names are secrets: what rests on such a look cannot be kept."""
    around = _footprint.get()
    if around is None:
        yield
        return
    apart: Footprint = {}
    token = _footprint.set(apart)
    try:
        yield
    finally:
        _footprint.reset(token)
        if apart:
            around[_UNNAMED, ""] = ""


def is_recording() -> bool:
    """Whether looks are noted."""
    return _footprint.get() is not None


def remember(footprint: Mapping[Look, str]) -> None:
    """Count looks that were made earlier as made now, where their result is used again."""
    around = _footprint.get()
    if around is not None:
        around.update(footprint)


class Remembered(Generic[K, T]):
    """What ``make`` makes of a key by looking at files, made once for each. Who asks again has made the same looks."""

    def __init__(self, make: Callable[[K], T]) -> None:
        self._make = make
        self._made: dict[K, T] = {}
        self._seen: dict[K, Footprint] = {}

    def __call__(self, key: K) -> T:
        if key not in self:
            with recording(wanted=is_recording()) as seen:
                self._made[key] = self._make(key)
            if is_recording():
                self._seen[key] = seen
        elif is_recording():
            remember(self._seen[key])
        return self._made[key]

    def __contains__(self, key: K) -> bool:
        """Whether it is made, and its looks are noted if somebody notes looks now."""
        return key in self._made and (not is_recording() or key in self._seen)

    def forget(self, key: K) -> None:
        """Make it anew when somebody asks again."""
        self._made.pop(key, None)
        self._seen.pop(key, None)


def again(look: Look, real_paths: RealPaths) -> str:
    """What is seen now. Raises LookupError for a question that nobody asks any more."""
    asked, path = look
    question, *places = asked.split("\0")
    if question not in _questions:
        module = question.partition(":")[0]
        if not module.startswith("vpce_checks."):
            raise LookupError(question)
        try:
            import_module(module)
        except ImportError:
            raise LookupError(question) from None
    place = place_within(path, tuple(places), real_paths.directories) if places else path
    try:
        answer = _digest(_questions[question](_inside(place)))
    except OSError as error:
        answer = _failure(error)
    return _at(place, path, answer)


def files_in(directory: str, footprint: Footprint) -> tuple[str, ...]:
    """Return the names of what was read directly in ``directory``, as far as it was there."""
    read = (
        path
        for (asked, path), answer in footprint.items()
        if asked.partition("\0")[0] == "contents" and not answer.startswith("error: ")
    )
    return tuple(sorted({os.path.basename(path) for path in read if _is_directly_in(path, directory)}))


def is_covered(look: Look, then: str, directory: str, files: Collection[str]) -> bool:
    """Whether the answer to ``look``, which was ``then``, is the same as long as the names in ``directory`` and the state of
    ``files`` there are. ``directory`` is a real path, and no name in it is that of a link."""
    asked, path = look
    question, *places = asked.split("\0")
    if path == directory:
        return question in _OF_DIRECTORY
    if not _is_directly_in(path, directory):
        return False
    return question in _OF_FILE if os.path.basename(path) in files else bool(places) and then == _NOT_THERE


def _is_directly_in(path: str, directory: str) -> bool:
    above, _, name = path.rpartition("/")
    return above == directory and name not in ("", ".", "..")


def _digest(answer: object) -> str:
    from hashlib import blake2b  # it loads OpenSSL, which only a scan that records needs

    data = answer if isinstance(answer, bytes) else repr(answer).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).hexdigest()


def _failure(error: OSError) -> str:
    return f"error: {error.strerror or error}"
