"""``vpce-checks settings``: the settings in force, and which file says so."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import usage_errors
from vpce_checks.cli.paths import add_exclude, add_paths, add_policy
from vpce_checks.cli.terminal import put_lines, say

GROUP = "the policy file"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="show the settings in force, and which file says so",
        description="Show what a scan of each PATH would use: what is excluded, the policy of each root with the "
        "place of every requirement, and the settings that the policy gives to roots.",
    )
    add_paths(parser)
    add_policy(parser)
    add_exclude(parser)
    parser.add_argument("--schema", action="store_true", help="print the path of the policy file's JSON Schema instead")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def run(given: Namespace) -> int:
    """Print the settings. Raises UsageError."""
    from vpce_checks.cli.scan_options import plain_options
    from vpce_checks.cli.settings_view import no_roots, schema_path, settings_lines, settings_of
    from vpce_checks.project.project import Project
    from vpce_checks.report.text.escape import escape

    if given.schema:
        put_lines([schema_path()])
        return exit_codes.PASSED
    options = plain_options(given)
    with usage_errors():
        settings = settings_of(Project(options), os.getcwd())
    if given.format == "json":
        import json

        put_lines([json.dumps(settings, indent=2)])
    else:
        put_lines(map(escape, settings_lines(settings)))
    if not settings["policies"]:
        say(no_roots(given.paths))
    return exit_codes.PASSED
