"""Files that have changed, some of them gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from vpce_checks.files.containment import MAX_LINKS, Places, place_within


def changed_files(files: Iterable[str]) -> frozenset[str]:
    """The files by their own names, each in its real directory, also links: what one leads to has not changed with it,
    and may lie outside."""
    return frozenset(map(_in_real_directory, files))


def hold(changed: frozenset[str], files: Iterable[str]) -> bool:
    """Whether one of ``files``, or what it leads to, is among the ``changed`` ones."""
    return any(_in_real_directory(file) in changed or os.path.realpath(file) in changed for file in files)


def _in_real_directory(file: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))


def is_link(file: str) -> bool:
    """Whether ``file`` is a symbolic link."""
    return os.path.islink(file)


def links_in(directory: str, places: Places, suffixes: tuple[str, ...]) -> list[str]:
    """The links in a directory whose names end with one of ``suffixes``."""
    place = place_within(directory, places)
    if place is None:
        return []
    try:
        with os.scandir(place) as entries:
            return [entry.path for entry in entries if entry.is_symlink() and entry.name.endswith(suffixes)]
    except (OSError, ValueError):  # ValueError: code may call a directory whose name no file can have
        return []


def steps_of(link: str, places: Places) -> Iterator[str]:
    """What ``link`` leads to, one link after the other, each by its own name in its real directory in ``places``."""
    for _ in range(MAX_LINKS):
        try:
            target = os.path.join(os.path.dirname(link), os.readlink(link))
        except OSError:
            return
        directory = place_within(os.path.dirname(target), places)
        if directory is None:
            return
        link = os.path.join(directory, os.path.basename(target))
        yield link
