"""Find the changes that settle findings.

The edits that the fixes propose are tried on the text, in memory: the changed code is scanned again. An edit holds if its
findings are gone and no verdict is worse. If several edits do harm together, fewer of them are tried. What an edit settles
may make room for others, so all that is left is tried again, until nothing changes any more.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from vpce_checks.base.record import field, mutable, record, replace
from vpce_checks.execution.scan import scan
from vpce_checks.files.containment import Places, is_within
from vpce_checks.files.regular import instead_of_files
from vpce_checks.fixing.verdicts import cause_words, open_in, worse
from vpce_checks.model.roots import RootKey
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy.own_rules import is_own_id
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.project.results import RootReport
from vpce_checks.project.scope import Scope
from vpce_checks.report.fixes.edits.edit import Edit, RefusedError, applied, overlap, read_source
from vpce_checks.report.fixes.edits.edits_of import edits_of
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.text.frame import forget_lines
from vpce_checks.rules.finding import Finding

MAX_ROUNDS = 20
"""How often edits are looked for: an edit waits for another one of the same lines for a round."""

MAX_TRIALS = 1000
"""How many scans try edits."""

FindingKey = tuple[RootKey, str, str, "str | None"]

WhyNot = Callable[[str, str, str], str]
"""Why a file may not be changed from one text into another one; empty if it may."""


def any_change(file: str, before: str, after: str) -> str:
    """Have nothing against any change."""
    return ""


@record
class Settled:
    """A finding that is gone after the changes. ``along``: it is gone by a change for another one. Else ``files`` are those
    that are changed for it."""

    root: RootKey
    finding: Finding
    along: bool = False
    files: frozenset[str] = frozenset()

    @property
    def key(self) -> FindingKey:
        """What makes it the same finding in another scan."""
        return _key(self.root, self.finding)


@record
class Left:
    """A failure that stays, and why ``fix`` does not change the code for it."""

    root: RootKey
    finding: Finding
    reason: str


@record
class Plan:
    """``before`` and ``after`` are the texts of the files that change. Each failure of the first scan is in ``settled`` or
    in ``left``. ``roots`` counts what was scanned, ``errors`` says what of it could not be read. ``reports`` are the
    roots as they are with the changes, ``rules`` those whose findings were to be settled (empty: all)."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    settled: tuple[Settled, ...]
    left: tuple[Left, ...]
    roots: int
    errors: tuple[Diagnostic, ...]
    reports: tuple[RootReport, ...]
    rules: frozenset[str]


@record
class _Proposal:
    """Edits that are all made, or none, and the findings that they settle."""

    edits: tuple[Edit, ...]
    findings: tuple[Settled, ...]


@record
class _Trouble:
    """Why edits cannot be kept: what is worse in which roots, and why which findings stay. ``reason`` is the first of it."""

    reason: str
    harm: Mapping[RootKey, str] = MappingProxyType({})
    stays: Mapping[FindingKey, str] = MappingProxyType({})


def plan_fixes(options: ScanOptions, rules: Sequence[str], within: Places, why_not: WhyNot = any_change) -> Plan:
    """Return the changes that settle findings of ``rules`` (empty: of all), in files that are ``within`` what is
    scanned, and that ``why_not`` has nothing against. Raises what a scan raises."""
    search = _Search(replace(options, networks=False, rules=(), skip_rules=()), frozenset(rules), within, why_not)
    if any(map(is_own_id, rules)):
        policies = Project(search.options).policies
        policies.load_rules()
        policies.check_rules(rules)
    first = scan(search.options)
    search.roots = {root.key: root for root in first.roots}
    search.scope = first.scope
    failures = [Settled(root.key, finding) for root, finding in search.failures()]
    search.run()
    settled, undecided = search.gone(failures)
    return Plan(
        {file: text for file, text in search.before.items() if search.text_of(file) != text},
        {file: text for file, text in search.now.items() if search.before[file] != text},
        tuple(settled),
        (*search.left(), *undecided),
        first.root_count,
        tuple(dict.fromkeys(item for root in first.roots for item in root.diagnostics if item.severity == "error")),
        tuple(search.roots.values()),
        search.rules,
    )


@mutable
class _Search:
    """The state of the search: the roots as they are with the changes so far, and the texts."""

    options: ScanOptions
    rules: frozenset[str]
    within: Places
    why_not: WhyNot = any_change
    scope: Scope | None = None
    roots: dict[RootKey, RootReport] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    refused: dict[FindingKey, str] = field(default_factory=dict)
    waiting: dict[FindingKey, str] = field(default_factory=dict)
    trials: int = 0

    def run(self) -> None:
        """Look for edits and try them, until none is left."""
        for _ in range(MAX_ROUNDS):
            self.refused.clear()
            self.waiting.clear()
            with self._changed(self.now):
                proposals = self._proposals()
            start = dict(self.now)
            made: list[Edit] = []
            self._accept(proposals, start, made)
            if not made:
                return

    def text_of(self, file: str) -> str:
        """Return the text of a file with the changes so far."""
        if file not in self.now:
            self.now[file] = self.before[file] = read_source(file).text
        return self.now[file]

    def left(self) -> Iterator[Left]:
        """Yield the failures that stay."""
        for root, finding in self.failures():
            key = _key(root.key, finding)
            reason = self.refused.get(key) or self.waiting.get(key) or "no change of the code is known to settle it"
            yield Left(root.key, finding, reason)

    def gone(self, failures: Iterable[Settled]) -> tuple[list[Settled], list[Left]]:
        """Return those of ``failures``, which were there before the changes, that are none any more: what is settled, and what
        is undecided instead."""
        proposed = {each.key: each.files for each in self.settled}
        stay = Counter(_key(root.key, finding) for root, finding in self.failures())
        settled: list[Settled] = []
        undecided: list[Left] = []
        for each in failures:
            if stay[each.key]:
                stay[each.key] -= 1
                continue
            now = open_in(each.finding, self.roots[each.root])
            if now is None or now.status == "fail":  # it was there more than once, and is there less often
                files = proposed.get(each.key)
                settled.append(replace(each, along=files is None, files=files or frozenset()))
            else:
                reason = f"with the changes, it is {now.status}: {cause_words(now)}"
                undecided.append(Left(each.root, each.finding, reason))
        return settled, undecided

    def failures(self) -> Iterator[tuple[RootReport, Finding]]:
        """Yield the failures that are there with the changes so far."""
        for root in self.roots.values():
            for finding in root.findings:
                if finding.status == "fail" and (not self.rules or finding.rule in self.rules):
                    yield root, finding

    @contextmanager
    def _changed(self, texts: Mapping[str, str]) -> Iterator[None]:
        """Read the files as these texts."""
        forget_lines()
        with instead_of_files({file: text.encode("utf-8") for file, text in texts.items()}):
            yield
        forget_lines()

    def _proposals(self) -> list[_Proposal]:
        """Return what the fixes propose. Of edits in conflict the first counts, and the others wait."""
        found: dict[tuple[Edit, ...], list[Settled]] = {}
        for root, finding in self.failures():
            key = _key(root.key, finding)
            try:
                edits = self._edits(root, finding)
            except RefusedError as error:
                self.refused[key] = str(error)
                continue
            if edits not in found:
                other = next((each for each in found if any(overlap(a, b) for a in edits for b in each)), None)
                if other is not None:
                    first = found[other][0].finding
                    self.waiting[key] = f"it changes the same lines as the fix of {first.rule} for {first.resource}"
                    continue
            files = frozenset(edit.file for edit in edits)
            found.setdefault(edits, []).append(Settled(root.key, finding, files=files))
        return [_Proposal(edits, tuple(findings)) for edits, findings in found.items()]

    def _edits(self, root: RootReport, finding: Finding) -> tuple[Edit, ...]:
        fix = write_fix(finding, root.networks)
        if fix is None:
            raise RefusedError("no change of the code is known to settle it")
        edits = edits_of(fix, root.networks)
        for edit in edits:
            if not any(is_within(edit.file, place) for place in self.within):
                raise RefusedError(f"{os.path.relpath(edit.file)} is outside of what is scanned, and others may use it")
            if self.scope is not None and self.scope.is_excluded(edit.file):
                raise RefusedError(f"{os.path.relpath(edit.file)} is excluded")
            self.text_of(edit.file)
        for file in dict.fromkeys(edit.file for edit in edits):
            changed = applied(self.now[file], (edit for edit in edits if edit.file == file))
            if reason := self.why_not(file, self.before[file], changed):
                raise RefusedError(reason)
        return edits

    def _accept(self, proposals: Sequence[_Proposal], start: Mapping[str, str], made: list[Edit]) -> None:
        """Try proposals together, and fewer of them if that does harm. Add the edits that hold to ``made``.

        Harm in a root comes from a proposal that concerns it. Those that concern different roots are tried together.
        """
        if not proposals:
            return
        trouble = self._try(proposals, start, made)
        if trouble is None:
            return
        reasons = {at: self._concern(each, trouble) for at, each in enumerate(proposals)}
        suspects = [at for at, reason in reasons.items() if reason]
        if not suspects:
            middle = len(proposals) // 2
            if not middle:
                self._refuse(proposals[0], trouble.reason)
                return
            self._accept(proposals[:middle], start, made)
            self._accept(proposals[middle:], start, made)
            return
        self._accept([each for at, each in enumerate(proposals) if at not in suspects], start, made)
        apart: list[int] = []
        taken: set[object] = set()
        concerned = {at: self._places(proposals[at], trouble) for at in suspects}
        # What is in the code of most roots comes first: it may settle what the others are for.
        for at, places in sorted(concerned.items(), key=lambda item: -len(item[1])):
            if taken.isdisjoint(places):
                apart.append(at)
                taken |= places
        if len(apart) == len(suspects):
            for at in suspects:
                self._refuse(proposals[at], reasons[at])
            return
        self._accept([proposals[at] for at in apart], start, made)
        self._accept([proposals[at] for at in suspects if at not in apart], start, made)

    def _refuse(self, proposal: _Proposal, reason: str) -> None:
        for each in proposal.findings:
            self.refused[each.key] = reason

    def _places(self, proposal: _Proposal, trouble: _Trouble) -> set[object]:
        """Return the roots and files of a proposal, with the roots of ``trouble`` that read these files."""
        files = {edit.file for edit in proposal.edits}
        harmed = (key for key in trouble.harm if key in self.roots and self._reads(self.roots[key], files))
        return {*(each.root for each in proposal.findings), *harmed, *files}

    @staticmethod
    def _reads(root: RootReport, files: set[str]) -> bool:
        return not files.isdisjoint(root.inventory.files)

    def _concern(self, proposal: _Proposal, trouble: _Trouble) -> str:
        """Return what of ``trouble`` a proposal may be the cause of; empty if nothing."""
        for each in proposal.findings:
            if each.key in trouble.stays:
                return trouble.stays[each.key]
        roots = {each.root for each in proposal.findings}
        files = {edit.file for edit in proposal.edits}
        for key, words in trouble.harm.items():
            root = self.roots.get(key)
            if key in roots or (root is not None and self._reads(root, files)):
                return words
        return ""

    def _try(self, proposals: Sequence[_Proposal], start: Mapping[str, str], made: list[Edit]) -> _Trouble | None:
        """Scan the code with the edits of ``proposals``. Keep them if all is well; return what is not."""
        self.trials += 1
        if self.trials > MAX_TRIALS:
            return _Trouble(f"it was not tried: {MAX_TRIALS} scans have tried other fixes")
        edits = list(dict.fromkeys([*made, *(edit for each in proposals for edit in each.edits)]))
        files = {edit.file for edit in edits}
        texts = {file: applied(start[file], (edit for edit in edits if edit.file == file)) for file in files}
        for file, text in texts.items():
            if reason := self.why_not(file, self.before[file], text):
                return _Trouble(reason)
        with self._changed({**self.now, **texts}):
            report = scan(replace(self.options, changed=tuple(files)))
        after = {root.key: root for root in report.roots}
        findings = [each for proposal in proposals for each in proposal.findings]
        stays = {each.key: words for each in findings if (words := _why_it_stays(each, after))}
        harm = worse(self.roots, after)
        if stays or harm:
            return _Trouble(next(iter((*harm.values(), *stays.values()))), harm, stays)
        self.roots.update(after)
        self.now.update(texts)
        self.settled += findings
        made[:] = edits
        return None


def _why_it_stays(settled: Settled, after: Mapping[RootKey, RootReport]) -> str:
    """Return why a finding would not be settled; empty if it is."""
    if settled.root not in after:
        return "its root would not be one any more"
    left = open_in(settled.finding, after[settled.root])
    if left is None:
        return ""
    verb = "stay" if left.status == settled.finding.status else f"be {left.status}"
    return f"with the change, {left.rule} of {left.resource} would {verb}: {cause_words(left)}"


def _key(root: RootKey, finding: Finding) -> FindingKey:
    return root, finding.rule, finding.resource, finding.service
