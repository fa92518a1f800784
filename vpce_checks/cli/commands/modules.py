"""``vpce-checks modules``: the module calls, and where the code of each was found."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import usage_errors
from vpce_checks.cli.module_options import add_module_options, download_directory, module_sources
from vpce_checks.cli.paths import add_paths, add_policy, check_paths
from vpce_checks.cli.terminal import put_lines, say

GROUP = "look up"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="list the module calls and how each was found",
        description="List every module call of every Terraform root below each PATH: its source and version, "
        "and where its code was found, or why it was not.",
    )
    add_paths(parser)
    add_policy(parser)
    add_module_options(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def run(given: Namespace) -> int:
    """Print the calls. Raises UsageError."""
    from vpce_checks.cli.module_list import list_modules, module_json, module_lines
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.report import relative
    from vpce_checks.report.text.escape import escape

    check_paths(given.paths)
    options = ScanOptions(
        paths=tuple(given.paths) or (".",),
        policy=given.policy,
        module_sources=module_sources(given.module_source),
        kinds=("terraform",),
        environment=dict(os.environ) if given.download_modules else {},
        download_modules=download_directory(given),
    )
    with usage_errors():
        listed = list_modules(options)
    here = os.getcwd()
    for item in listed.diagnostics:
        say(f"{item.severity}: {relative(item.file, here)}:{item.line}: {item.message}")
    put_lines(module_json(listed, here) if given.format == "json" else map(escape, module_lines(listed, here)))
    unread = any(item.severity == "error" for item in listed.diagnostics)
    return exit_codes.UNREAD if unread else exit_codes.PASSED
