"""The PATHs of a command: the option, and the lists of files that others hand to us."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, _ActionsContainer
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vpce_checks.cli.errors import UsageError

if TYPE_CHECKING:
    from vpce_checks.policy.scan_keys import Exclusion

MAX_GLOB = 500
"""Characters of a glob, as in a policy file."""

MAX_NAMES = 64 * 1024**2
"""Bytes of names that ``--files-from`` reads."""


def add_paths(parser: ArgumentParser) -> None:
    """Add the argument PATH. The parser appends to it whatever follows ``--``."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        default=[],
        help="directory or file (default: the current directory); whatever follows -- is a PATH, never an option",
    )


def add_policy(parser: _ActionsContainer) -> None:
    """Add the option ``--policy``."""
    parser.add_argument("--policy", metavar="FILE", help="policy file (default: .vpce-checks.yaml above the path)")


def add_trust(parser: _ActionsContainer) -> None:
    """Add the option ``--trust-repo-rules``."""
    parser.add_argument(
        "--trust-repo-rules",
        action="store_true",
        help="run the rules in Python that the scanned repository brings (docs/own-rules.md)",
    )


def add_exclude(parser: ArgumentParser) -> None:
    """Add the option ``--exclude``."""
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave out files and directories that match: * is a name, ** any directories; a directory means all below "
        "it (repeatable)",
    )


def exclusions(globs: Sequence[str]) -> tuple[Exclusion, ...]:
    """Return what ``--exclude`` asks for: globs that start at the current directory. Raises UsageError."""
    if not globs:
        return ()
    from vpce_checks.policy.scan_keys import Exclusion

    found = []
    for glob in globs:
        if not glob.strip() or len(glob) > MAX_GLOB:
            raise UsageError(f"--exclude takes a path or a glob of at most {MAX_GLOB} characters, not {glob[:60]!r}")
        written = os.path.relpath(glob) if os.path.isabs(glob) else glob
        found.append(Exclusion(written, os.getcwd()))
    return tuple(found)


def file_like_option(options: Iterable[str]) -> str | None:
    """Return the first argument that begins like an option and is the name of a file as well."""
    return next((text for text in options if text.startswith("-") and text != "-" and os.path.lexists(text)), None)


def check_paths(paths: Iterable[str]) -> None:
    """Raise UsageError for the first path that does not exist."""
    for path in paths:
        if not os.path.exists(path):
            raise UsageError(f"no such file or directory: {path}")


def check_policy(file: str | None) -> None:
    """Raise UsageError if ``--policy`` names no file."""
    if file is not None and not os.path.exists(file):
        raise UsageError(f"--policy: no such file: {file}")


def names_from(file: str) -> list[str]:
    """Return the names in ``file`` (``-``: standard input), each of which ends with a NUL, as ``git diff -z`` and
    ``find -print0`` write them. Raises UsageError."""
    try:
        if file == "-":
            content = sys.stdin.buffer.read(MAX_NAMES + 1)
        else:
            with open(file, "rb") as stream:
                content = stream.read(MAX_NAMES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    if len(content) > MAX_NAMES:
        raise UsageError(f"--files-from {file}: more than {MAX_NAMES // 1024**2} MB of names")
    if b"\n" in content and b"\0" not in content:
        raise UsageError(
            f"--files-from {file}: each name has to end with a NUL, as git diff -z and find -print0 write it"
        )
    return [os.fsdecode(name) for name in content.split(b"\0") if name]


def changed_files(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the files of a change as absolute paths: ``paths`` (of a directory, its files), and what pre-commit does
    not pass: files that the change removes, and those of submodules. Raises UsageError."""
    from vpce_checks.cli.terminal import say
    from vpce_checks.project.git_revision import RepositoryError, RevisionError, files_of, unnamed_changes

    first, last = (os.environ.get(name) for name in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"))
    unnamed: tuple[str, ...] = ()
    try:
        unnamed = unnamed_changes(".", first, last)
    except RepositoryError as error:
        say(f"cannot determine which files the change removes, or changes in submodules: {error}")
    except RevisionError as error:
        raise UsageError(str(error)) from error
    named = (file for path in paths for file in files_of(os.path.abspath(path)))
    return (*named, *unnamed)
