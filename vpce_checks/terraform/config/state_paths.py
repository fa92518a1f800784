"""Paths of states in a directory or a bucket, and the workspaces in them.

https://developer.hashicorp.com/terraform/language/backend/local
https://developer.hashicorp.com/terraform/language/backend/s3#workspace_key_prefix
"""

from __future__ import annotations

import os
from typing import TypeAlias

from vpce_checks.model.values import Opaque, PartialString, Unknown, Value, join_strings, merge_causes

STATE_FILE = "terraform.tfstate"
IN_BUCKET = "env:/"
"""How the path of a state begins in a bucket, in every workspace but ``default``."""

IN_DIRECTORY = "/terraform.tfstate.d/"
"""Where local states are, in every workspace but ``default``."""

Parts: TypeAlias = "tuple[str | Opaque, ...]"

Found: TypeAlias = tuple[Value, Value]
"""The path of the state in the workspace ``default``, and the workspace that the path names (None: it names none)."""


def local_state(path: Value, directory: str) -> Found:
    """Return where a local state is, as an absolute path. ``path`` is relative to the root in ``directory``."""
    if path is None:
        path = STATE_FILE
    parts = _parts(path)
    if parts is None:
        return path, None
    parts = _absolute(parts, directory)
    for at, part in enumerate(parts):
        before, mark, after = part.partition(IN_DIRECTORY) if isinstance(part, str) else ("", "", "")
        workspace = _without_end(join_strings((after, *parts[at + 1 :])), f"/{STATE_FILE}") if mark else None
        if workspace is not None:
            return join_strings((*parts[:at], f"{before}/{STATE_FILE}")), workspace
    return join_strings(parts), None


def in_directory(workspaces: Value, directory: str) -> Value:
    """Return the path, as :func:`local_state` gives it, that the states of all workspaces share.

    ``workspaces`` is the ``workspace_dir`` of a backend. It is relative to the root in ``directory``.
    """
    if not isinstance(workspaces, (str, Opaque, PartialString)):
        return workspaces
    path, workspace = local_state(join_strings((workspaces, f"/-/{STATE_FILE}")), directory)
    return path if workspace is not None else local_state(join_strings((workspaces, f"/{STATE_FILE}")), directory)[0]


def path_in_directory(state: Value, workspace: Value) -> Value:
    """Return the path of a state in a ``workspace_dir``. ``state`` is what :func:`in_directory` made of that."""
    above = _without_end(state, STATE_FILE)
    texts = (above, workspace, f"/{STATE_FILE}")
    return join_strings(texts) if all(isinstance(each, (str, Opaque, PartialString)) for each in texts) else None


def _absolute(parts: Parts, directory: str) -> Parts:
    """Return a path below ``directory`` without ``..``. What comes before a ``..`` after an unknown part is unknown."""
    for at in reversed(range(1, len(parts))):
        part = parts[at]
        if isinstance(part, str) and "/../" in part:
            before = Unknown(merge_causes(parts[:at]), "string")
            return (before, "/" + part.rpartition("/../")[2], *parts[at + 1 :])
    first = parts[0]
    if not isinstance(first, str):
        return parts
    head, last = os.path.split(os.path.join(directory, first))
    if len(parts) == 1:
        return (os.path.normpath(os.path.join(head, last)),)
    return (os.path.join(os.path.normpath(head), last), *parts[1:])


def state_in_bucket(path: Value) -> Found:
    """Return the key of a state by its path in the bucket, such as ``env:/prod/net``, which is the key ``net``."""
    parts = _parts(path)
    if parts is None or not isinstance(parts[0], str) or not parts[0].startswith(IN_BUCKET):
        return path, None
    workspace, slash, rest = parts[0].removeprefix(IN_BUCKET).partition("/")
    if slash and workspace:
        return join_strings((rest, *parts[1:])), workspace
    if not workspace and len(parts) > 2 and isinstance(parts[2], str) and parts[2].startswith("/"):
        return join_strings((parts[2][1:], *parts[3:])), parts[1]
    return path, None


def path_in_bucket(prefix: str, workspace: Value, key: Value) -> Value | None:
    """Return the path in the bucket of the state ``key`` of a workspace. None if a part is no text.

    ``prefix`` is the ``workspace_key_prefix`` of the backend.
    """
    texts = (prefix, "/", workspace, "/", key)
    return join_strings(texts) if all(isinstance(each, (str, Opaque, PartialString)) for each in texts) else None


def _parts(text: Value) -> Parts | None:
    if isinstance(text, PartialString):
        return text.parts
    return (text,) if isinstance(text, str) else None


def _without_end(text: Value, end: str) -> Value:
    """Return a text without its known end. None if it does not end like this."""
    parts = _parts(text)
    last = parts[-1] if parts else None
    if parts is None or not isinstance(last, str) or not last.endswith(end):
        return None
    return join_strings((*parts[:-1], last.removesuffix(end)))
