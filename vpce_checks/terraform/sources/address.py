"""Addresses of modules that are not local paths: of the registry and of git, and which of them are the same module.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from vpce_checks.base.redact import without_user

PUBLIC_REGISTRIES = frozenset({"registry.terraform.io", "registry.opentofu.org"})
"""Registries that serve a GitHub repository ``terraform-PROVIDER-NAME`` of ORG as ``ORG/NAME/PROVIDER``."""

_NO_REGISTRIES = frozenset({"github.com", "www.github.com", "bitbucket.org"})

_NAME = r"[0-9A-Za-z](?:[0-9A-Za-z_.-]*[0-9A-Za-z])?"
_REGISTRY = re.compile(rf"(?:(?P<host>[0-9A-Za-z.-]+\.[0-9A-Za-z-]+(?::\d+)?)/)?(?P<path>{_NAME}/{_NAME}/{_NAME})")
_GITHUB = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^/@]*@)?(?:www\.)?github\.com(?::\d+)?/"
    r"|(?:[^/@:]+@)?github\.com:"
    r"|github\.com/)"
    r"(?P<org>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(r"terraform-(?P<provider>[0-9a-z]+)-(?P<name>[0-9a-z-]+)")


class ModuleAddress(NamedTuple):
    """A module address taken apart.

    ``module`` is the registry's ``ORG/NAME/PROVIDER`` in lower case, also for the GitHub repository behind it; it is
    empty for anything else. ``package`` is the address without subdirectory, query and credentials, to compare with
    others of the same form. ``directory`` is the part after ``//``. ``ref`` is the ``?ref=`` of a git address.
    """

    module: str
    package: str
    directory: str = ""
    ref: str | None = None
    is_git: bool = False


def parse_address(source: str) -> ModuleAddress:
    """``source`` taken apart; what is of no known form has no ``module``."""
    address, question, query = source.strip().partition("?")
    package, directory = split_directory(address)
    if not question:
        match = _REGISTRY.fullmatch(package)
        if match is not None and not _GITHUB.fullmatch(package):
            host = (match["host"] or "").lower()
            path = match["path"].lower()
            public = not host or host in PUBLIC_REGISTRIES
            return ModuleAddress(path if public else "", path if public else f"{host}/{path}", directory)
    forced, _, rest = package.rpartition("::")
    match = _GITHUB.fullmatch(rest) if forced in ("", "git") else None
    ref = _query_value(query, "ref")
    if match is None:
        return ModuleAddress("", without_user(package), directory, ref, forced == "git" or package.startswith("git@"))
    org, name = match["org"].lower(), match["name"].lower()
    named = _REPOSITORY.fullmatch(name)
    module = f"{org}/{named['name']}/{named['provider']}" if named is not None else ""
    return ModuleAddress(module, f"github.com/{org}/{name}", directory, ref, is_git=True)


def are_two_modules(one: ModuleAddress, other: ModuleAddress) -> bool:
    """Return whether two addresses certainly name two modules: of registries, of GitHub, or one of each. Addresses of other
    hosts have too many forms for one place."""
    forms = {_form(one), _form(other)}
    return "" not in forms and (one.module or one.package) != (other.module or other.package)


def _form(address: ModuleAddress) -> Literal["github", "registry", ""]:
    if address.is_git:
        return "github" if address.package.startswith("github.com/") else ""
    return "registry" if _REGISTRY.fullmatch(address.package) else ""


def registry_module(source: str) -> tuple[str, str] | None:
    """The host (empty for the default one) and the ``NAMESPACE/NAME/PROVIDER`` of an address in a registry; else None."""
    address, question, _ = source.strip().partition("?")
    match = _REGISTRY.fullmatch(split_directory(address)[0])
    if match is None or question:
        return None
    host = (match["host"] or "").lower()
    if host in _NO_REGISTRIES or (not host and "." in match["path"].partition("/")[0]):
        return None
    return host, match["path"]


def split_directory(address: str) -> tuple[str, str]:
    """An address before and after the ``//`` that names a directory inside of what is fetched."""
    scheme = address.find("://")
    start = scheme + 3 if scheme >= 0 else 0
    at = address.find("//", start)
    if at < 0:
        return address, ""
    return address[:at], address[at + 2 :].strip("/")


def _query_value(query: str, name: str) -> str | None:
    for pair in query.split("&"):
        key, equals, value = pair.partition("=")
        if key == name and equals:
            return value
    return None
