"""The checks that Checkov knows: one a rule, one for all rules of the user's own, and two for what is no verdict.

Checkov drops results that are unknown and swallows exceptions, and either way ends with success. So ``VPCE000``
fails where something went wrong, and ``VPCE999`` where a verdict is undecided; both can be skipped or soft-failed.
It takes the ids of checks before it knows what to scan, and so no ids of policies: ``VPCE998`` stands for the user's rules.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import Any, NamedTuple

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck as CloudFormationBase
from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.output.report import Report as CheckovReport
from checkov.runner_filter import RunnerFilter
from checkov.terraform.checks.module.base_module_check import BaseModuleCheck as ModuleBase
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck as TerraformBase

from vpce_checks.base.defects import defect
from vpce_checks.model.spans import Span
from vpce_checks.plugins.checkov.context import Call, call_at_end, current_call, entity_at
from vpce_checks.plugins.checkov.engine import CLOUDFORMATION, TERRAFORM, verdicts
from vpce_checks.plugins.checkov.records import Answer, failure, put_details
from vpce_checks.plugins.checkov.verdicts import JUDGED_TYPES, Entity, Verdicts
from vpce_checks.plugins.checkov.words import advice_lines, reason_of
from vpce_checks.report.text.escape import escape
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.registry import all_rules

ERROR_ID = "VPCE000"
OWN_ID = "VPCE998"
UNDECIDED_ID = "VPCE999"
ON_WORKLOADS = frozenset({"VPCE017", "VPCE018"})
"""The rules whose findings are on what runs in a VPC, of whatever type."""

TERRAFORM_TYPES = sorted(type for type in JUDGED_TYPES if "::" not in type)
CLOUDFORMATION_TYPES = sorted(type for type in JUDGED_TYPES if "::" in type)


class Outcome(NamedTuple):
    """What a check says of a block: ``details`` follow below its name."""

    result: CheckResult
    details: tuple[str, ...] = ()
    suppressed: str = ""


NOTHING = Outcome(CheckResult.UNKNOWN)


class Reporting:
    """A check whose answers are those of our engine. ``title`` is its name: SARIF, JUnit and baselines rely on it."""

    id: str
    title: str
    kinds: tuple[str, ...]

    def run(
        self,
        scanned_file: str,
        entity_configuration: dict[str, Any],
        entity_name: str,
        entity_type: str,
        skip_info: Any,
    ) -> dict[str, Any]:
        """What Checkov calls for each block. It never raises: an error of ours is a failure of ``VPCE000``."""
        self.details: list[str] = []
        self.evaluated_keys: list[str] = []
        self.entity_path = f"{scanned_file}:{entity_type}:{entity_name}"
        try:
            call = current_call()
            known = verdicts(call, self.kinds)
            outcome = self._outcome(known, entity_at(call.file, entity_type, entity_name, entity_configuration))
        except Exception as error:
            failed = self.id == ERROR_ID and (entity_type in JUDGED_TYPES or entity_type == "module")
            outcome = Outcome(CheckResult.FAILED, (defect(error),)) if failed else NOTHING
        if outcome.result == CheckResult.UNKNOWN:
            return {"result": CheckResult.UNKNOWN, "evaluated_keys": []}
        if skip_info:
            return {"result": CheckResult.SKIPPED, "suppress_comment": skip_info["suppress_comment"]}
        if outcome.result == CheckResult.SKIPPED:
            return {"result": CheckResult.SKIPPED, "suppress_comment": outcome.suppressed}
        self.details = list(outcome.details)
        return Answer({"result": outcome.result, "evaluated_keys": []}, outcome.details)

    def _outcome(self, known: Verdicts, entity: Entity) -> Outcome:
        raise NotImplementedError

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Part of Checkov's interface that ``run`` makes needless."""
        return CheckResult.UNKNOWN

    def scan_module_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Part of Checkov's interface that ``run`` makes needless."""
        return CheckResult.UNKNOWN


class RuleReporting(Reporting):
    """The verdicts of one rule."""

    def _is_of(self, finding: Finding) -> bool:
        return finding.rule == self.id

    def _details(self, findings: list[Finding]) -> tuple[str, ...]:
        return _details(findings)

    def _outcome(self, known: Verdicts, entity: Entity) -> Outcome:
        findings = [finding for finding in known.findings(entity) if self._is_of(finding)]
        failed = [finding for finding in findings if finding.status == "fail"]
        if failed:
            return Outcome(CheckResult.FAILED, self._details(failed))
        if any(finding.status == "unknown" for finding in findings):
            return NOTHING  # VPCE999 reports it
        for finding in findings:
            if finding.status == "ignored":
                return Outcome(CheckResult.SKIPPED, suppressed=escape(reason_of(finding)))
        passed = [finding for finding in findings if finding.status == "pass"]
        return Outcome(CheckResult.PASSED, self._details(passed)) if passed else NOTHING


class OwnReporting(RuleReporting):
    """The verdicts of all rules of the user's own. Each line names its rule."""

    def _is_of(self, finding: Finding) -> bool:
        return finding.own is not None

    def _details(self, findings: list[Finding]) -> tuple[str, ...]:
        return details_by_rule(findings)


class UndecidedReporting(Reporting):
    """Verdicts that static reading cannot give, and resources that our engine has not seen."""

    def _outcome(self, known: Verdicts, entity: Entity) -> Outcome:
        undecided = [finding for finding in known.findings(entity) if finding.status == "unknown"]
        if undecided:
            return Outcome(CheckResult.FAILED, details_by_rule(undecided))
        if entity.type in JUDGED_TYPES and not known.is_covered(entity) and not known.findings(entity):
            if known.errors(entity):
                return NOTHING  # VPCE000 says why
            return Outcome(CheckResult.FAILED, ("the file was not part of the scan, so nothing is known about it",))
        return NOTHING


class ErrorReporting(Reporting):
    """Whatever kept our engine from judging."""

    def _outcome(self, known: Verdicts, entity: Entity) -> Outcome:
        if not known.has_errors:
            return NOTHING
        errors = list(dict.fromkeys(known.errors(entity)))
        if not errors:
            return NOTHING
        return Outcome(CheckResult.FAILED, tuple(map(escape, errors)))


def _details(findings: list[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for finding in findings for line in advice_lines(finding)))


def details_by_rule(findings: list[Finding]) -> tuple[str, ...]:
    """What several rules say, each line with its rule."""
    return tuple(dict.fromkeys(f"{each.rule}: {line}" for each in findings for line in advice_lines(each)))


def complete(runner: Any, report: CheckovReport, chosen: RunnerFilter, directory: str | None) -> None:
    """Complete the report of a runner: findings and errors without a block, and the lines below each check."""
    kinds = CLOUDFORMATION if runner.check_type in ("cloudformation", "serverless") else TERRAFORM
    call = call_at_end(runner, chosen, directory)
    try:
        known = verdicts(call, kinds)
        errors = list(known.homeless_errors)
        for finding in known.homeless:
            id = UNDECIDED_ID if finding.status == "unknown" else OWN_ID if finding.own is not None else finding.rule
            details = _details([finding]) if id == finding.rule else details_by_rule([finding])
            _add(report, call, id, finding.about.span, finding.resource, details)
    except Exception as error:
        errors = [defect(error)]
    if errors:
        _add(report, call, ERROR_ID, Span(call.file, 1), ERROR_ID, tuple(map(escape, errors)))
    put_details(report)


def _add(report: CheckovReport, call: Call, id: str, span: Span, resource: str, details: tuple[str, ...]) -> None:
    check = _checks.get(id)
    if check is None or not call.filter.should_run_check(check=check, file_origin_paths=[span.file]):
        return
    shown = f"/{os.path.relpath(span.file, call.directory or os.getcwd())}"
    report.add_record(failure(check, span.file, shown, (span.line, span.last_line), resource, details))


_lock = Lock()  # on macOS and Windows Checkov loads the checks of each framework in a thread of its own
_registered = False
_checks: dict[str, Any] = {}  # one check of each id, for records without a block


def register_all() -> None:
    """Make every check for every framework, once. Checkov keeps what is made."""
    global _registered
    with _lock:
        if not _registered:
            _make_all()
            _registered = True


class Described(NamedTuple):
    """What Checkov shows of a check, and the ``reporting`` that answers for it."""

    id: str
    title: str
    severity: str
    url: str | None
    reporting: type[Reporting]

    @property
    def takes_every_type(self) -> bool:
        """Whether blocks of all types are checked: an error, or what was not read, may have no other than a bucket."""
        return self.id in ON_WORKLOADS or not issubclass(self.reporting, RuleReporting)


def _make_all() -> None:
    special = (
        Described(ERROR_ID, "vpce-checks could not judge", "HIGH", None, ErrorReporting),
        Described(OWN_ID, "A rule of your own fails", "MEDIUM", None, OwnReporting),
        Described(UNDECIDED_ID, "A verdict of vpce-checks is undecided", "LOW", None, UndecidedReporting),
    )
    rules = (Described(rule.id, rule.title, rule.severity.upper(), rule.url, RuleReporting) for rule in all_rules())
    for each in (*special, *rules):
        every = each.takes_every_type
        _make(each, TerraformBase, TERRAFORM, ["*"] if every else TERRAFORM_TYPES)
        _make(each, CloudFormationBase, CLOUDFORMATION, ["*"] if every else CLOUDFORMATION_TYPES)
        _make(each, ModuleBase, TERRAFORM, ["module"])


def _make(described: Described, base: type[Any], kinds: tuple[str, ...], types: list[str]) -> None:
    id, title, severity, url, reporting = described
    made: Any = type(reporting.__name__, (reporting, base), {"title": title, "kinds": kinds, "__module__": __name__})
    check = made(name=title, id=id, categories=[CheckCategories.NETWORKING], supported_resources=types, guideline=url)
    check.severity = Severities[severity]
    _checks.setdefault(id, check)
    RunnerFilter.notify_external_check(id)  # Checkov's own mark is lost where another thread ends its loading first
