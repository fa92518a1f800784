"""``vpce-checks fix``: change the code so that findings are gone."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError, usage_errors
from vpce_checks.cli.inputs import add_inputs, with_inputs
from vpce_checks.cli.paths import add_exclude, add_paths, add_policy, add_trust
from vpce_checks.cli.terminal import put_lines, say, width

if TYPE_CHECKING:
    from vpce_checks.fixing.plan import Plan, WhyNot

GROUP = "judge code"

CHANGES = 1
"""The exit code if changes are shown or written, or failures are left."""


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="change the code so that findings are gone",
        description="Show, or write, the changes that settle the failures below each PATH. Each is "
        "tried first, in memory: its finding is gone, and no other verdict is worse. The "
        "failures that are left are listed with the reason.",
        epilog="exit codes:\n"
        "  0  nothing failed, so there is nothing to change\n"
        "  1  changes are shown or were written, or failures are left\n"
        "  2  wrong use, or a mistake in the policy file\n"
        "  3  an input could not be read or parsed, or a file could not be written",
    )
    add_paths(parser)
    parser.add_argument(
        "--rules",
        action="append",
        default=[],
        metavar="RULE[,RULE]",
        help="fix findings of these rules only, by id or name (repeatable)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--diff", action="store_true", help="print the changes as a unified diff, and change nothing (default)"
    )
    how.add_argument("--write", action="store_true", help="write the changes into the files")
    how.add_argument(
        "--suggestions",
        metavar="FILE",
        help="write them to FILE as suggestions for a pull request: the JSON of a review, as GitHub's API takes it",
    )
    parser.add_argument(
        "--changed-since",
        metavar="REV",
        help="judge what the change since this git revision affects, and change only lines that its diff shows (needed for --suggestions)",
    )
    add_policy(parser)
    add_trust(parser)
    add_exclude(parser)
    add_inputs(parser)
    return parser


def run(given: Namespace) -> int:
    """Show or write the changes. Raises UsageError."""
    from vpce_checks.cli.fix_view import diff_lines, summary_lines
    from vpce_checks.cli.outputs import check_outputs, checkouts_of, output_errors
    from vpce_checks.cli.scan_options import plain_options, rules_named, say_excluded
    from vpce_checks.cli.since import lines_since
    from vpce_checks.files.output import write_output
    from vpce_checks.fixing.plan import any_change, plan_fixes
    from vpce_checks.fixing.review import review
    from vpce_checks.report import relative

    options = with_inputs(plain_options(given), given)
    options = replace(options, networks=False, trust_repo_rules=given.trust_repo_rules)
    rules = rules_named(given.rules, "--rules")
    if given.suggestions is not None and given.changed_since is None:
        raise UsageError("--suggestions needs --changed-since: a suggestion stands only at lines of a diff")
    checkouts = checkouts_of(options)
    if given.suggestions is not None:
        check_outputs([given.suggestions], (), checkouts)
    places = tuple(map(os.path.realpath, options.paths))
    since = None
    with ExitStack() as stack:
        why_not: WhyNot = any_change
        if given.changed_since is not None:
            since, why_not = stack.enter_context(
                lines_since(given.changed_since, options, suggested=given.suggestions is not None)
            )
            options = replace(options, changed=tuple(sorted(since.changed_files())))
        with usage_errors():
            plan = plan_fixes(options, rules, places, why_not)
    if not plan.roots and since is None:
        say(f"no Terraform or CloudFormation in {', '.join(options.paths)}")
        say_excluded(options)
    here = os.getcwd()
    for item in plan.errors:
        say(f"error: {relative(item.file, here)}:{item.line}: {item.message}")
    if given.write and not _write(plan, checkouts):
        return exit_codes.UNREAD
    if given.suggestions is not None and since is not None:
        with output_errors():
            write_output(given.suggestions, review(plan, since.top, since.current), checkouts)
    elif not given.write:
        put_lines(diff_lines(plan, here))
    put_lines(summary_lines(plan, here, width(), written=given.write))
    if plan.errors:
        return exit_codes.UNREAD
    return CHANGES if plan.after or plan.left else exit_codes.PASSED


def _write(plan: Plan, checkouts: tuple[str, ...]) -> bool:
    """Write the files. Return False for what went wrong, which is reported.

    None is written if a check fails before. Of an error later on, it is said what is written already.
    """
    from vpce_checks.files.output import OutputError, check_output, write_output
    from vpce_checks.report import relative
    from vpce_checks.report.fixes.edits.edit import RefusedError, read_source

    written: list[str] = []
    try:
        for file in plan.after:
            check_output(file, checkouts)
            if read_source(file).text != plan.before[file]:
                raise RefusedError(f"{file} has changed since it was scanned; nothing was written")
        for file, text in plan.after.items():
            write_output(file, text, checkouts)
            written.append(file)
    except (OutputError, RefusedError) as error:
        say(f"error: {error}")
        if written:
            say(f"written before that: {', '.join(relative(file, os.getcwd()) for file in written)}")
        return False
    return True
