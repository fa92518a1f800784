"""``vpce-checks trace``: the way of a call from a VPC to a service, step by step."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import usage_errors
from vpce_checks.cli.inputs import add_inputs, with_inputs
from vpce_checks.cli.paths import add_exclude, add_paths, add_policy
from vpce_checks.cli.terminal import put_lines, say, width

GROUP = "judge code"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="follow a call from a VPC to a service, step by step",
        description="Follow a call to SERVICE (kms) or HOSTNAME (kms.eu-west-1.amazonaws.com) from every VPC below "
        "each PATH, as one reads a traceroute: the name, the zone that answers, its record, the endpoint, its "
        "subnets, security groups and policy, or the route out where there is no endpoint.",
    )
    parser.add_argument("target", metavar="SERVICE|HOSTNAME", help="what is called")
    add_paths(parser)
    parser.add_argument("--vpc", metavar="ADDRESS", help="only from this VPC (also ROOT:ADDRESS)")
    parser.add_argument("--subnet", metavar="ADDRESS", help="only from this subnet (also ROOT:ADDRESS)")
    add_policy(parser)
    add_exclude(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    add_inputs(parser)
    return parser


def run(given: Namespace) -> int:
    """Print the ways. Raises UsageError."""
    from vpce_checks.cli.scan_options import plain_options
    from vpce_checks.cli.trace_view import read_ways, target_of, way_lines, ways_json
    from vpce_checks.project.project import Project
    from vpce_checks.report import relative
    from vpce_checks.report.text.escape import escape

    options = with_inputs(plain_options(given), given)
    target = target_of(given.target)
    here = os.getcwd()
    with usage_errors():
        found = read_ways(Project(options), target, given.vpc, given.subnet, here)
    for item in found.diagnostics:
        say(f"{item.severity}: {relative(item.file, here)}:{item.line}: {item.message}")
    put_lines(ways_json(found, here) if given.format == "json" else map(escape, way_lines(found, here, width())))
    unread = any(item.severity == "error" for item in found.diagnostics)
    return exit_codes.UNREAD if unread else exit_codes.PASSED
