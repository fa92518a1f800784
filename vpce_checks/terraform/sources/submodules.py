"""Git submodules that a checkout leaves out: git makes an empty directory for each, or nobody makes one.

https://git-scm.com/docs/gitmodules
"""

from __future__ import annotations

import os

from vpce_checks.files import tracked
from vpce_checks.files.containment import Places, is_within
from vpce_checks.files.tracked import contained

FILE = ".gitmodules"


@contained
def _is_empty(directory: str) -> bool:
    with os.scandir(directory) as entries:
        return next(entries, None) is None


def submodule_not_there(path: str, places: Places) -> str | None:
    """Return the submodule that ``path`` is in, from the top of its repository, if that is not checked out."""
    for top in places:
        for name in _submodules(top, places):
            directory = os.path.normpath(os.path.join(top, name))
            is_below = directory != os.path.normpath(top) and is_within(directory, top)
            if is_below and is_within(os.path.normpath(path), directory):
                return name if _is_left_out(directory, places) else None
    return None


def _submodules(top: str, places: Places) -> list[str]:
    try:
        data = tracked.contents(os.path.join(top, FILE), places)
    except OSError:
        return []
    lines = (line.partition("=") for line in data.decode("utf-8", "replace").splitlines())
    return [value.strip().strip('"') for name, equals, value in lines if equals and name.strip() == "path"]


def _is_left_out(directory: str, places: Places) -> bool:
    try:
        return not tracked.is_directory(directory, places) or _is_empty(directory, places)
    except OSError:
        return False
