"""What we know of published modules that are not there: stubs of some, and which others create no endpoints.

A stub is a small module of ours in ``stubs/ORG/NAME/PROVIDER/`` with the variables, outputs and network resources of
the published one, under the same addresses. ``releases.txt`` beside it holds one release a line: the version, the
directories that make up its stub (joined by ``+``; ``-`` for none) and the commit; ``commits.txt`` further commits with
the code of a release. ``no-endpoints.txt`` lists modules in all of whose releases of a range nothing creates a VPC, an
endpoint or a route table, and ``no-endpoints-commits.txt`` the commits of those releases.

Releases come faster than we can read them. One that is newer than all that are known here, and has the same major
version, is taken for the newest that is known: it must not do anything else with the same inputs
(https://semver.org). With an input that the stub does not have, it stays opaque.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from vpce_checks.terraform.sources.address import ModuleAddress
from vpce_checks.terraform.sources.versions import (
    Constraint,
    Version,
    newest,
    parse_constraints,
    parse_version,
)

STUBS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stubs")

_MODULE = re.compile(r"[0-9a-z][0-9a-z_-]*/[0-9a-z][0-9a-z_-]*/[0-9a-z]+")
_DIRECTORY = re.compile(r"(?:[0-9A-Za-z_][0-9A-Za-z_-]*(?:/(?!$)|$))*")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_DEFAULT_BRANCHES = ("", "HEAD", "main", "master")

COMMIT_DIGITS = 20
"""How many digits of a commit ``no-endpoints-commits.txt`` holds."""


class Release(NamedTuple):
    """A published version: the directories of its stub (none: there is no stub of it) and its commit."""

    version: Version
    directories: tuple[str, ...]
    commit: str


class Known(NamedTuple):
    """What is known of a module at the version that a call asks for.

    ``directories`` hold its stub. Without them it is ``harmless`` (creates no VPC, endpoint or route table), or unknown
    for ``reason``. ``label`` names it with the version: ``terraform-aws-modules/vpc/aws 5.1.0``. ``newer`` is the
    version asked for where that is not known, and the stub is of an older one.
    """

    label: str
    directories: tuple[str, ...] = ()
    harmless: bool = False
    reason: str = ""
    newer: Version | None = None


class _Harmless(NamedTuple):
    lowest: Version
    highest: Version


def known_module(address: ModuleAddress, constraint: str | None) -> Known | None:
    """What is known of the module at ``address`` in the version that ``constraint`` (or its ``ref``) selects.

    None where the module is not known at all. Without a constraint it is the newest release known here.
    """
    if not _MODULE.fullmatch(address.module) or not _DIRECTORY.fullmatch(address.directory):
        return None
    releases = releases_of(address.module)
    if releases:
        return _stub(address, releases, constraint)
    harmless = _harmless_modules().get(address.module)
    return None if harmless is None else _harmless(address, harmless, constraint)


def _stub(address: ModuleAddress, releases: Mapping[Version, Release], constraint: str | None) -> Known:
    label = address.module + (f"//{address.directory}" if address.directory else "")
    version = _selected(address, releases, constraint)
    newer = None
    if version is None:
        version = max(releases)
        newer = _successor(address, version, constraint)
        if newer is None:
            return Known(label, reason=none_known(address, constraint))
    label = f"{label} {version}"
    directories = tuple(
        path
        for part in releases[version].directories
        if os.path.isdir(path := os.path.join(STUBS, address.module, part, address.directory).rstrip(os.sep))
    )
    if not directories:
        return Known(label, reason=f"it is not installed, and vpce-checks has no stub of {label}")
    return Known(label, directories, newer=newer)


def _selected(address: ModuleAddress, releases: Mapping[Version, Release], constraint: str | None) -> Version | None:
    if address.is_git:
        ref = (address.ref or "").removeprefix("refs/").removeprefix("tags/")
        if ref in _DEFAULT_BRANCHES:
            return newest(releases, ())
        version = parse_version(ref)
        if version is not None and version in releases:
            return version
        if _COMMIT.fullmatch(ref):
            known = next((r.version for r in releases.values() if r.commit.startswith(ref)), None)
            return known or next((v for v, commit in _other_commits(address.module) if commit.startswith(ref)), None)
        return None
    constraints = _constraints(constraint)
    return None if constraints is None else newest(releases, constraints)


def _successor(address: ModuleAddress, highest: Version, constraint: str | None) -> Version | None:
    """The version that a call asks for where it is newer than ``highest``, the newest known, and of its major."""
    if address.is_git:
        version = parse_version((address.ref or "").removeprefix("refs/").removeprefix("tags/"))
        return version if version is not None and _succeeds(version, highest) else None
    constraints = _constraints(constraint)
    if constraints is None:
        return None
    asked = (version for c in constraints for version in (c.version, _above(c.version)) if _succeeds(version, highest))
    return newest(asked, constraints)


def _succeeds(version: Version, highest: Version) -> bool:
    return version > highest and version.segments[0] == highest.segments[0] and not version.prerelease


def _above(version: Version) -> Version:
    return Version((*version.segments[:2], version.segments[2] + 1))


def none_known(address: ModuleAddress, constraint: str | None) -> str:
    """Why there is no stub of the version that a call asks for."""
    known = sorted(releases_of(address.module))
    asked = f"ref {address.ref}" if address.is_git else f"version {constraint}"
    return (
        f"it is not installed, and {asked[:80]} is none of the releases {known[0]} to {known[-1]} of {address.module}"
        " that vpce-checks knows"
    )


def _harmless(address: ModuleAddress, entry: _Harmless, constraint: str | None) -> Known:
    label = address.module
    reason = (
        f"it is not installed, and vpce-checks knows only {entry.lowest} to {entry.highest} of {label}, which "
        "create no endpoints"
    )
    if address.is_git:
        ref = (address.ref or "").removeprefix("refs/").removeprefix("tags/")
        version = parse_version(ref)
        fits = ref in _DEFAULT_BRANCHES or (version is not None and entry.lowest <= version <= entry.highest)
        fits = fits or (_COMMIT.fullmatch(ref) is not None and _is_commit(ref, label))
    else:
        constraints = _constraints(constraint)
        fits = constraints is not None and _overlap(constraints, entry)
    fits = fits or _successor(address, entry.highest, constraint) is not None
    return Known(label, harmless=True) if fits else Known(label, reason=reason)


def _overlap(constraints: tuple[Constraint, ...], entry: _Harmless) -> bool:
    """Whether some version of the range meets the constraints: one of the bounds, or one next to a bound, does."""
    candidates = [entry.lowest, entry.highest]
    for constraint in constraints:
        candidates += [constraint.version, _above(constraint.version)]
    within = [version for version in candidates if entry.lowest <= version <= entry.highest]
    return newest(within, constraints) is not None


def _constraints(text: str | None) -> tuple[Constraint, ...] | None:
    return () if text is None or not text.strip() else parse_constraints(text)


def _is_commit(ref: str, module: str) -> bool:
    """Whether a commit is that of a release of a harmless module."""
    return any(commit.startswith(ref[:COMMIT_DIGITS]) for commit in _harmless_commits().get(module, ()))


def harmless_range(module: str) -> tuple[Version, Version]:
    """The lowest and the highest release of a module that are known to create no endpoints. Raises KeyError."""
    entry = _harmless_modules()[module]
    return entry.lowest, entry.highest


@lru_cache(maxsize=32)
def releases_of(module: str) -> Mapping[Version, Release]:
    """The releases of a module that has stubs, in the order of the file; empty for any other."""
    found: dict[Version, Release] = {}
    for words in _table(os.path.join(STUBS, module, "releases.txt")):
        version = parse_version(words[0])
        if version is not None:
            directories = () if words[1] == "-" else tuple(words[1].split("+"))
            found[version] = Release(version, directories, words[2])
    return found


def stubbed_modules() -> list[str]:
    """Return the modules that have stubs, as ``ORG/NAME/PROVIDER``."""
    found = (os.path.relpath(path, STUBS) for path, _, files in os.walk(STUBS) if "releases.txt" in files)
    return sorted(path.replace(os.sep, "/") for path in found)


@lru_cache(maxsize=32)
def _other_commits(module: str) -> list[tuple[Version, str]]:
    """The commits that are no releases of a module, with the release whose code they have."""
    found = ((parse_version(words[0]), words[1]) for words in _table(os.path.join(STUBS, module, "commits.txt")))
    return [(version, commit) for version, commit in found if version is not None]


@lru_cache(maxsize=1)
def _harmless_commits() -> Mapping[str, list[str]]:
    return {words[0]: words[1:] for words in _table(os.path.join(STUBS, "no-endpoints-commits.txt"))}


@lru_cache(maxsize=1)
def _harmless_modules() -> Mapping[str, _Harmless]:
    found: dict[str, _Harmless] = {}
    for words in _table(os.path.join(STUBS, "no-endpoints.txt")):
        lowest, highest = parse_version(words[1]), parse_version(words[2])
        if lowest is not None and highest is not None:
            found[words[0]] = _Harmless(lowest, highest)
    return found


def _table(file: str) -> list[list[str]]:
    """The words of every line of one of our tables, comments left out; empty where there is no such file."""
    try:
        with open(file, encoding="utf-8") as stream:
            return [line.split() for line in stream if line.strip() and not line.startswith("#")]
    except FileNotFoundError:
        return []
