"""The policies of a scan. Each root has the nearest policy file above it, whichever path is scanned."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.files.containment import boundary_of
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.model.roots import NamedModule, Place
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy import Policy, PolicyError, load_policy
from vpce_checks.policy.load import files_above
from vpce_checks.rules.registry import entry_point_files, rule_ids

if TYPE_CHECKING:
    from vpce_checks.policy.scan_keys import RulesDir
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.python_rules import Sources
    from vpce_checks.rules.python_rule import PythonRule


class UnknownRuleError(Exception):
    """A rule of the command line that neither we nor a policy of the scan has."""


class Policies:
    """The policy files of a scan, each read once. ``explicit`` (``--policy``) is used instead of all of them.

    ``boundary`` is the one that the user names (a real path). ``options`` say which rules in Python are run; without them
    none are. They can be pickled; the rules in Python do not go along.
    """

    def __init__(
        self,
        explicit: str | None,
        require: tuple[str, ...] = (),
        boundary: str | None = None,
        options: ScanOptions | None = None,
    ) -> None:
        self._options = options
        self._explicit = None if explicit is None else os.path.abspath(explicit)
        self._boundary = boundary
        self._require = require
        self._real = RealPaths()
        self._files: dict[str, dict[str, tuple[str, ...]]] = {}  # boundary -> path -> the policy files above it
        self._loaded: dict[tuple[str | None, str], Policy] = {}
        self._packages: tuple[str, ...] | None = None
        self.runs_all_rules = True
        """Whether every rule in Python that was found is run, as far as :meth:`load_rules` knows."""
        self._in_python: dict[tuple[RulesDir, ...], tuple[PythonRule, ...]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_in_python": {}}

    def of(self, path: str, boundary: str) -> Policy:
        """Return the policy that judges the root ``path``. Raises PolicyError."""
        return next(self.above(path, boundary), None) or self._load(None, path, boundary)

    def above(self, path: str, boundary: str) -> Iterator[Policy]:
        """Yield the policy of each policy file from ``path`` upwards to the boundary, the nearest first.

        What a file says about the scan itself holds for everything below it. Raises PolicyError.
        """
        if self._explicit is not None:
            yield self._load(self._explicit, path, boundary)
            return
        for file in files_above(self._real(path), boundary, self._files.setdefault(boundary, {})):
            yield self._load(file, path, boundary)

    def read(self, file: str) -> Policy:
        """Return the policy of one policy file (absolute). Raises PolicyError."""
        directory = os.path.dirname(file)
        return self._load(file, directory, boundary_of(os.path.realpath(directory), self._boundary))

    def named_modules(self, place: Place) -> tuple[NamedModule, ...]:
        """Return what the policies above the candidates of ``place`` say about the code of modules. Raises PolicyError."""
        found: dict[NamedModule, None] = {}
        for path in dict.fromkeys(path for paths in place.candidates.values() for path in paths):
            for policy in self.above(path, place.boundary):
                below = os.sep if self._explicit is not None else os.path.dirname(policy.files[0])
                found.update((NamedModule(below, each.source, each.directory), None) for each in policy.modules)
        return tuple(found)

    def check_rules(self, names: Iterable[str]) -> None:
        """Raise UnknownRuleError for the first of ``names`` that is no rule of ours or of a policy that was read."""
        asked = set(names).difference(rule_ids())
        if asked:
            own = self.own_ids()
            for name in sorted(asked - own):
                hint = did_you_mean(name, own)
                if not self.runs_all_rules:
                    hint = f"{hint}; rules in Python that are in the scanned repository are not run"
                raise UnknownRuleError(f"no policy of this scan declares a rule {name}{hint}")

    def own_ids(self) -> frozenset[str]:
        """Return the ids of the users' own rules that hold somewhere in this scan, as far as policies were read."""
        declared = {rule.id for policy in self._loaded.values() for rule in policy.own_rules}
        return frozenset(declared.union(each.rule.id for rules in self._in_python.values() for each in rules))

    # -- rules in Python -----------------------------------------------------------------------------------------

    def load_rules(self) -> None:
        """Run the rules in Python that hold with the policies that were read. Raises PolicyError for mistakes in them, and for
        rules that policies name and there are not."""
        if not self._has_python(self._loaded.values()):
            return
        from vpce_checks.policy.own_rules import own_mistakes

        self.runs_all_rules = not tuple(self.not_run())
        for (file, boundary), policy in tuple(self._loaded.items()):
            place = boundary if file is None else os.path.dirname(file)
            rules = {each.rule.id: each for each in self.python_rules(place, boundary)}
            mistakes = list(own_mistakes(policy, rules if self.runs_all_rules else None))
            mistakes += [
                rules[declared.id].is_there_too(declared.id, declared.source.span)
                for declared in policy.own_rules
                if declared.id in rules and declared.source.span is not None
            ]
            if mistakes:
                raise PolicyError(mistakes)

    def has_python_rules(self, path: str, boundary: str) -> bool:
        """Return whether rules in Python may judge the root ``path``. Raises PolicyError."""
        return self._has_python(self.above(path, boundary))

    def python_rules(self, path: str, boundary: str) -> tuple[PythonRule, ...]:
        """Return the rules in Python that judge the root ``path``: those of installed packages, and of the directories that
        the policy files above it name. Raises PolicyError."""
        policies = tuple(self.above(path, boundary))
        if self._options is None or not self._has_python(policies):
            return ()
        key = tuple(entry for policy in policies for entry in policy.rules_dirs)
        if key not in self._in_python:
            self._in_python[key] = self._sources(policies).rules()
        return self._in_python[key]

    def not_run(self) -> Iterator[Diagnostic]:
        """Yield an error for all rules in Python that are not run, as the scanned repository brings them."""
        if self._options is not None and self._has_python(self._loaded.values()):
            yield from self._sources(self._loaded.values()).not_run

    def is_run(self, entry: RulesDir) -> bool:
        """Return whether the rules of a directory are run."""
        return self._options is not None and self._sources(()).is_run(entry)

    def packages(self) -> tuple[str, ...]:
        """Return the names of the installed packages that bring rules."""
        return tuple(dict.fromkeys(each.package for each in self._sources(()).entries)) if self._has_python(()) else ()

    def _ids_before_run(self, policy: Policy, file: str, boundary: str) -> tuple[str, ...] | None:
        """Return the ids of the rules in Python that a policy can name: none, or nobody knows yet (:meth:`load_rules`)."""
        others: tuple[str, ...] = ()
        if self._explicit is None:
            others = files_above(self._real(os.path.dirname(file)), boundary, self._files.setdefault(boundary, {}))
        above = (self._load(each, os.path.dirname(each), boundary) for each in others if each != file)
        return None if self._has_python((policy, *above)) else ()

    def _sources(self, policies: Iterable[Policy]) -> Sources:
        from vpce_checks.project.python_rules import Sources

        assert self._options is not None
        return Sources(self._options, policies, self._packages or ())

    def _has_python(self, policies: Iterable[Policy]) -> bool:
        if self._packages is None:
            self._packages = entry_point_files()
        given = self._options is not None and self._options.python_rules
        return bool(given or self._packages) or any(policy.rules_dirs for policy in policies)

    def _load(self, file: str | None, path: str, boundary: str) -> Policy:
        key = (file, boundary)
        if key not in self._loaded:
            if file is None:
                self._loaded[key] = load_policy(boundary, None, boundary=boundary, require=self._require)
            else:
                self._loaded[key] = load_policy(
                    path,
                    file,
                    boundary=boundary,
                    known_rules=rule_ids,
                    require=self._require,
                    in_python=lambda policy: self._ids_before_run(policy, file, boundary),
                )
        return self._loaded[key]


def in_force(policies: Iterable[Policy]) -> tuple[object, ...]:
    """Return everything that verdicts take from policies: what they say, and what of that has had its time."""
    distinct = {id(policy): policy for policy in policies}
    return tuple((policy, tuple(entry.expired() for entry in policy.ignore)) for policy in distinct.values())
