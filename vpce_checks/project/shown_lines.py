"""Which lines of a file the diff of a change shows, as GitHub shows it beside a pull request."""

from __future__ import annotations

import os
import sys

from vpce_checks.base.pattern import pattern
from vpce_checks.project.git_view import GitView

_COMMON = (
    "--find-renames",
    "--ignore-submodules=dirty",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
)
_LINES = ("--unified=3", "--inter-hunk-context=0", *_COMMON)
_NAMES = ("-z", "--name-status", *_COMMON)
_HUNK = pattern(r"@@ -[0-9,]+ \+(?P<first>[0-9]+)(?:,(?P<count>[0-9]+))? @@")


class ShownLines:
    """What the diff from the commit ``begin`` shows: to the commit ``end``, or to the work tree (None)."""

    def __init__(self, view: GitView, begin: str, end: str | None) -> None:
        """Raises GitError."""
        self._view = view
        self._between = (begin,) if end is None else (begin, end)
        self._before = _names_before(view.run("diff", *_NAMES, *self._between, "--"))
        new = b"" if end is not None else view.run("ls-files", "-z", "--others", "--exclude-standard")
        self._untracked = frozenset(map(os.fsdecode, new.split(b"\0")))

    def of(self, name: str) -> tuple[range, ...]:
        """The lines of a file (from the top of the work tree) that have changed or are new, and up to three lines around them.
        They count from 1. Raises GitError."""
        if name in self._untracked:
            return (range(1, sys.maxsize),)
        if name not in self._before:
            return ()
        # With both names of a file that has another one now, git compares the two.
        diff = self._view.run("diff", *_LINES, *self._between, "--", self._before[name], name)
        heads = (_HUNK.match(line) for line in diff.decode("latin-1").split("\n"))
        return tuple(range(int(head["first"]), int(head["first"]) + int(head["count"] or 1)) for head in heads if head)


def _names_before(listing: bytes) -> dict[str, str]:
    """Return what each file of a diff was called before, by its name: ``M NAME`` or ``R087 BEFORE NAME``."""
    found = {}
    words = iter(map(os.fsdecode, listing.split(b"\0")))
    for status in words:
        if status:
            before = next(words)
            found[next(words) if status.startswith("R") else before] = before
    return found
