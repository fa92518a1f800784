"""What our checks add to a report of Checkov's after its own loop over the blocks.

Checkov calls a check for each block that it has loaded, and that is all that it offers. Two things do not fit in there:
findings without any block (its parser rejects valid files), and the lines below a check, which it prints for Terraform
alone. So we follow the method of its runners that runs the checks, and complete the report when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from checkov.common.models.enums import CheckResult
from checkov.common.output.record import Record
from checkov.common.output.report import Report
from checkov.runner_filter import RunnerFilter

RUNS_CHECKS = {
    "terraform": "check_tf_definition",
    "terraform_plan": "check_tf_definition",
    "terraform_json": "add_python_check_results",
    "cloudformation": "check_definitions",
    "serverless": "add_python_check_results",
}
"""By framework: the method of its runner that calls the checks for every block. All of them are given the report."""

Complete = Callable[[Any, Report, RunnerFilter, str | None], None]
"""Completes the report of a runner. The last argument is the directory that it scans, None for single files."""

_FOLLOWED = "_vpce_checks_followed"


class Answer(dict[str, Any]):
    """What a check answers, with the lines to print below it."""

    def __init__(self, answer: dict[str, Any], details: tuple[str, ...] = ()) -> None:
        super().__init__(answer)
        self.details = details

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)  # the process that unpickles a report may not know us


def follow(runner: Any, complete: Complete) -> None:
    """Let ``complete`` be called whenever a runner of this class has run the checks; once for a class."""
    kind = type(runner)
    name = RUNS_CHECKS.get(getattr(runner, "check_type", ""), "")
    run_checks = getattr(kind, name, None)
    if run_checks is None or getattr(run_checks, _FOLLOWED, False):
        return

    @wraps(run_checks)
    def followed(self: Any, *arguments: Any, **named: Any) -> Any:
        result = run_checks(self, *arguments, **named)
        given = (*arguments, *named.values())
        report = next((each for each in given if isinstance(each, Report)), None)
        chosen = next((each for each in given if isinstance(each, RunnerFilter)), None)
        directory = next((each for each in given if isinstance(each, str)), getattr(self, "root_folder", None))
        if report is not None and chosen is not None:
            complete(self, report, chosen, directory)
        return result

    setattr(followed, _FOLLOWED, True)
    setattr(kind, name, followed)


def put_details(report: Report) -> None:
    """Put the lines of each answer of ours below its record, in every framework."""
    for record in (*report.failed_checks, *report.passed_checks, *report.skipped_checks):
        answer = record.check_result
        if isinstance(answer, Answer):
            record.details = list(answer.details)
            record.check_result = dict(answer)


def failure(
    check: Any, file: str, shown: str, lines: tuple[int, int], resource: str, details: tuple[str, ...]
) -> Record:
    """A failure of ``check`` at ``lines`` of ``file`` (absolute; ``shown`` as Checkov writes paths), without a block."""
    record = Record(
        check_id=check.id,
        bc_check_id=check.bc_id,
        check_name=check.title,
        check_result={"result": CheckResult.FAILED, "evaluated_keys": []},
        code_block=list(_code(file, *lines)),
        file_path=shown,
        file_line_range=list(lines),
        resource=resource,
        evaluations=None,
        check_class=type(check).__module__,
        file_abs_path=file,
        severity=check.severity,
        details=list(details),
    )
    record.set_guideline(check.guideline)
    return record


def _code(file: str, first: int, last: int) -> Iterator[tuple[int, str]]:
    from vpce_checks.report.text.frame import source_line

    for line in range(first, last + 1):
        yield line, source_line(file, line) + "\n"
