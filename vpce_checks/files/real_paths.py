"""The real paths of the paths in one tree, faster than asking for one after the other."""

from __future__ import annotations

import os

DEEP = 100
"""Directories inside of each other, from which on a path is left to ``os.path.realpath``."""


class RealPaths:
    """``os.path.realpath`` for many paths, as long as nothing moves meanwhile: each directory is looked at once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self.directories: set[str] = set()
        """Those that were seen to be real, by :func:`vpce_checks.files.containment.place_within`."""

    def __call__(self, path: str) -> str:
        """The real path of ``path``."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._resolved(path)
        return found

    def _resolved(self, path: str) -> str:
        parent, _, name = path.rpartition("/")
        if os.name != "posix" or path[:1] != "/" or not parent or name in ("", ".", "..") or path.count("/") > DEEP:
            return os.path.realpath(path)
        place = os.path.join(self(parent), name)
        return os.path.realpath(path) if os.path.islink(place) else place
