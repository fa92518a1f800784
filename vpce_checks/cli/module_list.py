"""The list of module calls that ``vpce-checks modules`` prints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.accepted import accepted
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.report import relative
from vpce_checks.terraform.faces.root_modules import RootModules
from vpce_checks.terraform.module_calls import module_calls

if TYPE_CHECKING:
    from vpce_checks.terraform.config.calls import ModuleCall

VERSION = 1
"""Of the JSON form."""


class ModuleList(NamedTuple):
    """The calls by root (an absolute directory), and what could not be read."""

    roots: tuple[tuple[str, tuple[ModuleCall, ...]], ...]
    diagnostics: tuple[Diagnostic, ...]


def list_modules(options: ScanOptions) -> ModuleList:
    """The module calls of every root. Raises OSError for a path that cannot be read, PolicyError."""
    roots = []
    diagnostics: dict[Diagnostic, None] = {}
    project = Project(options)
    code = next(language.code for language in project.languages if isinstance(language, RootModules))
    for root in (root for batch in project.batches() for root in batch.roots()):
        calls, problems = module_calls(root.path, *code.of(project.place_of(root), root))
        roots.append((root.path, calls))
        diagnostics.update(dict.fromkeys(problems))
    return ModuleList(tuple(roots), tuple(accepted(diagnostics, project.scope)))


def module_lines(listed: ModuleList, directory: str) -> Iterator[str]:
    """The text form: a root, its calls one a paragraph, and how many were found in which way."""
    counts: dict[str, int] = {}
    for root, calls in listed.roots:
        if not calls:
            continue
        yield relative(root, directory)
        for call in calls:
            counts[_how(call)] = counts.get(_how(call), 0) + 1
            version = f" {call.version}" if call.version is not None else ""
            yield f"  {call.address}  {relative(call.span.file, directory)}:{call.span.line}"
            yield f"    {call.located.source}{version}: {_found(call, directory)}"
        yield ""
    total = sum(counts.values())
    summary = ", ".join(f"{count} {how}" for how, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    yield f"{total} module call{'' if total == 1 else 's'}{f': {summary}' if summary else ''}"


def module_json(listed: ModuleList, directory: str) -> Iterator[str]:
    """The JSON form."""
    import json

    calls = [
        {
            "root": relative(root, directory),
            "address": call.address,
            "source": call.located.source,
            "version": call.version,
            "resolved": _how(call),
            "directory": _shown_directory(call, directory),
            "known_as": call.located.known_as or None,
            "reason": _reason(call) or None,
            "file": relative(call.span.file, directory),
            "line": call.span.line,
        }
        for root, calls in listed.roots
        for call in calls
    ]
    yield json.dumps({"version": VERSION, "modules": calls}, indent=2)


def _shown_directory(call: ModuleCall, directory: str) -> str | None:
    located = call.located
    return None if located.directory is None or located.stub else relative(located.directory, directory)


def _how(call: ModuleCall) -> str:
    """Return how the code was found, in one word. Modules for other providers are no gap in what was read."""
    return "harmless" if call.located.is_foreign else call.located.how


def _reason(call: ModuleCall) -> str:
    """Return why the code is not there, or need not be."""
    if call.located.is_foreign:
        return "its name says that its provider is not AWS"
    listed = "; vpce-checks knows that it creates no endpoints" if call.located.is_listed else ""
    return call.located.reason + listed


def _found(call: ModuleCall, directory: str) -> str:
    located = call.located
    if located.how == "stub":
        return f"stub of {located.known_as}"
    if _how(call) == "harmless":
        return f"harmless: {_reason(call)}"
    if located.directory is None:
        return f"opaque: {located.reason}"
    place = _shown_directory(call, directory)
    if located.how == "downloaded":
        return f"downloaded, {located.known_as}, {place}"
    words = {"local": "local", "installed": "installed", "given": "given by --module-source or the policy"}
    return f"{words[located.how]}, {place if place != os.curdir else 'the current directory'}"
