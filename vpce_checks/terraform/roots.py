"""Which directories are root modules: those with Terraform files that no other scanned directory calls.

https://developer.hashicorp.com/terraform/language/modules#the-root-module
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from vpce_checks.terraform.module_sources import is_local, source_of
from vpce_checks.terraform.syntax.module_source import ModuleLoader


def find_roots(directories: Iterable[str], loader: ModuleLoader) -> list[str]:
    """The roots among ``directories`` (absolute, each holding Terraform files), sorted.

    Modules that only call each other have no root; the first of them by name is taken, so that none goes unseen.
    """
    candidates = sorted({os.path.realpath(directory) for directory in directories})
    calls = {directory: _called(directory, loader) for directory in candidates}
    called = {target for caller, targets in calls.items() for target in targets if target != caller}
    roots = [directory for directory in candidates if directory not in called]
    reached = _reachable(roots, calls)
    for directory in candidates:
        if directory not in reached:
            roots.append(directory)
            reached |= _reachable([directory], calls)
    return sorted(roots)


def _called(directory: str, loader: ModuleLoader) -> set[str]:
    source = loader.load(directory)
    found = set()
    for block in source.modules.values():
        written = source_of(block)
        if written is not None and is_local(written):
            found.add(os.path.realpath(os.path.join(directory, written)))
    return found


def _reachable(start: Iterable[str], calls: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    stack = list(start)
    while stack:
        directory = stack.pop()
        if directory not in seen:
            seen.add(directory)
            stack.extend(calls.get(directory, ()))
    return seen
