"""What a scan sees of CloudFormation (a :class:`vpce_checks.project.language.Language`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record, replace
from vpce_checks.cloudformation.file_names import NO_TEMPLATES, TEMPLATE_SUFFIXES, has_template_suffix
from vpce_checks.files.containment import place_within, where_given
from vpce_checks.files.unfilled import FILLED_IN, UNFILLED, unfilled_files
from vpce_checks.model.roots import Batch, Marks, Root, Sniffed
from vpce_checks.model.spans import Diagnostic

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template_set import TemplateSet
    from vpce_checks.model.ignores import IgnoreComment
    from vpce_checks.model.network import Network
    from vpce_checks.model.outside import Outside, Sharing
    from vpce_checks.model.roots import Called, Deployment, Fetched, Place, Settings
    from vpce_checks.model.verdict import RootKind


_NETWORK = pattern(rb"AWS::EC2::VPC(?:Endpoint)?(?![A-Za-z:])")
"""What a file that another tool fills in says of a VPC or an endpoint."""

LEADS_OUT = "this file is a link that leads outside the scanned repository; it is not read"


@record
class _Scope:
    """What decides, beside its content, what a template nests: the files that it may mean."""

    boundary: str
    files: tuple[str, ...]


class Templates:
    """Templates that no other template of the scan nests. There is one set for each repository, because stacks import
    each other's exports."""

    name = "cloudformation"
    kind: RootKind = "cloudformation"
    suffixes: tuple[str, ...] = (*TEMPLATE_SUFFIXES, *FILLED_IN, ".toml")
    hidden: tuple[str, ...] = ()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._owners: dict[str, dict[str, str]] = {}  # repository -> template -> its place
        self._sets: dict[str, TemplateSet] = {}
        self._deployments: dict[str, tuple[Deployment, ...]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_sets": {}}

    def sniff(self, directory: str, names: Sequence[str], boundary: str) -> Sniffed:
        """Return the files that look like templates."""
        files = [os.path.join(directory, name) for name in names if has_template_suffix(name)]
        places = {file: place_within(file, (boundary,), {directory}) for file in files}
        links_out = [Diagnostic("warning", LEADS_OUT, file) for file, place in places.items() if place is None]
        found = [file for file, place in places.items() if place is not None and _may_be_template(file, place)]
        unfilled = unfilled_files(directory, names, FILLED_IN, _NETWORK, boundary)
        left_out = [Diagnostic("warning", UNFILLED, file) for file in unfilled]
        return Sniffed(found, (), (*links_out, *left_out, *_elsewhere(directory, names, boundary)))

    def named(self, path: str, boundary: str) -> str | None:
        """Accept any file. Reading it reports what is wrong with it."""
        return path if os.path.exists(path) and not os.path.isdir(path) else None

    def complete(self, place: Place) -> Place:
        """Return ``place``, with what is wrong with the parameter files: perhaps no template asks for their values."""
        if not self._settings.parameters:
            return place
        from vpce_checks.cloudformation.template.parameter_files import read_parameter_file

        problems = [
            problem
            for file in self._settings.parameters
            for problem in read_parameter_file(file, where_given(file, (place.boundary,)))[1]
        ]
        return replace(place, diagnostics=(*place.diagnostics, *problems))

    def fetched(self, place: Place) -> Iterator[Fetched]:
        """Yield nothing: a template is complete, or names an object in S3."""
        return iter(())

    def prepare(
        self,
        places: Sequence[Place],
        environment: Mapping[str, str],
        affected: Callable[[Sequence[Root]], Sequence[Root]],
    ) -> None:
        """Note all templates: each is read together with the others of its repository."""
        for place in places:
            if place.of(self.name):
                owners = self._owners.setdefault(place.boundary, {})
                owners.update(dict.fromkeys(place.of(self.name), place.path))
                self._deployments.update(place.deployments)

    def find(self, places: Sequence[Place], called: Called | None = None) -> Iterator[Batch]:
        """Yield the roots of each repository."""
        for boundary in self._owners:
            inside = [place for place in places if place.boundary == boundary and place.of(self.name)]
            files = tuple((place.path, place.of(self.name)) for place in inside)
            key = (boundary, files, self._settings.parameters, self._settings.region)
            paths = tuple(file for place in inside for file in place.of(self.name))
            yield Batch(key, boundary, paths, partial(self._roots, boundary, called))

    def _roots(self, boundary: str, called: Called | None) -> list[Root]:
        owners, templates = self._owners[boundary], self._set(boundary)
        if called is not None and not templates.follows_values:  # else all are needed here, to join them
            scope = _Scope(boundary, templates.files)
            templates.find(lambda path: called(self.name, path, scope))
        return [Root(path, self.kind, owners[path], self.name) for path in templates]

    def calls(self, directory: str, scope: Hashable) -> set[str]:
        """Return what the template in the file ``directory`` nests, and itself if it is judged where nothing nests it."""
        assert isinstance(scope, _Scope)
        return self._set(scope.boundary).calls(directory)

    def marks(self, place: Place) -> Mapping[str, Marks]:
        """Return the marks of the templates that use or write what stacks share."""
        found: dict[str, Marks] = {}
        if not place.of(self.name):
            return found
        from vpce_checks.cloudformation.sniff import creates_objects, shares_values, spelled_out, uses_values
        from vpce_checks.files.content import read_start

        for path in place.of(self.name):
            content = spelled_out(read_start(path, (place.boundary,)))
            if shares_values(content) or creates_objects(content):
                found[path] = Marks(uses_values(content), partial(_digest, path, place.boundary))
        return found

    def sharing(self, root: Root, place: Place, outside: Outside) -> Sharing:
        """Return what a template shares: exports, stored parameters, the outputs of its stack, and what others may look up."""
        from vpce_checks.cloudformation.created_objects import created_objects
        from vpce_checks.cloudformation.template.environment import environment
        from vpce_checks.cloudformation.template.template import STACK_SET
        from vpce_checks.files.content import read_start

        here = environment(root.path, self._settings.region, (root.deployment,))
        imports = self._set(place.boundary).imports
        shared = imports.sharing(root.path, here)
        objects = imports.found(root.path, partial(created_objects, root=root.path, environment=here))
        offers = [*shared.offers, *objects]
        wants = shared.wants
        if STACK_SET.encode() in read_start(root.path, (place.boundary,)):
            from vpce_checks.cloudformation.stack_sets import shared_by_sets, wanted_by_sets

            offers += imports.found(root.path, partial(shared_by_sets, root=root.path))
            wants = (*wants, *imports.found(root.path, wanted_by_sets))
        self._set(place.boundary).settle(root.path)
        return replace(shared, offered=lambda: tuple(offers), wants=wants)

    def inputs(self, root: Root, place: Place) -> Collection[str]:
        """Return the parameters of a template."""
        template = self._set(place.boundary).template(root.path)
        return template.parameters if template is not None else ()

    def read(self, root: Root, place: Place, outside: Outside | None = None) -> list[Network]:
        """Return what a template deploys: one network for each different combination of its conditions."""
        from vpce_checks.cloudformation.build import build_networks
        from vpce_checks.cloudformation.template.options import CloudFormationOptions

        settings, boundary = self._settings.of(root.deployment), place.boundary
        is_named = place.path == root.path
        options = CloudFormationOptions(settings.parameters, settings.region, boundary, is_named, root.by_tags)
        templates = self._set(boundary)
        networks = build_networks(root.path, options, templates, outside)
        templates.settle(root.path)
        return networks

    def ignores(self, file: str, data: bytes) -> tuple[IgnoreComment, ...]:
        """Return the ignores in the metadata and the comments of a template."""
        if file.endswith(NO_TEMPLATES) or not has_template_suffix(file):
            return ()
        from vpce_checks.cloudformation.template.loader import parse
        from vpce_checks.cloudformation.template.template import read_template

        template = read_template(parse(data, file))
        return template.ignores if template is not None else ()

    def affected(self, roots: Mapping[Root, Place], changed: frozenset[str]) -> Collection[Root]:
        """Return the roots that nest a changed template or share values with one. If a parameter file has changed,
        return all."""
        from vpce_checks.cloudformation.affected import affected_templates
        from vpce_checks.files.changed import hold
        from vpce_checks.files.content import read_start

        given = (file for root in roots for file in root.deployment.parameters)
        if hold(changed, (*self._settings.parameters, *given)):
            return list(roots)
        tops = {path: boundary for boundary, owners in self._owners.items() for path in owners}
        read = {path: partial(read_start, path, (top,)) for path, top in tops.items()}
        templates = affected_templates(changed, read, lambda path: self._set(tops[path]).briefly(path))
        return [root for root in roots if root.path in templates]

    def _set(self, boundary: str) -> TemplateSet:
        if boundary not in self._sets:
            from vpce_checks.cloudformation.template import cdk
            from vpce_checks.cloudformation.template_set import TemplateSet

            cdk.forget()
            files, parameters = self._owners[boundary], self._settings.parameters
            self._sets[boundary] = TemplateSet(files, boundary, parameters, self._settings.region, self._deployments)
        return self._sets[boundary]


def _digest(path: str, boundary: str) -> str:
    from hashlib import blake2b  # it loads OpenSSL, which only a scan with joined roots needs

    from vpce_checks.cloudformation.sniff import spelled_out
    from vpce_checks.files.content import read_start

    return blake2b(spelled_out(read_start(path, (boundary,))), digest_size=16).hexdigest()


def _may_be_template(file: str, place: str) -> bool:
    from vpce_checks.cloudformation.sniff import may_be_template

    return may_be_template(file, place)


def _elsewhere(directory: str, names: Sequence[str], boundary: str) -> Iterator[Diagnostic]:
    """Yield a warning for each stack of Sceptre in ``directory`` whose template is elsewhere. Its stacks are below ``config``."""
    if "config" not in directory.split(os.sep):
        return
    from vpce_checks.cloudformation.sceptre import ELSEWHERE, stacks_elsewhere

    yield from (Diagnostic("warning", ELSEWHERE, file) for file in stacks_elsewhere(directory, names, boundary))
