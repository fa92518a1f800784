"""What a scan is made of, in terms that every language shares: places, and the roots that are found there."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from vpce_checks.base.record import field, record, replace
from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import RootKind


@record
class Deployment:
    """One deployment of a root, as ``roots`` of the policy describes it. ``name`` is empty where there is only one.

    ``var_files`` and ``parameters`` are absolute paths, ``variables`` and ``environment`` pairs of names and texts.
    """

    name: str = ""
    var_files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    parameters: tuple[str, ...] = ()
    workspace: str | None = None
    region: str | None = None
    environment: tuple[tuple[str, str], ...] = ()


PLAIN = Deployment()
"""The deployment of a root that the policy says nothing about."""


@record
class Settings:
    """What the user says about how code is evaluated.

    ``var_files`` and ``parameters`` are absolute paths; ``variables`` are ``--var`` pairs in order, and ``files_before`` how many
    ``var_files`` come before each of them (all, where it says nothing); ``environment`` are the ``TF_VAR_*`` variables,
    ``module_sources`` are ``--module-source`` pairs. ``download_modules`` is the directory that modules are downloaded to;
    None: none are.
    """

    var_files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    files_before: tuple[int, ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})
    parameters: tuple[str, ...] = ()
    region: str | None = None
    workspace: str | None = None
    module_sources: tuple[tuple[str, str], ...] = ()
    download_modules: str | None = None

    def of(self, deployment: Deployment) -> Settings:
        """The settings for a deployment. Options of the command line win; what the policy says wins over the
        environment."""
        if deployment == PLAIN:
            return self
        return replace(
            self,
            var_files=(*deployment.var_files, *self.var_files),
            variables=(*deployment.variables, *self.variables),
            files_before=self._files_before(len(deployment.var_files), len(deployment.variables)),
            environment={**self.environment, **dict(deployment.environment)},
            parameters=(*deployment.parameters, *self.parameters),
            region=self.region or deployment.region,
            workspace=deployment.workspace or self.workspace,
        )

    def _files_before(self, files: int, variables: int) -> tuple[int, ...]:
        """Return :attr:`files_before` after so many files, and variables after these, that the policy says."""
        given = (*self.files_before, *[len(self.var_files)] * (len(self.variables) - len(self.files_before)))
        return (*[files] * variables, *(files + before for before in given))


@record
class NamedModule:
    """What a policy file says about the code of modules with the source ``source``, as calls write it.

    ``directory`` (absolute) holds the code; None: they create no VPC, endpoint or route. It holds for roots in or below
    the directory ``below``.
    """

    below: str
    source: str
    directory: str | None


@record
class Place:
    """A path of the scan, absolute and without symbolic links, like all others here.

    ``boundary`` is the repository around it, outside of which nothing is read. ``is_root`` says that the user named a
    root with it, which need not be looked for. ``candidates`` are the paths, by the name of a language, that may be
    roots in it. ``modules`` is what the policies above these say about the code of modules, and ``deployments`` what they
    say about the deployments of candidates.
    """

    path: str
    boundary: str
    candidates: Mapping[str, tuple[str, ...]]
    diagnostics: tuple[Diagnostic, ...] = ()
    is_root: bool = False
    modules: tuple[NamedModule, ...] = ()
    deployments: Mapping[str, tuple[Deployment, ...]] = field(default_factory=dict)

    def modules_for(self, path: str) -> tuple[NamedModule, ...]:
        """Return what is said about modules for the root ``path``, by the nearest policy first."""
        held = [each for each in self.modules if is_within(path, each.below)]
        return tuple(sorted(held, key=lambda each: -len(each.below)))

    def of(self, language: str) -> tuple[str, ...]:
        """The candidates in one language."""
        return self.candidates.get(language, ())


RootKey: TypeAlias = tuple[str, str]
"""The path of a root, and the name of its deployment ("" for the only one)."""


@record
class Root:
    """A root to be scanned: ``place`` is the path under which it was found, ``language`` the name of what reads it.

    ``joined`` are the roots that use values of each other, this one among them. Empty: it has nothing to do with others.
    ``by_tags`` says that its policy selects VPCs by their tags.
    """

    path: str
    kind: RootKind
    place: str
    language: str
    deployment: Deployment = PLAIN
    joined: tuple[Root, ...] = field(default=(), compare=False)
    by_tags: bool = field(default=False, compare=False)

    @property
    def key(self) -> RootKey:
        """What no other root of the scan has."""
        return self.path, self.deployment.name


def by_path(places: Iterable[Place]) -> dict[str, Place]:
    """The places in which roots are found; the one that names a root where another one is the same path."""
    return {place.path: place for place in sorted(places, key=lambda place: place.is_root)}


@record
class Batch:
    """Roots that are found together. ``key`` holds everything that their verdicts rest on, but for files and for the
    policies of ``paths`` (which may be roots), all of them in ``boundary``."""

    key: tuple[object, ...]
    boundary: str
    paths: tuple[str, ...]
    roots: Callable[[], list[Root]]


def batch_of(root: Root, options: object, boundary: str) -> Batch:
    """Return the batch of a root whose verdicts rest on ``options``, and on no other root."""
    return Batch((root, options), boundary, (root.path,), lambda: [root])


@record
class Sniffed:
    """What a language takes of a directory: ``candidates`` (paths), the names of files that it leaves to others, and what is
    wrong with the rest."""

    candidates: Sequence[str]
    others: Sequence[str]
    diagnostics: Sequence[Diagnostic] = ()


@record
class Marks:
    """What the text of a candidate shows: whether it uses values of other roots (``takes``), and whether those values may
    be of any root, which need not say that it shares them (``from_any``). ``digest`` reads the text and returns its hash."""

    takes: bool
    digest: Callable[[], str]
    from_any: bool = False


@record
class Fetched:
    """Code that a tool has fetched for the candidate in ``home``: a directory, without what is called like ``without``."""

    home: str
    directory: str
    without: frozenset[str] = frozenset()


Called: TypeAlias = Callable[[str, str, Hashable], "set[str]"]
"""Stands in for :meth:`vpce_checks.project.language.Language.calls`: the name of the language, a directory, a scope."""
