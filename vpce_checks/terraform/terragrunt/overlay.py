"""What Terragrunt lays over the module of a unit before it runs: the files in and below the unit's directory, then those
that the unit generates.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#terraform
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from vpce_checks.base.record import replace
from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, Unknown
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES
from vpce_checks.terraform.syntax.module_source import ModuleLoader, Part, Shows, load_parts
from vpce_checks.terraform.syntax.source_files import configuration_files
from vpce_checks.terraform.syntax.structure import ModuleSource
from vpce_checks.terraform.terragrunt.generate import Generated
from vpce_checks.terraform.terragrunt.hooks import Touched


class Layers:
    """What is laid over the module in ``directory``, a real path: what is in ``code``, the directory of the unit's files
    in the repository ``boundary``, then the ``generated`` files. Hooks may change what is ``touched``."""

    def __init__(
        self,
        directory: str,
        code: str,
        boundary: str,
        generated: Sequence[Generated],
        touched: Sequence[Touched] = (),
    ) -> None:
        self.directory = directory
        self._code = code
        self._boundary = boundary
        self._generated = [file for file in generated if file.name is not None]
        self._touched = touched

    def beside(self, directory: str) -> str | None:
        """Return the directory of the unit's files that are laid over ``directory``; None if there is none."""
        if self.directory == self._code or not is_within(directory, self.directory):
            return None
        steps = os.path.relpath(directory, self.directory).split(os.sep)
        if any(step.startswith(".") and step != "." for step in steps):
            return None  # Terragrunt does not copy what is hidden
        found = os.path.normpath(os.path.join(self._code, *steps))
        return found if tracked.is_directory(found, (self._boundary,)) else None

    def file(self, path: str) -> str | Unknown | None:
        """Return the file or directory that is copied to ``path``, unknown where one is written there."""
        for each in self._touched:
            if is_within(path, self.directory if each.path is None else self._placed(each.path)):
                return Unknown((Cause(f"a hook may change {os.path.basename(path)} before the run", each.span),))
        written = [file for file in self._generated if self._place(file) == path]
        if written:
            cause = Cause(f"{os.path.basename(path)} is written before the run", written[-1].span)
            return written[-1].origin or Unknown((cause,))
        beside, name = self.beside(os.path.dirname(path)), os.path.basename(path)
        if path == self.directory:
            return self.beside(path)
        found = os.path.join(beside, name) if beside is not None and not name.startswith(".") else None
        return found if found is not None and tracked.exists(found, (self._boundary,)) else None

    def written_in(self, directory: str) -> dict[str, Unknown | None]:
        """Return the files that are written in and below ``directory``, by their paths from there: None for one that is
        certainly there in a run, unknown for one that may be there or not, or for a directory with such files."""
        found: dict[str, Unknown | None] = {}
        for file in self._generated:
            place = self._place(file)
            if place != directory and is_within(place, directory):
                is_certain = file.text is not None and not file.is_removal
                causes = file.causes or (Cause(f"{os.path.basename(place)} may be taken away", file.span),)
                found[os.path.relpath(place, directory)] = None if is_certain else Unknown(causes)
        for each in self._touched:
            place = self.directory if each.path is None else self._placed(each.path)
            is_above = is_within(directory, place)
            if is_above or is_within(place, directory):
                cause = Cause("a hook may write files, or take some away", each.span)
                found["." if is_above else os.path.relpath(place, directory)] = Unknown((cause,))
        return found

    def has(self, directory: str) -> bool:
        """Return whether anything is laid over ``directory``, which need not exist without it."""
        return self.beside(directory) is not None or any(
            os.path.dirname(self._place(file)) == directory for file in self._generated
        )

    def over(self, base: ModuleSource, directory: str, boundary: str) -> ModuleSource:
        """Return the module of ``directory`` with what is laid over it. Its own files are in ``boundary``."""
        names = {os.path.basename(path) for path in base.files}
        extra = self._parts(directory, names)
        if not extra:
            return base
        if not (names & extra.keys() or any("override" in name for name in extra)):
            return combined(base, load_parts(directory, extra))
        parts = {os.path.basename(path): Part(path, boundary) for path in base.files}
        return load_parts(directory, {**parts, **extra})

    def over_stub(self, base: ModuleSource) -> ModuleSource:
        """Return a stub with what is laid over it."""
        extra = self._parts(self.directory, set())
        return combined(base, load_parts(self._code, extra)) if extra else base

    def _parts(self, directory: str, names: set[str]) -> dict[str, Part]:
        """Return the files that are laid over those with ``names``. One whose text is not known takes away what was there."""
        parts: dict[str, Part] = {}
        beside = self.beside(directory)
        if beside is not None:
            for group in configuration_files(beside, (self._boundary,)):
                parts.update((name, Part(os.path.join(beside, name), self._boundary)) for name in group)
        for file in self._generated:
            place = self._place(file)
            name = os.path.basename(place)
            if os.path.dirname(place) != directory or not name.endswith(TERRAFORM_SUFFIXES):
                continue
            is_there = name in names or name in parts
            if (file.keep and is_there) or (file.is_removal and not is_there):
                continue
            if file.origin is not None:
                parts[name] = Part(file.origin, self._boundary)
            else:
                path = os.path.join(self._code, name)
                parts[name] = Part(path, self._boundary, (file.text or "").encode(), file.span)
        return parts

    def _place(self, file: Generated) -> str:
        assert file.name is not None
        return self._placed(file.name)

    def _placed(self, name: str) -> str:
        return os.path.normpath(os.path.join(self.directory, name))


class OverlaidLoader(ModuleLoader):
    """Loads modules with what a unit lays over them."""

    def __init__(self, base: ModuleLoader, layers: Layers) -> None:
        super().__init__(base.boundary)
        self._base = base
        self._layers = layers
        self._laid_over: dict[str, ModuleSource] = {}

    def load(self, directory: str) -> ModuleSource:
        """Return the module in ``directory``, with what is laid over it."""
        key = self._key(directory)
        if not self._layers.has(key):
            return self._base.load(directory)
        if key not in self._laid_over:
            is_there = tracked.is_directory(key, self.places)
            below = self._base.load(key) if is_there else ModuleSource(key)
            self._laid_over[key] = self._layers.over(below, key, self.boundary)
        return self._laid_over[key]

    def load_where(self, directory: str, shows: Shows) -> ModuleSource:
        """Return the whole module, if something is laid over it."""
        if self._layers.has(self._key(directory)):
            return self.load(directory)
        return self._base.load_where(directory, shows)

    def makes(self, directory: str) -> bool:
        """Return whether ``directory`` is there before a run, though it is not in the repository."""
        return self._layers.has(directory)

    def forget(self, directory: str) -> None:
        """Let go of what was read of ``directory``."""
        self._laid_over.pop(self._key(directory), None)
        self._base.forget(directory)

    def beyond(self, boundary: str) -> ModuleLoader:
        """Return the loader for another repository."""
        return self._base.beyond(boundary)

    def load_placed(self, directories: tuple[str, ...], at: Span) -> ModuleSource:
        """Return a module of ours."""
        return self._base.load_placed(directories, at)


def combined(base: ModuleSource, extra: ModuleSource) -> ModuleSource:
    """Return both together; of two things with one name, that of ``base``."""

    def both(name: str) -> Mapping[object, object]:
        return {**getattr(extra, name), **getattr(base, name)}

    kinds = ("variables", "locals", "outputs", "resources", "data", "ephemeral", "modules", "providers")
    return replace(
        base,
        directory=extra.directory,
        files=(*base.files, *extra.files),
        language=base.language if base.files else extra.language,
        terraform=(*base.terraform, *extra.terraform),
        removed=(*base.removed, *extra.removed),
        imports=(*base.imports, *extra.imports),
        unfilled=base.unfilled | extra.unfilled,
        unparsed=base.unparsed | extra.unparsed,
        diagnostics=(*base.diagnostics, *extra.diagnostics),
        ignores=(*base.ignores, *extra.ignores),
        **{name: both(name) for name in kinds},
    )
