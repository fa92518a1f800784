"""What our engine says of one template, for linters that look at one template at a time.

A template that another one nests is judged as part of that one, and one that imports may need those that export. So
the scan takes in the templates of the repository that name the file, or that export, beside the file itself.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from vpce_checks.base.defects import defect
from vpce_checks.cloudformation.affected import Names
from vpce_checks.cloudformation.sniff import shares_values
from vpce_checks.execution.scan import scan
from vpce_checks.files.content import read_start
from vpce_checks.model.addresses import leaf
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.results import Report
from vpce_checks.report.message import named_message
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding


class Remark(NamedTuple):
    """Something to say about a template at a place in it; lines and columns count from 1."""

    path: list[str]
    message: str
    line: int
    column: int
    last_line: int


class TemplateVerdicts(NamedTuple):
    """What the scan said about one ``file`` and the templates that it nests, and what went wrong.

    ``linted`` are all files that the linter looks at: a finding in a nested template is reported there if the linter
    looks at it, else on the resource that nests it.
    """

    findings: tuple[Finding, ...]
    problems: tuple[Diagnostic, ...]
    file: str = ""

    def failures(self, rule: str, linted: Collection[str] = ()) -> Iterator[Remark]:
        """What fails ``rule``."""
        for finding in self.findings:
            if finding.rule == rule and finding.status == "fail":
                yield from self._remarks(finding, named_message(finding), linted)

    def own_failures(self, linted: Collection[str] = ()) -> Iterator[Remark]:
        """What fails rules that policies declare."""
        for finding in self.findings:
            if finding.own is not None and finding.status == "fail":
                yield from self._remarks(finding, f"{finding.rule}: {named_message(finding)}", linted)

    def undecided(self, linted: Collection[str] = ()) -> Iterator[Remark]:
        """What could not be decided, by whatever rule."""
        for finding in self.findings:
            if finding.status == "unknown":
                why = f": {finding.why[-1].text}" if finding.why else ""
                text = f"{finding.rule} is undecided: {named_message(finding)}{why}"
                yield from self._remarks(finding, text, linted)

    def errors(self) -> Iterator[Remark]:
        """What went wrong."""
        for item in self.problems:
            message = f"{os.path.relpath(item.file)}:{item.line}: {item.message}" if item.file else item.message
            yield Remark(["Resources"], escape(message), 1, 1, 1)

    def _remarks(self, finding: Finding, message: str, linted: Collection[str]) -> Iterator[Remark]:
        """``message``, if this file is the innermost one on the way to the resource that the linter looks at."""
        own = finding.about.span
        way = [(finding.resource, own), *((call.address, call.span) for call in reversed(finding.about.calls))]
        here = next(((address, span) for address, span in way if span.file == self.file or span.file in linted), None)
        if here is None or here[1].file != self.file:
            return
        address, span = here
        if span is not own:
            message = f"{message} ({os.path.relpath(own.file)}:{own.line})"
        yield Remark(["Resources", leaf(address)], escape(message), span.line, span.column, span.last_line)


@lru_cache(maxsize=256)
def verdicts(file: str | None) -> TemplateVerdicts:
    """The verdicts about the template in ``file``. A template without one (from standard input) cannot be judged."""
    if file is None:
        return TemplateVerdicts((), (Diagnostic("error", "a template on standard input cannot be judged", ""),))
    from vpce_checks.policy import PolicyError

    path = os.path.realpath(file)
    try:
        report = _scan(path)
    except PolicyError as error:
        return TemplateVerdicts((), tuple(error.diagnostics))
    except OSError as error:
        return TemplateVerdicts((), (Diagnostic("error", f"cannot read {error.filename}: {error.strerror}", ""),))
    except Exception as error:
        return TemplateVerdicts((), (Diagnostic("error", defect(error), path),))
    findings = [finding for finding in report.findings if path in _files_of(finding)]
    return TemplateVerdicts(tuple(findings), tuple(_problems(report, path)), path)


def _files_of(finding: Finding) -> set[str]:
    """The template of the resource that a finding is about, and those that nest it."""
    return {finding.about.span.file, *(call.span.file for call in finding.about.calls)}


def _problems(report: Report, path: str) -> Iterator[Diagnostic]:
    yield from report.not_run
    for root in report.roots:
        if root.path == path or path in root.inventory.files:
            yield from (item for item in root.diagnostics if item.severity == "error")


def _scan(path: str) -> Report:
    return scan(ScanOptions(paths=(path, *_related(path)), kinds=("cloudformation",)))


def _related(path: str) -> list[str]:
    """The other templates of the repository that the verdicts about ``path`` may depend on."""
    names = _repository(path)
    contents = names.contents
    related = names.above([path])
    if any(shares_values(contents.get(each, b"")) for each in (path, *related)):
        sharing = {other for other, content in contents.items() if shares_values(content)}
        related |= sharing | names.above(sharing)
    return sorted(names.below({path, *related}) - {path})


def _repository(path: str) -> Names:
    """The names in every file around ``path`` that may be a template."""
    from vpce_checks.files.containment import boundary_of

    return _names(boundary_of(path))


@lru_cache(maxsize=4)
def _names(boundary: str) -> Names:
    from vpce_checks.cloudformation.face import Templates
    from vpce_checks.cloudformation.template import templates
    from vpce_checks.model.roots import Settings
    from vpce_checks.project.discovery import find_place

    language = Templates(Settings())
    files = find_place(boundary, [language]).of(language.name)
    contents = {file: read_start(file, (boundary,)) for file in files}
    return Names(contents, templates.Templates(files, boundary).briefly)
