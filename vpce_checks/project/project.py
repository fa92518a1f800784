"""What there is to scan: the roots below the scan paths, the policy of each, and how each of them is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from vpce_checks.base.hints import TYPE_CHECKING, Any, NamedTuple
from vpce_checks.files.containment import boundary_of, is_within
from vpce_checks.model.verdict import RootKind
from vpce_checks.project.discovery import Inputs, find_inputs, named_input

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template_set import TemplateSet
    from vpce_checks.model.network import Network
    from vpce_checks.policy import Policy
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.terraform.lang.scope import Download, ModuleRequest, TerraformOptions
    from vpce_checks.terraform.roots import Called
    from vpce_checks.terraform.syntax.module_source import ModuleLoader
    from vpce_checks.terraform.terragrunt.network import UnitBuilder


class Root(NamedTuple):
    """A root to be scanned: ``place`` is the path under which it was found."""

    path: str
    kind: RootKind
    place: str


class Batch(NamedTuple):
    """Roots that are found together. ``key`` holds everything that their verdicts rest on, but for files."""

    key: tuple[object, ...]
    roots: Callable[[], list[Root]]


class Survey:
    """The inputs of one scan. Files are read and parsed once each, however many roots share them.

    It can be pickled, to read roots in another process; what was read so far does not go along.
    """

    def __init__(self, options: ScanOptions) -> None:
        """Look what is below the paths. Raises OSError for one that cannot be read, PolicyError for a mistake."""
        given = {name: text for name, text in options.environment.items() if name.startswith("TF_VAR_")}
        self.options = options._replace(environment=given, baseline=None)
        self.places = {place.path: place for place in map(find_inputs, options.paths)}
        self.named = {place.path: place for place in map(named_input, options.roots)}
        self.policies = _policies((*self.places.values(), *self.named.values()), options)
        self.downloads: Mapping[ModuleRequest, Download] | None = None
        self._forget()
        if options.download_modules is not None:
            self._download(options.download_modules, options.environment)

    def _forget(self) -> None:
        self._loaders: dict[str, ModuleLoader] = {}
        self._units: dict[str, UnitBuilder] = {}
        self._terraform: dict[str, TerraformOptions] = {}
        self._templates: dict[str, TemplateSet] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._forget()

    def _download(self, directory: str, environment: Mapping[str, str]) -> None:
        """Download the modules that the roots call. Raises CacheError."""
        from vpce_checks.terraform.module_calls import module_calls
        from vpce_checks.terraform.sources.download.fetch import Fetcher
        from vpce_checks.terraform.sources.download.rounds import Table, download_modules

        fetcher = Fetcher(directory, environment, [place.boundary for place in self._all_places()])
        roots = {root.path: root for root in self.terraform_roots()}
        if self.options.changed is not None:
            roots = self.reached(roots, self.options.changed)

        def requests_of(path: str, downloads: Table) -> Iterator[ModuleRequest]:
            if downloads is not self.downloads:
                self.downloads = downloads
                self._terraform = {}
            calls, _ = module_calls(path, *self.code_of(roots[path]))
            return (call.located.request for call in calls if call.located.request is not None)

        self.downloads = download_modules(roots, requests_of, fetcher)
        self._terraform = {}

    def _all_places(self) -> Iterator[Inputs]:
        yield from self.places.values()
        yield from self.named.values()

    # -- roots ---------------------------------------------------------------------------------------------------

    def batches(self, called: Called | None = None) -> Iterator[Batch]:
        """Every root. ``called`` stands in for looking into a directory for what it calls."""
        for root in (*self.terraform_roots(called), *self._plans()):
            yield Batch(self._key(root), lambda root=root: [root])  # type: ignore[misc]
        yield from self._template_batches()

    def _key(self, root: Root) -> tuple[object, ...]:
        terraform, _ = self.code_of(root)
        return (*root, self.options.networks, self._is_unit(root), terraform, *_in_force(self.policies[root.place]))

    def terraform_roots(self, called: Called | None = None) -> Iterator[Root]:
        """The root modules: those named by hand, else the directories that no other directory of the scan calls."""
        chosen = self.named or self.places
        if "terraform" not in self.options.kinds:
            return
        if not any(place.terraform or place.units for place in chosen.values()):
            return
        from vpce_checks.terraform.roots import find_roots

        for boundary in dict.fromkeys(place.boundary for place in chosen.values()):
            inside = [place for place in chosen.values() if place.boundary == boundary]
            owner = {path: place.path for place in inside for path in (*place.terraform, *place.units)}
            if self.named:
                roots = list(owner)
            else:
                settings = [self._code(place) for place in inside]
                given = tuple(entry for terraform, _ in settings for entry in terraform.module_sources)
                directories = [path for place in inside for path in place.terraform]
                if any(place.units for place in inside):
                    from vpce_checks.terraform.terragrunt.roots import find_roots_and_units

                    units = [(place.units, self._code(place)[0]) for place in inside]
                    files = self._unit_builder(boundary).files
                    roots = find_roots_and_units(directories, units, settings[0][1], files, given, called)
                else:
                    roots = find_roots(directories, settings[0][1], given, called)
            for path in roots:
                yield Root(path, "terraform", owner[path])

    def _plans(self) -> Iterator[Root]:
        if "terraform-plan" in self.options.kinds:
            for place in (*self.places.values(), *self.named.values()):
                for path in place.plans:
                    yield Root(path, "terraform-plan", place.path)

    def _template_batches(self) -> Iterator[Batch]:
        """The templates that no other template of the scan nests. One set a repository: stacks import each other's
        exports."""
        for boundary in dict.fromkeys(place.boundary for place in self._with_templates()):
            inside = [place for place in self._with_templates() if place.boundary == boundary]
            policies = [value for place in inside for value in _in_force(self.policies[place.path])]
            options = self.options
            files = tuple((place.path, place.templates) for place in inside)
            key = ("cloudformation", boundary, files, options.networks, options.parameters, options.region, *policies)
            yield Batch(key, partial(self._template_roots, boundary))

    def _template_roots(self, boundary: str) -> list[Root]:
        owner = self._template_owners(boundary)
        return [Root(path, "cloudformation", owner[path]) for path in self._template_set(boundary)]

    def _template_owners(self, boundary: str) -> dict[str, str]:
        return {
            path: place.path
            for place in self._with_templates()
            if place.boundary == boundary
            for path in place.templates
        }

    def _with_templates(self) -> Iterator[Inputs]:
        if "cloudformation" in self.options.kinds:
            for place in (*self.places.values(), *self.named.values()):
                if place.templates:
                    yield place

    # -- reading -------------------------------------------------------------------------------------------------

    def place_of(self, root: Root) -> Inputs:
        """The inputs among which a root was found."""
        return self.named.get(root.place) or self.places[root.place]

    def read(self, root: Root) -> list[Network]:
        """What a root deploys, one network a scenario."""
        if root.kind == "terraform" and self._is_unit(root):
            return [self._unit_builder(self.place_of(root).boundary).build(root.path, *self.code_of(root))]
        if root.kind == "terraform":
            from vpce_checks.terraform.build import build_network

            network = build_network(root.path, *self.code_of(root))
            self.code_of(root)[1].forget(root.path)  # hardly anything asks for a root again
            return [network]
        if root.kind == "terraform-plan":
            from vpce_checks.terraform.plan.network import build_plan_network

            return [build_plan_network(root.path, *self.code_of(root))]
        from vpce_checks.cloudformation import CloudFormationOptions, build_networks

        place = self.place_of(root)
        boundary = place.boundary
        options = CloudFormationOptions(
            self.options.parameters, self.options.region, boundary, named=place.path == root.path
        )
        return build_networks(root.path, options, self._template_set(boundary))

    def networks_of(self, batch: Batch, path: str) -> Callable[[], list[Network]]:
        """Reads what the root ``path`` of ``batch`` deploys."""
        return lambda: next((self.read(root) for root in batch.roots() if root.path == path), [])

    def _is_unit(self, root: Root) -> bool:
        """Whether a root is a Terragrunt unit."""
        return root.path in self.place_of(root).units

    def _unit_builder(self, boundary: str) -> UnitBuilder:
        if boundary not in self._units:
            from vpce_checks.terraform.terragrunt.network import UnitBuilder

            self._units[boundary] = UnitBuilder(self.loader_of(boundary).boundary)
        return self._units[boundary]

    def code_of(self, root: Root) -> tuple[TerraformOptions, ModuleLoader]:
        """How the Terraform code of a root is evaluated, and the loader of its repository."""
        return self._code(self.place_of(root))

    def _code(self, place: Inputs) -> tuple[TerraformOptions, ModuleLoader]:
        if place.path not in self._terraform:
            self._terraform[place.path] = self._terraform_options(place)
        return self._terraform[place.path], self.loader_of(place.boundary)

    def loader_of(self, boundary: str) -> ModuleLoader:
        """The loader of a repository."""
        if boundary not in self._loaders:
            from vpce_checks.terraform.syntax.module_source import ModuleLoader

            self._loaders[boundary] = ModuleLoader(boundary)
        return self._loaders[boundary]

    def _terraform_options(self, place: Inputs) -> TerraformOptions:
        from vpce_checks.terraform.lang.scope import ModuleDirectory, TerraformOptions

        boundary = place.boundary
        options = self.options
        given = [ModuleDirectory(source, directory) for source, directory in options.module_sources]
        written = [ModuleDirectory(entry.source, entry.directory) for entry in self.policies[place.path].modules]
        fetched = dict.fromkeys(each.package for each in (self.downloads or {}).values() if each.package)
        return TerraformOptions(
            boundary=boundary,
            var_files=options.var_files,
            variables=options.variables,
            environment=options.environment,
            region=options.region,
            workspace=options.workspace,
            module_sources=(*given, *written),
            outside=(
                *(boundary_of(directory) for _, directory in given if not is_within(directory, boundary)),
                *fetched,
            ),
            downloads=self.downloads,
        )

    def _template_set(self, boundary: str) -> TemplateSet:
        if boundary not in self._templates:
            from vpce_checks.cloudformation import find_templates
            from vpce_checks.cloudformation.template import cdk

            cdk.forget()
            self._templates[boundary] = find_templates(self._template_owners(boundary), boundary)
        return self._templates[boundary]

    # -- changes -------------------------------------------------------------------------------------------------

    def reached(self, roots: Mapping[str, Root], changed: Iterable[str]) -> dict[str, Root]:
        """The roots that changed files reach, by their code or by the policy."""
        from vpce_checks.project.affected import Changes, read_start

        changes = Changes(changed)
        inputs = map(self.place_of, roots.values())
        places = {path: (place.boundary,) for place in inputs for path in place.templates}
        templates = changes.reach_templates({path: partial(read_start, path, places[path]) for path in places})
        given = changes.hold(self.options.parameters)

        def is_reached(root: Root) -> bool:
            if changes.touch_policy(root.place, self.policies[root.place].files):
                return True
            if root.kind == "cloudformation":
                return given or root.path in templates
            if root.kind == "terraform-plan":  # made from code that may be anywhere
                return bool(changes.files)
            if self._is_unit(root):
                return changes.reach_seen(partial(self.read, root))
            terraform, loader = self.code_of(root)
            return changes.reach_terraform(root.path, loader, terraform.module_sources, self.options.var_files)

        return {path: root for path, root in roots.items() if is_reached(root)}


def _in_force(policy: Policy) -> tuple[object, ...]:
    """Everything that verdicts take from a policy: what it says, and what of that has had its time."""
    return policy, tuple(entry.expired() for entry in policy.ignore)


def _policies(places: Iterable[Inputs], options: ScanOptions) -> dict[str, Policy]:
    """By path: the policy that holds there. Read before anything else, so that a mistake in it is told at once."""
    from vpce_checks.policy import load_policy

    def rule_ids() -> Iterator[str]:
        from vpce_checks.rules.registry import all_rules

        return (rule.id for rule in all_rules())

    return {
        place.path: load_policy(
            place.path, options.policy, boundary=place.boundary, known_rules=rule_ids, require=options.require
        )
        for place in places
    }
