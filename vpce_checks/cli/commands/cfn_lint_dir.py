"""``vpce-checks cfn-lint-dir``: where cfn-lint finds our rules."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.terminal import put_lines


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command, which has no options."""
    return add(help="print the directory for cfn-lint --append-rules")


def run(given: Namespace) -> int:
    """Print the directory."""
    from vpce_checks.policy import policies_directory

    put_lines([os.path.join(policies_directory(), "cfn-lint")])
    return exit_codes.PASSED
