"""``vpce-checks ignores``: every request to ignore findings, and what it ignores."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError, usage_errors
from vpce_checks.cli.paths import add_exclude, add_paths, add_policy, add_trust
from vpce_checks.cli.terminal import put_lines

if TYPE_CHECKING:
    from vpce_checks.cli.ignore_list import Authors
    from vpce_checks.rules.ignore_uses import IgnoreUse

GROUP = "the policy file"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="list the requests to ignore findings",
        description="List every ignore in the code and in the policies below each PATH: its place, rules, reason and "
        "last day, and whether it ignores anything.",
    )
    add_paths(parser)
    add_policy(parser)
    add_trust(parser)
    add_exclude(parser)
    parser.add_argument("--blame", action="store_true", help="ask git who wrote each, and when")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def run(given: Namespace) -> int:
    """Print the requests. Raises UsageError."""
    from vpce_checks.cli.ignore_list import ignore_json, ignore_lines
    from vpce_checks.cli.scan_options import plain_options
    from vpce_checks.execution.scan import scan
    from vpce_checks.report.text.escape import escape

    options = replace(plain_options(given), networks=False, trust_repo_rules=given.trust_repo_rules)
    with usage_errors():
        report = scan(options)
    written = _authors(report.ignores) if given.blame else {}
    here = os.getcwd()
    put_lines(
        ignore_json(report.ignores, here, written)
        if given.format == "json"
        else map(escape, ignore_lines(report.ignores, here, written))
    )
    return exit_codes.PASSED if report.complete else exit_codes.UNREAD


def _authors(ignores: Sequence[IgnoreUse]) -> Authors:
    from vpce_checks.project.blame import authors
    from vpce_checks.project.git_view import GitError

    try:
        return authors((use.file, use.line) for use in ignores)
    except GitError as error:
        raise UsageError(f"git cannot say who wrote the ignores: {error}") from error
