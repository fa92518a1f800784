"""The policies of a scan. Each root has the nearest policy file above it, whichever path is scanned."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.files.containment import boundary_of
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.model.roots import NamedModule, Place
from vpce_checks.policy import Policy, load_policy
from vpce_checks.policy.load import files_above
from vpce_checks.rules.registry import rule_ids


class UnknownRuleError(Exception):
    """A rule of the command line that neither we nor a policy of the scan has."""


class Policies:
    """The policy files of a scan, each read once. ``explicit`` (``--policy``) is used instead of all of them.

    ``boundary`` is the one that the user names (a real path).
    """

    def __init__(self, explicit: str | None, require: tuple[str, ...] = (), boundary: str | None = None) -> None:
        self._explicit = None if explicit is None else os.path.abspath(explicit)
        self._boundary = boundary
        self._require = require
        self._real = RealPaths()
        self._files: dict[str, dict[str, tuple[str, ...]]] = {}  # boundary -> path -> the policy files above it
        self._loaded: dict[tuple[str | None, str], Policy] = {}

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
            from vpce_checks.policy.own_rules import own_ids

            own = {id for policy in self._loaded.values() for id in own_ids(policy)}
            for name in sorted(asked - own):
                raise UnknownRuleError(f"no policy of this scan declares a rule {name}{did_you_mean(name, own)}")

    def _load(self, file: str | None, path: str, boundary: str) -> Policy:
        key = (file, boundary)
        if key not in self._loaded:
            if file is None:
                self._loaded[key] = load_policy(boundary, None, boundary=boundary, require=self._require)
            else:
                self._loaded[key] = load_policy(
                    path, file, boundary=boundary, known_rules=rule_ids, require=self._require
                )
        return self._loaded[key]


def in_force(policies: Iterable[Policy]) -> tuple[object, ...]:
    """Return everything that verdicts take from policies: what they say, and what of that has had its time."""
    distinct = {id(policy): policy for policy in policies}
    return tuple((policy, tuple(entry.expired() for entry in policy.ignore)) for policy in distinct.values())
