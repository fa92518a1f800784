"""What a scan takes in: which files are left out, which deployments a root has, what its inputs are, what is deployed elsewhere.

Policy files say all of it, each for everything below it. Those above a scan path are read first, and those below it when the
walk comes to them. ``--policy`` replaces all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from vpce_checks.files.containment import boundary_of, is_within
from vpce_checks.model.roots import PLAIN
from vpce_checks.policy import POLICY_FILES, policy_files
from vpce_checks.project.policies import Policies

if TYPE_CHECKING:
    from vpce_checks.model.links import Link
    from vpce_checks.model.roots import Deployment, Root
    from vpce_checks.model.spans import Span
    from vpce_checks.policy import Policy
    from vpce_checks.policy.scan_keys import Exclusion, InventoryEntry, RootEntry, RulesDir
    from vpce_checks.project.options import ScanOptions


class Scope:
    """The exclusions, the deployments, the links and the inventories of a scan, as far as policy files were seen."""

    def __init__(
        self,
        exclude: Iterable[Exclusion] = (),
        explicit: str | None = None,
        load: Callable[[str], Policy] | None = None,
        boundary: str | None = None,
        inventory: Iterable[InventoryEntry] = (),
    ) -> None:
        """``exclude`` are the exclusions of the command line, ``inventory`` its inventories, ``explicit`` is its policy file.
        ``load`` reads a policy file (absolute); it raises PolicyError. Without it no policy file is read. ``boundary`` is the
        one that the user names (a real path)."""
        self._everywhere = list(exclude)
        self._below: dict[str, tuple[Exclusion, ...]] = {}
        self._load = load
        self._boundary = boundary
        self._explicit = explicit is not None
        self._read: set[str] = set()
        self.roots: dict[str, RootEntry] = {}
        self.rules_dirs: dict[str, RulesDir] = {}
        self.links: dict[tuple[str, str], Link] = {}
        self._inventory: dict[str, tuple[InventoryEntry, ...]] = {
            os.sep: tuple(inventory)
        }  # by what is above its roots
        if explicit is not None and load is not None:
            policy = load(os.path.abspath(explicit))
            self._everywhere += policy.exclude
            self._inventory[os.sep] += policy.inventory
            self._add_entries(policy)

    def boundary_of(self, path: str) -> str:
        """Return the directory around ``path`` outside of which nothing is read."""
        return boundary_of(os.path.realpath(path), self._boundary)

    def look_above(self, path: str, boundary: str) -> None:
        """Read the policy files from ``path`` up to the repository's root. Raises PolicyError."""
        for file in policy_files(path, boundary):
            self._add(file)

    def enter(self, directory: str, names: Iterable[str]) -> None:
        """Read the policy file of a directory with the files ``names``, if there is one. Raises PolicyError."""
        for name in POLICY_FILES:
            if name in names:
                self._add(os.path.join(directory, name))

    def _add(self, file: str) -> None:
        if self._load is None or self._explicit or file in self._read:
            return
        self._read.add(file)
        policy = self._load(file)
        if policy.exclude:
            self._below[os.path.dirname(file)] = policy.exclude
        if policy.inventory:
            self._inventory[os.path.dirname(file)] = policy.inventory
        self._add_entries(policy)

    def _add_entries(self, policy: Policy) -> None:
        for entry in policy.roots:
            self.roots.setdefault(entry.path, entry)
        self.rules_dirs.update((entry.directory, entry) for entry in policy.rules_dirs)
        for link in policy.links:
            known = self.links.setdefault((link.root, link.input), link)
            if _is_nearer(link, known):
                self.links[link.root, link.input] = link

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that verdicts take from it."""
        return (
            tuple(self._everywhere),
            tuple(self._below.items()),
            tuple(self.roots.values()),
            tuple(self.links.values()),
            tuple(self._inventory.items()),
        )

    @property
    def inventories(self) -> tuple[InventoryEntry, ...]:
        """Every inventory, each once."""
        return tuple(dict.fromkeys(entry for entries in self._inventory.values() for entry in entries))

    def inventory_of(self, path: str) -> tuple[InventoryEntry, ...]:
        """The inventories that hold for the root at ``path`` (absolute)."""
        found = (entries for directory, entries in self._inventory.items() if is_within(path, directory))
        return tuple(dict.fromkeys(entry for entries in found for entry in entries))

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """Everything that is left out."""
        return (*self._everywhere, *(each for found in self._below.values() for each in found))

    @property
    def excludes(self) -> bool:
        """Whether anything is left out at all."""
        return bool(self._everywhere or self._below)

    def exclusion_of(self, path: str) -> Exclusion | None:
        """What leaves out a file or directory (absolute); None if nothing does."""
        for exclusion in self._everywhere:
            if exclusion.covers(path):
                return exclusion
        for directory, exclusions in self._below.items():
            if is_within(path, directory):
                for exclusion in exclusions:
                    if exclusion.covers(path):
                        return exclusion
        return None

    def is_excluded(self, path: str) -> bool:
        """Whether a file or directory (absolute) is left out."""
        return self.excludes and self.exclusion_of(path) is not None

    def links_of(self, root: Root) -> Sequence[Link]:
        """What policies say that inputs of a root are."""
        return [link for link in self.links.values() if link.root == root.path]

    def deployments_of(self, root: Root) -> Sequence[Deployment]:
        """The deployments of a root: at least one."""
        entry = self.roots.get(root.path)
        return entry.deployments if entry is not None else (PLAIN,)


def _is_nearer(link: Link, other: Link) -> bool:
    """Return whether the policy file of a link is nearer to its root than that of another link for the same input."""
    own, theirs = (os.path.dirname(each.span.file) for each in (link, other))
    return is_within(link.root, own) and (not is_within(link.root, theirs) or len(own) > len(theirs))


def scope_of(options: ScanOptions, policies: Policies | None = None) -> Scope:
    """The scope of a scan, with the policy files that ``policies`` reads. Raises PolicyError for a mistake in the file of
    ``--policy``."""
    policies = Policies(options.policy, boundary=options.boundary) if policies is None else policies
    return Scope(options.exclude, options.policy, policies.read, options.boundary, options.inventory)


def formats_above(path: str, explicit: str | None, boundary: str | None) -> tuple[tuple[str, Span], ...]:
    """Return the ``formats`` of the file ``explicit``, else of the nearest policy file above ``path`` that has any.

    Raises PolicyError.
    """
    real = os.path.realpath(path)
    above = Policies(explicit, boundary=boundary).above(real, boundary_of(real, boundary))
    return next((policy.formats for policy in above if policy.formats), ())
