"""A scan, from paths to verdicts.

Paths hold roots (a Terraform root module or plan, a CloudFormation template); a root deploys a network
(CloudFormation: one a scenario); the rules judge a network by the policy that applies to the root's directory; everything
together is the :class:`Report` that the formats write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vpce_checks.base.record import record, replace
from vpce_checks.model.verdict import SEVERITIES
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.project.results import Report, RootReport

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from vpce_checks.execution.cache import Cache
    from vpce_checks.execution.workers import Scanned, Workers
    from vpce_checks.files.tracked import Footprint
    from vpce_checks.model.roots import Batch, Root
    from vpce_checks.rules.finding import Finding

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
    """Scan. Raises OSError for a path that cannot be read, PolicyError for a mistake in a policy.

    The report is the same however it comes about: with up to ``jobs`` processes, on any ``executor`` (whose workers see
    the same files), with verdicts of earlier scans kept in the directory ``cache``. Raises CacheError for one that
    cannot be used.
    """
    from vpce_checks.execution.workers import Workers

    project = Project(options)
    with Workers(project, 1 if executor is not None else jobs) as workers:
        work = _Work(project, workers, executor, jobs, progress)
        if cache is not None:
            from vpce_checks.execution.cache import Cache

            reports = _cached(Cache(cache, project, workers.called), work, options.changed)
        else:
            roots = {root.path: root for batch in project.batches(workers.called) for root in batch.roots()}
            reports = [each.report for each in work.scan(roots, options.changed)]
    keep = _filters(options)
    reports = [replace(report, findings=tuple(keep(list(report.findings)))) for report in reports]
    reports += [
        RootReport(item.file, "terraform", diagnostics=(item,))
        for place in project.walked.values()
        for item in place.diagnostics
    ]
    return Report(tuple(sorted(reports, key=lambda report: report.path.split(os.sep))))


@record
class _Work:
    """Who scans the roots of a project."""

    project: Project
    workers: Workers
    executor: Executor | None
    jobs: int
    progress: Progress | None

    def scan(self, roots: Mapping[str, Root], changed: tuple[str, ...] | None) -> list[Scanned]:
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
    from vpce_checks.files.tracked import recording

    reports: dict[str, RootReport] = {}
    batches: list[tuple[Batch, list[Root], Footprint]] = []
    with recording():
        for batch in work.project.batches(cache.called):
            kept = cache.find(batch) if changed is None else None
            if kept is not None:
                reports.update((report.path, report) for report in kept)
                continue
            with recording() as footprint:
                batches.append((batch, batch.roots(), footprint))
        roots = {root.path: root for _, found, _ in batches for root in found}
        scanned = {each.report.path: each for each in work.scan(roots, changed)}
    for batch, found, footprint in batches:
        if changed is None:
            made = [scanned[root.path] for root in found]
            for each in made:
                footprint.update(each.footprint)
            cache.keep(batch, [each.report for each in made], footprint)
    cache.close()
    reports.update((path, each.report) for path, each in scanned.items())
    return list(reports.values())


def _filters(options: ScanOptions) -> Callable[[list[Finding]], list[Finding]]:
    """Return a function that leaves out findings of low severity and ignores those of the baseline."""
    least = SEVERITIES.index(options.min_severity)

    def severe(findings: list[Finding]) -> list[Finding]:
        return [finding for finding in findings if SEVERITIES.index(finding.severity) >= least]

    baseline = options.baseline
    if baseline is None:
        return severe
    from vpce_checks.rules.baseline import apply

    return lambda findings: apply(severe(findings), baseline)
