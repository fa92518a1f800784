"""The hash that content is compared by: ``hashlib``'s, without the OpenSSL that importing ``hashlib`` loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b as blake2b
else:
    try:
        from _blake2 import blake2b as blake2b
    except ImportError:  # an interpreter that keeps it elsewhere
        from hashlib import blake2b as blake2b
