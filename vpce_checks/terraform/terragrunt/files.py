"""The Terragrunt files of a repository, each read and parsed once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from vpce_checks.base.defects import defect
from vpce_checks.files import tracked
from vpce_checks.model.ignores import IgnoreComment, may_ignore
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.syntax.hcl import parse_file
from vpce_checks.terraform.syntax.ignores import ignores_in_code, ignores_in_json
from vpce_checks.terraform.syntax.json_syntax import OPTIONAL_LABEL, parse_json_blocks
from vpce_checks.terraform.syntax.source_files import read_source, unreadable
from vpce_checks.terraform.syntax.structure import Body
from vpce_checks.terraform.terragrunt.file_names import STACK_FILE, UNIT_FILE, UNIT_FILES

_LABELS = {
    "include": OPTIONAL_LABEL,
    **dict.fromkeys(("dependency", "generate", "feature", "unit", "stack"), 1),
    **dict.fromkeys(("extra_arguments", "before_hook", "after_hook", "error_hook"), 1),
    **dict.fromkeys(("terraform", "dependencies", "locals", "exclude", "remote_state", "engine", "errors"), 0),
}
"""The labels of blocks in JSON, where nothing else says what is a block and what an attribute.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/
"""


class ParsedFile:
    """A parsed Terragrunt file; ``diagnostics`` say what is wrong with it."""

    __slots__ = ("body", "diagnostics", "ignores", "mentions_values", "path")

    def __init__(
        self,
        path: str,
        body: Body,
        diagnostics: tuple[Diagnostic, ...],
        ignores: tuple[IgnoreComment, ...] = (),
        *,
        mentions_values: bool = False,
    ) -> None:
        self.path = path
        self.body = body
        self.diagnostics = diagnostics
        self.ignores = ignores
        self.mentions_values = mentions_values


class TerragruntFiles:
    """The files of one repository, whose top is ``boundary`` (a real path)."""

    def __init__(self, boundary: str) -> None:
        self.boundary = boundary
        self.places = (boundary,)
        self._parsed = tracked.Remembered(self._parse)

    def read(self, path: str) -> ParsedFile:
        """The file at ``path``. Never raises: see its diagnostics."""
        return self._parsed(path)

    def _parse(self, path: str) -> ParsedFile:
        def without(problem: Diagnostic) -> ParsedFile:
            return ParsedFile(path, parse_file(b"", path).body, (problem,))

        def refused(message: str, *, is_defect: bool = False) -> ParsedFile:
            return without(Diagnostic("error", message, path, is_defect=is_defect))

        try:
            data = read_source(path, self.places)
        except tracked.OutsideError:
            return refused("the file is outside the scanned repository; vpce-checks does not read it")
        except OSError as error:
            return without(unreadable(path, error))
        try:
            return self._parse_json(data, path) if path.endswith(".json") else self._parse_hcl(data, path)
        except Exception as error:
            return refused(f"the file cannot be read: {defect(error)}", is_defect=True)

    def _parse_hcl(self, data: bytes, path: str) -> ParsedFile:
        commented = may_ignore(data)
        parsed = parse_file(data, path, comments=commented)
        ignores = tuple(ignores_in_code(path, parsed)) if commented else ()
        return ParsedFile(path, parsed.body, parsed.diagnostics, ignores, mentions_values=b"values" in data)

    def _parse_json(self, data: bytes, path: str) -> ParsedFile:
        parsed = parse_json_blocks(data, path, _LABELS)
        ignores = tuple(ignores_in_json(path, parsed.comments))
        return ParsedFile(path, parsed.body, parsed.diagnostics, ignores, mentions_values=b"values" in data)

    def unit_file(self, directory: str) -> str:
        """The real path of the file that makes a directory a unit."""
        return self.place(directory, self.unit_name(directory))

    def unit_name(self, directory: str) -> str:
        """The name of the file that makes, or would make, a directory a unit."""
        return next((name for name in UNIT_FILES if self._has(directory, name)), UNIT_FILE)

    def has_unit(self, directory: str) -> bool:
        """Whether a directory holds a ``terragrunt.hcl``, in either syntax."""
        return any(self._has(directory, name) for name in UNIT_FILES)

    def has_stack(self, directory: str) -> bool:
        """Whether a directory holds a stack, and is no unit."""
        return self._has(directory, STACK_FILE) and not self.has_unit(directory)

    def _has(self, directory: str, name: str) -> bool:
        return tracked.is_file(os.path.join(directory, name), self.places)

    def place(self, directory: str, path: str) -> str:
        """``path``, as written in ``directory``, without ``..`` and symbolic links; one that leads out of the
        repository without ``..`` only. A ``//`` in it means nothing here."""
        written = os.path.join(directory, path)
        return tracked.place_of(written, self.places) or os.path.normpath(written)

    def ignores(self, paths: Iterable[str]) -> Iterator[IgnoreComment]:
        """The requests not to report something in files that were read."""
        return (ignore for path in paths for ignore in self.read(path).ignores)
