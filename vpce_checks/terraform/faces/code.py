"""Read the Terraform code of a scan: each file once, however many roots share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vpce_checks.files.containment import boundary_of, is_within
from vpce_checks.model.roots import PLAIN

if TYPE_CHECKING:
    from vpce_checks.model.roots import Deployment, Marks, NamedModule, Place, Root, Settings
    from vpce_checks.model.template_body import ReadTemplate
    from vpce_checks.terraform.lang.scope import Download, ModuleRequest, TerraformOptions
    from vpce_checks.terraform.syntax.module_source import ModuleLoader
    from vpce_checks.terraform.terragrunt.network import UnitBuilder


class TerraformCode:
    """The loaders of a scan, one for each repository, and the options for the code of each place.

    A pickle holds what was downloaded, but not the code that was read.
    """

    def __init__(self, settings: Settings, read_template: ReadTemplate) -> None:
        self.settings = settings
        self.read_template = read_template
        self.downloads: Mapping[ModuleRequest, Download] | None = None
        # Directories of modules whose text shows what roots share. None: nobody has looked.
        self.marked: dict[str, Marks] | None = None
        self._forget()

    def _forget(self) -> None:
        self._loaders: dict[str, ModuleLoader] = {}
        self._units: dict[str, UnitBuilder] = {}
        self._options: dict[tuple[str, tuple[NamedModule, ...], Deployment], TerraformOptions] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {
            "settings": self.settings,
            "read_template": self.read_template,
            "downloads": self.downloads,
            "marked": self.marked,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._forget()

    def of(self, place: Place, root: Root | None = None) -> tuple[TerraformOptions, ModuleLoader]:
        """Return the options for a root (None: for any code) in a place, and the loader of its repository."""
        modules = place.modules if root is None else place.modules_for(root.path)
        key = (place.boundary, modules, PLAIN if root is None else root.deployment)
        if key not in self._options:
            self._options[key] = self._options_of(*key)
        return self._options[key], self.loader(place.boundary)

    def loader(self, boundary: str) -> ModuleLoader:
        """Return the loader of a repository."""
        if boundary not in self._loaders:
            from vpce_checks.terraform.syntax.module_source import ModuleLoader

            self._loaders[boundary] = ModuleLoader(boundary)
        return self._loaders[boundary]

    def units(self, boundary: str) -> UnitBuilder:
        """Return the builder of networks for the Terragrunt units of a repository."""
        if boundary not in self._units:
            from vpce_checks.terraform.terragrunt.network import UnitBuilder

            self._units[boundary] = UnitBuilder(self.loader(boundary).boundary)
        return self._units[boundary]

    def use_downloads(self, downloads: Mapping[ModuleRequest, Download]) -> None:
        """Evaluate roots with these downloaded modules from now on."""
        if downloads is not self.downloads:
            self.downloads = downloads
            self._options = {}

    def _options_of(self, boundary: str, modules: tuple[NamedModule, ...], deployment: Deployment) -> TerraformOptions:
        from vpce_checks.terraform.lang.scope import ModuleDirectory, TerraformOptions

        settings = self.settings.of(deployment)
        given = settings.module_sources
        said = ((each.source, each.directory) for each in modules)
        fetched = dict.fromkeys(each.package for each in (self.downloads or {}).values() if each.package)
        named = (boundary_of(directory) for _, directory in given if not is_within(directory, boundary))
        return TerraformOptions(
            boundary=boundary,
            var_files=settings.var_files,
            variables=settings.variables,
            files_before=settings.files_before,
            environment=settings.environment,
            region=settings.region,
            workspace=settings.workspace,
            module_sources=tuple(ModuleDirectory(*each) for each in (*given, *said)),
            unit_sources=tuple(ModuleDirectory(*each) for each in given),
            outside=(*named, *fetched),
            downloads=self.downloads,
            read_template=self.read_template,
        )
