"""What the file system does not allow."""

from __future__ import annotations


class CacheError(Exception):
    """A cache directory that cannot be used, in words."""
