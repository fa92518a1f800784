"""The walk that finds the units of a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from vpce_checks.files import tracked
from vpce_checks.files.walk import SKIPPED_DIRECTORIES
from vpce_checks.terraform.terragrunt.file_names import STACK_FILE, UNIT_FILES

_SKIPPED = SKIPPED_DIRECTORIES | {
    *(".git", ".terraform", ".terragrunt-cache", ".boilerplate"),
    *(".venv", ".tox", ".nox", ".cache"),
}
"""Directories in which Terragrunt has no units of its user."""

MAX_DIRECTORIES = 50_000
"""How many directories of a repository are looked into for units."""


def unit_directories(
    top: str, stacks: list[str] | None = None, cut: Callable[[str], None] = lambda directory: None
) -> Iterator[str]:
    """Every directory with a unit below ``top``, hidden ones included; ``stacks`` takes in those with a stack. ``cut`` is
    called with the first directory beyond MAX_DIRECTORIES: it and all later ones are not looked into."""
    pending = [top]
    count = 0
    while pending and count < MAX_DIRECTORIES:
        directory = pending.pop()
        count += 1
        try:
            names, below = _look_into(directory)
        except OSError:
            continue
        if any(name in names for name in UNIT_FILES):
            yield directory
        if STACK_FILE in names and stacks is not None:
            stacks.append(directory)
        pending += [os.path.join(directory, name) for name in reversed(below)]
    if pending:
        cut(pending[-1])


@tracked.tracked
def _look_into(directory: str) -> tuple[list[str], list[str]]:
    """The names of Terragrunt's files in a directory, and of the directories to walk next."""
    names: list[str] = []
    below: list[str] = []
    with os.scandir(directory) as listing:
        for entry in listing:
            is_directory = entry.is_dir(follow_symlinks=False)
            if entry.name in (*UNIT_FILES, STACK_FILE):
                names += [] if is_directory else [entry.name]
            elif is_directory and entry.name not in _SKIPPED:
                below.append(entry.name)
    return sorted(names), sorted(below)
