"""Why a module was not downloaded."""

from __future__ import annotations

import re

from vpce_checks.files.errors import CacheError

_USER = re.compile(r"://[^/\s'\"]+@")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f]+")
MAX_TEXT = 300


class DownloadError(Exception):
    """A module that could not be fetched, in words for the user, without credentials (see :func:`redacted`)."""


class CacheDirectoryError(CacheError):
    """A directory that downloads cannot be kept in, in words."""


def redacted(text: str, secrets: frozenset[str]) -> str:
    """``text`` in one line, without ``secrets`` and without whatever stands where a URL has its credentials."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _UNSHOWN.sub(" ", _USER.sub("://***@", text)).strip()
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."
