"""Rules that installed packages bring, by entry points of the group ``vpce_checks.rules``.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from functools import lru_cache
from importlib import import_module

from vpce_checks.base.record import record
from vpce_checks.files.regular import read_regular
from vpce_checks.model.spans import Span
from vpce_checks.rules.python_rule import PythonRule, load_problem, rules_in
from vpce_checks.rules.registry import ENTRY_POINTS, MAX_BYTES


@record
class EntryPoint:
    """An entry point: the module and the name in it that hold rules, the package, and its line in the list of the package."""

    module: str
    attribute: str
    package: str
    span: Span


def entry_points(files: Iterable[str]) -> tuple[EntryPoint, ...]:
    """Return the entry points in ``files``, those of installed packages, without loading any. Of a package that Python finds
    twice, the first counts."""
    found: dict[tuple[str, str, str], EntryPoint] = {}
    for file in files:
        for entry in _listed(file):
            found.setdefault((entry.package, entry.module, entry.attribute), entry)
    return tuple(found.values())


def _listed(file: str) -> Iterator[EntryPoint]:
    directory = os.path.basename(os.path.dirname(file))
    package = directory.removesuffix(".egg-info").removesuffix(".dist-info").partition("-")[0]
    section = ""
    text = read_regular(file, MAX_BYTES).decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.partition("#")[0].strip()
        if stripped.startswith("["):
            section = stripped.strip("[] ")
        elif section == ENTRY_POINTS and "=" in stripped:
            target = stripped.partition("=")[2].partition("[")[0]
            module, _, attribute = target.partition(":")
            yield EntryPoint(module.strip(), attribute.strip(), package, Span(file, number))


@lru_cache(maxsize=64)
def rules_of_entry(entry: EntryPoint) -> tuple[PythonRule, ...]:
    """Return the rules of an entry point. This imports its module. Raises PolicyError for a mistake in it."""
    try:
        with redirect_stdout(sys.stderr):  # standard output is the report's
            value: object = import_module(entry.module)
            for name in filter(None, entry.attribute.split(".")):
                value = getattr(value, name)
    except (Exception, SystemExit) as error:
        what = f"the rules of the installed package {entry.package} ({entry.module}:{entry.attribute})"
        raise load_problem(error, what, entry.span, lambda file: False) from error
    return rules_in(value, entry.span)
