"""``vpce-checks scan``: find VPCs without the endpoints they need."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _ArgumentGroup
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError, usage_errors
from vpce_checks.cli.inputs import add_inputs, repeatable
from vpce_checks.cli.outputs import (
    check_outputs,
    checkouts_of,
    parse_outputs,
    prune_baseline,
    record_baseline,
    report_gone,
    write_reports,
)
from vpce_checks.cli.paths import add_exclude, add_paths, add_policy, add_trust
from vpce_checks.cli.terminal import say
from vpce_checks.model.verdict import SEVERITIES
from vpce_checks.report import format_names

if TYPE_CHECKING:
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report

GROUP = "judge code"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="scan Terraform, plans and CloudFormation",
        description="Scan every Terraform root, plan (terraform show -json PLANFILE > plan.json) and "
        "CloudFormation template below each PATH.",
        epilog=exit_codes.HELP,
    )
    add_paths(parser)
    parser.add_argument(
        "--files-from", metavar="FILE", help="read more PATHs from FILE, each ends with a NUL (-: standard input)"
    )
    repeatable(parser, "--root", "DIR", "scan DIR as a root, whatever calls or excludes it (repeatable)")
    add_exclude(parser)
    parser.add_argument(
        "--boundary",
        metavar="DIR",
        help="read nothing outside of DIR (default: the git repository around PATH; without one the current directory, "
        "or PATH if that is elsewhere)",
    )

    policy = parser.add_argument_group("what is required")
    add_policy(policy)
    add_trust(policy)
    repeatable(policy, "--require", "SERVICE[,SERVICE]", "also require these interface endpoints (repeatable)")

    add_inputs(parser)

    _add_verdict(parser.add_argument_group("what fails"))
    _add_change(parser.add_argument_group("changes"))
    _add_report(parser.add_argument_group("the report"))
    _add_speed(parser.add_argument_group("how to scan"))
    return parser


def _add_verdict(verdict: _ArgumentGroup) -> None:
    """Add what decides the exit code, and which findings count."""
    verdict.add_argument("--strict", action="store_true", help="an unknown verdict fails as well")
    verdict.add_argument(
        "--strict-ignores",
        action="store_true",
        help="an ignore that is malformed, expired, unused or of an unknown rule fails as well (all are warnings)",
    )
    verdict.add_argument("--soft-fail", action="store_true", help="exit 0 in spite of failures")
    verdict.add_argument(
        "--min-severity", choices=SEVERITIES, default=SEVERITIES[0], help="leave out findings of lower severity"
    )
    verdict.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default=SEVERITIES[0],
        help="exit 0 if no finding has this severity or a higher one",
    )
    repeatable(verdict, "--rules", "RULE[,RULE]", "report these rules only, by id or name (repeatable)")
    repeatable(verdict, "--skip-rules", "RULE[,RULE]", "do not report these rules (repeatable)")
    verdict.add_argument("--baseline", metavar="FILE", help="ignore the failures that are recorded in FILE")
    verdict.add_argument(
        "--write-baseline",
        action="store_true",
        help="with --baseline FILE: record in FILE what fails, is unknown or cannot be read in this scan",
    )
    verdict.add_argument(
        "--prune-baseline", action="store_true", help="remove from the baseline what this scan no longer finds"
    )


def _add_change(change: _ArgumentGroup) -> None:
    """Add what limits a scan to a change."""
    change.add_argument(
        "--changed-since",
        metavar="REV",
        help="scan the roots that differ from this git revision, and ignore findings that are already present in it",
    )
    change.add_argument(
        "--changed-files", action="store_true", help="PATHs are changed files: scan the roots that they affect"
    )


def _add_report(output: _ArgumentGroup) -> None:
    """Add what reports there are, and what is in them."""
    *formats, last = format_names()
    repeatable(
        output,
        "--format",
        "FORMAT[=FILE]",
        f"{', '.join(formats)} or {last}; on standard output or into FILE (repeatable; default: the policy's formats, else text)",
    )
    output.add_argument(
        "--statistics", action="store_true", help="text and html: print only the summary, without findings and VPCs"
    )
    output.add_argument(
        "--costs",
        action="store_true",
        help="text, json, html, markdown: add what the interface endpoints cost a month (docs/costs.md)",
    )
    output.add_argument("--verbose", "-v", action="store_true", help="also show what passes and what is ignored")


def _add_speed(speed: _ArgumentGroup) -> None:
    """Add where and how fast a scan runs. None of it changes a verdict."""
    speed.add_argument(
        "--jobs",
        type=_positive,
        metavar="N",
        help="use at most N processes; they start only where that saves time (default: one a core)",
    )
    speed.add_argument(
        "--cache",
        metavar="DIR",
        help="keep verdicts in DIR, outside of the repository, and use them as long as everything they depend on is the "
        "same; only entries made with your own key count, or with the secret in $VPCE_CHECKS_CACHE_KEY (docs/cache.md)",
    )
    speed.add_argument("--dask", metavar="ADDRESS", help="scan on the Dask cluster of this scheduler (docs/dask.md)")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def run(given: Namespace) -> int:
    """Scan, write the reports, and return the exit code. Raises UsageError."""
    from vpce_checks.cli.scan_options import formats_of_policy, say_excluded, scan_options

    options = scan_options(given)
    outputs = parse_outputs(given.format or formats_of_policy(options))
    options = replace(options, layouts=any(output.format == "html" for output in outputs))
    checkouts = checkouts_of(options)
    files = [output.file for output in outputs if output.file is not None]
    check_outputs(
        [*files, given.baseline] if given.write_baseline or given.prune_baseline else files,
        [directory for directory in (given.cache, options.download_modules) if directory],
        checkouts,
    )
    report = _report(given, options)
    if not report.root_count and options.changed is None and given.changed_since is None:
        say(f"no Terraform or CloudFormation in {', '.join(options.paths)}")
        say_excluded(options)
    complete = write_reports(outputs, report, given, checkouts)
    if given.write_baseline:
        record_baseline(report, given.baseline, checkouts)
        code = exit_codes.exit_code_of_recording(report)
    else:
        code = exit_codes.exit_code(
            report, given.fail_on, strict=given.strict, soft_fail=given.soft_fail, strict_ignores=given.strict_ignores
        )
        _say_ignores(given, report)
        _handle_gone(given, options, report, checkouts)
    return code if complete else exit_codes.UNREAD


def _report(given: Namespace, options: ScanOptions) -> Report:
    """Scan, with whatever is to do the work. Raises UsageError."""
    from vpce_checks.cli.progress import progress_bar
    from vpce_checks.execution.backend import EngineError, engine

    try:
        with (
            usage_errors(),
            progress_bar(sys.stderr) as progress,
            engine(given.jobs, given.cache, given.dask, progress) as scan,
        ):
            if given.changed_since is None:
                return scan(options)
            from vpce_checks.cli.since import scan_since

            baseline = None if given.write_baseline else given.baseline
            return scan_since(given.changed_since, options, baseline, scan)
    except EngineError as error:
        raise UsageError(str(error)) from error


def _say_ignores(given: Namespace, report: Report) -> None:
    """Say which ignores ``--strict-ignores`` fails for."""
    if given.strict_ignores and not given.soft_fail:
        from vpce_checks.cli.ignore_list import strict_lines

        for line in strict_lines(report.ignores, os.getcwd()):
            say(line)


def _handle_gone(given: Namespace, options: ScanOptions, report: Report, checkouts: tuple[str, ...]) -> None:
    """Remove from the baseline what the scan no longer finds, or name it. Raises UsageError."""
    if options.baseline is None or report.gone is None:
        return
    if given.prune_baseline:
        prune_baseline(options.baseline, report.gone, given.baseline, checkouts)
    else:
        report_gone(report.gone, given.baseline)
