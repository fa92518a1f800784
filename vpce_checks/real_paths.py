"""Where the paths of one tree really lie, told faster than one by one."""

from __future__ import annotations

import os


class RealPaths:
    """``os.path.realpath`` for many paths, as long as nothing moves meanwhile: each directory is resolved once."""

    def __init__(self) -> None:
        self._directories: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        """The real path of ``path``."""
        parent, name = os.path.split(path)
        if os.name != "posix" or not os.path.isabs(path) or name in ("", os.curdir, os.pardir):
            return os.path.realpath(path)
        real = self._directories.get(parent)
        if real is None:
            real = self._directories[parent] = os.path.realpath(parent)
        place = os.path.join(real, name)
        return os.path.realpath(path) if os.path.islink(place) else place
