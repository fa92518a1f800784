"""Fixes as SARIF has them: which characters to replace by what.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html#_Toc141791137

They are the edits that ``vpce-checks fix`` begins with. It tries them first; here nobody has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vpce_checks.base.record import field, mutable
from vpce_checks.model.spans import Span
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report.fixes.changes import Change
from vpce_checks.report.fixes.edits.edit import Edit, RefusedError, Source, read_source
from vpce_checks.report.fixes.edits.edits_of import edits_of
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.text.escape import is_plain
from vpce_checks.rules.finding import Finding

MAX_CHARACTERS = 20_000_000
"""How much code is read for the edits of one report, a file again for each fix. That takes about two seconds; findings after
that have no fix."""

DESCRIPTION = "Proposed, and not tried: vpce-checks fix scans the changed code before it makes such a change."


@mutable
class SarifFixes:
    """The fixes of one report. ``artifact`` returns the location of a file, or None for one that is not to be changed."""

    report: Report
    artifact: Callable[[str], dict[str, str] | None]
    satisfied: frozenset[tuple[str, str | None, Span]] = frozenset()
    known: dict[tuple[Change, ...], list[dict[str, Any]]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    read: int = 0

    def of(self, finding: Finding, root: RootReport) -> list[dict[str, Any]]:
        """Return the fix of a failure, if the lines that it changes are known; else nothing."""
        fix = write_fix(finding, root.networks) if finding.status == "fail" else None
        if fix is None or not fix.changes or (fix.file == finding.about.span.file and self._is_of_others(finding)):
            return []
        if fix.changes not in self.known:
            self.known[fix.changes] = []
            try:
                self.read += sum(len(self._source(file).text) for file in {each.file for each in fix.changes})
                if self.read <= MAX_CHARACTERS:
                    self.known[fix.changes] = self._written(edits_of(fix, root.networks))
            except RefusedError:  # a person has to make the change
                pass
        return self.known[fix.changes]

    def _is_of_others(self, finding: Finding) -> bool:
        """Return whether an endpoint in the module of the VPC would be a second one for another caller of it."""
        if finding.fix is None or not finding.fix.adds or not finding.about.calls:
            return False
        return (finding.rule, finding.service, finding.about.span) in self.satisfied

    def _written(self, edits: Sequence[Edit]) -> list[dict[str, Any]]:
        by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            by_file.setdefault(edit.file, []).append(edit)
        artifacts = []
        for file, those in by_file.items():
            location = self.artifact(file)
            texts = "".join(edit.new + edit.tail for edit in those)
            if location is None or not is_plain(texts):
                return []
            artifacts.append(
                {"artifactLocation": location, "replacements": [*_replacements(self._source(file), those)]}
            )
        return [{"description": {"text": DESCRIPTION}, "artifactChanges": artifacts}]

    def _source(self, file: str) -> Source:
        if file not in self.sources:
            self.sources[file] = read_source(file)
        return self.sources[file]


def sarif_fixes(report: Report, artifact: Callable[[str], dict[str, str] | None]) -> SarifFixes:
    """Return what writes the fixes of ``report``."""
    passes = (each for root in report.roots for each in root.findings if each.status == "pass" and each.about.calls)
    return SarifFixes(report, artifact, frozenset((each.rule, each.service, each.about.span) for each in passes))


def _replacements(source: Source, edits: Sequence[Edit]) -> Iterator[dict[str, Any]]:
    """Yield the replacements in the order of the file. What goes to one place is one of them."""
    places: dict[tuple[int, int], list[Edit]] = {}
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        places.setdefault((edit.start, edit.end), []).append(edit)
    for (start, end), those in places.items():
        (line, column), (end_line, end_column) = _position(source, start), _position(source, end)
        region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
        text = "".join(each.new for each in those) + those[-1].tail
        yield {"deletedRegion": region, **({"insertedContent": {"text": text}} if text else {})}


def _position(source: Source, at: int) -> tuple[int, int]:
    """Return the line and the column of a character, which count from 1."""
    return source.text.count("\n", 0, at) + 1, at - source.line_start(at) + 1
