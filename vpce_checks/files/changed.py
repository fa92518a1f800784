"""Files that have changed, some of them gone."""

from __future__ import annotations

import os
from collections.abc import Iterable


def changed_files(files: Iterable[str]) -> frozenset[str]:
    """The files by their own names, each in its real directory, also links: what one leads to has not changed with it,
    and may lie outside."""
    return frozenset(map(_in_real_directory, files))


def hold(changed: frozenset[str], files: Iterable[str]) -> bool:
    """Whether one of ``files``, or what it leads to, is among the ``changed`` ones."""
    return any(_in_real_directory(file) in changed or os.path.realpath(file) in changed for file in files)


def _in_real_directory(file: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
