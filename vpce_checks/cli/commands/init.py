"""``vpce-checks init``: propose a policy file for a repository."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError, usage_errors
from vpce_checks.cli.terminal import put, put_lines, say

if TYPE_CHECKING:
    from vpce_checks.cli.proposal.propose import Proposed
    from vpce_checks.project.options import ScanOptions

GROUP = "the policy file"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="propose a policy file for a repository",
        description="Look at the code below PATH and write PATH/.vpce-checks.yaml: packs and endpoints that fit its "
        "workloads, examples to leave out, roots with their files of variables, modules that were not read.\n"
        "A comment explains each line, and what the code does not prove is a comment itself.\n"
        "A policy file that is there already is never changed.",
        epilog="exit codes:\n"
        "  0  the file is written (with --stdout: printed)\n"
        "  2  wrong use; or there is a policy file, or nothing to propose one for\n"
        "  3  an input could not be read or parsed; the proposal is for the rest",
    )
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="directory (default: the current one)")
    parser.add_argument("--stdout", action="store_true", help="print the proposal and write nothing")
    return parser


def run(given: Namespace) -> int:
    """Write or print the proposal. Raises UsageError."""
    from vpce_checks.cli.outputs import check_outputs, checkouts_of, output_errors
    from vpce_checks.policy import POLICY_FILE
    from vpce_checks.project.options import ScanOptions

    if not os.path.isdir(given.path):
        raise UsageError(f"no such directory: {given.path}")
    options = ScanOptions(
        paths=(given.path,), environment=dict(os.environ), workspace=os.environ.get("TF_WORKSPACE") or None
    )
    file = os.path.normpath(os.path.join(given.path, POLICY_FILE))
    checkouts = checkouts_of(options)
    if not given.stdout:
        _check_there_is_none(given.path, options)
        check_outputs([file], [], checkouts)
    proposed = _propose(options)
    if given.stdout:
        put(proposed.text)
    else:
        from vpce_checks.files.output import create_output

        with output_errors():
            create_output(file, proposed.text, checkouts)
        put_lines([f"wrote {file}; read it, then see what it changes: vpce-checks scan"])
    return exit_codes.UNREAD if proposed.errors else exit_codes.PASSED


def _check_there_is_none(path: str, options: ScanOptions) -> None:
    """Raise UsageError if a policy file holds for ``path`` already: ours would replace it, or take its place for what
    is below."""
    from vpce_checks.files.containment import boundary_of
    from vpce_checks.policy import policy_files
    from vpce_checks.report import relative

    directory = os.path.realpath(path)
    with usage_errors():
        found = policy_files(directory, boundary_of(directory, options.boundary))
    if not found:
        return
    shown = relative(found[0], os.getcwd())
    if os.path.dirname(found[0]) == directory:
        raise UsageError(f"{shown} is there already, and init changes no file; --stdout prints the proposal")
    raise UsageError(
        f"{shown} holds for {path}, and a file there would take its place; --stdout prints the proposal to add to it"
    )


def _propose(options: ScanOptions) -> Proposed:
    from vpce_checks.cli.proposal.propose import propose
    from vpce_checks.report import relative

    (path,) = options.paths
    with usage_errors():
        proposed = propose(options, os.path.realpath(path))
    if not proposed.roots:
        raise UsageError(f"no Terraform or CloudFormation in {path}, so there is nothing to propose")
    for item in proposed.errors:
        say(f"error: {relative(item.file, os.getcwd())}:{item.line}: {item.message}")
    return proposed
