"""Globs of paths in a policy file: which files they name, seen from where the policy file is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vpce_checks.policy.glob import matches_path

if TYPE_CHECKING:
    from vpce_checks.model.network import Declaration


def covers(glob: str, directory: str, path: str) -> bool:
    """Whether ``glob``, relative to ``directory``, names ``path`` or a directory around it."""
    relative = os.path.relpath(path, directory) if os.path.isabs(path) and directory else path
    relative = relative.replace(os.sep, "/")
    if "*" not in glob and "?" not in glob:
        named = glob.removeprefix("./").rstrip("/")
        return relative == named or relative.startswith(f"{named}/")
    return matches_path(glob, relative)


def declared_in(about: Declaration, glob: str, directory: str, file: str | None = None) -> bool:
    """Whether a resource is declared, or one of the modules that lead to it is called, in a file that ``glob`` names.

    ``file`` is the file that declares it, where it is not the one its declaration names.
    """
    places = {file or about.span.file, *(call.span.file for call in about.calls)}
    return any(covers(glob, directory, place) for place in places)
