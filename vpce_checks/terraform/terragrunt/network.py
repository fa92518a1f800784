"""From a unit to the network that it deploys, and what other units attach to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from vpce_checks.base.defects import defect
from vpce_checks.base.record import replace
from vpce_checks.catalog.neighbours import Neighbours
from vpce_checks.files import tracked
from vpce_checks.model.network import (
    Declaration,
    Endpoint,
    Network,
    NetworkObject,
    OpaqueModule,
    SecurityGroup,
    Vpc,
    grouped,
    link,
    unread,
    without_keys,
)
from vpce_checks.model.outside import Outside, Sharing, root_label
from vpce_checks.model.relabel import renamed
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, MapValue, Unknown
from vpce_checks.model.vpc_tags import with_foreign_tags
from vpce_checks.terraform.build import deep_evaluation, variable_names
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.called import may_reach
from vpce_checks.terraform.terragrunt.dependents import Dependents
from vpce_checks.terraform.terragrunt.file_names import STACK_FILE
from vpce_checks.terraform.terragrunt.files import TerragruntFiles
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.stack import OpaquePart
from vpce_checks.terraform.terragrunt.stacks import Stacks
from vpce_checks.terraform.terragrunt.unit import Unit
from vpce_checks.terraform.terragrunt.view import View


class _Linked(NamedTuple):
    """The units that matter for the VPCs of some units: those that make them, and those that may attach something to them.
    ``view`` sees those that depend on the makers as later ones."""

    units: Neighbours[str]
    dependents: frozenset[str]
    view: View


class _Foreign(NamedTuple):
    """What other units deploy that matters for a unit, what is said of these units, and which of them were seen."""

    objects: list[NetworkObject]
    diagnostics: list[Diagnostic]
    seen: list[str]


class UnitBuilder:
    """Builds the networks of the units of one repository. Each unit is read once, however many others need it."""

    def __init__(self, boundary: str) -> None:
        self.files = TerragruntFiles(boundary)
        self._dependents = Dependents()
        self._views: dict[tuple[int, int], View] = {}
        self._of_groups: dict[tuple[int, int, int, str], tuple[View, object]] = {}
        self._linked: dict[tuple[int, frozenset[str]], _Linked] = {}

    # -- networks ------------------------------------------------------------------------------------------------

    def build(
        self, directory: str, options: TerraformOptions, loader: ModuleLoader, outside: Outside | None = None
    ) -> Network:
        """The network of the unit in ``directory`` (a real path).

        ``outside`` are the roots that it is joined with: every address then begins with the label of its unit. Or it is
        inventories alone.
        """
        repository = Repository(self.files, options, loader)
        if self.files.has_stack(directory):
            return self._stack(directory, repository)
        if outside is not None:
            view = self._joined_view(repository, outside)
        else:
            if tracked.is_recording():  # then whatever was read for another unit must be looked at for this one as well
                self._views.clear()
                self._linked.clear()
            view = self._view(repository)
        with deep_evaluation():
            deployed = view.deployed(directory)
            foreign = self._foreign(directory, view, repository, outside)
        is_joined = outside is not None and outside.group is not None
        modules = deployed.modules
        sources = {id(module.source): module.source for module in modules}
        return Network(
            root=directory,
            language=modules[0].source.language if modules else "terraform",
            ignores=(*self.files.ignores(deployed.files), *(i for s in sources.values() for i in s.ignores)),
            diagnostics=(*deployed.diagnostics, *foreign.diagnostics),
            files=tuple(sorted({*deployed.files, *(file for s in sources.values() for file in s.files)})),
            foreign=frozenset(each.declared.address for each in foreign.objects).union(
                *(module.session.judged_elsewhere for module in modules)
            ),
            labels={root_label(each): each for each in foreign.seen} if is_joined else {},
            units={} if is_joined else {view.labels.label(directory, each): each for each in foreign.seen},
            variables=variable_names(modules[0].source if modules else None, options),
            **grouped([*with_foreign_tags(deployed.objects, foreign.objects), *foreign.objects]),
        )

    def _foreign(self, directory: str, view: View, repository: Repository, outside: Outside | None) -> _Foreign:
        """What other units deploy that matters for the one in ``directory``."""
        own = view.deployed(directory).objects
        makers = _makers(own, view, directory)
        if not makers:
            return _Foreign([], [], sorted(view.upstream(directory)))
        linked = self._linked_to(makers, view, repository, outside)
        upstream = view.upstream(directory)
        found = _Foreign([], [], [])
        others = [each for each in linked.units.of(own) if each != directory]
        for other in others:
            is_later = other in linked.dependents and other not in upstream
            try:
                found.objects.extend(_seen_from(directory, other, linked.view if is_later else view))
            except Exception as error:
                span = Span(self.files.unit_file(other), 1)
                message = f"the unit cannot be read: {defect(error)}"
                found.diagnostics.append(Diagnostic("error", message, *span[:2], is_defect=True))
                name = os.path.relpath(other, self.files.boundary)
                found.objects.append(unread(Declaration(name, "module", span)))
        for part in self._dependents.opaque(makers, repository):
            found.objects.append(_opaque_module(part, view.labels.label(directory, part.level.top)))
        return found._replace(seen=sorted({*upstream, *others}))

    def _stack(self, directory: str, repository: Repository) -> Network:
        """What the stack in ``directory`` deploys beside the units that are read: those are roots of their own."""
        with deep_evaluation():
            stack = Stacks(repository).read(directory)
        files = (self.files.place(directory, STACK_FILE), *stack.parts)
        return Network(
            root=directory,
            language="terraform",
            ignores=tuple(self.files.ignores(files)),
            files=tuple(sorted({*files})),
            **grouped([_opaque_module(part, "") for part in stack.opaque if not part.level.is_template]),
        )

    # -- what units share ----------------------------------------------------------------------------------------

    def sharing(
        self,
        directory: str,
        options: TerraformOptions,
        loader: ModuleLoader,
        outside: Outside,
        marked: Collection[str] | None,
    ) -> Sharing:
        """What the unit in ``directory`` shares with others than units. ``marked`` are the directories whose text may have to
        do with that; None: any may."""
        from vpce_checks.terraform.terragrunt.sharing import sharing_of_unit

        if self.files.has_stack(directory):
            return Sharing()

        repository = Repository(self.files, options, loader)

        def joined() -> Unit:
            return self._joined_view(repository, outside).unit(directory)

        with deep_evaluation():
            beside = tuple(sorted(self._dependents.directly(directory, repository)))
            unit = self._view_alone(repository, outside).unit(directory)
            found = sharing_of_unit(unit, joined, has_marks=marked is None or may_reach(unit, marked))
        return replace(found, beside=beside)

    def digest(self, directory: str, options: TerraformOptions, loader: ModuleLoader) -> str:
        """A hash of the Terragrunt files that the inputs of a unit rest on."""
        from hashlib import blake2b  # it loads OpenSSL, which only a scan with joined roots needs

        found = blake2b(digest_size=16)
        with deep_evaluation(), suppress(Exception):  # what is wrong with it, its own build reports
            unit = self._view(Repository(self.files, options, loader)).unit(directory)
            unit.read_inputs()
            for path in sorted(unit.reading.read):
                found.update(tracked.contents(path, self.files.places))
        return found.hexdigest()

    # -- views ---------------------------------------------------------------------------------------------------

    def _view(self, repository: Repository) -> View:
        """The view of units that are joined with nothing."""
        key = (id(repository.options), id(repository.loader))
        if key not in self._views:
            self._views[key] = View(repository)
        return self._views[key]

    def _view_alone(self, repository: Repository, outside: Outside) -> View:
        """A view in which units do not ask others for anything but outputs."""
        if tracked.is_recording():  # then what is looked at is for the roots that are joined with each other
            return self._of_group(repository, outside.group, "alone", lambda: View(repository))
        return self._view(repository)

    def _joined_view(self, repository: Repository, outside: Outside) -> View:
        """The view of the units that are joined with each other. One that has only inventories has a view of its own."""
        group = outside if outside.group is None else outside.group
        return self._of_group(repository, group, "joined", lambda: View(repository, outside=outside))

    def _of_group(self, repository: Repository, group: object, name: str, make: Callable[[], View]) -> View:
        key = (id(repository.options), id(repository.loader), id(group), name)
        if key not in self._of_groups:
            self._of_groups[key] = (make(), group)  # which stays alive, so that no other one gets its id
        return self._of_groups[key][0]

    def _linked_to(
        self, makers: frozenset[str], view: View, repository: Repository, outside: Outside | None
    ) -> _Linked:
        key = (id(view), makers)
        if key not in self._linked:
            dependents = frozenset(self._dependents.of(makers, repository))
            later = View(repository, dependents, outside)
            units = Neighbours(
                (each, self._as_all_see(later if each in dependents else view, each))
                for each in sorted({*makers, *dependents})
            )
            self._linked[key] = _Linked(units, dependents, later)
        return self._linked[key]

    def _as_all_see(self, view: View, directory: str) -> Sequence[NetworkObject]:
        """What a unit deploys, in words that are the same for all units."""
        try:
            return [*_seen_from(self.files.boundary, directory, view)]
        except Exception:  # who needs it reports this
            return [unread(Declaration(directory, "module", Span(directory, 1)))]


def _makers(own: Iterable[NetworkObject], view: View, home: str) -> frozenset[str]:
    """The units that make the VPCs which these objects are, or belong to."""
    makers: set[str] = set()
    for each in own:
        if isinstance(each, Vpc):
            makers.add(home)
        elif isinstance(each, Endpoint):
            linked = link(each.vpc)
            for address in (linked.address, *linked.candidates):
                maker = view.labels.maker(home, address) if address is not None else None
                if maker is not None and maker != home:
                    makers.add(maker)
    return frozenset(makers)


def _opaque_module(part: OpaquePart, label: str) -> OpaqueModule:
    """A part of a stack as a module that cannot be looked into. It is handed values, and finds by its dependencies more."""
    declared = Declaration(f"{label}{part.address}", part.type, part.span, part.level.calls)
    words = tuple(map(str, part.values.items)) if isinstance(part.values, MapValue) else ()
    anything = Unknown((Cause(part.reason, part.span),))
    return OpaqueModule(declared, part.source, part.reason, (anything,), part.harmless, words=words)


def _seen_from(home: str, directory: str, view: View) -> Iterator[NetworkObject]:
    """What another unit deploys, as far as it can matter for the one in ``home``, and as that sees it."""
    unit = view.unit(directory)
    if unit.located is None:
        return
    rename = view.labels.seen(home, directory)
    # Hooks are told where they are; hardly any has to do with other units.
    hooks = frozenset(hook.name for hook in unit.written.unread)
    for each in view.deployed(directory).objects:
        if isinstance(each, SecurityGroup) or each.declared.address in hooks:
            continue
        found = renamed(each, rename)
        if isinstance(each, OpaqueModule) and isinstance(found, OpaqueModule) and each.source == each.declared.address:
            found = replace(found, source=found.declared.address)
        if isinstance(found, OpaqueModule) and view.labels.module(home, home) in found.waits_for and directory != home:
            found = replace(found, waits_for=(*found.waits_for, *_vpcs_of(view, home)))
        yield found


def _vpcs_of(view: View, home: str) -> Iterator[str]:
    """Yield what the addresses of the VPCs in the unit in ``home`` begin with. Who waits for a unit waits for all of it, and
    so does not name the VPC."""
    vpcs = (each for each in view.deployed(home).objects if isinstance(each, Vpc))
    return (without_keys(each.address).rpartition(".")[0] for each in vpcs)
