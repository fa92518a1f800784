"""``vpce-checks checkov``: Checkov with our rules."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.paths import file_like_option

GROUP = "inside of other tools"
PARSES_ITSELF = True


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command for the help. Its options are Checkov's."""
    return add(help="run Checkov with these rules; every argument goes to Checkov", add_help=False)


def run(given: Namespace) -> int:
    """Run Checkov and return its exit code. Raises UsageError where it cannot be run."""
    from vpce_checks.plugins.checkov.wrapper import run_checkov
    from vpce_checks.plugins.errors import ForeignCode, NotInstalled

    file = file_like_option(given.arguments)
    if file is not None:  # Checkov knows no "--"
        raise UsageError(
            f"{file} is an option and the name of a file here; give its directory to -d, or rename the file"
        )
    try:
        return run_checkov(given.arguments)
    except (ForeignCode, NotInstalled) as error:
        raise UsageError(str(error)) from error
