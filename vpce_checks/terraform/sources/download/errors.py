"""Why a module was not downloaded."""

from __future__ import annotations

from vpce_checks.files.errors import CacheError


class DownloadError(Exception):
    """A module that could not be fetched, in words for the user, without credentials (see :func:`redact_message`)."""


class CacheDirectoryError(CacheError):
    """A directory that downloads cannot be kept in, in words."""
