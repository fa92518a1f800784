"""What is under a scan path: one walk, in which every language takes the files that may be its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files.walk import Guide, walk
from vpce_checks.model.roots import Place
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.scope import Scope

if TYPE_CHECKING:
    from vpce_checks.project.language import Language


APP_FILES = frozenset({"cdk.json", "cdktf.json", "Pulumi.yaml", "Pulumi.yml", "sst.config.ts"})
"""Files that mark an app in a programming language (:mod:`vpce_checks.project.apps`)."""


def find_place(path: str, languages: Sequence[Language], scope: Scope | None = None) -> Place:
    """Walk ``path`` (a directory, or one file). Raises OSError if it does not exist or cannot be read.

    What ``scope`` leaves out is not walked and is no candidate. Raises PolicyError for a mistake in a policy file.
    """
    path = os.path.realpath(path)
    scope = Scope() if scope is None else scope
    boundary = scope.boundary_of(path)
    scope.look_above(path, boundary)
    if scope.is_excluded(path):
        os.stat(path)
        return Place(path, boundary, {})
    if not os.path.isdir(path):
        return replace(named_place(path, languages, boundary), is_root=False)
    candidates: dict[str, list[str]] = {language.name: [] for language in languages}
    diagnostics: list[Diagnostic] = []

    def failed(directory: str, error: OSError) -> None:
        diagnostics.append(Diagnostic("error", f"cannot list the directory: {error.strerror}", directory))

    def leads_out(link: str) -> None:
        message = "this link leads outside the scanned repository; what is behind it is not read"
        diagnostics.append(Diagnostic("warning", message, link))

    hidden_code: dict[str, list[str]] = {}

    def is_hidden(directory: str, below: Iterable[tuple[str, Sequence[str]]]) -> None:
        hidden_code[directory] = [each for each, names in below if _may_hold_roots(each, names, languages, boundary)]

    hidden = frozenset(name for language in languages for name in language.hidden)
    guide = Guide(failed, scope.is_excluded, leads_out, is_hidden)
    for directory, names in walk(path, boundary, hidden, guide):
        scope.enter(directory, names)
        others: Sequence[str] = _taken_in(directory, names, scope, languages) if scope.excludes else names
        for language in languages:
            sniffed = language.sniff(directory, others, boundary)
            candidates[language.name] += sniffed.candidates
            others = sniffed.others
            diagnostics += sniffed.diagnostics
        if not APP_FILES.isdisjoint(names):
            from vpce_checks.project.apps import unread_apps

            diagnostics += unread_apps(directory, names, boundary, scope.is_excluded)
    found_here = {name: tuple(paths) for name, paths in candidates.items() if paths}
    place = Place(path, boundary, found_here, tuple(diagnostics))
    for language in languages:
        place = language.complete(place)
    place = replace(place, diagnostics=(*place.diagnostics, *_hidden_from(place, hidden_code)))
    return _without_excluded(place, scope) if scope.excludes else place


def _hidden_from(place: Place, code: Mapping[str, Iterable[str]]) -> Iterator[Diagnostic]:
    """Yield a warning for each hidden directory with code that ``place`` lacks. Units of Terragrunt are found in them, too."""
    message = "hidden directories are not scanned, and this one holds code; name it as a path to scan it"
    found = {path for paths in place.candidates.values() for path in paths} if any(code.values()) else set()
    for directory, inner in code.items():
        if not found.issuperset(inner):
            yield Diagnostic("warning", message, directory)


def _without_excluded(place: Place, scope: Scope) -> Place:
    """Return ``place`` without the candidates that were not found by the walk and are left out."""
    candidates = {
        name: tuple(path for path in paths if not scope.is_excluded(path)) for name, paths in place.candidates.items()
    }
    return replace(place, candidates={name: paths for name, paths in candidates.items() if paths})


def _taken_in(directory: str, names: Sequence[str], scope: Scope, languages: Sequence[Language]) -> Sequence[str]:
    """Return ``names`` without those that are left out. What no language looks at may stay: globs take time."""
    suffixes = tuple(suffix for language in languages for suffix in language.suffixes)

    def may_be_code(name: str) -> bool:
        return name.lower().endswith(suffixes) or "plan" in name.lower()

    return [name for name in names if not (may_be_code(name) and scope.is_excluded(os.path.join(directory, name)))]


def _may_hold_roots(directory: str, names: Sequence[str], languages: Sequence[Language], boundary: str) -> bool:
    """Return whether there are candidates for roots among the files ``names`` of a directory."""
    for language in languages:
        sniffed = language.sniff(directory, names, boundary)
        if sniffed.candidates:
            return True
        names = sniffed.others
    return False


def named_place(path: str, languages: Sequence[Language], boundary: str) -> Place:
    """``path`` itself as a root, with the boundary around it. A directory may be one of several languages, a file is of the
    first that takes it.

    Raises OSError.
    """
    path = meant = os.path.realpath(path)
    candidates: dict[str, tuple[str, ...]] = {}
    diagnostics: list[Diagnostic] = []
    for language in languages:
        candidate = language.named(meant, boundary)
        if candidate is None and not os.path.isdir(meant):  # it may know that this is none of its files yet
            diagnostics += language.sniff(os.path.dirname(meant), [os.path.basename(meant)], boundary).diagnostics
        if candidate is not None:
            candidates[language.name] = (candidate,)
            if not os.path.isdir(candidate):
                break
            meant = candidate
    if not candidates:
        os.stat(path)
    return Place(path, boundary, candidates, tuple(diagnostics), is_root=True)
