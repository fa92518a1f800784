"""A scan, from paths to verdicts.

Paths hold roots (a Terraform root module or plan, a CloudFormation template); a root deploys a network
(CloudFormation: one a scenario); the rules judge a network by the policy that holds where the root stands; everything
together is the :class:`Report` that the formats write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from vpce_checks.base.hints import TYPE_CHECKING, NamedTuple
from vpce_checks.base.record import record
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.packed_networks import Networks, inventory_of
from vpce_checks.project.project import Survey

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from vpce_checks.execution.cache import Cache
    from vpce_checks.execution.workers import Scanned, Workers
    from vpce_checks.files.tracked import Seen
    from vpce_checks.model.network import Network
    from vpce_checks.project.listing import Inventory
    from vpce_checks.project.project import Batch, Root
    from vpce_checks.rules.baseline import Baseline
    from vpce_checks.rules.finding import Finding
    from vpce_checks.terraform.lang.scope import TerraformOptions
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

SEVERITIES = ("low", "medium", "high")


class ScanOptions(NamedTuple):
    """What to scan and how. ``roots`` names Terraform roots (or templates) by hand instead of looking for them.

    ``variables`` are ``--var`` pairs, ``environment`` the process's, of which ``TF_VAR_*`` count. ``module_sources`` are
    ``--module-source`` pairs, the directory absolute. ``kinds`` limits the scan to roots of these kinds (see
    :class:`RootReport`). ``download_modules`` is the directory that modules are downloaded to; None: none are. Without
    ``networks``, a report on a root keeps its networks only if a fix is to be written with them: there is less to hold,
    to send and to cache.
    """

    paths: tuple[str, ...] = (".",)
    roots: tuple[str, ...] = ()
    policy: str | None = None
    require: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = MappingProxyType({})
    parameters: tuple[str, ...] = ()
    region: str | None = None
    workspace: str | None = None
    min_severity: str = "low"
    baseline: Baseline | None = None
    module_sources: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ("terraform", "terraform-plan", "cloudformation")
    changed: tuple[str, ...] | None = None
    download_modules: str | None = None
    networks: bool = True


class RootReport(NamedTuple):
    """What one root deploys and what the rules say about it. ``path`` is absolute; ``networks`` is one a scenario."""

    path: str
    kind: str  # "terraform" | "terraform-plan" | "cloudformation"
    networks: Sequence[Network] = ()
    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def inventory(self) -> Inventory:
        """What it deploys, told in rows."""
        return inventory_of(self.networks)


@record
class Report:
    """The outcome of a scan: everything that a format needs."""

    roots: tuple[RootReport, ...]

    @property
    def findings(self) -> Iterator[Finding]:
        """Every finding of every root, in order."""
        return (finding for root in self.roots for finding in root.findings)

    @property
    def files(self) -> frozenset[str]:
        """Every file that was read, once."""
        return frozenset(file for root in self.roots for file in root.inventory.files)

    @property
    def complete(self) -> bool:
        """Whether every input could be read and parsed."""
        return not any(item.severity == "error" for root in self.roots for item in root.diagnostics)

    def count(self, status: str) -> int:
        """How many findings have ``status``."""
        return sum([finding.status for finding in root.findings].count(status) for root in self.roots)


class CacheError(Exception):
    """A cache directory that cannot be used, in words."""


Progress = Callable[[int, int], None]
"""Told how many roots of how many are scanned."""


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

    survey = Survey(options)
    with Workers(survey, 1 if executor is not None else jobs) as workers:
        work = _Work(survey, workers, executor, jobs, progress)
        if cache is not None:
            from vpce_checks.execution.cache import Cache

            reports = _cached(Cache(cache, survey, workers.called), work, options.changed)
        else:
            roots = {root.path: root for batch in survey.batches(workers.called) for root in batch.roots()}
            reports = [each.report for each in work.scan(roots, options.changed)]
    keep = _filters(options)
    reports = [report._replace(findings=tuple(keep(list(report.findings)))) for report in reports]
    reports += [
        RootReport(item.file, "terraform", diagnostics=(item,))
        for place in survey.places.values()
        for item in place.diagnostics
    ]
    return Report(tuple(sorted(reports, key=lambda report: report.path.split(os.sep))))


class _Work(NamedTuple):
    """Who scans the roots of a survey."""

    survey: Survey
    workers: Workers
    executor: Executor | None
    jobs: int
    progress: Progress | None

    def scan(self, roots: Mapping[str, Root], changed: tuple[str, ...] | None) -> list[Scanned]:
        """Scan those of the roots that ``changed`` files reach, or all."""
        if changed is not None:
            roots = self.survey.reached(roots, changed)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if self.progress is not None:
                self.progress(done, len(roots))

        if self.executor is None:
            return self.workers.scan(list(roots.values()), tell)
        from vpce_checks.execution.workers import scan_on

        at_once = self.jobs if self.jobs > 1 else os.cpu_count() or 1
        return scan_on(self.executor, self.survey, list(roots.values()), at_once, tell)


def _cached(cache: Cache, work: _Work, changed: tuple[str, ...] | None) -> list[RootReport]:
    """The reports on every root, those that nothing has happened to from the cache."""
    from vpce_checks.files.tracked import recording

    reports: dict[str, RootReport] = {}
    batches: list[tuple[Batch, list[Root], Seen]] = []
    with recording():
        for batch in work.survey.batches(cache.called):
            kept = cache.find(batch.key) if changed is None else None
            if kept is not None:
                reports.update((report.path, report) for report in kept)
                continue
            with recording() as seen:
                batches.append((batch, batch.roots(), seen))
        roots = {root.path: root for _, found, _ in batches for root in found}
        scanned = {each.report.path: each for each in work.scan(roots, changed)}
    for batch, found, seen in batches:
        if changed is None:
            made = [scanned[root.path] for root in found]
            for each in made:
                seen.update(each.seen)
            cache.keep(batch.key, [each.report for each in made], seen)
    cache.close()
    reports.update((path, each.report) for path, each in scanned.items())
    return list(reports.values())


def terraform_code(options: ScanOptions) -> Iterator[tuple[str, TerraformOptions, ModuleLoader]]:
    """Every Terraform root of a scan, and how its code is to be read. Raises OSError, PolicyError."""
    survey = Survey(options)
    for root in survey.terraform_roots():
        yield (root.path, *survey.code_of(root))


def scan_root(survey: Survey, root: Root) -> RootReport:
    """Read and judge one root. Whatever goes wrong inside is told as an error of this root and of no other."""
    from vpce_checks.rules.judge import judge

    kept = Networks()
    findings: list[Finding] = []
    diagnostics: list[Diagnostic] = []
    policy = survey.policies[root.place]
    try:
        networks = survey.read(root)
        kept = Networks(tuple(networks))
        diagnostics += dict.fromkeys(item for network in networks for item in network.diagnostics)
        diagnostics += policy.expired()
        findings = judge(networks, policy)
        if not survey.options.networks and not any(finding.fix and finding.fix.adds for finding in findings):
            kept = Networks((), kept.inventory)
    except Exception as error:
        diagnostics.append(Diagnostic("error", defect(error), root.path))
    return RootReport(root.path, root.kind, kept, tuple(findings), tuple(diagnostics))


def _filters(options: ScanOptions) -> Callable[[list[Finding]], list[Finding]]:
    """What is left of a root's findings: those severe enough, the ones of the baseline ignored."""
    least = SEVERITIES.index(options.min_severity)

    def severe(findings: list[Finding]) -> list[Finding]:
        return [finding for finding in findings if SEVERITIES.index(finding.severity) >= least]

    baseline = options.baseline
    if baseline is None:
        return severe
    from vpce_checks.rules.baseline import apply

    return lambda findings: apply(severe(findings), baseline)


def defect(error: Exception) -> str:
    """A defect of ours in words: what, and where in our code, so that a report of it can be acted on."""
    trace = error.__traceback__
    where = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "vpce_checks" in file:
            where = f" at {file[file.rindex('vpce_checks') :].replace(os.sep, '/')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"internal error, please report it: {type(error).__name__}: {str(error)[:200]}{where}"
