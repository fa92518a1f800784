"""The directories of a scan path, and the files in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator

from vpce_checks.base.record import record
from vpce_checks.files.containment import is_within, place_within

SKIPPED_DIRECTORIES = frozenset({"node_modules", "venv", "__pycache__"})
"""Directories of tools, beside every hidden one (``.git``, ``.terraform``, ``.venv`` ...)."""

TOOL_DIRECTORIES = frozenset(
    {
        *(
            ".git",
            ".terraform",
            ".terragrunt-cache",
            ".terragrunt-stack",
            ".external_modules",
            ".aws-sam",
            ".serverless",
        ),
        *(".venv", ".tox", ".nox", ".cache", ".npm", ".yarn", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".idea"),
    }
)
"""Hidden directories that hold what a tool has put there. Nobody deploys from them."""

MAX_HIDDEN = 100
"""The most directories looked at below a hidden one that is not scanned: they are only searched for code."""

MAX_HIDDEN_FILES = 1_000
"""The most files in them whose names, and beginnings, are looked at."""


@record
class Guide:
    """Says where a walk does not go, and hears what the walk passes by.

    ``failed`` hears of a directory that cannot be listed. ``left_out`` says whether a directory is not walked; the walk
    asks it about the directories in another one after it has yielded that one. ``leads_out`` hears of a link out of the
    repository that may be one to a directory. ``hidden`` hears of a hidden directory that is not walked and is not one of
    TOOL_DIRECTORIES. It gets the directories from there down (no more than MAX_HIDDEN of them, the upper ones first) and
    the names of their files.
    """

    failed: Callable[[str, OSError], None]
    left_out: Callable[[str], bool] = lambda directory: False
    leads_out: Callable[[str], None] = lambda link: None
    hidden: Callable[[str, Iterator[tuple[str, list[str]]]], None] = lambda directory, below: None


def walk(top: str, boundary: str, also: Collection[str], guide: Guide) -> Iterator[tuple[str, list[str]]]:
    """Every directory from ``top`` down with the names of its regular files, in order of their paths.

    Hidden directories are left out but those whose name is in ``also``.
    """
    pending = [top]
    linked: set[str] = set()
    while pending:
        directory = pending.pop()
        try:
            with os.scandir(directory) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            guide.failed(directory, error)
            continue
        yield directory, [entry.name for entry in entries if _is_file(entry, boundary)]
        chosen = [entry for entry in entries if _is_for_code(entry.name) or entry.name in also]
        below = [found for found in _below(chosen, top, boundary, linked, guide.leads_out) if not guide.left_out(found)]
        for entry in entries:
            if _is_hidden(entry) and entry.name not in also and not guide.left_out(entry.path):
                guide.hidden(entry.path, _hidden_below(entry.path, boundary, guide.left_out))
        pending.extend(reversed(below))


def _is_for_code(name: str) -> bool:
    return not name.startswith(".") and name not in SKIPPED_DIRECTORIES


def _hidden_below(top: str, boundary: str, left_out: Callable[[str], bool]) -> Iterator[tuple[str, list[str]]]:
    level = [top]
    left = MAX_HIDDEN_FILES
    for _ in range(MAX_HIDDEN):
        if not level or left <= 0:
            return
        directory = level.pop(0)
        try:
            with os.scandir(directory) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            continue
        names = [entry.name for entry in entries if _is_file(entry, boundary)][:left]
        left -= len(names)
        yield directory, names
        for entry in entries:
            is_directory = not entry.is_symlink() and entry.is_dir(follow_symlinks=False)
            if is_directory and entry.name not in SKIPPED_DIRECTORIES | TOOL_DIRECTORIES and not left_out(entry.path):
                level.append(entry.path)


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    return (
        entry.name.startswith(".")
        and entry.name not in TOOL_DIRECTORIES
        and not entry.is_symlink()
        and entry.is_dir(follow_symlinks=False)
    )


def _below(
    entries: Iterable[os.DirEntry[str]],
    top: str,
    boundary: str,
    linked: set[str],
    leads_out: Callable[[str], None],
) -> Iterator[str]:
    """The directories to walk next. A link is followed once, inside the repository, to where the walk does not go."""
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield entry.path
        elif entry.is_symlink():
            target = place_within(entry.path, (boundary,))
            if target is None and "." not in entry.name:
                leads_out(entry.path)
            if target is None or is_within(target, top) or is_within(top, target):
                continue
            if target not in linked and os.path.isdir(target):
                linked.add(target)
                yield target


def _is_file(entry: os.DirEntry[str], boundary: str) -> bool:
    """Whether it is a file, or may be one: what a link out of the repository leads to is not looked at."""
    if not entry.is_symlink():
        return not entry.is_dir()
    place = place_within(entry.path, (boundary,))
    return place is None or os.path.isfile(place)
