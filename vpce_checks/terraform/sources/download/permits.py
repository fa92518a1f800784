"""What may be connected to: anything over TLS or SSH; on this machine only what the user has named.

A module address comes out of the scanned code. ``https`` and ``ssh`` go where whoever started the scan has access, as
with ``terraform init``. Files of this machine and its own unencrypted servers are another matter: those must be named in
``VPCE_CHECKS_LOCAL_MODULES``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from vpce_checks.files.containment import is_within
from vpce_checks.terraform.sources.download.errors import CacheDirectoryError

VARIABLE = "VPCE_CHECKS_LOCAL_MODULES"
"""URLs with spaces between them: ``file:///srv/git http://127.0.0.1:8080``. What is below one of them may be fetched."""

_LOOPBACK = ("localhost", "::1")


class Permits:
    """Which URLs may be fetched."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises CacheDirectoryError for a variable that says anything else."""
        self._directories: list[str] = []
        self._servers: list[str] = []
        for text in environment.get(VARIABLE, "").split():
            url = urlsplit(text)
            if url.scheme == "file" and not url.netloc and os.path.isabs(unquote(url.path)):
                self._directories.append(os.path.realpath(unquote(url.path)))
            elif url.scheme == "http" and is_loopback(url.hostname or "") and url.path in ("", "/"):
                self._servers.append(url.netloc.lower())
            else:
                raise CacheDirectoryError(
                    f"{VARIABLE} takes file:///DIRECTORY and http://127.0.0.1:PORT, with spaces between them, not {text!r}"
                )

    def allow(self, url: str) -> bool:
        """Whether ``url`` may be connected to, or read."""
        parts = urlsplit(url)
        if parts.scheme == "http":
            return parts.netloc.rpartition("@")[2].lower() in self._servers
        if parts.scheme == "file":
            path = unquote(parts.path)
            real = os.path.realpath(path)
            return not parts.netloc and any(is_within(real, directory) for directory in self._directories)
        return parts.scheme in ("https", "ssh")

    def serves_plainly(self, host: str) -> bool:
        """Whether ``host`` (with its port) is a server of this machine that the user has named."""
        return host.lower() in self._servers


def is_loopback(host: str) -> bool:
    """Whether a host name can only be this machine."""
    return host.lower() in _LOOPBACK or (host.startswith("127.") and host.replace(".", "").isdigit())


def refusal(url: str) -> str:
    """Why a URL that may not be fetched is not, for a message."""
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return f"it is in a directory of this machine that {VARIABLE} does not name"
    if scheme == "http":
        return (
            f"it is served without encryption (http), which only a server of this machine may be that {VARIABLE} names"
        )
    return f"modules are fetched over https and ssh, not over {scheme[:20] or 'this'}"
