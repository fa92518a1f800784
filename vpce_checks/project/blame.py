"""Who wrote a line, as git knows it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timezone
from typing import NamedTuple

from vpce_checks.files.containment import boundary_of
from vpce_checks.project.git_view import COMMIT, GitError, git_view

MAX_RANGES = 500
"""Lines that git is asked about at once: each is a part of its command line."""


class Author(NamedTuple):
    """Who wrote a line, and on which day (UTC, as text)."""

    name: str
    day: str


def authors(places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Author]:
    """Return who wrote each of ``places``: a file (a real path) and a line. A file that no commit has is left out.

    Raises GitError where there is no repository that git will read.
    """
    wanted: dict[str, dict[str, list[int]]] = {}
    for file, line in dict.fromkeys(places):
        wanted.setdefault(boundary_of(file), {}).setdefault(file, []).append(line)
    found: dict[tuple[str, int], Author] = {}
    for top, files in wanted.items():
        with git_view(top) as view:
            tracked = set(
                view.run("ls-files", "-z", "--", *(os.path.relpath(file, top) for file in files)).split(b"\0")
            )
            for file, lines in files.items():
                name = os.path.relpath(file, top)
                if os.fsencode(name) not in tracked:
                    continue
                for start in range(0, len(lines), MAX_RANGES):
                    ranges = [f"-L{line},{line}" for line in sorted(lines[start : start + MAX_RANGES])]
                    with suppress(GitError):  # it is to be part of the next commit for the first time
                        answer = view.run("blame", "--line-porcelain", *ranges, "--", name)
                        found.update(((file, line), author) for line, author in _parsed(answer))
    return found


def _parsed(answer: bytes) -> Iterator[tuple[int, Author]]:
    """Yield line and author of each entry. The content of a line begins with a tab.

    https://git-scm.com/docs/git-blame#_the_porcelain_format
    """
    line, name, day = 0, "", ""
    for row in answer.decode("utf-8", "replace").split("\n"):
        if row.startswith("\t"):
            yield line, Author(name, day)
            continue
        word, _, rest = row.partition(" ")
        if COMMIT.fullmatch(word):
            line = int(rest.split()[1])
        elif word == "author":
            name = rest
        elif word == "author-time" and rest.isdecimal():
            day = datetime.fromtimestamp(int(rest[:11]), timezone.utc).date().isoformat()
