"""``vpce-checks cfn-lint-dir``: where cfn-lint finds our rules."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.terminal import put_lines

GROUP = "inside of other tools"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command, which has no options."""
    return add(help="print the directory for cfn-lint --append-rules")


def run(given: Namespace) -> int:
    """Print the directory."""
    from vpce_checks.plugins.cfn_lint_wrapper import rules_directory

    put_lines([rules_directory()])
    return exit_codes.PASSED
