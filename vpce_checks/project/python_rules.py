"""Which rules in Python hold, and which of them are run: never those that whoever wrote the scanned repository can change,
unless the user says so (``--trust-repo-rules``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from vpce_checks.base.record import replace
from vpce_checks.files.containment import boundary_of, is_within, repositories_around, ways_to
from vpce_checks.model.network import Network
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.policy import Policy, PolicyError
from vpce_checks.policy.scan_keys import RulesDir
from vpce_checks.project.options import ScanOptions
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.installed import EntryPoint, entry_points, rules_of_entry
from vpce_checks.rules.python_rule import ALONE, PythonRule, rules_in
from vpce_checks.rules.rules_dir import file_names, rules_of_directory

TRUST = "--trust-repo-rules"


class Sources:
    """Where rules in Python come from: the directories that policy files name, and the packages whose lists of entry points
    are ``files``."""

    def __init__(self, options: ScanOptions, policies: Iterable[Policy], files: Iterable[str]) -> None:
        self._given = options.python_rules
        self._trusts_all = options.trust_repo_rules
        self._scanned = _scanned(options)
        self._paths: dict[tuple[str, ...], tuple[str, ...]] = {}
        found = {entry.directory: entry for policy in policies for entry in policy.rules_dirs}
        self._directories = tuple(found.values())
        self.entries = entry_points(files)

    @property
    def not_run(self) -> Iterator[Diagnostic]:
        """An error for each of them that is not run."""
        for entry in self._directories:
            if not self.is_run(entry):
                name = os.path.relpath(entry.written, os.path.dirname(entry.span.file))
                count = _count(entry)
                message = (
                    f"the rules in {name}{count} are not run, as whoever changes the scanned repository can change "
                    f"them or this file: pass {TRUST} to run them, or name them in a policy file outside"
                )
                yield Diagnostic("error", message, entry.span.file, entry.span.line)
        for point in self.entries:
            if not self.is_run(point):
                message = (
                    f"the rules of the package {point.package} are not run, as its code is in the scanned repository, whose "
                    f"changes can change it: pass {TRUST} to run them"
                )
                yield Diagnostic("error", message, point.span.file, point.span.line)

    def rules(self) -> tuple[PythonRule, ...]:
        """Return the rules of those that are run, by id. This runs them. Raises PolicyError for the mistakes in them."""
        given = rules_in(self._given, Span("ScanOptions.python_rules", 1)) if self._given else ()
        found: list[PythonRule] = []
        mistakes: list[Diagnostic] = []
        sources: list[RulesDir | EntryPoint] = [*self.entries, *self._directories]
        run = [source for source in sources if self.is_run(source)]
        with self._path_without_scanned():
            for source in run:
                try:
                    found += rules_of_directory(source) if isinstance(source, RulesDir) else rules_of_entry(source)
                except PolicyError as error:
                    mistakes += error.diagnostics
        known: dict[str, PythonRule] = {}
        for each in (*given, *(found if self._trusts_all else map(self._apart, found))):
            first = known.setdefault(each.rule.id, each)
            if first is not each:
                mistakes.append(first.is_there_too(each.rule.id, each.span))
        if mistakes:
            raise PolicyError(mistakes)
        return tuple(known[id] for id in sorted(known))

    def _apart(self, each: PythonRule) -> PythonRule:
        """Return a rule whose check imports nothing from what is scanned either."""
        check = each.rule.check

        def apart(network: Network, subject: Any, policy: Policy) -> Iterator[Finding]:
            with self._path_without_scanned():
                return check(network, subject, policy)

        return replace(each, rule=replace(each.rule, check=apart))

    def is_run(self, source: RulesDir | EntryPoint) -> bool:
        """Return whether the rules of ``source`` are run: whoever changes what is scanned cannot change them."""
        if self._trusts_all:
            return True
        if isinstance(source, RulesDir):
            return not self._is_scanned(source.span.file) and not self._is_scanned(source.written)
        return self._is_installed(os.path.dirname(os.path.dirname(source.span.file))) and not self._has_scanned_code(
            source
        )

    def _has_scanned_code(self, point: EntryPoint) -> bool:
        """Return whether Python finds the package in what is scanned, as it does after ``pip install -e``. This imports
        nothing."""
        path: Sequence[str] | None = None
        names = point.module.split(".")
        for count in range(1, len(names) + 1):
            name = ".".join(names[:count])
            with self._path_without_scanned():
                spec = _spec(name, path)
            spec = spec or _spec(name, path)
            if spec is None:
                return False  # loading it says what is wrong
            if self._is_of_scanned(spec):
                return True
            path = spec.submodule_search_locations
            if path is None:  # no package: loading what is behind it says what is wrong
                return False
        return False

    def _is_of_scanned(self, spec: ModuleSpec) -> bool:
        places = [place for place in (spec.origin, *(spec.submodule_search_locations or ())) if place]
        return not all(self._is_installed(place) for place in places if os.path.isabs(place))

    def _is_scanned(self, path: str) -> bool:
        """Return whether ``path``, or anything on the way to it, is in what is scanned, however it is spelled."""
        known = {_identity(each) for each in self._scanned}
        return any(
            _identity(place) in known or any(is_within(place, each) for each in self._scanned)
            for place in ways_to(path)
        )

    def _is_installed(self, path: str) -> bool:
        """Return whether Python may import rules from ``path``. Whoever can change what the Python at work has installed can do
        anything, so that counts wherever it is."""
        return not self._is_scanned(path) or any(is_within(os.path.realpath(path), each) for each in _of_python())

    def _installed(self, path: tuple[str, ...]) -> tuple[str, ...]:
        if path not in self._paths:
            self._paths[path] = tuple(filter(self._is_installed, path))
        return self._paths[path]

    @contextmanager
    def _path_without_scanned(self) -> Iterator[None]:
        """Import nothing from what is scanned: ``python -m`` puts the current directory on Python's path."""
        with ALONE:
            before, guard = list(sys.path), _Guard(self._is_of_scanned)
            if not self._trusts_all:
                sys.path[:] = self._installed(tuple(before))
                sys.meta_path.insert(0, guard)
            try:
                yield
            finally:
                sys.path[:] = before
                if not self._trusts_all:
                    sys.meta_path.remove(guard)


class _Guard(MetaPathFinder):
    """Refuses what the other finders find in what is scanned: those of ``pip install -e`` do not look at Python's path."""

    def __init__(self, is_of_scanned: Callable[[ModuleSpec], bool]) -> None:
        self._is_of_scanned = is_of_scanned

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return None: the others find it. Raises ImportError for what is in what is scanned."""
        if fullname.partition(".")[0] != __name__.partition(".")[0]:  # our own code is at work wherever it is
            spec = _spec(fullname, path)
            if spec is not None and self._is_of_scanned(spec):
                raise ImportError(f"{fullname} is in the scanned repository", name=fullname)
        return None


def _spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Return where Python finds a module, whose package is at ``path``, or found it before. This imports nothing."""
    known: ModuleSpec | None = getattr(sys.modules.get(name), "__spec__", None)
    if known is not None:
        return known
    for finder in sys.meta_path:
        if not isinstance(finder, _Guard) and hasattr(finder, "find_spec"):
            try:
                spec = finder.find_spec(name, path)
            except (ImportError, KeyError, ValueError):  # KeyError: a namespace in a package that is not imported
                return None  # importing it says what is wrong, or meets the guard
            if spec is not None:
                return spec
    return None


def _identity(path: str) -> tuple[int, int] | str:
    """Return what is the same for two spellings of a path, where capital and small letters are the same."""
    try:
        found = os.stat(path)
    except OSError:
        return path
    return found.st_dev, found.st_ino


def _of_python() -> frozenset[str]:
    """Return the directories of the standard library and of installed packages."""
    from sysconfig import get_path

    return frozenset(os.path.realpath(get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def _scanned(options: ScanOptions) -> tuple[str, ...]:
    """Return the directories whose files are those of whoever wrote what is scanned."""
    found = dict.fromkeys(options.not_trusted)
    for path in map(os.path.realpath, (*options.paths, *options.roots)):
        found.update(dict.fromkeys((boundary_of(path, options.boundary), *repositories_around(path))))
    return tuple(found)


def _count(entry: RulesDir) -> str:
    try:
        count = len(file_names(entry.directory))
    except OSError:
        return ""
    return f" ({count} file{'' if count == 1 else 's'})"
