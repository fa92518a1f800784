"""What there is to scan: the roots below the scan paths, the policy of each, and how each of them is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files.containment import is_within
from vpce_checks.model.roots import Batch, Place, Root, Settings, by_path
from vpce_checks.project.discovery import find_place, named_place
from vpce_checks.project.inventories import Inventories
from vpce_checks.project.joining import Joining
from vpce_checks.project.languages import languages
from vpce_checks.project.policies import Policies, in_force
from vpce_checks.project.scope import scope_of

if TYPE_CHECKING:
    from vpce_checks.model.network import Network
    from vpce_checks.model.outside import Outside
    from vpce_checks.model.roots import Called, RootKey
    from vpce_checks.policy import Policy
    from vpce_checks.project.language import Language
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.rules.finding import Rule


class Project:
    """The inputs of one scan. Files are read and parsed once each, however many roots share them.

    It can be pickled, to read roots in another process; what was read so far does not go along.
    """

    def __init__(self, options: ScanOptions) -> None:
        """Look what is below the paths. Raises OSError for one that cannot be read, PolicyError for a mistake,
        CacheError for a directory that modules cannot be downloaded to."""
        given = {name: text for name, text in options.environment.items() if name.startswith("TF_VAR_")}
        self.options = replace(options, environment=given, baseline=None)
        self.languages = languages(_settings(self.options))
        self.policies = Policies(options.policy, options.require, options.boundary, self.options)
        self.scope = scope_of(options, self.policies)
        self.inventories = Inventories(self.scope)
        self.walked = by_path(find_place(path, self.languages, self.scope) for path in options.paths)
        self.named = by_path(named_place(path, self.languages, self.scope.boundary_of(path)) for path in options.roots)
        named = [os.path.realpath(each) for each in options.paths if os.path.normpath(each) != os.curdir]
        self._given = frozenset(each if os.path.isdir(each) else os.path.dirname(each) for each in named)
        for place in self.named.values():
            self.scope.look_above(place.path, place.boundary)
        self.walked = {path: self._with_policies(place) for path, place in self.walked.items()}
        self.named = {path: self._with_policies(place) for path, place in self.named.items()}
        for language in self._wanted():
            language.prepare(self.places, options.environment, self._affected_roots)
        self.joining = Joining(self, self._whole)

    def _with_policies(self, place: Place) -> Place:
        self.policies.of(place.path, place.boundary)  # so that a mistake is reported even if there are no roots
        entries = ((path, self.scope.roots.get(path)) for paths in place.candidates.values() for path in paths)
        deployments = {path: entry.deployments for path, entry in entries if entry is not None}
        return replace(place, modules=self.policies.named_modules(place), deployments=deployments)

    def policy_of(self, root: Root) -> Policy:
        """Return the policy that judges a root."""
        return self.policies.of(root.path, self.place_of(root).boundary)

    def python_rules_of(self, root: Root) -> tuple[Rule, ...]:
        """Return the rules in Python that judge a root."""
        return tuple(each.rule for each in self.policies.python_rules(root.path, self.place_of(root).boundary))

    def runs_python(self, batch: Batch) -> bool:
        """Return whether rules in Python may judge roots of a batch: nobody knows what else their verdicts rest on."""
        return any(self.policies.has_python_rules(path, batch.boundary) for path in batch.paths)

    @property
    def places(self) -> tuple[Place, ...]:
        """Every path of the scan: those that were walked, then those that name roots."""
        return (*self.walked.values(), *self.named.values())

    def boundary_of(self, file: str) -> str:
        """The repository around a file that was read."""
        inside = (place.boundary for place in self.places if is_within(file, place.boundary))
        return max(inside, key=len, default=file)

    def place_of(self, root: Root) -> Place:
        """The place in which a root was found."""
        return self.named.get(root.place) or self.walked[root.place]

    def is_named(self, path: str) -> bool:
        """Return whether the user named the root ``path``, or a file in it. ``.`` names nothing."""
        return path in self.named or path in self._given

    def _wanted(self) -> Iterator[Language]:
        return (language for language in self.languages if language.kind in self.options.kinds)

    def language(self, name: str) -> Language:
        """The language with this name."""
        return next(language for language in self.languages if language.name == name)

    # -- roots ---------------------------------------------------------------------------------------------------

    def batches(self, called: Called | None = None, *, keyed: bool = False) -> Iterator[Batch]:
        """Every root. ``called`` replaces the search of a directory for what it calls. ``keyed``: the keys say all that kept
        reports rest on, for which every text is read that has to do with joins."""
        found = self._found(called)
        is_joined = self.joining.is_possible()
        joins = self.joining.key() if is_joined and keyed else ()
        every = tuple(batch for _, batch in found)
        for language, batch in found:
            policies = [self.policies.of(path, batch.boundary) for path in batch.paths]
            files = tuple(policy.files[:1] for policy in policies)
            wanted = (self.options.networks, self.options.layouts)
            named = tuple(path for path in batch.paths if self.is_named(path))
            key = (language.name, *batch.key, *wanted, self.scope.key, *joins, files, *in_force(policies), *named)
            roots = partial(self._joined_roots, batch, every) if is_joined else batch.roots
            yield replace(batch, key=key, roots=roots)

    def unjoined(self) -> tuple[Batch, ...]:
        """Every root, without those that it is joined with."""
        self.joining.is_possible()  # the languages look for what may be shared, and ask no other roots
        return tuple(batch for _, batch in self._found(None))

    def _found(self, called: Called | None) -> list[tuple[Language, Batch]]:
        return [
            (language, replace(batch, roots=partial(self._deployments, batch.roots)))
            for language in self._wanted()
            for batch in language.find(self.places, called)
        ]

    def _joined_roots(self, batch: Batch, every: Sequence[Batch]) -> list[Root]:
        return self.joining.joined(batch.roots(), every)

    def _deployments(self, find: Callable[[], list[Root]]) -> list[Root]:
        """Each root once for each of its deployments, with what its policy says that concerns how it is read."""
        return [
            replace(root, deployment=each, by_tags=self.policy_of(root).selects_by_tags)
            for root in find()
            for each in self.scope.deployments_of(root)
        ]

    def calls(self, language: str, directory: str, scope: Hashable) -> set[str]:
        """The directories that the code of a language in ``directory`` calls (see :class:`Language`)."""
        return self.language(language).calls(directory, scope)

    def read(self, root: Root) -> list[Network]:
        """What a root deploys, one network a scenario, with what the roots that it is joined with attach to its VPCs."""
        deployed = self.inventories.of(root.path)
        if root.joined:
            networks = self.joining.networks(root)
        else:
            networks = self.language(root.language).read(root, self.place_of(root), self.outside_of(root, None))
        if deployed is not None:
            from vpce_checks.estate.deployed import with_deployed

            networks = with_deployed(networks, deployed)
        if not any(network.exclusives for network in networks):
            return networks
        from vpce_checks.reach.exclusive import without_taken

        return [without_taken(network) for network in networks]

    def outside_of(self, root: Root, others: Outside | None) -> Outside | None:
        """What a root can ask for while it is read: ``others``, and what inventories say that is deployed."""
        deployed = self.inventories.of(root.path)
        if deployed is None:
            if others is not None or not self.options.all_workloads:
                return others
            from vpce_checks.model.outside import Alone

            return Alone()
        from vpce_checks.estate.deployed_search import OutsideWithDeployed

        return OutsideWithDeployed(others, deployed)

    def networks_of(self, batch: Batch, key: RootKey) -> Callable[[], list[Network]]:
        """Reads what the root ``key`` of ``batch`` deploys."""
        return lambda: next((self.read(root) for root in batch.roots() if root.key == key), [])

    def affected(self, roots: Mapping[RootKey, Root], changed: Iterable[str]) -> dict[RootKey, Root]:
        """The roots that changed files have an effect on, by their code or by the policy."""
        from vpce_checks.files.changed import changed_files

        files = changed_files(changed)
        found = self.affected_by(files, roots.values())
        found |= self.joining.affected((root for root in roots.values() if root not in found), files)
        return {key: root for key, root in roots.items() if root in found}

    def affected_by(self, changed: frozenset[str], roots: Iterable[Root]) -> set[Root]:
        """Those of the roots that ``changed`` files have an effect on, by their code or by the policy."""
        from vpce_checks.files.changed import hold
        from vpce_checks.project.affected import policy_is_affected

        found: set[Root] = set()
        left: dict[str, dict[Root, Place]] = {}
        is_changed = cache(lambda file: hold(changed, (file,)))
        for root in roots:
            place = self.place_of(root)
            above = tuple(self.policies.above(root.path, place.boundary))
            said = (*(policy.files for policy in above), (each.file for each in self.scope.inventory_of(root.path)))
            if any(map(is_changed, chain(*said))) or policy_is_affected(changed, root.path, above):
                found.add(root)
            else:
                left.setdefault(root.language, {})[root] = place
        for name, mine in left.items():
            found.update(self.language(name).affected(mine, changed))
        return found

    def _whole(self, boundaries: tuple[str, ...]) -> Project:
        """The project of whole repositories, with the options of this one."""
        options = replace(self.options, paths=boundaries, roots=(), changed=None, download_modules=None)
        whole = Project(options)
        whole.inventories.share(self.inventories)
        return whole

    def _affected_roots(self, roots: Sequence[Root]) -> Sequence[Root]:
        """Those of ``roots`` that this scan reads."""
        if self.options.changed is None:
            return roots
        from vpce_checks.files.changed import changed_files

        found = self.affected_by(changed_files(self.options.changed), roots)
        return [root for root in roots if root in found]


def _settings(options: ScanOptions) -> Settings:
    return Settings(
        var_files=options.var_files,
        variables=options.variables,
        files_before=options.files_before,
        environment=options.environment,
        parameters=options.parameters,
        region=options.region,
        workspace=options.workspace,
        module_sources=options.module_sources,
        download_modules=options.download_modules,
    )
