"""``vpce-checks checkov-dir``: where Checkov finds our checks."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.terminal import put_lines

GROUP = "inside of other tools"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command, which has no options."""
    return add(help="print the directory for checkov --external-checks-dir")


def run(given: Namespace) -> int:
    """Print the directory."""
    from vpce_checks.plugins.checkov import checks_directory

    put_lines([checks_directory()])
    return exit_codes.PASSED
