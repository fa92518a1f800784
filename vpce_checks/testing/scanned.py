"""Scan the texts of some files as a repository of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from tempfile import TemporaryDirectory

from vpce_checks.base.record import record
from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.execution.scan import scan
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import Status
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.policies import UnknownRuleError
from vpce_checks.project.results import Report
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.judge import WORST_FIRST
from vpce_checks.rules.registry import rule_ids


class FixtureError(Exception):
    """Files that cannot be scanned: ``problems`` says what is wrong, each with its file and line."""

    def __init__(self, problems: tuple[Diagnostic, ...], directory: str) -> None:
        self.problems = problems
        super().__init__(
            "\n".join(f"{os.path.relpath(item.file, directory)}:{item.line}: {item.message}" for item in problems)
        )


@record
class Verdicts:
    """What the rules say of some files. ``report`` has everything; its paths are those of a directory that is gone."""

    report: Report

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a scan warns about: files that were left out, ignores without use, and so on."""
        found = (item.message for root in self.report.roots for item in root.diagnostics if item.severity == "warning")
        return tuple(dict.fromkeys(found))

    def of(self, rule: str) -> dict[str, Status]:
        """Return the verdicts of a rule by the address of the resource. Of several on one resource, the worst counts;
        resources of several roots with one address are one here. Raises UnknownRuleError for a rule that there is not."""
        found: dict[str, Status] = {}
        for finding in self.findings(rule):
            known = found.get(finding.resource, finding.status)
            found[finding.resource] = min(known, finding.status, key=WORST_FIRST.index)
        return found

    def findings(self, rule: str, resource: str | None = None) -> list[Finding]:
        """Return the findings of a rule, on one resource or on all. Raises UnknownRuleError for a rule that there is not."""
        known = {*rule_ids(), *self.report.own_rules}
        if rule not in known:
            raise UnknownRuleError(
                f"neither we nor the policies of these files have a rule {rule}{did_you_mean(rule, known)}"
            )
        return [
            finding for finding in self.report.findings if finding.rule == rule and resource in (None, finding.resource)
        ]


def scan_files(
    files: Mapping[str, str],
    *,
    policy: str | os.PathLike[str] | None = None,
    variables: Mapping[str, str] | None = None,
    rules: Iterable[Rule] = (),
) -> Verdicts:
    """Scan ``files``, from names with forward slashes to texts, as if they were a repository of their own.

    ``policy`` is a policy file, used instead of those among the files. ``variables`` are Terraform variables, written
    as after ``--var NAME=``. ``rules`` are rules in Python, beside those of the policy and of installed packages.
    Nothing outside of the files and the policy is read. Raises FixtureError for files that cannot be parsed, or hold
    nothing to judge, PolicyError for a mistake in a policy, ValueError for a name that leads out of the repository.
    """
    given = None if policy is None else os.path.abspath(policy)
    with TemporaryDirectory(prefix="vpce-checks-") as temporary:
        directory = os.path.realpath(temporary)
        for name, text in files.items():
            _write(directory, name, text)
        report = scan(
            ScanOptions(
                paths=(directory,),
                policy=given,
                variables=tuple((variables or {}).items()),
                boundary=directory,
                python_rules=tuple(rules),
            )
        )
        said = tuple(dict.fromkeys(item for root in report.roots for item in root.diagnostics))
        errors = tuple(item for item in said if item.severity == "error")
        inventories = [root.inventory for root in report.roots]
        is_idle = not any(each.vpcs or each.endpoints or each.unread for each in inventories)
        if errors or (is_idle and said) or not any(each.language for each in inventories):
            nothing = Diagnostic("error", "there is no Terraform or CloudFormation in these files", directory)
            raise FixtureError(errors or said or (nothing,), directory)
        return Verdicts(report)


def _write(directory: str, name: str, text: str) -> None:
    file = os.path.normpath(os.path.join(directory, *name.split("/")))
    if os.path.isabs(name) or not file.startswith(directory + os.sep):
        raise ValueError(f"{name!r} is no name of a file in a repository")
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
