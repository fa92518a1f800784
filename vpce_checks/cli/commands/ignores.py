"""``vpce-checks ignores``: every request to ignore findings, and what it ignores."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import usage_errors
from vpce_checks.cli.paths import add_exclude, add_paths, check_paths, exclusions
from vpce_checks.cli.terminal import put_lines


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="list the requests to ignore findings",
        description="List every ignore in the code and in the policies below each PATH: its place, rules, reason and last\n"
        "day, and whether it ignores anything.",
    )
    add_paths(parser)
    parser.add_argument("--policy", metavar="FILE", help="policy file (default: .vpce-checks.yaml above the path)")
    add_exclude(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def run(given: Namespace) -> int:
    """Print the requests. Raises UsageError."""
    from vpce_checks.cli.ignore_list import ignore_json, ignore_lines
    from vpce_checks.execution.scan import scan
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.report.text.escape import escape

    check_paths(given.paths)
    options = ScanOptions(
        paths=tuple(given.paths) or (".",),
        policy=given.policy,
        environment=dict(os.environ),
        workspace=os.environ.get("TF_WORKSPACE") or None,
        exclude=exclusions(given.exclude),
        networks=False,
    )
    with usage_errors():
        report = scan(options)
    here = os.getcwd()
    put_lines(
        ignore_json(report.ignores, here) if given.format == "json" else map(escape, ignore_lines(report.ignores, here))
    )
    return exit_codes.PASSED if report.complete else exit_codes.UNREAD
