"""One request for a module, from its address to a directory with its code."""

from __future__ import annotations

import hashlib
import os
import posixpath
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from threading import Event, Lock
from time import monotonic
from typing import IO, NamedTuple, TypeVar

from vpce_checks.base.redact import redact_message, secrets_of
from vpce_checks.files.containment import place_within
from vpce_checks.terraform.lang.scope import Download, ModuleRequest
from vpce_checks.terraform.sources.download.archive import unpack
from vpce_checks.terraform.sources.download.errors import DownloadError
from vpce_checks.terraform.sources.download.git import Repository, Resolved
from vpce_checks.terraform.sources.download.permits import Permits
from vpce_checks.terraform.sources.download.registry import Registry, Selected, exact_version, wanted_versions
from vpce_checks.terraform.sources.download.sources import (
    ARCHIVES,
    ArchiveModule,
    GitModule,
    RegistryModule,
    parse_source,
    without_credentials,
)
from vpce_checks.terraform.sources.download.store import Store, package_name
from vpce_checks.terraform.sources.download.tree import Tree
from vpce_checks.terraform.sources.download.web import Web

T = TypeVar("T")

SECONDS = 300
"""How long one module may take."""

MAX_ARCHIVE = 128 * 1024 * 1024
_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


class Package(NamedTuple):
    """Something fetched: ``label`` says which version; ``note`` what is missing of it."""

    path: str
    label: str
    directory: str = ""
    note: str = ""


class Fetcher:
    """Fetches modules into a store. What several requests need is fetched once; several threads may ask."""

    def __init__(self, directory: str, environment: Mapping[str, str], scanned: Iterable[str]) -> None:
        """``scanned`` are the repositories that are scanned. Raises CacheDirectoryError."""
        self._environment = environment
        self._permits = Permits(environment)
        self._store = Store(directory, scanned)
        self._web = Web(self._permits, environment)
        self._registries: dict[str, Registry] = {}
        self._once: dict[object, _Once] = {}
        self._lock = Lock()
        self.stop = Event()

    def fetch(self, request: ModuleRequest) -> Download:
        """The module that ``request`` asks for, or why it cannot be had."""
        secrets = secrets_of(request.source)
        try:
            source = parse_source(request.source, self._permits)
            package = self._package(source, request.version)
            directory = _inside(package, source.directory)
        except (DownloadError, OSError, ValueError) as error:
            return Download(failure=redact_message(str(error), secrets))
        return Download(directory, package.path, package.label)

    def _package(self, source: RegistryModule | GitModule | ArchiveModule, version: str | None) -> Package:
        if isinstance(source, RegistryModule):
            return self._of_registry(source, version)
        if isinstance(source, GitModule):
            return self._at_once(("git", source.url, source.ref), partial(self._of_git, source))
        return self._at_once(("archive", source.url, source.checksum), partial(self._of_archive, source, ""))

    def _at_once(self, key: object, fetch: Callable[[], T]) -> T:
        """What ``fetch`` gives or raises, found out once a scan."""
        with self._lock:
            once = self._once.setdefault(key, _Once())
        with once.lock:
            if not once.done:
                try:
                    once.result = fetch()
                except (DownloadError, OSError) as error:
                    once.error = error
                once.done = True
        if once.error is not None:
            raise once.error
        return once.result  # type: ignore[return-value]

    # -- registries ----------------------------------------------------------------------------------------------

    def _of_registry(self, source: RegistryModule, asked: str | None) -> Package:
        constraints = wanted_versions(asked)
        exact = exact_version(constraints)
        if exact is not None:
            kept = self._pinned(source, str(exact))
            if kept is not None:
                return kept

        def select() -> Selected:
            return self._registry(source.host).select(source.path, constraints, asked)

        selected = self._at_once(("select", source.host, source.path, asked), select)
        key = ("registry", source.host, source.path, str(selected.version))
        return self._at_once(key, partial(self._of_version, source, selected))

    def _pinned(self, source: RegistryModule, version: str) -> Package | None:
        noted = self._store.pin("registry", source.host, source.path, version)
        path = self._store.package(noted["package"]) if noted.keys() >= {"package", "directory", "note"} else None
        return None if path is None else Package(path, _label(source, version), noted["directory"], noted["note"])

    def _of_version(self, source: RegistryModule, selected: Selected) -> Package:
        version = str(selected.version)
        kept = self._pinned(source, version)
        if kept is not None:
            return kept
        location = self._registry(source.host).location(source.path, selected.written)
        try:
            inner = parse_source(location, self._permits)
            if isinstance(inner, RegistryModule):
                raise DownloadError("it sends on to a registry again")
            if isinstance(inner, GitModule):
                package = self._package(inner, None)
            else:
                package = self._of_archive(inner, f"{source.path}-{version}")
            directory = _unglobbed(package.path, inner.directory)
        except DownloadError as error:
            # What a registry sends on to may hold a token in its path.
            raise DownloadError(redact_message(f"{source.host} sends on: {error}", secrets_of(location))) from error
        noted = {"package": os.path.basename(package.path), "directory": directory, "note": package.note}
        self._store.set_pin(noted, "registry", source.host, source.path, version)
        return Package(package.path, _label(source, version), directory, package.note)

    def _registry(self, host: str) -> Registry:
        with self._lock:
            return self._registries.setdefault(
                host, Registry(host, self._web, self._permits, lambda: monotonic() + SECONDS)
            )

    # -- git -----------------------------------------------------------------------------------------------------

    def _of_git(self, source: GitModule) -> Package:
        url = without_credentials(source.url)
        readable = posixpath.basename(url.partition("?")[0]).removesuffix(".git")
        noted = self._store.pin("git", url, source.ref).get("commit", source.ref)
        kept = self._git_package(url, noted, source.ref)
        if kept is not None:
            return kept
        with self._store.workplace() as work:
            empty, filled = os.path.join(work, "git"), os.path.join(work, "tree")
            os.mkdir(empty)
            os.mkdir(filled)
            deadline = monotonic() + SECONDS
            repository = Repository(empty, source.url, self._environment, deadline, self.stop)
            resolved = repository.resolve(source.ref)
            kept = self._git_package(url, resolved.commit, source.ref)
            if kept is None:
                repository.fetch(resolved.commit)
                has_submodules = repository.write(resolved.commit, Tree(filled))
                note = "; its git submodules are not fetched" if has_submodules else ""
                name = package_name(f"{readable}-{resolved.commit[:12]}", "git", url, resolved.commit)
                path = self._store.keep(filled, name)
                self._store.set_pin({"package": name, "note": note}, "git package", url, resolved.commit)
                kept = Package(path, _commit_label(source.ref, resolved), "", note)
            if resolved.is_pinned:
                self._store.set_pin({"commit": resolved.commit}, "git", url, source.ref)
            return kept

    def _git_package(self, url: str, commit: str, ref: str) -> Package | None:
        noted = self._store.pin("git package", url, commit)
        path = self._store.package(noted["package"]) if noted.keys() >= {"package", "note"} else None
        if path is None:
            return None
        return Package(path, _commit_label(ref, Resolved(commit, is_pinned=True)), "", noted["note"])

    # -- archives ------------------------------------------------------------------------------------------------

    def _of_archive(self, source: ArchiveModule, readable: str) -> Package:
        """What lies at a URL may be another thing tomorrow, so it is fetched every time, and kept by what is in it."""
        deadline = monotonic() + SECONDS
        with self._store.workplace() as work, tempfile.TemporaryFile(dir=work) as file:
            answer = self._web.save(source.url, file, MAX_ARCHIVE, deadline=deadline)
            if answer.status != 200:
                raise DownloadError(f"the server answers {answer.status}")
            packing = source.packing or _packing_of(answer.headers.get_content_type())
            if not packing:
                raise DownloadError(f"unknown archive type (known: {', '.join(ARCHIVES)})")
            file.seek(0)
            content = hashlib.sha256()
            while piece := file.read(1024 * 1024):
                content.update(piece)
            if source.checksum:
                _check(file, source.checksum)
            label = f"archive, sha256 {content.hexdigest()[:12]}"
            name = package_name(readable or "archive", "archive", packing, content.hexdigest())
            path = self._store.package(name)
            if path is None:
                filled = os.path.join(work, "tree")
                os.mkdir(filled)
                file.seek(0)
                unpack(file, packing, Tree(filled))
                path = self._store.keep(filled, name)
            return Package(path, label)


class _Once:
    """Something that is found out once, by whoever comes first."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.done = False
        self.result: object = None
        self.error: Exception | None = None


def _label(source: RegistryModule, version: str) -> str:
    return f"{source.path} {version}"


def _commit_label(ref: str, resolved: Resolved) -> str:
    commit = f"commit {resolved.commit[:12]}"
    return commit if not ref or resolved.commit.startswith(ref) else f"{ref}, {commit}"


def _packing_of(content_type: str) -> str:
    return {
        "application/zip": "zip",
        "application/gzip": "gz",
        "application/x-gzip": "gz",
        "application/x-tar": "tar",
    }.get(content_type, "")


def _check(file: IO[bytes], checksum: str) -> None:
    kind, colon, value = checksum.rpartition(":")
    kind = kind if colon else _HASHES.get(len(value), "")
    if kind not in _HASHES.values():
        raise DownloadError("unknown checksum type (use md5, sha1, sha256 or sha512, in hexadecimal)")
    found = hashlib.new(kind, usedforsecurity=False)
    file.seek(0)
    while piece := file.read(1024 * 1024):
        found.update(piece)
    if found.hexdigest() != value.lower():
        raise DownloadError(f"its checksum is not the one in its source ({kind})")


def _unglobbed(package: str, directory: str) -> str:
    """The directory that a registry names in a package, where ``*`` stands for the only one there is."""
    first, slash, rest = directory.partition("/")
    if first != "*":
        return directory
    found = sorted(entry.name for entry in os.scandir(package) if entry.is_dir(follow_symlinks=False))
    if len(found) != 1:
        raise DownloadError("the archive does not hold exactly one directory at its top")
    return found[0] + slash + rest


def _inside(package: Package, directory: str) -> str:
    """The directory of the module. Raises DownloadError where it is not there."""
    inside = posixpath.join(package.directory, directory) if directory else package.directory
    inside = _unglobbed(package.path, inside)
    path = place_within(os.path.join(package.path, inside), (os.path.realpath(package.path),))
    if path is None or not os.path.isdir(path):
        raise DownloadError(f"there is no directory {inside[:100]!r} in {package.label}{package.note}")
    return path
