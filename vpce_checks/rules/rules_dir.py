"""Rules in a directory of Python files, each with a ``RULE``, or several in ``RULES``.

The files are read once, and what was read is run. The directory is not put on Python's path and nothing is written into it.
A file can import another one of the directory (``from ._shared import names``); one whose name begins with ``_`` has no rules.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import lru_cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

from vpce_checks.files.containment import place_within
from vpce_checks.files.regular import read_regular
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.policy import PolicyError
from vpce_checks.policy.scan_keys import RulesDir
from vpce_checks.rules.python_rule import PythonRule, load_problem, rules_in

MAX_FILES = 200
"""Files of one directory."""

MAX_BYTES = 1024 * 1024
"""Bytes of a file."""

PACKAGE = "vpce_checks_rules_dir"
"""What the packages are called that the files are in, with a number behind it."""

_Files = tuple[tuple[str, bytes], ...]


def rules_of_directory(entry: RulesDir) -> tuple[PythonRule, ...]:
    """Return the rules of a directory. This runs its files. Raises PolicyError for each mistake in it."""
    return _run(entry.directory, _files(entry))


def file_names(directory: str) -> tuple[str, ...]:
    """Return the names of the Python files of a directory (a real path), without reading them. Raises OSError."""
    return tuple(sorted(name for name in os.listdir(directory) if name.endswith(".py")))


def _files(entry: RulesDir) -> _Files:
    """Return the names of the files without ``.py``, and what is in them."""
    directory = entry.directory
    try:
        names = file_names(directory)
    except OSError as error:
        raise _wrong(f"the rules directory cannot be read: {error.strerror}", entry.span) from error
    if not any(not name.startswith("_") for name in names):
        raise _wrong("there is no Python file with rules in this directory", entry.span)
    if len(names) > MAX_FILES:
        raise _wrong(f"there are more than {MAX_FILES} Python files in this directory", entry.span)
    return tuple((name[: -len(".py")], _content(os.path.join(directory, name), directory)) for name in names)


def _content(file: str, directory: str) -> bytes:
    place = place_within(file, (directory,))
    if place is None:
        raise _wrong("this is a link that leads out of the rules directory, so it is not read", Span(file, 1))
    if not os.path.basename(file)[: -len(".py")].isidentifier():
        raise _wrong("the name of this file is none that Python can import: write letters, digits and _", Span(file, 1))
    try:
        data = read_regular(place, MAX_BYTES + 1)
    except OSError as error:
        raise _wrong(f"this file cannot be read: {error.strerror or error}", Span(file, 1)) from error
    if len(data) > MAX_BYTES:
        raise _wrong("this file is larger than 1 MB", Span(file, 1))
    return data


def _wrong(message: str, span: Span) -> PolicyError:
    return PolicyError([Diagnostic("error", message, span.file, span.line)])


@lru_cache(maxsize=64)
def _run(directory: str, files: _Files) -> tuple[PythonRule, ...]:
    """Return the rules of the files, which are run. Files that say the same are not run twice by one process."""
    package = f"{PACKAGE}_{_run.cache_info().misses}"
    finder = _Finder(package, directory, dict(files))
    sys.meta_path.insert(0, finder)  # it stays: a rule may import when it is called
    found: list[PythonRule] = []
    problems: list[Diagnostic] = []
    for name, _ in files:
        if name.startswith("_"):
            continue
        try:
            found += _rules_of(f"{package}.{name}", os.path.join(directory, f"{name}.py"), directory)
        except PolicyError as error:
            problems += error.diagnostics
    if problems:
        raise PolicyError(problems)
    return tuple(found)


def _rules_of(module: str, file: str, directory: str) -> tuple[PythonRule, ...]:
    from importlib import import_module

    try:
        with redirect_stdout(sys.stderr):  # standard output is the report's
            loaded = vars(import_module(module))
    except (Exception, SystemExit) as error:
        within = directory.rstrip(os.sep) + os.sep
        raise load_problem(error, "this rule", Span(file, 1), lambda name: name.startswith(within)) from error
    names = [name for name in ("RULE", "RULES") if name in loaded]
    if len(names) != 1:
        has = "both RULE and RULES" if names else "no RULE and no RULES"
        raise _wrong(f"this file has {has}; begin its name with _ if it is there for others to import", Span(file, 1))
    return rules_in(loaded[names[0]], Span(file, 1))


class _Finder(MetaPathFinder, Loader):
    """Finds the modules of one package, which are the texts that were read of files, and runs them."""

    def __init__(self, package: str, directory: str, sources: Mapping[str, bytes]) -> None:
        self._package = package
        self._directory = directory
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the way to load the package or one of its modules; None for any other name."""
        if fullname == self._package:
            return spec_from_loader(fullname, self, is_package=True)
        package, _, name = fullname.rpartition(".")
        if package != self._package or name not in self._sources:
            return None
        return spec_from_loader(fullname, self, origin=self._file(name))

    def _file(self, name: str) -> str:
        return os.path.join(self._directory, f"{name}.py")

    def exec_module(self, module: ModuleType) -> None:
        """Run the text of a module."""
        _, _, name = module.__name__.rpartition(".")
        if module.__name__ == self._package:
            return
        module.__file__ = self._file(name)
        exec(compile(self._sources[name], self._file(name), "exec", dont_inherit=True), vars(module))
