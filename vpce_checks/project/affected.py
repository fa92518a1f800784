"""What a change reaches: which roots the changed files belong to, and what was wrong with them before.

A changed file reaches a root module that calls the file's module, however deep, or reads the file; a template that
nests the file's, or imports what it exports. When in doubt, it does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from vpce_checks.files.containment import Places, is_within, place_within
from vpce_checks.files.regular import read_regular
from vpce_checks.files.tracked import looked_at, recording
from vpce_checks.project.discovery import TEMPLATE_SUFFIXES
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES

if TYPE_CHECKING:
    from vpce_checks.terraform.lang.scope import ModuleDirectory
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

POLICY_NAMES = frozenset({".vpce-checks.yaml", ".vpce-checks.yml"})
VARIABLE_SUFFIXES = (".tfvars", ".tfvars.json", ".tfdeploy.hcl")
MAX_BYTES = 16 * 1024 * 1024

_READS = re.compile(
    rb"\b(?:file(?:base64|exists|md5|sha1|sha256|sha512|base64sha256|base64sha512)?|fileset|templatefile)\s*\(\s*"
    rb'("(?:\$\{path\.\w+\}|[^"$%\\])*"\s*[,)])?'
)
"""A call of a function that reads files, and its path where that is written out."""


class Changes:
    """The files that have changed, absolute; some may be gone."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = frozenset(map(_in_real_directory, files))
        self._code = {file for file in self.files if file.endswith(TERRAFORM_SUFFIXES)}
        self._code_directories = {os.path.dirname(file) for file in self._code}
        self._others = self.files - self._code

    def hold(self, files: Iterable[str]) -> bool:
        """Whether one of ``files``, or what it leads to, has changed."""
        return any(_in_real_directory(file) in self.files or os.path.realpath(file) in self.files for file in files)

    def touch_policy(self, place: str, files: Iterable[str]) -> bool:
        """Whether the policy that holds at ``place``, read from ``files``, has changed, appeared or gone."""
        if self.hold(files):
            return True
        found = (file for file in self.files if os.path.basename(file) in POLICY_NAMES)
        return any(is_within(place, os.path.dirname(file)) for file in found)

    def reach_terraform(
        self,
        root: str,
        loader: ModuleLoader,
        sources: tuple[ModuleDirectory, ...] = (),
        var_files: Iterable[str] = (),
    ) -> bool:
        """Whether they reach the root module in the directory ``root``."""
        from vpce_checks.terraform.roots import reachable_directories

        if not self.files:
            return False
        if self.hold(var_files) or any(_is_for(file, root) for file in self._others):
            return True
        directories = reachable_directories(root, loader, sources)
        if not directories.isdisjoint(self._code_directories):
            return True
        return bool(self._others) and any(self._may_be_read(code) for code in _code(directories, loader.places))

    def reach_seen(self, read: Callable[[], object]) -> bool:
        """Whether they are among the files that ``read`` looks at, or are gone from, or new in, a place it looks at."""
        if not self.files:
            return False
        with recording() as seen:
            read()
        paths = looked_at(seen)
        return any(file in paths or os.path.dirname(file) in paths for file in self.files)

    def _may_be_read(self, code: bytes) -> bool:
        """Whether ``code`` may read one of the files that are no code: it names the file, or computes a path."""
        for call in _READS.finditer(code):
            if call[1] is None or call[0].lstrip().startswith(b"fileset"):
                return True
            name = call[1].partition(b'"')[2].partition(b'"')[0].rpartition(b"/")[2].decode("utf-8", "replace")
            if any(os.path.basename(file) == name for file in self._others):
                return True
        return False

    def reach_templates(self, templates: Mapping[str, Callable[[], bytes]]) -> set[str]:
        """The templates, of the given ones with their contents, that they reach."""
        contents = {path: read() for path, read in templates.items()} if self.files else {}
        beside = {
            path
            for path in contents
            for file in self.files
            if _is_beside(file, os.path.dirname(path), ("samconfig.toml", "manifest.json"))
        }
        reached = beside | (self.files & contents.keys()) | naming(self.files, contents)
        changed = reached | (self.files - contents.keys())
        if any(_may_share(path, contents) for path in changed):
            sharing = {path for path, content in contents.items() if shares_values(content)}
            reached |= sharing | naming(sharing, contents)
        return reached


def naming(files: Iterable[str], contents: Mapping[str, bytes]) -> set[str]:
    """The templates that name one of ``files``, as one that nests another does, or that name such a template."""
    found: set[str] = set()
    pending = list(files)
    while pending:
        file = pending.pop()
        name = os.path.basename(file).encode("utf-8", "surrogateescape")
        for path, content in contents.items():
            if path != file and path not in found and name in content:
                found.add(path)
                pending.append(path)
    return found


def read_start(file: str, places: Places) -> bytes:
    """The content of a file, as much of it as could matter; nothing where it cannot be read."""
    place = place_within(file, places)
    try:
        return read_regular(place, MAX_BYTES) if place is not None else b""
    except OSError:
        return b""


def _in_real_directory(file: str) -> str:
    """A file by its own name, also if it is a link: what that leads to has not changed with it, and may lie outside."""
    return os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))


def _is_beside(file: str, directory: str, suffixes: tuple[str, ...]) -> bool:
    return os.path.dirname(file) == directory and file.endswith(suffixes)


def _is_for(file: str, root: str) -> bool:
    """Whether a file of variable values may be for ``root``: it lies beside its code or below."""
    return file.endswith(VARIABLE_SUFFIXES) and is_within(file, root)


def shares_values(template: bytes) -> bool:
    """Whether a template shares values with others: then the verdicts of each may depend on the other."""
    return any(mark in template for mark in (b"Export", b"ImportValue", b"AWS::SSM::Parameter", b"resolve:ssm:"))


def _may_share(file: str, contents: Mapping[str, bytes]) -> bool:
    """Whether a changed file is a template that exports or imports, or is gone and may have been one."""
    if file.endswith((*TERRAFORM_SUFFIXES, *VARIABLE_SUFFIXES)) or not file.endswith(TEMPLATE_SUFFIXES):
        return False
    return not os.path.lexists(file) or shares_values(contents.get(file, b""))


def _code(directories: Iterable[str], places: Places) -> Iterator[bytes]:
    for directory in sorted(directories):
        place = place_within(directory, places)
        try:
            names = sorted(os.listdir(place)) if place is not None else []
        except OSError:
            continue
        for name in names:
            if name.endswith(TERRAFORM_SUFFIXES):
                yield read_start(os.path.join(directory, name), places)
