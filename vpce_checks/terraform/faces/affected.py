"""Find the root modules that a change affects: those that call the module of a changed file, directly or not, or that
may read the file. When in doubt, a root is affected."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.files.changed import hold, is_link, links_in, steps_of
from vpce_checks.files.containment import Places, is_within, place_within
from vpce_checks.files.content import may_go_on, read_start
from vpce_checks.terraform.roots import reachable_directories
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES, UNFILLED_SUFFIXES, VARIABLE_SUFFIXES

if TYPE_CHECKING:
    from vpce_checks.terraform.roots import Called

_READS = re.compile(
    rb"\b(?:file(?:base64|exists|md5|sha1|sha256|sha512|base64sha256|base64sha512)?|fileset|templatefile)\s*"
    rb'(?:[/#]|\(\s*("(?:\$\{path\.\w+\}|[^"$%\\])*"\s*[,)])?)'
)
"""A call of a function that reads files, and its path if that is a literal string. A comment may stand before it."""

_BASE = re.compile(r"\$\{path\.\w+\}/?")


class Changes:
    """The changed files, by absolute path. Some may no longer exist."""

    def __init__(self, files: frozenset[str], var_files: Iterable[str]) -> None:
        self._files = files
        self._led: dict[str, bool] = {}
        self._code_directories = {
            os.path.dirname(file)
            for file in files
            if file.endswith(TERRAFORM_SUFFIXES) or file.lower().endswith(UNFILLED_SUFFIXES)
        }
        self._others = {file for file in files if not file.endswith(TERRAFORM_SUFFIXES)}
        self._given = hold(files, var_files)

    def affect(self, root: str, called: Called, places: Places) -> bool:
        """Whether the changes affect the root module in the directory ``root``."""
        if not self._files:
            return False
        if self._given or any(_is_for(file, root) for file in self._others):
            return True
        directories = reachable_directories(root, called)
        if not directories.isdisjoint(self._code_directories) or self._are_linked(directories, places):
            return True
        return bool(self._others) and any(
            self._may_be_read(code, (directory, root), places) for directory, code in _code(directories, places)
        )

    def _are_linked(self, directories: Iterable[str], places: Places) -> bool:
        """Whether a link in one of ``directories`` points to a changed file, or a changed link to one of them."""
        for directory in directories:
            if directory not in self._led:
                self._led[directory] = any(
                    step in self._files
                    for link in links_in(directory, places, (*TERRAFORM_SUFFIXES, *VARIABLE_SUFFIXES))
                    for step in steps_of(link, places)
                )
            if self._led[directory]:
                return True
        targets = {place for file in self._others if is_link(file) and (place := place_within(file, places))}
        return any(is_within(directory, target) for target in targets for directory in directories)

    def _may_be_read(self, code: bytes, bases: tuple[str, str], places: Places) -> bool:
        """Whether ``code`` may read a changed file that is not code: it names the file, or a link to it, or computes
        a path. Paths in it are relative to one of ``bases``."""
        if b"\\u" in code or may_go_on(code):
            return True  # JSON may write any name so
        for call in _READS.finditer(code):
            if call[1] is None or call[0].lstrip().startswith(b"fileset"):
                return True
            path = _BASE.sub("", call[1].partition(b'"')[2].partition(b'"')[0].decode("utf-8", "surrogateescape"))
            if any(os.path.basename(file) == os.path.basename(path) for file in self._others):
                return True
            if any(place_within(os.path.join(base, path), places) in self._others for base in bases):
                return True
        return False


def _is_for(file: str, root: str) -> bool:
    """Whether a file of variable values may be for ``root``: it is in its directory or below."""
    return file.endswith(VARIABLE_SUFFIXES) and is_within(file, root)


def _code(directories: Iterable[str], places: Places) -> Iterator[tuple[str, bytes]]:
    for directory in sorted(directories):
        place = place_within(directory, places)
        try:
            names = sorted(os.listdir(place)) if place is not None else []
        except OSError:
            continue
        for name in names:
            if name.endswith(TERRAFORM_SUFFIXES):
                yield directory, read_start(os.path.join(directory, name), places)
