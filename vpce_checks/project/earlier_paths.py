"""Where the paths of today were in an earlier commit, whose files are in a directory of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from vpce_checks.base.record import replace
from vpce_checks.files.containment import is_within

if TYPE_CHECKING:
    from vpce_checks.project.options import ScanOptions

Then: TypeAlias = Callable[[str], str]
"""Where a path of today was."""


def then_in(directory: str, top: str) -> Then:
    """Return where paths were in an earlier commit of the repository ``top``, whose files are in ``directory``. What is outside
    of the repository is where it is."""

    def then(path: str) -> str:
        real = os.path.realpath(path)
        return os.path.join(directory, os.path.relpath(real, top)) if is_within(real, top) else path

    return then


def options_then(options: ScanOptions, then: Then) -> ScanOptions:
    """Return ``options`` with what is to be scanned, and how, as it was. What was not there yet is left out."""
    return replace(
        options,
        paths=existing(map(then, options.paths)),
        roots=existing(map(then, options.roots)),
        policy=then(options.policy) if options.policy else None,
        boundary=then(options.boundary) if options.boundary else None,
    )


def existing(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that there are."""
    return tuple(path for path in paths if os.path.exists(path))
