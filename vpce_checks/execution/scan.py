"""A scan, from paths to verdicts.

Paths hold roots (a Terraform root module or plan, a CloudFormation template); a root deploys a network
(CloudFormation: one a scenario); the rules judge a network by the policy that applies to the root's directory; everything
together is the :class:`Report` that the formats write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import record, replace
from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import SEVERITIES
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.project.results import Report, RootReport, about_files
from vpce_checks.project.variables import check_variables

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from vpce_checks.execution.cache import Cache
    from vpce_checks.execution.workers import Scanned, Workers
    from vpce_checks.files.tracked import Footprint
    from vpce_checks.model.roots import Batch, Root, RootKey
    from vpce_checks.rules.baseline import Baseline
    from vpce_checks.rules.ignore_uses import IgnoreUse

Progress = Callable[[int, int], None]
"""Called with the number of roots that are scanned, and of all roots."""


def scan(
    options: ScanOptions,
    executor: Executor | None = None,
    *,
    jobs: int = 1,
    cache: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Scan. Raises OSError for a path that cannot be read, PolicyError for a mistake in a policy, VariableError for a
    variable that no root declares, UnknownRuleError for a rule that there is not.

    The report is the same however it comes about: with up to ``jobs`` processes, on any ``executor`` (whose workers see
    the same files), with verdicts of earlier scans kept in the directory ``cache``. Raises CacheError for one that
    cannot be used.
    """
    from vpce_checks.execution.workers import Workers

    project = Project(options)
    project.policies.load_rules()
    here_only = executor is not None or options.python_rules  # such rules may be functions that only this process has
    with Workers(project, 1 if here_only else jobs) as workers:
        work = _Work(project, workers, executor, jobs, progress)
        if cache is not None:
            from vpce_checks.execution.cache import Cache

            reports = _cached(Cache(cache, project, workers.called), work, options.changed)
        else:
            roots = {root.key: root for batch in project.batches(workers.called) for root in batch.roots()}
            reports = [each.report for each in work.scan(roots, options.changed)]
    told = {item for report in reports for item in report.diagnostics}
    found = dict.fromkeys(item for place in project.walked.values() for item in place.diagnostics)
    not_run = tuple(project.policies.not_run())
    said = (
        *(item for item in found if item not in told),
        *_idle_settings(project, reports),
        *project.joining.broken_links(),
        *project.inventories.diagnostics(),
        *not_run,
    )
    reports += about_files(said)
    project.policies.check_rules((*options.rules, *options.skip_rules))
    if options.changed is None:  # else the root that declares it may not be among those that were scanned
        check_variables((name for name, _ in options.variables), project.scope, reports)
    ignores: tuple[IgnoreUse, ...] = ()
    if any(report.ignores for report in reports):
        from vpce_checks.project.ignored import ignores_of, with_warnings

        ignores = ignores_of(reports, project)
        reports = list(with_warnings(reports, ignores))
    lost = None
    if options.baseline is not None:
        lost = _gone(options.baseline, project, reports, options)
    reports = [_filtered(report, options) for report in reports]
    return Report(
        tuple(sorted(reports, key=lambda report: (report.path.split(os.sep), report.deployment))),
        lost,
        project.scope,
        ignores,
        project.policies.own_ids(),
        not_run,
    )


@record
class _Work:
    """Who scans the roots of a project."""

    project: Project
    workers: Workers
    executor: Executor | None
    jobs: int
    progress: Progress | None

    def scan(self, roots: Mapping[RootKey, Root], changed: tuple[str, ...] | None) -> list[Scanned]:
        """Scan those of the roots that ``changed`` files reach, or all."""
        if changed is not None:
            roots = self.project.affected(roots, changed)
        done = 0

        def report(count: int) -> None:
            nonlocal done
            done += count
            if self.progress is not None:
                self.progress(done, len(roots))

        if self.executor is None:
            return self.workers.scan(list(roots.values()), report)
        from vpce_checks.execution.workers import scan_on

        at_once = self.jobs if self.jobs > 1 else os.cpu_count() or 1
        return scan_on(self.executor, self.project, list(roots.values()), at_once, report)


def _cached(cache: Cache, work: _Work, changed: tuple[str, ...] | None) -> list[RootReport]:
    """Return the report on every root, from the cache where nothing has changed."""
    from vpce_checks.files.states import remembering
    from vpce_checks.files.tracked import recording

    reports: dict[RootKey, RootReport] = {}
    batches: list[tuple[Batch, list[Root], Footprint]] = []
    with recording(), remembering(cache.memory()):
        for batch in work.project.batches(cache.called, keyed=True):
            kept = cache.find(batch) if changed is None and not work.project.runs_python(batch) else None
            if kept is not None:
                reports.update((report.key, report) for report in kept)
                continue
            with recording() as footprint:
                batches.append((batch, batch.roots(), footprint))
        roots = {root.key: root for _, found, _ in batches for root in found}
        scanned = {each.report.key: each for each in work.scan(roots, changed)}
    for batch, found, footprint in batches:
        if changed is None and not work.project.runs_python(batch):
            made = [scanned[root.key] for root in found]
            for each in made:
                footprint.update(each.footprint)
            cache.keep(batch, [each.report for each in made], footprint)
    cache.close()
    reports.update((key, each.report) for key, each in scanned.items())
    return list(reports.values())


def _filtered(report: RootReport, options: ScanOptions) -> RootReport:
    """Return ``report`` without the findings that nobody asks for; what the baseline records does not count."""
    least = SEVERITIES.index(options.min_severity)
    findings = [
        finding
        for finding in report.findings
        if SEVERITIES.index(finding.severity) >= least
        and (not options.rules or finding.rule in options.rules)
        and finding.rule not in options.skip_rules
    ]
    if options.baseline is None:
        return replace(report, findings=tuple(findings))
    from vpce_checks.rules.baseline import accept, apply

    diagnostics = accept(report.diagnostics, options.baseline)
    return replace(report, findings=tuple(apply(findings, options.baseline)), diagnostics=tuple(diagnostics))


def _gone(baseline: Baseline, project: Project, reports: Sequence[RootReport], options: ScanOptions) -> Baseline:
    """Return what of the baseline is no longer there. What the scan did not look at, or could not read, may be."""
    from vpce_checks.rules.baseline import gone

    unread = {report.path for report in reports if any(item.severity == "error" for item in report.diagnostics)}
    scanned = {report.path for report in reports} - unread

    def covered(path: str) -> bool:
        if path in unread:
            return False
        everything = options.changed is None and any(is_within(path, place) for place in project.walked)
        return everything or path in scanned or os.path.dirname(path) in scanned

    findings = [finding for report in reports for finding in report.findings]
    return gone(baseline, findings, [item for report in reports for item in report.diagnostics], covered)


def _idle_settings(project: Project, reports: Sequence[RootReport]) -> Iterator[Diagnostic]:
    """Yield a warning for each entry of ``roots`` in a policy that is for no root, though the scan looked there."""
    if project.options.changed is not None or len(project.options.kinds) < len(ScanOptions().kinds):
        return
    found = {report.path for report in reports}
    for entry in project.scope.roots.values():
        if entry.path not in found and any(is_within(entry.path, place) for place in project.walked):
            name = os.path.relpath(entry.path, os.path.dirname(entry.span.file))
            message = f"these settings are for no root: {name} is not deployed on its own, or is not there"
            yield Diagnostic("warning", message, entry.span.file, entry.span.line)
