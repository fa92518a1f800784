"""Terragrunt units."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files.containment import boundary_of
from vpce_checks.files.tracked import contained, looks_at_any
from vpce_checks.model.roots import Fetched, Sniffed
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.faces.code import TerraformCode
from vpce_checks.terraform.faces.found import KIND, MODULES, UNITS, FoundRoots
from vpce_checks.terraform.syntax.file_names import STACK_SUFFIXES, TERRAFORM_SUFFIXES
from vpce_checks.terraform.terragrunt.file_names import STACK_DIRECTORY, STACK_FILE, UNIT_FILES

if TYPE_CHECKING:
    from vpce_checks.model.ignores import IgnoreComment
    from vpce_checks.model.network import Network
    from vpce_checks.model.outside import Outside, Sharing
    from vpce_checks.model.roots import Batch, Called, Marks, Place, Root


def is_made_by_stack(path: str, sources: Iterable[tuple[str, str]]) -> bool:
    """Whether a Terragrunt stack will create a unit at ``path``. ``sources`` are what ``--module-source`` names."""
    if os.path.exists(path):
        return False
    from vpce_checks.terraform.terragrunt.stacks import makes_unit

    path = os.path.realpath(path)
    return makes_unit(path, boundary_of(path), sources)


@contained
def _terraform_in(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.endswith(TERRAFORM_SUFFIXES))


class Units:
    """Directories with a ``terragrunt.hcl`` (or ``.hcl.json``), or in which a stack creates one, and stacks of which a
    part cannot be read. Before :meth:`complete`, candidates are files."""

    name = UNITS
    kind = KIND
    suffixes: tuple[str, ...] = (".hcl", ".hcl.json")
    hidden: tuple[str, ...] = (STACK_DIRECTORY,)

    def __init__(self, code: TerraformCode, found: FoundRoots) -> None:
        self._code = code
        self._found = found

    def sniff(self, directory: str, names: Sequence[str], boundary: str) -> Sniffed:
        """Return the files of units and stacks."""
        found = [os.path.join(directory, name) for name in (*UNIT_FILES, STACK_FILE) if name in names]
        return Sniffed(found, names)

    def named(self, path: str, boundary: str) -> str | None:
        """Return the directory of a unit or stack. A unit may be one that a stack has still to create."""
        if os.path.isdir(path):
            is_unit = any(os.path.isfile(os.path.join(path, name)) for name in UNIT_FILES)
            is_stack = os.path.isfile(os.path.join(path, STACK_FILE)) and not _terraform_in(path, (boundary,))
            return path if is_unit or is_stack else None
        if os.path.exists(path):
            return os.path.dirname(path) if os.path.basename(path) in UNIT_FILES else None
        return path if is_made_by_stack(path, self._code.settings.module_sources) else None

    def complete(self, place: Place) -> Place:
        """Add the units that stacks create, those in hidden directories, where Terragrunt looks too, and the stacks
        with code that cannot be read. Where other code is in the directory of such a stack, a warning reports it."""
        files = place.of(self.name)
        if not files:
            return place
        units = [os.path.dirname(file) for file in files if os.path.basename(file) in UNIT_FILES]
        stacks = [os.path.dirname(file) for file in files if os.path.basename(file) == STACK_FILE]
        diagnostics = place.diagnostics
        if stacks:
            from vpce_checks.terraform.terragrunt.stack import not_scanned
            from vpce_checks.terraform.terragrunt.stacks import read_stacks

            made = read_stacks(stacks, place.boundary, self._code.settings.module_sources)
            diagnostics += made.diagnostics
            code = {*place.of(MODULES), *units}
            units += made.units
            units += (part.level.top for part in made.unread if part.level.top not in code)
            diagnostics += tuple(not_scanned(part, "warning") for part in made.unread if part.level.top in code)
        if units:
            from vpce_checks.terraform.terragrunt.unit_directories import MAX_DIRECTORIES, unit_directories

            rest: list[str] = []
            units = sorted({*units, *unit_directories(place.path, cut=rest.append)})
            message = (
                f"units are looked for in {MAX_DIRECTORIES:,} directories; this one and later ones are not searched"
            )
            diagnostics += tuple(Diagnostic("error", message, directory) for directory in rest)
        return replace(place, candidates={**place.candidates, self.name: tuple(units)}, diagnostics=diagnostics)

    def fetched(self, place: Place) -> Iterator[Fetched]:
        """The working copies of units."""
        for home in place.of(self.name):
            yield Fetched(home, os.path.join(home, ".terragrunt-cache"), frozenset({".git", "providers"}))

    def prepare(
        self,
        places: Sequence[Place],
        environment: Mapping[str, str],
        affected: Callable[[Sequence[Root]], Sequence[Root]],
    ) -> None:
        """Nothing: the modules of units are downloaded together with those of root modules."""

    def find(self, places: Sequence[Place], called: Called | None = None) -> Iterator[Batch]:
        """Yield the units: those that the user names, else those that deploy something and are no part of another."""
        yield from self._found.batches(self.name, places, called)

    def calls(self, directory: str, scope: Hashable) -> set[str]:
        """Nothing: the search for roots evaluates a unit to find the module that it calls."""
        return set()

    def marks(self, place: Place) -> Mapping[str, Marks]:
        """Return the marks of the units. Those of their modules are in the directories of these."""
        units = place.of(self.name)
        if not units:
            return {}
        from vpce_checks.terraform.faces.marks import marks_of_units

        return marks_of_units(units, place.boundary, partial(self._digest, place))

    def _digest(self, place: Place, directory: str) -> str:
        return self._code.units(place.boundary).digest(directory, *self._code.of(place))

    def sharing(self, root: Root, place: Place, outside: Outside) -> Sharing:
        """Return what a unit shares beside the outputs that ``dependency`` blocks read."""
        options, loader = self._code.of(place, root)
        return self._code.units(place.boundary).sharing(root.path, options, loader, outside, self._code.marked)

    def inputs(self, root: Root, place: Place) -> Collection[str]:
        """Nothing: a unit has the inputs that its configuration says."""
        return ()

    def read(self, root: Root, place: Place, outside: Outside | None = None) -> list[Network]:
        """Return the network that a unit deploys."""
        return [self._code.units(place.boundary).build(root.path, *self._code.of(place, root), outside)]

    def ignores(self, file: str, data: bytes) -> tuple[IgnoreComment, ...]:
        """Return the ignore comments in Terragrunt's files."""
        from vpce_checks.terraform.syntax.ignores import ignores_of

        return (
            ignores_of(file, data) if file.endswith((".hcl", ".hcl.json")) and not file.endswith(STACK_SUFFIXES) else ()
        )

    def affected(self, roots: Mapping[Root, Place], changed: frozenset[str]) -> Collection[Root]:
        """Return the units whose evaluation looks at a changed file."""
        return [root for root, place in roots.items() if looks_at_any(changed, partial(self.read, root, place))]
