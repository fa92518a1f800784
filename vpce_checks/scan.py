"""A scan, from paths to verdicts.

Paths hold roots (a Terraform root module or plan, a CloudFormation template); a root deploys a network
(CloudFormation: one a scenario); the rules judge a network by the policy that holds where the root stands; everything
together is the :class:`Report` that the formats write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.inputs import Inputs, boundary_of, find_inputs, is_within, named_input
from vpce_checks.record import record
from vpce_checks.source import Diagnostic

if TYPE_CHECKING:
    from vpce_checks.network import Network
    from vpce_checks.policy import Policy
    from vpce_checks.rules.baseline import Baseline
    from vpce_checks.rules.finding import Finding
    from vpce_checks.terraform.scope import TerraformOptions
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

SEVERITIES = ("low", "medium", "high")


class ScanOptions(NamedTuple):
    """What to scan and how. ``roots`` names Terraform roots (or templates) by hand instead of looking for them.

    ``variables`` are ``--var`` pairs, ``environment`` the process's, of which ``TF_VAR_*`` count. ``module_sources`` are
    ``--module-source`` pairs, the directory absolute. ``kinds`` limits the scan to roots of these kinds (see
    :class:`RootReport`).
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


class RootReport(NamedTuple):
    """What one root deploys and what the rules say about it. ``path`` is absolute; ``networks`` is one a scenario."""

    path: str
    kind: str  # "terraform" | "terraform-plan" | "cloudformation"
    networks: tuple[Network, ...] = ()
    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


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
        return frozenset(file for root in self.roots for network in root.networks for file in network.files)

    @property
    def complete(self) -> bool:
        """Whether every input could be read and parsed."""
        return not any(item.severity == "error" for root in self.roots for item in root.diagnostics)

    def count(self, status: str) -> int:
        """How many findings have ``status``."""
        return sum(finding.status == status for finding in self.findings)


class _Root(NamedTuple):
    """A root still to be scanned: ``read`` gives its networks, ``place`` is the input under which it was found."""

    path: str
    kind: str
    place: Inputs
    read: Callable[[], list[Network]]


def scan(options: ScanOptions) -> Report:
    """Scan. Raises OSError for a path that cannot be read, PolicyError for a mistake in a policy."""
    places = [find_inputs(path) for path in options.paths]
    named = [named_input(path) for path in options.roots]
    policies = _policies((*places, *named), options)
    code = _Code(options, policies)
    found = (
        *_terraform_roots(places, named, options, code),
        *_plans(places, named, options, code),
        *_templates(places, named, options),
    )
    roots = {root.path: root for root in found}
    if options.changed is not None:
        roots = _reached(roots, options.changed, policies, code, options)
    filters = _filters(options)
    reports = [_scan_root(root, policies[root.place.path], filters) for root in roots.values()]
    reports += [
        RootReport(item.file, "terraform", diagnostics=(item,)) for place in places for item in place.diagnostics
    ]
    return Report(tuple(sorted(reports, key=lambda report: report.path.split(os.sep))))


def terraform_code(options: ScanOptions) -> Iterator[tuple[str, TerraformOptions, ModuleLoader]]:
    """Every Terraform root of a scan, and how its code is to be read. Raises OSError, PolicyError."""
    places = [find_inputs(path) for path in options.paths]
    named = [named_input(path) for path in options.roots]
    code = _Code(options, _policies((*places, *named), options))
    for root in _terraform_roots(places, named, options, code):
        yield (root.path, *code.of(root.place))


def _reached(
    roots: Mapping[str, _Root],
    changed: Iterable[str],
    policies: Mapping[str, Policy],
    code: _Code,
    options: ScanOptions,
) -> dict[str, _Root]:
    """The roots that changed files reach, by their code or by the policy."""
    from vpce_checks.changes import Changes, read_start

    changes = Changes(changed)
    files = {path for root in roots.values() for path in root.place.templates}
    templates = changes.reach_templates({path: partial(read_start, path) for path in files})
    given = not changes.files.isdisjoint(map(os.path.realpath, options.parameters))

    def is_reached(root: _Root) -> bool:
        if changes.touch_policy(root.place.path, policies[root.place.path].files):
            return True
        if root.kind == "cloudformation":
            return given or root.path in templates
        if root.kind == "terraform-plan":  # made from code that may be anywhere
            return bool(changes.files)
        terraform, loader = code.of(root.place)
        return changes.reach_terraform(root.path, loader, terraform.module_sources, options.var_files)

    return {path: root for path, root in roots.items() if is_reached(root)}


def _policies(places: Iterable[Inputs], options: ScanOptions) -> dict[str, Policy]:
    """By path: the policy that holds there. Read before anything else, so that a mistake in it is told at once."""
    from vpce_checks.policy import load_policy

    def rule_ids() -> Iterator[str]:
        from vpce_checks.rules.registry import all_rules

        return (rule.id for rule in all_rules())

    return {
        place.path: load_policy(
            place.path, options.policy, boundary=place.boundary, known_rules=rule_ids, require=options.require
        )
        for place in places
    }


class _Code:
    """The Terraform code of a scan: one loader a repository, so that every directory is parsed once."""

    def __init__(self, options: ScanOptions, policies: Mapping[str, Policy]) -> None:
        self._options = options
        self._policies = policies
        self._loaders: dict[str, ModuleLoader] = {}

    def of(self, place: Inputs) -> tuple[TerraformOptions, ModuleLoader]:
        """How the code of ``place`` is evaluated, and the loader of its repository."""
        from vpce_checks.terraform.scope import ModuleDirectory, TerraformOptions
        from vpce_checks.terraform.syntax.module_source import ModuleLoader

        boundary = place.boundary
        if boundary not in self._loaders:
            self._loaders[boundary] = ModuleLoader(boundary)
        options = self._options
        given = [ModuleDirectory(source, directory) for source, directory in options.module_sources]
        written = [ModuleDirectory(entry.source, entry.directory) for entry in self._policies[place.path].modules]
        terraform = TerraformOptions(
            boundary=boundary,
            var_files=options.var_files,
            variables=options.variables,
            environment=options.environment,
            region=options.region,
            workspace=options.workspace,
            module_sources=(*given, *written),
            outside=tuple(boundary_of(directory) for _, directory in given if not is_within(directory, boundary)),
        )
        return terraform, self._loaders[boundary]


def _terraform_roots(places: list[Inputs], named: list[Inputs], options: ScanOptions, code: _Code) -> Iterator[_Root]:
    """The root modules: those named by hand, else the directories that no other directory of the scan calls."""
    chosen = named or places
    if "terraform" not in options.kinds or not any(place.terraform for place in chosen):
        return
    from vpce_checks.terraform.roots import find_roots

    for boundary in dict.fromkeys(place.boundary for place in chosen):
        owner = {path: place for place in chosen if place.boundary == boundary for path in place.terraform}
        if named:
            roots = list(owner)
        else:
            settings = [code.of(place) for place in chosen if place.boundary == boundary]
            given = tuple(entry for options, _ in settings for entry in options.module_sources)
            roots = find_roots(list(owner), settings[0][1], given)
        for path in roots:
            yield _Root(path, "terraform", owner[path], partial(_read_terraform, path, owner[path], code))


def _read_terraform(path: str, place: Inputs, code: _Code) -> list[Network]:
    from vpce_checks.terraform.network import build_network

    return [build_network(path, *code.of(place))]


def _plans(places: list[Inputs], named: list[Inputs], options: ScanOptions, code: _Code) -> Iterator[_Root]:
    """Every plan, judged beside the root module that it was made from."""
    if "terraform-plan" not in options.kinds:
        return
    for place in (*places, *named):
        for path in place.plans:
            yield _Root(path, "terraform-plan", place, partial(_read_plan, path, place, code))


def _read_plan(path: str, place: Inputs, code: _Code) -> list[Network]:
    from vpce_checks.terraform.plan.network import build_plan_network

    return [build_plan_network(path, *code.of(place))]


def _templates(places: list[Inputs], named: list[Inputs], options: ScanOptions) -> Iterator[_Root]:
    """The templates that no other template of the scan nests."""
    found = [place for place in (*places, *named) if place.templates]
    if "cloudformation" not in options.kinds or not found:
        return
    from vpce_checks.cloudformation import CloudFormationOptions, build_networks, find_templates

    for boundary in dict.fromkeys(place.boundary for place in found):
        owner = {path: place for place in found if place.boundary == boundary for path in place.templates}
        templates = find_templates(owner, boundary)  # one a repository: stacks import each other's exports
        settings = CloudFormationOptions(options.parameters, options.region, boundary)
        for path in templates:
            yield _Root(path, "cloudformation", owner[path], partial(build_networks, path, settings, templates))


def _scan_root(root: _Root, policy: Policy, keep: Callable[[list[Finding]], list[Finding]]) -> RootReport:
    """Read and judge one root. Whatever goes wrong inside is told as an error of this root and of no other."""
    from vpce_checks.rules.judge import judge

    networks: list[Network] = []
    findings: list[Finding] = []
    diagnostics: list[Diagnostic] = []
    try:
        networks = root.read()
        diagnostics += dict.fromkeys(item for network in networks for item in network.diagnostics)
        diagnostics += policy.expired()
        findings = keep(judge(networks, policy))
    except Exception as error:
        diagnostics.append(Diagnostic("error", defect(error), root.path))
    return RootReport(root.path, root.kind, tuple(networks), tuple(findings), tuple(diagnostics))


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
