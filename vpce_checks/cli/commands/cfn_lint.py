"""``vpce-checks cfn-lint``: cfn-lint with our rules."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from itertools import takewhile

from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.paths import file_like_option

GROUP = "inside of other tools"
PARSES_ITSELF = True


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command for the help. Its options are cfn-lint's."""
    return add(help="run cfn-lint with these rules; every argument goes to cfn-lint", add_help=False)


def run(given: Namespace) -> int:
    """Run cfn-lint and return its exit code. Raises UsageError where it cannot be run."""
    from vpce_checks.plugins.cfn_lint_wrapper import run_cfn_lint
    from vpce_checks.plugins.errors import ForeignCode, NotInstalled

    file = file_like_option(takewhile(lambda argument: argument != "--", given.arguments))
    if file is not None:
        raise UsageError(f"{file} is an option and the name of a file here; put -- before the names of files")
    try:
        return run_cfn_lint(given.arguments)
    except (ForeignCode, NotInstalled) as error:
        raise UsageError(str(error)) from error
