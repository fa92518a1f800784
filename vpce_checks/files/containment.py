"""Which paths lie in the scanned repository. Nothing outside of it is read, whatever a link or a path in it says.

Out of scope: files and links that somebody moves while the scan runs.
"""

from __future__ import annotations

import os


def is_within(path: str, directory: str) -> bool:
    """Whether ``path`` is ``directory`` or lies below it. Both are absolute and without symbolic links."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def boundary_of(path: str) -> str:
    """The git repository around ``path``, a real path; without one, the directory itself."""
    directory = path if os.path.isdir(path) else os.path.dirname(path)
    above = directory
    while True:
        if os.path.exists(os.path.join(above, ".git")):
            return above
        parent = os.path.dirname(above)
        if parent == above:
            return directory
        above = parent
