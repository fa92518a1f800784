"""The working copies that Terragrunt keeps of the modules of a unit, where it has run: ``.terragrunt-cache``.

A copy is in a directory named by its source, with the version in a file; only one that is of both is used.
https://terragrunt.gruntwork.io/docs/features/units/terragrunt-cache
"""

from __future__ import annotations

import os
import re
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha1
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from vpce_checks.files import tracked
from vpce_checks.files.containment import Places

CACHE = ".terragrunt-cache"
_VERSION_FILE = ".terragrunt-source-version"
_SCP = re.compile(r"(?:git::)?(?P<user>[^@/\s:]+)@(?P<host>[^:/\s]+):(?P<path>[^\s]+)")
_SHORT = re.compile(r"(?:https?://)?(?P<host>github\.com|gitlab\.com)/(?P<owner>[^/]+)/(?P<name>[^/?]+)(?P<rest>.*)")


class _Address(NamedTuple):
    package: str
    directory: str
    query: str


def working_copy(source: str, directory: str, places: Places) -> str | None:
    """The directory in which the unit in ``directory`` has the module at ``source`` (as Terragrunt writes it)."""
    cache = os.path.join(directory, CACHE)
    if not tracked.is_directory(cache, places):
        return None
    address = _address(source.strip())
    name = _hashed(address.package)
    version = _hashed(urlencode(sorted(parse_qsl(address.query, keep_blank_values=True))))
    for run in _entries(cache, places):
        copy = os.path.join(cache, run, name)
        with suppress(OSError):
            if (
                tracked.contents(os.path.join(copy, _VERSION_FILE), places).decode("ascii", "replace").strip()
                != version
            ):
                continue
            module = tracked.place_of(os.path.join(copy, address.directory), places)
            if module is not None and tracked.is_directory(module, places):
                return module
    return None


def _address(source: str) -> _Address:
    """The address that Terragrunt makes of ``source``, without the directory in the package and the query."""
    address, _, query = source.partition("?")
    scp, short = _SCP.fullmatch(address), _SHORT.fullmatch(address)
    if scp is not None:
        address = f"git::ssh://{scp['user']}@{scp['host']}/{scp['path']}"
    elif short is not None:
        name = short["name"].removesuffix(".git")
        address = f"git::https://{short['host']}/{short['owner']}/{name}.git{short['rest']}"
    start = address.find("://") + 3 if "://" in address else 0
    if address.startswith("tfr:///"):
        start += 1
    at = address.find("//", start)
    return _Address(address, "", query) if at < 0 else _Address(address[:at], address[at + 2 :].strip("/"), query)


def _hashed(text: str) -> str:
    digest = sha1(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


@tracked.contained
def _names(directory: str) -> list[str]:
    return sorted(os.listdir(directory))


def _entries(directory: str, places: Places) -> list[str]:
    try:
        return _names(directory, places)
    except OSError:
        return []
