"""Places in source files: what every value, block and finding points back to."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Span(NamedTuple):
    """A stretch of one file. Lines and columns count from 1; the end is inclusive of its line.

    ``file`` is an absolute path; only the reports make it relative.
    """

    file: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    @property
    def last_line(self) -> int:
        """The last line of the stretch (a span made of a single point ends where it starts)."""
        return self.end_line or self.line


class Diagnostic(NamedTuple):
    """Something about the input that its owner must know: what is wrong, where, what to do.

    An ``error`` means that an input could not be read or parsed (exit code 3); a ``warning`` means
    that everything was read but something in it cannot be deployed or could not be decided. ``is_defect`` marks
    what vpce-checks itself failed at: another run may not. ``is_encrypted`` marks a file that only its owner can read: the
    report shows it as a warning. ``is_no_code`` marks what is said of a directory none of whose files is code: its errors are
    warnings in the report, unless the user names it.
    """

    severity: Literal["error", "warning"]
    message: str
    file: str
    line: int = 1
    is_defect: bool = False
    is_encrypted: bool = False
    is_no_code: bool = False
