"""Root modules of Terraform and OpenTofu."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.files.unfilled import UNFILLED, unfilled_files, unfilled_names
from vpce_checks.model.roots import Batch, Fetched, Sniffed, by_path
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.faces.code import TerraformCode
from vpce_checks.terraform.faces.found import KIND, MODULES, UNITS, CallScope, FoundRoots
from vpce_checks.terraform.syntax.file_names import (
    TERRAFORM_SUFFIXES,
    TERRAMATE_SUFFIXES,
    UNFILLED_SUFFIXES,
    VARIABLE_SUFFIXES,
)

if TYPE_CHECKING:
    from vpce_checks.model.ignores import IgnoreComment
    from vpce_checks.model.network import Network
    from vpce_checks.model.outside import Outside, Sharing
    from vpce_checks.model.roots import Called, Marks, Place, Root
    from vpce_checks.terraform.lang.scope import ModuleRequest
    from vpce_checks.terraform.sources.download.rounds import Table


class RootModules:
    """Directories with Terraform files that no other directory of the scan calls."""

    name = MODULES
    kind = KIND
    suffixes: tuple[str, ...] = (*TERRAFORM_SUFFIXES, *VARIABLE_SUFFIXES, *UNFILLED_SUFFIXES)
    hidden: tuple[str, ...] = ()

    def __init__(self, code: TerraformCode, found: FoundRoots) -> None:
        self.code = code
        self._found = found

    def sniff(self, directory: str, names: Sequence[str], boundary: str) -> Sniffed:
        """Return the directory if one of its files makes it a module."""
        candidates = [directory] if any(map(_is_primary, names)) else []
        warnings = list(_unfilled(directory, names, boundary, is_module=bool(candidates)))
        if not candidates and any(name.endswith(TERRAMATE_SUFFIXES) for name in names):
            from vpce_checks.terraform.unfilled_code import unwritten_stack

            warnings += unwritten_stack(directory, names, boundary)
        own = [name for name in names if not name.endswith(TERRAFORM_SUFFIXES)]
        others = [name for name in own if not name.lower().endswith(UNFILLED_SUFFIXES)]
        return Sniffed(candidates, others, tuple(warnings))

    def named(self, path: str, boundary: str) -> str | None:
        """Return the directory itself, or the directory of a Terraform file."""
        if os.path.isdir(path):
            return path
        return os.path.dirname(path) if path.endswith(TERRAFORM_SUFFIXES) and os.path.exists(path) else None

    def complete(self, place: Place) -> Place:
        """The walk finds all modules."""
        return place

    def fetched(self, place: Place) -> Iterator[Fetched]:
        """The modules that ``terraform init`` has installed."""
        for home in place.of(self.name):
            modules = os.path.join(home, ".terraform", "modules")
            if os.path.isfile(os.path.join(modules, "modules.json")):
                yield Fetched(home, modules, frozenset({".git"}))

    def prepare(
        self,
        places: Sequence[Place],
        environment: Mapping[str, str],
        affected: Callable[[Sequence[Root]], Sequence[Root]],
    ) -> None:
        """Download the modules that root modules and units call, where the user asks for it. Raises CacheError."""
        if self.code.settings.download_modules is None:
            return
        from vpce_checks.terraform.module_calls import module_calls
        from vpce_checks.terraform.sources.download.fetch import Fetcher
        from vpce_checks.terraform.sources.download.rounds import download_modules

        boundaries = [place.boundary for place in places]
        fetcher = Fetcher(self.code.settings.download_modules, environment, boundaries)
        found = [root for name in (MODULES, UNITS) for root in self._found.of(name, places, None)]
        known = by_path(places)
        roots = {root.path: root for root in affected(found)}
        places_of = {path: known[root.place] for path, root in roots.items()}

        def requests_of(path: str, downloads: Table) -> Iterator[ModuleRequest]:
            self.code.use_downloads(downloads)
            calls, _ = module_calls(path, *self.code.of(places_of[path], roots[path]))
            return (call.located.request for call in calls if call.located.request is not None)

        self.code.use_downloads(download_modules(places_of, requests_of, fetcher))

    def find(self, places: Sequence[Place], called: Called | None = None) -> Iterator[Batch]:
        """Yield the root modules: those that the user names, else the directories that nothing else in the scan calls, or
        that keep a state."""
        yield from self._found.batches(self.name, places, called)

    def calls(self, directory: str, scope: Hashable) -> set[str]:
        """Return the directories of the modules that the code in ``directory`` calls."""
        assert isinstance(scope, CallScope)
        return self._found.look(scope, directory)

    def marks(self, place: Place) -> Mapping[str, Marks]:
        """Return the marks of the directories that read or write what roots share."""
        from vpce_checks.terraform.faces.marks import marks_in

        found = marks_in(place.of(self.name), place.boundary)
        self.code.marked = {**(self.code.marked or {}), **found}
        return found

    def sharing(self, root: Root, place: Place, outside: Outside) -> Sharing:
        """Return what a root module shares: its state, and the stored parameters of its modules."""
        from vpce_checks.model.outside import Sharing, root_label
        from vpce_checks.terraform.faces.marks import may_share
        from vpce_checks.terraform.sharing import sharing_of

        options, loader = self.code.of(place, root)
        marked = self.code.marked
        calls = self._found.calls(place.boundary, options.module_sources)
        if marked is not None and not may_share(root.path, marked, calls):
            return Sharing()
        return sharing_of(root.path, root_label(root.path, root.deployment.name), options, loader, outside)

    def inputs(self, root: Root, place: Place) -> Collection[str]:
        """Return the variables and the data sources of a root module."""
        source = self.code.of(place, root)[1].load(root.path)
        return {*(f"var.{name}" for name in source.variables), *(f"data.{type}.{name}" for type, name in source.data)}

    def read(self, root: Root, place: Place, outside: Outside | None = None) -> list[Network]:
        """Return the network that a root module deploys; for a stack, that of each deployment."""
        from vpce_checks.terraform.build import build_networks

        options, loader = self.code.of(place, root)
        networks = build_networks(root.path, options, loader, outside)
        loader.forget(root.path)  # hardly anything asks for a root again
        return networks

    def ignores(self, file: str, data: bytes) -> tuple[IgnoreComment, ...]:
        """Those in Terraform's code."""
        from vpce_checks.terraform.syntax.ignores import ignores_of

        return ignores_of(file, data) if file.endswith(TERRAFORM_SUFFIXES) else ()

    def affected(self, roots: Mapping[Root, Place], changed: frozenset[str]) -> Collection[Root]:
        """Those that call a changed module, however deep, or may read a changed file."""
        from vpce_checks.terraform.faces.affected import Changes

        given = (file for root in roots for file in root.deployment.var_files)
        changes = Changes(changed, (*self.code.settings.var_files, *given))
        found = []
        for root, place in roots.items():
            options, loader = self.code.of(place, root)
            calls = self._found.calls(place.boundary, options.module_sources)
            if changes.affect(root.path, calls, loader.places):
                found.append(root)
        return found


def _unfilled(directory: str, names: Sequence[str], boundary: str, *, is_module: bool) -> Iterator[Diagnostic]:
    """Yield a warning about each file that another tool fills in and that names a network.

    Beside the code of a module such a file is code that was not read (VPCE011), unless that code fills it in.
    """
    if not any(unfilled_names(names, UNFILLED_SUFFIXES)):
        return
    from vpce_checks.terraform.unfilled_code import NETWORK, is_filled_in_here

    for file in unfilled_files(directory, names, UNFILLED_SUFFIXES, NETWORK, boundary):
        if not is_module or is_filled_in_here(file, boundary):
            yield Diagnostic("warning", UNFILLED, file)


def _is_primary(name: str) -> bool:
    """Whether a file makes a module of its directory: override files alone are there to be put into another.

    https://developer.hashicorp.com/terraform/language/files/override
    """
    stem = next((name.removesuffix(suffix) for suffix in TERRAFORM_SUFFIXES if name.endswith(suffix)), None)
    return stem is not None and stem != "override" and not stem.endswith("_override")
