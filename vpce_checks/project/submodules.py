"""The submodules of a repository that are checked out, and the names that git would check out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from vpce_checks.project.git_view import GitError, GitView, git_view

SUBMODULE = b"160000"
"""The mode of a submodule in a tree and in the index."""


def submodules(view: GitView) -> Iterator[str]:
    """The submodules of the index whose repositories are here. Raises GitError."""
    for line in view.run("ls-files", "-z", "--stage").split(b"\0"):
        facts, _, raw = line.partition(b"\t")
        name = os.fsdecode(raw)
        if facts.startswith(SUBMODULE) and is_plain(name) and _is_checked_out(view, name):
            yield name


def _is_checked_out(view: GitView, name: str) -> bool:
    place = os.path.join(view.top, name)
    return os.path.realpath(place) == place and os.path.exists(os.path.join(place, ".git"))


@contextmanager
def submodule(view: GitView, name: str) -> Iterator[GitView]:
    """The repository of a submodule. Raises GitError if it is not here."""
    if not _is_checked_out(view, name):
        raise GitError(f"the submodule {name} is not checked out")
    with git_view(os.path.join(view.top, name)) as inner:
        yield inner


def is_plain(name: str) -> bool:
    """Whether a file of a tree may be written where its name says: git itself would check out no other."""
    parts = name.replace(os.sep, "/").split("/")
    return not os.path.isabs(name) and not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
